"""The stepper: every gradient is autograd's and the finite difference's, and the shapes are those of the values."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.training.backprop import DenseChain, finite_differences, forward, order_costs, steps

TORCH = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "linear": torch.clone}


def example(sizes: list[int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.standard_normal(sizes[0]), generator.standard_normal(sizes[-1])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=3, max_size=4),
    st.sampled_from(["relu", "tanh", "sigmoid"]),
    st.sampled_from(["linear", "sigmoid", "relu"]),
    st.integers(0, 1000),
)
def test_every_gradient_is_autograds(sizes: list[int], activation: str, last: str, seed: int) -> None:
    net = DenseChain.draw(sizes, activation, last, seed)
    x, y = example(sizes, seed)
    tensors = {"A0": torch.tensor(x, requires_grad=True)}
    for i, (w, f) in enumerate(zip(net.weights, net.activations, strict=True), 1):
        tensors[f"W{i}"] = torch.tensor(w, requires_grad=True)
        tensors[f"L{i}"] = tensors[f"W{i}"] @ tensors[f"A{i - 1}"]
        tensors[f"A{i}"] = TORCH[f](tensors[f"L{i}"])
        tensors[f"L{i}"].retain_grad()
        tensors[f"A{i}"].retain_grad()
    (tensors[f"A{len(net.weights)}"] - torch.tensor(y)).square().sum().backward()  # type: ignore[no-untyped-call]
    gradients = [step for step in steps(net, x, y) if step.of]
    assert {step.of for step in gradients} == set(tensors)
    for step in gradients:
        expected = tensors[step.of].grad
        assert expected is not None
        assert step.value == pytest.approx(expected.numpy(), abs=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu"])
def test_finite_differences_stand_beside_every_gradient(activation: str) -> None:
    net = DenseChain.draw([3, 4, 2], activation)
    x, y = example([3, 4, 2], 5)
    for step in steps(net, x, y):
        if step.of:
            assert finite_differences(net, x, y, step.of) == pytest.approx(step.value, abs=1e-7)


def test_a_net_of_two_weights_by_hand() -> None:
    """x = 2, W1 = 3, W2 = 0.5, y = 1: L1 = A1 = 6, A2 = 3, loss 4; back: 4, then 4 * 6 = 24 and 0.5 * 4 * 2 = 4."""
    net = DenseChain((np.array([[3.0]]), np.array([[0.5]])), ("relu", "linear"))
    lines = {line.name: line for line in steps(net, np.array([2.0]), np.array([1.0]))}
    assert list(lines)[:5] == ["L1", "A1", "L2", "A2", "loss"]
    assert [float(lines[k].value.squeeze()) for k in ("L1", "A1", "A2", "loss")] == [6, 6, 3, 4]
    assert float(lines["dloss/dA2"].value[0]) == 4
    assert lines["dloss/dW2"].value.tolist() == [[24]]
    assert lines["dloss/dW1"].value.tolist() == [[4]]
    assert float(lines["dloss/dA0"].value[0]) == 6


def test_the_books_net_has_its_shapes() -> None:
    sizes = [100, 30, 1]
    net = DenseChain.draw(sizes)
    x, y = example(sizes, 1)
    lines = {line.name: line for line in steps(net, x, y)}
    assert lines["L1"].shapes == "(30, 100) times (100,) gives (30,)"
    assert lines["dloss/dA1"].shapes == "(30, 1) times (1,) gives (30,)"
    assert lines["dloss/dW1"].shapes == "(30, 1) times (1, 100) gives (30, 100)"
    assert sum(w.size for w in net.weights) == 3030
    for line in lines.values():
        printed = re.findall(r"\([\d, ]*\)", line.shapes)[-1]
        assert printed == str(line.value.shape) or line.name == "loss"


def test_back_to_front_is_cheaper_where_there_are_many_inputs() -> None:
    """Counted in the lines themselves: the products of the way back to the input, slopes included, no weights."""
    sizes = [100, 30, 1]
    net = DenseChain.draw(sizes)
    lines = steps(net, *example(sizes, 1))
    way_back = [s for s in lines if s.direction == "backward" and s.of[0] in "AL" and s.name != "dloss/dA2"]
    back, front = order_costs(sizes)
    assert back == sum(s.multiplications for s in way_back) == 30 * 100 + 30 + 30 + 1
    assert front == 30 * 100 + 30 * 100 + 100 + 100  # slopes, W2 J, slopes, loss: W1 itself is the first J
    assert order_costs([1, 30, 100])[0] > 0.9 * order_costs([1, 30, 100])[1]  # one input: no longer worth it


def test_a_value_can_be_replaced() -> None:
    net = DenseChain.draw([2, 3, 1])
    x, y = example([2, 3, 1], 2)
    values = forward(net, x, y, {"A1": np.zeros(3)})
    assert values["L2"].tolist() == [0]
    assert float(values["loss"]) == pytest.approx(float(y[0]) ** 2)


def test_layers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ExplorerError, match="fit together"):
        DenseChain((np.ones((3, 2)), np.ones((1, 4))), ("relu", "linear"))
