"""Descent on a bowl one can see: f(w) = 1/2 sum of curvature_i * w_i^2, in one or two dimensions, minimum at 0.

What a rate does depends on rate * curvature alone.  Without momentum each step multiplies w by 1 - rate * curvature:
below 1 it creeps, between 1 and 2 it swings from wall to wall, above 2 it leaves (book, section 7.2.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError

ARRIVED = 1e-3  # of the distance at the start
LOST = 1e6  # of the distance at the start; the path is cut there, long before numbers overflow


class Behaviour(Enum):
    """What a descent does."""

    STANDS = "stands still"
    CREEPS = "converges from one side"
    OSCILLATES = "converges, swinging from wall to wall"
    SWINGS = "swings forever"
    DIVERGES = "diverges"


@dataclass(frozen=True, slots=True)
class Bowl:
    """A quadratic valley.

    Parameters
    ----------
    curvatures
        Second derivative along each axis, one or two positive numbers; (1, 25) is a ravine.
    """

    curvatures: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.curvatures) not in (1, 2) or not all(isfinite(c) and c > 0 for c in self.curvatures):
            raise ExplorerError("A bowl needs one or two curvatures, each above 0: choose other ones.")

    def value(self, w: NDArray[np.float64]) -> float:
        """Return the height at `w` [dimensions]."""
        return float(0.5 * np.sum(np.array(self.curvatures) * w * w))

    def gradient(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the direction of steepest ascent at `w`, curvature * w, [dimensions]."""
        return np.array(self.curvatures) * w


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """A path down, or out of, the bowl.

    Parameters
    ----------
    points
        Positions [steps + 1, dimensions], the start first; cut where the path has left.
    losses
        Heights [steps + 1].
    arrived_at
        First step from which on the distance stays below a thousandth of that at the start; None when it does not.
    expected
        What the rule says, axis by axis.
    observed
        What the path does, seen from its points alone.
    """

    points: NDArray[np.float64]
    losses: NDArray[np.float64]
    arrived_at: int | None
    expected: tuple[Behaviour, ...]
    observed: Behaviour


def descend(bowl: Bowl, start: Sequence[float], rate: float, momentum: float = 0.0, steps: int = 100) -> Descent:
    """Return the path of v = momentum v + gradient, w = w - rate v.

    Parameters
    ----------
    bowl
        The surface.
    start
        Where the ball is let go, one number per dimension.
    rate
        Learning rate; 0 stands still and a negative one climbs, as anyone may try.
    momentum
        How much of the velocity is kept, 0 <= momentum < 1.
    steps
        Length of the path.

    Raises
    ------
    ExplorerError
        When a number is not finite, or the start has other dimensions than the bowl.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
    """
    _check(rate, momentum)
    w = np.array(start, dtype=np.float64)
    if w.shape != (len(bowl.curvatures),) or not np.isfinite(w).all():
        raise ExplorerError(f"The start needs {len(bowl.curvatures)} finite numbers: move the ball into the picture.")
    velocity, points, origin = np.zeros_like(w), [w.copy()], float(np.linalg.norm(w))
    for _ in range(steps):
        velocity = momentum * velocity + bowl.gradient(w)
        w = w - rate * velocity
        points.append(w)
        if np.linalg.norm(w) > LOST * origin:
            break
    path = np.array(points)
    return Descent(
        path,
        np.array([bowl.value(p) for p in path]),
        _arrival(path),
        tuple(behaviour(c, rate, momentum) for c in bowl.curvatures),
        _observe(path),
    )


def behaviour(curvature: float, rate: float, momentum: float = 0.0) -> Behaviour:
    """Return what the rule says: converges where 0 < rate < 2 (1 + momentum) / curvature.

    (w, v) is multiplied by [[1 - rate curvature, -rate momentum], [curvature, momentum]] in each step; its larger
    eigenvalue decides, and the path swings where an eigenvalue is negative or complex.
    """
    _check(rate, momentum)
    if rate == 0:
        return Behaviour.STANDS
    largest = spectral_radius(curvature, rate, momentum)
    if abs(largest - 1) < 1e-12:
        return Behaviour.SWINGS
    if largest > 1:
        return Behaviour.DIVERGES
    trace = 1 + momentum - rate * curvature
    swings = trace * trace < 4 * momentum or trace < 0
    return Behaviour.OSCILLATES if swings else Behaviour.CREEPS


def spectral_radius(curvature: float, rate: float, momentum: float = 0.0) -> float:
    """Return by how much a step shrinks (below 1) or stretches the distance in the long run.

    The eigenvalues solve z^2 - (1 + momentum - rate curvature) z + momentum = 0; without momentum they are
    1 - rate curvature and 0.
    """
    trace = 1 + momentum - rate * curvature
    inside = trace * trace - 4 * momentum
    if inside < 0:
        return sqrt(momentum)
    return (abs(trace) + sqrt(inside)) / 2


def rate_limit(curvature: float, momentum: float = 0.0) -> float:
    """Return the learning rate above which descent diverges: 2 (1 + momentum) / curvature."""
    return 2 * (1 + momentum) / curvature


def best_settings(bowl: Bowl) -> tuple[float, float]:
    """Return the rate and momentum that shrink the worst axis most.

    rate = (2 / (sqrt(a) + sqrt(b)))^2, momentum = ((sqrt(a) - sqrt(b)) / (sqrt(a) + sqrt(b)))^2 for curvatures a, b.

    References
    ----------
    B. T. Polyak (1964), as for `descend`.
    """
    high, low = sqrt(max(bowl.curvatures)), sqrt(min(bowl.curvatures))
    return (2 / (high + low)) ** 2, ((high - low) / (high + low)) ** 2


def _check(rate: float, momentum: float) -> None:
    if not isfinite(rate):
        raise ExplorerError("The learning rate is no finite number: choose one between 0 and 10.")
    if not 0 <= momentum < 1:
        raise ExplorerError(
            "Momentum must be at least 0 and below 1, or the ball never slows down: choose 0.9 or less."
        )


def _arrival(path: NDArray[np.float64]) -> int | None:
    distance = np.linalg.norm(path, axis=1)
    outside = np.flatnonzero(distance > ARRIVED * distance[0])
    first = int(outside[-1]) + 1 if len(outside) else 0
    return first if first < len(path) else None


def _observe(path: NDArray[np.float64]) -> Behaviour:
    """Judge by the points alone: how far they are at the end, and whether they changed sides."""
    distance = np.linalg.norm(path, axis=1)
    tail = distance[len(distance) // 2 :]
    if np.allclose(path, path[0], rtol=0, atol=1e-12 * max(distance[0], 1e-300)):
        return Behaviour.STANDS
    if tail.max() > distance[0] * (1 + 1e-9):
        return Behaviour.DIVERGES
    if tail.max() > distance[0] * (1 - 1e-9):
        return Behaviour.SWINGS
    sides = np.sign(np.where(np.abs(path) < 1e-12 * distance[0], 0.0, path))
    return Behaviour.OSCILLATES if (sides * np.sign(path[0]) < 0).any() else Behaviour.CREEPS
