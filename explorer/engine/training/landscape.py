"""Loss landscape: the loss of the very network being trained, over a plane through its weights.

The height at (a, b) is L(weights + a d1 + b d2).  Random directions are filter-normalised: the part that belongs to one
unit is as long as that unit's own weights, so that 1 means "as far as the weights are large" in every layer, whatever
scale ReLU lets them have (Li et al. 2018).  A plane through the two directions in which the weights moved most (PCA)
shows the way better and the surroundings worse.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.engine.errors import ExplorerError
from explorer.engine.training.build import make_learner
from explorer.engine.training.settings import KEYWORDS_TASK, Blueprint, Settings
from explorer.engine.training.tasks2d import Dataset

Floats = NDArray[np.float64]
FINEST = 33  # points on a side of the finest grid: 1,089 losses
MOST_POINTS, MOST_PICTURES = 500, 100  # examples looked at for one height; a keyword picture costs more


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Two directions through a point in the space of all parameters.

    Parameters
    ----------
    origin, first, second
        Vectors [parameters].
    kind
        "random" (filter-normalised) or "pca" (where the path went).
    """

    origin: Floats
    first: Floats
    second: Floats
    kind: Literal["random", "pca"]

    def at(self, a: float, b: float) -> Floats:
        """Return the parameters at a place of the plane; (0, 0) is the origin, bit by bit."""
        return self.origin + a * self.first + b * self.second


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A path of weights as the plane sees it.

    Parameters
    ----------
    places
        Coordinates in the plane, [snapshots, 2].
    length_share
        How much of the path's length lies in the plane, 0..1: the sum of the steps' lengths there over that outside.
    variance_share
        How much of the squared distance from the origin lies in the plane, 0..1.
    """

    places: Floats
    length_share: float
    variance_share: float


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """The landscape as far as it is known.

    Parameters
    ----------
    sides
        Coordinates of rows (second direction) and columns (first direction), [points].
    losses
        Heights [points, points]; not a number where they are still to come, or where the network gives none.
    computed, finest
        Losses computed so far, and how many there will be in the end.
    """

    sides: Floats
    losses: Floats
    computed: int
    finest: int


class NetworkLoss:
    """The loss of a network as a function of all its parameters in one vector; the network itself is left alone.

    Parameters
    ----------
    blueprint, settings
        Of the run.
    data
        Its examples; of the training part 500 points, or 100 pictures of keywords, spread evenly, are looked at.
    tensors
        State of the network, as `Learner.tensors` or a `State` of the run gives it; copied.

    Attributes
    ----------
    x, y
        The examples looked at.
    """

    def __init__(self, blueprint: Blueprint, settings: Settings, data: Dataset, tensors: Mapping[str, Tensor]) -> None:
        self._learner = make_learner(blueprint, data)
        self._learner.apply(settings)
        most = MOST_PICTURES if blueprint.task == KEYWORDS_TASK else MOST_POINTS
        apart = -(-len(data.train_y) // most)
        self.x, self.y = data.train_x[::apart], data.train_y[::apart]
        self.load(tensors)

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over a state; batch norm keeps its averages wherever the weights are moved to."""
        with torch.no_grad():
            for name, own in self._learner.tensors().items():
                own.copy_(tensors[name])

    @property
    def parameters(self) -> dict[str, Floats]:
        """The parameters of the network by name, as last loaded or moved to."""
        return {name: p.detach().double().numpy().copy() for name, p in self._learner.parameters.items()}

    def vector(self, tensors: Mapping[str, Tensor] | None = None) -> Floats:
        """Return all parameters of a state, or of the network as it is, in one row [parameters]."""
        if tensors is not None:
            self.load(tensors)
        return np.concatenate([p.ravel() for p in self.parameters.values()])

    def __call__(self, vector: Floats) -> float:
        """Return the loss with these parameters, in evaluation mode."""
        at = 0
        with torch.no_grad():
            for p in self._learner.parameters.values():
                values = torch.from_numpy(vector[at : at + p.numel()].reshape(p.shape))
                p.copy_(values)
                at += p.numel()
        return self._learner.loss(self.x, self.y)


