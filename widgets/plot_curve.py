"""Curve: one line of a plot with the word at its end and the ghost of what it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

if TYPE_CHECKING:
    import numpy.typing as npt

    from widgets.plot import Plot
    from widgets.tokens import Tokens

GHOST_ALPHA = 0.35


class Curve:
    """A line in a plot, made by `Plot.curve`.

    Parameters
    ----------
    plot
        Where it is drawn.
    name
        What it is, for the label, the values under the cursor and the exported table.
    role
        The token of its colour.
    dash
        Draw it dashed.
    """

    def __init__(self, plot: Plot, name: str, role: str, *, dash: bool = False) -> None:
        self.name = name
        self._plot = plot
        self._role = role
        self._dash = dash
        self._x = np.zeros(0)
        self._y = np.zeros(0)
        self._line = pg.PlotCurveItem()
        self._label = pg.TextItem(anchor=(1, 1))
        self._label_text = ""
        self._ghost: pg.PlotCurveItem | None = None
        self._ghost_label: pg.TextItem | None = None
        plot.addItem(self._line)
        plot.addItem(self._label, ignoreBounds=True)
        self._label.hide()

    def set_data(self, x: Any, y: Any) -> None:
        """Draw these points.

        Parameters
        ----------
        x, y
            `[n]` numbers; a NaN in `y` breaks the line.
        """
        self._x = np.asarray(x, np.float64).reshape(-1)
        self._y = np.asarray(y, np.float64).reshape(-1)
        self._line.setData(self._x, self._y, connect="finite")
        if self._label_text:
            self._plot.arrange_labels()

    def data(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Give the points as they are drawn: x and y, `[n]` each."""
        return self._x, self._y

    def end(self) -> tuple[float, float]:
        """Give the last point that is a number, where the label stands; zeros without one."""
        known = np.flatnonzero(np.isfinite(self._y))
        return (float(self._x[known[-1]]), float(self._y[known[-1]])) if len(known) else (0.0, 0.0)

    def set_label(self, text: str) -> None:
        """Write `text` at the end of the line; empty takes the label away."""
        if text != self._label_text:
            self._label_text = text
            self._label.setText(text)
            self._label.setVisible(bool(text))
            self._plot.arrange_labels()

    def place_label(self, right: float, ceiling: float, pixel: float) -> float | None:
        """Put the label at the end of the line, its top below `ceiling`, and give its own bottom.

        Parameters
        ----------
        right
            Largest x in view.
        ceiling
            Largest y that is free, in the unit of the axis.
        pixel
            Height of a pixel in the unit of the axis.
        """
        if not self._label_text or not len(self._y):
            return None
        x, y = self.end()
        height = float(self._label.boundingRect().height()) * pixel
        bottom = min(y, ceiling - height)
        self._label.setPos(min(x, right), bottom)
        return bottom

    def remember(self, difference: str = "") -> None:
        """Leave the line as it is now as a ghost, with the difference to come as its label."""
        self.set_ghost(self._x, self._y, difference)

    def set_ghost(self, x: Any, y: Any, difference: str = "") -> None:
        """Draw the previous state: 1 px dashed at 35 % ink, `difference` written at its middle."""
        self.clear_ghost()
        self._ghost = pg.PlotCurveItem()
        self._ghost.setData(np.asarray(x, np.float64), np.asarray(y, np.float64), connect="finite")
        self._ghost.setZValue(-1)
        self._ghost_label = pg.TextItem(difference, anchor=(0.5, 0))
        self._plot.addItem(self._ghost, ignoreBounds=True)
        self._plot.addItem(self._ghost_label, ignoreBounds=True)
        if len(np.asarray(x)):
            middle = len(np.asarray(x)) // 2
            self._ghost_label.setPos(float(np.asarray(x)[middle]), float(np.asarray(y)[middle]))
        self.apply_tokens(self._tokens)

    def set_ghost_label(self, difference: str) -> None:
        """Write another difference at the ghost."""
        if self._ghost_label is not None:
            self._ghost_label.setText(difference)

    def has_ghost(self) -> bool:
        """Say whether the previous state is drawn."""
        return self._ghost is not None

    def clear_ghost(self) -> None:
        """Take the previous state away."""
        for item in (self._ghost, self._ghost_label):
            if item is not None:
                self._plot.removeItem(item)
        self._ghost = self._ghost_label = None

    def detach(self) -> None:
        """Take line, label and ghost off the plot."""
        self.clear_ghost()
        self._plot.removeItem(self._line)
        self._plot.removeItem(self._label)

    def apply_tokens(self, current: Tokens) -> None:
        """Take colour, width and font of the theme."""
        self._tokens = current
        color = current.color(self._role)
        self._line.setPen(make_pen(color, current.line_width, dash=self._dash))
        # see Tokens.line_width: anti-aliasing only where it is affordable
        self._line.opts["antialias"] = current.line_width <= 1
        self._label.setFont(current.font(12, 600))
        self._label.setColor(color)
        if self._ghost is not None and self._ghost_label is not None:
            self._ghost.setPen(make_pen(current.color("ink", GHOST_ALPHA), 1.0, dash=True))
            self._ghost_label.setFont(current.font(12))
            self._ghost_label.setColor(current.color("quiet_ink"))


def make_pen(color: QColor, width: float, *, dash: bool = False) -> QPen:
    """Give a pen whose width is in pixels of the screen, whatever the zoom of the plot."""
    pen = QPen(color, width)
    pen.setCosmetic(True)
    if dash:
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4.0, 4.0])
    return pen
