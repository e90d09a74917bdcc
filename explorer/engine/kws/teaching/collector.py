"""The collector: hands-free recording by voice activity, one take per utterance.

First the background is listened to, which sets the floor; then every stretch of voice that stands above it, and is
followed by a pause, becomes a take, or a sentence on why it does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.level import dbfs, rms
from explorer.engine.kws.frontend import CLIP as SECOND
from explorer.engine.kws.frontend import HOP, RATE_HZ
from explorer.engine.kws.teaching.takes import LONGEST_S, SHORTEST_S, Take, fault, take_of
from explorer.engine.kws.voice import FLOOR_PERCENTILE, MARGIN_DB

TAKES = 8
BACKGROUND_S = 2.0
PAUSE_S = 0.3  # quiet that ends an utterance; the closure inside "backward" is shorter
MARGIN_S = 0.3  # room kept behind a short word, so that it stands in the middle of its second
QUIETEST_FLOOR_DBFS = -66.0  # a device that gives zeros between words says nothing of the room
_KEPT_S = 4.0
_FLOOR_FRAMES = 300
_STEP_S = HOP / RATE_HZ
_ONSET = 4  # frames of voice in a row that begin an utterance: a click is shorter


class Collector:
    """Take in sound of any block size and find the takes in it.

    Parameters
    ----------
    wanted
        How many takes end the collection.
    background_s
        How long the background is listened to first.
    origin
        Where the sound comes from, noted in each take.
    heard
        Called with every take as it is found.

    Attributes
    ----------
    takes
        What was found; the user may drop some, and the collection goes on until there are enough.
    background
        The sound before the first utterance, float32 [n].
    problem
        Why the last utterance was no take; empty after a good one.
    level_dbfs
        Level of the newest 10 ms.
    """

    def __init__(
        self,
        wanted: int = TAKES,
        background_s: float = BACKGROUND_S,
        origin: str = "microphone",
        heard: Callable[[Take], None] | None = None,
    ) -> None:
        self.wanted = wanted
        self.takes: list[Take] = []
        self.background = np.zeros(0, np.float32)
        self.problem = ""
        self.level_dbfs = dbfs(0.0)
        self.seconds = 0.0
        self._background_s = background_s
        self._origin = origin
        self._heard = heard
        self._rest = np.zeros(0, np.float32)
        self._kept = np.zeros(0, np.float32)
        self._levels: deque[float] = deque(maxlen=_FLOOR_FRAMES)
        self._run = self._quiet = self._length = 0
        self._speaking = self._cut_off = False

    @property
    def done(self) -> bool:
        """Whether there are enough takes."""
        return len(self.takes) >= self.wanted

    @property
    def listening(self) -> bool:
        """Whether the background is known and words are waited for."""
        return self.seconds >= self._background_s

    @property
    def speaking(self) -> bool:
        """Whether somebody speaks now."""
        return self._speaking

    @property
    def floor_dbfs(self) -> float:
        """Level of the background, in dBFS."""
        if not self._levels:
            return QUIETEST_FLOOR_DBFS
        return max(QUIETEST_FLOOR_DBFS, float(np.percentile(self._levels, FLOOR_PERCENTILE)))

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take in the next samples [n], 16 kHz, -1..1."""
        waiting = np.concatenate([self._rest, samples])
        whole = len(waiting) // HOP * HOP
        self._rest = waiting[whole:]
        for frame in waiting[:whole].reshape(-1, HOP):
            if not self.done:
                self._step(frame)

    def _step(self, frame: NDArray[np.float32]) -> None:
        self.level_dbfs = level = dbfs(rms(frame))
        self._kept = np.concatenate([self._kept[-round(_KEPT_S * RATE_HZ) :], frame])
        was_listening = self.listening
        self.seconds += _STEP_S
        if not was_listening:
            self._levels.append(level)
            self.background = np.concatenate([self.background, frame])
            return
        voice = level > self.floor_dbfs + MARGIN_DB
        if not self._speaking:
            self._levels.append(level)
        self._run = self._run + 1 if voice else 0
        if self._cut_off:
            self._quiet = 0 if voice else self._quiet + 1
            self._cut_off = self._quiet * _STEP_S < PAUSE_S
        elif not self._speaking:
            self._speaking, self._length, self._quiet = self._run >= _ONSET, self._run, 0
        else:
            self._length += 1
            self._quiet = 0 if voice else self._quiet + 1
            # who never pauses is cut off, and told so; a new, louder background becomes the floor this way
            endless = self._length * _STEP_S > 3.0 * LONGEST_S
            if self._quiet * _STEP_S >= PAUSE_S or endless:
                self._end(endless)

    def _end(self, endless: bool) -> None:
        """Judge the utterance that just ended."""
        self._speaking, self._cut_off, self._run = False, endless, 0
        last = len(self._kept) - self._quiet * HOP
        first = max(0, len(self._kept) - self._length * HOP)
        if endless:
            levels = self._kept[first:].reshape(-1, HOP)
            self._levels.extend(dbfs(rms(row)) for row in levels)
        voice = self._kept[first:last]
        if len(voice) < SHORTEST_S * RATE_HZ:
            return  # a click or a knock is not worth a sentence
        self.problem = fault(voice)
        if self.problem:
            return
        length = last - first
        end = last + min(round(MARGIN_S * RATE_HZ), (SECOND - length) // 2)
        second = self._kept[max(0, end - SECOND) : end]
        second = np.concatenate([np.zeros(SECOND - len(second), np.float32), second])
        end_s = 1.0 - (end - last) / RATE_HZ
        take = take_of(second, end_s - length / RATE_HZ, end_s, self._origin)
        self.takes.append(take)
        if self._heard is not None:
            self._heard(take)
