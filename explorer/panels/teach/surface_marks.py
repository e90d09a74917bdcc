"""Marks and names on a surface map: seven shapes, so that colour never stands alone, and names that give way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from widgets.painting import line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens

_CORNERS: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    2: ((0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    3: ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)),
    4: ((0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
    5: (
        *((-0.35, -1.2), (0.35, -1.2), (0.35, -0.35), (1.2, -0.35), (1.2, 0.35), (0.35, 0.35)),
        *((0.35, 1.2), (-0.35, 1.2), (-0.35, 0.35), (-1.2, 0.35), (-1.2, -0.35), (-0.35, -0.35)),
    ),
}
SHAPES = 7
"""Circle, square, triangle, diamond, triangle on its head, plus, ring."""


def draw_mark(painter: QPainter, place: QPointF, mark: int, radius: float, role: str, current: Tokens) -> None:
    """Draw one of seven shapes around a place, in a colour, with an edge of paper."""
    kind = mark % SHAPES
    painter.setPen(QPen(current.color("surface"), 1.2 * current.scale))
    painter.setBrush(current.color(role))
    if kind in _CORNERS:
        corners = [QPointF(place.x() + a * radius, place.y() + b * radius) for a, b in _CORNERS[kind]]
        painter.drawPolygon(QPolygonF(corners))
        return
    if kind == 6:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(current.color(role), 2.5 * current.scale))
    painter.drawEllipse(place, radius, radius)


def draw_label(
    painter: QPainter, text: str, head: QPointF, role: str, taken: Sequence[QRectF], inside: QRectF, current: Tokens
) -> QRectF:
    """Write a name beside its mark, below those that stand there already; return the room it takes."""
    font = current.font(12, 600)
    height, width = line_height(font), text_width(font, text)
    room = QRectF(head.x() + current.px(11), head.y() - height / 2, width + current.px(8), height)
    if room.right() > inside.right():
        room.moveRight(head.x() - current.px(11))
    room.moveTop(min(max(room.top(), inside.top()), inside.bottom() - height))
    start = room.top()
    for _ in range(len(taken) + 1):
        hit = next((other for other in taken if other.intersects(room)), None)
        if hit is None:
            break
        room.moveTop(hit.bottom() + 1)
    if room.bottom() > inside.bottom():
        room.moveTop(start)
        for _ in range(len(taken) + 1):
            hit = next((other for other in taken if other.intersects(room)), None)
            if hit is None:
                break
            room.moveBottom(hit.top() - 1)
    painter.fillRect(room, current.color("surface", 0.82))
    painter.setFont(font)
    painter.setPen(current.color(role.replace("data", "text")))
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
    return room
