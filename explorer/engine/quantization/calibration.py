"""Calibration: where the ends of a grid go.

The whole range (min-max) keeps the rarest value exact and spends few steps on the common ones; cutting the range off
does the opposite.  A percentile cuts where a share of the values is beyond; the MSE search cuts where the mean squared
error of what was seen is least.  For weights the values are at hand; for activations a few calibration clips are run
once and their histograms kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.live import Excerpt
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import ClipSet, load_part, require_purpose
from explorer.engine.kws.frontend import INPUT_CENTRE, INPUT_SCALE, RATE_HZ, log_mel, network_input
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import Network
from explorer.engine.quantization.quantizer import FloatArray, Scheme, fake_quantize, grid_for, require_finite
from explorer.engine.quantization.recipe import Method
from explorer.engine.quantization.steps import INPUT, Steps

BINS = 2048
_CUTS = np.linspace(0.05, 1.0, 77, dtype=np.float32)  # shares of the range that the MSE search tries
_BATCH = 20
INPUT_RANGE = (-INPUT_CENTRE / INPUT_SCALE, (255 - INPUT_CENTRE) / INPUT_SCALE)
"""What the front end can produce, 256 grey levels: the input's range is known without looking."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """What values an activation took.

    Parameters
    ----------
    low, high
        Smallest and largest value seen.
    counts
        Number of values in each of BINS equal bins from low to high, without the exact zeros.
    zeros
        Number of exact zeros, which every grid holds without error.
    """

    low: float
    high: float
    counts: NDArray[np.int64]
    zeros: int

    @property
    def centres(self) -> FloatArray:
        """Middle of each bin."""
        width = (self.high - self.low) / BINS
        return np.asarray(self.low + width * (np.arange(BINS) + 0.5), np.float32)

    def range(self, scheme: Scheme, method: Method, percentile: float) -> tuple[float, float]:
        """Return the ends of the range that a method gives this activation."""
        if method == "minmax" or self.low == self.high or not self.counts.any():
            return self.low, self.high
        if method == "percentile":
            return self._between(percentile)
        errors = _errors_of_cuts(self.centres[None], np.array([self.low]), np.array([self.high]), scheme)
        cut = _CUTS[_last_least(errors.reshape(len(_CUTS), BINS) @ self.counts.astype(np.float32))]
        return float(cut * self.low), float(cut * self.high)

    def _between(self, percentile: float) -> tuple[float, float]:
        """Return the ends between which `percentile` per cent lie, half of the rest beyond each."""
        counts = self.counts.astype(np.float64)
        width = (self.high - self.low) / BINS
        if self.low <= 0 <= self.high:  # the zeros belong into the bin that holds 0
            counts[min(BINS - 1, int(-self.low / width))] += self.zeros
        below = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
        edges = self.low + width * np.arange(BINS + 1)
        tail = (1 - percentile / 100) / 2
        if self.low >= 0:  # nothing to cut at the lower end of what a ReLU gives
            return self.low, float(np.interp(1 - 2 * tail, below, edges))
        return float(np.interp(tail, below, edges)), float(np.interp(1 - tail, below, edges))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Statistics of a network's activations over calibration sound, by step.

    Parameters
    ----------
    histograms
        By step name, and "input".
    name
        What was listened to.
    clips
        How many pictures of a second.
    network
        Fingerprint of the network that listened.
    key
        Hash of network and sound, for caches.
    """

    histograms: Mapping[str, Histogram]
    name: str
    clips: int
    network: str
    key: str


@cache
def calibration_pictures() -> NDArray[np.float32]:
    """Return the pictures of the bundled calibration clips, grey levels [n, 98, 40]; computed once."""
    return pictures_of(load_part("calibrate"))


def pictures_of(clips: ClipSet) -> NDArray[np.float32]:
    """Return log-mel pictures [n, 98, 40] of clips that may be calibrated on.

    Raises
    ------
    ExplorerError
        When the clips are kept for evaluation.
    """
    allowed = require_purpose(clips, "calibrate")
    return np.stack([log_mel(clip.astype(np.float32) / 32768) for clip in allowed.samples]).astype(np.float32)


