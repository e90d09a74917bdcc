"""Memory of scores: the last minutes of what the network said, so that every knob can be tried on them at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.decision import DecisionSettings, Event, decide_all
from explorer.engine.kws.voice import FRAME_STEP_S, word_edges

FLOOR_S = 4.0  # how much sound before a word its noise floor is taken from


class Rows:
    """The last `capacity` rows of a table, always one contiguous slice.

    Parameters
    ----------
    capacity
        Rows kept.
    shape
        Shape of one row.
    dtype
        Type of its values.
    """

    def __init__(self, capacity: int, shape: tuple[int, ...], dtype: type[np.generic]) -> None:
        self._capacity = capacity
        self._table = np.zeros((2 * capacity, *shape), dtype)
        self._end = 0

    def extend(self, rows: NDArray[np.generic]) -> None:
        """Add rows [n, ...] at the end; the oldest are forgotten."""
        rows = rows[-self._capacity :]
        if self._end + len(rows) > len(self._table):  # once per `capacity` rows: move the newest to the front
            keep = self._capacity - len(rows)
            self._table[:keep] = self._table[self._end - keep : self._end]
            self._end = keep
        self._table[self._end : self._end + len(rows)] = rows
        self._end += len(rows)

    def view(self) -> NDArray[np.generic]:
        """Return the rows kept, oldest first; valid until the next `extend`."""
        return self._table[max(0, self._end - self._capacity) : self._end]

    def clear(self) -> None:
        """Forget all rows, and overwrite them."""
        self._table[:] = 0
        self._end = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the memory with one source and one set of labels.

    Parameters
    ----------
    start_s
        Where it begins on the time axis.
    labels
        Meaning of its scores.
    source
        Name of the source.
    labelled
        Whether it is known what is said in it.
    """

    start_s: float
    labels: tuple[str, ...]
    source: str
    labelled: bool


@dataclass(frozen=True, slots=True)
class Remembered:
    """A copy of the memory at one moment.

    Parameters
    ----------
    times
        Sound time of each result, seconds [n].
    scores
        Scores [n, classes].
    stretches
        Where sources changed, oldest first; the last ones share the labels of `scores`.
    levels
        Level of every frame in dB, [frames].
    first_frame_s
        Sound time at which the first of these frames begins.
    hop_ms
        Time from one result to the next.
    """

    times: NDArray[np.float64]
    scores: NDArray[np.float32]
    stretches: tuple[Stretch, ...]
    levels: NDArray[np.float32]
    first_frame_s: float
    hop_ms: float

    def parts(self) -> list[tuple[Stretch, slice]]:
        """Return each stretch with its rows; none before the first source."""
        if not self.stretches:
            return []
        edges = [int(np.searchsorted(self.times, stretch.start_s + 1e-6)) for stretch in self.stretches]
        rows = [slice(a, b) for a, b in zip(edges, [*edges[1:], len(self.times)], strict=True)]
        return [(stretch, part) for stretch, part in zip(self.stretches, rows, strict=True) if part.stop > part.start]

    def decide(self, settings: DecisionSettings, place: bool = True) -> list[Event]:
        """Return the events these knobs would have given; `place`: with the words' starts as seen in the sound."""
        events: list[Event] = []
        for stretch, rows in self.parts():
            found = decide_all(
                self.times[rows], self.scores[rows], settings, stretch.labels, self.hop_ms, stretch.start_s
            )
            events += [placed(event, self.edges(event)[0]) for event in found] if place else found
        return events

    def edges(self, event: Event, after_s: float = 0.0) -> tuple[float | None, float | None]:
        """Return start and end of the word behind an event, as seen in the sound until `after_s` after it."""
        last = round((event.time_s + after_s - 0.02 - self.first_frame_s) / FRAME_STEP_S)
        first = max(0, last - round(FLOOR_S / FRAME_STEP_S))
        return word_edges(self.levels[first : max(0, last)], self.first_frame_s + first * FRAME_STEP_S, event.rise_s)


def placed(event: Event, start_s: float | None) -> Event:
    """Return the event with the start seen in the sound, if there is one."""
    return event if start_s is None else replace(event, start_s=round(max(0.0, start_s), 3))


class ScoreMemory:
    """Keep results and frame levels of the last minutes; one thread appends, any may take a copy.

    Parameters
    ----------
    seconds
        How far back.
    hop_ms
        Time from one result to the next.
    """

    def __init__(self, seconds: float, hop_ms: float) -> None:
        self._lock = threading.Lock()
        self._hop_ms = hop_ms
        self._capacity = max(1, round(seconds * 1000 / hop_ms))
        self._times = Rows(self._capacity, (), np.float64)
        self._scores = Rows(self._capacity, (0,), np.float32)
        self._levels = Rows(round(seconds / FRAME_STEP_S), (), np.float32)
        self._frames_end_s = 0.0
        self._stretches: list[Stretch] = []

    def begin(self, stretch: Stretch) -> None:
        """Begin a new stretch; scores with other labels are forgotten, they cannot be decided together."""
        with self._lock:
            if not self._stretches or self._stretches[-1].labels != stretch.labels:
                self._times.clear()
                self._scores = Rows(self._capacity, (len(stretch.labels),), np.float32)
                self._stretches.clear()
            self._stretches.append(stretch)
            times = self._times.view()
            oldest_s = float(times[0]) if len(times) else stretch.start_s
            while len(self._stretches) > 1 and self._stretches[1].start_s < oldest_s - 1e-6:
                del self._stretches[0]  # it ended before the oldest result that is kept

    def mark_labelled(self) -> None:
        """Note that it is known what is said in the present stretch."""
        with self._lock:
            if self._stretches and not self._stretches[-1].labelled:
                self._stretches[-1] = replace(self._stretches[-1], labelled=True)

    def append_levels(self, levels: NDArray[np.float32], end_s: float) -> None:
        """Add the levels [k] of new frames, the last of which begins `FRAME_STEP_S` before `end_s`."""
        with self._lock:
            self._levels.extend(levels)
            self._frames_end_s = end_s

    def append(self, time_s: float, scores: NDArray[np.float32]) -> None:
        """Add one result."""
        with self._lock:
            self._times.extend(np.array([time_s]))
            self._scores.extend(scores[None])

    def snapshot(self, last_s: float | None = None) -> Remembered:
        """Return a copy of everything, or of the last `last_s` seconds of frame levels without any scores."""
        with self._lock:
            levels = self._levels.view()
            if last_s is not None:
                levels = levels[-round(last_s / FRAME_STEP_S) :]
            return Remembered(
                times=np.array(self._times.view() if last_s is None else (), np.float64),
                scores=np.array(self._scores.view() if last_s is None else np.empty((0, 0)), np.float32),
                stretches=tuple(self._stretches),
                levels=np.array(levels, np.float32),
                first_frame_s=self._frames_end_s - len(levels) * FRAME_STEP_S,
                hop_ms=self._hop_ms,
            )

    def clear(self) -> None:
        """Forget all scores and levels; the present stretch goes on."""
        with self._lock:
            self._times.clear()
            self._scores.clear()
            self._levels.clear()
            del self._stretches[:-1]
