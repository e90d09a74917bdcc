"""The Place panel: cloud, edge, mobile and tiny, predicted beside measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.files import profile_folder
from explorer.panels.base import Context, Glyphs, HelpEntry, Panel, PanelCommand
from explorer.panels.place import help_text, wording
from explorer.panels.place.controls import Inspector
from explorer.panels.place.session import PlaceSession
from explorer.panels.place.setup import from_json
from explorer.panels.place.tiles_view import TilesView
from explorer.panels.place.views import TILES, make_view, view_names
from explorer.panels.view import View
from explorer.panels.view_stack import ViewStack
from explorer.panels.view_tabs import ViewTabs
from explorer.workbench import State
from widgets import tokens
from widgets.tokens import Tokens


class PlacePanel(Panel):
    """Four places for one network, and what strikes each."""

    key: ClassVar[str] = "place"
    title: ClassVar[str] = "Place"
    icon: ClassVar[str] = "map-pin"
    question: ClassVar[str] = "Who answers first, and who is still running next week?"
    order: ClassVar[int] = 40
    beads: ClassVar[tuple[str, ...]] = ("place",)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        workbench = context.workbench
        self.session = PlaceSession(workbench.state, workbench.shelf.get, profile_folder())
        self.tiles = TilesView(context, self.session)
        names = view_names()
        made: dict[str, Callable[[], View]] = {key: partial(make_view, key, context, self.session) for key in names}
        self.views = ViewStack(made | {TILES: lambda: self.tiles})
        self.views.view(TILES)  # the race and the question are asked for before it is shown
        self.tabs = ViewTabs(names)
        self.controls = Inspector(context, self.session)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.tabs)
        self._column.addWidget(self.views, 1)
        self._seen = -1
        self.tabs.chosen.connect(self.choose_view)
        self.controls.guessAsked.connect(self.ask_guess)
        self.controls.raceAsked.connect(self.race)
        self.controls.deviceChosen.connect(self.tiles.choose_device)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the window asks ----------------------------------------------------------------------------------

    def inspector(self) -> QWidget:
        """Return the cards of controls."""
        return self.controls

    def start(self) -> None:
        """Begin: estimate the four places."""
        for problem in self.session.problems:
            self.context.notify(problem, None, "warn")
        self.session.start()
        self.context.clock.set_fast(True)

    def on_frame(self, now_s: float) -> None:
        """Draw what is new."""
        self.session.poll()
        if self._seen != self.session.news:
            self._seen = self.session.news
            self.controls.show_setup()
        self.views.on_frame(now_s)

    def on_slow_tick(self) -> None:
        """Renew what is text."""
        self.views.on_slow_tick()

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        self.session.follow(old, new)
        self.controls.show_setup()
        self.views.on_state(old, new)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return self.views.describe() or wording.sentence(self.session)

    def tells_itself(self) -> bool:
        """Say whether the sentence stands beside the picture: in a low window, for once."""
        return self.views.key() == TILES and self.tiles.tells_itself()

    def glyphs(self) -> Glyphs:
        """Return the tier chosen, and the word that the four places race for."""
        running = self.tiles.running()
        return Glyphs(
            word=None if running is None else running.word,
            place=wording.tier_name(self.session.setup.chosen).lower(),
        )

    def commands(self) -> tuple[PanelCommand, ...]:
        """Return the panel's keys."""
        return (
            PanelCommand("race", self.tr("Race for the next word"), "R", self.race),
            PanelCommand("guess", self.tr("Guess who survives"), "G", self.ask_guess),
            PanelCommand("best", self.tr("Best network that fits each"), "B", self.turn_best, self._is_best),
            PanelCommand("next_view", self.tr("Next view"), "]", lambda: self.turn(1)),
            PanelCommand("last_view", self.tr("View before"), "[", lambda: self.turn(-1)),
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (*help_text.entries(self), *self.views.help_entries())

    def full_screen_target(self) -> QWidget | None:
        """Return the picture in focus, else the primary one of the view in front."""
        return self.views.full_screen_target()

    def save_state(self) -> dict[str, Any]:
        """Return the setup, the view in front and what the views keep to themselves."""
        saved = {key: state for key, view in self.views.made().items() if (state := view.save_state())}
        return {"view": self.views.key(), "setup": self.session.setup.to_json(), **saved}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        key, setup = saved.get("view", TILES), saved.get("setup", {})
        if key not in self.tabs.keys:
            raise ExplorerError(f"The panel Place has no view {key!r:.40}: one of {', '.join(self.tabs.keys)}.")
        if not isinstance(setup, dict):
            raise ExplorerError("In the panel Place, 'setup' must be an object.")
        new = from_json(setup)
        for name in self.tabs.keys:
            part = saved.get(name, {})
            if not isinstance(part, dict):
                raise ExplorerError(f"In the panel Place, {name!r} must be an object.")
            if part or name in self.views.made():
                self.views.view(name).restore_state(part)
        self.session.take(new)
        self.controls.show_setup()
        self.choose_view(key)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the view in front."""
        return self.views.csv_rows()

    def shutdown(self) -> None:
        """Stop estimating."""
        self.views.shutdown()
        self.session.close()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot(str)
    def choose_view(self, key: str) -> None:
        """Bring a view to the front."""
        self.tabs.set_key(key)
        self.views.show_view(key)

    def turn(self, step: int) -> None:
        """Bring the next view (1) or the one before (-1) to the front."""
        self.choose_view(self.tabs.neighbour(step))

    def race(self) -> None:
        """Let the four places race for the next word."""
        self.choose_view(TILES)
        self.tiles.race_next_word()

    def turn_best(self) -> None:
        """Let each place run the best network that fits it, or all the same."""
        self.session.change(best=not self.session.setup.best)
        self.controls.show_setup()

    def _is_best(self) -> bool:
        return self.session.setup.best

    @Slot()
    def ask_guess(self) -> None:
        """Ask who survives, then see what struck each."""
        self.choose_view(TILES)
        self.tiles.guess.ask()

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.space(0.75))
