"""Log plot: a plot whose x axis counts in powers of ten, with zero standing at the left edge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from explorer.panels.listen.compact_plot import CompactPlot

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from widgets.plot_export import Table


class LogPlot(CompactPlot):
    """A `Plot` in whose curves x is the logarithm; use `place` for every x given to it.

    Parameters
    ----------
    x_label, y_label, x_unit, y_unit
        As in `Plot`.
    low, high
        Ends of the axis, above 0.
    y_range
        Limits of the other axis.
    zero
        Whether zero may occur; it stands at the left edge, marked "0".
    """

    def __init__(
        self,
        x_label: str,
        y_label: str,
        low: float,
        high: float,
        *,
        x_unit: str = "",
        y_unit: str = "",
        y_range: tuple[float, float] | None = None,
        zero: bool = False,
    ) -> None:
        super().__init__(x_label, y_label, x_unit=x_unit, y_unit=y_unit, y_range=y_range)
        self._zero = zero
        self._low = low
        self.set_span(low, high)

    def set_span(self, low: float, high: float) -> None:
        """Move the ends of the axis."""
        self._low = low
        left = math.log10(low)
        self.setXRange(left, math.log10(high), padding=0.02)
        powers = [10.0**p for p in range(math.ceil(left - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)]
        few = len(powers) < 3
        ticks = {tick for power in powers for tick in ((power, 2 * power, 5 * power) if few else (power,))}
        if few and powers:
            ticks |= {powers[0] / 2, powers[0] / 5}
        words = [(math.log10(t), f"{t:,.0f}" if t >= 1 else f"{t:g}") for t in sorted(ticks) if low <= t <= high]
        if self._zero:
            words = [(left, "0"), *(w for w in words if w[0] > left + 0.15)]
        self.set_axis_ticks("bottom", words)

    def place(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return where x stands on the axis; zero stands at its left end."""
        return np.asarray(np.log10(np.maximum(np.asarray(x, np.float64), self._low)))

    def value(self, place: float) -> float:
        """Return what stands at a place."""
        x = 10.0**place
        return 0.0 if self._zero and x <= self._low * 1.001 else x

    def table(self) -> Table:
        """Give what is drawn, x as numbers and not as powers."""
        return [(name, np.array([self.value(p) for p in x]), y) for name, x, y in super().table()]

    def values_at(self, x: float) -> str:
        """Give the values of all curves at a place of the axis."""
        lines = super().values_at(x).split("\n")
        return "\n".join([f"{self.value(x):,.4g} {self._units[0]}".strip(), *lines[1:]])
