"""Errors in decibels by hand, and the matrix cell by cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.engine.quantization.anytime import Evaluator
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe
from explorer.engine.quantization.sensitivity import (
    activation_errors,
    cell_recipe,
    error_of,
    matrix,
    weight_errors,
)
from tests.engine.quantization.conftest import small_network


def test_error_by_hand() -> None:
    found = error_of(np.array([3, 4, 0], np.float32), np.array([3, 4.5, 0], np.float32))
    assert found.mse == pytest.approx(0.25 / 3)
    assert found.sqnr_db == pytest.approx(20)
    assert found.levels == 3
    assert error_of(np.ones(2, np.float32), np.ones(2, np.float32)).sqnr_db == math.inf
    assert error_of(np.zeros(2, np.float32), np.ones(2, np.float32)).sqnr_db == -math.inf


def test_a_bit_is_worth_about_six_decibels(quantizer: NetworkQuantizer) -> None:
    mean = {
        bits: np.mean([e.sqnr_db for e in weight_errors(quantizer, Recipe(bits)).values()]) for bits in (6, 8, 10, 12)
    }
    for bits in (6, 8, 10):
        assert (mean[bits + 2] - mean[bits]) / 2 == pytest.approx(6.02, abs=0.4)
    assert all(e.levels <= 2**4 * 50 for e in weight_errors(quantizer, Recipe(4)).values())


def test_errors_of_activations_grow_as_bits_go(
    quantizer: NetworkQuantizer, pictures: NDArray[np.float32]
) -> None:
    fine = activation_errors(quantizer, Recipe("float32", 8), pictures[:8])
    coarse = activation_errors(quantizer, Recipe("float32", 4), pictures[:8])
    assert set(fine) == set(quantizer.steps.names)
    assert all(fine[name].sqnr_db > coarse[name].sqnr_db for name in fine if name != "logits")
    assert fine["input"].sqnr_db > 40


def test_one_cell_quantizes_one_layer_or_all_but_one() -> None:
    layers = ("a", "b", "c")
    only, others = (cell_recipe(Recipe(2, 2, per_channel=False), layers, "b", 4, mode) for mode in ("only", "all but"))
    assert [only.weights_of(name) for name in layers] == ["float32", 4, "float32"]
    assert [others.weights_of(name) for name in layers] == [4, "float32", 4]
    assert only.activations_of("a") == others.activations_of("a") == "float32"
    assert not only.per_channel


def test_the_matrix_measures_every_cell_as_if_it_were_alone() -> None:
    network = small_network(3)
    quantizer = NetworkQuantizer(network)
    rng = np.random.default_rng(2)
    clips = EvaluationSet(
        "noise",
        rng.uniform(0, 255, (60, 98, 40)).astype(np.float32),
        rng.integers(0, 3, 60),
        np.zeros(60, np.bool_),
        network.labels,
    )
    evaluator = Evaluator(quantizer, clips)
    for mode in ("only", "all but"):
        cells = list(matrix(evaluator, mode, (2, 8)))
        assert [(c.layer, c.bits) for c in cells] == [(n, b) for n in ("stem", "deep", "logits") for b in (2, 8)]
        for cell in cells:
            alone = Evaluator(quantizer, clips).measure(cell.estimate.recipe)
            assert alone is not None
            np.testing.assert_array_equal(cell.estimate.answers, alone.answers)
            assert cell.comparison.clips == 60


def test_the_matrix_ends_when_asked(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    import threading

    stop = threading.Event()
    found = 0
    for _ in matrix(Evaluator(quantizer, clips), widths=(4,), stop=stop):
        found += 1
        if found == 2:
            stop.set()
    assert found == 2
