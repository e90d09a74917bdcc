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
COUNTED_WORDS = 10
COUNTED_S = 60.0
"""Below so many words and seconds of a stream counts are shown, and no rates."""


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
        self.hits = NumberChip(widest="00", widest_unit="% [00, 000] heard")
        self.false_alarms = NumberChip(widest="000", widest_unit="/h [00, 000] false")
        self.response = NumberChip(widest="000", widest_unit="ms [00, 000] response")
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

    def set_upright(self, upright: bool, *, brief: bool = False) -> None:
        """Stand beside the picture instead of above it: the score becomes a line of text, or leaves if `brief`."""
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if upright else directions.LeftToRight)
        self.source.set_size(12 if upright else 14)
        self.source.set_lines(2 if upright else 1)
        self._row.setSpacing(0 if upright else self._tokens.space(1))
        for chip in self._chips:
            chip.setVisible(not upright)
        self.short.setVisible(upright and not brief)

    def show_source(self, kind: str, device: str) -> None:
        """Say what is heard."""
        self._mark.show_kind(kind)
        self.source.set_text(source_words(kind, device))

    def show_score(self, score: StreamScore | None, *, tuned_on: str = "") -> None:
        """Show how well labelled sound was recognised."""
        tuned = self.tr(" Tuned on this recording: {name}.").format(name=tuned_on) if tuned_on else ""
        mark = self.tr(" · tuned") if tuned_on else ""
        if score is None or score.hit_rate is None:
            for chip, unit in (
                (self.hits, self.tr("words heard")),
                (self.false_alarms, self.tr("false")),
                (self.response, self.tr("ms response")),
            ):
                chip.set_value("–", unit)
            self.short.set_text("")
            return
        self._show_hits(score, tuned, mark)
        self._show_false_alarms(score, tuned)
        if score.response_ms is None:
            self.response.set_value("–", self.tr("ms response"))
        else:
            median, low, high = score.response_ms
            count = len(score.responses_ms)
            interval = f"[{low:.0f}, {high:.0f}] " if count >= COUNTED_WORDS else ""
            self.response.set_value(
                f"{median:.0f}".replace("-", "−"),
                f"ms {interval}".replace("-", "−") + self.tr("response"),
                "measured",
                self.tr("Median from the end of the word to the last sample used, {count} words.").format(count=count)
                + tuned,
            )
        self._shorten(self.false_alarms)

    def _show_hits(self, score: StreamScore, tuned: str, mark: str) -> None:
        """Count the first words; a share of two words reads as a failure."""
        details = self.tr("{hits} of {words} words reported by half a second after their end.{tuned}")
        details = details.format(hits=score.hits, words=score.words, tuned=tuned)
        if score.words < COUNTED_WORDS or score.hit_rate is None:
            unit = self.tr("of {words} words heard").format(words=score.words)
            self.hits.set_value(str(score.hits), unit + mark, "measured", details)
            return
        low, high = score.hit_interval
        unit = f"% [{100 * low:.0f}, {100 * high:.0f}] " + self.tr("heard")
        self.hits.set_value(f"{100 * score.hit_rate:.0f}", unit + mark, "measured", details)

    def _show_false_alarms(self, score: StreamScore, tuned: str) -> None:
        """Give a rate from a minute on: before, one false alarm would be hundreds an hour."""
        details = self.tr("{count} false reports in {seconds:.0f} s of this stream; it is denser in words than a day.")
        details = details.format(count=score.false_alarms, seconds=score.exposure_s) + tuned
        if score.exposure_s < COUNTED_S:
            count = str(score.false_alarms) if score.false_alarms else self.tr("none")
            unit = self.tr("false") if score.false_alarms else self.tr("false yet")
            self.false_alarms.set_value(count, unit, "measured", details)
            return
        low, high = score.false_alarm_interval
        # the mark that knobs were tuned needs the place; hover and screen reader say of what stream
        which = self.tr("false") if tuned else self.tr("false of this stream")
        self.false_alarms.set_value(
            f"{score.false_alarms_per_hour:.0f}",
            f"/h [{low:.0f}, {high:.0f}] {which}",
            "measured",
            details,
        )

    def show_watch(self, watch: Watch) -> None:
        """Show what sound of unknown content supports: an upper bound."""
        reported = self.tr("word reported") if watch.events == 1 else self.tr("words reported")
        self.hits.set_value(str(watch.events), reported, "measured", watch.sentence)
        details = self.tr("{sentence}, were every report false.").format(sentence=watch.sentence)
        if watch.exposure_s < COUNTED_S:
            self.false_alarms.set_value("–", self.tr("bound after 1 min"), "derived", details)
            self.response.set_value(f"{watch.exposure_s:.0f}", self.tr("s listened"), "measured")
        else:
            self.false_alarms.set_value(f"< {watch.most_per_hour:.0f}", self.tr("/h false"), "derived", details)
            self.response.set_value(f"{watch.exposure_s / 60:.1f}", self.tr("min listened"), "measured")
        self._shorten(self.response if watch.exposure_s < COUNTED_S else self.false_alarms)

    def _shorten(self, beside: NumberChip) -> None:
        self.short.set_text(f"{self.hits.accessible_value()} · {beside.accessible_value()}")

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._name.setSpacing(current.px(6))
        self._row.setSpacing(current.space(1))
