"""Cards for what else makes a network smaller: weights trained for their width, and weights set to zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Slot

from explorer.engine.quantization.recipe import PruningKind, Recipe
from explorer.engine.quantization.retrained import RETRAINED
from explorer.panels.base import Context
from explorer.panels.squeeze.widths import words
from explorer.panels.view import Words
from explorer.workbench import State
from widgets.card import Card
from widgets.segmented import Segmented
from widgets.slider import ValueSlider
from widgets.switch import Switch

MOST_PRUNED = 95
KINDS: tuple[PruningKind, ...] = ("weights", "channels")


class TrainingCard(Card):
    """Whether weights that were trained for their width take the place of the shipped ones.

    Parameters
    ----------
    context
        What the application lends.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.switch = Switch(self.tr("Retrained for these bits"))
        self.told = Words(size_px=12, role="quiet_ink")
        self.switch.clicked.connect(self._on_switch)
        self.add(self.switch)
        self.add(self.told)

    def show_state(self, state: State) -> None:
        """Show what is chosen, and for which widths there are such weights."""
        widths = RETRAINED.get(state.network, ()) if state.network_version == 1 else ()
        self.setVisible(bool(widths))
        self.switch.setChecked(state.retrained)
        listed = ", ".join(words(width) for width in widths)
        if state.retrained_width is not None:
            told = _tr("These weights of {network} were trained on the grid of {width}.")
        elif state.precision.weights in widths:
            told = _tr("{network} was also trained on the grid of {width}: switch over and compare.")
        else:
            told = _tr("{network} was trained for {listed}; other widths take the shipped weights.")
        width = words(state.precision.weights)
        self.told.setText(told.format(network=state.network, width=width, listed=listed))

    @Slot()
    def _on_switch(self) -> None:
        self._context.workbench.update(retrained=self.switch.isChecked())


class PruningCard(Card):
    """Which share of the weights is set to zero, and whether one by one or whole channels."""

    def __init__(self, change: Callable[[Recipe], None], recipe: Callable[[], Recipe]) -> None:
        super().__init__(_tr("Pruning"), foldable=True)
        self._change, self._recipe = change, recipe
        self.share = ValueSlider(self.tr("Weights set to zero"), 0, MOST_PRUNED, 0, step=1, unit="%")
        self.kind = Segmented(
            [("weights", self.tr("one by one")), ("channels", self.tr("whole channels"))],
            label=self.tr("What is pruned"),
        )
        self.told = Words(size_px=12, role="quiet_ink")
        self.share.valueChanged.connect(self._on_share)
        self.kind.chosen.connect(self._on_kind)
        for widget in (self.share, self.kind, self.told):
            self.add(widget)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show what is in force."""
        self.share.set_value(100 * recipe.pruned)
        self.kind.set_key(recipe.pruning)
        if recipe.pruned:
            told = _tr("The smallest of each layer, before they are rounded. Bytes and time: the view On a device.")
        else:
            told = _tr("Nothing is pruned.")
        self.told.setText(told)

    @Slot()
    def _on_share(self) -> None:
        self._change(replace(self._recipe(), pruned=round(self.share.value()) / 100))

    @Slot(str)
    def _on_kind(self, key: str) -> None:
        self._change(replace(self._recipe(), pruning=next(kind for kind in KINDS if kind == key)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