def random_plane(parameters: Mapping[str, Floats], seed: int = 1) -> Plane:
    """Return a plane of two random filter-normalised directions.

    Parameters
    ----------
    parameters
        By name, from input to output; the first axis of each matrix or kernel counts units.  Biases and batch norm stay
        as they are, as in the paper.
    seed
        Another seed, another plane: what one plane shows another may not.

    References
    ----------
    H. Li et al., "Visualizing the loss landscape of neural nets" (2018), section 4.
    """
    generator = np.random.default_rng(seed)
    origin = np.concatenate([p.ravel() for p in parameters.values()])
    directions = []
    for _ in range(2):
        parts = []
        for p in parameters.values():
            if p.ndim < 2:
                parts.append(np.zeros(p.size))
                continue
            d = generator.standard_normal((len(p), p[0].size))
            own = np.linalg.norm(p.reshape(len(p), -1), axis=1, keepdims=True)
            parts.append((d * own / np.linalg.norm(d, axis=1, keepdims=True)).ravel())
        directions.append(np.concatenate(parts))
    return Plane(origin, directions[0], directions[1], "random")


def pca_plane(path: Sequence[Floats]) -> Plane:
    """Return the plane through the last point of a path that holds most of the way there.

    Both directions are orthogonal, and as long as the path reaches in them, so that -1..1 shows all of it.

    Parameters
    ----------
    path
        Parameters at several steps, oldest first.

    Raises
    ------
    ExplorerError
        When there are fewer than three points, or they did not move.
    """
    moves = np.array(path) - path[-1]
    if len(moves) < 3 or not moves.any():
        raise ExplorerError("The path has hardly begun: train some more steps before a plane is laid through it.")
    _, _, axes = np.linalg.svd(moves, full_matrices=False)
    reach = np.abs(moves @ axes[:2].T).max(0)
    reach[reach == 0] = reach.max()
    return Plane(path[-1], axes[0] * reach[0], axes[1] * reach[1], "pca")


def project(path: Sequence[Floats], plane: Plane) -> Projection:
    """Return the path as seen in the plane, and how much of it that is.

    Least squares: the place nearest to each point, since random directions are nearly, not exactly, orthogonal.

    Parameters
    ----------
    path
        Parameters at several steps, oldest first.
    plane
        Where to look.
    """
    moves = np.array(path) - plane.origin
    basis = np.stack([plane.first, plane.second], axis=1)
    places = np.linalg.lstsq(basis, moves.T, rcond=None)[0].T.astype(np.float64)
    inside = places @ basis.T
    return Projection(
        places, _share(_length(inside), _length(moves)), _share(float((inside**2).sum()), float((moves**2).sum()))
    )


def refine(
    loss_at: Callable[[Floats], float],
    plane: Plane,
    reach: float = 1.0,
    finest: int = FINEST,
    stop: threading.Event | None = None,
) -> Iterator[Heights]:
    """Yield the landscape coarse to fine: 3 x 3, 5 x 5, 9 x 9, ... points, each grid holding those before it.

    Parameters
    ----------
    loss_at
        Loss of a parameter vector.
    plane
        Where.
    reach
        Both coordinates run from -reach to reach.
    finest
        Points on a side in the end; 2^k + 1.
    stop
        Looked at before each loss.

    Raises
    ------
    ExplorerError
        When `finest` is not one more than a power of two.
    """
    half = finest // 2
    if finest < 3 or half & (half - 1) or finest != 2 * half + 1:
        raise ExplorerError(f"A grid of {finest} points cannot be halved: take 3, 5, 9, 17 or 33.")
    sides = np.arange(-half, half + 1) / half * reach  # exactly 0 in the middle
    losses = np.full((finest, finest), np.nan)
    known = np.zeros((finest, finest), dtype=bool)
    step = half
    while step:
        points = 2 * half // step + 1
        for row, column in np.ndindex(points, points):
            place = row * step, column * step
            if known[place]:
                continue
            if stop is not None and stop.is_set():
                return
            losses[place] = loss_at(plane.at(sides[place[1]], sides[place[0]]))
            known[place] = True
        yield Heights(sides[::step], losses[::step, ::step].copy(), int(known.sum()), finest**2)
        step //= 2


def reach_of(projection: Projection, least: float = 1.0) -> float:
    """Return how far the picture must reach to show the whole path, with a tenth to spare."""
    return max(least, 1.1 * float(np.abs(projection.places).max(initial=0.0)))


def _length(points: Floats) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
