"""Feature maps: what each layer of the network makes of one second, down to the scores."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.engine.nn.cost import layer_costs
from explorer.engine.nn.folding import fold_batch_norm
from explorer.panels.base import HelpEntry
from explorer.panels.listen.maps_picture import MapsPicture
from explorer.panels.listen.score_bars import ScoreBars
from explorer.panels.view import Words
from widgets import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from explorer.engine.nn.cost import LayerCost
    from explorer.engine.nn.network import Network
    from widgets.tokens import Tokens


def mappable_layers(network: Network) -> tuple[str, ...]:
    """Return the layers whose activations can be looked at: all that remain once batch norm is folded."""
    graph, _ = fold_batch_norm(network.graph, {name: array.copy() for name, array in network.arrays.items()})
    return tuple(layer.name for layer in graph.layers)


class MapsView(QWidget):
    """The layers as a list with shape and cost, the channels of the selected one, the scores beside them."""

    layerChosen = Signal(str)
    """The user selected another layer."""

    def __init__(self) -> None:
        super().__init__()
        self._network: Network | None = None
        self._costs: dict[str, LayerCost] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self._maps: Mapping[str, NDArray[np.float32]] = {}
        self.layers = QTreeWidget()
        self.layers.setColumnCount(2)
        self.layers.setHeaderHidden(True)
        self.layers.setRootIsDecorated(False)
        self.layers.setUniformRowHeights(True)
        self.layers.header().setStretchLastSection(False)
        self.layers.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.layers.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.layers.setAccessibleName(self.tr("Layers"))
        self.layers.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.layers.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.layers.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.layers.currentItemChanged.connect(self._on_selected)
        self.title = Words(size_px=14, weight=600)
        self.cost = Words(size_px=12, role="quiet_ink")
        self.picture = MapsPicture()
        self.bars = ScoreBars()
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.title, 0), (self.cost, 0), (self.picture, 1)):
            middle.addWidget(widget, stretch)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.layers, 4)
        self._row.addLayout(middle, 7)
        self._row.addWidget(self.bars, 3)
        self._middle = middle
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_network(self, network: Network) -> None:
        """List the layers of a network."""
        if self._network is not None and self._network.fingerprint == network.fingerprint:
            return
        self._network = network
        self._maps = {}
        self._costs = {cost.name: cost for cost in layer_costs(network.graph)}
        self.layers.blockSignals(True)
        self._items = {}
        self.layers.clear()
        for name in mappable_layers(network):
            item = QTreeWidgetItem([name, self._shape_text(name)])
            for column in range(2):
                item.setToolTip(column, f"{name}: {self._cost_text(name)}")
            self.layers.addTopLevelItem(item)
            self._items[name] = item
        self.layers.blockSignals(False)

    def set_activations(
        self,
        maps: Mapping[str, NDArray[np.float32]],
        labels: tuple[str, ...],
        scores: NDArray[np.float32],
        threshold: float,
    ) -> None:
        """Show what the layers made of a second: activations [channels, time, frequency] by layer, scores [classes]."""
        self._maps = maps
        self.bars.set_scores(labels, scores, threshold)
        self._show()

    def select(self, name: str | None) -> None:
        """Select a layer without a signal; None, or a name it does not have, takes the first."""
        item = self._items.get(name or "") or next(iter(self._items.values()), None)
        self.layers.blockSignals(True)
        if item is not None:
            self.layers.setCurrentItem(item)
        self.layers.blockSignals(False)
        self._show()

    def selected(self) -> str | None:
        """Give the selected layer."""
        item = self.layers.currentItem()
        return None if item is None else item.text(0)

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain list, maps and scores."""
        return (
            HelpEntry(
                self.layers,
                self.tr("Layers"),
                self.tr("Every layer that a device would run; batch norm is folded into its convolution."),
                None,
                "3",
            ),
            HelpEntry(
                self.picture,
                self.tr("Feature maps"),
                self.tr("What the selected layer gives for this second: one small picture per channel."),
                self._formula,
                "3",
            ),
            HelpEntry(
                self.bars,
                self.tr("Scores"),
                self.tr(
                    "Softmax of the last layer: one number per word, together 1. For this second alone, not averaged."
                ),
                lambda: "p[i] = exp(z[i]) / sum of exp(z)",
                "3",
            ),
        )

    def rows(self) -> list[tuple[object, ...]]:
        """Return the layers with shape and cost."""
        found: list[tuple[object, ...]] = [("layer", "shape", "macs", "weights", "biases")]
        for name, cost in self._costs.items():
            found.append((name, self._shape_text(name), cost.macs, cost.weights, cost.biases))
        return found

    def _formula(self) -> str:
        name = self.selected()
        return "" if name is None else self._cost_text(name)

    def _shape_text(self, name: str) -> str:
        assert self._network is not None
        shape = [size for size in self._network.graph.shapes[name] if size > 1]
        return "×".join(str(size) for size in shape) or "1"

    def _cost_text(self, name: str) -> str:
        assert self._network is not None
        cost = self._costs.get(name)
        numbers = prod(self._network.graph.shapes[name])
        if cost is None or not cost.macs:
            return self.tr("{outputs} numbers, no weights").format(outputs=f"{numbers:,}")
        return self.tr("{outputs} numbers; {weights} weights, {macs} multiply-accumulates").format(
            outputs=f"{numbers:,}", weights=f"{cost.weights:,}", macs=f"{cost.macs:,}"
        )

    def _show(self) -> None:
        name = self.selected()
        if name is None:
            return
        self.title.setText(f"{name}   {self._shape_text(name)}")
        self.cost.setText(self._cost_text(name))
        if name in self._maps:
            self.picture.set_maps(name, self._maps[name])

    @Slot()
    def _on_selected(self) -> None:
        self._show()
        name = self.selected()
        if name is not None:
            self.layerChosen.emit(name)

    def _apply_tokens(self, current: Tokens) -> None:
        self._row.setSpacing(current.space(2))
        self._middle.setSpacing(current.space(0.5))
        self.layers.setFont(current.font(12))
        self.layers.setMinimumWidth(current.px(170))
