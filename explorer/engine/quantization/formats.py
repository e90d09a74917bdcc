"""Number formats as bit fields: what each bit of a float or an integer means, and what a format cannot hold.

    value = (-1)^sign  1.mantissa  2^(exponent - bias)        bias = 2^(exponent bits - 1) - 1

An exponent field of zeros means subnormal numbers (0.mantissa, smallest exponent), one of ones infinity or NaN
(IEEE 754-2019, section 3.4; bfloat16 is float32 with its last 16 bits cut off).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError

Outcome = Literal["exact", "rounded", "overflow", "underflow"]


@dataclass(frozen=True, slots=True)
class Field:
    """A run of bits with one meaning: "sign", "exponent", "mantissa" or "integer".

    Parameters
    ----------
    name
        The meaning.
    first, bits
        Place of its lowest bit, counted from the lowest of the code, and how many there are.
    """

    name: str
    first: int
    bits: int


@dataclass(frozen=True, slots=True)
class FloatFormat:
    """A binary floating-point format.

    Parameters
    ----------
    name
        As data sheets have it.
    exponent_bits, mantissa_bits
        Widths; one more bit is the sign.
    """

    name: str
    exponent_bits: int
    mantissa_bits: int

    @property
    def bits(self) -> int:
        """Width of a code."""
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def bias(self) -> int:
        """What is subtracted from the exponent field."""
        return int(2 ** (self.exponent_bits - 1)) - 1

    @property
    def fields(self) -> tuple[Field, ...]:
        """The bit fields, highest first."""
        m, e = self.mantissa_bits, self.exponent_bits
        return Field("sign", m + e, 1), Field("exponent", m, e), Field("mantissa", 0, m)

    @property
    def largest(self) -> float:
        """Largest finite value."""
        return (2 - 2.0**-self.mantissa_bits) * 2.0**self.bias

    @property
    def lowest(self) -> float:
        """Smallest finite value."""
        return -self.largest

    @property
    def smallest_normal(self) -> float:
        """Smallest positive value that has all its mantissa bits."""
        return 2.0 ** (1 - self.bias)

    @property
    def smallest(self) -> float:
        """Smallest positive value, a subnormal one."""
        return self.smallest_normal * 2.0**-self.mantissa_bits

    def decode(self, code: int) -> float:
        """Return the value of a code; NaN and infinities included."""
        _require_code(self, code)
        mantissa = code & (1 << self.mantissa_bits) - 1
        exponent = code >> self.mantissa_bits & (1 << self.exponent_bits) - 1
        sign = -1.0 if code >> self.bits - 1 else 1.0
        if exponent == (1 << self.exponent_bits) - 1:
            return math.nan if mantissa else sign * math.inf
        if exponent == 0:
            return sign * mantissa * self.smallest
        return sign * math.ldexp(1 + mantissa * 2.0**-self.mantissa_bits, exponent - self.bias)

    def encode(self, value: float) -> tuple[int, Outcome]:
        """Return the code nearest to a value, ties to the even one, and what was lost.

        Beyond half a gap above the largest value the result is infinity ("overflow"); a value other than zero that
        becomes zero, or loses bits because it is subnormal, is an "underflow".
        """
        sign = int(math.copysign(1, value) < 0) << self.bits - 1
        ones = ((1 << self.exponent_bits) - 1) << self.mantissa_bits
        if math.isnan(value):
            return ones | 1 << self.mantissa_bits - 1, "exact"
        if math.isinf(value):
            return sign | ones, "exact"
        size = abs(value)
        exponent = max(math.frexp(size)[1] - 1, 1 - self.bias) if size else 1 - self.bias
        steps = math.ldexp(size, self.mantissa_bits - exponent)  # in units of the last mantissa bit, exact
        whole = round(steps)  # Python rounds half to even
        # A whole of 2^mantissa_bits carries into the exponent by itself: the codes are consecutive.
        code = ((exponent + self.bias - 1) << self.mantissa_bits) + whole
        if code >= ones:
            return sign | ones, "overflow"
        if whole == steps:
            return sign | code, "exact"
        return sign | code, "underflow" if size < self.smallest_normal else "rounded"

    def gap(self, value: float) -> float:
        """Return the distance from a value's code to the next larger in magnitude; infinite beyond the largest."""
        code = self.encode(abs(value))[0]
        here = self.decode(code)
        return math.inf if not math.isfinite(here) else self.decode(code + 1) - here


