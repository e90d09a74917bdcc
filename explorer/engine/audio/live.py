"""Live sound, lent: whoever listens lends its memory, others look at its last seconds.  Never written anywhere."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.audio.source import RATE_HZ
from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.engine.audio.ring import History

LEAST_S = 10.0
MINUTE_S = 60.0
_KEPT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """A piece of what was heard, kept in memory until it is erased.

    Parameters
    ----------
    number
        Counts up; 0 is none.
    samples
        16-bit sound at 16 kHz, [n], read-only.
    """

    number: int
    samples: NDArray[np.int16]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE_HZ


class LiveSound:
    """The last minutes of what is being listened to, and the excerpts of it that somebody still needs.

    Any thread may read; excerpts are made and erased by the interface's.
    """

    def __init__(self) -> None:
        self._history: History | None = None
        self._lock = threading.Lock()
        self._excerpts: dict[int, Excerpt] = {}
        self._number = 0

    def lend(self, history: History) -> None:
        """Let others look at this memory."""
        self._history = history

    def last(self, seconds: float) -> NDArray[np.float32]:
        """Return what was heard last, -1..1 at 16 kHz: `seconds` of it, or less where less is remembered."""
        history = self._history
        if history is None:
            return np.zeros(0, np.float32)
        end = history.end_index
        first = max(history.first_index, end - round(seconds * RATE_HZ))
        try:
            return history.clip(first, end - first)
        except LookupError:  # cleared in this moment
            return np.zeros(0, np.float32)

    def keep_minute(self) -> Excerpt:
        """Keep the last minute as an excerpt; of those kept only the newest few stay.

        Raises
        ------
        ExplorerError
            When less than ten seconds were heard, or nothing but digital silence.
        """
        heard = self.last(MINUTE_S)
        if len(heard) < LEAST_S * RATE_HZ:
            seconds = len(heard) / RATE_HZ
            raise ExplorerError(
                f"Only {seconds:.0f} s of live sound are remembered: let Listen hear {LEAST_S:.0f} s or more first."
            )
        if not heard.any():
            raise ExplorerError("The last minute was digital silence: unmute the microphone, or choose another source.")
        samples = np.rint(heard * 32768.0).clip(-32768, 32767).astype(np.int16)
        samples.flags.writeable = False
        with self._lock:
            self._number += 1
            self._excerpts[self._number] = Excerpt(self._number, samples)
            for old in sorted(self._excerpts)[:-_KEPT]:
                del self._excerpts[old]
            return self._excerpts[self._number]

    def excerpt(self, number: int) -> Excerpt | None:
        """Return an excerpt that is kept; None when it was never made or is erased."""
        with self._lock:
            return self._excerpts.get(number)

    def erase(self) -> None:
        """Forget every excerpt; numbers go on."""
        with self._lock:
            self._excerpts.clear()
