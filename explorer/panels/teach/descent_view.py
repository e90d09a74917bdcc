"""Descent: a ball on a bowl one can see, a step chosen by hand, and a race of all optimizers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.training.bowl import Bowl, Descent, descend
from explorer.panels.base import HelpEntry
from explorer.panels.teach import descent_modes, descent_words, wording
from explorer.panels.teach.descent_board import DescentBoard
from explorer.panels.teach.descent_cards import SLIDERS, DescentCards
from explorer.panels.teach.descent_curve import DescentCurve
from explorer.panels.teach.descent_modes import MODES, STARTS
from explorer.panels.teach.descent_motion import Motion
from explorer.panels.teach.descent_plot import DescentPlot, Losses
from explorer.panels.teach.descent_race import ENTRANTS, Asked, Race, RaceDesk
from explorer.panels.teach.surface_map import Ground, SurfaceMap, Track
from explorer.panels.teach.views import TeachView
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.icon_button import IconButton
from widgets.segmented import Segmented
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession
    from widgets.plot_export import Table

STEPS = 60
LOW_PX = 330
BOWL_PACE, RACE_PACE = 8.0, 40.0
BOWL_SEEN, RACE_SEEN = (4.3, 2.3), (2.4, 1.8)
LOOKS = {
    name: (f"data{index % 4}", index)
    for index, name in enumerate(("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"))
}
"""Colour and shape of each optimizer; there are fewer colours than optimizers, but a shape for each."""


class DescentView(TeachView):
    """Bowl and race; Space plays, the full stop makes one step, Backspace goes back to the start.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run behind the other views.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        self.mode = MODES[0]
        self.starts = dict(STARTS)
        self.descent: Descent | None = None
        self.race: Race | None = None
        self._drawn: object = None  # what the map shows the heights of
        self._problem = ""
        self.motion = Motion(BOWL_PACE)
        self.desk = RaceDesk(context.background, self._on_race, self._on_problem)
        self._cards = DescentCards()
        self.modes = Segmented(list(descent_modes.words().items()), label=_tr("What to descend"))
        self.play = IconButton("play", _tr("Play"), key=_tr("Space"), role="accent")
        self.step = IconButton("chevron-right", _tr("One step"), key=".")
        self.back = IconButton("rotate-ccw", _tr("Back to the start"), key=_tr("Backspace"))
        self.curve = DescentCurve(_tr("The bowl, one weight"))
        self.map = SurfaceMap(_tr("The ground from above"), movable=True)
        self.plot = DescentPlot()
        self.board = DescentBoard(_tr("Rule and path"))
        self._lay_out()
        self._connect()
        self._unfollow = tokens.follow(self._apply_tokens)
        self._apply()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self.modes, 1)
        for button in (self.play, self.step, self.back):
            self._head.addWidget(button)
        side = QWidget()
        self._side = QVBoxLayout(side)
        self._side.setContentsMargins(0, 0, 0, 0)
        self._side.addWidget(self.board, 0, Qt.AlignmentFlag.AlignTop)
        self._side.addWidget(self.plot, 1)
        self._both = QHBoxLayout()
        self._both.addWidget(self.curve, 13)
        self._both.addWidget(self.map, 13)
        self._both.addWidget(side, 7)
        self.page.addLayout(self._head)
        self.page.addLayout(self._both, 1)

    def _connect(self) -> None:
        self.modes.chosen.connect(self.choose_mode)
        self.play.clicked.connect(self.toggle)
        self.step.clicked.connect(self.step_once)
        self.back.clicked.connect(self.reset)
        self.curve.startMoved.connect(lambda w: self.move_start(w, 0.0))
        self.map.startMoved.connect(self.move_start)
        self._cards.changed.connect(self._apply)
        self._cards.resetAsked.connect(lambda: self.restore_state({"mode": self.mode}))
        self.lend(self.plot)
        ExportMenu(self.curve, self._table, _tr("step"), self)
        ExportMenu(self.map, self._table, _tr("step"), self)

    # -- what the panel asks -----------------------------------------------------------------------------------------

    def cards(self) -> QWidget:
        """Return the view's own controls."""
        return self._cards

    def driver(self) -> DescentView:
        """Return what plays: the ball."""
        return self

    def on_frame(self, now_s: float) -> None:
        """Let the ball roll."""
        if self.motion.advance(now_s):
            self._draw()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self._problem:
            return self._problem
        if self.descent is not None:
            return descent_words.bowl_sentence(self._bowl(), *self._step(), self.descent)
        if self.race is None:
            return _tr("The optimizers are at the start.")
        return descent_words.race_sentence(self.race.runners, self.mode, ENTRANTS)

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the ground and the losses."""
        return self.curve, self.map, self.plot

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return every place and loss of every way."""
        rows: list[tuple[object, ...]] = [("way", "step", "w1", "w2", "loss")]
        if self.descent is not None:
            for step, (point, loss) in enumerate(zip(self.descent.points, self.descent.losses, strict=True)):
                second: object = float(point[1]) if len(point) > 1 else ""
                rows.append(("descent", step, float(point[0]), second, float(loss)))
        for runner in self.race.runners if self.race is not None else ():
            for step, (point, height) in enumerate(zip(runner.path, runner.heights, strict=True)):
                rows.append((runner.optimizer, step, float(point[0]), float(point[1]), float(height)))
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        picture = _tr("Drag the ringed start, or move it with the arrow keys; the way follows at once.")
        rate = _tr("Each step goes against the slope, times this. Above 2 / λ every step ends farther away.")
        rates = self._cards.rates.values()
        return (
            HelpEntry(self.curve, _tr("The bowl"), picture, self.describe, "7.2.3"),
            HelpEntry(self.map, _tr("The ground from above"), picture, self.describe, "7.2.3"),
            *(HelpEntry(slider, _tr("Learning rate"), rate, self._formula, "7.2.3") for slider in rates),
            HelpEntry(
                self._cards.own,
                _tr("Best rate"),
                _tr("Which optimizer is fastest depends on the rate: each gets the best of ten, or all get the same."),
                lambda: "0.001 … 1",
                "7.5",
            ),
            HelpEntry(
                self.board,
                _tr("Rule and path"),
                _tr("What η λ says of each axis, and what the path did; in the race, who came within 0.15 first."),
                lambda: "0 < η < 2 (1 + m) / λ",
                "7.2.3",
            ),
            HelpEntry(self.plot, _tr("Loss"), _tr("After each step; a straight line down is one factor a step.")),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what differs from the start."""
        saved: dict[str, Any] = {}
        if self.mode != MODES[0]:
            saved["mode"] = self.mode
        sliders = {name: slider.value() for name, slider in self._cards.sliders().items()}
        fresh = SLIDERS
        saved |= {name: value for name, value in sliders.items() if not math.isclose(value, fresh[name], rel_tol=1e-6)}
        if not self._cards.own.isChecked():
            saved["own"] = False
        moved = {
            mode: list(start) for mode, start in self.starts.items() if start is not None and start != STARTS[mode]
        }
        return saved | ({"starts": moved} if moved else {})

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        mode, own, starts = saved.get("mode", MODES[0]), saved.get("own", True), saved.get("starts", {})
        if mode not in MODES or not isinstance(own, bool) or not isinstance(starts, dict):
            raise ExplorerError("In the view Descent, 'mode', 'own' or 'starts' does not fit.")
        values = {name: descent_modes.number(saved.get(name, value), name) for name, value in SLIDERS.items()}
        self.starts = dict(STARTS) | {name: descent_modes.start(name, place) for name, place in starts.items()}
        for name, slider in self._cards.sliders().items():
            slider.set_value(values[name])
        self._cards.own.setChecked(own)
        self.choose_mode(mode)

    def shutdown(self) -> None:
        """Stop the race."""
        self.desk.stop()

    # -- what the user does ------------------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether the ball rolls by itself."""
        return self.motion.playing

    @Slot(str)
    def choose_mode(self, mode: str) -> None:
        """Descend on something else."""
        self.mode = mode
        self.modes.set_key(mode)
        self._apply()

    @Slot(float, float)
    def move_start(self, first: float, second: float) -> None:
        """Let the ball go from elsewhere."""
        self.starts[self.mode] = (first, second)
        self._apply()

    @Slot()
    def toggle(self) -> None:
        """Play or pause."""
        self.motion.toggle()
        self._draw()

    @Slot()
    def step_once(self) -> None:
        """Make one step."""
        self.motion.step_once()
        self._draw()

    @Slot()
    def reset(self) -> None:
        """Go back to the start."""
        self.motion.reset()
        self._draw()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _step(self) -> tuple[float, float]:
        return self._cards.rate(self.mode).value(), self._cards.momentum.value()

    def _formula(self) -> str:
        rate, momentum = self._step()
        return f"v ← m v + ∂f/∂w,  w ← w − η v;  η = {rate:.3g}, m = {momentum:.2g}"

    def _bowl(self) -> Bowl:
        flat = self._cards.flat.value()
        return Bowl((flat,) if self.mode == "one" else (flat, self._cards.steep.value()))

    @Slot()
    def _apply(self) -> None:
        """Follow whatever was moved: the bowl at once, the race in the background."""
        self._problem = ""
        self._cards.show_mode(self.mode)
        one, bowl = self.mode == "one", self.mode in ("one", "two")
        self.curve.setVisible(one)
        self.map.setVisible(not one)
        self.motion.steps_per_s = BOWL_PACE if bowl else RACE_PACE
        if bowl:
            self.desk.stop()
            self.race = None
            self._descend()
            return
        self.descent = None
        strength = {"ravine": self._cards.condition.value(), "noise": self._cards.noise.value()}.get(self.mode, 0.0)
        rate = None if self._cards.own.isChecked() else self._cards.rate(self.mode).value()
        if self.race is not None and self.race.asked.surface != self.mode:
            self.race = self._drawn = None
            self.map.show_ground(None)
        self.desk.ask(Asked(self.mode, strength, self.starts[self.mode], rate))
        self._draw()

    def _descend(self) -> None:
        ground, start = self._bowl(), self.starts[self.mode] or (0.0, 0.0)
        dimensions = len(ground.curvatures)
        self.descent = descend(ground, start[:dimensions], *self._step(), STEPS)
        if dimensions == 2 and ground != self._drawn:
            curvatures, self._drawn = np.array(ground.curvatures), ground
            self.map.show_ground(Ground(lambda p: 0.5 * (p * p) @ curvatures, BOWL_SEEN, lowest=np.zeros((1, 2))))
        self.motion.show_all(len(self.descent.points) - 1)
        self._draw()

    def _on_race(self, race: Race) -> None:
        new = self.race is None or self.race.asked != race.asked
        self.race = race
        if new:
            self._drawn = race
            self.map.show_ground(Ground(race.surface.value, RACE_SEEN, lowest=race.surface.lowest))
        if race.runners:
            self.motion.show_all(max(len(runner.path) for runner in race.runners) - 1)
        self._draw()

    def _on_problem(self, sentence: str) -> None:
        self._problem = sentence
        self._draw()

    def _draw(self) -> None:
        going = self.motion.playing
        self.play.set_icon("pause" if going else "play", _tr("Pause") if going else _tr("Play"))
        at, last = self.motion.at, max(1, self.motion.last)
        if self.descent is not None:
            self._draw_descent(self.descent, at, last)
        elif self.race is not None:
            self._draw_race(self.race, at, last)
        else:
            self.map.show_tracks(())
            self.board.show_rows(())
            self.plot.show_losses((), 0, 1)
        for picture in (self.curve, self.map):
            picture.set_described(self.describe())

    def _draw_descent(self, descent: Descent, at: int, last: int) -> None:
        points, start = descent.points[: at + 1], self.starts[self.mode] or (0.0, 0.0)
        if self.mode == "one":
            self.curve.show_descent(self._cards.flat.value(), points, start[0])
        else:
            self.map.show_tracks((Track("", points, "data1", 0, dots=True),), start)
        self.board.show_rows(descent_words.bowl_rows(self._bowl(), *self._step(), descent))
        self.plot.show_losses((Losses(_tr("loss"), descent.losses[: at + 1]),), at, last)

    def _draw_race(self, race: Race, at: int, last: int) -> None:
        names = wording.optimizers()
        tracks = [Track(names[r.optimizer], r.path[: at + 1], *LOOKS[r.optimizer]) for r in race.runners]
        self.map.show_tracks(tracks, race.surface.start)
        self.board.show_rows(descent_words.race_rows(race.runners, LOOKS))
        lines = []
        for runner in race.runners:
            index = list(LOOKS).index(runner.optimizer)
            lines.append(Losses(names[runner.optimizer], runner.heights[: at + 1], index % 4, dash=index >= 4))
        self.plot.show_losses(lines, at, last)

    def _table(self) -> Table:
        ways = [("descent", self.descent.losses)] if self.descent is not None else []
        ways += [(runner.optimizer, runner.heights) for runner in (self.race.runners if self.race else ())]
        return [(name, np.arange(len(losses), dtype=float), losses) for name, losses in ways]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the losses out where there is hardly room for the ground."""
        super().resizeEvent(event)
        self.plot.setVisible(self.height() >= tokens.current().px(LOW_PX))

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(0.5))
        self._both.setSpacing(current.space(2))
        self._side.setSpacing(current.space(1.5))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)


VIEW = DescentView
