"""Trace: what the live picture draws, for the last five minutes, as arrays on one time axis."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.source import RATE_HZ
from explorer.engine.kws.decision import WARM_UP_S, DecisionSettings, average, keyword_indices
from explorer.engine.kws.frontend import BANDS, HOP
from explorer.engine.kws.pipeline import Hop

COLUMN_S = HOP / RATE_HZ
"""One column of the picture is one frame of the front end: 10 ms."""


class Ring:
    """Rows addressed by their number since the beginning; the last `capacity` of them are kept.

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
        self._rows = np.zeros((capacity, *shape), dtype)
        self.first = self.end = 0

    def put(self, at: int, rows: NDArray[np.generic]) -> None:
        """Write rows [n, ...] from number `at` on; rows left out before them stay empty."""
        if not len(rows):
            return
        if not self.end:
            self.first = at  # nothing was there before
        if at > self.end:
            gap = np.arange(max(self.end, at - len(self._rows)), at) % len(self._rows)
            self._rows[gap] = 0
        last = at + len(rows)
        rows = rows[-len(self._rows) :]
        self._rows[np.arange(last - len(rows), last) % len(self._rows)] = rows
        self.end = max(self.end, last)
        self.first = max(self.first, self.end - len(self._rows))

    def get(self, start: int, end: int) -> NDArray[np.generic]:
        """Return rows `start` to `end`; zeros where nothing was written or it is forgotten."""
        numbers = np.arange(start, end)
        rows: NDArray[np.generic] = self._rows[numbers % len(self._rows)]
        rows[(numbers < self.first) | (numbers >= self.end)] = 0
        return rows

    def with_columns(self, count: int, taken: Sequence[tuple[int, int]]) -> Ring:
        """Return a ring of rows [count] with the same numbers; `taken` pairs its columns with columns of this one."""
        ring = Ring(len(self._rows), (count,), self._rows.dtype.type)
        for new, old in taken:
            ring._rows[:, new] = self._rows[:, old]
        ring.first, ring.end = self.first, self.end
        return ring

    def clear(self) -> None:
        """Forget and overwrite everything; the numbers go on."""
        self._rows[:] = 0
        self.first = self.end


class Trace:
    """Waveform, log-mel picture and scores of the last minutes.

    Parameters
    ----------
    labels
        Meaning of the scores.
    hop_s
        Time from one result to the next.
    seconds
        How far back.
    """

    def __init__(self, labels: Sequence[str], hop_s: float = 0.05, seconds: float = 300.0) -> None:
        self.labels = tuple(labels)
        self.hop_s = hop_s
        self.keywords = keyword_indices(self.labels)
        columns, hops = round(seconds / COLUMN_S), round(seconds / hop_s)
        self.seconds = seconds
        self._extent = Ring(columns, (2,), np.float32)
        self._mel = Ring(columns, (BANDS,), np.uint8)
        self._scores = Ring(hops, (len(self.labels),), np.float32)
        self._averaged = Ring(hops, (len(self.labels),), np.float32)
        self.now_s = 0.0

    def set_labels(self, labels: Sequence[str]) -> None:
        """Go on with other labels; each word keeps the scores it had, and a new one had none."""
        names = tuple(labels)
        taken = [(names.index(label), i) for i, label in enumerate(self.labels) if label in names]
        self._scores = self._scores.with_columns(len(names), taken)
        self._averaged = self._averaged.with_columns(len(names), taken)
        self.labels, self.keywords = names, keyword_indices(names)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that can be reported."""
        return tuple(self.labels[i] for i in self.keywords)

    @property
    def oldest_s(self) -> float:
        """The oldest moment that is kept, in seconds."""
        return self._scores.first * self.hop_s

    def add_sound(self, first_sample: int, samples: NDArray[np.float32]) -> None:
        """Take the extent of the waveform in each column: samples [n], n a multiple of 160."""
        columns = samples.reshape(-1, HOP)
        self._extent.put(first_sample // HOP, np.stack([columns.min(1), columns.max(1)], 1))

    def add_frames(self, first_frame: int, frames: NDArray[np.uint8]) -> None:
        """Take new frames [k, 40] of the log-mel picture, in grey levels."""
        # a frame is 30 ms long: the column after its first 10 ms holds its middle
        self._mel.put(first_frame + 1, frames)

    def add_hop(self, hop: Hop) -> None:
        """Take one result."""
        at = round(hop.time_s / self.hop_s) - 1
        self._scores.put(at, hop.scores[None])
        self._averaged.put(at, hop.averaged[None].astype(np.float32))
        self.now_s = hop.time_s

    def average_again(self, settings: DecisionSettings, starts_s: Sequence[float]) -> None:
        """Average all scores anew with other knobs; the decision layer begins again at each of `starts_s`."""
        rings = self._scores
        begun = {round(s / self.hop_s) for s in starts_s}
        edges = sorted({rings.first, rings.end} | begun)
        warm_up = round(WARM_UP_S / self.hop_s)
        for start, end in itertools.pairwise(edges):
            if start < rings.first or end > rings.end:
                continue
            # results of the first second count for nothing, not even in the averages after it
            silent = min(end - start, warm_up - 1) if start in begun else 0
            rows = np.zeros((end - start, len(self.labels)), np.float32)
            scores = np.asarray(self._scores.get(start + silent, end), np.float32)
            rows[silent:] = average(scores, settings.window(self.hop_s * 1000.0))
            self._averaged.put(start, rows)

    def extents(self, end_s: float, columns: int) -> NDArray[np.float32]:
        """Return the lowest and highest sample of each of the columns before `end_s`, [columns, 2]; nan where none."""
        end = round(end_s / COLUMN_S)
        rows = np.asarray(self._extent.get(end - columns, end), np.float32)
        numbers = np.arange(end - columns, end)
        rows[(numbers < self._extent.first) | (numbers >= self._extent.end)] = np.nan
        return rows

    def frames(self, end_s: float, columns: int) -> NDArray[np.uint8]:
        """Return the log-mel columns before `end_s`, [columns, 40] grey levels."""
        end = round(end_s / COLUMN_S)
        return np.asarray(self._mel.get(end - columns, end), np.uint8)

    def scores(self, end_s: float, hops: int) -> NDArray[np.float32]:
        """Return the scores of the results up to `end_s`, [hops, classes]."""
        end = round(end_s / self.hop_s)
        return np.asarray(self._scores.get(end - hops, end), np.float32)

    def leading(self, end_s: float, hops: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Return averaged score and index of the leading word at each of the results up to `end_s`, [hops] each."""
        end = round(end_s / self.hop_s)
        rows = np.asarray(self._averaged.get(end - hops, end), np.float32)[:, self.keywords]
        best = rows.argmax(1)
        return rows[np.arange(len(rows)), best], self.keywords[best]

    def clear(self) -> None:
        """Forget everything; the time axis goes on."""
        for ring in (self._extent, self._mel, self._scores, self._averaged):
            ring.clear()
