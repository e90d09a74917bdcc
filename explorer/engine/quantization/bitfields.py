"""A number in several formats at once: its bits, what each bit counts, and what the format makes of the number."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.calibration import Calibration
from explorer.engine.quantization.formats import FORMATS, Field, FloatFormat, IntegerFormat, NumberFormat, Outcome
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer
from explorer.engine.quantization.quantizer import Codes
from explorer.engine.quantization.recipe import FLOAT, Recipe

SHOWN = ("float32", "float16", "bfloat16", "int8", "int4")
"""The formats that stand beside each other, widest first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a format makes of a number.

    Parameters
    ----------
    number
        The format.
    code
        Its bits, as an unsigned integer; None where it has no code (an integer for NaN).
    value
        What the code stands for.
    outcome
        "exact", "rounded", "overflow" or "underflow".
    asked
        The number.
    """

    number: NumberFormat
    code: int | None
    value: float
    outcome: Outcome
    asked: float

    @property
    def bits(self) -> str:
        """The code as zeros and ones, highest first; empty without a code."""
        return "" if self.code is None else f"{self.code:0{self.number.bits}b}"

    @property
    def error(self) -> float:
        """How far the value is from what was asked for; NaN where one of them is no finite number."""
        both = math.isfinite(self.value) and math.isfinite(self.asked)
        return self.value - self.asked if both else math.nan

    @property
    def gap(self) -> float:
        """Distance to the next value away from zero; infinite at the end of the range, NaN for what is no number."""
        if math.isnan(self.value):
            return math.nan
        return self.number.gap(self.value)


def read(number: NumberFormat, value: float) -> Reading:
    """Return what a format makes of a number."""
    if math.isnan(value) and isinstance(number, IntegerFormat):
        return Reading(number, None, math.nan, "overflow", value)
    code, outcome = number.encode(value)
    return Reading(number, code, number.decode(code), outcome, value)


def flipped(reading: Reading, bit: int) -> float:
    """Return the value of a reading's code after one bit, counted from the lowest, was flipped.

    Raises
    ------
    ExplorerError
        When there is no such bit, or no code.
    """
    if reading.code is None or not 0 <= bit < reading.number.bits:
        raise ExplorerError(f"{reading.number.name} has no bit {bit} to flip here.")
    return reading.number.decode(reading.code ^ 1 << bit)


def field_of(number: NumberFormat, bit: int) -> Field:
    """Return the field in which a bit, counted from the lowest, lies."""
    return next(field for field in number.fields if field.first <= bit < field.first + field.bits)


def power_of(number: NumberFormat, bit: int) -> int:
    """Return the power of two that a bit counts within its field.

    Sign bits of floats count none (0 is returned), an exponent's bit i counts 2^i in the exponent, a mantissa's
    2^(i - mantissa bits) of the leading one, and an integer's 2^i steps (its sign bit -2^(bits-1)).
    """
    field = field_of(number, bit)
    if isinstance(number, FloatFormat):
        return {"sign": 0, "exponent": bit - field.first, "mantissa": bit - field.bits}[field.name]
    return bit


def formats_on(grids: dict[int, tuple[float, int]]) -> tuple[NumberFormat, ...]:
    """Return the formats shown, the integers among them lying on grids.

    Parameters
    ----------
    grids
        Scale and zero point by bits; integers without one are plain integers.
    """
    found: list[NumberFormat] = []
    for name in SHOWN:
        number = FORMATS[name]
        if isinstance(number, IntegerFormat) and number.bits in grids:
            scale, zero_point = grids[number.bits]
            number = replace(number, scale=scale, zero_point=zero_point)
        found.append(number)
    return tuple(found)


def weight_grids(quantizer: NetworkQuantizer, recipe: Recipe, layer: str, channel: int) -> dict[int, tuple[float, int]]:
    """Return scale and zero point that 8 and 4 bits give the weights of one channel, on the recipe's kind of grid."""
    found = {}
    for bits in (8, 4):
        stored = quantizer.quantize(_alone(recipe).with_layer(layer, weights=bits)).weights[layer]
        assert isinstance(stored, Codes)
        place = channel if len(stored.scale) > 1 else 0
        found[bits] = float(stored.scale[place]), int(stored.zero_point[place])
    return found


def activation_grids(
    quantizer: NetworkQuantizer, recipe: Recipe, layer: str, calibration: Calibration
) -> dict[int, tuple[float, int]]:
    """Return scale and zero point that 8 and 4 bits give what a layer stores, on the recipe's kind of grid."""
    found = {}
    for bits in (8, 4):
        grid = quantizer.quantize(_alone(recipe).with_layer(layer, activations=bits), calibration).grids[layer]
        assert isinstance(grid, Grid)
        found[bits] = grid.scale, grid.zero_point
    return found


def _alone(recipe: Recipe) -> Recipe:
    """Return the recipe with everything in float: only one layer is to lie on a grid."""
    return replace(
        recipe, weights=FLOAT.weights, activations=FLOAT.activations, layer_weights=(), layer_activations=(), pruned=0.0
    )


def parse_number(text: str) -> float:
    """Return the number a person typed; "inf" and "nan" are numbers of their own here.

    Raises
    ------
    ExplorerError
        When it is none.
    """
    try:
        return float(text.strip().replace("−", "-").replace("∞", "inf"))
    except ValueError as error:
        raise ExplorerError(f"“{text.strip():.20}” is no number: type one such as 0.1, -3 or 6e-8.") from error
