"""What chance alone does to a measured accuracy: standard errors, the best of several, the luck of a split.

Formulas behind the split laboratory and the checks of the book's section 7.4.
"""

from __future__ import annotations

from math import erf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from explorer.engine.intervals import Z_95


def standard_error(accuracy: float, examples: float) -> float:
    """Return how far a measured accuracy lies from the true one, typically: sqrt(p (1 - p) / n).

    Parameters
    ----------
    accuracy
        True accuracy p, 0..1.
    examples
        Independent examples n; four takes by one voice are nearer to one than to four.
    """
    return sqrt(accuracy * (1 - accuracy) / examples)


def examples_needed(accuracy: float, half_width: float) -> int:
    """Return how many examples give a 95 % interval of accuracy +- `half_width`: p (1 - p) (1.96 / half width)^2."""
    return int(np.ceil(accuracy * (1 - accuracy) * (Z_95 / half_width) ** 2))


def expected_best(candidates: int) -> float:
    """Return by how many standard errors the best of equally good candidates looks better than it is.

    The mean of the largest of k standard normal numbers, integral of x k P(x)^(k-1) p(x): 0.56 for two, 1.16 for five,
    2.51 for a hundred.
    """
    x, step = np.linspace(-10, 10, 20001, retstep=True)
    below = np.array([0.5 * (1 + erf(v / sqrt(2))) for v in x])
    density = np.exp(-0.5 * x * x) / sqrt(2 * pi)
    return float(np.sum(x * candidates * below ** (candidates - 1) * density) * step)


def selection_inflation(candidates: int, accuracy: float, examples: int) -> float:
    """Return by how much the best of k equally good candidates is overrated on the set it was chosen on."""
    return expected_best(candidates) * standard_error(accuracy, examples)


def unstratified_sd(share: float, chosen: int, total: int) -> float:
    """Return the SD of a class's share in a random part of the data (hypergeometric); stratified it is 0.

    sqrt(s (1 - s) / n * (N - n) / (N - 1)).

    Parameters
    ----------
    share
        Of the class in all data.
    chosen, total
        Examples in the part n, and in all N.
    """
    return sqrt(share * (1 - share) / chosen * (total - chosen) / (total - 1))


def leak_gain(leaked: float, accuracy: float) -> float:
    """Return the most that leaked test examples can add to the test accuracy: share leaked * error.

    Those that would have been right gain nothing; of the others each adds one.
    """
    return leaked * (1 - accuracy)


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the mean and its 95 % interval, mean +- 1.96 SD / sqrt(n); a single value has none (infinite)."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, -float("inf"), float("inf")
    half = Z_95 * float(values.std(ddof=1)) / sqrt(len(values))
    return mean, mean - half, mean + half
