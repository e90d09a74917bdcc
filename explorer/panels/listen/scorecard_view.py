"""The scorecard view: the book's specification, row by row, and what its 16 KB leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from explorer.engine.kws.waterfall import Waterfall
from explorer.engine.quantity import Quantity
from explorer.panels.base import HelpEntry
from explorer.panels.listen.analysis_base import ListenView, Session
from explorer.panels.listen.bytes_bars import BytesBars
from explorer.panels.listen.cards import human_figures
from explorer.panels.listen.evaluations import Evaluations, Question
from explorer.panels.listen.scorecard import SECTION, Row, Verdict, memory_beside, scorecard, second_of_sound_bytes
from explorer.panels.view import ExportMenu, Words
from widgets import tokens
from widgets.icons import paint_icon
from widgets.number_chip import NumberChip
from widgets.painting import line_height, text_width
from widgets.state_box import StateBox

if TYPE_CHECKING:
    from explorer.engine.kws.decision import Event
    from explorer.engine.nn.network import Network
    from explorer.panels.base import Context
    from widgets.tokens import Tokens

KEYS = ("accuracy", "response", "size", "false alarms", "clock", "power")
_SCORE_EVERY = 4  # slow ticks: scoring five minutes takes some milliseconds
_ICONS = {
    Verdict.PASSED: ("check", "good"),
    Verdict.NOT_PASSED: ("x", "bad"),
    Verdict.UNKNOWN: ("clock", "quiet_ink"),
    Verdict.IMPOSSIBLE: ("minus", "quiet_ink"),
    Verdict.NO_LIMIT: ("info", "quiet_ink"),
}


class VerdictMark(QWidget):
    """A sign and a word: passed, not passed, or why neither."""

    def __init__(self) -> None:
        super().__init__()
        self._verdict = Verdict.UNKNOWN
        self._word = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_verdict(self, verdict: Verdict, word: str) -> None:
        """Show a verdict."""
        self._verdict, self._word = verdict, word
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def word(self) -> str:
        """Give the word."""
        return self._word

    def sizeHint(self) -> QSize:
        """Give the size of sign and word."""
        font = self._tokens.font(14, 600)
        return QSize(self._tokens.px(28) + text_width(font, self._word), max(self._tokens.px(24), line_height(font)))

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw sign and word in the colour of the verdict."""
        current, painter = self._tokens, QPainter(self)
        name, role = _ICONS[self._verdict]
        side = current.px(18)
        paint_icon(painter, QRectF(0, (self.height() - side) / 2, side, side), name, role)
        painter.setFont(current.font(14, 600))
        painter.setPen(current.color(role))
        place = QRectF(current.px(24), 0, self.width(), self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._word)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


