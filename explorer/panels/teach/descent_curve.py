"""Descent curve: a bowl with one weight as its parabola, and the ball's places on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from explorer.panels.teach.surface_marks import draw_mark
from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.picture import DescribedPicture
from widgets.tokens import Tokens

Floats = NDArray[np.float64]
REACH = 5.0
"""The picture shows weights from minus this to this."""


class DescentCurve(DescribedPicture):
    """f(w) = λ w² / 2; press or drag to put the ball elsewhere, or move it with the arrow keys."""

    startMoved = Signal(float)
    """The user let the ball go from there."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._curvature = 1.0
        self._points: Floats = np.zeros((1, 1))
        self._start = 0.0
        self._cursor: QPointF | None = None
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_descent(self, curvature: float, points: Floats, start: float) -> None:
        """Draw the bowl of this curvature and the places [steps + 1, 1] that the ball has been at."""
        self._curvature, self._points, self._start = curvature, points, start
        self.update()

    def places(self) -> Floats:
        """Give the places that are drawn, [steps + 1, 1]."""
        return self._points

    def place_of(self, w: float) -> QPointF:
        """Give where the ball stands at a weight: the wall at the edge reaches the top."""
        box = self._box()
        far = 50.0 * REACH
        w = min(max(w, -far), far)
        return QPointF(
            box.center().x() + w / REACH * box.width() / 2, box.bottom() - (w / REACH) ** 2 * box.height() * 0.94
        )

    def weight_at(self, x: float) -> float:
        """Give the weight at a place of the picture."""
        box = self._box()
        return min(max((x - box.center().x()) / (box.width() / 2) * REACH, -REACH), REACH)

    def sizeHint(self) -> QSize:
        """Give the size at which steps can be told apart."""
        return QSize(self._tokens.px(480), self._tokens.px(320))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which nothing can be seen."""
        return QSize(self._tokens.px(180), self._tokens.px(110))

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the ball there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.startMoved.emit(self.weight_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the ball, or read the bowl under the pointer."""
        self._cursor = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.startMoved.emit(self.weight_at(event.position().x()))
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Forget the pointer."""
        self._cursor = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the ball with the arrow keys, with Shift in large steps."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        size = 0.5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.1
        self.startMoved.emit(min(max(self._start + step * size, -REACH), REACH))

    # -- drawing -----------------------------------------------------------------------------------------------------

    def _box(self) -> QRectF:
        margin = self._tokens.px(14)
        return QRectF(self.rect()).adjusted(margin, margin, -margin, -self._tokens.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bowl, ball, where it was and the axis."""
        current, box = self._tokens, self._box()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bowl = [self.place_of(float(w)) for w in np.linspace(-REACH, REACH, 121)]
        ground = QPainterPath()
        ground.addPolygon(QPolygonF([*bowl, box.bottomRight(), box.bottomLeft()]))
        painter.fillPath(ground, current.color("data0", 0.12))
        painter.setPen(QPen(current.color("quiet_ink"), 2.0 * current.scale))
        painter.drawPolyline(QPolygonF(bowl))
        self._draw_axis(painter, box)
        painter.setClipRect(self.rect())
        self._draw_path(painter)
        painter.setClipping(False)
        if self._cursor is not None:
            self._draw_value(painter, box)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _draw_path(self, painter: QPainter) -> None:
        current = self._tokens
        places = [self.place_of(float(w)) for w in self._points[:, 0]]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(current.color("data1"), 1.6 * current.scale))
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("data1"))
        for place in places:
            painter.drawEllipse(place, current.px(3), current.px(3))
        draw_mark(painter, places[-1], 0, current.px(8), "data1", current)
        painter.setPen(QPen(current.color("accent"), 2.0 * current.scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self.place_of(self._start), current.px(12), current.px(12))

    def _draw_axis(self, painter: QPainter, box: QRectF) -> None:
        current = self._tokens
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        height = line_height(current.font(12))
        for w in range(-4, 3, 2):
            x = self.place_of(w).x()
            room = QRectF(x - 20, box.bottom() + current.px(4), 40, height)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{w}".replace("-", "−"))
        room = QRectF(box.center().x(), box.bottom() + current.px(4), box.width() / 2, height)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight, self.tr("weight w"))

    def _draw_value(self, painter: QPainter, box: QRectF) -> None:
        assert self._cursor is not None
        current, w = self._tokens, self.weight_at(self._cursor.x())
        loss, slope = 0.5 * self._curvature * w * w, self._curvature * w
        text = self.tr("w {w:.2f}   loss {loss:.3g}   slope {slope:.3g}").format(w=w, loss=loss, slope=slope)
        font = current.font(12)
        painter.setFont(font)
        painter.setPen(current.color("ink"))
        width = text_width(font, text)
        room = QRectF(box.center().x() - width / 2, box.top(), width, line_height(font))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text.replace("-", "−"))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()
