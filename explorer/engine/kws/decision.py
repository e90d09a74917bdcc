"""The decision layer: turns twenty scores a second into one event per spoken word.

A network that looks at one second of sound twenty times a second sees every word many times, and now and then it is
wrong for a moment.  Averaging makes it sure and slow; the threshold trades misses against false alarms; the refractory
time and the re-arm level keep one word from counting twice.  Every part is a knob (`DecisionSettings`).

References
----------
G. Chen, C. Parada, G. Heigold, "Small-footprint keyword spotting using deep neural networks", ICASSP 2014 (posterior
smoothing); P. Warden, "Speech Commands", arXiv:1804.03209 (streaming accuracy).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.labels import SILENCE, UNKNOWN

if TYPE_CHECKING:
    from explorer.engine.kws.waterfall import Waterfall

WARM_UP_S = 1.0  # a network that reads one second knows nothing before one second was heard
TYPICAL_WORD_S = 0.5  # length of a keyword, for the first estimate of where it began
_EPSILON_S = 1e-6  # times are multiples of the hop, but not in binary
# Scores are rounded to multiples of 2^-30.  Sums of these are exact in float64 in whatever order they are added, so
# that deciding hop by hop and deciding five minutes at once give the same events, always.
_GRID = float(2**30)
_RANGES = {
    "average_ms": (0.0, 3000.0),
    "threshold": (0.01, 1.0),
    "refractory_ms": (0.0, 10_000.0),
    "rearm": (0.001, 1.0),
    "minimum_count": (1, 60),
}


@dataclass(frozen=True, slots=True)
class DecisionSettings:
    """The knobs between scores and events.

    Parameters
    ----------
    average_ms
        Length of the window over which scores are averaged, 0 to 3000 ms; never fewer than `minimum_count` results.
    threshold
        Averaged score from which a keyword is reported, 0.01 to 1.
    refractory_ms
        Time after an event in which nothing is reported, 0 to 10,000 ms.
    rearm
        A word is reported again only after its averaged score fell below this level, 0.001 to `threshold`.
    minimum_count
        Number of results that must be there before anything is reported, 1 to 60.

    Raises
    ------
    ExplorerError
        When a knob is out of its range.
    """

    average_ms: float = 300.0
    threshold: float = 0.7
    refractory_ms: float = 1000.0
    rearm: float = 0.3
    minimum_count: int = 3

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            whole = name == "minimum_count"
            if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
                kind = "whole number" if whole else "number"
                raise ExplorerError(f"Decision setting {name} is {value!r}: give a {kind}, {low:g} to {high:g}.")
            if not (math.isfinite(value) and low <= value <= high):
                raise ExplorerError(f"Decision setting {name} is {value:g}: give {low:g} to {high:g}.")
        if self.rearm > self.threshold:
            raise ExplorerError(
                f"The re-arm level {self.rearm:g} is above the threshold {self.threshold:g}: give a lower re-arm level."
            )

    def adjusted(self, **knobs: float) -> DecisionSettings:
        """Return a copy with some knobs moved; the re-arm level follows a threshold that falls below it."""
        threshold = knobs.get("threshold", self.threshold)
        knobs.setdefault("rearm", min(self.rearm, threshold))
        return replace(self, **knobs)  # type: ignore[arg-type]  # minimum_count is checked in __post_init__

    def window(self, hop_ms: float) -> int:
        """Return how many results are averaged, at one result every `hop_ms`."""
        return max(self.minimum_count, round(self.average_ms / hop_ms))


@dataclass(frozen=True, slots=True)
class Event:
    """A word was reported.

    Parameters
    ----------
    label
        The keyword.
    time_s
        Sound time of the last sample the decision used.
    start_s
        Estimated start of the word.  From scores alone: `rise_s` less the length of a typical word, 0.5 s; the live
        pipeline replaces this by where the sound rises above its floor (`explorer.engine.kws.voice.word_edges`).
    score
        Averaged score at the decision.
    rise_s
        When, within the averaging window, a single result first reached the threshold: from here to `time_s` the
        network was right already and the decision layer was being sure.
    waterfall
        Where the time went, for events decided live.
    """

    label: str
    time_s: float
    start_s: float
    score: float
    rise_s: float
    waterfall: Waterfall | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the decision layer makes of one result.

    Parameters
    ----------
    averaged
        Averaged scores, float64 [classes]; zeros during the warm-up.
    leading
        Index of the label with the highest averaged score; silence during the warm-up.
    event
        The word reported with this result, if any.
    """

    averaged: NDArray[np.float64]
    leading: int
    event: Event | None


def keyword_indices(labels: Sequence[str]) -> NDArray[np.intp]:
    """Return the indices of the labels that are words to report: all but silence and unknown."""
    return np.array([i for i, label in enumerate(labels) if label not in (SILENCE, UNKNOWN)], np.intp)


