"""Two-dimensional tasks: points in a plane that a small network learns to tell apart, and the book's 100-input example.

Each set is drawn from one seed: a training part, a validation part that a person steers by, and a test part of fresh
points that shows the truth.  Label noise, leakage and imbalance spoil the first two, as they do in practice, and never
the test part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.engine.errors import ExplorerError

EXTENT = 1.25
"""Points lie in about -1..1; decision maps reach so far on both axes."""
TEST_COUNT = 500
MOST_POINTS = 100_000

Points: TypeAlias = tuple[NDArray[np.float64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples in three parts.

    Parameters
    ----------
    train_x, validation_x, test_x
        Inputs, [n, ...]: float32, or uint8 pictures.
    train_y, validation_y, test_y
        Classes int64 [n], or values float32 [n, 1].
    classes
        How many classes; 0 where a value is learned.
    """

    train_x: Tensor
    train_y: Tensor
    validation_x: Tensor
    validation_y: Tensor
    test_x: Tensor
    test_y: Tensor
    classes: int


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn, beside the seed.

    Parameters
    ----------
    count
        Training and validation points together.
    noise
        Standard deviation of the points around their place, on an axis of about -1..1.
    validation_share
        Which share of the points is held out.
    label_noise
        Share of training and validation points that bear the label of another class.
    leak
        Share of the validation points that are replaced by training points.
    imbalance
        Share of the points of all classes but the first that are left out, 0..1.
    points
        (x, y, class) of points drawn by hand; they join the training part.
    """

    count: int = 400
    noise: float = 0.1
    validation_share: float = 0.3
    label_noise: float = 0.0
    leak: float = 0.0
    imbalance: float = 0.0
    points: tuple[tuple[float, float, int], ...] = ()


def _labels(rng: np.random.Generator, count: int, classes: int) -> NDArray[np.int64]:
    """Return equally many of each class, in random order."""
    return rng.permutation(np.arange(count) % classes)


def circles(rng: np.random.Generator, count: int) -> Points:
    """Draw a disc inside a ring: no line tells them apart."""
    label = _labels(rng, count, 2)
    radius = np.where(label == 0, np.sqrt(rng.uniform(0, 0.2, count)), np.sqrt(rng.uniform(0.5, 1.0, count)))
    angle = rng.uniform(0, 2 * math.pi, count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1), label


def xor(rng: np.random.Generator, count: int) -> Points:
    """Draw four squares, opposite ones alike: what a perceptron cannot learn (Minsky and Papert 1969)."""
    label = _labels(rng, count, 2)
    x = rng.uniform(0.08, 1.0, (count, 2)) * rng.choice([-1.0, 1.0], (count, 1))
    x[:, 1] *= np.where(label == 0, 1.0, -1.0)
    return x, label


def spirals(rng: np.random.Generator, count: int) -> Points:
    """Draw two arms wound into each other, one and a half turns (Lang and Witbrock 1988)."""
    label = _labels(rng, count, 2)
    along = np.sqrt(rng.uniform(0.01, 1.0, count))
    angle = 3 * math.pi * along + math.pi * label
    return np.stack([along * np.cos(angle), along * np.sin(angle)], 1), label


def moons(rng: np.random.Generator, count: int) -> Points:
    """Draw two half circles, each reaching into the other."""
    label = _labels(rng, count, 2)
    angle = rng.uniform(0, math.pi, count)
    side = np.where(label == 0, 1.0, -1.0)
    x = np.cos(angle) * side + np.where(label == 0, -0.5, 0.5)
    y = np.sin(angle) * side + np.where(label == 0, -0.25, 0.25)
    return np.stack([x, y], 1) / 1.5, label


def blobs(rng: np.random.Generator, count: int) -> Points:
    """Draw three heaps at the corners of a triangle."""
    label = _labels(rng, count, 3)
    angle = math.pi / 2 + 2 * math.pi / 3 * label
    return 0.65 * np.stack([np.cos(angle), np.sin(angle)], 1) + 0.08 * rng.standard_normal((count, 2)), label


def regression(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value to be learned at points [n, 2]: a hill and a hollow, about -1..1."""
    hill = np.exp(-((x[:, 0] - 0.45) ** 2 + (x[:, 1] - 0.35) ** 2) / 0.16)
    hollow = np.exp(-((x[:, 0] + 0.45) ** 2 + (x[:, 1] + 0.35) ** 2) / 0.16)
    return np.asarray(hill - hollow)


