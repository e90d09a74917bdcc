"""The initialisation lab: known behaviour over depth, and the gradients are autograd's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.engine.errors import ExplorerError
from explorer.engine.training.initialisation import standard_deviation
from explorer.engine.training.variance import INITIALISATIONS, he_variance, propagate, xavier_variance


def test_the_books_examples() -> None:
    assert xavier_variance(300, 100) == pytest.approx(0.005)
    assert he_variance(1024) == pytest.approx(0.001953125)


def test_networks_start_with_the_same_spread() -> None:
    assert standard_deviation("xavier", 300, 100) ** 2 == pytest.approx(xavier_variance(300, 100))
    assert standard_deviation("he", 1024, 10) ** 2 == pytest.approx(he_variance(1024))


@pytest.mark.parametrize(("name", "variance"), [("xavier", 2 / 500), ("he", 2 / 300), ("normal", 0.09)])
def test_weights_are_drawn_with_the_variance_of_the_formula(name: str, variance: float) -> None:
    weights = INITIALISATIONS[name].draw(np.random.default_rng(1), 200, 300, 0.3)
    assert weights.shape == (200, 300)
    assert weights.var() == pytest.approx(variance, rel=0.03)  # 60,000 draws: SE 0.6 %


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("initialisation", "activation"), [("xavier", "tanh"), ("he", "relu")])
def test_matched_initialisation_keeps_variance_over_twenty_layers(
    initialisation: str, activation: str, seed: int
) -> None:
    seen = propagate(initialisation, activation, depth=20, width=128, seed=seed)
    assert 0.1 < seen.forward_gain < 4
    assert 0.1 < seen.backward_gain < 4


@pytest.mark.parametrize("seed", range(3))
def test_unmatched_initialisation_loses_it(seed: int) -> None:
    def forward(activation: str, sigma: float) -> float:
        return propagate("normal", activation, 20, 128, sigma, seed=seed).forward_gain

    assert forward("tanh", 0.01) < 1e-12  # 0.11 a layer
    assert forward("relu", 0.5) > 1e10  # 4 a layer
    large = propagate("normal", "tanh", 20, 128, 0.5, seed=seed)
    assert large.saturated[-1] > 0.6
    assert large.backward_gain > 1e4
    sigmoids = propagate("xavier", "sigmoid", 20, 128, seed=seed)
    assert sigmoids.backward_gain < 0.25**18


def test_constant_weights_make_all_units_the_same() -> None:
    seen = propagate("constant", "tanh", 2, 16, 0.1)
    other = propagate("constant", "relu", 2, 16, 0.0)
    assert seen.activation_sd[0] > 0
    assert other.activation_sd.tolist() == [0, 0]
    assert other.dead.tolist() == [1, 1]
    assert other.forward_gain == other.backward_gain == 0


def test_the_gradient_is_autograds() -> None:
    """Same draws, in torch: the gradient of (output * error) with respect to each layer's sum."""
    depth, width, examples = 4, 12, 6
    seen = propagate("xavier", "tanh", depth, width, examples=examples, seed=3)
    generator = np.random.default_rng(3)
    h = torch.tensor(generator.standard_normal((width, examples)))
    sums: list[torch.Tensor] = []
    for _ in range(depth):
        w = torch.tensor(INITIALISATIONS["xavier"].draw(generator, width, width, 0.0))
        sums.append((w @ h).requires_grad_() if not sums else w @ h)
        sums[-1].retain_grad()
        h = torch.tanh(sums[-1])
    (h * torch.tensor(generator.standard_normal((width, examples)))).sum().backward()  # type: ignore[no-untyped-call]
    rms = [float(s.grad.square().mean().sqrt()) for s in sums if s.grad is not None]
    assert seen.gradient_rms == pytest.approx(rms)
    assert seen.activation_sd[-1] == pytest.approx(float(h.detach().std(correction=0)))


def test_numbers_beyond_64_bits_are_told() -> None:
    with pytest.raises(ExplorerError, match="64 bits"):
        propagate("normal", "linear", 400, 16, 1e3)