class ScorecardView(ListenView):
    """Six rows, each with requirement, number, verdict and a note; below them the memory that is not counted.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    evaluations
        What was measured on synthetic voices, shown beside the human figure and never in its place.
    """

    def __init__(self, context: Context, session: Session, evaluations: Evaluations) -> None:
        super().__init__(context, session)
        self.evaluations = evaluations
        evaluations.subscribe(self._show)
        self._rows: list[Row] = []
        self._events: list[Event] = []
        self._ticks = 0
        self.sentence = Words(size_px=16, weight=600)
        self.requirements = {key: Words(text, size_px=14, weight=600) for key, text in self._requirements().items()}
        self.chips = {key: NumberChip(widest="00,000", widest_unit=self.tr("per hour")) for key in KEYS}
        self.marks = {key: VerdictMark() for key in KEYS}
        self.notes = {key: Words(size_px=12, role="quiet_ink") for key in KEYS}
        self.card = QWidget()
        self.card.setAccessibleName(
            self.tr("Scorecard of the specification, section {section}").format(section=SECTION)
        )
        self._grid = QGridLayout(self.card)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for index, key in enumerate(KEYS):
            self.chips[key].setAccessibleName(self.requirements[key].text())
            for column, part in enumerate((self.requirements[key], self.chips[key], self.marks[key])):
                self._grid.addWidget(part, 2 * index, column)
            # below and not beside: beside, a note is a narrow tower at the size of a projector
            self._grid.addWidget(self.notes[key], 2 * index + 1, 0, 1, 3)
        self._grid.setColumnStretch(0, 1)
        self.memory_title = Words(self.tr("What “16 KB” counts, and what it leaves out"), size_px=14, weight=600)
        self.bars = BytesBars()
        self.memory_note = Words(size_px=12, role="quiet_ink")
        self.box = StateBox()
        for widget in (self.sentence, self.box, self.card, self.memory_title, self.bars, self.memory_note):
            self.page.addWidget(widget)
        self.page.addStretch(1)
        ExportMenu(self.bars, self.bars.table, self.tr("part"), self)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    def activate(self) -> None:
        """Judge what is known now."""
        network = self.session.network
        if network is not None:
            self.evaluations.ask(network, Question())
        self._show()

    def on_event(self, event: Event) -> None:
        """Take the response time of the word."""
        self._events = [*self._events[-99:], event]

    def on_slow_tick(self) -> None:
        """Judge again as words come in."""
        self._ticks += 1
        if self._ticks % _SCORE_EVERY == 0 or not self._rows:
            self._show()

    def waterfalls(self) -> list[Waterfall]:
        """Give the responses of this session whose word's end is known or was found in the sound."""
        found = [self.session.settled(event).waterfall for event in self._events]
        return [waterfall for waterfall in found if waterfall is not None and waterfall.word_end_s is not None]

    def rows(self) -> list[Row]:
        """Give the rows as they are judged."""
        return self._rows

    def describe(self) -> str:
        """Return how many requirements are met."""
        return self.sentence.text() or self.box.text()

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain every row, and the memory."""
        rows = tuple(
            HelpEntry(
                self.chips[key],
                self.requirements[key].text(),
                self.notes[key].text() or self._meaning(key),
                None,
                SECTION,
            )
            for key in KEYS
        )
        memory = HelpEntry(
            self.bars,
            self.tr("Memory"),
            self.tr("The specification counts the model alone. A device needs all of these."),
            lambda: "; ".join(part.formula for part in self.bars.parts()),
            SECTION,
        )
        return (*rows, memory)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the rows."""
        found: list[tuple[object, ...]] = [
            ("requirement", "value", "unit", "low", "high", "n", "kind", "verdict", "source")
        ]
        for row in self._rows:
            v = row.value
            cells = (
                ("", "", "", "", "", "", "")
                if v is None
                else (v.value, v.unit, v.low, v.high, v.count, v.kind.value, v.source)
            )
            found.append((self.requirements[row.key].text(), *cells[:6], row.verdict.value, cells[6]))
        return found if len(found) > 1 else []

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the rows and the memory."""
        return (self.card, self.bars)

    def _requirements(self) -> dict[str, str]:
        return {
            "accuracy": self.tr("Accuracy 98 %"),
            "response": self.tr("Answer within 200 ms"),
            "size": self.tr("Model of 16 KB"),
            "false alarms": self.tr("Few false alarms"),
            "clock": self.tr("A few hundred MHz"),
            "power": self.tr("Low power"),
        }

    def _verdict_words(self) -> dict[Verdict, str]:
        return {
            Verdict.PASSED: self.tr("passed"),
            Verdict.NOT_PASSED: self.tr("not passed"),
            Verdict.UNKNOWN: self.tr("not measured yet"),
            Verdict.IMPOSSIBLE: self.tr("cannot be measured here"),
            Verdict.NO_LIMIT: self.tr("no limit given"),
        }

    def _meaning(self, key: str) -> str:
        return self.tr("Section {section} of the book asks for it: {what}.").format(
            section=SECTION, what=self.requirements[key].text()
        )

    def _show(self) -> None:
        network = self.session.network
        for widget in (self.sentence, self.card, self.memory_title, self.bars, self.memory_note):
            widget.setVisible(network is not None)
        self.box.setVisible(network is None)
        if network is None:
            self.box.set_state("loading", self.tr("The network is being loaded."))
            return
        pipeline = self.session.pipeline
        self._rows = scorecard(network, [whole_ms(w) for w in self.waterfalls()], pipeline.score(), pipeline.hop_ms)
        for row in self._rows:
            self._fill(row)
            self.notes[row.key].setText(self._note(row.key, network))
        passed = sum(row.verdict is Verdict.PASSED for row in self._rows)
        failed = sum(row.verdict is Verdict.NOT_PASSED for row in self._rows)
        self.sentence.setText(
            self.tr("{network}: {passed} passed, {failed} not passed, {open} open.").format(
                network=network.title, passed=passed, failed=failed, open=len(self._rows) - passed - failed
            )
        )
        self.bars.set_parts(memory_beside(network))
        self.memory_note.setText(
            self.tr(
                "Code of front end and network: depends on the device, not counted here. A device that keeps "
                "the whole second "
                "of sound needs {bytes} bytes more."
            ).format(bytes=f"{second_of_sound_bytes():,}")
        )

    def _fill(self, row: Row) -> None:
        self.marks[row.key].set_verdict(row.verdict, self._verdict_words()[row.verdict])
        value = row.value
        if value is None:
            self.chips[row.key].set_value("–")
            return
        text, unit = _printed(value)
        self.chips[row.key].set_value(text, unit, value.kind.value, _details(value))

    def _note(self, key: str, network: Network) -> str:
        if key == "accuracy":
            figures = human_figures(network.card)
            unknown = network.badge or self.tr("no model card with figures on human voices")
            parts = [figure.sentence() for figure in figures] or [unknown[:1].upper() + unknown[1:]]
            measured = self.evaluations.get(network, Question())
            if measured is not None:
                a = measured.accuracy
                parts.append(
                    self.tr(
                        "Synthetic voices: {share} % [{low}, {high}], n = {clips}; they never pass this row."
                    ).format(
                        share=f"{100 * a.accuracy:.1f}",
                        low=f"{100 * a.low:.1f}",
                        high=f"{100 * a.high:.1f}",
                        clips=a.clips,
                    )
                )
            return " ".join(part if part.endswith(".") else f"{part}." for part in parts)
        if key == "response":
            waterfalls = self.waterfalls()
            if not waterfalls:
                return self.tr("Say a word, or let the talker say one.")
            known = sum(w.word_end_known for w in waterfalls)
            return self.tr(
                "Median of {count} words of this session; the end of {known} of them is known, of the others "
                "estimated. Device and display delay: not measured."
            ).format(count=len(waterfalls), known=known)
        notes = {
            "size": self.tr(
                "Weights at 8 bits with scales and biases, {count} parameters. The network in use computes in float."
            ).format(count=f"{network.parameters:,}"),
            "false alarms": self.tr(
                "Labelled sound of this session: denser in words than a day at home. The book gives no number; 2 % "
                "of all decisions wrong would be {rate} per hour."
            ).format(rate=f"{0.02 * 3600e3 / self.session.pipeline.hop_ms:,.0f}"),
            "clock": self.tr("If a device did one multiply-accumulate per cycle; “a few hundred” read as 300."),
            "power": self.tr(
                "A computer's meter shows the whole machine, not the network; a microcontroller's board would have "
                "to be measured."
            ),
        }
        return notes[key]

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setHorizontalSpacing(current.space(2))
        self._grid.setVerticalSpacing(current.space(0.5))


def whole_ms(waterfall: Waterfall) -> float:
    """Return the time from the end of the word to the decision, computing included."""
    last = waterfall.segments()[-1]
    return last.start_ms + last.length_ms


def _printed(value: Quantity) -> tuple[str, str]:
    if value.unit == "fraction":
        return f"{100 * value.value:.1f}", "%"
    return f"{value.value:,.0f}".replace("-", "−"), value.unit


def _details(value: Quantity) -> str:
    parts = [value.source]
    if value.low is not None and value.high is not None:
        scale = 100.0 if value.unit == "fraction" else 1.0
        parts.append(f"95 % interval {scale * value.low:.1f} to {scale * value.high:.1f}")
    if value.count is not None:
        parts.append(f"n = {value.count}")
    return ", ".join(parts)
