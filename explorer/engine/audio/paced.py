"""Pacing: sound that is not a device's, delivered at the speed of a device or as fast as it is read."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from explorer.engine.audio.level import LevelMeter
from explorer.engine.audio.source import RATE_HZ, Block, SourceKind, SourceState, SourceStatus, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LATE_S = 0.05
_GIVE_UP_S = 1.0


class PacedSource(ABC):
    """What files, talkers and signal generators share: a position, a clock and a meter.

    Sample k of a paced source is due k / 16,000 s after it began, as if a device took it then.  A reader
    who comes more than a second late (a machine that slept) does not get the missed time in one burst: the
    clock is set back and the source waits, nothing is lost.

    Parameters
    ----------
    kind, label
        See `Source`.
    paced
        False: `read` never waits.
    """

    live = False

    def __init__(self, kind: SourceKind, label: str, paced: bool) -> None:
        self.kind: SourceKind = kind
        self.label = label
        self.paced = paced
        self._position = 0
        self._opened = False
        self._ended = False
        self._begin_s = 0.0
        self._lag_s = 0.0
        self._late_blocks = 0
        self._meter = LevelMeter()
        self._closing = threading.Event()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended

    def open(self) -> None:
        """Start the clock; a source that was closed goes on where it was."""
        self._closing.clear()
        self._begin_s = time.perf_counter() - self._position / RATE_HZ
        self._opened = True

    def close(self) -> None:
        """Stop; a waiting `read` returns at once."""
        self._opened = False
        self._closing.set()

    def read(self, n: int, timeout_s: float) -> Block | None:
        """Return the next `n` samples when they are due (fewer at the end), else None."""
        if not self._opened or self._ended:
            time.sleep(min(timeout_s, 0.02))  # a loop around a closed source must not spin
            return None
        arrived_s = self._wait_until_due(self._position + n, timeout_s)
        if arrived_s is None:
            return None
        samples = self._take(n)
        self._ended = len(samples) < n
        if not len(samples):
            return None
        self._position += len(samples)
        self._meter.add(samples)
        return Block(samples, self._position, arrived_s, None)

    def status(self) -> SourceStatus:
        """Return what is the case."""
        if self._ended:
            state, sentence = SourceState.ENDED, f"{self.label}: played to its end."
        elif self._opened:
            state, sentence = SourceState.LISTENING, f"{self.label}: playing."
        else:
            state, sentence = SourceState.CLOSED, f"{self.label}: closed."
        meter = self._meter
        return SourceStatus(
            state=state,
            sentence=sentence,
            action="",
            lost_samples=0,
            lag_ms=self._lag_s * 1000.0 if self.paced else None,
            level_dbfs=meter.level_dbfs,
            peak=meter.peak,
            clipped=meter.clipped,
            late_blocks=self._late_blocks,
        )

    def truth(self, start_s: float, end_s: float) -> tuple[Span, ...]:
        """Return the words known to touch this stretch."""
        return ()

    @abstractmethod
    def _take(self, n: int) -> NDArray[np.float32]:
        """Return the next `n` samples, fewer only at the end."""

    def _wait_until_due(self, end_index: int, timeout_s: float) -> float | None:
        now_s = time.perf_counter()
        if not self.paced:
            return now_s
        due_s = self._begin_s + end_index / RATE_HZ
        if due_s > now_s:
            if due_s - now_s > timeout_s:
                self._closing.wait(timeout_s)
                return None
            if self._closing.wait(due_s - now_s):
                return None
            now_s = time.perf_counter()
        self._lag_s = now_s - due_s
        self._late_blocks += self._lag_s > LATE_S
        if self._lag_s > _GIVE_UP_S:
            self._begin_s += self._lag_s
            return now_s
        return due_s
