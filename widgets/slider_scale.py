"""Slider scale: the map between the whole steps of a slider and the value that they stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SliderScale:
    """Linear or logarithmic steps between two ends.

    Parameters
    ----------
    minimum, maximum
        The ends, in the unit of the value; a logarithmic scale needs both above 0.
    step
        Smallest change; on a logarithmic scale the smallest relative change.
    logarithmic
        Equal steps are equal factors.
    decimals
        Digits behind the point when printed; None takes them from `step`.

    Raises
    ------
    ValueError
        If the ends are in the wrong order, or not above 0 on a logarithmic scale.
    """

    minimum: float
    maximum: float
    step: float
    logarithmic: bool = False
    decimals: int | None = None

    def __post_init__(self) -> None:
        if not self.minimum < self.maximum or self.step <= 0:
            raise ValueError(f"a scale needs minimum < maximum and a step above 0, not {self}")
        if self.logarithmic and self.minimum <= 0:
            raise ValueError(f"a logarithmic scale starts above 0, not at {self.minimum}")

    @property
    def steps(self) -> int:
        """Number of whole steps from one end to the other."""
        if self.logarithmic:
            return max(1, math.ceil(math.log(self.maximum / self.minimum) / math.log1p(self.step)))
        return max(1, round((self.maximum - self.minimum) / self.step))

    def value_at(self, position: int) -> float:
        """Give the value at a whole step; positions outside the range stand for its ends."""
        if position <= 0:
            return self.minimum
        if position >= self.steps:
            return self.maximum
        fraction = position / self.steps
        if self.logarithmic:
            return float(self.minimum * (self.maximum / self.minimum) ** fraction)
        # rounded, so that 0.1 + 0.2 is printed and stored as 0.3
        return round(self.minimum + position * self.step, 10)

    def position_of(self, value: float) -> int:
        """Give the whole step nearest to a value; values outside the range go to its ends."""
        value = min(max(value, self.minimum), self.maximum)
        if self.logarithmic:
            fraction = math.log(value / self.minimum) / math.log(self.maximum / self.minimum)
            return round(fraction * self.steps)
        return min(self.steps, round((value - self.minimum) / self.step))

    def text(self, value: float) -> str:
        """Print a value with the digits that the step deserves, with a true minus sign."""
        if self.decimals is not None:
            digits = self.decimals
        elif self.logarithmic:
            digits = max(0, 1 - math.floor(math.log10(abs(value)))) if value else 0
        else:
            digits = max(0, -math.floor(math.log10(self.step) + 1e-9))
        return f"{value:.{digits}f}".replace("-", "−")