def live_pictures(excerpt: Excerpt) -> NDArray[np.float32]:
    """Return log-mel pictures [n, 98, 40] of live sound, a second every half second, digital silence left out.

    Raises
    ------
    ExplorerError
        When there is no second of sound in it.
    """
    samples = excerpt.samples.astype(np.float32) / 32768
    seconds = [samples[at : at + RATE_HZ] for at in range(0, len(samples) - RATE_HZ + 1, RATE_HZ // 2)]
    there = [np.asarray(log_mel(second), np.float32) for second in seconds if second.any()]
    if not there:
        raise ExplorerError("There is no sound to calibrate on: choose clips, or let the microphone listen first.")
    return np.stack(there)


def observe(network: Network, steps: Steps, pictures: NDArray[np.float32], name: str) -> Calibration:
    """Run the float network over calibration pictures and return the statistics of what each step stores.

    Two passes: ranges first, then histograms over them.

    Parameters
    ----------
    network, steps
        The network, and its steps.
    pictures
        Grey levels [n, 98, 40]: clips that may be calibrated on, or the last minute of live sound.
    name
        What they are.

    Raises
    ------
    ExplorerError
        When there are no pictures or an activation is not finite.
    """
    if len(pictures) == 0:
        raise ExplorerError("There is no sound to calibrate on: choose clips, or let the microphone listen first.")
    require_finite(pictures, "activations")
    executor = Executor(network, [step.stored for step in steps.order])
    ranges: dict[str, tuple[float, float]] = {}
    for values in _batches(executor, steps, pictures):
        for step, value in values.items():
            require_finite(value, "activations")
            low, high = ranges.get(step, (np.inf, -np.inf))
            ranges[step] = min(low, float(value.min())), max(high, float(value.max()))
    counts = {step: np.zeros(BINS, np.int64) for step in ranges}
    zeros = dict.fromkeys(ranges, 0)
    for values in _batches(executor, steps, pictures):
        for step, value in values.items():
            low, high = ranges[step]
            there = value[value != 0]
            zeros[step] += value.size - there.size
            if low < high:
                place = (there - np.float32(low)) * np.float32(BINS / (high - low))
                counts[step] += np.bincount(np.minimum(place.astype(np.int64), BINS - 1), minlength=BINS)
    found = {step: Histogram(*ranges[step], counts[step], zeros[step]) for step in ranges}
    digest = hashlib.sha256(network.fingerprint.encode() + np.ascontiguousarray(pictures).tobytes())
    return Calibration(found, name, len(pictures), network.fingerprint, digest.hexdigest())


def weight_range(
    weight: FloatArray, scheme: Scheme, method: Method, percentile: float
) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the range that a method gives a layer's weights, [channels] or [1].

    Parameters
    ----------
    weight
        Output channels first.
    scheme
        Kind of grid, and whether each channel has its own.
    method
        "minmax", "percentile" or "mse".
    percentile
        For the percentile method: the share of magnitudes kept, in per cent.
    """
    require_finite(weight)
    rows = weight.reshape(len(weight) if scheme.per_channel else 1, -1)
    low, high = rows.min(1), rows.max(1)
    if method == "minmax":
        return low, high
    if method == "percentile":
        end = np.quantile(np.abs(rows), percentile / 100, axis=1).astype(np.float32)
        return np.maximum(low, -end), np.minimum(high, end)
    errors = _errors_of_cuts(rows, low, high, scheme).sum(1)
    best = _CUTS[_last_least(errors.reshape(len(_CUTS), -1))]
    return np.asarray(best * low, np.float32), np.asarray(best * high, np.float32)


def _errors_of_cuts(rows: FloatArray, low: FloatArray, high: FloatArray, scheme: Scheme) -> FloatArray:
    """Return squared rounding errors [cuts x rows, values]: all cuts of all rows in one table."""
    many = np.tile(rows, (len(_CUTS), 1))
    scale, zero = grid_for(np.outer(_CUTS, low).ravel(), np.outer(_CUTS, high).ravel(), scheme)
    error = fake_quantize(many, scale, zero, scheme.lowest, scheme.highest)
    error -= many
    return np.square(error, out=error)


def _last_least(errors: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the place of the least error along the first axis; of equals the last, which cuts off least."""
    return np.asarray(len(errors) - 1 - np.argmin(errors[::-1], axis=0))


def _batches(executor: Executor, steps: Steps, pictures: NDArray[np.float32]) -> Iterator[dict[str, FloatArray]]:
    """Yield what each step stores, a few clips at a time."""
    for at in range(0, len(pictures), _BATCH):
        block = pictures[at : at + _BATCH]
        values = executor.run(block)
        yield {INPUT: network_input(block)} | {step.name: values[step.stored] for step in steps.order}
