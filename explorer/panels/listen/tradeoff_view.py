"""Trade-off: hits against false alarms per hour, one point per threshold, the present knobs a dot on the curve."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.tradeoff import Point, sweep
from explorer.panels.base import HelpEntry
from explorer.panels.listen.analysis_base import ListenView, Session
from explorer.panels.listen.dots import Dot, Dots
from explorer.panels.listen.log_plot import LogPlot
from explorer.panels.listen.tradeoff_sweep import (
    COARSE,
    EVERY_S,
    SNR_DB,
    STREAM_S,
    Answer,
    Recorded,
    judge_remembered,
    record,
)
from explorer.panels.view import Words
from widgets import tokens
from widgets.number_chip import NumberChip
from widgets.segmented import Segmented
from widgets.state_box import StateBox

if TYPE_CHECKING:
    from explorer.background import Task
    from explorer.engine.kws.scoring import StreamScore
    from explorer.panels.base import Context
    from explorer.workbench import State
    from widgets.tokens import Tokens

_LOWEST_PER_HOUR = 3.0  # below one event in this exposure; zero stands here
_HIGHEST_PER_HOUR = 2000.0
_AGAIN_TICKS = 10  # slow ticks: the sound of this session grows, and its curve is worth a third of a second every five
_NAMED = (0.5, 0.7, 0.9)


class TradeoffView(ListenView):
    """The curve, the dot, where the dot was before, and the numbers at the dot.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    seconds
        Length of the made stream.
    """

    def __init__(self, context: Context, session: Session, seconds: float = STREAM_S) -> None:
        super().__init__(context, session)
        self._seconds = seconds
        self._generation = self._ticks = 0
        self._task: Task | None = None
        self._recorded: dict[str, Recorded] = {}
        self._answer: Answer | None = None
        self._before: StreamScore | None = None
        self._error = ""
        self.choice = Segmented(
            [("made", self.tr("Bundled voices, calibrate part")), ("here", self.tr("Labelled sound of this session"))],
            label=self.tr("Sound"),
        )
        self.choice.chosen.connect(self._on_choice)
        self.plot = LogPlot(
            self.tr("false alarms per hour of this stream"),
            self.tr("hits"),
            _LOWEST_PER_HOUR,
            _HIGHEST_PER_HOUR,
            y_unit="%",
            y_range=(0, 102),
            zero=True,
        )
        self.curve = self.plot.curve(self.tr("threshold 0.30 to 1.00"))
        self.dots = Dots(self.plot, 14)
        self.hits = NumberChip(self.tr("hits"), size="medium", widest="100.0", widest_unit="%")
        self.alarms = NumberChip(self.tr("false alarms"), size="medium", widest="0000", widest_unit=self.tr("per hour"))
        self.response = NumberChip(self.tr("median response"), size="medium", widest="000", widest_unit="ms")
        self.note = Words(size_px=12, role="quiet_ink")
        self.box = StateBox()
        self.box.actionRequested.connect(self._ask)
        self._chips = QHBoxLayout()
        for chip in (self.hits, self.alarms, self.response):
            self._chips.addWidget(chip)
        self._chips.addStretch(1)
        self.page.addWidget(self.choice)
        self.page.addLayout(self._chips)
        for widget in (self.box, self.plot):
            self.page.addWidget(widget, 1)
        self.page.addWidget(self.note)
        self.lend(self.plot)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    def activate(self) -> None:
        """Measure when there is nothing to show for the network in use."""
        network = self.session.network
        if network is not None and (self._answer is None or self._answer.fingerprint != network.fingerprint):
            self._ask()

    def on_slow_tick(self) -> None:
        """Follow a network that came late, and the session's sound as it grows."""
        network = self.session.network
        if network is None or self._task is not None or self._error:
            return
        stale = self._answer is None or self._answer.fingerprint != network.fingerprint
        self._ticks += 1
        if stale or (self.choice.key() == "here" and self._ticks % _AGAIN_TICKS == 0):
            self._ask()

    def on_state(self, old: State, new: State) -> None:
        """Move the dot with the knobs; the curve follows where more than the threshold moved."""
        if new.decision != old.decision and self._answer is not None:
            self._before = self._present()
            self._move_dot(new.decision)
            self._ask()
        elif new.network != old.network or new.hop_ms != old.hop_ms:
            self._before = None
            self._error = ""
            self._recorded.clear()

    def points(self) -> list[Point]:
        """Give the points of the curve."""
        return [] if self._answer is None else self._answer.points

    def describe(self) -> str:
        """Return what the present knobs give."""
        score = self._present()
        if score is None or score.hit_rate is None:
            return self.box.text()
        return self.tr(
            "With these knobs {hits} % of the words are heard, with {alarms} false alarms per hour of this stream."
        ).format(hits=f"{100 * score.hit_rate:.1f}", alarms=f"{score.false_alarms_per_hour:.0f}")

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain curve and numbers."""
        return (
            HelpEntry(
                self.plot,
                self.tr("Trade-off"),
                self.tr("Each point is another threshold on the same sound: lower hears more words and makes up more."),
                self._formula,
                "5.2",
            ),
            HelpEntry(
                self.hits,
                self.tr("Hits"),
                self.tr("Words reported between their start and 0.5 s after their end."),
                self._formula,
                "5.2",
            ),
            HelpEntry(
                self.alarms,
                self.tr("False alarms"),
                self.tr("Reports of words that were not said, wrong words included; closer than 1 s they count once."),
                self._formula,
                "5.2",
            ),
        )

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the points of the curve."""
        rows: list[tuple[object, ...]] = [
            ("threshold", "hits", "words", "false_alarms", "exposure_s", "false_alarms_per_hour", "median_response_ms")
        ]
        for point in self.points():
            score = point.score
            response = score.response_ms[0] if score.response_ms else ""
            rows.append(
                (
                    point.settings.threshold,
                    score.hits,
                    score.words,
                    score.false_alarms,
                    score.exposure_s,
                    score.false_alarms_per_hour,
                    response,
                )
            )
        return rows if len(rows) > 1 else []

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the plot."""
        return (self.plot,)

    def shutdown(self) -> None:
        """Stop the measurement."""
        if self._task is not None:
            self._task.stop()

    def _present(self) -> StreamScore | None:
        return next((point.score for point in self.points() if point.present), None)

    def _formula(self) -> str:
        score = self._present()
        if score is None:
            return ""
        return (
            f"{score.hits} / {score.words} = {100 * (score.hit_rate or 0):.1f} %; "
            f"{score.false_alarms} x 3600 / {score.exposure_s:.0f} s = {score.false_alarms_per_hour:.0f} / h"
        )

    @Slot()
    def _ask(self) -> None:
        """Sweep the threshold beside the interface; the newest request wins."""
        network = self.session.network
        if network is None:
            return
        if self._task is not None:
            self._task.stop()
        self._generation += 1
        generation, settings, made = self._generation, self.session.settings, self.choice.key() == "made"
        kept = self._recorded.get(network.fingerprint)
        hop_ms, seconds = self.session.pipeline.hop_ms, self._seconds
        remembered = None if made else self.session.pipeline.memory.snapshot()
        spans = tuple(self.session.pipeline.spans.since(0)[0])
        self._error = ""

        def work(
            stop: threading.Event, put: Callable[[Any], None], report: Callable[[float | None, str], None]
        ) -> None:
            recorded = kept
            if remembered is not None:
                points = sweep(lambda s: judge_remembered(remembered, spans, s, stop), settings, COARSE)
            else:
                if recorded is None:
                    recorded = record(network, seconds, hop_ms, stop)
                points = sweep(lambda s: None if stop.is_set() else recorded.judge(s), settings)
            if not stop.is_set():
                put(Answer(points, settings, recorded, network.fingerprint))

        def update(answer: Answer) -> None:
            if answer.recorded is not None:
                self._recorded = {answer.fingerprint: answer.recorded}
            if generation == self._generation:
                self._answer = answer
                self._show()

        def end(error: BaseException | None) -> None:
            if generation == self._generation:
                self._task = None
                self._error = "" if error is None else str(error)
                self._show()

        heavy = made and kept is None
        self._task = self.context.background.start("Trade-off curve", work, update, end, heavy=heavy)
        self._show()

    def _move_dot(self, settings: DecisionSettings) -> None:
        """Judge the new knobs at once, from the stream that is known; the curve follows."""
        answer = self._answer
        if answer is None or answer.recorded is None or self.choice.key() != "made":
            return
        score = answer.recorded.judge(settings)
        kept = [replace(point, present=False) for point in answer.points]
        self._answer = replace(answer, points=[*kept, Point(settings, score, True)], settings=settings)
        self._show()

    def _show(self) -> None:
        points = sorted(self.points(), key=lambda point: point.settings.threshold)
        waiting = self._task is not None
        self.plot.setVisible(bool(points))
        self.box.setVisible(not points)
        if not points:
            self._show_box(waiting)
            return
        rates = [100 * (point.score.hit_rate or 0.0) for point in points]
        self.curve.set_data(self.plot.place([point.score.false_alarms_per_hour for point in points]), rates)
        self._show_dots()
        self._show_numbers()
        self.plot.set_described(self.describe())

    def _show_box(self, waiting: bool) -> None:
        if self._error:
            self.box.set_state("failed", self._error, action=self.tr("Try again"))
        elif waiting and self._answer is None:
            self.box.set_state(
                "estimating",
                self.tr("The network listens to {minutes} minutes of words.").format(minutes=round(self._seconds / 60))
                if self.choice.key() == "made"
                else self.tr("Scoring what was heard."),
            )
        elif self.session.network is None:
            self.box.set_state("loading", self.tr("The network is being loaded."))
        else:
            self.box.set_state(
                "empty",
                self.tr(
                    "Nothing labelled was heard in this session: let the talker speak, or take the bundled voices."
                ),
            )

    def _show_dots(self) -> None:
        dots = [
            Dot(
                float(self.plot.place(point.score.false_alarms_per_hour)),
                100 * (point.score.hit_rate or 0.0),
                self.tr("threshold {value}").format(value=f"{point.settings.threshold:.1f}")
                if named == 0.5
                else f"{named:.1f}",
                "data0",
                side="below",
            )
            for named in _NAMED
            for point in self.points()
            if abs(point.settings.threshold - named) < 1e-6 and not point.present
        ]
        if self._before is not None and self._before.hit_rate is not None:
            x = float(self.plot.place(self._before.false_alarms_per_hour))
            dots.append(
                Dot(x, 100 * self._before.hit_rate, self.tr("before"), "quiet_ink", hollow=True, side="upper left")
            )
        score = self._present()
        if score is not None and score.hit_rate is not None:
            low, high = score.hit_interval
            dots.append(
                Dot(
                    float(self.plot.place(score.false_alarms_per_hour)),
                    100 * score.hit_rate,
                    self.tr("now, {value}").format(value=f"{self.session.settings.threshold:.2f}"),
                    "data1",
                    100 * low,
                    100 * high,
                    side="upper left",
                )
            )
        self.dots.set_dots(dots)

    def _show_numbers(self) -> None:
        score = self._present()
        if score is None or score.hit_rate is None:
            return
        low, high = score.hit_interval
        stream = self._stream_words(score)
        self.hits.set_value(
            f"{100 * score.hit_rate:.1f}",
            "%",
            "measured",
            f"{score.hits} of {score.words} words, 95 % interval {100 * low:.1f} to {100 * high:.1f}; {stream}",
        )
        low, high = score.false_alarm_interval
        self.alarms.set_value(
            f"{score.false_alarms_per_hour:.0f}",
            self.tr("per hour"),
            "measured",
            f"{score.false_alarms} in {score.exposure_s / 60:.1f} min, 95 % interval {low:.0f} to {high:.0f}; {stream}",
        )
        if score.response_ms is not None:
            middle, low, high = score.response_ms
            self.response.set_value(
                f"{middle:.0f}".replace("-", "−"),
                "ms",
                "measured",
                f"from the end of the word, 95 % interval {low:.0f} to {high:.0f}, n = {score.hits}",
            )
        words = self.tr("Per hour of this stream: {stream}. A day at home has fewer words, and other sounds.").format(
            stream=stream
        )
        if self.session.tuned_on:
            words += " " + self.tr("Tuned on this recording: {source}.").format(source=self.session.tuned_on)
        if self._task is not None:
            words += " " + self.tr("The curve is being measured anew.")
        self.note.setText(words)

    def _stream_words(self, score: StreamScore) -> str:
        every_s = score.exposure_s / max(1, score.words)
        if self.choice.key() == "made":
            return self.tr("a word every {every} s in pink noise at {snr} dB, {minutes} min").format(
                every=f"{EVERY_S:g}", snr=f"{SNR_DB:g}", minutes=f"{score.exposure_s / 60:.0f}"
            )
        return self.tr("a keyword every {every} s, {minutes} min").format(
            every=f"{every_s:.1f}", minutes=f"{score.exposure_s / 60:.1f}"
        )

    @Slot()
    def _on_choice(self) -> None:
        self._answer = self._before = None
        self._ask()

    def _apply_tokens(self, current: Tokens) -> None:
        self._chips.setSpacing(current.space(3))
