"""Pictures: the network, its chosen layer, and accuracy against bytes, arranged by how much height there is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.panels.squeeze.guess import Guess
from explorer.panels.squeeze.layer_plot import LayerPlot
from explorer.panels.squeeze.master_bar import MasterBar
from explorer.panels.squeeze.strip import LayerStrip
from explorer.panels.squeeze.trade_plot import TradePlot
from explorer.panels.squeeze.widths import ACTIVATION_WIDTHS, WEIGHT_WIDTHS
from explorer.panels.view import Words
from widgets import tokens
from widgets.segmented import Segmented
from widgets.state_box import StateBox
from widgets.tokens import Tokens

SHOWN = ("weights", "activations")


class Pictures(QWidget):
    """The network above layer and bytes; in a low window beside one of the two.

    Parameters
    ----------
    guess
        The question, which takes the place of a picture while it is asked.
    """

    changed = Signal()
    """Another picture is wanted."""

    def __init__(self, guess: Guess) -> None:
        super().__init__()
        self.guess = guess
        self.strip = LayerStrip()
        self.weights = MasterBar(_tr("all weights"), _tr("weights"), WEIGHT_WIDTHS)
        self.activations = MasterBar(_tr("all activations"), _tr("activations"), ACTIVATION_WIDTHS)
        self.network = QWidget()
        self._network = QHBoxLayout(self.network)
        self._network.setContentsMargins(0, 0, 0, 0)
        for part in (self.weights, self.activations, self.strip):
            self._network.addWidget(part)
        self.box = StateBox()
        self.layer = LayerPlot()
        self.words = Words(size_px=12, role="quiet_ink")
        self.trade = TradePlot()
        kinds = [("weights", _tr("Weights")), ("activations", _tr("Activations"))]
        self.what = Segmented(kinds, label=_tr("What the histogram shows"))
        self.side = Segmented([("bytes", _tr("Bytes")), *kinds], label=_tr("The picture beside the network"))
        self._side = QWidget()
        self._column = QVBoxLayout(self._side)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.what, 0), (self.side, 0), (self.layer, 1), (self.words, 0)):
            self._column.addWidget(widget, stretch)
        self._low: bool | None = None
        self._there = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.what.chosen.connect(self._on_chosen)
        self.side.chosen.connect(self._on_chosen)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.set_low(False)

    def shown(self) -> str:
        """Say which histogram is wanted: "weights" or "activations"."""
        return self.what.key()

    def show_histogram(self, key: str) -> None:
        """Choose the histogram, without a signal."""
        self.what.set_key(key)
        if self.side.key() != "bytes":
            self.side.set_key(key)
        self._arrange()

    def set_there(self, there: bool) -> None:
        """Show the pictures, or in their place what is on its way."""
        if there != self._there:
            self._there = there
            self._arrange()

    def set_low(self, low: bool) -> None:
        """Arrange for a low window, or for a high one."""
        if low == self._low:
            return
        self._low = low
        for widget in (self.network, self.box, self._side, self.trade, self.guess):
            self._grid.removeWidget(widget)
        if low:
            self._column.insertWidget(2, self.trade, 1)
            places = ((self.network, 0, 0, 1, 1), (self._side, 0, 1, 1, 1), (self.guess, 0, 0, 1, 1))
        else:
            self._column.removeWidget(self.trade)
            self._grid.addWidget(self.trade, 1, 1)
            places = ((self.network, 0, 0, 1, 2), (self._side, 1, 0, 1, 1), (self.guess, 1, 0, 1, 1))
        for widget, *place in places:
            self._grid.addWidget(widget, *place)
        self._grid.addWidget(self.box, 0, 0, 1, 2)
        self._grid.setColumnStretch(0, 3 if low else 1)
        self._grid.setColumnStretch(1, 2 if low else 1)
        self._grid.setRowStretch(0, 5)
        self._grid.setRowStretch(1, 0 if low else 6)
        self._arrange()

    def arrange(self) -> None:
        """Show what belongs on the screen now: a question may have been asked or put away."""
        self._arrange()

    def _arrange(self) -> None:
        low, there, asking = bool(self._low), self._there, self.guess.state() != "idle"
        bytes_wanted = asking or self.side.key() == "bytes"
        self.box.setVisible(not there)
        self.network.setVisible(there and not (low and asking))
        self._side.setVisible(there and (low or not asking))
        self.what.setVisible(not low)
        self.side.setVisible(low and not asking)
        self.trade.setVisible(there and (not low or bytes_wanted))
        self.layer.setVisible(not (low and bytes_wanted))
        self.words.setVisible(not low)

    @Slot(str)
    def _on_chosen(self, key: str) -> None:
        if key in SHOWN:
            self.show_histogram(key)
        else:
            self._arrange()
        self.changed.emit()

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setHorizontalSpacing(current.space(1.5))
        self._grid.setVerticalSpacing(current.space(0.75))
        self._column.setSpacing(current.px(2))
        self._network.setSpacing(current.px(4))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
