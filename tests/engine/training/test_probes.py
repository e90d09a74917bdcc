"""What the probes say, by hand: sizes, histograms, dead and saturated units, gradient noise, memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.engine.quantity import Kind
from explorer.engine.training.memory import measure, predict
from explorer.engine.training.probes import GradientNoise, Probes, magnitude_histogram, value_histogram
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.trainer import Trainer

EVERY = Settings(probe_every=1)


def test_rms_and_update_ratio_by_hand() -> None:
    trainer = Trainer(Blueprint(hidden=(5, 3)), EVERY)
    probes = Probes(trainer)
    before = {name: p.clone() for name, p in trainer.learner.parameters.items()}
    trainer.step()
    row = probes.take()
    assert row is not None
    assert row.step == 1
    for i, name in enumerate(row.names):
        parameter = trainer.learner.parameters[name]
        assert parameter.grad is not None
        assert row.gradient_rms[i] == pytest.approx(float(parameter.grad.square().mean().sqrt()), rel=1e-5)
        assert row.weight_rms[i] == pytest.approx(float(before[name].square().mean().sqrt()), rel=1e-5)
        expected = 0.1 * row.gradient_rms[i] / row.weight_rms[i]  # plain descent at a rate of 0.1
        assert row.update_ratio[i] == pytest.approx(expected, rel=1e-3)
    assert probes.take() is None


def test_the_rms_does_not_grow_with_the_layer_as_a_norm_does() -> None:
    rows = {}
    for width in (8, 512):
        trainer = Trainer(Blueprint("circles", (width,), initialisation="constant", sigma=0.0), EVERY)
        probes = Probes(trainer)
        trainer.learner.parameters["dense2.weight"].fill_(0.1)
        trainer.learner.parameters["dense2.weight"][0].neg_()
        trainer.step()
        row = probes.take()
        assert row is not None
        rows[width] = row.gradient_rms[0]
    assert rows[512] == pytest.approx(rows[8], rel=1e-4)


def test_dead_and_saturated_units_by_hand() -> None:
    trainer = Trainer(Blueprint("circles", (4,)), replace(EVERY, activation="relu"))
    probes = Probes(trainer)
    weight, bias = (trainer.learner.parameters[f"dense1.{role}"] for role in ("weight", "bias"))
    weight.zero_()
    bias.copy_(torch.tensor([-1.0, -1.0, -1.0, 1.0]))
    trainer.step()
    detail = probes.detail()
    assert detail.dead == {"act1": 0.75}
    assert detail.slope == {"act1": 0.25}
    trainer.change(activation="sigmoid")
    bias.copy_(torch.tensor([9.0, -9.0, 0.0, 0.0]))
    weight.zero_()
    trainer.step()
    detail = probes.detail()
    assert detail.saturated == {"act1": 0.5}
    assert detail.dead == {"act1": 0.0}
    assert detail.slope["act1"] == pytest.approx(0.5, abs=0.01)


def test_histograms_count_every_value() -> None:
    h = magnitude_histogram(torch.tensor([0.0, 1e-3, -1e-3, 5.0, 1e-30]))
    assert (h.zeros, h.total, int(h.counts.sum())) == (1, 5, 4)
    assert h.counts[0] == 1  # below the range
    place = int(np.searchsorted(h.edges, -3 + 1e-6)) - 1
    assert h.counts[place] == 2
    h = value_histogram(torch.tensor([-2.0, 0.0, 1.0, 2.0]))
    assert h.edges[0] == -2
    assert h.edges[-1] == 2
    assert int(h.counts.sum()) == 4
    assert value_histogram(torch.randn(100_000)).total <= 4096


def test_gradient_noise_is_found_again() -> None:
    """Batches of 32 whose gradient is G plus noise: the scale is 32 V / |G|^2 by definition."""
    rng = np.random.default_rng(0)
    g = rng.standard_normal(500).astype(np.float32)
    found = []
    for _ in range(40):
        noise = GradientNoise()
        assert noise.scale(32) is None
        for _ in range(60):
            noise.add([g + 2.0 * rng.standard_normal(500).astype(np.float32)])
        scale = noise.scale(32)
        assert scale is not None
        found.append(scale)
    assert np.median(found) == pytest.approx(32 * 4.0 * 500 / float(g @ g), rel=0.15)


@pytest.mark.parametrize(
    ("blueprint", "settings"),
    [
        (Blueprint(hidden=(16, 16)), Settings(optimizer="adam")),
        (Blueprint(hidden=(8,), batch_norm=True), Settings(optimizer="momentum")),
        (Blueprint("book", (30,)), Settings(activation="relu")),
    ],
)
def test_predicted_memory_is_what_is_there(blueprint: Blueprint, settings: Settings) -> None:
    trainer = Trainer(blueprint, settings)
    trainer.step()
    predicted = predict(trainer.learner, settings.optimizer, settings.batch)
    assert measure(trainer) == predicted
    assert predicted.total == sum(q.value for q in predicted.quantities(Kind.DERIVED, "shapes").values())
    twice = predict(trainer.learner, settings.optimizer, 2 * settings.batch)
    assert twice.activations == 2 * predicted.activations
    assert twice.weights == predicted.weights


def test_measuring_memory_leaves_the_run_alone() -> None:
    one, two = (Trainer(Blueprint(batch_norm=True), Settings()) for _ in range(2))
    for _ in range(10):
        one.step()
        two.step()
        measure(one)
    assert one.step() == two.step()
    for name, tensor in one.learner.tensors().items():
        assert torch.equal(tensor, two.learner.tensors()[name]), name
