"""The controls of the Descent view: the bowl or the race, the step, and where it starts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from widgets import tokens
from widgets.card import Card
from widgets.slider import ValueSlider
from widgets.switch import Switch
from widgets.tokens import Tokens

SLIDERS = {
    "rate": 1.7,
    "rate_two": 0.23,
    "rate_race": 0.02,
    "momentum": 0.0,
    "flat": 1.0,
    "steep": 8.0,
    "condition": 50.0,
    "noise": 1.0,
}
"""Where the sliders stand at the start."""


class DescentCards(QWidget):
    """Rate and momentum; curvatures of the bowl; condition or noise of the race, and who chooses the rate."""

    changed = Signal()
    """The user moved something."""
    resetAsked = Signal()
    """The user asked for the start settings."""

    def __init__(self) -> None:
        super().__init__()
        self.step = Card(_tr("Step"), foldable=True)
        self.rates = {
            name: ValueSlider(_tr("Learning rate η"), 0.001, 10, SLIDERS[name], step=0.02, logarithmic=True)
            for name in ("rate", "rate_two", "rate_race")
        }
        self.momentum = ValueSlider(_tr("Momentum"), 0, 0.98, SLIDERS["momentum"], step=0.01)
        self.own = Switch(_tr("Each its best rate"), checked=True)
        for widget in (*self.rates.values(), self.momentum, self.own):
            self.step.add(widget)
        self.ground = Card(_tr("Ground"), foldable=True)
        self.flat = ValueSlider(_tr("Curvature λ"), 0.1, 20, SLIDERS["flat"], step=0.05, logarithmic=True)
        self.steep = ValueSlider(_tr("Curvature λ₂"), 0.1, 100, SLIDERS["steep"], step=0.05, logarithmic=True)
        self.condition = ValueSlider(
            _tr("Steeper across than along"), 1, 1000, SLIDERS["condition"], step=0.05, logarithmic=True
        )
        self.noise = ValueSlider(_tr("Noise of each gradient"), 0, 5, SLIDERS["noise"], step=0.05)
        for widget in (self.flat, self.steep, self.condition, self.noise):
            self.ground.add(widget)
        self.again = QPushButton(_tr("Start settings"))
        self.again.clicked.connect(self.resetAsked)
        for slider in self.sliders().values():
            slider.valueChanged.connect(self._on_changed)
        self.own.clicked.connect(self._on_changed)
        self._column = QVBoxLayout(self)
        for part in (self.step, self.ground, self.again):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self._unfollow = tokens.follow(self._apply_tokens)

    def sliders(self) -> dict[str, ValueSlider]:
        """Return the sliders by the name that they are saved under."""
        return {
            **self.rates,
            "momentum": self.momentum,
            "flat": self.flat,
            "steep": self.steep,
            "condition": self.condition,
            "noise": self.noise,
        }

    def rate(self, mode: str) -> ValueSlider:
        """Give the slider of the learning rate in a mode: each keeps its own."""
        return self.rates[{"one": "rate", "two": "rate_two"}.get(mode, "rate_race")]

    def show_mode(self, mode: str) -> None:
        """Show what belongs to a mode: "one", "two", "ravine", "saddle" or "noise"."""
        race = mode not in ("one", "two")
        self.own.setVisible(race)
        self.momentum.set_disabled_reason(_tr("In the race momentum and Nesterov keep 0.9.") if race else None)
        alone = race and self.own.isChecked()
        for slider in self.rates.values():
            slider.setVisible(slider is self.rate(mode))
        self.rates["rate_race"].set_disabled_reason(_tr("Each runs with the best of ten rates.") if alone else None)
        self.flat.setVisible(not race)
        self.steep.setVisible(mode == "two")
        self.condition.setVisible(mode == "ravine")
        self.noise.setVisible(mode == "noise")
        self.ground.setVisible(mode != "saddle")

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
