"""The inspector of the Teach panel: cards of knobs, most used first; each takes effect before the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.base import HelpEntry
from explorer.panels.teach import wording
from explorer.panels.teach.knobs import ChoiceKnob, KnobCard, SliderKnob, SwitchKnob
from explorer.panels.teach.more_cards import KeywordCard, MemoryCard
from explorer.panels.teach.pencil import Pencil
from explorer.panels.teach.saving import PACE_STEPS_PER_S
from explorer.panels.teach.session import FASTEST_STEPS_PER_S, KEYWORDS
from explorer.panels.view import Words
from widgets import tokens
from widgets.slider import ValueSlider
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession

MOST_LAYERS, MOST_UNITS = 10, 32
MOST_SEED = 99


class RunCard(KnobCard):
    """What is learned, how fast, and from which random numbers."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__(_tr("Run"))
        self.put(ChoiceKnob("task", session.choose_task, _tr("Task"), wording.tasks()))
        self.speed = ValueSlider(
            _tr("Speed"),
            1,
            FASTEST_STEPS_PER_S,
            PACE_STEPS_PER_S,
            step=0.1,
            logarithmic=True,
            text=speed_text,
        )
        self.speed.valueChanged.connect(session.set_speed)
        self.add(self.speed)
        self.put(SliderKnob("seed", session.rebuild, _tr("Seed"), 0, MOST_SEED, 1, whole=True, step=1))


class NetworkCard(KnobCard):
    """Activation, layers and first weights of a small network."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__(_tr("Network"))
        self._session = session
        self.put(ChoiceKnob("activation", session.change, _tr("Activation"), wording.activations()))
        self.layers = ValueSlider(_tr("Hidden layers"), 0, MOST_LAYERS, 2, step=1)
        self.units = ValueSlider(_tr("Units in each"), 1, MOST_UNITS, 12, step=1)
        self.layers.valueChanged.connect(self._on_shape)
        self.units.valueChanged.connect(self._on_shape)
        self.add(self.layers)
        self.add(self.units)
        self.put(ChoiceKnob("initialisation", session.rebuild, _tr("First weights"), wording.initialisations()))
        self.sigma = SliderKnob(
            "sigma", session.rebuild, _tr("Sigma, or the constant"), 0.001, 2.0, 1.0, step=0.05, logarithmic=True
        )
        self.put(self.sigma)
        self.put(SwitchKnob("batch_norm", session.rebuild, _tr("Batch norm")))

    def show_fields(self, fields: Any) -> None:
        """Show what is in force; layers of different widths are shown by the widest."""
        super().show_fields(fields)
        if hasattr(fields, "hidden"):
            self.layers.set_value(len(fields.hidden))
            if fields.hidden:
                self.units.set_value(max(fields.hidden))
            self.sigma.setVisible(fields.initialisation in ("normal", "constant"))

    @Slot()
    def _on_shape(self) -> None:
        self._session.rebuild(hidden=(round(self.units.value()),) * round(self.layers.value()))


class LearningCard(KnobCard):
    """How far a step goes, in which direction, and how many examples it looks at."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__(_tr("Learning"))
        self._session = session
        self.put(
            SliderKnob(
                "learning_rate", session.change, _tr("Learning rate"), 1e-5, 100, 0.1, step=0.05, logarithmic=True
            )
        )
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(_tr("or type a learning rate"))
        self.typed.setAccessibleName(_tr("Learning rate, typed"))
        self.typed.returnPressed.connect(self._on_typed)
        self.add(self.typed)
        self.put(ChoiceKnob("optimizer", session.change, _tr("Optimizer"), wording.optimizers()))
        self.put(SliderKnob("momentum", session.change, _tr("Momentum"), 0, 0.99, 0.9, step=0.01))
        self.put(SliderKnob("batch", session.change, _tr("Batch"), 1, 512, 32, whole=True, step=0.08, logarithmic=True))

    def show_fields(self, fields: Any) -> None:
        """Show what is in force; momentum only where the optimizer has one."""
        super().show_fields(fields)
        if hasattr(fields, "optimizer"):
            self.knobs["momentum"].setVisible(fields.optimizer in ("momentum", "nesterov"))

    @Slot()
    def _on_typed(self) -> None:
        text = self.typed.text().strip().replace(",", ".").replace("−", "-")
        try:
            rate = float(text)
        except ValueError:
            self._session.context.notify(
                _tr("The learning rate {text!r:.20} is no number: type one like 0.03.").format(text=text), None, "warn"
            )
            return
        self._session.change(learning_rate=rate)
        self.typed.clear()


