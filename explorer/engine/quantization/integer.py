"""Integer execution: what a device without floating point computes.

    accumulator = sum q_w (q_x - z_x) + bias          int8 times int8, summed in int32
    output = clamp(z_y + M accumulator)               M = s_x s_w / s_y, as an integer times a power of two

(Jacob et al. 2018, sections 2.2 to 2.4.)  M is held as a 31-bit integer and a right shift, so that between the input's
codes and the logits' codes there is no floating point at all.  This is the reference for correctness, in numpy, not the
fast path.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import network_input
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense, ReLU
from explorer.engine.nn.inference import softmax
from explorer.engine.quantization.quantized import Grid, QuantizedNetwork
from explorer.engine.quantization.quantizer import Codes, IntArray, quantize
from explorer.engine.quantization.steps import INPUT, Step

MULTIPLIER_BITS = 31
Codes8 = NDArray[np.int8]
Seen = Callable[[str, NDArray[Any]], None]


@dataclass(frozen=True, slots=True, eq=False)
class Multiplier:
    """A positive real number as an integer and a right shift: value = integer / 2^shift.

    Parameters
    ----------
    integer
        int64 [channels] or [1], below 2^31.
    shift
        int64, same shape.
    """

    integer: NDArray[np.int64]
    shift: NDArray[np.int64]

    def times(self, x: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Return `x` [n, channels, ...] times the number, rounded to the nearest integer, halves up."""
        shape = (1, -1, *([1] * (x.ndim - 2)))
        integer, shift = self.integer.reshape(shape), self.shift.reshape(shape)
        return np.asarray((x.astype(np.int64) * integer + (np.int64(1) << (shift - 1))) >> shift)


