"""Analysis: the views that take one word, one second or the whole network apart, one of them visible at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from explorer.panels.listen.analysis_base import ListenView, Session
from explorer.panels.listen.evaluations import Evaluations
from explorer.panels.view_stack import ViewStack

if TYPE_CHECKING:
    from explorer.engine.kws.decision import Event
    from explorer.panels.base import Context
    from explorer.workbench import State

KEYS = ("waterfall", "inside", "tradeoff", "mistakes", "accuracy", "scorecard")


class AnalysisView(ViewStack):
    """One view in front of the others; each is made when it is first looked at.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    """

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__({key: partial(self._make, key) for key in KEYS})
        self.context = context
        self.session = session
        self.evaluations = Evaluations(context.background)
        self._listening: list[ListenView] = []
        self._moment_s: float | None = None
        self._events: list[Event] = []

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

    def show_moment(self, time_s: float) -> None:
        """Take the second that ends at `time_s` apart, in "Look inside"."""
        self._moment_s = time_s
        for view in self._listening:
            view.show_moment(time_s)
        self.show_view("inside")

    def on_event(self, event: Event) -> None:
        """Take a word that was just reported."""
        self._events = [*self._events[-19:], event]
        for view in self._listening:
            view.on_event(event)

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose; what is being measured for another network or set is not wanted any more."""
        if (new.network, new.evaluation_folder) != (old.network, old.evaluation_folder):
            self.evaluations.stop()
        super().on_state(old, new)

    def shutdown(self) -> None:
        """Ask every measurement to end; the background joins them."""
        self.evaluations.stop()
        super().shutdown()

    def _make(self, key: str) -> ListenView:
        """Make a view and tell it what was heard before somebody looked at it."""
        context, session, evaluations = self.context, self.session, self.evaluations
        match key:
            case "waterfall":
                view = _waterfall(context, session)
            case "inside":
                view = _inside(context, session)
            case "tradeoff":
                view = _tradeoff(context, session)
            case "mistakes":
                view = _mistakes(context, session, evaluations)
            case "accuracy":
                view = _accuracy(context, session, evaluations)
            case _:
                view = _scorecard(context, session, evaluations)
        self._listening.append(view)
        for event in self._events:
            view.on_event(event)
        if self._moment_s is not None:
            view.show_moment(self._moment_s)
        return view


# imported when first looked at: the first window must not wait for views that nobody sees


def _waterfall(context: Context, session: Session) -> ListenView:
    from explorer.panels.listen.waterfall_view import WaterfallView

    return WaterfallView(context, session)


def _inside(context: Context, session: Session) -> ListenView:
    from explorer.panels.listen.inside_view import InsideView

    return InsideView(context, session)


def _tradeoff(context: Context, session: Session) -> ListenView:
    from explorer.panels.listen.tradeoff_view import TradeoffView

    return TradeoffView(context, session)


def _mistakes(context: Context, session: Session, evaluations: Evaluations) -> ListenView:
    from explorer.panels.listen.mistakes_view import MistakesView

    return MistakesView(context, session, evaluations)


def _accuracy(context: Context, session: Session, evaluations: Evaluations) -> ListenView:
    from explorer.panels.listen.accuracy_view import AccuracyView

    return AccuracyView(context, session, evaluations)


def _scorecard(context: Context, session: Session, evaluations: Evaluations) -> ListenView:
    from explorer.panels.listen.scorecard_view import ScorecardView

    return ScorecardView(context, session, evaluations)
