"""The inspector of the Squeeze panel: cards of controls, most used first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.engine.quantization.recipe import COARSE, FLOAT, PRESETS, Recipe, Width
from explorer.panels.base import Context
from explorer.panels.squeeze.calibration_card import CalibrationCard
from explorer.panels.squeeze.more_cards import PruningCard, TrainingCard
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.step_buttons import StepButtons, StepWords
from explorer.panels.squeeze.widths import ACTIVATION_WIDTHS, WEIGHT_WIDTHS, words
from explorer.panels.view import Words
from explorer.workbench import State
from widgets import tokens
from widgets.card import Card
from widgets.segmented import Segmented
from widgets.slider import ValueSlider
from widgets.switch import Switch
from widgets.tokens import Tokens

KINDS: dict[str, Width] = {"uniform": 4, "ternary": "ternary", "binary": "binary"}
"""The width that one comes to by choosing what values weights can have."""


class WidthSlider(ValueSlider):
    """A knob over widths.

    Parameters
    ----------
    label
        What gets the width.
    widths
        The widths, narrowest first; the widest is the default.
    """

    def __init__(self, label: str, widths: tuple[Any, ...]) -> None:
        self._widths = widths
        last = len(widths) - 1
        super().__init__(label, 0, last, last, step=1, decimals=0, text=lambda at: words(widths[round(at)]))

    def width_chosen(self) -> Any:
        """Give the width under the handle."""
        return self._widths[round(self.value())]

    def show_width(self, width: object) -> None:
        """Move the handle without a signal."""
        self.set_value(self._widths.index(width))


class BitsCard(Card):
    """Bits of all weights and of all activations, and the settings that data sheets name."""

    def __init__(self, change: Callable[[Recipe], None], recipe: Callable[[], Recipe]) -> None:
        super().__init__(QCoreApplication.translate("BitsCard", "Bits"), foldable=True)
        self._change, self._recipe = change, recipe
        self.weights = WidthSlider(self.tr("All weights"), WEIGHT_WIDTHS)
        self.activations = WidthSlider(self.tr("All activations"), ACTIVATION_WIDTHS)
        self.kind = Segmented(
            [("uniform", self.tr("even grid")), ("ternary", self.tr("ternary")), ("binary", self.tr("binary"))],
            label=self.tr("Values of the weights"),
        )
        self.presets = StepButtons([StepWords(key, key, key, str(PRESETS[key])) for key in PRESETS], numbers=False)
        self.weights.valueChanged.connect(self._on_weights)
        self.activations.valueChanged.connect(self._on_activations)
        self.presets.pressed.connect(self._on_preset)
        self.kind.chosen.connect(self._on_kind)
        for widget in (self.weights, self.kind, self.activations, self.presets):
            self.add(widget)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show what is in force."""
        self.weights.show_width(recipe.weights)
        self.activations.show_width(recipe.activations)
        self.kind.set_key(str(recipe.weights) if recipe.weights in COARSE else "uniform")
        self.presets.show_chosen(next((key for key, preset in PRESETS.items() if preset == recipe), None))

    @Slot()
    def _on_weights(self) -> None:
        self._change(replace(self._recipe(), weights=self.weights.width_chosen()))

    @Slot()
    def _on_activations(self) -> None:
        self._change(replace(self._recipe(), activations=self.activations.width_chosen()))

    @Slot(str)
    def _on_kind(self, key: str) -> None:
        self._change(replace(self._recipe(), weights=KINDS[key]))

    @Slot(str)
    def _on_preset(self, key: str) -> None:
        self._change(PRESETS[key])


