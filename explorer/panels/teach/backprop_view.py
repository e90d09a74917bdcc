"""Backprop: the calculation of a small net one product at a time, finite differences beside every gradient."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.training.backprop import Step, finite_differences, order_costs, steps
from explorer.engine.training.slopes import ACTIVATIONS
from explorer.panels.base import HelpEntry
from explorer.panels.teach.backprop_cards import ACTIVATION, MOST_SEED, NETS, SEED, BackpropCards, Setup
from explorer.panels.teach.backprop_net import BackpropNet, Lit
from explorer.panels.teach.backprop_values import BackpropValues
from explorer.panels.teach.backprop_words import formula, symbol
from explorer.panels.teach.descent_plot import scientific
from explorer.panels.teach.views import TeachView
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.icon_button import IconButton
from widgets.segmented import Segmented
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Report, Task
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession
    from widgets.plot_export import Table

Array = NDArray[np.float64]
LOW_PX = 280


class BackpropView(TeachView):
    """Left and Right, Space and the full stop go through the steps; Backspace begins again.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run behind the other views.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        self.setup = Setup()
        self.at = 0
        self.differences: dict[str, Array] = {}
        self._cell: tuple[int, int] | None = None
        self._task: Task | None = None
        self._problem = ""
        self._cards = BackpropCards()
        self._begin()
        self.strip = Segmented([(s.name, symbol(s)) for s in self.steps], label=_tr("Step"))
        self.before = IconButton("chevron-left", _tr("Step before"), key="←")
        self.next = IconButton("chevron-right", _tr("Next step"), key="→", role="accent")
        self.net = BackpropNet()
        self.line = ElidedLabel("", size_px=20, weight=600)
        self.words = ElidedLabel("", size_px=14, lines=3)
        self.shapes = ElidedLabel("", size_px=14, role="quiet_ink", lines=2)
        self.values = BackpropValues()
        self._lay_out()
        self._connect()
        self._unfollow = tokens.follow(self._apply_tokens)
        self._cards.show_setup(self.setup)
        self._draw()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self.before)
        self._head.addWidget(self.strip, 1)
        self._head.addWidget(self.next)
        side = QWidget()
        self._side = QVBoxLayout(side)
        self._side.setContentsMargins(0, 0, 0, 0)
        for label in (self.line, self.words, self.shapes):
            self._side.addWidget(label)
        self._side.addWidget(self.values, 1)
        self._both = QHBoxLayout()
        self._both.addWidget(self.net, 6)
        self._both.addWidget(side, 5)
        self.page.addLayout(self._head)
        self.page.addLayout(self._both, 1)

    def _connect(self) -> None:
        self.strip.chosen.connect(lambda name: self.go([s.name for s in self.steps].index(name)))
        self.before.clicked.connect(lambda: self.go(self.at - 1))
        self.next.clicked.connect(self.step_once)
        self.values.chosen.connect(self._on_cell)
        self._cards.net.chosen.connect(self._on_setup)
        self._cards.activation.activated.connect(self._on_setup)
        self._cards.seed.valueChanged.connect(self._on_setup)
        for picture in (self.net, self.values):
            ExportMenu(picture, self._table, _tr("entry"), self)

    # -- what the panel asks -----------------------------------------------------------------------------------------

    def cards(self) -> QWidget:
        """Return the view's own controls."""
        return self._cards

    def driver(self) -> BackpropView:
        """Return what steps: the calculation."""
        return self

    def activate(self) -> None:
        """Become visible: compute the finite differences."""
        super().activate()
        if not self.differences and self._task is None:
            self._differ()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self._problem:
            return self._problem
        step = self.step
        told = _tr("Step {at} of {count}: {formula}, {shapes}").format(
            at=self.at + 1, count=len(self.steps), formula=formula(step), shapes=step.shapes
        )
        if step.direction == "forward":
            return told + "."
        worst = self.worst()
        if worst is None:
            return _tr("{told}; finite differences are being computed.").format(told=told)
        return _tr("{told}; finite differences agree within {worst}.").format(told=told, worst=scientific(worst))

    def worst(self) -> float | None:
        """Give the largest distance from the finite differences in this step; None when unknown."""
        found = self.differences.get(self.step.of)
        return None if found is None else float(np.abs(found - self.step.value).max())

    def pictures(self) -> tuple[QWidget, ...]:
        """Return net and values."""
        return self.net, self.values

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return every entry of every step, with its finite difference."""
        rows: list[tuple[object, ...]] = [("step", "formula", "shapes", "entry", "value", "finite difference")]
        for step in self.steps:
            found = self.differences.get(step.of) if step.of else None
            for index, value in np.ndenumerate(step.value):
                beside: object = "" if found is None else float(found[index])
                rows.append((step.name, step.formula, step.shapes, " ".join(map(str, index)), float(value), beside))
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.strip,
                _tr("Steps"),
                _tr("Forward to the loss, then back, each step a product with a Jacobian. Left and Right step."),
                lambda: formula(self.step),
                "7.2.4",
            ),
            HelpEntry(
                self.net,
                _tr("The network"),
                _tr("Lit: what the step is about. In the units: what they give, below it the error that came."),
                self._cost_words,
                "7.2.4",
            ),
            HelpEntry(
                self.values,
                _tr("Values"),
                _tr("What backpropagation gives, and below it (loss(v + h) − loss(v − h)) / 2h for every entry."),
                self.values.accessible_value,
                "7.2.4",
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what differs from the start."""
        fresh, saved = Setup(), {"net": self.setup.net, "activation": self.setup.activation, "seed": self.setup.seed}
        kept: dict[str, Any] = {name: value for name, value in saved.items() if value != getattr(fresh, name)}
        return kept | ({"at": self.at} if self.at else {})

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        net, activation = saved.get("net", "2-3-1"), saved.get("activation", ACTIVATION)
        seed, at = saved.get("seed", SEED), saved.get("at", 0)
        whole = all(isinstance(n, int) and not isinstance(n, bool) for n in (seed, at))
        if net not in NETS or activation not in ACTIVATIONS or not whole or not 0 <= seed <= MOST_SEED:
            raise ExplorerError("In the view Backprop, 'net', 'activation', 'seed' or 'at' does not fit.")
        self.choose(Setup(net, activation, seed))
        self.go(at)

    def shutdown(self) -> None:
        """Stop computing."""
        if self._task is not None:
            self._task.stop()

    # -- what the user does ------------------------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.steps[self.at]

    @property
    def playing(self) -> bool:
        """Never by itself: each step waits to be understood."""
        return False

    def toggle(self) -> None:
        """Make one step."""
        self.step_once()

    @Slot()
    def step_once(self) -> None:
        """Make one step; after the last, the first."""
        self.go((self.at + 1) % len(self.steps))

    def reset(self) -> None:
        """Begin again."""
        self.go(0)

    def go(self, at: int) -> None:
        """Show a step; beyond the ends, the nearest."""
        self.at, self._cell = min(max(at, 0), len(self.steps) - 1), None
        self._draw()

    def choose(self, setup: Setup) -> None:
        """Calculate another net."""
        if setup != self.setup:
            self.setup, self._cell = setup, None
            self._cards.show_setup(setup)
            self._begin()
            self._differ()
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the steps."""
        move = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self.go(self.at + move)

    @Slot()
    def _on_setup(self) -> None:
        self.choose(self._cards.setup())

    @Slot(tuple)
    def _on_cell(self, cell: tuple[int, ...]) -> None:
        self._cell = (cell[0], cell[1]) if cell else None
        self._draw()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.chain, self.example, self.target = self.setup.make()
        self.steps = steps(self.chain, self.example, self.target)
        self.differences = {}

    def _differ(self) -> None:
        """Compute all finite differences beside the interface; the newest net wins."""
        if self._task is not None:
            self._task.stop()
        setup, self._problem = self.setup, ""
        wanted = [step.of for step in self.steps if step.of]

        def work(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
            chain, x, y = setup.make()
            found: dict[str, Array] = {}
            for of in wanted:
                if stop.is_set():
                    return
                found = found | {of: finite_differences(chain, x, y, of)}
                put((setup, found))

        def update(found: tuple[Setup, dict[str, Array]]) -> None:
            if found[0] == self.setup:
                self.differences = found[1]
                self._draw()

        def end(error: BaseException | None) -> None:
            if self._task is task:
                self._task = None
                self._problem = str(error) if error is not None else ""

        task = self.context.background.start(_tr("Finite differences"), work, update, end, heavy=False)
        self._task = task

    def _draw(self) -> None:
        step = self.step
        self.strip.set_key(step.name)
        self.before.setEnabled(self.at > 0)
        self.line.set_text(formula(step))
        self.words.set_text(step.words[:1].upper() + step.words[1:] + ".")
        cost = _tr("{shapes}; {count:,} multiplications").format(shapes=step.shapes, count=step.multiplications)
        self.shapes.set_text(cost if step.multiplications else step.shapes)
        tables = [(_tr("backpropagation") if step.of else _tr("value"), np.atleast_2d(step.value))]
        if step.of in self.differences:
            tables.append((_tr("finite differences"), np.atleast_2d(self.differences[step.of])))
        self.values.show_tables(tuple(tables), self._cell)
        known = self.steps[: self.at + 1]
        values = {0: self.example} | {int(s.name[1:]): s.value for s in known if not s.of and s.name[0] == "A"}
        errors = {int(s.of[1:]): s.value for s in known if s.of[:1] == "A"}
        loss = next((float(s.value) for s in known if s.name == "loss"), None)
        self.net.show_step(self.chain.weights, values, errors, loss, self._lit(step))
        self.net.set_described(self.describe())

    def _lit(self, step: Step) -> Lit:
        """Return what a step is about in the drawing."""
        of, back = step.of or step.name, step.direction == "backward"
        if of == "loss":
            return Lit(layer=len(self.chain.weights) + 1)
        kind, layer = of[0], int(of[1:])
        cell: tuple[int, ...] = ()
        if self._cell is not None:
            cell = self._cell if kind == "W" else (self._cell[1],)
        if kind == "W":
            return Lit(weights=layer, backward=back, cell=cell)
        if back and kind == "A" and layer < len(self.chain.weights):
            return Lit(layer, layer + 1, back, cell)  # the error came along the weights behind
        return Lit(layer, layer if kind == "L" and not back else 0, back, cell)

    def _cost_words(self) -> str:
        back, front = order_costs(NETS[self.setup.net])
        return _tr("back to front {back:,} multiplications, front to back {front:,}").format(back=back, front=front)

    def _table(self) -> Table:
        tables = self.values.tables()
        return [(title, np.arange(values.size, dtype=np.float64), values.ravel()) for title, values in tables]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words out where there is hardly room: the sentence below has them."""
        super().resizeEvent(event)
        high = self.height() >= tokens.current().px(LOW_PX)
        self.words.setVisible(high)
        self.shapes.setVisible(high)

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(0.5))
        self._both.setSpacing(current.space(2))
        self._side.setSpacing(current.space(0.75))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)


VIEW = BackpropView
