"""Analysis: the views that take one word, one second or the whole network apart, one of them visible at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from explorer.panels.base import HelpEntry, write_csv
from explorer.panels.listen.analysis_base import Session, View
from explorer.panels.listen.evaluations import Evaluations

if TYPE_CHECKING:
    from explorer.engine.kws.decision import Event
    from explorer.panels.base import Context
    from explorer.workbench import State

KEYS = ("waterfall", "inside", "tradeoff", "mistakes", "accuracy", "scorecard")


class AnalysisView(QWidget):
    """One view in front of the others; each is made when it is first looked at.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    """

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__()
        self.context = context
        self.session = session
        self.evaluations = Evaluations(context.background)
        self._views: dict[str, View] = {}
        self._moment_s: float | None = None
        self._events: list[Event] = []
        self._key = KEYS[0]
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def names(self) -> dict[str, str]:
        """Give the views as they are read."""
        return {
            "waterfall": self.tr("Time"),
            "inside": self.tr("Look inside"),
            "tradeoff": self.tr("Trade-off"),
            "mistakes": self.tr("Mistakes"),
            "accuracy": self.tr("Accuracy"),
            "scorecard": self.tr("Specification"),
        }

    def key(self) -> str:
        """Give the key of the view in front."""
        return self._key

    def show_view(self, key: str) -> None:
        """Bring a view to the front.

        Raises
        ------
        ValueError
            If there is no such view.
        """
        if key not in KEYS:
            raise ValueError(f"no analysis view {key!r}")
        self._key = key
        if self.isVisible():
            self._bring_to_front()

    def view(self) -> View:
        """Give the view in front, made now if this is the first look."""
        key = self.key()
        if key not in self._views:
            view = self._factories()[key](self.context, self.session)
            self._views[key] = view
            self._stack.addWidget(view)
            view.fullScreenRequested.connect(self._on_full_screen)
            for event in self._events:
                view.on_event(event)
            if self._moment_s is not None:
                view.show_moment(self._moment_s)
        return self._views[key]

    def show_moment(self, time_s: float) -> None:
        """Take the second that ends at `time_s` apart, in "Look inside"."""
        self._moment_s = time_s
        for view in self._views.values():
            view.show_moment(time_s)
        self.show_view("inside")

    def on_event(self, event: Event) -> None:
        """Take a word that was just reported."""
        self._events = [*self._events[-19:], event]
        for view in self._views.values():
            view.on_event(event)

    def on_frame(self, now_s: float) -> None:
        """Draw what is new in the view in front."""
        if self.isVisible():
            self._front(lambda view: view.on_frame(now_s))

    def on_slow_tick(self) -> None:
        """Renew text in the view in front."""
        if self.isVisible():
            self._front(lambda view: view.on_slow_tick())

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose; what is being measured for another network or set is not wanted any more."""
        if (new.network, new.evaluation_folder) != (old.network, old.evaluation_folder):
            self.evaluations.stop()
        for view in self._views.values():
            view.on_state(old, new)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return self._views[self.key()].describe() if self.key() in self._views else ""

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return what `?` numbers: the elements of the views that were looked at."""
        return tuple(entry for view in self._views.values() for entry in view.help_entries())

    def full_screen_target(self) -> QWidget | None:
        """Return the picture in focus, else the primary one of the view in front."""
        if self.key() not in self._views:
            return None
        pictures = self._views[self.key()].pictures()
        focus = QApplication.focusWidget()
        for picture in pictures:
            if focus is not None and (picture is focus or picture.isAncestorOf(focus)):
                return picture
        return next((picture for picture in pictures if picture.isVisible()), None)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the view in front, the first row naming the columns."""
        return self.view().csv_rows()

    def export_csv(self, path: Path) -> None:
        """Write the numbers of the view in front.

        Raises
        ------
        ExplorerError
            When there is nothing to write yet or the file cannot be written.
        """
        write_csv(self.csv_rows(), path)

    def shutdown(self) -> None:
        """Ask every measurement to end; the background joins them."""
        self.evaluations.stop()
        for view in self._views.values():
            view.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the view in front, now that somebody looks."""
        self._bring_to_front()

    def _bring_to_front(self) -> None:
        view = self.view()
        self._stack.setCurrentWidget(view)
        view.activate()
        self.setAccessibleDescription(view.describe())

    @Slot(QWidget)
    def _on_full_screen(self, picture: QWidget) -> None:
        """Do what the key F does with this picture in focus; which picture that is, the window asks the panel."""
        picture.setFocus(Qt.FocusReason.OtherFocusReason)
        for action in self.window().findChildren(QAction):
            if action.shortcut() == QKeySequence("F"):
                action.trigger()

    def _front(self, call: Callable[[View], None]) -> None:
        if self.key() in self._views:
            call(self._views[self.key()])

    def _factories(self) -> dict[str, Callable[[Context, Session], View]]:
        return {
            "waterfall": _waterfall,
            "inside": _inside,
            "tradeoff": _tradeoff,
            "mistakes": lambda context, session: _mistakes(context, session, self.evaluations),
            "accuracy": lambda context, session: _accuracy(context, session, self.evaluations),
            "scorecard": lambda context, session: _scorecard(context, session, self.evaluations),
        }


# imported when first looked at: the first window must not wait for views that nobody sees


def _waterfall(context: Context, session: Session) -> View:
    from explorer.panels.listen.waterfall_view import WaterfallView

    return WaterfallView(context, session)


def _inside(context: Context, session: Session) -> View:
    from explorer.panels.listen.inside_view import InsideView

    return InsideView(context, session)


def _tradeoff(context: Context, session: Session) -> View:
    from explorer.panels.listen.tradeoff_view import TradeoffView

    return TradeoffView(context, session)


def _mistakes(context: Context, session: Session, evaluations: Evaluations) -> View:
    from explorer.panels.listen.mistakes_view import MistakesView

    return MistakesView(context, session, evaluations)


def _accuracy(context: Context, session: Session, evaluations: Evaluations) -> View:
    from explorer.panels.listen.accuracy_view import AccuracyView

    return AccuracyView(context, session, evaluations)


def _scorecard(context: Context, session: Session, evaluations: Evaluations) -> View:
    from explorer.panels.listen.scorecard_view import ScorecardView

    return ScorecardView(context, session, evaluations)
