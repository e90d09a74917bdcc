"""What the Surface view computes beside the interface: a plane through the weights, the path, the losses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from explorer.background import Report
    from explorer.engine.training.landscape import Heights, Plane, Projection
    from explorer.engine.training.settings import Blueprint, Settings
    from explorer.engine.training.tasks2d import Dataset
    from explorer.engine.training.trainer import State

Floats = NDArray[np.float64]
MOST_STATES = 60
"""Snapshots of the path that are looked at; of more, evenly spread ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What is to be drawn.

    Parameters
    ----------
    blueprint, settings, data
        Of the run.
    states
        Its snapshots, oldest first.
    generation
        Of the run: another one is another network.
    kind
        "random" or "pca".
    seed
        Of the random directions.
    """

    blueprint: Blueprint
    settings: Settings
    data: Dataset
    states: tuple[State, ...]
    generation: int
    kind: str
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The landscape as far as it is known: plane, path in it, half the side of the picture, and heights."""

    wanted: Wanted
    plane: Plane
    projection: Projection
    reach: float
    heights: Heights


def thinned(states: tuple[State, ...]) -> tuple[State, ...]:
    """Return at most `MOST_STATES` snapshots, the first and the last among them."""
    if len(states) <= MOST_STATES:
        return states
    return tuple(states[round(i)] for i in np.linspace(0, len(states) - 1, MOST_STATES))


def compute(wanted: Wanted, stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
    """Put the landscape, coarse to fine."""
    from explorer.engine.training.landscape import (
        NetworkLoss,
        pca_plane,
        project,
        random_plane,
        reach_of,
        refine,
    )

    newest = wanted.states[-1]
    loss_at = NetworkLoss(wanted.blueprint, wanted.settings, wanted.data, newest.tensors)
    path = [loss_at.vector(state.tensors) for state in wanted.states]
    loss_at.load(newest.tensors)
    plane = pca_plane(path) if wanted.kind == "pca" else random_plane(loss_at.parameters, wanted.seed)
    projection = project(path, plane)
    reach = reach_of(projection)
    for heights in refine(loss_at, plane, reach, stop=stop):
        put(Surface(wanted, plane, projection, reach, heights))
        report(heights.computed / heights.finest, f"{len(heights.sides)} × {len(heights.sides)}")


def interpolated(surface: Surface) -> Callable[[Floats], Floats]:
    """Return the height at any points [..., 2], bilinear between the losses that are known."""
    losses = np.where(np.isfinite(surface.heights.losses), surface.heights.losses, np.nan)
    count = len(losses)

    def heights(points: Floats) -> Floats:
        at = np.clip((points / surface.reach + 1) / 2 * (count - 1), 0, count - 1)
        low = np.minimum(at.astype(np.int64), count - 2)
        (x, y), (column, row) = np.moveaxis(at - low, -1, 0), np.moveaxis(low, -1, 0)
        top = losses[row, column] * (1 - x) + losses[row, column + 1] * x
        bottom = losses[row + 1, column] * (1 - x) + losses[row + 1, column + 1] * x
        return np.asarray(top * (1 - y) + bottom * y)

    return heights
