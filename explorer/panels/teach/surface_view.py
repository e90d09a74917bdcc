"""Surface: the loss of the very network being trained, over a plane through its weights, with the path it took."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.panels.base import HelpEntry
from explorer.panels.teach.surface_map import Ground, SurfaceMap, Track
from explorer.panels.teach.surface_work import Surface, Wanted, compute, interpolated, thinned
from explorer.panels.teach.views import TeachView
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.number_chip import NumberChip
from widgets.segmented import Segmented
from widgets.state_box import StateBox
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Task
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession
    from widgets.plot_export import Table

LEAST_STATES = 3
KINDS = ("random", "pca")
MOST_SEED = 999


class SurfaceView(TeachView):
    """The landscape, drawn when the view is looked at and when it is asked for.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run: its snapshots are the path.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        self.kind, self.seed = KINDS[0], 1
        self.surface: Surface | None = None
        self._task: Task | None = None
        self._problem = ""
        self._due = True
        words = [("random", _tr("Random plane")), ("pca", _tr("Plane of the path (PCA)"))]
        self.kinds = Segmented(words, label=_tr("Plane"))
        self.other = QPushButton(_tr("Another plane"))
        self.again = QPushButton(_tr("Draw again"))
        self.map = SurfaceMap(_tr("Loss around the network"))
        self.length = NumberChip(_tr("of the path's length lies in this plane"), size="medium", widest="100")
        self.spread = NumberChip(_tr("of its squared distance"), size="small", widest="100")
        self.loss = NumberChip(_tr("loss at its end"), size="small", widest="0.0000")
        self.grid = NumberChip(_tr("losses computed"), size="small", widest="1,089")
        self.state = StateBox()
        self._lay_out()
        self.kinds.chosen.connect(self.choose_kind)
        self.other.clicked.connect(self.another)
        self.again.clicked.connect(self.compute)
        self.state.actionRequested.connect(self._on_action)
        ExportMenu(self.map, self._table, _tr("place on the first direction"), self)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.renew()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self.kinds, 1)
        self._head.addWidget(self.other)
        self._head.addWidget(self.again)
        self._known = QWidget()
        self._both = QHBoxLayout(self._known)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._side = QVBoxLayout()
        for chip in (self.length, self.spread, self.loss, self.grid):
            self._side.addWidget(chip)
        self._side.addStretch(1)
        self._both.addWidget(self.map, 1)
        self._both.addLayout(self._side)
        self.page.addLayout(self._head)
        self.page.addWidget(self.state, 1)
        self.page.addWidget(self._known, 1)

    # -- what the panel asks -----------------------------------------------------------------------------------------

    def activate(self) -> None:
        """Become visible: draw the run as it is now."""
        super().activate()
        self.session.start()
        self._due = True

    def renew(self) -> None:
        """Follow the run: a new one makes the landscape of another network."""
        view, surface = self.session.view, self.surface
        if surface is not None and view is not None and view.generation != surface.wanted.generation:
            self.surface, self._problem = None, ""
            self.map.show_ground(None)
        if self._due and self._wanted() is not None:
            self._due = False
            if self.behind() > 0:
                self.compute()
        self._draw()

    def behind(self) -> int:
        """Give how many steps the run has made since the landscape was drawn."""
        states = self.session.live.states if self.session.live is not None else ()
        if not states or self.surface is None:
            return states[-1].step if states else 0
        return abs(states[-1].step - self.surface.wanted.states[-1].step)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self._problem:
            return self._problem
        if self.surface is None:
            return self._empty()[1]
        projection, behind = self.surface.projection, self.behind()
        plane = _tr("random plane, filter-normalised") if self.kind == "random" else _tr("plane of the path")
        losses = self.surface.heights.losses
        finite = losses[np.isfinite(losses)]
        if not len(finite):
            return _tr(
                "No loss in this plane is a finite number: go back to a step before the run left, and draw again."
            )
        told = _tr(
            "{plane}: {length:.0f} % of the path's length and {squared:.0f} % of its squared distance lie in it; loss "
            "{low:.3g} to {high:.3g} in the picture"
        ).format(
            plane=plane[:1].upper() + plane[1:],
            length=100 * projection.length_share,
            squared=100 * projection.variance_share,
            low=float(finite.min()),
            high=float(finite.max()),
        )
        return told + (_tr("; the run is {steps} steps further.").format(steps=behind) if behind else ".")

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the map."""
        return (self.map,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return every loss by its place in the plane, and the path."""
        if self.surface is None:
            return []
        rows: list[tuple[object, ...]] = [("what", "step", "first direction", "second direction", "loss")]
        sides = self.surface.heights.sides
        for (row, column), loss in np.ndenumerate(self.surface.heights.losses):
            rows.append(("loss", "", float(sides[column]), float(sides[row]), float(loss)))
        for state, place in zip(self.surface.wanted.states, self.surface.projection.places, strict=True):
            rows.append(("path", state.step, float(place[0]), float(place[1]), ""))
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.map,
                _tr("Loss around the network"),
                _tr(
                    "The height is the training loss with the weights moved in two directions; the cross is the network"
                    " now. In a random plane each unit moves as far as its own weights are long."
                ),
                lambda: f"L(w + a d₁ + b d₂);  {self.describe()}",
                "7.2.3",
            ),
            HelpEntry(
                self.length,
                _tr("How much of the path"),
                _tr("The path goes through as many dimensions as there are weights; a plane shows a part of it."),
                lambda: _tr("Σ |step in the plane| / Σ |step|"),
            ),
            HelpEntry(
                self.kinds,
                _tr("Plane"),
                _tr("Random: shows the surroundings. PCA: the two directions in which the weights moved most."),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what differs from the start."""
        saved: dict[str, Any] = {"kind": self.kind} if self.kind != KINDS[0] else {}
        return saved | ({"seed": self.seed} if self.seed != 1 else {})

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        kind, seed = saved.get("kind", KINDS[0]), saved.get("seed", 1)
        if kind not in KINDS or isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MOST_SEED:
            raise ExplorerError("In the view Surface, 'kind' or 'seed' does not fit.")
        self.seed = seed
        self.choose_kind(kind)

    def shutdown(self) -> None:
        """Stop computing."""
        if self._task is not None:
            self._task.stop()

    # -- what the user does ------------------------------------------------------------------------------------------

    @Slot(str)
    def choose_kind(self, kind: str) -> None:
        """Look at another kind of plane."""
        self.kind = kind
        self.kinds.set_key(kind)
        self.compute()

    @Slot()
    def another(self) -> None:
        """Look at another random plane: what one shows another may not."""
        self.seed = (self.seed + 1) % (MOST_SEED + 1)
        self.compute()

    @Slot()
    def compute(self) -> None:
        """Draw the run as it is now; the newest request wins."""
        wanted = self._wanted()
        if wanted is None:
            self._draw()
            return
        if self._task is not None:
            self._task.stop()
        self._problem = ""

        def update(found: Surface) -> None:
            if self._task is task:
                self.surface = found
                self.map.show_ground(self._ground(found))
                self._draw()

        def end(error: BaseException | None) -> None:
            if self._task is task:
                self._task = None
                self._problem = str(error) if error is not None else ""
                self._draw()

        title = _tr("Loss surface")
        task = self.context.background.start(title, partial(compute, wanted), update, end)
        self._task = task
        self._draw()

    @Slot()
    def _on_action(self) -> None:
        """Let the run go on, from the empty picture."""
        self.session.play()
        self._due = True

    # -- inside ------------------------------------------------------------------------------------------------------

    def _wanted(self) -> Wanted | None:
        """Return what there is to draw; None while the run has hardly begun."""
        live, view = self.session.live, self.session.view
        if live is None or view is None:
            return None
        states = thinned(live.states)
        if len(states) < LEAST_STATES or states[-1].step == 0:
            return None
        return Wanted(view.blueprint, view.settings, view.data, states, view.generation, self.kind, self.seed)

    def _ground(self, surface: Surface) -> Ground:
        end = surface.projection.places[-1:]
        axes = ("d₁", "d₂")
        return Ground(interpolated(surface), (surface.reach, surface.reach), bounded=True, lowest=end, axes=axes)

    def _empty(self) -> tuple[str, str, str]:
        """Return state, words and button of a picture that is not there."""
        if self.session.problem:
            return "failed", self.session.problem, ""
        if self._problem:
            return "failed", self._problem, ""
        if self._task is not None:
            return "loading", _tr("The losses around the network are being computed, coarse to fine."), ""
        if self.session.view is None:
            return "loading", _tr("The trainer is being loaded."), ""
        if self.session.playing:
            return "estimating", _tr("The network has just begun to learn: its path appears in a moment."), ""
        words = _tr("No path yet: let the network learn for some steps, and its way over the loss appears here.")
        return "empty", words, _tr("Train")

    def _draw(self) -> None:
        surface = self.surface
        there = surface is not None and not self._problem
        self._known.setVisible(there)
        self.state.setVisible(not there)
        self.other.setEnabled(self.kind == "random")
        self.again.setEnabled(self._wanted() is not None)
        if surface is None or not there:
            kind, words, action = self._empty()
            self.state.set_state(kind, words, action=action)
            return
        projection, heights = surface.projection, surface.heights
        source = _tr("from {count} snapshots of this run").format(count=len(surface.wanted.states))
        self.length.set_value(f"{100 * projection.length_share:.0f}", "%", "measured", source)
        self.spread.set_value(f"{100 * projection.variance_share:.0f}", "%", "measured", source)
        middle = float(heights.losses[len(heights.sides) // 2, len(heights.sides) // 2])
        self.loss.set_value(
            f"{middle:.4g}", "", "measured", _tr("on up to 500 training examples, as the network is now")
        )
        done = f"{heights.computed:,}" if heights.computed == heights.finest else f"{heights.computed:,} …"
        self.grid.set_value(done, "", "measured", _tr("of {all:,}").format(all=heights.finest))
        self.map.show_tracks((Track("", projection.places, "data1", 0, dots=True),))
        self.map.set_described(self.describe())

    def _table(self) -> Table:
        if self.surface is None:
            return []
        sides, losses = self.surface.heights.sides, self.surface.heights.losses
        return [
            (_tr("second direction {at:.3g}").format(at=at), sides, row) for at, row in zip(sides, losses, strict=True)
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the one number that says how much to trust the picture where there is hardly room."""
        super().resizeEvent(event)
        high = self.height() >= tokens.current().px(260)
        for chip in (self.spread, self.loss, self.grid):
            chip.setVisible(high)

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(1))
        self._both.setSpacing(current.space(2))
        self._side.setSpacing(current.space(2))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)


VIEW = SurfaceView
