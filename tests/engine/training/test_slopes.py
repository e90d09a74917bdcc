"""Activations: torch agrees, slopes are slopes, and six sigmoids leave at most 0.25^6."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.training import activations
from explorer.engine.training.slopes import ACTIVATIONS, LEAK, curve, slope_product

ORACLES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": F.gelu,
    "linear": torch.clone,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_torch_computes_the_same_value_and_slope(name: str) -> None:
    x = np.linspace(-40, 40, 801) + 0.001  # nowhere at the kink
    t = torch.tensor(x, requires_grad=True)
    y = ORACLES[name](t)
    y.sum().backward()  # type: ignore[no-untyped-call]
    assert t.grad is not None
    assert ACTIVATIONS[name].value(x) == pytest.approx(y.detach().numpy(), abs=1e-12)
    assert ACTIVATIONS[name].slope(x) == pytest.approx(t.grad.numpy(), abs=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nothing_is_steeper_than_steepest(name: str) -> None:
    found = curve(name, -8, 8, 16001).steepest
    assert found == pytest.approx(ACTIVATIONS[name].steepest, abs=2e-4)


@given(st.floats(-20, 20), st.integers(1, 12))
def test_sigmoids_leave_at_most_a_quarter_each(x: float, layers: int) -> None:
    left = slope_product(["sigmoid"] * layers, x)
    assert left.at_most[0] == pytest.approx(0.25**layers)
    assert (left.products <= left.at_most + 1e-15).all()


def test_a_sigmoid_at_zero_and_a_relu_above_it_by_hand() -> None:
    assert slope_product(["sigmoid"], 0.0).products.tolist() == [0.25]
    assert slope_product(["relu"] * 6, 1.0).products.tolist() == [1] * 6
    assert slope_product(["relu"] * 6, -1.0).products[0] == 0
    # the second layer receives 0.5, where the slope is 0.235
    assert slope_product(["sigmoid"] * 2, 0.0).products[0] == pytest.approx(0.25 * 0.2350037)


@given(st.floats(-5, 5), st.lists(st.sampled_from(["sigmoid", "tanh", "gelu", "linear"]), min_size=1, max_size=6))
def test_the_product_is_the_derivative_of_the_chain(x: float, names: list[str]) -> None:
    def chain(at: float) -> float:
        h = np.array(at)
        for name in names:
            h = ACTIVATIONS[name].value(h)
        return float(h)

    step = 1e-5
    assert slope_product(names, x).products[0] == pytest.approx(
        (chain(x + step) - chain(x - step)) / (2 * step), abs=1e-6
    )


def test_what_is_drawn_is_what_networks_train_with() -> None:
    assert set(ACTIVATIONS) == set(activations.ACTIVATIONS)
    assert activations.LEAK == LEAK
    z = torch.linspace(-5, 5, 101, dtype=torch.float64) + 0.001
    for name, trained in activations.ACTIVATIONS.items():
        assert ACTIVATIONS[name].value(z.numpy()) == pytest.approx(trained.value(z).numpy())
        assert ACTIVATIONS[name].slope(z.numpy()) == pytest.approx(trained.slope(z, trained.value(z)).numpy())
        assert ACTIVATIONS[name].steepest == trained.largest_slope
