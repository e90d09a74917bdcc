"""The status row: what is heard, and how well it was recognised so far."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from explorer.engine.kws.scoring import StreamScore, Watch
from explorer.panels.listen.prompts import source_words
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.icons import paint_icon
from widgets.number_chip import NumberChip
from widgets.tokens import Tokens

_ICONS = {"microphone": "mic", "talker": "volume-2", "file": "file-audio", "synthetic": "activity", "": "mic-off"}


class _Mark(QWidget):
    """The icon of the source."""

    def __init__(self) -> None:
        super().__init__()
        self._kind = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_kind(self, kind: str) -> None:
        if kind != self._kind:
            self._kind = kind
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._tokens.icon_px, self._tokens.icon_px)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        role = "ink" if self._kind == "microphone" else "quiet_ink"
        paint_icon(QPainter(self), QRectF(self.rect()), _ICONS[self._kind], role)


class StatusRow(QWidget):
    """Name of the source at the left; hits, false alarms and response at the right, small."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = _Mark()
        self.source = ElidedLabel("", size_px=14, weight=600)
        self.hits = NumberChip(widest="100", widest_unit="% [00, 100] heard")
        self.false_alarms = NumberChip(widest="000", widest_unit="/h [000, 000] false")
        self.response = NumberChip(widest="000", widest_unit="ms [−00, 000] response")
        self.short = ElidedLabel("", size_px=12, role="quiet_ink", lines=2)
        self.short.hide()
        self.hits.setAccessibleName(self.tr("Words recognised in time"))
        self.false_alarms.setAccessibleName(self.tr("False alarms per hour of this stream"))
        self.response.setAccessibleName(self.tr("Median response"))
        self._name = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._name.addWidget(self._mark)
        self._name.addWidget(self.source, 1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(self._name, 1)
        self._chips = (self.hits, self.false_alarms, self.response)
        for chip in self._chips:
            self._row.addWidget(chip)
        self._row.addWidget(self.short)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_upright(self, upright: bool) -> None:
        """Stand beside the picture instead of above it: the score becomes one line of text."""
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if upright else directions.LeftToRight)
        self._row.setSpacing(0 if upright else self._tokens.space(1))
        for chip in self._chips:
            chip.setVisible(not upright)
        self.short.setVisible(upright)

    def show_source(self, kind: str, device: str) -> None:
        """Say what is heard."""
        self._mark.show_kind(kind)
        self.source.set_text(source_words(kind, device))

    def show_score(self, score: StreamScore | None, *, tuned_on: str = "") -> None:
        """Show how well labelled sound was recognised."""
        tuned = self.tr(" Tuned on this recording: {name}.").format(name=tuned_on) if tuned_on else ""
        mark = self.tr(" · tuned on this") if tuned_on else ""
        if score is None or score.hit_rate is None:
            for chip, unit in (
                (self.hits, self.tr("% heard")),
                (self.false_alarms, self.tr("/h false")),
                (self.response, self.tr("ms response")),
            ):
                chip.set_value("–", unit)
            self.short.set_text("")
            return
        low, high = score.hit_interval
        details = self.tr("{hits} of {words} words reported by half a second after their end.{tuned}")
        self.hits.set_value(
            f"{100 * score.hit_rate:.0f}",
            f"% [{100 * low:.0f}, {100 * high:.0f}] " + self.tr("heard") + mark,
            "measured",
            details.format(hits=score.hits, words=score.words, tuned=tuned),
        )
        low, high = score.false_alarm_interval
        details = self.tr("{count} false reports in {seconds:.0f} s of this stream; it is denser in words than a day.")
        self.false_alarms.set_value(
            f"{score.false_alarms_per_hour:.0f}",
            f"/h [{low:.0f}, {high:.0f}] " + self.tr("false"),
            "measured",
            details.format(count=score.false_alarms, seconds=score.exposure_s) + tuned,
        )
        self._shorten()
        if score.response_ms is None:
            self.response.set_value("–", self.tr("ms response"))
            return
        median, low, high = score.response_ms
        self.response.set_value(
            f"{median:.0f}".replace("-", "−"),
            f"ms [{low:.0f}, {high:.0f}] ".replace("-", "−") + self.tr("response"),
            "measured",
            self.tr("Median from the end of the word to the last sample used, {count} words.").format(
                count=len(score.responses_ms)
            )
            + tuned,
        )
        self._shorten()

    def show_watch(self, watch: Watch) -> None:
        """Show what sound of unknown content supports: an upper bound."""
        self.hits.set_value(str(watch.events), self.tr("words reported"), "measured", watch.sentence)
        bound = "–" if watch.exposure_s < 1 else f"< {watch.most_per_hour:.0f}"
        details = self.tr("{sentence}, were every report false.").format(sentence=watch.sentence)
        self.false_alarms.set_value(bound, self.tr("/h false"), "derived", details)
        self.response.set_value(f"{watch.exposure_s / 60:.1f}", self.tr("min listened"), "measured")
        self._shorten()

    def _shorten(self) -> None:
        self.short.set_text(" · ".join(chip.accessible_value() for chip in self._chips))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._name.setSpacing(current.px(6))
        self._row.setSpacing(current.space(1))
