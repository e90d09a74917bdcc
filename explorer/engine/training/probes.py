"""Probes: what the gradients do, layer by layer, cheap enough to be left on.

The root mean square of a gradient is shown, not its L2 norm: the norm grows with the size of the layer, so layers of
different size could not be compared.  Probes read and never write: a run is the same with and without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from explorer.engine.training.learner import Learner
from explorer.engine.training.trainer import Trainer

BINS = 40
LOG_RANGE = (-12.0, 4.0)
"""Gradients are counted by their magnitude, as powers of ten."""
SATURATED_SLOPE = 0.05
"""A unit is saturated where its slope is below this share of the largest slope, on average over the batch."""
_MOST_VALUES = 4096
_FORGET = 0.9


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """Sizes per weight matrix at one step.

    Parameters
    ----------
    generation, step
        As in `trainer.Row`.
    names
        Of the matrices, from input to output.
    gradient_rms, weight_rms
        Root mean squares before the update, [matrices].
    update_ratio
        RMS of the update over RMS of the weights, [matrices]; about 1e-3 is usual.
    """

    generation: int
    step: int
    names: tuple[str, ...]
    gradient_rms: NDArray[np.float64]
    weight_rms: NDArray[np.float64]
    update_ratio: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often values fall between edges.

    Parameters
    ----------
    edges
        [bins + 1]; powers of ten for gradients.
    counts
        [bins].
    zeros
        Values that are exactly zero; among gradients they are in no bin.
    total
        Finite values looked at: at most 4,096 spread over the tensor.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    zeros: int
    total: int


@dataclass(frozen=True, slots=True)
class Detail:
    """What is looked at a few times a second.

    Parameters
    ----------
    generation, step
        As in `trainer.Row`.
    gradients, weights
        Histograms by matrix name.
    activations
        Histograms by layer name.
    dead
        Share of units, by activation layer, whose slope was zero for every example of the batch.
    saturated
        Share of units whose mean slope was below 5 % of the largest possible, dead ones included.
    slope
        Mean slope over the largest possible, by activation layer.
    noise
        Gradient noise scale in examples: the batch size at which noise and signal of the gradient are equal
        (McCandlish et al. 2018); None while it is not known.
    """

    generation: int
    step: int
    gradients: dict[str, Histogram]
    weights: dict[str, Histogram]
    activations: dict[str, Histogram]
    dead: dict[str, float]
    saturated: dict[str, float]
    slope: dict[str, float]
    noise: float | None


class GradientNoise:
    """Estimate how much gradients of different batches disagree, from averages that forget.

    With weights that sum to 1 and squares that sum to r, the mean of |g|^2 is |G|^2 + V and |mean of g|^2 is
    |G|^2 + r V on average, where V is the variance of a batch's gradient: two equations for |G|^2 and V.
    """

    def __init__(self) -> None:
        self._mean: list[NDArray[np.float64]] = []
        self._squares = self._share = self._share_squares = 0.0

    def add(self, gradients: Sequence[NDArray[np.float32]]) -> None:
        """Take in one batch's gradients."""
        if not self._mean:
            self._mean = [np.zeros(g.shape) for g in gradients]
        squares = 0.0
        for mean, g in zip(self._mean, gradients, strict=True):
            mean += (1 - _FORGET) * (g - mean)
            squares += float(np.vdot(g, g))
        self._squares += (1 - _FORGET) * (squares - self._squares)
        self._share += (1 - _FORGET) * (1 - self._share)
        self._share_squares = _FORGET**2 * self._share_squares + (1 - _FORGET) ** 2

    def scale(self, batch: int) -> float | None:
        """Return the noise scale in examples; None before ten batches, or where noise hides the gradient."""
        if self._share < 1 - _FORGET**10:
            return None
        r = self._share_squares / self._share**2
        squares = self._squares / self._share
        of_mean = sum(float(np.vdot(m, m)) for m in self._mean) / self._share**2
        variance = max(0.0, (squares - of_mean) / (1 - r))
        signal = squares - variance
        return batch * variance / signal if signal > 0 else None


