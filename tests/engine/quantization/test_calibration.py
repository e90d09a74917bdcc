"""Where the ends of ranges go: by hand, never worse than the whole range, never from evaluation clips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from explorer.engine.audio.live import Excerpt
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.nn.network import Network
from explorer.engine.quantization.calibration import (
    BINS,
    INPUT_RANGE,
    Histogram,
    calibration_pictures,
    observe,
    pictures_of,
    weight_range,
)
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer
from explorer.engine.quantization.quantizer import Scheme, fake_quantize, grid_for
from explorer.engine.quantization.recipe import Recipe
from explorer.engine.quantization.steps import INPUT, steps_of
from tests.engine.quantization.conftest import small_network


def histogram(values: NDArray[np.float64]) -> Histogram:
    low, high = float(values.min()), float(values.max())
    there = values[values != 0]
    counts = np.histogram(there, BINS, (low, high))[0]
    return Histogram(low, high, counts.astype(np.int64), int((values == 0).sum()))


def mse(x: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32], scheme: Scheme) -> float:
    scale, zero = grid_for(low, high, scheme)
    return float(np.square(fake_quantize(x, scale, zero, scheme.lowest, scheme.highest) - x).sum())


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(2, 8), st.booleans(), st.booleans())
def test_the_mse_search_is_never_worse_than_the_whole_range(
    seed: int, bits: int, symmetric: bool, per_channel: bool
) -> None:
    x = np.random.default_rng(seed).standard_t(3, (5, 20)).astype(np.float32)
    scheme = Scheme(bits, symmetric, per_channel)
    whole = mse(x, *weight_range(x, scheme, "minmax", 100), scheme)
    assert mse(x, *weight_range(x, scheme, "mse", 100), scheme) <= whole * (1 + 1e-6)


def test_an_outlier_is_cut_off_by_percentile_and_mse_but_not_by_min_max() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (1, 1000)).astype(np.float32)
    x[0, 0] = 6
    scheme = Scheme(4)
    ends = {method: float(weight_range(x, scheme, method, 99.0)[1][0]) for method in ("minmax", "percentile", "mse")}
    assert ends["minmax"] == 6
    assert 0.9 < ends["percentile"] <= 1
    assert ends["mse"] < 4


def test_percentiles_of_activations_by_hand() -> None:
    values = np.concatenate([np.zeros(9000), np.linspace(0.001, 1, 1000)])  # as a ReLU gives them
    low, high = histogram(values).range(Scheme(8, symmetric=False), "percentile", 99.0)
    assert low == 0
    assert high == pytest.approx(0.9, abs=2 / BINS)  # a hundredth of all values, all on the upper side
    both = np.linspace(-1, 1, 10_001)
    low, high = histogram(both).range(Scheme(8, symmetric=False), "percentile", 90.0)
    assert (low, high) == pytest.approx((-0.9, 0.9), abs=2 / BINS)


def test_mse_of_activations_finds_the_best_cut_of_the_values_themselves() -> None:
    values = np.abs(np.random.default_rng(1).standard_t(4, 20_000)).astype(np.float32)
    scheme = Scheme(4, symmetric=False)
    _, high = histogram(values.astype(np.float64)).range(scheme, "mse", 100)
    zero = np.zeros(1, np.float32)
    ends = [np.array([cut * values.max()], np.float32) for cut in np.linspace(0.05, 1, 96)]
    best = min(mse(values, zero, end, scheme) for end in ends)
    assert mse(values, zero, np.array([high], np.float32), scheme) < 1.05 * best
    assert high < 0.7 * values.max()


def test_a_constant_activation_keeps_its_value() -> None:
    constant = Histogram(3.0, 3.0, np.zeros(BINS, np.int64), 0)
    silent = Histogram(0.0, 0.0, np.zeros(BINS, np.int64), 40)
    for method in ("minmax", "percentile", "mse"):
        assert constant.range(Scheme(4, symmetric=False), method, 99.9) == (3, 3)
        assert silent.range(Scheme(4, symmetric=False), method, 99.9) == (0, 0)


def test_statistics_are_those_of_the_activations(quantizer: NetworkQuantizer) -> None:
    calibration = quantizer.calibrate()
    pictures = calibration_pictures()
    assert calibration.clips == len(pictures) == 120
    entry = calibration.histograms[INPUT]
    assert (entry.low, entry.high) == ((pictures.min() - 128) / 64, (pictures.max() - 128) / 64)
    assert set(calibration.histograms) == set(quantizer.steps.names)
    for name, found in calibration.histograms.items():
        size = np.prod(quantizer.steps.stored_shape(name)) * len(pictures)
        assert found.counts.sum() + found.zeros == size
        assert found.low >= 0 or name == INPUT or not quantizer.steps[name].relu


def test_the_whole_range_of_the_front_end_is_known(quantizer: NetworkQuantizer) -> None:
    grid = quantizer.quantize(Recipe(8, 8)).grids[INPUT]
    assert isinstance(grid, Grid)
    assert grid.scale == 1 / 64  # one grey level
    assert (grid.low, grid.high) == INPUT_RANGE


def test_evaluation_clips_cannot_calibrate() -> None:
    with pytest.raises(ExplorerError, match="must not be used to calibrate"):
        pictures_of(load_part("evaluate"))


def test_nothing_and_noise_without_numbers_cannot_calibrate(quantizer: NetworkQuantizer) -> None:
    with pytest.raises(ExplorerError, match="no sound to calibrate on"):
        observe(quantizer.network, quantizer.steps, np.empty((0, 98, 40), np.float32), "nothing")
    with pytest.raises(ExplorerError, match="not finite"):
        observe(quantizer.network, quantizer.steps, np.full((1, 98, 40), np.nan, np.float32), "damaged")
    silent = Excerpt(1, np.zeros(16_000 * 12, np.int16))
    with pytest.raises(ExplorerError, match="no sound to calibrate on"):
        NetworkQuantizer(quantizer.network, silent).calibrate()


def test_a_network_whose_activations_explode_is_refused() -> None:
    network = small_network(scale=1e30)
    with pytest.raises(ExplorerError, match="activations that are not finite"):
        observe(network, steps_of(network), np.full((1, 98, 40), 200, np.float32), "loud")


def test_live_sound_gives_other_grids(quantizer: NetworkQuantizer) -> None:
    quiet = load_part("calibrate").samples[:5].ravel() // 4
    live = NetworkQuantizer(quantizer.network, Excerpt(1, quiet))
    calibration = live.calibrate()
    assert calibration.clips == 9  # a second every half second of five
    assert calibration.name == "5 s of live sound, n = 9"
    assert live.calibrate() is calibration
    usual = quantizer.quantize(Recipe(8, 8)).grids["head"]
    own = live.quantize(Recipe(8, 8)).grids["head"]
    assert isinstance(usual, Grid)
    assert isinstance(own, Grid)
    assert own.scale < usual.scale  # five quiet clips do not reach as far as 120


def test_a_calibration_of_another_network_is_refused(quantizer: NetworkQuantizer) -> None:
    arrays = {name: array.copy() for name, array in quantizer.network.arrays.items()}
    arrays["logits.bias"][0] += 1
    network = quantizer.network
    other = NetworkQuantizer(Network(network.name, network.graph, arrays, network.labels))
    with pytest.raises(ExplorerError, match="another network"):
        other.quantize(Recipe(8, 8), quantizer.calibrate())
