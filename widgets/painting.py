"""Painting: what the widgets of this package draw alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

    from widgets.tokens import Tokens


def text_width(font: QFont, text: str) -> int:
    """Give the pixels that `text` needs in `font`, never too few."""
    return int(QFontMetricsF(font).horizontalAdvance(text)) + 2


def line_height(font: QFont) -> int:
    """Give the pixels that one line of `font` needs."""
    return int(QFontMetricsF(font).height()) + 1


def draw_focus_ring(
    painter: QPainter, rect: QRectF, tokens: Tokens, radius: float = 6.0, *, role: str = "accent"
) -> None:
    """Draw the ring that says "the keyboard is here": 2 px just inside `rect`, in ink on a filled accent."""
    width = 2.0 * tokens.scale
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tokens.color(role), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.drawRoundedRect(inner, radius * tokens.scale, radius * tokens.scale)
    painter.restore()


def draw_kind_glyph(painter: QPainter, rect: QRectF, kind: str, tokens: Tokens) -> None:
    """Draw where a number comes from, at 60 % ink.

    Filled dot: "measured"; half dot: "derived"; quotation mark: "cited"; hollow dot: "assumed"; any other
    word draws nothing.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = tokens.color("ink", 0.6)
    side = min(rect.width(), rect.height())
    dot = QRectF(0, 0, side, side)
    dot.moveCenter(rect.center())
    line = max(1.0, side / 6)
    inner = dot.adjusted(line / 2, line / 2, -line / 2, -line / 2)
    if kind == "measured":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(dot)
    elif kind == "derived":
        painter.setPen(QPen(ink, line))
        painter.drawEllipse(inner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPie(inner, 90 * 16, 180 * 16)
    elif kind == "assumed":
        painter.setPen(QPen(ink, line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(inner)
    elif kind == "cited":
        # drawn, not typed: the dots of the other kinds have the same weight at every size
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        stroke = side * 0.26
        for left in (0.12, 0.60):
            mark = QRectF(dot.left() + side * left, dot.top() + side * 0.1, stroke, side * 0.55)
            painter.drawRoundedRect(mark, stroke / 2, stroke / 2)
    painter.restore()
