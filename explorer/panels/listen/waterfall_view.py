"""The waterfall view: where the time goes between the end of a word and its answer."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from explorer.panels.base import HelpEntry
from explorer.panels.listen import waterfall_rows as rows_of
from explorer.panels.listen.analysis_base import ListenView, Session
from explorer.panels.listen.waterfall_chart import WaterfallChart, milliseconds
from explorer.panels.listen.waterfall_rows import QUESTION_STAGES, STAGES, Response, median_rows
from explorer.panels.view import ExportMenu, Words
from widgets import tokens
from widgets.number_chip import NumberChip
from widgets.predict_reveal import PredictReveal
from widgets.state_box import StateBox

if TYPE_CHECKING:
    from explorer.engine.kws.decision import Event
    from explorer.panels.base import Context
    from widgets.tokens import Tokens

LAST = 20
"""How many responses the median is taken over."""


class WaterfallView(ListenView):
    """Bars from the end of the word to the answer, asked about before they are shown.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    """

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__(context, session)
        self._events: deque[Event] = deque(maxlen=LAST)
        self._responses: dict[Event, Response] = {}
        self._revealed = False
        self._asked = False
        self.predict = PredictReveal()
        self.total = NumberChip(self.tr("from the end of the word"), size="large", widest="000", widest_unit="ms")
        self.sentence = Words(size_px=14, role="quiet_ink")
        self.chart = WaterfallChart()
        self.note = Words(size_px=12, role="quiet_ink")
        self.box = StateBox()
        self._head = QHBoxLayout()
        self._head.addWidget(self.total)
        self._head.addWidget(self.sentence, 1)
        self.body = QWidget()
        self._answer = QWidget()
        self._answer.setLayout(self._head)
        self._head.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in (
            (self.predict, 0),
            (self.box, 1),
            (self._answer, 0),
            (self.chart, 1),
            (self.note, 0),
        ):
            self.page.addWidget(widget, stretch)
        self.predict.predicted.connect(self._on_answer)
        self.predict.dismissed.connect(self._on_answer)
        ExportMenu(self.chart, self.chart.table, self.tr("start (ms)"), self)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    def activate(self) -> None:
        """Ask first: a guess made before the picture is what makes it stick."""
        if not self._asked:
            self._asked = True
            focus = QApplication.focusWidget()
            names = self.chart.stage_names()
            self.predict.ask_choice(
                self.tr("What takes longest between the end of your word and the answer?"),
                [(stage, names[stage]) for stage in QUESTION_STAGES],
            )
            self._give_back(focus)
            self._show()

    def on_event(self, event: Event) -> None:
        """Take the newest word into the picture and the median."""
        if event.waterfall is None:
            return
        self._events.append(event)
        self._responses = {e: self._responses[e] for e in self._events if e in self._responses}
        self._responses[event] = Response(event.label, event.waterfall, None)
        self._show()

    def on_frame(self, now_s: float) -> None:
        """Complete responses whose painting has ended."""
        changed = False
        for event in self._events:
            settled, response = self.session.settled(event), self._responses[event]
            if settled.waterfall is not None and settled.waterfall is not response.waterfall:
                self._responses[event] = replace(response, waterfall=settled.waterfall)
                changed = True
        for event in reversed(self._events):
            response = self._responses[event]
            if response.paint_ms is not None:
                break
            painted_s = self.session.painted_s(event)
            if painted_s is not None:
                paint_ms = (painted_s - response.waterfall.decided_s) * 1000.0
                self._responses[event] = replace(response, paint_ms=paint_ms)
                changed = True
        if changed:
            self._show()

    def newest(self) -> Response | None:
        """Return the newest response; None before the first word."""
        return self._responses[self._events[-1]] if self._events else None

    def describe(self) -> str:
        """Return what the newest response was made of."""
        newest = self.newest()
        if self.predict.state() == "asking":
            return self.tr("Guess first: what takes longest between the end of your word and the answer?")
        if newest is None:
            return self.tr("No word yet: say one, or press a word tile.")
        rows = newest.rows()
        return self.tr(
            "“{word}”: {total} ms from its end to the answer; being sure {sure} ms, the network {network} ms."
        ).format(
            word=newest.label,
            total=milliseconds(newest.total_ms),
            sure=milliseconds(rows[rows_of.SURE].length_ms),
            network=milliseconds(rows[rows_of.NETWORK].length_ms),
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain the bars and the large number."""
        meanings = " · ".join(f"{self.chart.stage_names()[s]}: {self.chart.meanings()[s]}" for s in STAGES)
        return (
            HelpEntry(
                self.total,
                self.tr("Response time"),
                self.tr("From the end of the word to the answer, as far as it was measured here."),
                self._formula,
                "5.2",
            ),
            HelpEntry(self.chart, self.tr("Latency waterfall"), meanings, self._formula, "5.2"),
        )

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return every stage of the responses in the median."""
        found: list[tuple[object, ...]] = [("word", "time_s", "stage", "start_ms", "length_ms")]
        for event in self._events:
            for stage, row in self._responses[event].rows().items():
                found.append((event.label, event.time_s, stage, row.start_ms, row.length_ms))
        return found if len(found) > 1 else []

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the chart."""
        return (self.chart,)

    def _formula(self) -> str:
        newest = self.newest()
        if newest is None:
            return ""
        rows = newest.rows()
        before = min(0.0, *(row.start_ms for row in rows.values()))
        parts = [f"{milliseconds(rows[stage].length_ms)}" for stage in STAGES if stage in rows]
        start = f"{milliseconds(before)} + " if before < 0 else ""
        return f"{start}{' + '.join(parts)} = {milliseconds(newest.total_ms)} ms"

    def _on_answer(self, _guess: object = None) -> None:
        self._show()

    def _show(self) -> None:
        newest = self.newest()
        asking = self.predict.state() == "asking"
        empty = newest is None
        self.box.setVisible(empty or asking)
        for widget in (self._answer, self.chart, self.note):
            widget.setVisible(not empty and not asking)
        if asking:
            self.box.set_state("empty", self.tr("The picture comes after your guess."))
        elif empty:
            self.box.set_state("empty", self.tr("No word yet: say one of the words, or press a word tile."))
        if newest is None or asking:
            return
        responses = [self._responses[event] for event in self._events]
        self.chart.set_response(newest, median_rows(responses), len(responses))
        self._write(newest)
        if self.predict.state() == "waiting" and not self._revealed:
            self._reveal(newest)

    def _write(self, newest: Response) -> None:
        known = newest.waterfall.word_end_known
        where = (
            self.tr("the end of the word is known, because the sound is labelled")
            if known
            else self.tr("the end of the word is estimated from the level of the sound")
            if newest.waterfall.word_end_s is not None
            else self.tr("the end of the word could not be found in the sound; counted from the first sure result")
        )
        self.total.set_value(milliseconds(newest.total_ms), "ms", "measured", f"“{newest.label}”; {where}")
        self.sentence.setText(f"“{newest.label}”. {where[0].upper()}{where[1:]}.")
        self.note.setText(
            self.tr(
                "Blue: time in the sound. Other bars: time of this machine. Device and display delay: not measured. "
                "Thin bars: median of the last {count}, with its 95 % interval."
            ).format(count=len(self._events))
        )
        self.chart.setAccessibleDescription(self.describe())

    def _reveal(self, newest: Response) -> None:
        rows = newest.rows()
        self._revealed = True
        focus = QApplication.focusWidget()
        self.predict.reveal(
            newest.longest,
            self.tr("Being sure took {sure} ms, the network {network} ms.").format(
                sure=milliseconds(rows[rows_of.SURE].length_ms),
                network=milliseconds(rows[rows_of.NETWORK].length_ms),
            ),
        )
        self._give_back(focus)

    def _give_back(self, focus: QWidget | None) -> None:
        """Leave the keyboard where it was: Space must open the microphone although a question waits below."""
        if focus is not None and self.isAncestorOf(focus):
            return
        if focus is not None:
            focus.setFocus()
        elif (taken := QApplication.focusWidget()) is not None and self.isAncestorOf(taken):
            taken.clearFocus()

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(2))
