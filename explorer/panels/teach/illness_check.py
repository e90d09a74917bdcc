"""Check: four heat maps without a name, one of them asked for; all four were really trained, here, a moment ago."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.teach.depth_time import DepthTime, Matrix
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.predict_reveal import PredictReveal
from widgets.state_box import StateBox
from widgets.tokens import Tokens

if TYPE_CHECKING:
    import threading

    from explorer.background import Report, Task
    from explorer.engine.training.presets import Preset
    from explorer.panels.base import Context

ASKED = ("deep-sigmoid", "dead-relu", "bad-initialisation", "rate-x30")
"""Illnesses that a map of gradients shows."""
STEPS, PROBE_EVERY = 300, 2
LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class TrainedMap:
    """The gradients of one run.

    Parameters
    ----------
    preset
        What was broken.
    steps
        Probed steps, [times].
    rms
        Gradient RMS, [times, layers].
    stopped
        Why the run ended early; empty when it did not.
    """

    preset: Preset
    steps: Matrix
    rms: Matrix
    stopped: str


def train_maps(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
    """Train the four runs, one after another, and put them together at the end."""
    from explorer.engine.training.evidence import observe
    from explorer.engine.training.presets import PRESETS
    from explorer.engine.training.trainer import Trainer

    chosen = [next(preset for preset in PRESETS if preset.key == key) for key in ASKED]
    maps = []
    for done, preset in enumerate(chosen):
        report(done / len(chosen), _tr("run {n} of {all}").format(n=done + 1, all=len(chosen)))
        trainer = Trainer(preset.blueprint, replace(preset.settings, probe_every=PROBE_EVERY))
        seen = observe(trainer, STEPS, stop)
        if stop.is_set():
            return
        steps = np.array([probe.step for probe in seen.probes], float)
        maps.append(TrainedMap(preset, steps, np.array([probe.gradient_rms for probe in seen.probes]), seen.stopped))
    put(maps)


class IllnessCheck(QWidget):
    """Four maps and one question about one of them.

    Parameters
    ----------
    context
        What the application lends.
    """

    closed = Signal()
    """The user has read the answer."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._random = random.Random(context.workbench.state.seed)
        self._task: Task | None = None
        self.maps: list[TrainedMap] = []
        self.asked = 0
        self.state = StateBox()
        self.question = PredictReveal()
        self.pictures = [DepthTime() for _ in ASKED]
        self.names = [ElidedLabel(letter, weight=600) for letter in LETTERS]
        self.question.predicted.connect(self._on_answer)
        self.question.dismissed.connect(self._on_answer)
        self.question.closed.connect(self._on_closed)
        self._board = QWidget()
        self._grid = QGridLayout(self._board)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.set_low(False)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        # a box whose height is set from outside: a layout that knows no height for width squeezes the words else
        self._room = QWidget()
        inside = QVBoxLayout(self._room)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.question)
        self._column.addWidget(self._room)
        self._column.addWidget(self.state, 1)
        self._column.addWidget(self._board, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.hide()

    def hasHeightForWidth(self) -> bool:
        """Say that the height does not follow from the width: the maps give words their room."""
        return False

    def set_low(self, low: bool) -> None:
        """Arrange the maps in two rows, or in one where there is little height."""
        columns = len(self.pictures) if low else 2
        for place, (name, picture) in enumerate(zip(self.names, self.pictures, strict=True)):
            row, column = divmod(place, columns)
            self._grid.addWidget(name, 2 * row, column)
            self._grid.addWidget(picture, 2 * row + 1, column)
        for row in (1, 3):
            self._grid.setRowStretch(row, 0 if low and row == 3 else 1)
        for column in range(len(self.pictures)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def ask(self) -> None:
        """Show four maps in a new order and ask about one; the runs are trained the first time."""
        self.show()
        if self.maps:
            self._ask()
        elif self._task is None:
            self._board.hide()
            self.state.show()
            self.state.set_state("estimating", _tr("Four runs are being broken, each in its own way: some seconds."))
            self._task = self._context.background.start(
                _tr("Four runs for the question"), train_maps, self._on_maps, self._on_end
            )

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self.question.state() == "idle":
            return _tr("Four runs are being broken, each in its own way.")
        told = _tr("Four runs of {steps} steps; the gradients of run {letter} are asked for.")
        return told.format(steps=STEPS, letter=LETTERS[self.asked])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the question the height that its words need at this width."""
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        wanted = self.question.heightForWidth(self.width())
        if wanted > 0 and wanted != self._room.minimumHeight():
            self._room.setFixedHeight(wanted)

    def _on_maps(self, maps: list[TrainedMap]) -> None:
        self.maps = maps
        if self.isVisible():
            self._ask()

    def _on_end(self, error: BaseException | None) -> None:
        self._task = None
        if not self.maps:
            self.state.set_state("failed", str(error) if error is not None else _tr("The runs were stopped."))

    def _ask(self) -> None:
        self._random.shuffle(self.maps)
        self.asked = self._random.randrange(len(self.maps))
        self.state.hide()
        self._board.show()
        for place, (made, picture) in enumerate(zip(self.maps, self.pictures, strict=True)):
            picture.show_values(made.steps, made.rms, float(STEPS), None)
            picture.ring(place == self.asked)
            picture.setAccessibleName(_tr("Gradients of run {letter}").format(letter=LETTERS[place]))
            self.names[place].set_text(LETTERS[place])
        choices = sorted((made.preset.key, made.preset.title) for made in self.maps)
        question = _tr("Map {letter}: what is wrong with this run?").format(letter=LETTERS[self.asked])
        self.question.ask_choice(question, choices)
        self._give_room()

    @Slot()
    def _on_answer(self) -> None:
        """Name all four, and say where the one that was asked for shows."""
        for name, letter, made in zip(self.names, LETTERS, self.maps, strict=True):
            name.set_text(f"{letter}: {made.preset.title}")
        preset = self.maps[self.asked].preset
        self.question.reveal(preset.key, f"{preset.broken} {preset.look}")
        self._give_room()

    @Slot()
    def _on_closed(self) -> None:
        self.hide()
        self.closed.emit()

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.space(1))
        self._grid.setSpacing(current.space(0.5))
        self._grid.setHorizontalSpacing(current.space(2))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
