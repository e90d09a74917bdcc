"""Optimizers step by step against torch.optim; schedules and penalties by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from explorer.engine.errors import ExplorerError
from explorer.engine.training.optimizers import OPTIMIZERS, make_optimizer, numbers_per_weight
from explorer.engine.training.schedule import SCHEDULES, scheduled_rate
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.trainer import Trainer

RATE = 0.05


def torch_adamw(module: nn.Linear) -> torch.optim.Optimizer:
    groups = [{"params": [module.weight], "weight_decay": 0.1}, {"params": [module.bias], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=RATE)


ORACLES: dict[str, Callable[[nn.Linear], torch.optim.Optimizer]] = {
    "sgd": lambda m: torch.optim.SGD(m.parameters(), lr=RATE),
    "momentum": lambda m: torch.optim.SGD(m.parameters(), lr=RATE, momentum=0.9),
    "nesterov": lambda m: torch.optim.SGD(m.parameters(), lr=RATE, momentum=0.9, nesterov=True),
    "adagrad": lambda m: torch.optim.Adagrad(m.parameters(), lr=RATE),
    "rmsprop": lambda m: torch.optim.RMSprop(m.parameters(), lr=RATE),
    "adam": lambda m: torch.optim.Adam(m.parameters(), lr=RATE),
    "adamw": torch_adamw,
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_is_torchs_step_by_step(name: str) -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(4, 3), nn.Linear(4, 3)
    theirs.load_state_dict(ours.state_dict())
    mine, oracle = make_optimizer(name, list(ours.parameters()), 0.9, 0.1), ORACLES[name](theirs)
    for _ in range(30):
        x = torch.randn(8, 4)
        for module in (ours, theirs):
            module.zero_grad()
            module(x).square().mean().backward()
        mine.step(RATE)
        oracle.step()
        torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(ours.bias, theirs.bias, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_memory_that_is_stored_goes_on_as_if_never_left(name: str) -> None:
    def one() -> torch.Tensor:
        w = torch.tensor([[1.0, -2.0]])
        w.grad = torch.zeros_like(w)
        return w

    def advance(w: torch.Tensor, optimizer: object, steps: int) -> None:
        for _ in range(steps):
            assert w.grad is not None
            w.grad.copy_(2 * w)
            optimizer.step(RATE)  # type: ignore[attr-defined]

    whole = one()
    advance(whole, make_optimizer(name, [whole], 0.9, 0.1), 7)
    w = one()
    first = make_optimizer(name, [w], 0.9, 0.1)
    advance(w, first, 3)
    second = make_optimizer(name, [w], 0.9, 0.1)
    second.load_state({key: value.clone() for key, value in first.state().items()})
    advance(w, second, 4)
    assert torch.equal(w, whole)


def test_what_each_remembers() -> None:
    assert {name: numbers_per_weight(name) for name in OPTIMIZERS} == {
        "sgd": 0,
        "momentum": 1,
        "nesterov": 1,
        "adagrad": 1,
        "rmsprop": 1,
        "adam": 2,
        "adamw": 2,
    }


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(ExplorerError, match="no optimizer 'lamb': choose sgd"):
        make_optimizer("lamb", [], 0.9, 0.0)
    with pytest.raises(ExplorerError, match="no schedule 'steep'"):
        scheduled_rate("steep", 0, 1.0, 10)


def test_schedules_by_hand() -> None:
    rates = {kind: [scheduled_rate(kind, step, 1.0, 9, 2) for step in range(11)] for kind in SCHEDULES}
    assert rates["constant"] == [1.0] * 11
    assert rates["step"] == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.01])
    assert rates["warm-up"] == [0.5] + [1.0] * 10
    assert rates["cosine"][:3] == [0.5, 1.0, 1.0]
    assert rates["cosine"][8] == rates["cosine"][10] == pytest.approx(0.0495, abs=1e-3)


def run(**values: object) -> Trainer:
    trainer = Trainer(Blueprint("circles", (12,)), Settings(learning_rate=0.3, **values))  # type: ignore[arg-type]
    for _ in range(400):
        trainer.step()
    return trainer


def test_l1_gives_exact_zeros_and_l2_only_small_weights() -> None:
    weights = {
        name: run(**{name: 0.02} if name else {}).learner.parameters["dense1.weight"] for name in ("", "l1", "l2")
    }
    zeros = {name: int((w == 0).sum()) for name, w in weights.items()}
    assert zeros["l1"] > 0
    assert zeros[""] == zeros["l2"] == 0
    assert float(weights["l2"].norm()) < 0.6 * float(weights[""].norm())


def test_the_l2_gradient_by_hand() -> None:
    plain, decayed = (Trainer(Blueprint("xor", ()), Settings(learning_rate=0.5, l2=alpha)) for alpha in (0.0, 0.1))
    before = plain.learner.parameters["dense1.weight"].clone()
    plain.step()
    decayed.step()
    expected = plain.learner.parameters["dense1.weight"] - 0.5 * 2 * 0.1 * before
    torch.testing.assert_close(decayed.learner.parameters["dense1.weight"], expected)
    torch.testing.assert_close(decayed.learner.parameters["dense1.bias"], plain.learner.parameters["dense1.bias"])
