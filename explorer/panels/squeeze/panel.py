"""The Squeeze panel: how few bits a network can lose before one can hear it fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.cost import layer_costs
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.evaluation_set import bundled_set
from explorer.engine.quantization.recipe import FLOAT, STORY, Width, stored_bits
from explorer.panels.base import Context, Glyphs, HelpEntry, Panel, PanelCommand, Recipe
from explorer.panels.squeeze import help_text, wording
from explorer.panels.squeeze.controls import Inspector, without_layer
from explorer.panels.squeeze.guess import Guess
from explorer.panels.squeeze.headline import TALL_PX, Headline
from explorer.panels.squeeze.layer_plot import activation_picture, weight_picture
from explorer.panels.squeeze.pictures import SHOWN, Pictures
from explorer.panels.squeeze.saving import ask_path, layer_rows, write_network
from explorer.panels.squeeze.session import Loader, SetMaker, SqueezeSession
from explorer.panels.squeeze.step_buttons import StepButtons
from explorer.panels.squeeze.strip import Block
from explorer.panels.squeeze.trade_plot import Point
from explorer.panels.squeeze.widths import stepped
from explorer.workbench import State
from widgets import tokens
from widgets.tokens import Tokens

LOW_PX = 380


class SqueezePanel(Panel):
    """Bit sliders with measured answers while they move."""

    key: ClassVar[str] = "squeeze"
    title: ClassVar[str] = "Squeeze"
    icon: ClassVar[str] = "ruler"
    question: ClassVar[str] = "How few bits can it lose before you can hear it fail?"
    order: ClassVar[int] = 20
    beads: ClassVar[tuple[str, ...]] = ("network",)

    def __init__(
        self,
        context: Context,
        parent: QWidget | None = None,
        loader: Loader = shipped,
        make_set: SetMaker = bundled_set,
    ) -> None:
        super().__init__(context, parent)
        self.session = SqueezeSession(context.workbench.state, loader, make_set)
        self.story = StepButtons(wording.story_steps())
        self.headline = Headline()
        self.guess = Guess(self.session)
        self.pictures = Pictures(self.guess)
        self.strip, self.layer_plot, self.trade = self.pictures.strip, self.pictures.layer, self.pictures.trade
        self.controls = Inspector(context, self.session)
        self._dirty = self._layer_dirty = True
        self._layer_turn = False
        self._place: QWidget | None = None
        self._macs: dict[str, int] = {}
        self._lay_out()
        self._connect()
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show_loading()

    def _lay_out(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.story, 0), (self.headline, 0), (self.pictures, 1)):
            self._column.addWidget(widget, stretch)

    def _connect(self) -> None:
        self.story.pressed.connect(self._on_story)
        self.strip.layerChosen.connect(self._on_layer)
        self.strip.widthChosen.connect(self._on_width)
        self.strip.widthStepped.connect(self._on_step)
        self.pictures.changed.connect(self._mark)
        self.controls.guessAsked.connect(self.ask_guess)
        self.controls.exportAsked.connect(self.save_network)
        self.guess.closed.connect(self._mark)
        self.guess.predicted.connect(self._mark)
        self.guess.dismissed.connect(self._mark)
        for plot in (self.layer_plot, self.trade):
            plot.exported.connect(self._say)

    # -- what the window asks ----------------------------------------------------------------------------------

    def inspector(self) -> QWidget:
        """Return the cards of controls."""
        return self.controls

    def start(self) -> None:
        """Begin: load the network and measure it."""
        self.session.start()
        self.context.clock.set_fast(True)

    def on_frame(self, now_s: float) -> None:
        """Draw what is new."""
        before = self.session.prepared
        if self.session.poll():
            self._dirty = True
            self._layer_dirty |= self.session.prepared is not before
            self.guess.on_new()
        layer_waits = self._layer_dirty and self.session.steps is not None
        if self._dirty and not (layer_waits and self._layer_turn):
            self._dirty, self._layer_turn = False, True
            self._renew()
        elif layer_waits:  # in a frame of its own: together they would take too long
            self._layer_dirty = self._layer_turn = False
            self._show_layer()

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        self.session.follow(old, new)
        self.controls.show_state(new)
        self._mark()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return wording.sentence(self.session)

    def glyphs(self) -> Glyphs:
        """Return layers by bits and the network in words, while this panel is in front or Listen runs its network."""
        session, steps = self.session, self.session.steps
        if steps is None or not (self.isVisible() or session.state.listen_squeezed):
            return Glyphs()
        recipe = session.recipe
        estimate = session.current if session.current is not None and session.current.complete else None
        low, high = estimate.interval if estimate is not None else (None, None)
        words = Recipe(
            network=session.state.network,
            version=session.state.network_version,
            precision=str(recipe) if recipe != FLOAT else "float32",
            file_bytes=session.file_bytes(recipe),
            accuracy=None if estimate is None else estimate.accuracy,
            low=low,
            high=high,
            evaluation_set="" if estimate is None else estimate.evaluation_set.name.partition(";")[0],
        )
        return Glyphs(layer_bits=tuple(stored_bits(recipe.weights_of(name)) for name in steps.weights), recipe=words)

    def commands(self) -> tuple[PanelCommand, ...]:
        """Return the panel's keys."""
        steps = tuple(STORY)

        def step(index: int) -> Callable[[], None]:
            return lambda: self._on_story(steps[index])

        told = wording.story_steps()
        return (
            PanelCommand("guess", self.tr("Guess where it fails"), "G", self.ask_guess),
            *(PanelCommand(f"step{i + 1}", told[i].title, str(i + 1), step(i)) for i in range(len(steps))),
            PanelCommand("fewer", self.tr("Fewer bits for all weights"), "-", lambda: self.move_weights(-1)),
            PanelCommand("more", self.tr("More bits for all weights"), "+", lambda: self.move_weights(1)),
            PanelCommand("save_network", self.tr("Save the squeezed network …"), "", self.save_network),
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return help_text.entries(self)

    def full_screen_target(self) -> QWidget | None:
        """Return the plot in focus, else the network."""
        focus = QApplication.focusWidget()
        return next((plot for plot in (self.layer_plot, self.trade) if plot is focus), self.strip)

    def save_state(self) -> dict[str, Any]:
        """Return what the histogram shows; the recipe is the workbench's."""
        return {"histogram": self.pictures.shown()}

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
        self.pictures.show_histogram(shown)
        self._mark()

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the layers with their bits, bytes and errors, and in the last row the whole network."""
        return layer_rows(self.session, self._macs)

    def shutdown(self) -> None:
        """Stop measuring."""
        self.session.close()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot()
    def ask_guess(self) -> None:
        """Ask where the network fails."""
        if self.session.threshold is None:
            self._say(self.tr("The float network is still being measured: ask again in a moment."))
            return
        self.guess.ask()
        self._mark()

    @Slot()
    def save_network(self) -> None:
        """Write the squeezed network as ONNX, safetensors or a table."""
        path = ask_path(self, self.session)
        if path is not None:
            write_network(self.context, self.session, path)

    def move_weights(self, steps: int) -> None:
        """Give all weights the next wider (1) or narrower (-1) width."""
        recipe = self.session.recipe
        self.context.workbench.update(precision=replace(recipe, weights=stepped(recipe.weights, steps)))

    @Slot(str)
    def _on_story(self, key: str) -> None:
        self.context.workbench.update(precision=STORY[key])

    @Slot(str)
    def _on_layer(self, name: str) -> None:
        self.context.workbench.update(selected_layer=name)

    @Slot(str, object)
    def _on_width(self, name: str, width: Width | None) -> None:
        recipe = self.session.recipe
        moved = without_layer(recipe, name) if width is None else recipe.with_layer(name, weights=width)
        self.context.workbench.update(precision=moved)

    @Slot(str, int)
    def _on_step(self, name: str, steps: int) -> None:
        recipe = self.session.recipe
        moved = recipe.with_layer(name, weights=stepped(recipe.weights_of(name), steps))
        self.context.workbench.update(precision=moved)

    @Slot()
    def _mark(self) -> None:
        self._dirty = self._layer_dirty = True

    @Slot(str)
    def _say(self, sentence: str) -> None:
        if sentence:
            self.context.notify(sentence)

    # -- drawing ---------------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        """Draw everything that follows from what was chosen and what is known."""
        session = self.session
        self._show_loading()
        self.headline.set_figures(wording.figures(session))
        self._show_story()
        self.pictures.arrange()
        if session.prepared is None or session.steps is None:
            return
        self._show_layers()
        self._show_trade()

    def _show_loading(self) -> None:
        """Say what is on its way in the place of the picture."""
        session = self.session
        there = session.steps is not None
        self.pictures.set_there(there)
        if session.problem and not there:
            self.pictures.box.set_state("failed", session.problem)
        else:
            self.pictures.box.set_state("loading", (session.stage or self.tr("Loading")) + " …")

    def _show_story(self) -> None:
        session = self.session
        self.story.show_chosen(next((key for key, recipe in STORY.items() if recipe == session.recipe), None))
        for key, recipe in STORY.items():
            known = session.results.get(recipe)
            if known is None or not self.story.buttons[key].number():  # a result does not change
                self.story.show_number(key, "" if known is None else f"{wording.percent(known.accuracy)} %")

    def _show_layers(self) -> None:
        session, steps = self.session, self.session.steps
        assert steps is not None
        if set(self._macs) != set(steps.weights):
            self._macs = {cost.name: cost.macs for cost in layer_costs(steps.graph) if cost.name in steps.weights}
            self.controls.show_state(session.state)
        recipe = session.recipe
        own = dict(recipe.layer_weights)
        self.strip.set_blocks(
            [
                Block(name, weight.size, self._macs[name], recipe.weights_of(name), name in own)
                for name, weight in steps.weights.items()
            ]
        )
        self.strip.choose(self._layer())

    def _layer(self) -> str:
        """Return the layer in view: the one selected in all panels, else the one with most weights."""
        steps = self.session.steps
        assert steps is not None
        chosen = self.session.state.selected_layer
        if chosen in steps.weights:
            return str(chosen)
        return max(steps.weights, key=lambda name: steps.weights[name].size)

    def _show_layer(self) -> None:
        prepared, layer = self.session.prepared, self._layer()
        assert prepared is not None
        try:
            if self.pictures.shown() == "activations" and prepared.calibration is not None:
                picture = activation_picture(prepared.quantizer, prepared.calibration, self.session.recipe, layer)
            else:
                picture = weight_picture(prepared.quantizer, self.session.recipe, layer)
        except ExplorerError as error:
            self.pictures.words.setText(str(error))
            return
        self.layer_plot.show_picture(picture)
        self.pictures.words.setText(picture.sentence)

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
        """Take large type where there is height for it, and fewer pictures where there is not."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the height of the place that the panel has: its own is never below what the pictures ask for."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return bool(super().eventFilter(watched, event))

    def showEvent(self, event: QShowEvent) -> None:
        """Find the place that the panel scrolls in."""
        super().showEvent(event)
        widget = self.parentWidget()
        while widget is not None and not isinstance(widget, QScrollArea):
            widget = widget.parentWidget()
        if self._place is None and isinstance(widget, QScrollArea):
            self._place = widget.viewport()
            self._place.installEventFilter(self)
        self._fit()

    def _fit(self) -> None:
        room = self._place.height() if self._place is not None else self.height()
        current = tokens.current()
        self.headline.set_tall(room >= current.px(TALL_PX))
        self.pictures.set_low(room < current.px(LOW_PX))

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.space(0.75))
        self._fit()