class GridCard(Card):
    """What kind of grid, and where its ends come from."""

    def __init__(self, change: Callable[[Recipe], None], recipe: Callable[[], Recipe]) -> None:
        super().__init__(QCoreApplication.translate("GridCard", "Grid"), foldable=True)
        self._change, self._recipe = change, recipe
        zero = [("symmetric", self.tr("symmetric")), ("affine", self.tr("affine"))]
        ends = [("minmax", self.tr("min–max")), ("percentile", self.tr("99.9 %")), ("mse", self.tr("least error"))]
        self.per = Segmented(
            [("tensor", self.tr("one per layer")), ("channel", self.tr("own per channel"))],
            label=self.tr("Rulers of the weights"),
        )
        self.weight_zero = Segmented(zero, label=self.tr("Zero of the weights"))
        self.weight_ends = Segmented(ends, label=self.tr("Ends of the weights"))
        self.activation_zero = Segmented(zero, label=self.tr("Zero of the activations"))
        self.activation_ends = Segmented(ends, label=self.tr("Ends of the activations"))
        rows = (
            (self.tr("Weights: rulers"), self.per, lambda key: {"per_channel": key == "channel"}),
            (self.tr("Weights: ends"), self.weight_ends, lambda key: {"weight_calibration": key}),
            (self.tr("Activations: ends"), self.activation_ends, lambda key: {"activation_calibration": key}),
            (self.tr("Weights: zero"), self.weight_zero, lambda key: {"weights_symmetric": key == "symmetric"}),
            (
                self.tr("Activations: zero"),
                self.activation_zero,
                lambda key: {"activations_symmetric": key == "symmetric"},
            ),
        )
        for title, choice, changes in rows:
            self.add(Words(title, size_px=12, role="quiet_ink"))
            self.add(choice)
            choice.chosen.connect(self._setter(changes))

    def show_recipe(self, recipe: Recipe) -> None:
        """Show what is in force."""
        self.per.set_key("channel" if recipe.per_channel else "tensor")
        self.weight_ends.set_key(recipe.weight_calibration)
        self.activation_ends.set_key(recipe.activation_calibration)
        self.weight_zero.set_key("symmetric" if recipe.weights_symmetric else "affine")
        self.activation_zero.set_key("symmetric" if recipe.activations_symmetric else "affine")

    def _setter(self, changes: Callable[[str], dict[str, Any]]) -> Callable[[str], None]:
        def chosen(key: str) -> None:
            self._change(replace(self._recipe(), **changes(key)))

        return chosen


class LayerCard(Card):
    """The bits of the chosen layer: its own where it is locked, else those of all layers."""

    def __init__(self, change: Callable[[Recipe], None], recipe: Callable[[], Recipe]) -> None:
        super().__init__(QCoreApplication.translate("LayerCard", "This layer"), foldable=True)
        self._change, self._recipe = change, recipe
        self._layer = ""
        self.name = Words(size_px=12, role="quiet_ink")
        self.weights = WidthSlider(self.tr("Its weights"), WEIGHT_WIDTHS)
        self.activations = WidthSlider(self.tr("What it stores"), ACTIVATION_WIDTHS)
        self.copy = QPushButton(self.tr("Same bits for all"))
        self.lock = Switch(self.tr("Locked to its own bits"))
        self.reset_all = QPushButton(self.tr("No layer of its own"))
        self.weights.valueChanged.connect(self._on_weights)
        self.activations.valueChanged.connect(self._on_activations)
        self.copy.clicked.connect(self._on_copy)
        self.lock.clicked.connect(self._on_lock)
        self.reset_all.clicked.connect(self._on_reset_all)
        for widget in (self.name, self.weights, self.activations, self.lock, self.copy, self.reset_all):
            self.add(widget)

    def show_layer(self, layer: str, recipe: Recipe, last: bool) -> None:
        """Show the chosen layer."""
        self._layer = layer
        self.setVisible(bool(layer))
        self.name.setText(layer)
        self.weights.show_width(recipe.weights_of(layer))
        self.activations.show_width(recipe.activations_of(layer, last))
        own = layer in dict(recipe.layer_weights) or layer in dict(recipe.layer_activations)
        self.lock.setChecked(own)
        self.reset_all.setVisible(bool(recipe.layer_weights or recipe.layer_activations))

    @Slot()
    def _on_weights(self) -> None:
        self._change(self._recipe().with_layer(self._layer, weights=self.weights.width_chosen()))

    @Slot()
    def _on_activations(self) -> None:
        self._change(self._recipe().with_layer(self._layer, activations=self.activations.width_chosen()))

    @Slot()
    def _on_copy(self) -> None:
        recipe = self._recipe()
        stored = dict(recipe.layer_activations).get(self._layer, recipe.activations)
        weights = recipe.weights_of(self._layer)
        self._change(replace(recipe, weights=weights, activations=stored, layer_weights=(), layer_activations=()))

    @Slot()
    def _on_lock(self) -> None:
        recipe = self._recipe()
        self._change(locked(recipe, self._layer) if self.lock.isChecked() else without_layer(recipe, self._layer))

    @Slot()
    def _on_reset_all(self) -> None:
        self._change(replace(self._recipe(), layer_weights=(), layer_activations=()))


