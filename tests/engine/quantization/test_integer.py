"""Integers only: types, hand-made sums, agreement with the simulated run, and accumulators that are too narrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.calibration import observe
from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.integer import IntegerNetwork, multiplier
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe
from tests.engine.quantization.conftest import small_network


@given(st.floats(1e-9, 1e6), st.integers(-(2**31), 2**31 - 1))
def test_a_multiplier_is_right_to_the_last_integer(factor: float, accumulator: int) -> None:
    x = np.array([[accumulator]], np.int32)
    got = int(multiplier(np.array([factor])).times(x)[0, 0])
    assert abs(got - accumulator * factor) <= 0.5 + abs(accumulator * factor) * 2.0**-30


def test_multipliers_by_hand() -> None:
    half = multiplier(np.array([0.5, 0.0]))
    assert half.times(np.array([[3, 3], [-3, 8]], np.int32)).tolist() == [[2, 0], [-1, 0]]  # halves up
    with pytest.raises(ExplorerError, match="too far apart"):
        multiplier(np.array([2.0**40]))


RECIPES = [
    Recipe(8, 8),
    Recipe(4, 8, per_channel=False),
    Recipe(8, 8, weights_symmetric=False, activations_symmetric=True),
    Recipe(5, 6, weight_calibration="mse", activation_calibration="percentile"),
    Recipe("ternary", 8),
    Recipe("binary", 7),
    Recipe(8, 8, pruned=0.5, pruning="channels"),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_integers_decide_as_the_simulation_does(
    quantizer: NetworkQuantizer, pictures: NDArray[np.float32], recipe: Recipe
) -> None:
    some = pictures if recipe == Recipe(8, 8) else pictures[:60]
    quantized = quantizer.quantize(recipe)
    integers, simulated = IntegerNetwork(quantized), FakeQuantized(quantized)
    answers = integers.logits(some).argmax(1), simulated.logits(some).argmax(1)
    assert (answers[0] == answers[1]).mean() >= (0.99 if len(some) >= 100 else 0.98)
    assert not integers.overflow.any
    np.testing.assert_allclose(integers.scores(some[:5]).sum(1), 1, rtol=1e-5)


def test_no_float_between_input_and_logits(quantizer: NetworkQuantizer, pictures: NDArray[np.float32]) -> None:
    network = IntegerNetwork(quantizer.quantize(Recipe(8, 8)))
    seen: dict[str, NDArray[Any]] = {}
    codes = network.codes_of(pictures[:4])
    logits = network.run(codes, seen.__setitem__)
    assert {array.dtype for name, array in seen.items() if "accumulator" not in name} == {np.dtype(np.int8)}
    assert {array.dtype for name, array in seen.items() if "accumulator" in name} == {np.dtype(np.int32)}
    assert codes.dtype == logits.dtype == np.int8
    assert set(quantizer.steps.names) - {"input"} <= set(seen)
    stored: list[NDArray[Any]] = [*network._weights.values(), *network._biases.values()]
    stored += [part for m in network._rescale.values() for part in (m.integer, m.shift)]
    assert all(np.issubdtype(array.dtype, np.integer) for array in stored)
    assert max(np.abs(w).max() for w in network._weights.values()) <= 127


def test_every_kind_of_step_in_integers() -> None:
    quantizer = NetworkQuantizer(small_network())
    pictures = np.random.default_rng(1).uniform(0, 255, (20, 98, 40)).astype(np.float32)
    quantized = quantizer.quantize(Recipe(8, 8), observe(quantizer.network, quantizer.steps, pictures, "random"))
    step = quantized.grids["logits"]
    assert not isinstance(step, str)
    difference = IntegerNetwork(quantized).logits(pictures) - FakeQuantized(quantized).logits(pictures)
    assert np.abs(difference).max() <= 1.01 * step.scale  # at most one code


def test_an_accumulator_too_narrow_wraps_around_and_says_so(
    quantizer: NetworkQuantizer, pictures: NDArray[np.float32]
) -> None:
    quantized = quantizer.quantize(Recipe(8, 8))
    narrow, wide = IntegerNetwork(quantized, accumulator_bits=16), IntegerNetwork(quantized)
    accumulators: dict[int, NDArray[Any]] = {}
    for bits, network in ((16, narrow), (32, wide)):
        seen: dict[str, NDArray[Any]] = {}
        network.run(network.codes_of(pictures[:3]), seen.__setitem__)
        accumulators[bits] = seen["stem accumulator"]
    exact, wrapped = accumulators[32].astype(np.int64), accumulators[16]
    np.testing.assert_array_equal(wrapped, exact.astype(np.int16))
    assert narrow.overflow.counts["stem"] == (np.abs(exact + 0.5) > 2**15).sum() > 0
    assert narrow.overflow.any
    assert not wide.overflow.any


@pytest.mark.parametrize("recipe", [Recipe(9, 8), Recipe(8, 9), Recipe("float32", 8), Recipe(8)], ids=str)
def test_only_eight_bits_run_in_integers(quantizer: NetworkQuantizer, recipe: Recipe) -> None:
    with pytest.raises(ExplorerError, match="at most 8 bits"):
        IntegerNetwork(quantizer.quantize(recipe))


def test_accumulators_have_a_width_that_exists(quantizer: NetworkQuantizer) -> None:
    with pytest.raises(ExplorerError, match="8 to 32 bits"):
        IntegerNetwork(quantizer.quantize(Recipe(8, 8)), accumulator_bits=64)