TASKS_2D: dict[str, Callable[[np.random.Generator, int], Points]] = {
    "circles": circles,
    "xor": xor,
    "spirals": spirals,
    "moons": moons,
    "blobs": blobs,
}
"""Tasks with classes; "regression" and "book" learn a value."""
VALUE_TASKS = ("regression", "book")
BOOK_INPUTS = 100


def draw(task: str, what: Draw, seed: int) -> Dataset:
    """Return the points of a task, fully decided by its name, `what` and the seed.

    Raises
    ------
    ExplorerError
        When the task is unknown or no example is left to train or to judge with.
    """
    if task not in TASKS_2D and task not in VALUE_TASKS:
        raise ExplorerError(f"There is no task {task!r}: choose {', '.join((*TASKS_2D, *VALUE_TASKS))}.")
    held = round(what.count * what.validation_share)
    if what.count - held < 1 or held < 1:
        raise ExplorerError(
            f"{what.count} points with {what.validation_share:.0%} held out leave {what.count - held} to train with "
            f"and {held} to judge with: give at least one each."
        )
    if task in VALUE_TASKS:
        return _values(task, what, seed, held)
    return _classes(task, what, seed, held)


def _values(task: str, what: Draw, seed: int, held: int) -> Dataset:
    """Draw inputs and values: the hills over the plane, or a random teacher's ReLU over 100 inputs."""
    rng = np.random.default_rng((seed, 1))
    teacher = rng.standard_normal(BOOK_INPUTS) / math.sqrt(BOOK_INPUTS)

    def part(rng: np.random.Generator, count: int, noise: float) -> tuple[Tensor, Tensor]:
        if task == "book":
            x = rng.standard_normal((count, BOOK_INPUTS))
            y = np.maximum(0, x @ teacher)
        else:
            x = rng.uniform(-1, 1, (count, 2))
            y = regression(x)
        y = y + noise * rng.standard_normal(count)
        return torch.from_numpy(x.astype(np.float32)), torch.from_numpy(y.astype(np.float32)[:, None])

    x, y = part(rng, what.count, what.noise)
    test_x, test_y = part(np.random.default_rng((seed, 2)), TEST_COUNT, 0.0)
    validation_x, validation_y = _leaked(x, y, held, what.leak)
    return Dataset(x[held:], y[held:], validation_x, validation_y, test_x, test_y, 0)


def _classes(task: str, what: Draw, seed: int, held: int) -> Dataset:
    """Draw points with classes, then spoil them as asked."""
    rng = np.random.default_rng((seed, 1))
    points, label = TASKS_2D[task](rng, what.count)
    points = points + what.noise * rng.standard_normal(points.shape)
    classes = 3 if task == "blobs" else 2
    judged, truth = TASKS_2D[task](test_rng := np.random.default_rng((seed, 2)), TEST_COUNT)
    judged = judged + what.noise * test_rng.standard_normal(judged.shape)
    wrong = rng.random(what.count) < what.label_noise  # drawn always, so that the points stay where they are
    label = np.where(wrong, (label + rng.integers(1, classes, what.count)) % classes, label)
    kept = (label == 0) | (rng.random(what.count) >= what.imbalance)
    kept_train, kept_held = np.flatnonzero(kept[held:]) + held, np.flatnonzero(kept[:held])
    if not len(kept_train) or not len(kept_held):
        raise ExplorerError("The imbalance leaves no point to train or to judge with: lower it or draw more points.")
    train_x, train_y = points[kept_train], label[kept_train]
    if what.points:
        drawn = np.array(what.points, np.float64)
        train_x = np.concatenate([train_x, drawn[:, :2]])
        train_y = np.concatenate([train_y, drawn[:, 2].astype(np.int64) % classes])
    x, y = _tensors(np.concatenate([points[kept_held], train_x]), np.concatenate([label[kept_held], train_y]))
    validation_x, validation_y = _leaked(x, y, len(kept_held), what.leak)
    test_x, test_y = _tensors(judged, truth)
    return Dataset(x[len(kept_held) :], y[len(kept_held) :], validation_x, validation_y, test_x, test_y, classes)


def _tensors(x: NDArray[np.float64], y: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(x.astype(np.float32)), torch.from_numpy(y)


def _leaked(x: Tensor, y: Tensor, held: int, leak: float) -> tuple[Tensor, Tensor]:
    """Return the first `held` examples, a share of them replaced by training examples: the pitfall "leakage"."""
    validation_x, validation_y = x[:held].clone(), y[:held].clone()
    leaked = min(round(leak * held), len(x) - held)
    validation_x[:leaked], validation_y[:leaked] = x[held : held + leaked], y[held : held + leaked]
    return validation_x, validation_y
