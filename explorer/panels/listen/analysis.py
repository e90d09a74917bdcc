"""Analysis: the views that take one word, one second or the whole network apart, one of them visible at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from explorer.panels.base import HelpEntry, write_csv
from explorer.panels.listen.analysis_base import Session, View
from explorer.panels.listen.evaluations import Evaluations
from widgets import tokens
from widgets.segmented import Segmented

if TYPE_CHECKING:
    from explorer.engine.kws.decision import Event
    from explorer.panels.base import Context
    from explorer.workbench import State
    from widgets.tokens import Tokens

KEYS = ("waterfall", "inside", "tradeoff", "mistakes", "accuracy", "scorecard")
LEAST_PX = 320


class AnalysisView(QWidget):
    """A choice of views; each is made when it is first looked at.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    """

    chosen = Signal(str)
    """Another view is in front; its key."""

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__()
        self.context = context
        self.session = session
        self.evaluations = Evaluations(context.background)
        self._views: dict[str, View] = {}
        self._moment_s: float | None = None
        self._events: list[Event] = []
        names = self.names()
        self.choice = Segmented([(key, names[key]) for key in KEYS], label=self.tr("Analysis"))
        self.choice.chosen.connect(self._on_chosen)
        self._stack = QStackedWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.choice)
        self._column.addWidget(self._stack, 1)
        self._unfollow = tokens.follow(self._apply_tokens)

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
        return self.choice.key()

    def show_view(self, key: str) -> None:
        """Bring a view to the front.

        Raises
        ------
        ValueError
            If there is no such view.
        """
        self.choice.set_key(key)
        self._on_chosen(key)

    def view(self) -> View:
        """Give the view in front, made now if this is the first look."""
        key = self.key()
        if key not in self._views:
            view = self._factories()[key](self.context, self.session)
            self._views[key] = view
            self._stack.addWidget(view)
            view.fullScreenRequested.connect(self._on_full_screen)
            view.area.contentChanged.connect(self._fit)
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
        """Return what `?` numbers: the choice, and the elements of the views that were looked at."""
        choice = HelpEntry(
            self.choice,
            self.tr("Analysis"),
            self.tr(
                "Time: where it goes. Look inside: one second, step by step. Trade-off: hits against false alarms. "
                "Mistakes: what is taken for what. Accuracy: in noise, and for its bytes. "
                "Specification: what the book asks for."
            ),
            None,
            "5.2",
        )
        return (choice, *(entry for view in self._views.values() for entry in view.help_entries()))

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

    def event(self, event: QEvent) -> bool:
        """Become as high as the view in front needs, whenever that may have changed."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fit()
        return done

    def showEvent(self, event: QShowEvent) -> None:
        """Make the view in front, now that somebody looks."""
        self._on_chosen(self.key())

    @Slot(str)
    def _on_chosen(self, key: str) -> None:
        view = self.view()
        self._stack.setCurrentWidget(view)
        view.activate()
        self._fit()
        self.setAccessibleDescription(view.describe())
        self.chosen.emit(key)

    @Slot(QWidget)
    def _on_full_screen(self, picture: QWidget) -> None:
        """Do what the key F does with this picture in focus; which picture that is, the window asks the panel."""
        picture.setFocus(Qt.FocusReason.OtherFocusReason)
        for action in self.window().findChildren(QAction):
            if action.shortcut() == QKeySequence("F"):
                action.trigger()

    @Slot()
    def _fit(self) -> None:
        view = self._views.get(self.key())
        if view is not None:
            tabs = self.choice.sizeHint().height() + self._column.spacing()
            self.setMinimumHeight(max(self._tokens.px(LEAST_PX), tabs + view.area.needed_height()))

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

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._column.setSpacing(current.space(1))


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
