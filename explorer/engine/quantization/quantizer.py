"""Uniform quantization: real numbers on a grid of 2^bits equal steps, and the two coarsest grids of all.

    code = clamp(round(x / scale) + zero_point, lowest, highest)        x' = (code - zero_point) scale

(Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
equation 1; rounding is half to even, as in IEEE 754 and in torch).  A symmetric grid has zero point 0 and as many steps
below zero as above; an affine grid spends all its steps on the range that is used, and zero is always exactly on it,
because padding and ReLU produce exact zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError

FloatArray: TypeAlias = NDArray[np.float32]
IntArray: TypeAlias = NDArray[np.int32]

LEAST_BITS, MOST_BITS = 1, 16
TERNARY_THRESHOLD = 0.7
_SMALLEST_SCALE = np.finfo(np.float32).tiny


@dataclass(frozen=True, slots=True)
class Scheme:
    """A kind of grid: how many bits, where its zero lies, and whether each channel has a ruler of its own.

    Parameters
    ----------
    bits
        Width of a code, 1 to 16; a symmetric grid needs 2, since one of its codes is zero.
    symmetric
        Zero in the middle (codes -(2^(bits-1) - 1) to 2^(bits-1) - 1); otherwise affine (one code more).
    per_channel
        One scale for each slice along the first axis; otherwise one for all.

    Raises
    ------
    ExplorerError
        When the bits are out of range.
    """

    bits: int
    symmetric: bool = True
    per_channel: bool = False

    def __post_init__(self) -> None:
        least = LEAST_BITS + self.symmetric
        if not least <= self.bits <= MOST_BITS:
            kind = "A symmetric" if self.symmetric else "An affine"
            raise ExplorerError(f"{kind} grid of {self.bits} bits does not exist: choose {least} to {MOST_BITS} bits.")

    @property
    def lowest(self) -> int:
        """Smallest code."""
        return self.symmetric - (1 << self.bits - 1)

    @property
    def highest(self) -> int:
        """Largest code."""
        return (1 << self.bits - 1) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """An array on its grid: what is stored of a layer's weights.

    Parameters
    ----------
    codes
        Integers, in the shape of the array.
    scale
        Step of the grid, [channels] or [1].
    zero_point
        Code of the value 0, in the shape of `scale`.
    bits
        Bits that one code takes in storage.
    lowest, highest
        Codes that the grid has.
    """

    codes: IntArray
    scale: FloatArray
    zero_point: IntArray
    bits: int
    lowest: int
    highest: int

    @property
    def values(self) -> FloatArray:
        """The real numbers that the codes stand for, float32 in the shape of the codes."""
        return dequantize(self.codes, self.scale, self.zero_point)

    @property
    def centred(self) -> IntArray:
        """Codes minus zero point: what an integer multiply sees."""
        return np.asarray(self.codes - along_channels(self.zero_point, self.codes.ndim), np.int32)


def along_channels(per_channel: NDArray[Any], dimensions: int) -> NDArray[Any]:
    """Return [channels] or [1] shaped so that it broadcasts along the first of `dimensions` axes."""
    return per_channel.reshape(-1, *([1] * (dimensions - 1)))


def grid_for(low: FloatArray, high: FloatArray, scheme: Scheme) -> tuple[FloatArray, IntArray]:
    """Return scale and zero point of the grid that spans low..high, widened to hold 0.

    Symmetric: scale = max(-low, high) / (2^(bits-1) - 1).  Affine: scale = (high - low) / (2^bits - 1),
    zero_point = lowest - round(low / scale).  An empty range (all values zero) gets the widest scale of its neighbours,
    or 1: any grid holds zero exactly, and a usable step keeps the bias of a dead channel on a usable grid.

    Parameters
    ----------
    low, high
        Ends of the range, [channels] or [1].
    scheme
        Kind of grid.

    Raises
    ------
    ExplorerError
        When the range is not finite.
    """
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ExplorerError("A range to be quantized is not finite: the network or the calibration sound is damaged.")
    low = np.minimum(np.asarray(low, np.float32), np.float32(0))
    high = np.maximum(np.asarray(high, np.float32), np.float32(0))
    if scheme.symmetric:
        scale = np.asarray(np.maximum(-low, high) / np.float32(scheme.highest), np.float32)
    else:
        # half ranges first, so that the width of a range over all of float32 does not overflow
        scale = np.asarray((high / 2 - low / 2) / np.float32((scheme.highest - scheme.lowest) / 2), np.float32)
    empty = (low == 0) & (high == 0)
    scale = np.asarray(np.maximum(scale, _SMALLEST_SCALE), np.float32)
    scale[empty] = scale[~empty].max() if (~empty).any() else 1
    if scheme.symmetric:
        return scale, np.zeros(scale.shape, np.int32)
    zero = scheme.lowest - np.rint(low / scale).astype(np.int64)
    return scale, np.clip(zero, scheme.lowest, scheme.highest).astype(np.int32)


def quantize(x: FloatArray, scale: FloatArray, zero_point: IntArray, lowest: int, highest: int) -> IntArray:
    """Return the codes of `x`, int32 in its shape; scale and zero point run along the first axis.

    The division is a multiplication by 1 / scale in float32, as torch does it, so that both agree bit for bit.
    """
    inverse = np.float32(1) / along_channels(np.asarray(scale, np.float32), x.ndim)
    room = float(2**30)  # a value far outside the grid may exceed what an integer holds
    with np.errstate(over="ignore"):
        steps = np.clip(np.rint(np.asarray(x, np.float32) * inverse), -room, room)
    codes = steps.astype(np.int32) + along_channels(zero_point, x.ndim)
    return np.asarray(np.clip(codes, lowest, highest), np.int32)


def dequantize(codes: IntArray, scale: FloatArray, zero_point: IntArray) -> FloatArray:
    """Return the real numbers of codes, float32."""
    centred = codes - along_channels(zero_point, codes.ndim)
    return np.asarray(centred.astype(np.float32) * along_channels(scale, codes.ndim), np.float32)


def fake_quantize(x: FloatArray, scale: FloatArray, zero_point: IntArray, lowest: int, highest: int) -> FloatArray:
    """Return the values nearest to `x` on the grid: quantized, then dequantized at once.

    Bit for bit what torch's `fake_quantize_per_tensor_affine` and `fake_quantize_per_channel_affine` give.
    """
    return dequantize(quantize(x, scale, zero_point, lowest, highest), scale, zero_point)


def encode(x: FloatArray, low: FloatArray, high: FloatArray, scheme: Scheme) -> Codes:
    """Return `x` on the grid that spans low..high.

    Raises
    ------
    ExplorerError
        When `x` is not finite.
    """
    require_finite(x)
    scale, zero = grid_for(low, high, scheme)
    codes = quantize(x, scale, zero, scheme.lowest, scheme.highest)
    return Codes(codes, scale, zero, scheme.bits, scheme.lowest, scheme.highest)


def ternary(x: FloatArray, per_channel: bool) -> Codes:
    """Return `x` as -alpha, 0 or alpha (ternary weight networks; Li, Zhang and Liu 2016, section 2.2).

    Threshold D = 0.7 mean|x|; alpha is the mean of |x| over what lies beyond it.  A code is stored in two bits.
    """
    rows = _rows(x, per_channel)
    size = np.abs(rows)
    beyond = size > TERNARY_THRESHOLD * size.mean(1, keepdims=True)
    count = beyond.sum(1)
    alpha = np.where(count > 0, (size * beyond).sum(1) / np.maximum(count, 1), 1)
    codes = (np.sign(rows) * beyond).astype(np.int32).reshape(x.shape)
    return Codes(codes, alpha.astype(np.float32), np.zeros(len(rows), np.int32), 2, -1, 1)


def binary(x: FloatArray, per_channel: bool) -> Codes:
    """Return `x` as -alpha or alpha, alpha = mean|x| (XNOR-Net; Rastegari et al. 2016, equation 6)."""
    rows = _rows(x, per_channel)
    alpha = np.abs(rows).mean(1)
    codes = np.where(x < 0, -1, 1).astype(np.int32)
    return Codes(codes, alpha.astype(np.float32), np.zeros(len(rows), np.int32), 1, -1, 1)


def require_finite(x: FloatArray, what: Literal["weights", "activations"] = "weights") -> None:
    """Refuse NaN and infinity, which no grid can hold.

    Raises
    ------
    ExplorerError
        When there is one.
    """
    if not np.isfinite(x).all():
        raise ExplorerError(f"There are {what} that are not finite numbers: take another network or other sound.")


def _rows(x: FloatArray, per_channel: bool) -> NDArray[np.float64]:
    require_finite(x)
    return np.asarray(x.reshape(len(x) if per_channel else 1, -1), np.float64)
