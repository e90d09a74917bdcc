"""Descent plot: the loss after each step, on a scale of powers of ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from explorer.panels.listen.compact_plot import CompactPlot
from widgets.plot_curve import Curve, make_pen
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

Floats = NDArray[np.float64]
LOWEST, HIGHEST = -9.0, 7.0
"""Powers of ten beyond which nothing is to be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """One line of the plot: name, losses [steps + 1], data colour, and whether it is dashed."""

    name: str
    values: Floats
    index: int = 1
    dash: bool = False


class DescentPlot(CompactPlot):
    """Loss over steps, one line for each way; a line marks the step that is shown."""

    HEIGHT_PX = 110

    def __init__(self) -> None:
        super().__init__(_tr("step"), _tr("loss"))
        self._kind: tuple[tuple[str, int, bool], ...] = ()
        self._lines: list[Curve] = []
        self._ticks = range(0)
        self._marker = pg.InfiniteLine(angle=90, movable=False)
        self._marker.setZValue(50)
        self.addItem(self._marker, ignoreBounds=True)
        self.follow_tokens(self._apply_look)

    def show_losses(self, lines: Sequence[Losses], at: int, last: int) -> None:
        """Draw these lines, and mark a step of `last`."""
        kind = tuple((line.name, line.index, line.dash) for line in lines)
        if kind != self._kind:
            for curve in self._lines:
                self.remove_curve(curve)
            self._kind = kind
            self._lines = [self.curve(name, index=index, dash=dash) for name, index, dash in kind]
        ends = [1.0, 0.0]
        for curve, line in zip(self._lines, lines, strict=True):
            powers = np.log10(np.maximum(line.values, 1e-30))
            curve.set_data(np.arange(len(powers)), powers)
            seen = np.clip(powers, LOWEST, HIGHEST)
            ends = [min(ends[0], float(seen.min())), max(ends[1], float(seen.max()))]
        self.setYRange(ends[0] - 0.3, ends[1] + 0.3, padding=0)
        self.setXRange(0, max(1, last), padding=0.02)
        step = 1 if ends[1] - ends[0] < 5 else 3
        powers_of_ten = range(int(np.ceil(ends[0])), int(np.floor(ends[1])) + 1, step)
        if powers_of_ten != self._ticks:
            self._ticks = powers_of_ten
            self.set_axis_ticks("left", [(float(p), power_of_ten(p)) for p in powers_of_ten])
        self._marker.setPos(at)

    def table(self) -> Table:
        """Give losses, not their logarithms."""
        return [(name, x, np.asarray(10.0**y)) for name, x, y in super().table()]

    def values_at(self, x: float) -> str:
        """Give the losses after a step."""
        lines = [_tr("step {step}").format(step=round(x))]
        for name, steps, losses in self.table():
            if len(steps):
                lines.append(f"{name}  {losses[min(max(round(x), 0), len(losses) - 1)]:.3g}")
        return "\n".join(lines).replace("-", "−")

    def _apply_look(self, current: Tokens) -> None:
        self._marker.setPen(make_pen(current.color("accent"), max(1.5, current.line_width), self.devicePixelRatioF()))


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(power: int) -> str:
    """Print a power of ten."""
    return {0: "1", 1: "10", 2: "100"}.get(power, "10" + str(power).translate(_RAISED))


def scientific(value: float) -> str:
    """Print a number by its first digit and its power of ten."""
    if value == 0:
        return "0"
    digit, power = f"{value:.0e}".split("e")  # rounded before it is taken apart: 9.6e-19 is 1e-18
    return f"{digit}·{power_of_ten(int(power))}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
