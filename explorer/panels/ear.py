"""The ear: the one running source of sound, lent by the panel that listens to every other that needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.panels.listen.session import ListenSession


@dataclass
class Ear:
    """Who listens.  There is one stream; a second one is never opened.

    Parameters
    ----------
    session
        What listens; None before it was needed for the first time.
    wake
        Begins to listen without showing it.
    """

    session: ListenSession | None = None
    wake: Callable[[], None] | None = None

    def listening(self) -> ListenSession | None:
        """Return what listens, begun now if it was not needed before; None where nothing can listen."""
        if self.session is None and self.wake is not None:
            self.wake()
        return self.session
