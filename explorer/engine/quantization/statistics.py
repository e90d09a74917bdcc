"""Two settings compared on the same clips: what counts is where they differ.

Two accuracies with overlapping intervals can still differ for certain, because most clips are easy or hard for both.
The pairs tell: b clips that only the first gets right, c that only the second does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import wilson


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired comparison of two settings.

    Parameters
    ----------
    both, only_first, only_second, neither
        Numbers of clips that they get right.
    difference
        Accuracy of the second minus that of the first, as a fraction.
    low, high
        Its 95 % interval.
    p_value
        Exact McNemar test: how often chance alone would part the clips on which they differ at least as unevenly.
    """

    both: int
    only_first: int
    only_second: int
    neither: int
    difference: float
    low: float
    high: float
    p_value: float

    @property
    def clips(self) -> int:
        """Number of clips."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def distinct(self) -> bool:
        """Whether the two can be told apart at 5 %."""
        return self.p_value < 0.05


def compare(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Comparison:
    """Compare two settings on the same clips.

    Parameters
    ----------
    first, second
        Which clips each gets right, [clips], in the same order.

    Raises
    ------
    ExplorerError
        When there are no clips or not the same number.
    """
    if len(first) != len(second) or len(first) == 0:
        raise ExplorerError(f"Two settings can only be compared on the same clips ({len(first)} and {len(second)}).")
    both, only_first = int((first & second).sum()), int((first & ~second).sum())
    only_second, neither = int((~first & second).sum()), int((~first & ~second).sum())
    low, high = paired_interval(both, only_first, only_second, neither)
    difference = (only_second - only_first) / len(first)
    return Comparison(both, only_first, only_second, neither, difference, low, high, mcnemar(only_first, only_second))


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value of the exact McNemar test.

    Without a difference each discordant clip falls to either side like a coin: p = 2 P(X <= min(b, c)), X binomial with
    b + c throws (Q. McNemar, Psychometrika 12, 1947; exact form: Agresti, "Categorical Data Analysis", section 11.1).
    """
    total = only_first + only_second
    tail = sum(comb(total, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / (1 << total))


def paired_interval(both: int, only_first: int, only_second: int, neither: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference second minus first, as fractions.

    Wilson's intervals of both accuracies, put together with their correlation phi: Newcombe's method 10 (R. Newcombe,
    "Improved confidence intervals for the difference between binomial proportions based on paired data", Statistics in
    Medicine 17, 1998).
    """
    n = both + only_first + only_second + neither
    first, second = both + only_first, both + only_second
    p1, p2 = first / n, second / n
    (low1, high1), (low2, high2) = wilson(first, n), wilson(second, n)
    excess = float(both * neither - only_first * only_second)
    if excess > 0:
        excess = max(excess - n / 2, 0.0)
    spread = sqrt(first * (n - first)) * sqrt(second * (n - second))
    phi = excess / spread if spread else 0.0

    def combine(a: float, b: float) -> float:
        return sqrt(max(0.0, a * a - 2 * phi * a * b + b * b))

    difference = p2 - p1
    return difference - combine(p2 - low2, high1 - p1), difference + combine(high2 - p2, p1 - low1)
