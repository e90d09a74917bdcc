"""Intervals: how far a measured number can be trusted."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a proportion, as fractions.

    Unlike the normal approximation it stays inside [0, 1] and does not collapse at 0 or `trials` successes.

    Parameters
    ----------
    successes, trials
        Counts, 0 <= successes <= trials.  Without trials nothing is known: (0, 1).

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"need 0 <= successes <= trials, got {successes} of {trials}")
    if trials == 0:
        return 0.0, 1.0
    p, z2 = successes / trials, Z_95**2
    centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z_95 / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials**2))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return low, high


def rate_interval(events: int, exposure: float) -> tuple[float, float]:
    """Return the exact 95 % interval of a Poisson rate, in events per unit of `exposure`.

    With no event the upper bound is one-sided, -ln(0.05) / exposure: "0 in 3 min supports only < 60 per hour".

    Parameters
    ----------
    events
        Number of events seen.
    exposure
        How long, or how much, was watched; infinite upper bound when it is 0.

    References
    ----------
    F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936).
    """
    if events < 0 or exposure < 0:
        raise ValueError(f"events and exposure cannot be negative, got {events} and {exposure}")
    if exposure == 0:
        return 0.0, math.inf
    if events == 0:
        return 0.0, -math.log(0.05) / exposure
    # `events` or more are seen with probability 2.5 % at the low end; `events` or fewer at the high end.
    low = _mean_where(events - 1, 0.975)
    high = _mean_where(events, 0.025)
    return low / exposure, high / exposure


def _mean_where(events: int, probability: float) -> float:
    """Return the Poisson mean at which `events` or fewer happen with this probability, by bisection."""
    low, high = 0.0, 2.0 * events + 20.0
    for _ in range(60):
        mean = (low + high) / 2
        at_most = sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(events + 1))
        low, high = (mean, high) if at_most > probability else (low, mean)
    return (low + high) / 2


def median_interval(values: list[float]) -> tuple[float, float, float]:
    """Return the median and its distribution-free 95 % interval (order statistics).

    Of fewer than six values no two reach 95 %: the range is returned, which covers the median with probability
    1 - 2^(1-n) only, 94 % for five values and 0 for a single one.

    Parameters
    ----------
    values
        Measurements; at least one.

    References
    ----------
    W. J. Conover, "Practical Nonparametric Statistics", section 3.2: ranks n/2 -+ z sqrt(n)/2.
    """
    if not values:
        raise ValueError("a median needs at least one value")
    ordered = sorted(values)
    n = len(ordered)
    middle = ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2
    half = Z_95 * math.sqrt(n) / 2
    low = ordered[max(0, math.floor(n / 2 - half) - 1)]
    high = ordered[min(n - 1, math.ceil(n / 2 + half))]
    return middle, low, high
