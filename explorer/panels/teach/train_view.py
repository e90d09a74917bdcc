"""Train: the thing learned beside its loss, and under them how much of the error reaches each layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from explorer.engine.kws.labels import LABELS
from explorer.panels.base import HelpEntry
from explorer.panels.teach import wording
from explorer.panels.teach.illness_check import IllnessCheck
from explorer.panels.teach.loss_plot import Curves
from explorer.panels.teach.session import KEYWORDS
from explorer.panels.teach.stage import Stage
from explorer.panels.teach.views import TeachView
from widgets import tokens

if TYPE_CHECKING:
    from explorer.engine.training.history import History
    from explorer.engine.training.view import View as RunView
    from explorer.panels.base import Context
    from explorer.panels.teach.pencil import Pencil
    from explorer.panels.teach.session import TeachSession


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that the present one is compared with.

    Parameters
    ----------
    words
        How it was set up.
    quantity
        Whether its curves are "loss" or "accuracy".
    curves
        Training and validation.
    reach
        How much of its gradient reached the first layer, as printed.
    by_hand
        Whether the user keeps it; otherwise it is the run before.
    """

    words: str
    quantity: str
    curves: tuple[Curves, Curves]
    reach: str
    by_hand: bool


FIRST_END = 50.0
GROWTH = 1.25
LOW_PX = 330
NETWORK_EVERY, WORDS_EVERY = 4, 6  # frames: eyes follow a curve, not fifty units
_LOOK = {
    "deep-sigmoid": "heat",
    "rate-x30": "loss",
    "bad-initialisation": "heat",
    "dead-relu": "heat",
    "fp16-underflow": "heat",
    "label-noise": "loss",
    "leakage": "loss",
    "imbalance": "map",
}


