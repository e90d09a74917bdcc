"""First weights and number formats: known behaviour over depth, and what 16 bits lose."""

from __future__ import annotations

import pytest
import torch

from explorer.engine.errors import ExplorerError
from explorer.engine.training.initialisation import draw_weights, standard_deviation
from explorer.engine.training.precision import LossScaler, rounded
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.small_nets import NetSpec, SmallNet
from explorer.engine.training.trainer import Diverged, Trainer

DEPTH, WIDTH = 20, 256


def forward(activation: str, initialisation: str, sigma: float = 1.0) -> SmallNet:
    spec = NetSpec((WIDTH,) * (DEPTH + 2), activation, initialisation=initialisation, sigma=sigma)
    net = SmallNet(spec, 4)
    net.forward(torch.randn(200, WIDTH, generator=torch.Generator().manual_seed(1)))
    return net


def test_the_books_two_examples() -> None:
    assert standard_deviation("xavier", 300, 100) ** 2 == pytest.approx(0.005)
    assert standard_deviation("he", 1024, 1) ** 2 == pytest.approx(0.00195, abs=1e-5)


def test_weights_have_the_spread_they_should() -> None:
    generator = torch.Generator().manual_seed(0)
    for kind, expected in (("xavier", (2 / 700) ** 0.5), ("he", (2 / 300) ** 0.5), ("normal", 0.7)):
        assert float(draw_weights(kind, 400, 300, 0.7, generator).std()) == pytest.approx(expected, rel=0.02)
    assert set(draw_weights("constant", 2, 3, 0.7, generator).flatten().tolist()) == {0.7}
    with pytest.raises(ExplorerError, match="no initialisation 'lucky'"):
        standard_deviation("lucky", 1, 1)


@pytest.mark.parametrize(("activation", "initialisation"), [("relu", "he"), ("linear", "xavier")])
def test_the_variance_survives_twenty_layers(activation: str, initialisation: str) -> None:
    net = forward(activation, initialisation)
    first, last = (float(net.activations[f"dense{i}"].var()) for i in (1, DEPTH))
    assert 0.4 < last / first < 2.5


def test_xavier_with_tanh_stays_alive_where_small_weights_die_and_large_ones_saturate() -> None:
    xavier, tiny, large = forward("tanh", "xavier"), forward("tanh", "normal", 0.01), forward("tanh", "normal", 0.5)
    spread = {
        name: float(net.activations[f"act{DEPTH}"].std())
        for name, net in (("xavier", xavier), ("tiny", tiny), ("large", large))
    }
    assert 0.15 < spread["xavier"] < 0.9
    assert spread["tiny"] < 1e-10
    saturated = (large.activations[f"act{DEPTH}"].abs() > 0.99).float().mean()
    assert float(saturated) > 0.7
    assert float((xavier.activations[f"act{DEPTH}"].abs() > 0.99).float().mean()) < 0.01


def test_he_for_relu_is_needed_xavier_fades() -> None:
    net = forward("relu", "xavier")
    first, last = (float(net.activations[f"dense{i}"].var()) for i in (1, DEPTH))
    assert last / first < 1e-4  # halved in each layer


def test_six_sigmoids_pass_little_of_the_error_and_six_relus_much() -> None:
    """The first aha of the subject, and that the activation can be changed under way."""
    trainer = Trainer(Blueprint("circles", (16,) * 6), Settings(activation="sigmoid"))

    def passed() -> float:
        trainer.step()
        g = {
            name: float(trainer.learner.parameters[name].grad.square().mean().sqrt())  # type: ignore[union-attr]
            for name in trainer.learner.weight_names
        }
        return g["dense1.weight"] / g["dense7.weight"]

    dark = passed()
    trainer.change(activation="relu")
    assert dark < 1e-3
    assert passed() > 30 * dark


def test_what_fp16_and_bf16_keep() -> None:
    x = torch.tensor([1e-8, 1e-5, 1.0009765625, 70000.0])
    half, brain = rounded(x, "fp16"), rounded(x, "bf16")
    assert half[0] == 0
    assert half[3] == torch.inf
    assert half[2] == x[2]  # 1 + 2^-10
    assert brain[2] == 1.0
    assert brain[0] == pytest.approx(1e-8, rel=0.01)
    assert rounded(x, "fp32") is x


def test_fp16_loses_small_gradients_and_loss_scaling_brings_them_back() -> None:
    def zeros(scale: float) -> float:
        settings = Settings(activation="sigmoid", precision="fp16", loss_scale=scale)
        trainer = Trainer(Blueprint("circles", (16,) * 9), settings)
        trainer.step()
        gradient = trainer.learner.parameters["dense1.weight"].grad
        assert gradient is not None
        return float((gradient == 0).float().mean())

    assert zeros(1.0) > 0.9
    assert zeros(4096.0) < 0.1


def test_a_dynamic_scale_falls_until_gradients_are_finite_and_rises_again() -> None:
    scaler = LossScaler(0)
    assert not scaler.accept(False)
    assert scaler.scale == LossScaler.FIRST / 2
    for _ in range(LossScaler.GROWTH_STEPS):
        assert scaler.accept(True)
    assert scaler.scale == LossScaler.FIRST
    fixed = LossScaler(8)
    assert fixed.accept(False)
    assert fixed.scale == 8


def test_a_fixed_scale_that_is_too_large_is_told() -> None:
    trainer = Trainer(Blueprint("circles", (8,)), Settings(precision="fp16", loss_scale=2.0**24))
    with pytest.raises(Diverged, match="at step 1: the gradient of layer"):
        trainer.step()


def test_a_dynamic_scale_trains() -> None:
    trainer = Trainer(Blueprint("circles", (8,)), Settings(precision="fp16", loss_scale=0, learning_rate=0.3))
    for _ in range(600):
        trainer.step()
    assert trainer.judge("test").accuracy > 0.9