class Probes:
    """Watch a trainer: call `look` after each step that is to be recorded.

    Parameters
    ----------
    trainer
        Whose steps are watched.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._learner = trainer.learner
        self._matrices = [w for w in self._learner.trained if w.ndim > 1]
        self._starts, self._counts = _segments(self._learner)
        self._before: list[NDArray[np.float32]] = []
        self._row: ProbeRow | None = None
        self.noise = GradientNoise()
        trainer.before_update, trainer.after_update = self._look_before, self._look_after

    def take(self) -> ProbeRow | None:
        """Return what the last step brought; None when it was not one to be probed."""
        row, self._row = self._row, None
        return row

    def _due(self) -> bool:
        every = self._trainer.settings.probe_every
        return every > 0 and (self._trainer.step_number + 1) % every == 0

    def _look_before(self) -> None:
        if self._due():
            self._before = [w.detach().numpy().copy() for w in self._matrices]

    def _look_after(self, rate: float) -> None:
        if not self._due():
            return
        gradients = [w.grad.numpy() for w in self._matrices if w.grad is not None]
        sums = []
        for w, g, before, starts in zip(self._matrices, gradients, self._before, self._starts, strict=True):
            sizes = np.stack([g, before, w.detach().numpy() - before]).reshape(3, -1)
            sums.append(np.add.reduceat(np.square(sizes, dtype=np.float64), starts, axis=1))
        gradient, weight, moved = np.sqrt(np.concatenate(sums, axis=1) / self._counts)
        ratio = np.divide(moved, weight, out=np.zeros_like(weight), where=weight > 0)
        t = self._trainer
        self._row = ProbeRow(t.generation, t.step_number + 1, self._learner.weight_names, gradient, weight, ratio)
        self.noise.add(gradients)

    def detail(self) -> Detail:
        """Return histograms and the state of the units after the last step.

        A `GraphLearner` must have been `watched` in it.
        """
        learner, t = self._learner, self._trainer
        slopes = learner.slopes()
        gradients = {name: p.grad for name in learner.weight_names if (p := learner.parameters[name]).grad is not None}
        return Detail(
            t.generation,
            t.step_number,
            {name: magnitude_histogram(g) for name, g in gradients.items() if g is not None},
            {name: value_histogram(learner.parameters[name]) for name in learner.weight_names},
            {name: value_histogram(values) for name, values in learner.outputs().items()},
            {name: float((slope == 0).float().mean()) for name, slope in slopes.items()},
            {name: float((slope < SATURATED_SLOPE).float().mean()) for name, slope in slopes.items()},
            {name: float(slope.mean()) for name, slope in slopes.items()},
            self.noise.scale(t.settings.batch),
        )


def _segments(learner: Learner) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Return where each named matrix begins within each trained tensor, and how many numbers it has."""
    sizes = [learner.parameters[name].numel() for name in learner.weight_names]
    starts: list[NDArray[np.int64]] = []
    waiting = list(sizes)
    for tensor in (w for w in learner.trained if w.ndim > 1):
        begins, at = [], 0
        while at < tensor.numel():
            begins.append(at)
            at += waiting.pop(0)
        starts.append(np.array(begins))
    return starts, np.array(sizes)


def _some(values: Tensor) -> NDArray[np.float64]:
    """Return at most 4,096 values of a tensor, evenly spread, without those that are not finite."""
    values = values.detach()
    each = max(1, values[0].numel())
    flat = values[:: max(1, len(values) * each // (4 * _MOST_VALUES))].flatten()  # first some examples, then places
    some = flat[:: -(-len(flat) // _MOST_VALUES) or 1].double().numpy()
    return np.asarray(some[np.isfinite(some)])


def magnitude_histogram(values: Tensor) -> Histogram:
    """Count values by the power of ten of their magnitude; what lies outside LOG_RANGE counts at its ends."""
    some = np.abs(_some(values))
    filled = some[some > 0]
    counts, edges = np.histogram(np.clip(np.log10(filled), *LOG_RANGE), BINS, LOG_RANGE)
    return Histogram(edges, counts, len(some) - len(filled), len(some))


def value_histogram(values: Tensor) -> Histogram:
    """Count values between their own extremes, zero in the middle."""
    some = _some(values)
    reach = float(np.abs(some).max(initial=0.0)) or 1.0
    counts, edges = np.histogram(some, BINS, (-reach, reach))
    return Histogram(edges, counts, int((some == 0).sum()), len(some))
