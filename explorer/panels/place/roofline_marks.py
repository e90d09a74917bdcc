"""Roofline marks: a shape for each kind of layer, so that colour is not what tells them apart."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from explorer.engine.deployment.cost import LayerKind

# Corners of closed shapes in units of half the size; a circle has none.
_CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    "conv": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "depthwise": ((0, -1.1), (1.05, 0.8), (-1.05, 0.8)),
    "dense": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "relu": ((-1.1, -0.35), (1.1, -0.35), (1.1, 0.35), (-1.1, 0.35)),
    "pool": ((-1.05, -0.8), (1.05, -0.8), (0, 1.1)),
    "add": (
        (-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4),
        (0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4),
    ),
}  # fmt: skip


def draw_mark(painter: QPainter, place: QPointF, half: float, kind: LayerKind, pen: QPen, fill: QColor | None) -> None:
    """Draw the mark of a kind of layer.

    Parameters
    ----------
    painter, place
        Where.
    half
        Half of its size, in pixels.
    kind
        Square: convolution; triangle: depthwise; circle: pointwise; diamond: dense; plus: add; triangle on its tip:
        pool; bar: ReLU on its own.
    pen, fill
        Of the outline and inside; None for nothing inside.
    """
    painter.setPen(pen)
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(fill)
    corners = _CORNERS.get(kind)
    if corners is None:
        painter.drawEllipse(QRectF(place.x() - half, place.y() - half, 2 * half, 2 * half))
    else:
        painter.drawPolygon(QPolygonF([QPointF(place.x() + half * x, place.y() + half * y) for x, y in corners]))
