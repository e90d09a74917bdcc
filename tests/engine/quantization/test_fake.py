"""The fast simulated run against torch's own fake-quantize operators, and what one altered weight does."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from explorer.engine.kws.frontend import network_input
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import Network
from explorer.engine.quantization.calibration import observe
from explorer.engine.quantization.fake import FakeQuantized, Stopped
from explorer.engine.quantization.packing import flash_image
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer, QuantizedNetwork
from explorer.engine.quantization.recipe import Recipe
from tests.engine.quantization.conftest import small_network


def by_torch(quantized: QuantizedNetwork, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run a quantized network with torch's fake-quantize operators on real numbers, step by step."""

    def stored(x: torch.Tensor, grid: Grid | str) -> torch.Tensor:
        if isinstance(grid, Grid):
            limits = (grid.lowest, grid.highest)
            return torch.fake_quantize_per_tensor_affine(x, grid.scale, grid.zero_point, *limits)
        return x.to(getattr(torch, grid)).float()

    values = {"input": stored(torch.from_numpy(network_input(pictures))[:, None], quantized.grids["input"])}
    for step in quantized.steps.order:
        x = values[step.sources[0]]
        if step.has_weights:
            weight, bias = torch.tensor(quantized.weight_values(step.name)), quantized.bias_values(step.name)
            offset = None if bias is None else torch.tensor(bias)
        match step.layer:
            case Conv() as c:
                y = F.conv2d(x, weight, offset, c.stride, c.padding, c.dilation, c.groups)
            case Dense():
                y = F.linear(x.flatten(1), weight, offset)
            case Add():
                y = x + values[step.sources[1]]
            case AveragePool() as pool:
                y = x.mean([{"time": 2, "frequency": 3}[a] for a in pool.axes], keepdim=True)
            case _:
                y = x
        values[step.name] = stored(y.relu() if step.relu else y, quantized.grids[step.name])
    return np.asarray(values[quantized.steps.last].numpy())


RECIPES = [
    Recipe(8, 8),
    Recipe(4, 8, per_channel=False),
    Recipe(3, 5, weights_symmetric=False, weight_calibration="mse", activation_calibration="percentile"),
    Recipe(16, 16),
    Recipe("ternary", 6, activations_symmetric=True),
    Recipe("binary", "float32"),
    Recipe(8, 8, pruned=0.5).with_layer("stem", weights="float32"),
    Recipe("bfloat16", "float16"),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_the_fast_run_is_torchs(quantizer: NetworkQuantizer, pictures: NDArray[np.float32], recipe: Recipe) -> None:
    some = pictures[:60]
    quantized = quantizer.quantize(recipe)
    wanted, got = by_torch(quantized, some), FakeQuantized(quantized).logits(some)
    # A sum that lies on a tie may fall to either side, and what follows with it: most pictures have none, and where
    # there is one the logits move by little.
    largest = np.abs(wanted).max()
    close = np.isclose(got, wanted, rtol=1e-4, atol=1e-3 * largest)
    assert close.all(1).mean() > 0.8
    assert np.abs(got - wanted).mean() < 2e-3 * largest
    assert (got.argmax(1) == wanted.argmax(1)).mean() > 0.98


def test_without_quantization_it_is_the_float_network(
    quantizer: NetworkQuantizer, pictures: NDArray[np.float32]
) -> None:
    exact = Executor(quantizer.network).scores(pictures[:40])
    network = FakeQuantized(quantizer.quantize(Recipe()))
    np.testing.assert_allclose(network.scores(pictures[:40]), exact, atol=1e-4)
    assert tuple(network.labels) == quantizer.network.labels


def test_every_kind_of_step_with_axes_in_their_places() -> None:
    quantizer = NetworkQuantizer(small_network())
    pictures = np.random.default_rng(1).uniform(0, 255, (6, 98, 40)).astype(np.float32)
    steps = {step.name: step for step in quantizer.steps.order}
    assert steps["stem"].relu
    assert not steps["late"].has_weights
    for recipe in (Recipe(), Recipe(6, 7), Recipe(4, 4, activations_symmetric=True)):
        quantized = quantizer.quantize(recipe, observe(quantizer.network, quantizer.steps, pictures, "random"))
        got = FakeQuantized(quantized).logits(pictures)
        np.testing.assert_allclose(got, by_torch(quantized, pictures), rtol=1e-4, atol=1e-3)
    found = FakeQuantized(quantizer.quantize(Recipe())).activations(pictures, ("input", "deep", "mean", "logits"))
    np.testing.assert_allclose(found["input"][:, 0], network_input(pictures))
    np.testing.assert_allclose(found["mean"], found["deep"].mean(3, keepdims=True), atol=1e-5)
    assert found["deep"].shape == (6, *quantizer.steps.stored_shape("deep"))


def test_activations_lie_on_their_grids(quantizer: NetworkQuantizer, pictures: NDArray[np.float32]) -> None:
    quantized = quantizer.quantize(Recipe(4, 3))
    for name, values in FakeQuantized(quantized).activations(pictures[:10], tuple(quantized.grids)).items():
        grid = quantized.grids[name]
        assert isinstance(grid, Grid)
        assert len(np.unique(values)) <= 2**grid.bits
        assert values.min() >= grid.low - 1e-6
        assert values.max() <= grid.high + 1e-6


def test_a_run_in_two_parts_is_one_run(quantizer: NetworkQuantizer, pictures: NDArray[np.float32]) -> None:
    network = FakeQuantized(quantizer.quantize(Recipe(4, 8)))
    whole = network.logits(pictures[:20])
    for cut in (1, 7, 30, len(quantizer.steps.order)):
        state = network.advance(network.begin(pictures[:20]), 0, cut)
        np.testing.assert_array_equal(network.finish(state, cut), whole)
        np.testing.assert_array_equal(network.finish(state, cut), whole)  # a state can be used again


def test_a_run_that_nobody_wants_ends(quantizer: NetworkQuantizer, pictures: NDArray[np.float32]) -> None:
    network, stop, seen = FakeQuantized(quantizer.quantize(Recipe(4, 8))), threading.Event(), list[str]()

    def after_three(name: str, _: torch.Tensor) -> None:
        seen.append(name)
        if len(seen) == 3:
            stop.set()

    with pytest.raises(Stopped):
        network.finish(network.begin(pictures[:20]), 0, stop, after_three)
    assert len(seen) == 3


def test_one_altered_weight_changes_every_figure(quantizer: NetworkQuantizer, pictures: NDArray[np.float32]) -> None:
    network = quantizer.network
    arrays = {name: array.copy() for name, array in network.arrays.items()}
    arrays["logits.weight"][3, 5] *= -2
    other = NetworkQuantizer(Network(network.name, network.graph, arrays, network.labels))
    recipe = Recipe(8, 8)
    before, after = quantizer.quantize(recipe), other.quantize(recipe)
    assert flash_image(before) != flash_image(after)
    assert before.prefix(5) != after.prefix(5)
    changed = FakeQuantized(before).logits(pictures[:20]) != FakeQuantized(after).logits(pictures[:20])
    assert changed.any(0)[3]
