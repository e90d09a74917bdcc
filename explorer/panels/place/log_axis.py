"""Log axis: where numbers stand when equal distances are equal factors, and the words at its ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))


@dataclass(frozen=True, slots=True)
class LogAxis:
    """A span of numbers above zero, laid along pixels.

    Parameters
    ----------
    low, high
        Numbers at the ends.
    first, last
        Pixels at the ends; `first` may be the larger one, as on an axis that goes up.
    """

    low: float
    high: float
    first: float
    last: float

    def place(self, value: float) -> float:
        """Return the pixel of a number, at the nearer end when it lies outside."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self, least_px: float) -> tuple[float, ...]:
        """Return powers of ten inside, every one, second, third ..., so that they stand `least_px` apart.

        With room for more there are also 2 and 5 times each power.
        """
        per_decade = abs(self.last - self.first) / math.log10(self.high / self.low)
        fine = per_decade >= 4 * least_px
        factors = (1, 2, 5) if fine else (1,)
        step = 1 if fine else max(1, math.ceil(least_px / per_decade))
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        every = (factor * 10.0**power for power in powers if power % step == 0 for factor in factors)
        return tuple(each for each in every if self.low * 0.999 <= each <= self.high * 1.001)


def span(values: Iterable[float], margin: float = 1.5) -> tuple[float, float]:
    """Return the ends of an axis that holds all numbers above zero, with a factor of room at both ends."""
    inside = [value for value in values if value > 0 and math.isfinite(value)]
    if not inside:
        return 1.0, 10.0
    return min(inside) / margin, max(inside) * margin


def number(value: float) -> str:
    """Return a number with three digits as a person writes it: 0.0854, 43.2, 12,500."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    if value >= 0.001:
        digits = max(0, 2 - math.floor(math.log10(value)))
        return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    return f"{value:.2g}"


def with_prefix(value: float) -> str:
    """Return a number with its prefix: 2.4 G, 160 M, 20 k, 10 µ; a unit follows."""
    for factor, prefix in _PREFIXES:
        if value >= 0.9995 * factor:
            return f"{number(value / factor)} {prefix}"
    return f"{number(value)} "


def stated_bytes(count: float) -> str:
    """Return bytes as a data sheet states them, with the prefix that makes them round: 640 KiB, 320 kB, 80 GB."""
    for power, letter in ((4, "T"), (3, "G"), (2, "M"), (1, "K")):
        if count >= 1024**power:
            binary, decimal = (f"{count / base**power:.10g}" for base in (1024, 1000))
            if len(binary) < len(decimal):
                return f"{number(count / 1024**power)} {letter}iB"
            break
    return f"{with_prefix(count)}B"