@dataclass(frozen=True, slots=True)
class IntegerFormat:
    """An integer in two's complement, alone or as a code on a grid: value = scale (integer - zero_point).

    Parameters
    ----------
    name
        As data sheets have it.
    bits
        Width.
    scale, zero_point
        Of the grid; 1 and 0 leave plain integers.
    """

    name: str
    bits: int
    scale: float = 1.0
    zero_point: int = 0

    @property
    def fields(self) -> tuple[Field, ...]:
        """The bit fields, highest first: the top bit counts -2^(bits-1)."""
        return Field("sign", self.bits - 1, 1), Field("integer", 0, self.bits - 1)

    @property
    def largest(self) -> float:
        """Largest value."""
        return self.scale * ((1 << self.bits - 1) - 1 - self.zero_point)

    @property
    def lowest(self) -> float:
        """Smallest value."""
        return self.scale * (-(1 << self.bits - 1) - self.zero_point)

    def decode(self, code: int) -> float:
        """Return the value of a code."""
        _require_code(self, code)
        integer = code - (1 << self.bits) if code >> self.bits - 1 else code
        return self.scale * (integer - self.zero_point)

    def encode(self, value: float) -> tuple[int, Outcome]:
        """Return the code nearest to a value, ties to even; beyond the ends the end itself ("overflow")."""
        if math.isnan(value):
            raise ExplorerError(f"{self.name} has no code for NaN: give a number.")
        low, high = -(1 << self.bits - 1), (1 << self.bits - 1) - 1
        place = value / self.scale + self.zero_point
        integer = max(low, min(high, round(place))) if math.isfinite(place) else (high if place > 0 else low)
        outcome: Outcome = "exact" if integer == place else "rounded"
        if not low - 0.5 <= place <= high + 0.5:
            outcome = "overflow"
        elif value != 0 and integer == self.zero_point:
            outcome = "underflow"
        return integer & (1 << self.bits) - 1, outcome

    def gap(self, value: float) -> float:
        """Return the distance to the next value: the scale, wherever one is on the grid."""
        return self.scale if self.lowest <= value < self.largest else math.inf


NumberFormat: TypeAlias = FloatFormat | IntegerFormat

FLOAT32 = FloatFormat("float32", 8, 23)
FLOAT16 = FloatFormat("float16", 5, 10)
BFLOAT16 = FloatFormat("bfloat16", 8, 7)
FORMATS: dict[str, NumberFormat] = {
    "float32": FLOAT32,
    "float16": FLOAT16,
    "bfloat16": BFLOAT16,
    "int16": IntegerFormat("int16", 16),
    "int8": IntegerFormat("int8", 8),
    "int4": IntegerFormat("int4", 4),
    "int2": IntegerFormat("int2", 2),
}
"""Formats of the bit-field editor, widest first."""


def to_bfloat16_codes(x: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return the bfloat16 codes of finite numbers: the upper half of float32, rounded half to even."""
    code = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return np.asarray((code + 0x7FFF + (code >> 16 & 1)) >> 16, np.uint16)


def from_bfloat16_codes(codes: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return the float32 numbers of bfloat16 codes, exactly."""
    return (codes.astype(np.uint32) << 16).view(np.float32)


def round_to(x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Return `x` as a 16-bit float format would keep it, in float32.

    Parameters
    ----------
    x
        Finite numbers.
    name
        "float32" (nothing changes), "float16" or "bfloat16".

    Raises
    ------
    ExplorerError
        When a number is beyond the format's largest.
    """
    if name == "float32":
        return x
    with np.errstate(over="ignore"):
        rounded: NDArray[Any] = (
            x.astype(np.float16).astype(np.float32) if name == "float16" else from_bfloat16_codes(to_bfloat16_codes(x))
        )
    if not np.isfinite(rounded).all():
        largest = FLOAT16.largest if name == "float16" else BFLOAT16.largest
        raise ExplorerError(f"A weight exceeds {largest:g}, the largest {name}: choose a wider format.")
    return rounded


def _require_code(number: NumberFormat, code: int) -> None:
    if not 0 <= code < 1 << number.bits:
        raise ExplorerError(f"{code} is no code of {number.bits} bits ({number.name}).")