@dataclass(slots=True)
class Overflow:
    """Accumulators that did not fit.

    Parameters
    ----------
    counts
        By step: how many accumulators wrapped around.
    clipped_biases
        By step: how many biases exceed int32 and were clipped.
    """

    counts: dict[str, int] = field(default_factory=dict)
    clipped_biases: dict[str, int] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything was lost."""
        return any(self.counts.values()) or any(self.clipped_biases.values())


def multiplier(value: NDArray[np.floating[Any]]) -> Multiplier:
    """Return real numbers as 31-bit integers with a shift.

    Raises
    ------
    ExplorerError
        When one is too large to be rescaled with a right shift.
    """
    mantissa, exponent = np.frexp(np.atleast_1d(np.asarray(value, np.float64)))
    integer = np.rint(mantissa * 2**MULTIPLIER_BITS).astype(np.int64)
    shift = MULTIPLIER_BITS - exponent.astype(np.int64)
    carried = integer == 2**MULTIPLIER_BITS
    integer[carried] //= 2
    shift[carried] -= 1
    if (shift < 1).any():
        raise ExplorerError("The scales of two layers lie too far apart for integer arithmetic: take another recipe.")
    # a number below 2^-31 rounds every int32 to zero
    gone = shift > 62
    integer[gone], shift[gone] = 0, 1
    return Multiplier(integer, shift)


class IntegerNetwork:
    """A quantized network in integers; scores pictures as an `Executor` does.

    Parameters
    ----------
    quantized
        Weights and activations of at most 8 bits, everywhere.
    accumulator_bits
        Width of the accumulators; sums beyond it wrap around, as they do on a device, and are counted.

    Raises
    ------
    ExplorerError
        When a width is not for 8-bit integers.
    """

    def __init__(self, quantized: QuantizedNetwork, accumulator_bits: int = 32) -> None:
        if not 8 <= accumulator_bits <= 32:
            raise ExplorerError(f"Accumulators have 8 to 32 bits here, not {accumulator_bits}.")
        self.quantized = quantized
        self.labels = quantized.network.labels
        self.accumulator_bits = accumulator_bits
        self.overflow = Overflow()
        self._grids: dict[str, Grid] = {}
        for name, grid in quantized.grids.items():
            if isinstance(grid, str) or grid.bits > 8:
                raise ExplorerError(f"Integer execution needs activations of at most 8 bits, and {name!r} has others.")
            self._grids[name] = grid
        self._weights: dict[str, IntArray] = {}
        self._biases: dict[str, IntArray] = {}
        self._rescale: dict[str, Multiplier] = {}
        for step in quantized.steps.order:
            self._prepare(step)

    def logits(self, pictures: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return logits [n, classes] of pictures in grey levels, as the real numbers their codes stand for."""
        grid = self._grids[self.quantized.steps.last]
        codes = self.run(self.codes_of(pictures)).astype(np.float32)
        return np.asarray((codes - np.float32(grid.zero_point)) * np.float32(grid.scale), np.float32)

    def scores(self, pictures: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return probabilities [n, classes] of log-mel pictures [n, 98, 40] in grey levels."""
        return softmax(self.logits(pictures))

    def codes_of(self, pictures: NDArray[np.floating[Any]]) -> Codes8:
        """Return pictures [n, 98, 40] in grey levels as codes of the input's grid, int8 [n, 1, 98, 40]."""
        grid = self._grids[INPUT]
        scale, zero = np.array([grid.scale], np.float32), np.array([grid.zero_point], np.int32)
        return quantize(network_input(pictures)[:, None], scale, zero, grid.lowest, grid.highest).astype(np.int8)

    def run(self, codes: Codes8, seen: Seen | None = None) -> Codes8:
        """Return the codes of the logits, int8 [n, classes]; integers only.

        Parameters
        ----------
        codes
            Codes of the input, int8 [n, 1, time, frequency].
        seen
            Called with a name and every array that is computed: accumulators and codes.
        """
        values: dict[str, Codes8] = {INPUT: codes}
        for step in self.quantized.steps.order:
            result = self._compute(step, values, seen)
            grid = self._grids[step.name]
            low = max(grid.lowest, grid.zero_point) if step.relu else grid.lowest
            values[step.name] = np.clip(result + np.int64(grid.zero_point), low, grid.highest).astype(np.int8)
            if seen is not None:
                seen(step.name, values[step.name])
        return values[self.quantized.steps.last].reshape(len(codes), -1)

    def _prepare(self, step: Step) -> None:
        out = self._grids[step.name].scale
        scales = [self._grids[source].scale / out for source in step.sources]
        if not step.has_weights:
            share = 1 / _pooled(step.layer, self.quantized.steps.stored_shape(step.sources[0]))
            self._rescale[step.name] = multiplier(np.array(scales) * share)
            return
        weight = self.quantized.weights[step.name]
        if not isinstance(weight, Codes) or weight.bits > 8:
            raise ExplorerError(f"Integer execution needs weights of at most 8 bits, and {step.name!r} has others.")
        self._weights[step.name] = weight.centred
        scale = np.asarray(self.quantized.bias_scale(step.name), np.float64) / out
        self._rescale[step.name] = multiplier(np.where(np.broadcast_to(weight.scale, len(scale)) > 0, scale, 0.0))
        if step.name in self.quantized.biases:
            self._biases[step.name], clipped = self.quantized.bias_codes(step.name)
            if clipped:
                self.overflow.clipped_biases[step.name] = clipped

    def _compute(self, step: Step, values: dict[str, Codes8], seen: Seen | None) -> NDArray[np.int64]:
        """Return the step's result in units of its output grid, without its zero point."""
        centred = [values[s].astype(np.int32) - np.int32(self._grids[s].zero_point) for s in step.sources]
        rescale = self._rescale[step.name]
        match step.layer:
            case Conv() as conv:
                total = _convolve(centred[0], self._weights[step.name], conv)
            case Dense():
                total = centred[0].reshape(len(centred[0]), -1) @ self._weights[step.name].T
            case AveragePool() as pool:
                axes = tuple({"time": 2, "frequency": 3}[a] for a in pool.axes)
                total = centred[0].sum(axes, keepdims=True, dtype=np.int32)
            case Add():
                # both terms at one shift: their sum is rounded once
                shift = int(rescale.shift.min())
                terms = [
                    c.astype(np.int64) * (int(m) >> (int(s) - shift))
                    for c, m, s in zip(centred, rescale.integer, rescale.shift, strict=True)
                ]
                return np.asarray((terms[0] + terms[1] + (1 << (shift - 1))) >> shift)
            case ReLU():
                total = centred[0]
        return rescale.times(self._accumulated(step.name, total, seen))

    def _accumulated(self, name: str, total: IntArray, seen: Seen | None) -> IntArray:
        """Return sums with their bias, as accumulators of the chosen width hold them."""
        exact = total.astype(np.int64)
        if name in self._biases:
            exact += self._biases[name].reshape(1, -1, *([1] * (total.ndim - 2)))
        half = 1 << (self.accumulator_bits - 1)
        wrapped = ((exact + half) & (2 * half - 1)) - half
        lost = int((wrapped != exact).sum())
        if lost:
            self.overflow.counts[name] = self.overflow.counts.get(name, 0) + lost
        accumulator = wrapped.astype(np.int32)
        if seen is not None:
            seen(f"{name} accumulator", accumulator)
        return accumulator


def _convolve(x: IntArray, weight: IntArray, conv: Conv) -> IntArray:
    """Return the sums of a convolution, int32 [n, channels, time, frequency]; one kernel position after the other."""
    (pt, pf), (st, sf), (dt, df) = conv.padding, conv.stride, conv.dilation
    x = np.pad(x, ((0, 0), (0, 0), (pt, pt), (pf, pf)))
    kernel_t, kernel_f = weight.shape[2:]
    out_t = (x.shape[2] - dt * (kernel_t - 1) - 1) // st + 1
    out_f = (x.shape[3] - df * (kernel_f - 1) - 1) // sf + 1
    n, into, per_group = len(x), x.shape[1], weight.shape[1]
    total = np.zeros((n, conv.groups, conv.channels // conv.groups, out_t, out_f), np.int32)
    for t in range(kernel_t):
        for f in range(kernel_f):
            window = x[:, :, t * dt : t * dt + st * out_t : st, f * df : f * df + sf * out_f : sf]
            grouped = window[:, :, :out_t, :out_f].reshape(n, conv.groups, into // conv.groups, out_t, out_f)
            kernel = weight[:, :, t, f].reshape(conv.groups, conv.channels // conv.groups, per_group)
            for i in range(per_group):
                total += kernel[None, :, :, i, None, None] * grouped[:, :, i, None]
    return total.reshape(n, conv.channels, out_t, out_f)


def _pooled(layer: Any, shape: tuple[int, int, int]) -> int:
    """Return how many numbers a pooling layer averages; 1 for other layers."""
    if not isinstance(layer, AveragePool):
        return 1
    return math.prod({"time": shape[1], "frequency": shape[2]}[axis] for axis in layer.axes)
