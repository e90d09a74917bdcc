"""Dots: single points on a plot with words beside them, hollow where they are somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from widgets.plot import Plot
    from widgets.tokens import Tokens


_ANCHORS = {
    "above": (0.5, 1.25),
    "below": (0.5, -0.25),
    "left": (1.0, 0.5),
    "right": (0.0, 0.5),
    "upper left": (1.0, 1.1),
    "upper right": (0.0, 1.1),
}


@dataclass(frozen=True, slots=True)
class Dot:
    """A point.

    Parameters
    ----------
    x, y
        Where, in the plot's own units.
    words
        Written beside it; empty for none.
    role
        Token of its colour.
    low, high
        95 % interval in y, drawn as a line; None for none.
    hollow
        Whether it is cited instead of measured.
    side
        Where the words stand: "above", "below", "left", "right", "upper left" or "upper right".
    """

    x: float
    y: float
    words: str = ""
    role: str = "data0"
    low: float | None = None
    high: float | None = None
    hollow: bool = False
    side: str = "above"


class Dots:
    """The dots of a plot, drawn anew with each `set_dots`.

    Parameters
    ----------
    plot
        Where they are drawn.
    size_px
        Diameter at scale 1.
    """

    def __init__(self, plot: Plot, size_px: float = 10.0) -> None:
        self._plot = plot
        self._size_px = size_px
        self._dots: tuple[Dot, ...] = ()
        self._made: list[object] = []
        plot.follow_tokens(self._apply_tokens)

    def set_dots(self, dots: Sequence[Dot]) -> None:
        """Draw these dots and no others."""
        self._dots = tuple(dots)
        self._draw()

    def dots(self) -> tuple[Dot, ...]:
        """Give what is drawn."""
        return self._dots

    def _draw(self) -> None:
        for item in self._made:
            self._plot.removeItem(item)
        self._made = []
        current = self._tokens
        for dot in self._dots:
            color = current.color(dot.role)
            pen = QPen(color, max(1.5, current.line_width))
            pen.setCosmetic(True)
            if dot.low is not None and dot.high is not None:
                self._add(pg.PlotCurveItem([dot.x, dot.x], [dot.low, dot.high], pen=pen))
            brush = pg.mkBrush(current.color("surface")) if dot.hollow else pg.mkBrush(color)
            size = self._size_px * current.scale
            self._add(pg.ScatterPlotItem([dot.x], [dot.y], size=size, pen=pen, brush=brush))
            if dot.words:
                text = pg.TextItem(dot.words, anchor=_ANCHORS[dot.side])
                text.setFont(current.font(12, 400 if dot.hollow else 600))
                text.setColor(current.color("quiet_ink" if dot.hollow else "ink"))
                text.textItem.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
                gap = "  " if "left" in dot.side or "right" in dot.side else ""
                text.setText(f"{gap}{dot.words}{gap}")
                text.setPos(dot.x, dot.y)
                self._add(text)

    def _add(self, item: object) -> None:
        self._plot.addItem(item, ignoreBounds=True)
        self._made.append(item)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._draw()
