"""Plots of the laboratories: what survives from layer to layer in powers of ten, and a curve with its slope."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from explorer.panels.listen.compact_plot import CompactPlot
from explorer.panels.teach.descent_plot import power_of_ten
from widgets.plot_curve import make_pen
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

Floats = NDArray[np.float64]
LEAST = -18.0
"""Power of ten below which nothing is to be seen."""


class LayersPlot(CompactPlot):
    """Up to two lines over the layers, the first layer at the left; what is 0 leaves the picture at the foot.

    Parameters
    ----------
    quantity
        What the lines show.
    names
        Of the first line, and of the second, which is dashed; empty for none.
    index
        Data colour of the first line.
    """

    HEIGHT_PX = 110

    def __init__(self, quantity: str, names: tuple[str, str], index: int) -> None:
        super().__init__(_tr("layer"), quantity)
        self.line = self.curve(names[0], index=index)
        self.other = self.curve(names[1], role="quiet_ink", dash=True) if names[1] else None

    def show_layers(self, values: Floats, others: Floats | None = None) -> None:
        """Draw values [layers], and others beside them."""
        layers = np.arange(1, len(values) + 1)
        seen = [values] if others is None else [values, others]
        powers = [np.log10(np.maximum(v, 10.0 ** (LEAST - 3))) for v in seen]
        self.line.set_data(layers, powers[0])
        if self.other is not None and others is not None:
            self.other.set_data(layers, powers[1])
        low = max(LEAST, min(-0.7, min(float(p.min()) for p in powers) - 0.3))
        high = max(0.7, max(float(p.max()) for p in powers) + 0.3)
        self.setXRange(1, max(2, len(values)), padding=0.03)
        self.setYRange(low, high, padding=0)
        apart = max(1, math.ceil((high - low) / 5))
        ticks = range(math.ceil(low / apart) * apart, math.floor(high) + 1, apart)
        self.set_axis_ticks("left", [(float(p), power_of_ten(p)) for p in ticks])

    def table(self) -> Table:
        """Give values, not their logarithms."""
        return [(name, x, np.asarray(10.0**y)) for name, x, y in super().table()]

    def values_at(self, x: float) -> str:
        """Give the values of a layer."""
        lines = [_tr("layer {layer}").format(layer=round(x))]
        for name, layers, values in self.table():
            if len(layers):
                lines.append(f"{name}  {values[int(np.abs(layers - x).argmin())]:.3g}")
        return "\n".join(lines).replace("-", "−")


class ActivationPlot(CompactPlot):
    """A curve, its slope, the steepest slope there is, and where each layer of a chain stands."""

    HEIGHT_PX = 130

    def __init__(self) -> None:
        super().__init__(_tr("input of a unit"), _tr("output"))
        self.value = self.curve(_tr("value"), index=0)
        self.slope = self.curve(_tr("slope"), index=1, dash=True)
        self._dots = pg.ScatterPlotItem()
        self._dots.setZValue(60)
        self.addItem(self._dots, ignoreBounds=True)
        self.follow_tokens(self._apply_look)

    def show_curve(self, x: Floats, value: Floats, slope: Floats, steepest: float) -> None:
        """Draw value and slope over x, each [points]."""
        self.value.set_data(x, value)
        self.slope.set_data(x, slope)
        self.value.set_label(_tr("value"), "end")
        self.slope.set_label(_tr("slope, at most {steepest:.3g}").format(steepest=steepest), "peak")
        self.setXRange(float(x[0]), float(x[-1]), padding=0.02)
        self.setYRange(max(-2.0, float(value.min())) - 0.15, min(3.0, max(1.2, float(value.max()))), padding=0)

    def show_chain(self, inputs: Floats, slopes: Floats) -> None:
        """Mark where each layer stands on the slope, [layers]."""
        self._dots.setData(x=inputs, y=slopes)

    def dots(self) -> Floats:
        """Give the marked places, [layers, 2]."""
        return np.stack(self._dots.getData(), axis=1)

    def _apply_look(self, current: Tokens) -> None:
        self._dots.setSize(current.px(9))
        self._dots.setBrush(pg.mkBrush(current.color("accent")))
        self._dots.setPen(make_pen(current.color("surface"), 1.0, self.devicePixelRatioF()))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