class TrainView(TeachView):
    """The opening picture.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        self.stage = Stage(session)
        self.check = IllnessCheck(context)
        self.page.addWidget(self.check, 1)
        self.page.addWidget(self.stage, 1)
        self.check.closed.connect(self.stage.show)
        self._drawn: RunView | None = None
        self._data: object = None
        self._generation = 0
        self._end = FIRST_END
        self._turn = 0
        self.kept: Kept | None = None
        stage = self.stage
        stage.transport.keep.clicked.connect(self.keep_or_forget)
        stage.scrubber.scrubbed.connect(session.scrub)
        stage.presets.lookAsked.connect(self._on_look)
        self.lend(stage.loss)

    def activate(self) -> None:
        """Become visible: load torch if it is not, and draw what was missed."""
        super().activate()
        self.session.start()

    def renew(self) -> None:
        """Draw the run; while it plays, the pictures take turns, since together they would take a frame too long."""
        session, stage = self.session, self.stage
        stage.show_state()
        view, history = session.view, session.history
        if view is None or history is None:
            return
        another = view.generation != self._generation
        if another:
            if self.kept is None or not self.kept.by_hand:
                self._keep(by_hand=False)
            self._generation, self._end = view.generation, FIRST_END
        self._turn += 1
        still = another or view.mode != "playing"
        if still or self._turn % 2 == 0:
            self._show_time(view, history)
        if view is not self._drawn and (still or self._turn % 2 == 1):
            self._drawn = view
            self._show_learned(view)
        if still or self._turn % NETWORK_EVERY == 1:
            stage.network.show_network(view.weights, view.gradients, view.units, view.unit_maps)
            stage.picked.renew(view.step)
        if still or self._turn % WORDS_EVERY == 0:
            stage.presets.renew()
            stage.transport.renew()
            stage.map.set_described(self.describe())
        self._ring()

    def _show_time(self, view: RunView, history: History) -> None:
        """Draw what has a time axis."""
        stage = self.stage
        while view.head > self._end:
            self._end *= GROWTH
        marker = view.step if view.step < view.head else None
        settings = view.settings
        spoilt = bool(settings.label_noise or settings.leak or settings.imbalance)
        stage.loss.show_history(history, self._end, marker, spoilt)
        stage.heat.show_values(history.probe_step, history.probed("gradient_rms"), self._end, marker)
        stage.reach.show_newest(stage.heat.newest())
        stage.scrubber.show_run(view.step, view.head, self._end, self._ticks())

    def take_tools_of(self, pencil: Pencil) -> None:
        """Let the mouse draw and wipe over the plane."""
        pencil.taken.connect(self.stage.map.set_tool)
        self.stage.map.drawn.connect(pencil.draw)
        self.stage.map.erased.connect(pencil.erase)

    @Slot()
    def keep_or_forget(self) -> None:
        """Keep the run as B, or forget B."""
        if self.kept is not None and self.kept.by_hand:
            self.kept = None
            self._show_kept()
        elif self._drawn is not None:
            self._keep(by_hand=True)

    def turn_quantity(self) -> None:
        """Show accuracy in place of loss, or loss in place of accuracy."""
        self.stage.loss.show_quantity("loss" if self.stage.loss.quantity == "accuracy" else "accuracy")
        self._show_kept()
        if self.session.view is not None and self.session.history is not None:
            self._show_time(self.session.view, self.session.history)

    def ask_illness(self) -> None:
        """Ask which illness a heat map shows, in the place of the run."""
        if self.session.ready:
            self.session.pause()
            self.stage.hide()
            self.check.ask()

    def _keep(self, *, by_hand: bool) -> None:
        """Keep what is drawn as a former run."""
        stage, drawn = self.stage, self._drawn
        curves = stage.loss.drawn()
        if drawn is None or len(curves[0][0]) < 2:
            return
        words = wording.set_up(drawn.blueprint, drawn.settings)
        self.kept = Kept(words, stage.loss.quantity, curves, stage.reach.shown(), by_hand)
        self._show_kept()

    def _show_kept(self) -> None:
        stage, kept = self.stage, self.kept
        by_hand = kept is not None and kept.by_hand
        stage.transport.show_kept(by_hand)
        if kept is None or kept.quantity != stage.loss.quantity:
            stage.loss.show_former(None, "")
        else:
            stage.loss.show_former(kept.curves, f"B: {kept.words}" if by_hand else self.tr("before"))
        stage.reach.show_other(kept.words if kept is not None and by_hand else "", kept.reach if kept else "")

    def _ticks(self) -> tuple[tuple[int, str], ...]:
        changes = self.session.run.changes
        return tuple((change.step, f"{change.name.replace('_', ' ')} = {change.value}") for change in changes)

    def _show_learned(self, view: RunView) -> None:
        from explorer.engine.training.tasks2d import EXTENT

        stage, data = self.stage, view.data
        words = view.blueprint.task == KEYWORDS
        stage.show_words(words)
        if words:
            score = view.scores.get("validation")
            stage.recall.show_recall(LABELS, score.recall if score is not None and view.step else ())
            return
        stage.map.show_map(view.decision_map, data.classes, EXTENT)
        if data is not self._data and view.decision_map is not None:
            self._data = data
            stage.map.show_points(
                data.train_x.numpy(), data.train_y.numpy(), data.validation_x.numpy(), data.validation_y.numpy()
            )

    def _ring(self) -> None:
        """Lead the eye to where the illness shows, while the user asks for it."""
        preset, stage = self.session.preset, self.stage
        stage.show_curves(preset is not None and _LOOK[preset.key] == "loss")
        place = ""
        if preset is not None and not self.session.mended and stage.presets.look.isChecked():
            place = _LOOK[preset.key]
        stage.heat.ring(place == "heat")
        stage.map.ring(place == "map")
        stage.ring_loss(place == "loss")

    @Slot()
    def _on_look(self) -> None:
        self._ring()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self.session.problem:
            return self.session.problem
        if self.session.view is None:
            return self.tr("The trainer is being loaded.")
        if self.check.isVisible():
            return self.check.describe()
        low = self.stage.low()  # where words and number have no place of their own, or have one
        found = self.session.findings[0].rule.illness.value if low and self.session.findings else ""
        shown = "" if low and found else self.stage.reach.shown()
        return wording.sentence(self.session.view, shown, found)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show fewer pictures where there is not the height for all."""
        super().resizeEvent(event)
        low = self.height() < tokens.current().px(LOW_PX)
        self.stage.set_low(low)
        self.check.set_low(low)

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the pictures, the heat map first."""
        return self.stage.pictures()

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return every step of the run."""
        from explorer.engine.training.history import COLUMNS

        history = self.session.history
        if history is None or not len(history.column("step")):
            return []
        columns = [history.column(name) for name in COLUMNS]
        rows: list[tuple[object, ...]] = [COLUMNS]
        rows += [tuple("" if value != value else float(value) for value in row) for row in zip(*columns, strict=True)]
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        stage = self.stage
        return (
            HelpEntry(
                stage.heat,
                self.tr("Depth × time"),
                self.tr(
                    "One row for each weight matrix, the first on top; one column for each probed step. The colour is "
                    "the root mean square of the gradient, which does not grow with the layer as its norm does."
                ),
                lambda: f"RMS = √(mean(∂L/∂w)²);  {stage.heat.accessible_value()}",
                self.tr("chapter 7"),
            ),
            HelpEntry(
                stage.reach,
                self.tr("How much reaches the first layer"),
                self.tr("The gradient of the first layer over that of the last one, where the error comes in."),
                lambda: stage.reach.shown(),
            ),
            HelpEntry(
                stage.map,
                self.tr("What was learned"),
                self.tr("Colour: the class at that place, paler where unsure. Filled: trained on. Rings: held out."),
                lambda: self.describe(),
            ),
            HelpEntry(
                stage.network,
                self.tr("The network"),
                self.tr("Units show what they give over the plane; lines are as strong as their gradient. Press one."),
                lambda: stage.network.accessible_value(),
            ),
            HelpEntry(
                stage.loss,
                self.tr("Loss"),
                self.tr("Training loss smoothed over about 20 steps; validation on points that were not trained on."),
                lambda: stage.loss.values_at(float(self.session.view.step if self.session.view else 0)),
            ),
            HelpEntry(
                stage.scrubber,
                self.tr("Time"),
                self.tr("Drag it back to see the run as it was. Playing on from there forgets what came after."),
                lambda: stage.scrubber.accessible_value(),
            ),
        )


VIEW = TrainView
