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
        self._label_at = "end"
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

    def anchor_point(self) -> tuple[float, float]:
        """Give the point at which the label stands, the last or the highest; zeros without one."""
        return _point(self._x, self._y, self._label_at)

    def set_label(self, text: str, at: str = "end") -> None:
        """Write `text` at the "end" or the "peak" of the line; empty takes the label away."""
        if (text, at) != (self._label_text, self._label_at):
            self._label_text, self._label_at = text, at
            self._label.setAnchor((1, 1) if at == "end" else (0.5, 1))
            self._label.setText(text)
            self._label.setVisible(bool(text))
            self._plot.arrange_labels()

    def place_label(self, across: tuple[float, float], along: tuple[float, float], pixel: float) -> float:
        """Put the label at its point, inside the plot and above what is already there.

        Parameters
        ----------
        across
            Smallest and largest x in view.
        along
            Smallest y that is still free, and the largest in view.
        pixel
            Height of a pixel, in the unit of the y axis.

        Returns
        -------
        floor
            The smallest y that is free after it.
        """
        floor, top = along
        if not self._label_text or not len(self._y):
            return floor
        x, y = self.anchor_point()
        height = float(self._label.boundingRect().height()) * pixel
        bottom = min(y, top - height)
        if self._label_at == "end":
            bottom = max(bottom, floor)
            floor = bottom + height
        self._label.setPos(min(max(x, across[0]), across[1]), bottom)
        return floor

    def remember(self, difference: str = "") -> None:
        """Leave the line as it is now as a ghost, with the difference to come as its label."""
        self.set_ghost(self._x, self._y, difference)

    def set_ghost(self, x: Any, y: Any, difference: str = "") -> None:
        """Draw the previous state: 1 px dashed at 35 % ink, `difference` written at its highest point."""
        self.clear_ghost()
        x, y = np.asarray(x, np.float64).reshape(-1), np.asarray(y, np.float64).reshape(-1)
        self._ghost = pg.PlotCurveItem()
        self._ghost.setData(x, y, connect="finite")
        self._ghost.setZValue(-1)
        self._ghost_label = pg.TextItem(difference, anchor=(0.5, 1))
        self._plot.addItem(self._ghost, ignoreBounds=True)
        self._plot.addItem(self._ghost_label, ignoreBounds=True)
        self._ghost_label.setPos(*_point(x, y, "peak"))
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
        ratio = self._plot.devicePixelRatioF()
        self._line.setPen(make_pen(color, current.line_width, ratio, dash=self._dash))
        # see Tokens.line_width: anti-aliasing only where it is affordable
        self._line.opts["antialias"] = current.line_width * ratio <= 1
        self._label.setFont(current.font(12, 600))
        self._label.setColor(current.color(self._role.replace("data", "text")))
        if self._ghost is not None and self._ghost_label is not None:
            self._ghost.setPen(make_pen(current.color("ink", GHOST_ALPHA), 1.0, ratio, dash=True))
            self._ghost_label.setFont(current.font(12))
            self._ghost_label.setColor(current.color("quiet_ink"))


def _point(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], at: str) -> tuple[float, float]:
    """Give the last or the highest point that is a number."""
    known = np.flatnonzero(np.isfinite(y))
    if not len(known):
        return 0.0, 0.0
    index = known[-1] if at == "end" else known[int(y[known].argmax())]
    return float(x[index]), float(y[index])


def make_pen(color: QColor, width: float, ratio: float = 1.0, *, dash: bool = False) -> QPen:
    """Give a pen of `width` pixels, whatever the zoom of the plot.

    Such a pen knows nothing of the screen's pixel ratio: without `ratio` it is a hair on a fine screen.
    """
    pen = QPen(color, width * ratio)
    pen.setCosmetic(True)
    if dash:
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4.0, 4.0])
    return pen
