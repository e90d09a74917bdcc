"""Initialisation lab: how large numbers are, layer after layer, before anything is learned.

A layer adds n_in products, so its output's variance is n_in * variance(weights) times its input's.  Keep that factor
near 1, and signals and gradients survive any depth: Xavier takes 2 / (n_in + n_out), He 2 / n_in, since ReLU silences
half (book, section 7.9).  In numpy, as `slopes` is; `initialisation` draws what networks start with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.training.slopes import ACTIVATIONS, SATURATED

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Initialisation:
    """How the weights of a layer are drawn.

    Parameters
    ----------
    name
        Its name in the book.
    formula
        As one would read it aloud.
    draw
        (generator, n_out, n_in, sigma) -> weights [n_out, n_in].
    uses_sigma
        Whether `sigma` has a say.
    """

    name: str
    formula: str
    draw: Callable[[np.random.Generator, int, int, float], Array]
    uses_sigma: bool = False


def xavier_variance(n_in: int, n_out: int) -> float:
    """Return 2 / (n_in + n_out), between what activations (1 / n_in) and gradients (1 / n_out) ask for.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    """
    return 2 / (n_in + n_out)


def he_variance(n_in: int) -> float:
    """Return 2 / n_in: ReLU passes half of the variance on.

    References
    ----------
    K. He et al., "Delving deep into rectifiers" (2015).
    """
    return 2 / n_in


INITIALISATIONS: dict[str, Initialisation] = {
    i.name: i
    for i in (
        Initialisation("constant", "every weight is sigma", lambda g, o, n, s: np.full((o, n), s), True),
        Initialisation("normal", "normal with SD sigma", lambda g, o, n, s: g.normal(0, s, (o, n)), True),
        Initialisation("uniform", "uniform between -1 and 1", lambda g, o, n, s: g.uniform(-1, 1, (o, n))),
        Initialisation(
            "xavier",
            "normal with variance 2 / (n_in + n_out)",
            lambda g, o, n, s: g.normal(0, sqrt(xavier_variance(n, o)), (o, n)),
        ),
        Initialisation(
            "he", "normal with variance 2 / n_in", lambda g, o, n, s: g.normal(0, sqrt(he_variance(n)), (o, n))
        ),
    )
}


@dataclass(frozen=True, slots=True, eq=False)
class Depth:
    """What each layer of an untrained network sees; every array [depth], the first layer first.

    Parameters
    ----------
    activation_sd
        Standard deviation over units and examples of what the layer gives on.
    gradient_rms
        Root mean square of the error that arrives at the layer's sum, for an error of RMS 1 behind the last.
    saturated
        Share of (unit, example) pairs whose slope is below 5 % of the steepest; ReLU's zero half counts here.
    dead
        Share of units whose slope is 0 for every example.
    """

    activation_sd: Array
    gradient_rms: Array
    saturated: Array
    dead: Array

    @property
    def forward_gain(self) -> float:
        """Last layer's SD against the first's."""
        return float(self.activation_sd[-1] / self.activation_sd[0]) if self.activation_sd[0] else 0.0

    @property
    def backward_gain(self) -> float:
        """First layer's gradient against the last's: how much of the error reaches the first layer."""
        return float(self.gradient_rms[0] / self.gradient_rms[-1]) if self.gradient_rms[-1] else 0.0


def propagate(
    initialisation: str,
    activation: str,
    depth: int = 20,
    width: int = 128,
    sigma: float = 0.01,
    examples: int = 128,
    seed: int = 1,
) -> Depth:
    """Send standard normal examples forward and a random error back through an untrained network without biases.

    Parameters
    ----------
    initialisation, activation
        Names in `INITIALISATIONS` and `ACTIVATIONS`.
    depth, width
        Layers, and units in each.
    sigma
        For the initialisations that ask for one.
    examples
        Batch.
    seed
        Of weights, examples and error.

    Raises
    ------
    ExplorerError
        When numbers overflow even in 64 bits: depth and sigma are too large.
    """
    start, f = INITIALISATIONS[initialisation], ACTIVATIONS[activation]
    generator = np.random.default_rng(seed)
    h = generator.standard_normal((width, examples))
    weights, sums, sds = [], [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(depth):
            weights.append(start.draw(generator, width, width, sigma))
            sums.append(weights[-1] @ h)
            h = f.value(sums[-1])
            sds.append(float(h.std()))
        slopes = [f.slope(s) for s in sums]
        error, rms = generator.standard_normal((width, examples)), []
        for w, slope in zip(reversed(weights), reversed(slopes), strict=True):
            error = error * slope
            rms.append(float(np.sqrt(np.mean(error * error))))
            error = w.T @ error
    if not np.isfinite([*sds, *rms]).all():
        raise ExplorerError("The numbers grew beyond 64 bits: take fewer layers or a smaller sigma.")
    flat = [slope < SATURATED * f.steepest for slope in slopes]
    return Depth(
        np.array(sds),
        np.array(rms[::-1]),
        np.array([float(layer.mean()) for layer in flat]),
        np.array([float((slope == 0).all(axis=1).mean()) for slope in slopes]),
    )