class MoreCard(KnobCard):
    """What keeps a network from learning by heart, and the format of its numbers."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__(_tr("Schedule, penalties, precision"), folded=True)
        change = session.change
        self.put(ChoiceKnob("schedule", change, _tr("Schedule"), wording.schedules()))
        self.put(
            SliderKnob(
                "schedule_steps", change, _tr("over steps"), 100, 100_000, 5000, whole=True, step=0.1, logarithmic=True
            )
        )
        for name, label in (("l1", _tr("L1 penalty")), ("l2", _tr("L2 penalty"))):
            self.put(SliderKnob(name, change, label, 0, 0.05, 0, step=0.0005))
        self.put(SliderKnob("dropout", change, _tr("Dropout"), 0, 0.9, 0, step=0.05))
        self.put(
            SliderKnob(
                "patience", change, _tr("Early stopping after"), 0, 100, 0, whole=True, step=1, text=patience_text
            )
        )
        self.put(ChoiceKnob("precision", change, _tr("Numbers"), wording.precisions()))
        self.scale = SliderKnob("loss_scale", change, _tr("Loss scale"), 0, 65_536, 1, step=1, text=scale_text)
        self.put(self.scale)

    def show_fields(self, fields: Any) -> None:
        """Show what is in force."""
        super().show_fields(fields)
        if hasattr(fields, "precision"):
            self.scale.setVisible(fields.precision == "fp16")
            self.knobs["schedule_steps"].setVisible(fields.schedule != "constant")


class DataCard(KnobCard):
    """The points: how many, how noisy, and spoilt in which way; and a pencil for points of one's own."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__(_tr("Points"), folded=True)
        change = session.change
        self.pencil = Pencil(session)
        self.add(self.pencil)
        self.put(SliderKnob("count", change, _tr("Count"), 20, 5000, 400, whole=True, step=0.05, logarithmic=True))
        self.put(SliderKnob("noise", change, _tr("Noise"), 0, 0.5, 0.05))
        self.put(SliderKnob("label_noise", change, _tr("Wrong labels"), 0, 0.5, 0, text=percent))
        self.put(SliderKnob("leak", change, _tr("Validation points also trained on"), 0, 1, 0, text=percent))
        self.put(SliderKnob("imbalance", change, _tr("Left out of other classes"), 0, 0.99, 0, text=percent))

    def show_fields(self, fields: Any) -> None:
        """Show what is in force."""
        super().show_fields(fields)
        if hasattr(fields, "points"):
            self.pencil.show_count(len(fields.points))


class Inspector(QWidget):
    """A column of cards.

    Parameters
    ----------
    context, session
        The application, and the run.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__()
        self._session = session
        self._shown: tuple[object, ...] = ()
        self.run = RunCard(session)
        self.network = NetworkCard(session)
        self.learning = LearningCard(session)
        self.more = MoreCard(session)
        self.data = DataCard(session)
        self.guess = QPushButton(_tr("Guess first: what is wrong with it?"))
        self.save = QPushButton(_tr("Save the network …"))
        self.start_again = QPushButton(_tr("Back to the start set-up"))
        self.start_again.clicked.connect(session.leave_preset)
        self.hint = Words(_tr("Every knob works while it trains."), size_px=12, role="quiet_ink")
        self.keywords = KeywordCard(session)
        self.memory = MemoryCard()
        self.cards = (self.run, self.network, self.keywords, self.learning, self.data, self.more)
        self._column = QVBoxLayout(self)
        for card in (*self.cards, self.memory):
            self._column.addWidget(card)
        self._column.addWidget(self.hint)
        for button in (self.guess, self.save, self.start_again):
            self._column.addWidget(button)
        self._column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._enable(False)
        session.when_ready(lambda: self._enable(True))

    def on_frame(self, now_s: float) -> None:
        """Show what is in force where it has changed."""
        session = self._session
        if not session.ready:
            return
        shown = (session.blueprint, session.settings, session.speed)
        if shown != self._shown:
            self._shown = shown
            for card in self.cards:
                card.show_fields(session.blueprint)
                card.show_fields(session.settings)
            self.run.speed.set_value(session.speed)
            words = session.blueprint.task == KEYWORDS
            self.network.setVisible(not words)
            self.keywords.setVisible(words)

    def on_slow_tick(self) -> None:
        """Renew what is text."""
        view = self._session.view
        if view is not None:
            self.memory.show_view(view)
            self.keywords.show_view(view)

    def change_speed(self, factor: float) -> None:
        """Make the run faster or slower by a factor."""
        self._session.set_speed(min(max(1.0, self._session.speed * factor), FASTEST_STEPS_PER_S))

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the cards with their meaning."""
        session = self._session
        return (
            HelpEntry(
                self.learning.knobs["learning_rate"],
                _tr("Learning rate"),
                _tr("How far a step goes against the gradient. Too far climbs, too little takes for ever."),
                lambda: f"w ← w − η ∂L/∂w,  η = {session.settings.learning_rate:.3g}" if session.ready else "",
                _tr("chapter 7"),
            ),
            HelpEntry(
                self.network.knobs["activation"],
                _tr("Activation"),
                _tr("Going back, the error is multiplied by the slope of every activation on its way."),
                lambda: _tr("sigmoid: slope at most 0.25; ReLU: 1 where it is awake, 0 where not"),
                _tr("chapter 6"),
            ),
        )

    def _enable(self, ready: bool) -> None:
        for card in self.cards:
            card.setEnabled(ready)

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)


def speed_text(value: float) -> str:
    """Print a speed; at the end of the scale there is none."""
    return (
        _tr("as fast as it goes") if value >= FASTEST_STEPS_PER_S else _tr("{count:,.0f} steps/s").format(count=value)
    )


def percent(value: float) -> str:
    """Print a share."""
    return f"{100 * value:.0f} %"


def patience_text(value: float) -> str:
    """Print after how many looks without a better loss a run stops."""
    return _tr("never") if value < 0.5 else _tr("{count:.0f} looks").format(count=value)


def scale_text(value: float) -> str:
    """Print a loss scale; 0 adapts itself."""
    return _tr("adapts itself") if value < 0.5 else f"{value:,.0f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