def locked(recipe: Recipe, layer: str) -> Recipe:
    """Return the recipe in which a layer keeps the bits that it has, whatever becomes of all others."""
    return recipe.with_layer(layer, weights=recipe.weights_of(layer))


def without_layer(recipe: Recipe, layer: str) -> Recipe:
    """Return the recipe with the widths of all layers for this one too."""
    return replace(
        recipe,
        layer_weights=tuple(pair for pair in recipe.layer_weights if pair[0] != layer),
        layer_activations=tuple(pair for pair in recipe.layer_activations if pair[0] != layer),
    )


class Inspector(QWidget):
    """A column of cards.

    Parameters
    ----------
    context, session
        The application, and what measures.
    """

    guessAsked = Signal()
    """The user wants to guess before the curve is drawn."""
    exportAsked = Signal()
    """The user wants the squeezed network as a file."""

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__()
        self._context, self._session = context, session
        self.guess = QPushButton(self.tr("Guess first: where does it fail?"))
        self.guess.clicked.connect(self.guessAsked)
        self.bits = BitsCard(self._change, self._recipe)
        self.grid = GridCard(self._change, self._recipe)
        self.layer = LayerCard(self._change, self._recipe)
        self.calibration = CalibrationCard(context, session)
        self.training = TrainingCard(context)
        self.pruning = PruningCard(self._change, self._recipe)
        self.more = Card()
        self.listen = Switch(self.tr("Listen runs this network"))
        self.listen.clicked.connect(self._on_listen)
        self.back = QPushButton(self.tr("Back to float"))
        self.export = QPushButton(self.tr("Save the squeezed network …"))
        self.back.clicked.connect(self._on_back)
        self.export.clicked.connect(self.exportAsked)
        for widget in (self.listen, self.guess, self.export, self.back):
            self.more.add(widget)
        self._column = QVBoxLayout(self)
        for card in (self.bits, self.training, self.more, self.grid, self.calibration, self.layer, self.pruning):
            self._column.addWidget(card)
        self._column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.show_state(context.workbench.state)

    def show_state(self, state: State) -> None:
        """Show what the user chose."""
        recipe = self._session.recipe
        self.bits.show_recipe(recipe)
        self.grid.show_recipe(recipe)
        self.calibration.show_state(state)
        self.pruning.show_recipe(recipe)
        self.training.show_state(state)
        self.back.setVisible(recipe != FLOAT)
        self.listen.setChecked(state.listen_squeezed)
        steps = self._session.steps
        layer = state.selected_layer or ""
        known = steps is not None and layer in steps.weights
        last = steps is not None and layer == steps.last
        self.layer.show_layer(layer if known else "", recipe, last)

    def _recipe(self) -> Recipe:
        return self._session.recipe

    def _change(self, recipe: Recipe) -> None:
        self._context.workbench.update(precision=recipe)

    @Slot()
    def _on_listen(self) -> None:
        self._context.workbench.update(listen_squeezed=self.listen.isChecked())

    @Slot()
    def _on_back(self) -> None:
        self._change(FLOAT)

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)
