"""The Teach panel: how much of the error reaches the first layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from explorer.engine.errors import ExplorerError
from explorer.panels.base import Context, HelpEntry, PanelCommand
from explorer.panels.tabbed import TabbedPanel
from explorer.panels.teach.controls import Inspector
from explorer.panels.teach.exporting import ask_path, write_network
from explorer.panels.teach.inspector_pages import InspectorPages
from explorer.panels.teach.session import TeachSession
from explorer.panels.teach.train_view import TrainView
from explorer.panels.teach.views import TRAIN, Driver, OwnView, Player, TeachView, make_view, view_names
from explorer.panels.view import View
from explorer.workbench import State
from widgets import tokens
from widgets.tokens import Tokens


class TeachPanel(TabbedPanel):
    """A network that learns in front of the room, with everything about it changeable while it does."""

    key: ClassVar[str] = "teach"
    title: ClassVar[str] = "Teach"
    icon: ClassVar[str] = "graduation-cap"
    question: ClassVar[str] = "How much of the error reaches the first layer?"
    order: ClassVar[int] = 30
    beads: ClassVar[tuple[str, ...]] = ()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.session = TeachSession(context)
        names = view_names()
        made: dict[str, Callable[[], View]] = {key: partial(self._make_view, key) for key in names}
        self.take_views(names, made)
        self.controls = Inspector(context, self.session)
        self.pages = InspectorPages(self.controls)
        self._resume = False
        self.column.addWidget(self.tabs)
        self.column.addWidget(self.views, 1)
        self.controls.guess.clicked.connect(self.ask_illness)
        self.controls.save.clicked.connect(self.save_network)
        self._unfollow = tokens.follow(self._apply_tokens)

    def _make_view(self, key: str) -> View:
        """Make a view; the plane of the Train view takes the tool that the inspector has."""
        view = make_view(key, self.context, self.session)
        if isinstance(view, TrainView):
            view.take_tools_of(self.controls.data.pencil)
        return view

    # -- what the window asks ----------------------------------------------------------------------------------

    def inspector(self) -> QWidget:
        """Return the cards of controls."""
        return self.pages

    def start(self) -> None:
        """Begin: load torch, which takes a second."""
        self.session.start()

    def on_frame(self, now_s: float) -> None:
        """Draw what is new."""
        self.session.poll()
        self.views.on_frame(now_s)
        self.controls.on_frame(now_s)

    def on_slow_tick(self) -> None:
        """Renew what is text."""
        super().on_slow_tick()
        self.controls.on_slow_tick()

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        self.views.on_state(old, new)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return super().describe() or self.tr("The trainer is being loaded.")

    def commands(self) -> tuple[PanelCommand, ...]:
        """Return the panel's keys."""
        session = self.session
        return (
            PanelCommand(
                "play",
                self.tr("Play or pause"),
                "Space",
                lambda: self.player().toggle(),
                lambda: self.player().playing,
            ),
            PanelCommand("step", self.tr("One step"), ".", lambda: self.drive(lambda driver: driver.step_once())),
            PanelCommand("reset_run", self.tr("Begin again"), "Backspace", lambda: self.drive(lambda d: d.reset())),
            PanelCommand("mend", self.tr("Mend what was broken"), "M", session.mend),
            PanelCommand("faster", self.tr("Train faster"), "+", lambda: self.controls.change_speed(2.0)),
            PanelCommand("slower", self.tr("Train slower"), "-", lambda: self.controls.change_speed(0.5)),
            PanelCommand("guess", self.tr("Guess what is wrong with a run"), "G", self.ask_illness),
            PanelCommand("keep_run", self.tr("Keep this run as B, or forget B"), "B", self.keep_run),
            PanelCommand("quantity", self.tr("Show loss or accuracy"), "A", self.turn_quantity),
            PanelCommand("save_network", self.tr("Save the network …"), "", self.save_network),
            *super().commands(),
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        tabs = HelpEntry(self.tabs, self.tr("Views"), self.tr("The run, and what stands behind it, in several ways."))
        return (tabs, *self.controls.help_entries(), *super().help_entries())

    def save_state(self) -> dict[str, Any]:
        """Return the view in front, the run's set-up and what the views keep to themselves."""
        return super().save_state() | {"run": self.session.save_state()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        self.views_in(saved)
        self.session.restore_state(self.object_in(saved, "run"))
        super().restore_state(saved)

    def shutdown(self) -> None:
        """Stop training."""
        self.views.shutdown()
        self.session.close()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot(str)
    def choose_view(self, key: str) -> None:
        """Bring a view to the front."""
        super().choose_view(key)
        self._show_controls()

    def player(self) -> Player:
        """Give what Space begins and ends: the view in front where it moves, else the run."""
        view = self.views.made().get(self.views.key())
        if isinstance(view, OwnView):
            return view
        return view.driver() if isinstance(view, TeachView) else self.session

    def drive(self, act: Callable[[Driver], None]) -> None:
        """Let the view in front, or the run, make a step or begin again; a view of its own has no steps."""
        view = self.views.made().get(self.views.key())
        if isinstance(view, TeachView):
            act(view.driver())

    def _show_controls(self) -> None:
        view = self.views.made().get(self.views.key())
        self.pages.show_page(view.cards() if isinstance(view, TeachView | OwnView) else None)

    def keep_run(self) -> None:
        """Keep the run as B, for comparing, or forget B."""
        self._train().keep_or_forget()

    def turn_quantity(self) -> None:
        """Show accuracy in place of loss, or loss in place of accuracy."""
        self._train().turn_quantity()

    def _train(self) -> TrainView:
        """Bring the run to the front and return its view."""
        self.choose_view(TRAIN)
        view = self.views.view(TRAIN)
        assert isinstance(view, TrainView)
        return view

    @Slot()
    def ask_illness(self) -> None:
        """Show four heat maps without a name and ask what is wrong with one of them."""
        self._train().ask_illness()

    def save_network(self) -> None:
        """Write the network as safetensors or ONNX."""
        path = ask_path(self, self.session) if self.session.ready else None
        if path is None:
            return
        try:
            write_network(self.session, path)
        except ExplorerError as error:
            self.context.notify(str(error), None, "warn")
            return
        self.context.notify(self.tr("{name} is written.").format(name=path.name), None, "good")

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still while nobody looks."""
        if not event.spontaneous():
            self._resume = self.session.playing
            self.session.pause()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Go on where the run stood when somebody looked away."""
        super().showEvent(event)
        self._show_controls()
        if self._resume:
            self._resume = False
            self.session.play()

    def _apply_tokens(self, current: Tokens) -> None:
        self.column.setSpacing(current.space(0.75))
