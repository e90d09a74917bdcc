"""Decision map: what the network says at every place of the plane, and the points that it learns from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from widgets import tokens
from widgets.painting import draw_focus_ring
from widgets.picture import DescribedPicture
from widgets.tokens import Tokens

TINT = 0.62
"""How strongly a class colours the place where the network is sure of it."""
ERASE = -1
"""The tool that takes drawn points away; 0, 1, 2 draw a point of that class."""

Array = NDArray[Any]


class DecisionMap(DescribedPicture):
    """The plane, square, coloured by class, with training points filled and validation points as rings.

    Class 0 is drawn as circles, 1 as squares, 2 as triangles: colour never stands alone.
    """

    drawn = Signal(float, float, int)
    """The user drew a point: x, y and its class."""
    erased = Signal(float, float, float)
    """The user wiped over a place: x, y and the radius of the sponge."""

    def __init__(self) -> None:
        super().__init__()
        self._map: Array | None = None
        self._classes = 0
        self._extent = 1.25
        self._points: tuple[Array, Array, Array, Array] | None = None
        self._layer: QPixmap | None = None
        self._image: QImage | None = None
        self._pixels: Array = np.empty((0, 0, 4), np.uint8)
        self._tool: int | None = None
        self._last: QPointF | None = None
        self._ring = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(_tr("What the network says at every place"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_map(self, values: Array | None, classes: int, extent: float) -> None:
        """Colour the plane.

        Parameters
        ----------
        values
            Probabilities [rows, columns, classes], or values [rows, columns, 1], rows up along y; None for a task whose
            inputs are no points in a plane.
        classes
            How many; 0 where a value is learned.
        extent
            The plane reaches from minus this to this on both axes.
        """
        self._map, self._classes, self._extent = values, classes, extent
        self._image = None
        self.update()

    def show_points(self, train_x: Array, train_y: Array, validation_x: Array, validation_y: Array) -> None:
        """Draw these points over the plane: inputs [n, 2], and classes [n] or values [n, 1]."""
        self._points = (train_x, train_y, validation_x, validation_y)
        self._layer = None
        self.update()

    def set_tool(self, tool: int | None) -> None:
        """Take up a pencil for a class, the sponge (`ERASE`), or nothing (None)."""
        self._tool = tool
        shape = Qt.CursorShape.ArrowCursor if tool is None else Qt.CursorShape.CrossCursor
        self.setCursor(shape)

    def ring(self, on: bool) -> None:
        """Draw a ring around the picture, or take it away."""
        if on != self._ring:
            self._ring = on
            self.update()

    def ringed(self) -> bool:
        """Say whether the eye is led here."""
        return self._ring

    def picture(self) -> Array:
        """Give the colours of the plane as drawn, [rows, columns, 4], the upper row first."""
        if self._image is None:
            self._render()
        return self._pixels

    def points(self) -> int:
        """Give the number of points drawn."""
        return 0 if self._points is None else len(self._points[0]) + len(self._points[2])

    def box(self) -> QRectF:
        """Give the square that the plane fills."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def place_of(self, x: float, y: float) -> QPointF:
        """Give where a point of the plane is drawn."""
        box, reach = self.box(), 2 * self._extent
        return QPointF(
            box.left() + (x + self._extent) / reach * box.width(),
            box.bottom() - (y + self._extent) / reach * box.height(),
        )

    def point_at(self, place: QPointF) -> tuple[float, float]:
        """Give the point of the plane under a place of the picture."""
        box, reach = self.box(), 2 * self._extent
        x = (place.x() - box.left()) / box.width() * reach - self._extent
        return x, (box.bottom() - place.y()) / box.height() * reach - self._extent

    def sizeHint(self) -> QSize:
        """Give the size at which the points can be told apart."""
        return QSize(self._tokens.px(260), self._tokens.px(260))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which classes run together."""
        return QSize(self._tokens.px(96), self._tokens.px(90))

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Draw or wipe where the tool goes down."""
        if event.button() == Qt.MouseButton.LeftButton and self._tool is not None:
            self._last = None
            self._use(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw or wipe along the way of the tool."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._tool is not None:
            self._use(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the tool."""
        self._last = None

    def _use(self, place: QPointF) -> None:
        gap = self._tokens.px(10)
        if not self.box().contains(place) or self._map is None:
            return
        if self._last is not None and (place - self._last).manhattanLength() < gap:
            return
        self._last = place
        x, y = self.point_at(place)
        if self._tool == ERASE:
            self.erased.emit(x, y, 1.5 * gap / self.box().width() * 2 * self._extent)
        elif self._tool is not None:
            self.drawn.emit(x, y, self._tool)

    # -- drawing -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw plane, points and frame."""
        current, box = self._tokens, self.box()
        painter = QPainter(self)
        if self._map is None:
            painter.setFont(current.font(14))
            painter.setPen(current.color("quiet_ink"))
            words = _tr("This task has no plane:\nits inputs have more than two numbers.")
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, words)
            return
        if self._image is None:
            self._render()
        assert self._image is not None
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self._image)
        if self._points is not None:
            ratio = self.devicePixelRatioF()
            if self._layer is None or self._layer.width() != round(box.width() * ratio):
                self._layer = self._draw_points(box, ratio)
            painter.drawPixmap(box.topLeft(), self._layer)
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if self._ring or self.hasFocus():
            draw_focus_ring(painter, box, current, 4)

    def _render(self) -> None:
        if self._map is None:
            self._pixels = np.empty((0, 0, 4), np.uint8)
            return
        current = self._tokens
        paper = _rgb(current.color("surface"))
        if self._classes:
            inks = np.array([_rgb(current.color(f"data{k}")) for k in range(self._map.shape[-1])])
            share = np.nan_to_num(self._map)
            # half sure of two classes is no colour at all: the border shows as paper
            sure = np.clip((share.max(-1) - 1 / share.shape[-1]) / (1 - 1 / share.shape[-1]), 0, 1)
            ink = inks[share.argmax(-1)]
            depth = TINT * np.sqrt(sure)[..., None]
        else:
            value = np.clip(np.nan_to_num(self._map[..., 0]), -1, 1)
            inks = np.array([_rgb(current.color("data0")), _rgb(current.color("data1"))])
            ink = inks[(value > 0).astype(int)]
            depth = np.abs(value)[..., None]
        rgb = paper * (1 - depth) + ink * depth
        pixels = np.full((*rgb.shape[:2], 4), 255, np.uint8)
        pixels[..., :3] = np.rint(rgb)
        self._pixels = np.ascontiguousarray(pixels[::-1])
        rows, columns = self._pixels.shape[:2]
        self._image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)

    def _draw_points(self, box: QRectF, ratio: float) -> QPixmap:
        """Return the points as a picture of its own, drawn once for each data set and size."""
        assert self._points is not None
        layer = QPixmap(round(box.width() * ratio), round(box.height() * ratio))
        layer.setDevicePixelRatio(ratio)
        layer.fill(Qt.GlobalColor.transparent)
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self._tokens
        radius = max(2.2 * current.scale, box.width() / 130)
        train_x, train_y, validation_x, validation_y = self._points
        for filled, xs, ys in ((False, validation_x, validation_y), (True, train_x, train_y)):
            for k in range(max(2, self._classes)):
                color = current.color(f"data{k}")
                painter.setPen(QPen(current.color("surface") if filled else color, 0.8 * current.scale))
                painter.setBrush(color if filled else current.color("surface"))
                chosen = ys.ravel() == k if self._classes else (ys.ravel() > 0) == bool(k)
                for x, y in xs[chosen]:
                    place = self.place_of(float(x), float(y)) - box.topLeft()
                    paint_mark(painter, place, radius, k)
        painter.end()
        return layer

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._image = self._layer = None
        self.updateGeometry()
        self.update()


def paint_mark(painter: QPainter, place: QPointF, radius: float, kind: int) -> None:
    """Draw the mark of a class: circle, square or triangle."""
    if kind == 0:
        painter.drawEllipse(place, radius, radius)
    elif kind == 1:
        painter.drawRect(QRectF(place.x() - 0.9 * radius, place.y() - 0.9 * radius, 1.8 * radius, 1.8 * radius))
    else:
        corners = ((0.0, -1.2), (1.1, 0.8), (-1.1, 0.8))
        painter.drawPolygon(QPolygonF([QPointF(place.x() + a * radius, place.y() + b * radius) for a, b in corners]))


def _rgb(color: QColor) -> NDArray[np.float64]:
    return np.array([color.red(), color.green(), color.blue()], np.float64)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
