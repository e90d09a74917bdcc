"""Layers: the network with its bits, the numbers of its chosen layer, and accuracy against bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.recipe import FLOAT, Stored, Width
from explorer.panels.base import Context, HelpEntry
from explorer.panels.squeeze import wording
from explorer.panels.squeeze.controls import without_layer
from explorer.panels.squeeze.guess import Guess
from explorer.panels.squeeze.layer_plot import activation_picture, weight_picture
from explorer.panels.squeeze.pictures import SHOWN, Pictures
from explorer.panels.squeeze.saving import layer_rows
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.strip import Block
from explorer.panels.squeeze.trade_plot import Point
from explorer.panels.squeeze.views import SqueezeView, Still
from explorer.panels.squeeze.widths import stepped
from widgets import tokens

LOW_PX = 270


class LayersView(SqueezeView):
    """The opening picture: strip, histogram and trade-off, and the guess in their place while it is asked.

    Parameters
    ----------
    context
        What the application lends.
    session
        What measures.
    """

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__(context, session)
        self.guess = Guess(session)
        self.arranged = Pictures(self.guess)
        self.strip, self.layer_plot, self.trade = self.arranged.strip, self.arranged.layer, self.arranged.trade
        still = Still()
        still.column.addWidget(self.arranged)
        self.page.addWidget(still)
        self._layer_dirty, self._layer_turn = True, False
        self._prepared: object = None
        self.strip.layerChosen.connect(self._on_layer)
        self.strip.widthChosen.connect(self._on_width)
        self.strip.widthStepped.connect(self._on_step)
        self.arranged.weights.chosen.connect(self._on_all_weights)
        self.arranged.activations.chosen.connect(self._on_all_activations)
        self.arranged.changed.connect(self.mark)
        for signal in (self.guess.closed, self.guess.predicted, self.guess.dismissed):
            signal.connect(self.mark)
        for plot in (self.layer_plot, self.trade):
            self.lend(plot)
        self._show_loading()

    # -- what the panel asks ---------------------------------------------------------------------------------------

    @Slot()
    def mark(self) -> None:
        """Let the next frames draw everything anew."""
        super().mark()
        self._layer_dirty = True

    def on_frame(self, now_s: float) -> None:
        """Draw what is new; the histogram takes a frame of its own, since together they would take too long."""
        if self._seen != self.session.news:
            self._layer_dirty |= self._prepared is not self.session.prepared
            self._prepared = self.session.prepared
            self.guess.on_new()
        layer_waits = self._layer_dirty and self.session.steps is not None
        wanted = self._dirty or self._seen != self.session.news
        if wanted and not (layer_waits and self._layer_turn):
            self._layer_turn = True
            super().on_frame(now_s)
        elif layer_waits:
            self._layer_dirty = self._layer_turn = False
            self._show_layer()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return wording.sentence(self.session)

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the network, its layer and the trade-off."""
        return self.strip, self.layer_plot, self.trade

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the layers with their bits, bytes and errors, and in the last row the whole network."""
        return layer_rows(self.session)

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.strip,
                self.tr("The network"),
                self.tr(
                    "Each block is a layer, as wide as it has weights and as high as it multiplies. Drag the bar under "
                    "it for the bits of its weights; L locks them (a dot), a double click gives it those of all again."
                ),
                lambda: self.strip.accessible_value(),
            ),
            HelpEntry(
                self.arranged.weights,
                self.tr("Bits of all"),
                self.tr("Drag these bars for all weights and all activations; the keys + and - move the weights too."),
                lambda: str(self.session.recipe),
            ),
            HelpEntry(
                self.layer_plot,
                self.tr("The chosen layer"),
                self.tr(
                    "Grey: how often a value occurs. Thin lines: the values the grid has. Bars: where they end up."
                ),
                lambda: self.arranged.words.text(),
            ),
            HelpEntry(
                self.trade,
                self.tr("Accuracy against bytes"),
                self.tr("Every setting that was measured; the dashed line is the way that your hand took."),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what the histogram shows; the recipe is the workbench's."""
        return {"histogram": self.arranged.shown()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        shown = saved.get("histogram", "weights")
        if shown not in SHOWN:
            raise ExplorerError(f"In the panel Squeeze, 'histogram' is {shown!r:.40}: weights or activations.")
        self.arranged.show_histogram(shown)
        self.mark()

    # -- what the user does ----------------------------------------------------------------------------------------

    def ask_guess(self) -> None:
        """Ask where the network fails."""
        if self.session.threshold is None:
            self.say(self.tr("The float network is still being measured: ask again in a moment."))
            return
        self.context.workbench.update(retrained=False)  # the curve is that of the shipped weights
        self.guess.ask()
        self.mark()

    @Slot(str)
    def _on_layer(self, name: str) -> None:
        self.context.workbench.update(selected_layer=name)

    @Slot(str, object)
    def _on_width(self, name: str, width: Width | None) -> None:
        recipe = self.session.recipe
        moved = without_layer(recipe, name) if width is None else recipe.with_layer(name, weights=width)
        self.context.workbench.update(precision=moved)

    @Slot(object)
    def _on_all_weights(self, width: Width) -> None:
        self.context.workbench.update(precision=replace(self.session.recipe, weights=width))

    @Slot(object)
    def _on_all_activations(self, width: Stored) -> None:
        self.context.workbench.update(precision=replace(self.session.recipe, activations=width))

    @Slot(str, int)
    def _on_step(self, name: str, steps: int) -> None:
        recipe = self.session.recipe
        moved = recipe.with_layer(name, weights=stepped(recipe.weights_of(name), steps))
        self.context.workbench.update(precision=moved)

    # -- drawing ---------------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Draw the network and the trade-off."""
        self._show_loading()
        self.arranged.arrange()
        if self.session.prepared is not None:
            self._show_layers()
            self._show_trade()

    def _show_loading(self) -> None:
        """Say what is on its way in the place of the picture."""
        session = self.session
        there = session.steps is not None
        self.arranged.set_there(there)
        if session.problem and not there:
            self.arranged.box.set_state("failed", session.problem)
        else:
            self.arranged.box.set_state("loading", (session.stage or self.tr("Loading")) + " …")

    def _show_layers(self) -> None:
        session, steps = self.session, self.session.steps
        assert steps is not None
        recipe = session.recipe
        own, macs = dict(recipe.layer_weights), session.macs
        self.strip.set_blocks(
            [
                Block(name, weight.size, macs[name], recipe.weights_of(name), name in own)
                for name, weight in steps.weights.items()
            ]
        )
        self.strip.choose(session.layer)
        self.arranged.weights.show_width(recipe.weights)
        self.arranged.activations.show_width(recipe.activations)

    def _show_layer(self) -> None:
        prepared, layer = self.session.prepared, self.session.layer
        assert prepared is not None
        try:
            if self.arranged.shown() == "activations" and prepared.calibration is not None:
                picture = activation_picture(prepared.quantizer, prepared.calibration, self.session.recipe, layer)
            else:
                picture = weight_picture(prepared.quantizer, self.session.recipe, layer)
        except ExplorerError as error:
            self.arranged.words.setText(str(error))
            return
        self.layer_plot.show_picture(picture)
        self.arranged.words.setText(picture.sentence)

    def _show_trade(self) -> None:
        session = self.session
        self.trade.show_trace([Point(p.file_bytes, p.accuracy) for p in session.trace])
        self.trade.show_swept(self.guess.points())
        exact = session.float_result
        size = session.file_bytes(FLOAT)
        if size is not None:
            self.trade.show_network(size)
        point = None
        if exact is not None and size is not None:
            point = Point(size, exact.accuracy, *exact.interval, words=self.tr("float"))
        self.trade.show_float(point, session.threshold)
        now, current = session.file_bytes(session.recipe), session.current
        if current is None or now is None:
            self.trade.show_now(None)
        else:
            words = f"{wording.percent(current.accuracy)} %" if session.recipe != FLOAT else ""
            self.trade.show_now(Point(now, current.accuracy, *current.interval, words=words))
        self.trade.set_described(wording.sentence(session))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show fewer pictures where there is not the height for all."""
        super().resizeEvent(event)
        self.arranged.set_low(self.height() < tokens.current().px(LOW_PX))


VIEW = LayersView
