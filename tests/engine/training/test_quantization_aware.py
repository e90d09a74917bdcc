"""Quantization-aware training: what is trained is what is stored, and it beats rounding afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import network_input
from explorer.engine.kws.labels import LABELS
from explorer.engine.nn.graph import AveragePool, BatchNorm, Conv, Dense, Graph, ReLU
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import shipped
from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.quantizer import Scheme, binary, encode, ternary
from explorer.engine.quantization.recipe import Recipe, Width
from explorer.engine.training.loop import Recipe as TrainingRecipe
from explorer.engine.training.loop import Run
from explorer.engine.training.quantization_aware import (
    StraightThrough,
    measure_norms,
    measured_on_grid,
    on_grid,
    settle_on_grid,
    train_on_grid,
)

WIDTHS: tuple[Width, ...] = (2, 3, 4, 8, "ternary", "binary")


def taught_tiny(width: Width | None) -> GraphModule:
    """Return the shipped network as a module, on a grid or not."""
    network = shipped("tiny")
    module = GraphModule(network.graph)
    module.load_arrays(network.arrays)
    if width is not None:
        train_on_grid(module, width)
    return module.eval()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_grid_is_the_one_that_is_stored(width: Width) -> None:
    weight = np.random.default_rng(1).standard_normal((6, 3, 3, 3)).astype(np.float32)
    rows = weight.reshape(6, -1)
    if width == "ternary":
        stored = ternary(weight, True)
    elif width == "binary":
        stored = binary(weight, True)
    else:
        assert isinstance(width, int)
        stored = encode(weight, rows.min(1), rows.max(1), Scheme(width, symmetric=True, per_channel=True))
    np.testing.assert_allclose(on_grid(torch.from_numpy(weight), width).numpy(), stored.values, rtol=2e-6, atol=1e-7)


def test_golden_values_on_two_bits() -> None:
    weight = torch.tensor([[0.9, -0.2, 0.5, -1.0], [0.01, 0.02, -0.04, 0.0]])
    expected = torch.tensor([[1.0, 0.0, 0.0, -1.0], [0.0, 0.0, -0.04, 0.0]])  # half a step rounds to the even code
    torch.testing.assert_close(on_grid(weight, 2), expected)


@pytest.mark.parametrize("width", [1, "float32", "float16"])
def test_a_width_without_a_grid_is_refused_and_the_network_is_left_alone(width: Width) -> None:
    module = taught_tiny(None)
    before = set(module.state_dict())
    with pytest.raises(ExplorerError, match="No network is trained for weights of"):
        train_on_grid(module, width)
    assert set(module.state_dict()) == before


def test_the_gradient_passes_as_if_there_were_no_grid() -> None:
    weight = torch.randn(4, 5, requires_grad=True)
    wanted = torch.randn(4, 5)
    (StraightThrough(3)(weight) * wanted).sum().backward()
    assert weight.grad is not None
    torch.testing.assert_close(weight.grad, wanted)


@pytest.mark.parametrize("width", WIDTHS)
def test_training_computes_what_the_folded_quantized_network_computes(width: Width) -> None:
    pictures = np.random.default_rng(3).uniform(0, 255, (16, 98, 40)).astype(np.float32)
    stored = NetworkQuantizer(shipped("tiny")).quantize(Recipe(width, "float32"))
    with torch.no_grad():
        trained = taught_tiny(width)(torch.from_numpy(network_input(pictures))[:, None]).numpy()
    exact = FakeQuantized(stored).logits(pictures)
    assert np.abs(trained - exact).max() < 0.02 * np.abs(exact).max()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_shipped_lies_on_the_grid_and_stays_there(width: Width) -> None:
    module = taught_tiny(width)
    settle_on_grid(module)
    network = Network("tiny", module.graph, module.arrays(), LABELS)
    quantizer = NetworkQuantizer(network)
    exact, stored = quantizer.steps.weights, quantizer.quantize(Recipe(width, "float32"))
    for name, values in exact.items():
        np.testing.assert_allclose(stored.weight_values(name), values, rtol=1e-5, atol=1e-6 * np.abs(values).max())


SMALL = Graph(
    "small",
    (1, 8, 6),
    (
        Conv("first", "input", 8, (3, 3)),
        BatchNorm("first_norm", "first"),
        ReLU("first_relu", "first_norm"),
        Conv("second", "first_relu", 8, (3, 3)),
        BatchNorm("second_norm", "second"),
        ReLU("second_relu", "second_norm"),
        AveragePool("pool", "second_relu", ("time", "frequency")),
        Dense("logits", "pool", 6),
    ),
)


class Clouds:
    """Six clouds of pictures around random centres."""

    def __init__(self) -> None:
        self.centres = torch.randn(6, 1, 8, 6, generator=torch.Generator().manual_seed(5))

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(1000 * seed + epoch)
        for _ in range(self.steps(batch)):
            y = torch.randint(6, (batch,), generator=generator)
            yield self.centres[y] + 0.7 * torch.randn(batch, 1, 8, 6, generator=generator), y

    def steps(self, batch: int) -> int:
        return 40

    def validate(self, module: nn.Module) -> dict[str, tuple[int, int]]:
        x, y = next(self.batches(99, 600, 7))
        return {"clouds": (int((module(x).argmax(1) == y).sum()), len(y))}


def test_training_on_the_grid_beats_rounding_afterwards() -> None:
    task, recipe = Clouds(), TrainingRecipe(epochs=4, batch=32, peak_rate=0.1, warmup_epochs=0.2, average_decay=0.9)
    torch.manual_seed(0)
    module = GraphModule(SMALL)
    run = Run(module, task, recipe)
    run.train(threading.Event(), lambda report: None)
    module.load_state_dict(run.average.average)
    rounded = GraphModule(SMALL)
    rounded.load_state_dict(run.average.average)
    train_on_grid(rounded, "binary")
    with torch.no_grad():
        after, total = task.validate(rounded.eval())["clouds"]
    train_on_grid(module, "binary")
    again = Run(module, task, recipe)
    again.train(threading.Event(), lambda report: None)
    trained = again.validate()["clouds"][0]
    assert trained > after + total // 10


def test_a_retrained_network_is_measured_as_it_is_stored() -> None:
    scorer = measured_on_grid(shipped("tiny"), 3)
    assert set(scorer.quantized.formats.values()) == {3}
    assert scorer.labels == LABELS
    assert scorer.quantized.recipe.activations == 8


def test_norms_are_measured_for_the_weights_as_they_are() -> None:
    torch.manual_seed(3)
    module = GraphModule(SMALL)
    train_on_grid(module, "ternary")
    x = 3 * torch.randn(64, 1, 8, 6) + 1
    measure_norms(module, (x[:32], x[32:]))
    norm = module.units["first_norm"]
    assert isinstance(norm, nn.BatchNorm2d)
    with torch.no_grad():
        seen = module.activations(x, keep=lambda name: True)["first"]
    assert norm.running_mean is not None
    torch.testing.assert_close(norm.running_mean, seen.mean((0, 2, 3)), rtol=1e-4, atol=1e-4)
    assert norm.momentum == 0.1
    assert not module.training
