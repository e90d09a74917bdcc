"""The controls of the Labs view: first weights over depth, and activations in a chain."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.panels.teach import wording
from explorer.panels.view import Words
from widgets import tokens
from widgets.card import Card
from widgets.choice import Choice
from widgets.slider import ValueSlider
from widgets.tokens import Tokens

SLIDERS = {"sigma": 0.01, "depth": 20.0, "width": 128.0, "layers": 6.0, "x": 0.5}
"""Where the sliders stand at the start."""
CHOICES = {"initialisation": "normal", "activation": "tanh", "slope_of": "sigmoid"}
"""What is chosen at the start."""


def initialisations() -> dict[str, str]:
    """Return the initialisations of the laboratory by name."""
    return wording.initialisations() | {"uniform": _tr("Uniform, −1 to 1")}


class LabsCards(QWidget):
    """One card for each laboratory, of which one is shown."""

    changed = Signal()
    """The user moved something."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = Card(_tr("First weights"), foldable=True)
        self.slopes = Card(_tr("Activations"), foldable=True)
        self._words = {
            "initialisation": initialisations(),
            "activation": wording.activations(),
            "slope_of": wording.activations(),
        }
        self.choices = {name: Choice(label) for name, label in _labels().items()}
        self.sliders = {
            "sigma": ValueSlider(_tr("Sigma"), 0.001, 2, SLIDERS["sigma"], step=0.05, logarithmic=True),
            "depth": ValueSlider(_tr("Layers"), 2, 50, SLIDERS["depth"], step=1),
            "width": ValueSlider(_tr("Units in each"), 8, 256, SLIDERS["width"], step=8),
            "layers": ValueSlider(_tr("Layers L"), 1, 30, SLIDERS["layers"], step=1),
            "x": ValueSlider(_tr("First input x"), -6, 6, SLIDERS["x"], step=0.1),
        }
        for name, choice in self.choices.items():
            card = self.slopes if name == "slope_of" else self.weights
            choice.addItems(list(self._words[name].values()))
            card.add(Words(choice.accessibleName(), size_px=12, role="quiet_ink"))
            card.add(choice)
            choice.activated.connect(self._on_changed)
        for name, slider in self.sliders.items():
            (self.slopes if name in ("layers", "x") else self.weights).add(slider)
            slider.valueChanged.connect(self._on_changed)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.weights)
        self._column.addWidget(self.slopes)
        self._column.addStretch(1)
        self._unfollow = tokens.follow(self._apply_tokens)
        for name, key in CHOICES.items():
            self.choose(name, key)

    def chosen(self, name: str) -> str:
        """Give what is chosen in a list."""
        return tuple(self._words[name])[self.choices[name].currentIndex()]

    def choose(self, name: str, key: str) -> None:
        """Choose in a list without a signal.

        Raises
        ------
        ValueError
            If the list has no such entry.
        """
        self.choices[name].setCurrentIndex(tuple(self._words[name]).index(key))
        self._show()

    def pick(self, name: str, key: str) -> None:
        """Choose in a list as a person does."""
        self.choose(name, key)
        self.changed.emit()

    def number(self, name: str) -> float:
        """Give where a slider stands."""
        return self.sliders[name].value()

    def show_lab(self, lab: str) -> None:
        """Show the card of a laboratory: "weights" or "slopes"."""
        self.weights.setVisible(lab == "weights")
        self.slopes.setVisible(lab == "slopes")

    def _show(self) -> None:
        sigma = self.chosen("initialisation") in ("normal", "constant")
        self.sliders["sigma"].set_disabled_reason(None if sigma else _tr("The formula sets it."))

    @Slot()
    def _on_changed(self) -> None:
        self._show()
        self.changed.emit()

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)


def _labels() -> dict[str, str]:
    return {
        "initialisation": _tr("Initialisation"),
        "activation": _tr("Activation of every layer"),
        "slope_of": _tr("Activation"),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
