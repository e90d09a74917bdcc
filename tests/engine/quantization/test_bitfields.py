"""Bits of a number, by hand and against numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.bitfields import (
    SHOWN,
    activation_grids,
    field_of,
    flipped,
    formats_on,
    parse_number,
    power_of,
    read,
    weight_grids,
)
from explorer.engine.quantization.formats import BFLOAT16, FLOAT16, FLOAT32, FORMATS, IntegerFormat
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer
from explorer.engine.quantization.quantizer import Codes
from explorer.engine.quantization.recipe import Recipe


@given(st.floats(allow_nan=False), st.sampled_from(SHOWN), st.integers(0, 31))
def test_a_bit_flipped_twice_is_the_same_number(value: float, name: str, bit: int) -> None:
    reading = read(FORMATS[name], value)
    assert len(reading.bits) == FORMATS[name].bits
    if bit >= reading.number.bits:
        with pytest.raises(ExplorerError, match="no bit"):
            flipped(reading, bit)
        return
    once = read(reading.number, flipped(reading, bit))
    if math.isnan(once.value):  # one NaN of many stands for all of them
        return
    assert once.outcome == "exact"
    assert sum(a != b for a, b in zip(once.bits, reading.bits, strict=True)) == 1
    again = flipped(once, bit)
    assert again == reading.value or (math.isnan(again) and math.isnan(reading.value))


def test_one_third_by_hand() -> None:
    reading = read(FLOAT16, 1 / 3)
    assert reading.bits == "0011010101010101"
    assert reading.outcome == "rounded"
    assert reading.gap == 2.0**-12
    assert reading.error == pytest.approx(-(2.0**-12) / 3, rel=1e-3)
    assert flipped(reading, 15) == -reading.value  # the sign
    assert flipped(reading, 10) == reading.value / 2  # the exponent, 01101 to 01100
    assert flipped(reading, 0) == reading.value - reading.gap


def test_overflow_and_underflow_are_told_apart() -> None:
    assert read(FLOAT16, 70_000.0).outcome == "overflow"
    assert read(FLOAT16, 70_000.0).value == math.inf
    assert read(BFLOAT16, 70_000.0).outcome == "rounded"
    assert read(FLOAT16, 1e-9).outcome == "underflow"
    assert read(FLOAT16, 1e-9).value == 0
    assert read(BFLOAT16, 1e-9).outcome == "rounded"
    coarse = IntegerFormat("int4", 4, 0.1)
    assert (read(coarse, 2.0).value, read(coarse, 2.0).outcome) == (0.1 * 7, "overflow")
    assert (read(coarse, 0.04).value, read(coarse, 0.04).outcome) == (0.0, "underflow")
    assert read(coarse, math.nan).code is None
    assert math.isnan(read(coarse, math.nan).gap)
    with pytest.raises(ExplorerError, match="no bit"):
        flipped(read(coarse, math.nan), 0)


def test_what_each_bit_counts() -> None:
    assert [field_of(FLOAT32, bit).name for bit in (31, 30, 23, 22, 0)] == [
        "sign",
        "exponent",
        "exponent",
        "mantissa",
        "mantissa",
    ]
    assert [power_of(FLOAT32, bit) for bit in (30, 23, 22, 0)] == [7, 0, -1, -23]
    assert [power_of(FORMATS["int8"], bit) for bit in (7, 6, 0)] == [7, 6, 0]


def test_integers_lie_on_the_grid_that_the_network_would_use() -> None:
    quantizer, recipe = NetworkQuantizer(shipped("tiny")), Recipe(5, 6)
    layer = max(quantizer.steps.weights, key=lambda name: quantizer.steps.weights[name].size)
    weight = quantizer.steps.weights[layer]
    grids = weight_grids(quantizer, recipe, layer, 3)
    whole = quantizer.quantize(Recipe(4)).weights[layer]
    assert isinstance(whole, Codes)
    assert grids[4] == (float(whole.scale[3]), 0)
    for value in weight[3].ravel()[:20]:
        kept = next(r for r in (read(f, float(value)) for f in formats_on(grids)) if r.number.name == "int4")
        place = int(np.argmin(np.abs(weight[3].ravel() - value)))
        assert kept.value == pytest.approx(float(whole.values[3].ravel()[place]), rel=1e-6, abs=1e-12)
    one = weight_grids(quantizer, Recipe(per_channel=False), layer, 3)
    assert one[4] == weight_grids(quantizer, Recipe(per_channel=False), layer, 0)[4]
    calibration = quantizer.calibrate()
    grid = quantizer.quantize(Recipe(activations=4), calibration).grids[layer]
    assert isinstance(grid, Grid)
    assert activation_grids(quantizer, Recipe(), layer, calibration)[4] == (grid.scale, grid.zero_point)


def test_what_a_person_types() -> None:
    assert parse_number(" −0.5 ") == -0.5
    assert parse_number("6e-8") == 6e-8
    assert parse_number("∞") == math.inf
    for text in ("", "abc", "1,5", "0x10"):
        with pytest.raises(ExplorerError, match="no number"):
            parse_number(text)
