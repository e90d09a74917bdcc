"""Lane: the row in which bars stand as high as numbers have bits, alike for all layers and for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from explorer.engine.quantization.recipe import Stored, Width
from explorer.panels.squeeze.widths import color_role
from widgets.tokens import Tokens

LINES: tuple[Width, ...] = ("binary", 2, 4, 8, 16, "float32")
_BLOCKS_SHARE = 0.46
_HEIGHTS = {"binary": 0.0, "ternary": 0.6, "bfloat16": 4.3, "float16": 4.6, "float32": 5.0}  # doublings of bits


class Lane:
    """Where widths stand in a picture of a height: the blocks of the network above, the lane of bars below.

    Parameters
    ----------
    height
        Of the picture, in pixels.
    text_height
        Of a line of text, in pixels: one stands above the blocks.
    left, right
        Ends of the lane, in pixels.
    current
        The look.
    """

    def __init__(self, height: int, text_height: int, left: float, right: float, current: Tokens) -> None:
        self.top = text_height + current.px(6)
        self.floor = self.top + (height - self.top - current.px(10)) * _BLOCKS_SHARE
        top = self.floor + current.px(6)
        self.box = QRectF(left, top, right - left, height - current.px(9) - top)
        self._tokens = current

    def y_of(self, width: Width) -> float:
        """Give the height in pixels at which a width stands."""
        doublings = log2(width) if isinstance(width, int) else _HEIGHTS[width]
        return self.box.bottom() - self.box.height() * (0.4 + doublings) / 5.4

    def width_at(self, y: float, widths: Sequence[Width]) -> Width:
        """Give the one of some widths that stands nearest to a height."""
        return min(widths, key=lambda width: abs(self.y_of(width) - y))

    def paint_lines(self, painter: QPainter) -> None:
        """Draw a line at every doubling of the bits."""
        painter.setPen(QPen(self._tokens.color("grid"), 1))
        for width in LINES:
            y = self.y_of(width)
            painter.drawLine(QPointF(self.box.left(), y), QPointF(self.box.right(), y))

    def paint_bar(self, painter: QPainter, left: float, right: float, width: Width | Stored) -> QRectF:
        """Draw the bar of a width and return where it stands."""
        color, faded = self._tokens.color(color_role(width)), self._tokens.color(color_role(width), 0.35)
        top = self.y_of(width)
        bar = QRectF(left, top, right - left, self.box.bottom() - top)
        painter.fillRect(bar, faded)
        painter.fillRect(QRectF(left, top, bar.width(), self._tokens.px(3)), color)
        return bar
