"""Accumulators: the bits of sums, by hand and against the integers themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.accumulators import accumulator_bits, in_integers, overflowed, signed_bits
from explorer.engine.quantization.calibration import calibration_pictures
from explorer.engine.quantization.integer import IntegerNetwork
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe


@pytest.fixture(scope="module")
def quantizer() -> NetworkQuantizer:
    return NetworkQuantizer(shipped("tiny"))


@pytest.mark.parametrize(("magnitude", "bits"), [(0, 1), (1, 2), (127, 8), (128, 9), (32767, 16), (32768, 17)])
def test_bits_of_signed_numbers(magnitude: int, bits: int) -> None:
    assert signed_bits(magnitude) == bits


@given(st.integers(0, 2**40))
def test_they_hold_the_number_and_one_fewer_does_not(magnitude: int) -> None:
    bits = signed_bits(magnitude)
    assert magnitude <= 2 ** (bits - 1) - 1
    assert magnitude == 0 or magnitude > 2 ** (bits - 2) - 1


def test_only_integers_of_8_bits_have_them(quantizer: NetworkQuantizer) -> None:
    fits = {r: in_integers(quantizer.quantize(r)) for r in (FLOAT, Recipe(8, 8), Recipe("ternary", 8), Recipe(9, 8))}
    assert list(fits.values()) == [False, True, True, False]
    assert not in_integers(quantizer.quantize(Recipe(8, 16)))


def test_needed_is_what_was_met_and_never_more_than_can_be(quantizer: NetworkQuantizer) -> None:
    quantized, pictures = quantizer.quantize(Recipe(8, 8)), calibration_pictures()[:3]
    sums = accumulator_bits(quantized, pictures)
    assert sums.clips == 3
    assert set(sums.needed) == set(quantizer.steps.weights)
    assert all(sums.needed[name] <= sums.bound[name] for name in sums.needed)
    met: list[int] = []
    network = IntegerNetwork(quantized)

    def look(name: str, values: NDArray[Any]) -> None:
        if name == "stem accumulator":
            met.append(int(np.abs(values).max()))

    network.run(network.codes_of(pictures), look)
    assert 2 ** (sums.needed["stem"] - 2) <= max(met) <= 2 ** (sums.needed["stem"] - 1)


def test_wide_accumulators_lose_nothing_and_narrow_ones_wrap_where_the_sums_are_wider(
    quantizer: NetworkQuantizer,
) -> None:
    quantized, pictures = quantizer.quantize(Recipe(8, 8)), calibration_pictures()[:3]
    needed = accumulator_bits(quantized, pictures).needed
    wide, narrow = overflowed(quantized, pictures, 32), overflowed(quantized, pictures, 16)
    assert not wide.wrapped
    assert wide.changed == 0
    first = next(iter(needed))  # nothing wrapped before it
    assert (first in narrow.wrapped) == (needed[first] > 16)
    assert narrow.wrapped
    assert (narrow.bits, narrow.clips) == (16, 3)
