"""Optimizer race: all optimizers from the same start on a surface one can see, each with its own best learning rate.

Ravine: steep across, flat along.  Saddle: hardly any slope where it matters.  Noise: every gradient is wrong by chance,
as with small batches (book, section 7.5).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, inf, pi, sin

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.training.optimizers import OPTIMIZERS, make_optimizer

Floats = NDArray[np.float64]
MOMENTUM = 0.9
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
ARRIVED = 0.15  # from a lowest point
WINDOW = 10  # steps over which the distance is averaged, since noise never comes to rest
LOST = 1e6  # height at which a run is given up


@dataclass(frozen=True, slots=True)
class Surface:
    """A landscape over the plane, 0 at its lowest points.

    Parameters
    ----------
    name, formula
        What it is called, and f(x, y) to be read aloud.
    value, gradient
        Height at points [..., 2], and direction of steepest ascent, [..., 2].
    start
        Where all begin.
    lowest
        The lowest points [n, 2].
    noise
        SD of what is added to each component of each gradient.
    reach
        The picture shows -reach..reach on both axes.
    """

    name: str
    formula: str
    value: Callable[[Floats], Floats]
    gradient: Callable[[Floats], Floats]
    start: tuple[float, float]
    lowest: Floats
    noise: float = 0.0
    reach: float = 2.2


def ravine(condition: float = 50.0) -> Surface:
    """Return a valley `condition` times as steep across as along.

    It is turned by 30 degrees: along the axes, methods that scale each coordinate for itself would find it round.
    """
    if not 1 <= condition <= 1e4:
        raise ExplorerError("The ravine's condition number must lie between 1 and 10,000: choose another one.")
    turn = np.array([[cos(pi / 6), -sin(pi / 6)], [sin(pi / 6), cos(pi / 6)]])
    curvature = turn @ np.diag([1.0, condition]) @ turn.T
    return Surface(
        "ravine",
        f"(u^2 + {condition:g} v^2) / 2, turned by 30 degrees",
        lambda p: 0.5 * np.einsum("...i,ij,...j->...", p, curvature, p),
        lambda p: p @ curvature,
        (-2.0, -0.3),
        np.zeros((1, 2)),
    )


def saddle() -> Surface:
    """Return two hollows at (0, -1) and (0, 1); the start is close to the ridge between them."""
    return Surface(
        "saddle",
        "5 x^2 + (y^2 - 1)^2 / 4",
        lambda p: 5 * p[..., 0] ** 2 + 0.25 * (p[..., 1] ** 2 - 1) ** 2,
        lambda p: np.stack([10 * p[..., 0], p[..., 1] * (p[..., 1] ** 2 - 1)], axis=-1),
        (-1.7, 0.001),
        np.array([[0.0, -1.0], [0.0, 1.0]]),
    )


def noisy(sd: float = 1.0) -> Surface:
    """Return a round bowl whose gradients are wrong by `sd` each time."""
    if not 0 <= sd <= 100:
        raise ExplorerError("The noise must lie between 0 and 100: choose another one.")
    return Surface(
        "noise",
        f"(x^2 + 4 y^2) / 2, gradients +- {sd:g}",
        lambda p: 0.5 * (p[..., 0] ** 2 + 4 * p[..., 1] ** 2),
        lambda p: p * np.array([1.0, 4.0]),
        (-2.0, 1.5),
        np.zeros((1, 2)),
        sd,
    )


SURFACES: dict[str, Callable[[], Surface]] = {"ravine": ravine, "saddle": saddle, "noise": noisy}


@dataclass(frozen=True, slots=True, eq=False)
class Runner:
    """One optimizer's way.

    Parameters
    ----------
    optimizer, rate
        Its name and learning rate.
    path
        Positions [steps + 1, 2], the start first; cut where it left.
    heights
        [steps + 1].
    arrived_at
        First step of ten whose mean distance from a lowest point is below 0.15; None when there are none.
    rest
        Mean distance over the last ten steps: how close it stays; infinite where it left.
    """

    optimizer: str
    rate: float
    path: Floats
    heights: Floats
    arrived_at: int | None
    rest: float


def run(surface: Surface, optimizer: str, rate: float, steps: int = 300, seed: int = 1) -> Runner:
    """Let one optimizer go.

    Parameters
    ----------
    surface
        Where.
    optimizer
        One of `OPTIMIZERS`; AdamW has no matrix to decay here and walks as Adam does.
    rate
        Learning rate.
    steps
        How many.
    seed
        Of the noise, the same for every optimizer.
    """
    point = torch.tensor(surface.start, dtype=torch.float64)
    mover = make_optimizer(optimizer, [point], MOMENTUM, 0.0)
    noise = np.random.default_rng(seed).normal(0, 1, (steps, 2)) * surface.noise
    path = [point.numpy().copy()]
    for wrong in noise:
        point.grad = torch.from_numpy(surface.gradient(path[-1]) + wrong)
        mover.step(rate)
        path.append(point.numpy().copy())
        if not surface.value(path[-1]) < LOST:
            break
    places = np.array(path)
    heights = surface.value(places)
    distance = np.linalg.norm(places[:, None] - surface.lowest, axis=2).min(1)
    lost = len(places) <= steps
    rest = inf if lost else float(distance[-WINDOW:].mean())
    return Runner(optimizer, rate, places, heights, None if lost else _arrival(distance), rest)


def race(
    surface: Surface,
    optimizers: Sequence[str] = OPTIMIZERS,
    rates: Sequence[float] = RATES,
    steps: int = 300,
    seed: int = 1,
    stop: threading.Event | None = None,
) -> Iterator[Runner]:
    """Yield each optimizer's best run: the rate of all those tried with which it arrives first.

    Parameters
    ----------
    surface, steps, seed
        As for `run`.
    optimizers
        Who takes part.
    rates
        What each may choose from; a rate given alone is everybody's.
    stop
        Ends the race between two runs.
    """
    for name in optimizers:
        tried = []
        for rate in rates:
            if stop is not None and stop.is_set():
                return
            tried.append(run(surface, name, rate, steps, seed))
        yield min(tried, key=lambda runner: (inf if runner.arrived_at is None else runner.arrived_at, runner.rest))


def _arrival(distance: Floats) -> int | None:
    means = np.convolve(distance, np.full(WINDOW, 1 / WINDOW), mode="valid")
    below = np.flatnonzero(means < ARRIVED)
    return int(below[0]) if len(below) else None
