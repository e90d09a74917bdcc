"""Backpropagation written out by hand: every layer and loss against finite differences in double precision."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from explorer.engine.training.activations import ACTIVATIONS
from explorer.engine.training.losses import Loss, cross_entropy, squared_error
from explorer.engine.training.small_nets import BOOK_NET, NetSpec, SmallNet

H = 1e-6


def batch(inputs: int, outputs: int, loss: Loss) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(7, inputs, generator=generator, dtype=torch.float64)
    if loss is cross_entropy:
        return x, torch.arange(7) % outputs
    return x, torch.randn(7, outputs, generator=generator, dtype=torch.float64)


def numeric(net: SmallNet, x: Tensor, y: Tensor, loss: Loss, at: Tensor, index: int) -> float:
    """Slope of the loss along one number, by two more forward passes."""

    def value() -> float:
        net.noise.manual_seed(11)  # the same dropout each time
        return float(loss(net.forward(x, training=True), y)[0])

    flat = at.view(-1)
    kept = float(flat[index])
    flat[index] = kept + H
    above = value()
    flat[index] = kept - H
    below = value()
    flat[index] = kept
    return (above - below) / (2 * H)


def check(net: SmallNet, loss: Loss) -> None:
    x, y = batch(net.spec.widths[0], net.spec.widths[-1], loss)
    net.noise.manual_seed(11)
    _, d_outputs = loss(net.forward(x, training=True), y)
    dx = net.backward(d_outputs)
    gradients = {name: g.clone() for name, g in net.gradients.items()}
    for name, parameter in net.parameters.items():
        for index in range(0, parameter.numel(), max(1, parameter.numel() // 9)):
            expected = numeric(net, x, y, loss, parameter, index)
            assert float(gradients[name].view(-1)[index]) == pytest.approx(expected, rel=1e-5, abs=1e-8), name
    for index in range(0, x.numel(), 5):
        assert float(dx.flatten()[index]) == pytest.approx(numeric(net, x, y, loss, x, index), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_every_layer_and_loss_against_finite_differences(activation: str, batch_norm: bool, loss: Loss) -> None:
    spec = NetSpec((3, 5, 4, 2), activation, batch_norm=batch_norm, initialisation="he")
    check(SmallNet(spec, 1, torch.float64), loss)


def test_dropout_against_finite_differences() -> None:
    net = SmallNet(NetSpec((3, 8, 2), "tanh"), 1, torch.float64)
    net.set_dropout(0.4)
    check(net, cross_entropy)


def test_the_books_network_by_its_printed_formulas() -> None:
    """dL/dW2 = (2 (out - y) * ReLU'(L2)) A1', dL/dW1 = [ReLU'(L1) * (W2' ...)] A0', for one example."""
    net = SmallNet(BOOK_NET, 2, torch.float64)
    assert {name: tuple(p.shape) for name, p in net.parameters.items()} == {
        "dense1.weight": (30, 100),
        "dense2.weight": (1, 30),
    }
    a0 = torch.randn(100, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = torch.tensor([[0.3]], dtype=torch.float64)
    w1, w2 = net.parameters["dense1.weight"], net.parameters["dense2.weight"]
    if float(w2 @ (w1 @ a0).relu()) < 0:
        w2.neg_()  # so that the output's ReLU passes something
    l1 = w1 @ a0
    a1 = l1.relu()
    l2 = w2 @ a1
    delta = 2 * (l2.relu() - y) * (l2 > 0)
    net.backward(squared_error(net.forward(a0.t(), training=True), y)[1])
    torch.testing.assert_close(net.gradients["dense2.weight"], delta @ a1.t())
    torch.testing.assert_close(net.gradients["dense1.weight"], ((l1 > 0) * (w2.t() @ delta)) @ a0.t())


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "linear"])
def test_no_slope_exceeds_the_largest(activation: str) -> None:
    f = ACTIVATIONS[activation]
    z = torch.linspace(-8, 8, 20001, dtype=torch.float64)
    slopes = f.slope(z, f.value(z))
    assert float(slopes.max()) == pytest.approx(f.largest_slope, abs=1e-4)


def test_dropout_keeps_the_expectation_and_rests_while_judging() -> None:
    net = SmallNet(NetSpec((2, 4000, 1), "linear"), 1)
    net.set_dropout(0.5)
    x = torch.ones(1, 2)
    net.forward(x)
    whole = net.activations["drop1"].clone()
    torch.testing.assert_close(whole, net.activations["act1"])
    net.forward(x, training=True)
    dropped = net.activations["drop1"]
    assert float((dropped == 0).float().mean()) == pytest.approx(0.5, abs=0.05)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], 2 * whole[kept])


def test_batch_norm_uses_the_batch_in_training_and_averages_in_judging() -> None:
    net = SmallNet(NetSpec((1, 1, 1), "linear", batch_norm=True), 1)
    x = torch.tensor([[1.0], [2.0], [6.0]])
    for _ in range(200):
        net.forward(x, training=True)
    normal = net.activations["norm1"]
    assert float(normal.mean()) == pytest.approx(0, abs=1e-6)
    assert float(normal.var(correction=0)) == pytest.approx(1, abs=1e-3)
    alone = float(net.forward(x[:1])[0, 0])
    assert math.isfinite(alone)
    assert float(net.buffers()["norm1.mean"][0]) == pytest.approx(float(net.activations["dense1"][0, 0]) * 3, rel=1e-4)
