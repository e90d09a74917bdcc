"""The Squeeze panel: how few bits a network can lose before one can hear it fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.engine.quantization.evaluation_set import bundled_set
from explorer.engine.quantization.recipe import STORY, stored_bits
from explorer.panels.base import Context, Glyphs, HelpEntry, PanelCommand, Recipe
from explorer.panels.squeeze import help_text, wording
from explorer.panels.squeeze.controls import Inspector
from explorer.panels.squeeze.headline import TALL_PX, Headline
from explorer.panels.squeeze.layers_view import LayersView
from explorer.panels.squeeze.preparing import Loader, SetMaker
from explorer.panels.squeeze.saving import ask_path, write_network
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.step_buttons import StepButtons
from explorer.panels.squeeze.views import LAYERS, view_names
from explorer.panels.squeeze.widths import stepped
from explorer.panels.tabbed import TabbedPanel, make_view
from explorer.panels.view import View
from explorer.workbench import State
from widgets import tokens
from widgets.tokens import Tokens

LOW_PX = 380
"""Below this height (at scale 1) the story stands above the layers only: the other views need its place."""


class SqueezePanel(TabbedPanel):
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
        loader: Loader | None = None,
        make_set: SetMaker = bundled_set,
    ) -> None:
        super().__init__(context, parent)
        workbench = context.workbench
        get = loader or workbench.shelf.get
        self.session = SqueezeSession(workbench.state, get, make_set, workbench.sound.excerpt)
        self.story = StepButtons(wording.story_steps())
        self.headline = Headline()
        self.layers = LayersView(context, self.session)
        names = view_names()
        made: dict[str, Callable[[], View]] = {
            key: partial(make_view, __package__, key, context, self.session) for key in names
        }
        self.take_views(names, made | {LAYERS: lambda: self.layers})
        self.controls = Inspector(context, self.session)
        self._seen = -1
        self._lay_out()
        self.story.pressed.connect(self._on_story)
        self.headline.pressed.connect(self.show_classes)
        self.layers.guess.closed.connect(self._fit)
        self.controls.guessAsked.connect(self.ask_guess)
        self.controls.exportAsked.connect(self.save_network)
        self._unfollow = tokens.follow(self._apply_tokens)

    def _lay_out(self) -> None:
        for widget, stretch in ((self.story, 0), (self.headline, 0), (self.tabs, 0), (self.views, 1)):
            self.column.addWidget(widget, stretch)

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
        loaded = self.session.steps is not None
        if self.context.ear.session is not None:
            self.context.ear.session.poll()  # Listen is not in front, or it would do this: it follows the recipe too
        self.session.poll()
        if not loaded and self.session.steps is not None:
            self.controls.show_state(self.session.state)
        if self._seen != self.session.news:
            self._seen = self.session.news
            self.headline.set_figures(wording.figures(self.session))
            self._show_story()
        self.views.on_frame(now_s)

    def on_slow_tick(self) -> None:
        """Renew what is text, and look after the microphone."""
        if self.context.ear.session is not None:
            self.context.ear.session.tick()
        super().on_slow_tick()

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        self.session.follow(old, new)
        self.controls.show_state(new)
        self._seen = -1
        self.views.on_state(old, new)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return super().describe() or wording.sentence(self.session)

    def glyphs(self) -> Glyphs:
        """Return layers by bits and the network in words, while this panel is in front or Listen runs its network."""
        session, steps = self.session, self.session.steps
        if session.prepared is None or steps is None or not (self.isVisible() or session.state.listen_squeezed):
            return Glyphs()
        network = session.prepared.quantizer.network
        recipe = session.recipe
        estimate = session.current if session.current is not None and session.current.complete else None
        low, high = estimate.interval if estimate is not None else (None, None)
        words = Recipe(
            network=network.name,
            version=network.version,
            precision=wording.setting(session),
            file_bytes=session.file_bytes(recipe),
            accuracy=None if estimate is None else estimate.accuracy,
            low=low,
            high=high,
            evaluation_set="" if estimate is None else wording.short_set(estimate),
            badge=network.badge,
        )
        return Glyphs(layer_bits=tuple(stored_bits(recipe.weights_of(name)) for name in steps.weights), recipe=words)

    def commands(self) -> tuple[PanelCommand, ...]:
        """Return the panel's keys."""
        told = wording.story_steps()
        return (
            PanelCommand("guess", self.tr("Guess where it fails"), "G", self.ask_guess),
            *(
                PanelCommand(f"step{place}", step.title, str(place), partial(self._on_story, step.key))
                for place, step in enumerate(told, 1)
            ),
            PanelCommand("fewer", self.tr("Fewer bits for all weights"), "-", lambda: self.move_weights(-1)),
            PanelCommand("more", self.tr("More bits for all weights"), "+", lambda: self.move_weights(1)),
            PanelCommand("classes", self.tr("Change of every word"), "C", self.show_classes),
            *super().commands(),
            PanelCommand("save_network", self.tr("Save the squeezed network …"), "", self.save_network),
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (*help_text.entries(self), *super().help_entries())

    def shutdown(self) -> None:
        """Stop measuring."""
        self.views.shutdown()
        self.session.close()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot(str)
    def choose_view(self, key: str) -> None:
        """Bring a view to the front."""
        super().choose_view(key)
        self._fit()

    @Slot()
    def show_classes(self) -> None:
        """Bring what the figure is made of to the front: the change of every word."""
        self.choose_view("classes")

    @Slot()
    def ask_guess(self) -> None:
        """Ask where the network fails, beside accuracy against bytes."""
        self.choose_view(LAYERS)
        self.layers.ask_guess()
        self._fit()

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
        if key in STORY:
            self.context.workbench.update(precision=STORY[key], retrained=False)
            return
        last = wording.retrained_recipe(self.session.state)
        if last is None:
            self.context.notify(self.tr("There are no weights of this network that were trained for few bits."))
        else:
            self.context.workbench.update(precision=last, retrained=True)

    # -- drawing ---------------------------------------------------------------------------------------------------

    def _show_story(self) -> None:
        session = self.session
        self.story.show_chosen(wording.story_step(session))
        unknown = "" if session.trained_for is None else self.tr("press")  # the story is that of the shipped weights
        for key, recipe in STORY.items():
            known = session.plain.results.get(recipe)
            told = unknown if known is None else f"{wording.percent(known.accuracy)} %"
            self.story.show_number(key, told)
        last = wording.retrained_recipe(session.state)
        self.story.buttons[wording.RETRAINED_STEP].setVisible(last is not None)
        if last is not None:
            found = session.trained_result(last)
            told = self.tr("press") if found is None else f"{wording.percent(found.accuracy)} %"
            self.story.show_number(wording.RETRAINED_STEP, told)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take large type where there is height for it."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        current = tokens.current()
        self.headline.set_tall(self.height() >= current.px(TALL_PX))
        low = self.height() < current.px(LOW_PX)
        asking = self.layers.guess.state() != "idle"
        told, focus = not low or (self.views.key() == LAYERS and not asking), QApplication.focusWidget()
        if not told and focus is not None and self.story.isAncestorOf(focus):
            self.tabs.setFocus()  # what follows the views is the way to the next one
        self.story.setVisible(told)
        self.column.setSpacing(current.space(0.5 if low else 0.75))

    def _apply_tokens(self, current: Tokens) -> None:
        self._fit()
