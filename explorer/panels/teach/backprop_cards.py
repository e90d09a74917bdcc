"""Which net is calculated step by step: its units, its activation, its random numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.engine.training.backprop import DenseChain
from explorer.panels.teach import wording
from explorer.panels.view import Words
from widgets import tokens
from widgets.card import Card
from widgets.choice import Choice
from widgets.segmented import Segmented
from widgets.slider import ValueSlider
from widgets.tokens import Tokens

Array = NDArray[np.float64]
NETS = {"2-3-1": (2, 3, 1), "5-4-1": (5, 4, 1), "100-30-1": (100, 30, 1)}
ACTIVATION, SEED, MOST_SEED = "tanh", 1, 99


@dataclass(frozen=True, slots=True)
class Setup:
    """Which net, which activation, which random numbers."""

    net: str = "2-3-1"
    activation: str = ACTIVATION
    seed: int = SEED

    def make(self) -> tuple[DenseChain, Array, Array]:
        """Return network, input [n_0] and target [n_last]."""
        sizes = NETS[self.net]
        x = np.round(np.random.default_rng(self.seed + 1000).normal(0, 1, sizes[0]), 1)
        return DenseChain.draw(sizes, self.activation, seed=self.seed), x, np.ones(sizes[-1])


class BackpropCards(QWidget):
    """Which net is calculated."""

    def __init__(self) -> None:
        super().__init__()
        self.card = Card(_tr("Network"), foldable=True)
        self.net = Segmented([(key, key.replace("-", "–")) for key in NETS], label=_tr("Units from input to output"))
        self.activation = Choice(_tr("Activation of the hidden layer"))
        self.activation.addItems(list(wording.activations().values()))
        self.seed = ValueSlider(_tr("Seed of weights and input"), 0, MOST_SEED, SEED, step=1)
        self.card.add(self.net)
        self.card.add(Words(self.activation.accessibleName(), size_px=12, role="quiet_ink"))
        self.card.add(self.activation)
        self.card.add(self.seed)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.card)
        self._column.addStretch(1)
        self._unfollow = tokens.follow(self._apply_tokens)

    def setup(self) -> Setup:
        """Return what is chosen."""
        names = tuple(wording.activations())
        return Setup(self.net.key(), names[self.activation.currentIndex()], round(self.seed.value()))

    def show_setup(self, setup: Setup) -> None:
        """Show a choice without a signal."""
        self.net.set_key(setup.net)
        self.activation.setCurrentIndex(tuple(wording.activations()).index(setup.activation))
        self.seed.set_value(setup.seed)

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
