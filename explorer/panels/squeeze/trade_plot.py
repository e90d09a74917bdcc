"""Trade plot: accuracy against bytes as it is measured, the path of the hand leaving its trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication

from explorer.panels.listen.log_plot import LogPlot
from widgets.plot_curve import make_pen
from widgets.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Point:
    """A measured setting.

    Parameters
    ----------
    file_bytes
        What a device would flash.
    accuracy, low, high
        Fractions, with the 95 % interval.
    words
        Written beside it.
    """

    file_bytes: int
    accuracy: float
    low: float = 0.0
    high: float = 0.0
    words: str = ""


class TradePlot(LogPlot):
    """Accuracy over bytes: float as a reference, the trace of the hand, a swept curve, and the present setting."""

    HEIGHT_PX = 92

    def __init__(self) -> None:
        super().__init__(_tr("thousand bytes to flash"), _tr("right"), 2_000, 60_000, y_unit="%", y_range=(0, 124))
        self.setAccessibleName(_tr("Accuracy against bytes"))
        self._limit = pg.InfiniteLine(angle=0, movable=False)
        self._limit_words = pg.TextItem(anchor=(0, 0))
        self.addItem(self._limit, ignoreBounds=True)
        self.addItem(self._limit_words, ignoreBounds=True)
        self._limit.hide()
        self._limit_words.hide()
        self.trace = self.curve(_tr("your way"), role="quiet_ink", dash=True)
        self.swept = self.curve(_tr("all widths"), index=2)
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self._swept_dots = pg.ScatterPlotItem(pxMode=True)
        self._reference = pg.ScatterPlotItem(pxMode=True, symbol="d")
        self._bar = pg.PlotCurveItem()
        self._now = pg.ScatterPlotItem(pxMode=True)
        for item in (self._dots, self._swept_dots, self._reference, self._bar, self._now):
            self.addItem(item, ignoreBounds=True)
        self._words = {"now": pg.TextItem(anchor=(-0.15, -0.1)), "float": pg.TextItem(anchor=(1.25, 0.5))}
        for label in self._words.values():
            self.addItem(label, ignoreBounds=True)
            label.hide()
        self.now: Point | None = None
        self._drawn: dict[str, object] = {}
        self.follow_tokens(self._apply_look)

    def set_span(self, low: float, high: float) -> None:
        """Move the ends of the axis, which counts in thousands."""
        super().set_span(low, high)
        steps = [factor * 10.0**power for power in range(2, 8) for factor in (1, 2, 5)]
        inside = [value for value in steps if low <= value <= high]
        self.set_axis_ticks("bottom", [(math.log10(value), f"{value / 1000:g}") for value in inside])

    def show_network(self, float_bytes: int) -> None:
        """Span the sizes that a network can be squeezed to."""
        if self._is_new("network", float_bytes):
            self.set_span(float_bytes / 25, float_bytes * 1.5)

    def show_trace(self, points: Sequence[Point]) -> None:
        """Draw where the hand went."""
        if not self._is_new("trace", tuple(points)):
            return
        x = self.place([point.file_bytes for point in points])
        y = np.array([100 * point.accuracy for point in points])
        self.trace.set_data(x, y)
        self._dots.setData(x, y)

    def show_swept(self, points: Sequence[Point]) -> None:
        """Draw a curve that was measured width after width; empty takes it away."""
        if not self._is_new("swept", tuple(points)):
            return
        x = self.place([point.file_bytes for point in points])
        y = np.array([100 * point.accuracy for point in points])
        self.swept.set_data(x, y)
        self._swept_dots.setData(x, y)

    def show_float(self, point: Point | None, limit: float | None) -> None:
        """Draw the float network, and the accuracy below which the network counts as failed."""
        if not self._is_new("float", (point, limit)):
            return
        self._put("float", self._reference, point)
        self._limit.setVisible(limit is not None)
        self._limit_words.setVisible(limit is not None)
        if limit is not None:
            self._limit.setPos(100 * limit)
            self._limit_words.setText(_tr("failed below {limit} %").format(limit=f"{100 * limit:.1f}"))
            left = float(self.getViewBox().viewRange()[0][0])
            self._limit_words.setPos(left, 100 * limit)

    def show_now(self, point: Point | None) -> None:
        """Draw the present setting with its interval."""
        self.now = point
        if not self._is_new("now", point):
            return
        self._put("now", self._now, point)
        if point is None:
            self._bar.setData([], [])
        else:
            x = float(self.place(point.file_bytes))
            self._bar.setData([x, x], [100 * point.low, 100 * point.high])

    def _is_new(self, part: str, value: object) -> bool:
        """Say whether a part is to be drawn anew: items of the library are slow to set."""
        new = part not in self._drawn or self._drawn[part] != value
        self._drawn[part] = value
        return new

    def _put(self, name: str, item: pg.ScatterPlotItem, point: Point | None) -> None:
        label = self._words[name]
        label.setVisible(point is not None and bool(point.words))
        if point is None:
            item.setData([], [])
            return
        x, y = float(self.place(point.file_bytes)), 100 * point.accuracy
        item.setData([x], [y])
        label.setText(point.words)
        label.setPos(x, y)

    def _apply_look(self, current: Tokens) -> None:
        ratio, line = self.devicePixelRatioF(), max(1.5, current.line_width)
        self._limit.setPen(make_pen(current.color("bad", 0.7), 1.0, ratio, dash=True))
        self._bar.setPen(make_pen(current.color("data1"), line, ratio))
        looks = (
            (self._dots, 6, "quiet_ink"),
            (self._swept_dots, 7, "data2"),
            (self._reference, 11, "data0"),
            (self._now, 13, "data1"),
        )
        for item, size, role in looks:
            item.setSize(current.px(size))
            item.setPen(make_pen(current.color("surface"), 1.0, ratio))
            item.setBrush(pg.mkBrush(current.color(role)))
        for label, role in ((self._words["now"], "ink"), (self._words["float"], "quiet_ink")):
            label.setFont(current.font(12, 600))
            label.setColor(current.color(role))
        self._limit_words.setFont(current.font(12))
        self._limit_words.setColor(current.color("bad"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
