"""The race: every path is torch.optim's, and each surface separates the optimizers as it is known to."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import cache
from math import inf

import numpy as np
import pytest
import torch

from explorer.engine.errors import ExplorerError
from explorer.engine.training.optimizers import OPTIMIZERS
from explorer.engine.training.race import SURFACES, Runner, Surface, noisy, race, ravine, run, saddle

ORACLES: dict[str, Callable[[list[torch.Tensor], float], torch.optim.Optimizer]] = {
    "sgd": lambda p, rate: torch.optim.SGD(p, rate),
    "momentum": lambda p, rate: torch.optim.SGD(p, rate, 0.9),
    "nesterov": lambda p, rate: torch.optim.SGD(p, rate, 0.9, nesterov=True),
    "adagrad": lambda p, rate: torch.optim.Adagrad(p, rate),
    "rmsprop": lambda p, rate: torch.optim.RMSprop(p, rate),
    "adam": lambda p, rate: torch.optim.Adam(p, rate),
    "adamw": lambda p, rate: torch.optim.AdamW(p, rate, weight_decay=0.0),
}


@cache
def results(surface: str) -> dict[str, Runner]:
    return {runner.optimizer: runner for runner in race(SURFACES[surface]())}


def steps_of(surface: str, optimizer: str) -> float:
    arrived = results(surface)[optimizer].arrived_at
    return inf if arrived is None else arrived


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_path_is_torchs_on_the_formula_of_the_ravine(optimizer: str) -> None:
    c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
    point = torch.tensor([-2.0, -0.3], dtype=torch.float64, requires_grad=True)
    oracle = ORACLES[optimizer]([point], 0.01)
    for _ in range(60):
        oracle.zero_grad()
        along, across = c * point[0] + s * point[1], c * point[1] - s * point[0]
        (0.5 * (along**2 + 50 * across**2)).backward()  # type: ignore[no-untyped-call]
        oracle.step()
    assert run(ravine(50), optimizer, 0.01, 60).path[-1] == pytest.approx(point.detach().numpy(), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("surface", [ravine(20.0), saddle(), noisy()])
def test_gradients_are_finite_differences(surface: Surface) -> None:
    for point in np.random.default_rng(1).uniform(-2, 2, (5, 2)):
        for axis in (0, 1):
            move = np.eye(2)[axis] * 1e-6
            slope = (surface.value(point + move) - surface.value(point - move)) / 2e-6
            assert surface.gradient(point)[axis] == pytest.approx(float(slope), abs=1e-6)


def test_on_the_ravine_momentum_beats_plain_descent() -> None:
    assert steps_of("ravine", "momentum") < 0.6 * steps_of("ravine", "sgd")
    steep = {r.optimizer: r for r in race(ravine(400.0), ("sgd", "momentum", "adam"), steps=600)}
    assert steep["sgd"].arrived_at is None or (steep["momentum"].arrived_at or inf) < 0.3 * steep["sgd"].arrived_at


def test_at_the_saddle_dividing_by_the_gradients_size_leaves_sooner() -> None:
    assert steps_of("saddle", "adam") < steps_of("saddle", "sgd") < inf
    assert abs(abs(results("saddle")["sgd"].path[-1][1]) - 1) < 0.1  # one of the two hollows


def test_noise_never_comes_to_rest_and_smaller_rates_stay_closer() -> None:
    fast, slow = run(noisy(), "sgd", 0.2), run(noisy(), "sgd", 0.02)
    assert slow.rest < fast.rest
    assert fast.rest > 1e-3
    assert run(noisy(0.0), "sgd", 0.2).rest < 1e-9


@pytest.mark.parametrize("surface", SURFACES)
def test_all_take_part_from_the_same_start_and_most_arrive(surface: str) -> None:
    runners = results(surface)
    assert tuple(runners) == OPTIMIZERS
    assert len({tuple(r.path[0]) for r in runners.values()}) == 1
    assert sum(r.arrived_at is not None for r in runners.values()) >= 5


def test_a_rate_beyond_two_over_curvature_leaves() -> None:
    lost = run(ravine(50), "sgd", 0.05)
    assert lost.arrived_at is None
    assert lost.rest == inf
    assert len(lost.path) < 301


def test_a_race_can_be_stopped_and_bad_surfaces_are_refused() -> None:
    stop = threading.Event()
    seen = []
    for runner in race(saddle(), steps=20, stop=stop):
        seen.append(runner)
        stop.set()
    assert len(seen) == 1
    with pytest.raises(ExplorerError, match="condition"):
        ravine(0)
    with pytest.raises(ExplorerError, match="noise"):
        noisy(-1)
