"""What the analysis views of Listen share: what they read of a session, and what they are told besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from explorer.panels.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.engine.kws.decision import DecisionSettings, Event
    from explorer.engine.kws.pipeline import Pipeline
    from explorer.engine.nn.network import Network
    from explorer.panels.base import Context


class Session(Protocol):
    """What the views read of a listening session."""

    pipeline: Pipeline
    network: Network | None
    tuned_on: str

    @property
    def settings(self) -> DecisionSettings:
        """The knobs in force."""

    def settled(self, event: Event) -> Event:
        """Return an event with the end of its word, as far as it is seen by now."""

    def painted_s(self, event: Event) -> float | None:
        """Return `time.perf_counter()` when the picture with this word had been painted."""

    def look_back(self, time_s: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the second that ends at `time_s`: samples [16000] and grey levels [98, 40]."""


class ListenView(View):
    """One analysis view of what is being heard.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    """

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__(context)
        self.session = session

    def show_moment(self, time_s: float) -> None:
        """Show the second that ends at `time_s`, where the view shows moments."""

    def on_event(self, event: Event) -> None:
        """Take a word that was just reported."""