def on_grid(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Round scores to the grid on which sums are exact; what is not a number counts as 0."""
    return np.rint(np.nan_to_num(np.asarray(scores, np.float64)) * _GRID) / _GRID


class Decider:
    """Decide hop by hop.

    Parameters
    ----------
    labels
        Meaning of the scores, [classes].
    hop_ms
        Time from one result to the next.
    settings
        The knobs; `settings` may be replaced at any time and holds from the next result on.
    start_s
        Sound time at which the stream begins; for one second from there nothing is reported.
    """

    def __init__(
        self, labels: Sequence[str], hop_ms: float, settings: DecisionSettings | None = None, start_s: float = 0.0
    ) -> None:
        self.labels = tuple(labels)
        self.hop_ms = hop_ms
        self.settings = settings or DecisionSettings()
        self._keywords = keyword_indices(self.labels)
        self._resting = self.labels.index(SILENCE) if SILENCE in self.labels else 0
        self._longest = max(60, round(_RANGES["average_ms"][1] / hop_ms))
        self.reset(start_s)

    def reset(self, start_s: float) -> None:
        """Forget everything: a stream begins at `start_s`."""
        self._ready_s = start_s + WARM_UP_S - _EPSILON_S
        self._rows = np.empty((0, len(self.labels)))
        self._times: list[float] = []
        self._armed = np.ones(len(self.labels), np.bool_)
        self._last_s = -math.inf

    def push(self, time_s: float, scores: NDArray[np.floating[Any]]) -> Decision:
        """Take the scores [classes] of the second that ends at `time_s`."""
        if time_s < self._ready_s:
            return Decision(np.zeros(len(self.labels)), self._resting, None)
        self._rows = np.concatenate([self._rows[-self._longest + 1 :], on_grid(scores)[None]])
        self._times = [*self._times[-self._longest + 1 :], time_s]
        settings = self.settings
        window = self._rows[-settings.window(self.hop_ms) :]
        averaged = window.sum(0) / len(window)
        self._armed |= averaged < settings.rearm
        event = None
        if len(window) >= settings.minimum_count and _rested(time_s, self._last_s, settings):
            able = self._keywords[self._armed[self._keywords]]
            if len(able):
                word = int(able[averaged[able].argmax()])
                if averaged[word] >= settings.threshold:
                    first = int(np.argmax(window[:, word] >= settings.threshold))
                    rise_s = self._times[first - len(window)]
                    event = _event(self.labels[word], time_s, float(averaged[word]), rise_s)
                    self._armed[word] = False
                    self._last_s = time_s
        return Decision(averaged, int(averaged.argmax()), event)


def average(scores: NDArray[np.floating[Any]], count: int) -> NDArray[np.float64]:
    """Return the mean of each result and the `count` - 1 before it, as far as there are any: [n, classes]."""
    total = np.zeros((len(scores) + 1, scores.shape[1]))
    np.cumsum(on_grid(scores), axis=0, out=total[1:])
    high = np.arange(1, len(scores) + 1)
    low = np.maximum(0, high - count)
    return np.asarray((total[high] - total[low]) / (high - low)[:, None])


def decide_all(
    times: NDArray[np.floating[Any]],
    scores: NDArray[np.floating[Any]],
    settings: DecisionSettings,
    labels: Sequence[str],
    hop_ms: float,
    start_s: float = 0.0,
) -> list[Event]:
    """Decide a whole stretch at once; the events are exactly those of a `Decider`.

    Parameters
    ----------
    times
        Sound time of each result, seconds [n], rising.
    scores
        Scores [n, classes].
    settings, labels, hop_ms, start_s
        As in `Decider`.
    """
    first = int(np.searchsorted(times, start_s + WARM_UP_S - _EPSILON_S))
    times, raw = np.asarray(times, np.float64)[first:], on_grid(scores[first:])
    if not len(times):
        return []
    count = settings.window(hop_ms)
    averaged = average(raw, count)
    keywords = keyword_indices(labels)
    # All (result, word) pairs that could fire, in order of time and, within one result, of score.
    hops, columns = np.nonzero(averaged[settings.minimum_count - 1 :, keywords] >= settings.threshold)
    hops += settings.minimum_count - 1
    words = keywords[columns]
    values = averaged[hops, words]
    order = np.lexsort((words, -values, hops))
    events: list[Event] = []
    armed_from: dict[int, int] = {}
    last_hop, last_s = -1, -math.inf
    seconds = times.tolist()
    pairs = zip(hops[order].tolist(), words[order].tolist(), values[order].tolist(), strict=True)
    for hop, word, value in pairs:
        if hop == last_hop or hop < armed_from.get(word, 0) or not _rested(seconds[hop], last_s, settings):
            continue
        start = max(0, hop - count + 1)
        rise = start + int(np.argmax(raw[start : hop + 1, word] >= settings.threshold))
        events.append(_event(labels[word], seconds[hop], value, seconds[rise]))
        below = np.flatnonzero(averaged[hop + 1 :, word] < settings.rearm)
        armed_from[word] = hop + 1 + int(below[0]) if len(below) else len(times)
        last_hop, last_s = hop, seconds[hop]
    return events


def _rested(time_s: float, last_s: float, settings: DecisionSettings) -> bool:
    return time_s - last_s >= settings.refractory_ms / 1000.0 - _EPSILON_S


def _event(label: str, time_s: float, score: float, rise_s: float) -> Event:
    return Event(label, time_s, max(0.0, rise_s - TYPICAL_WORD_S), score, rise_s)
