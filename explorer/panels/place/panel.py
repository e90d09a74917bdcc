"""The Place panel: cloud, edge, mobile and tiny, predicted beside measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from explorer.files import profile_folder
from explorer.panels.base import Context, Glyphs, HelpEntry, PanelCommand
from explorer.panels.place import help_text, wording
from explorer.panels.place.controls import Inspector
from explorer.panels.place.session import PlaceSession
from explorer.panels.place.setup import from_json
from explorer.panels.place.tiles_view import TilesView
from explorer.panels.place.views import TILES, view_names
from explorer.panels.tabbed import TabbedPanel, make_view
from explorer.panels.view import View
from explorer.workbench import State
from widgets import tokens
from widgets.tokens import Tokens


class PlacePanel(TabbedPanel):
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
        made: dict[str, Callable[[], View]] = {
            key: partial(make_view, __package__, key, context, self.session) for key in names
        }
        self.take_views(names, made | {TILES: lambda: self.tiles})
        self.views.view(TILES)  # the race and the question are asked for before it is shown
        self.controls = Inspector(context, self.session)
        self.column.addWidget(self.tabs)
        self.column.addWidget(self.views, 1)
        self._seen = -1
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

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        self.session.follow(old, new)
        self.controls.show_setup()
        self.views.on_state(old, new)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return super().describe() or wording.sentence(self.session)

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
            *super().commands(),
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (*help_text.entries(self), *super().help_entries())

    def save_state(self) -> dict[str, Any]:
        """Return the setup, the view in front and what the views keep to themselves."""
        return super().save_state() | {"setup": self.session.setup.to_json()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        new = from_json(self.object_in(saved, "setup"))
        super().restore_state(saved)
        self.session.take(new)
        self.controls.show_setup()

    def shutdown(self) -> None:
        """Stop estimating."""
        self.views.shutdown()
        self.session.close()

    # -- what the user does ----------------------------------------------------------------------------------------

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
        self.column.setSpacing(current.space(0.75))
