"""Depth x time: how large the gradient is in every layer at every step, the first layer on top.

Dark is little, bright is much, on the same logarithmic scale for every run and in every theme, so that a row that goes
dark has lost its error and not its contrast.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height
from widgets.ramps import MAGMA_LIKE, ramp
from widgets.tokens import Tokens

LOWEST, HIGHEST = -7.0, 0.0
"""Powers of ten at the dark and at the bright end."""
AXIS_PX = 56
"""Width of the words at the left, the same as of a plot's axis."""
RECENT = 20
"""Probed steps over which the newest sizes are a median, as the rules of thumb take it."""
_LUT = ramp(MAGMA_LIKE)

Matrix = NDArray[np.floating[Any]]


def colors_of(values: Matrix) -> NDArray[np.uint8]:
    """Return the colour of magnitudes, [..., 4] RGBA; zero has the darkest, what is no number the brightest."""
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.log10(np.abs(values))
    share = np.nan_to_num((powers - LOWEST) / (HIGHEST - LOWEST), nan=1.0, posinf=1.0, neginf=0.0)
    return np.asarray(_LUT[np.clip(np.rint(255 * share), 0, 255).astype(np.uint8)])


class DepthTime(QWidget):
    """The heat map; its x axis is that of the plots above and below it."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._steps: Matrix = np.empty(0)
        self._values: Matrix = np.empty((0, 0))
        self._end = 200.0
        self._marker: int | None = None
        self._ring = False
        self._image: QImage | None = None
        self._pixels = np.empty((0, 0, 4), np.uint8)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_tr("Size of the gradient by depth and time"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_values(self, steps: Matrix, values: Matrix, end: float, marker: int | None) -> None:
        """Draw these columns.

        Parameters
        ----------
        steps
            At which step each column was probed, [times].
        values
            Gradient RMS, [times, layers], the first layer first.
        end
            Step at the right edge.
        marker
            The step that is looked at where that is not the newest; None draws no line.
        """
        self._steps, self._values, self._end, self._marker = steps, values, max(1.0, end), marker
        self._image = None
        self.update()

    def ring(self, on: bool) -> None:
        """Draw a ring around the rows that are to be looked at, or take it away."""
        if on != self._ring:
            self._ring = on
            self.update()

    def ringed(self) -> bool:
        """Say whether the eye is led here."""
        return self._ring

    def layers(self) -> int:
        """Give the number of rows."""
        return int(self._values.shape[1]) if self._values.ndim == 2 else 0

    def newest(self) -> Matrix:
        """Give the gradient RMS of each layer, median of the last probed steps, [layers]; empty before the first."""
        if not len(self._steps):
            return np.empty(0)
        at = len(self._steps) if self._marker is None else int(np.searchsorted(self._steps, self._marker, "right"))
        return np.asarray(np.median(self._values[max(0, at - RECENT) : max(1, at)], axis=0))

    def picture(self) -> NDArray[np.uint8]:
        """Give the colours as drawn, [layers, columns, 4]; columns without a probe are transparent."""
        return self._pixels

    def accessible_value(self) -> str:
        """Give the newest column in words."""
        newest = self.newest()
        if not len(newest):
            return _tr("no step probed yet")
        told = _tr("first layer {first}, last layer {last}")
        return told.format(first=scientific(float(newest[0])), last=scientific(float(newest[-1])))

    def sizeHint(self) -> QSize:
        """Give the size at which rows can be told apart."""
        return QSize(self._tokens.px(420), self._tokens.px(150))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which rows run together."""
        return QSize(self._tokens.px(120), self._tokens.px(40))

    def box(self) -> QRectF:
        """Give where the cells are."""
        left = self._tokens.px(AXIS_PX)
        return QRectF(left, 0, max(1, self.width() - left - 1), max(1, self.height()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the value under the pointer."""
        self.setToolTip(self.told_at(event.position()))

    def told_at(self, place: QPointF) -> str:
        """Give the value at a place in words; empty beside the cells."""
        box, count = self.box(), self.layers()
        if not count or not len(self._steps) or not box.contains(place):
            return ""
        step = (place.x() - box.left()) / box.width() * self._end
        column = int(np.abs(self._steps - step).argmin())
        layer = min(count - 1, int((place.y() - box.top()) / box.height() * count))
        told = _tr("step {step:,}, layer {layer} of {count}: gradient RMS {value}")
        value = scientific(float(self._values[column, layer]))
        return told.format(step=int(self._steps[column]), layer=layer + 1, count=count, value=value)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, the words of the rows, the line of the step that is looked at, and the ring."""
        current, box = self._tokens, self.box()
        painter = QPainter(self)
        painter.fillRect(box, current.color("raised"))
        if self._image is None:
            self._image = self._render(round(box.width()))
        if not self._image.isNull():
            painter.drawImage(box, self._image, QRectF(self._image.rect()))
        self._paint_rows(painter, box)
        if self._marker is not None:
            x = box.left() + box.width() * min(1.0, self._marker / self._end)
            painter.setPen(QPen(current.color("accent"), max(2.0, current.line_width)))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.drawRect(box.adjusted(0, 0.5, -0.5, -0.5))
        if self._ring:
            draw_focus_ring(painter, box, current, 4)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_rows(self, painter: QPainter, box: QRectF) -> None:
        """Write which row is which, and part the rows by a hairline of surface."""
        current, count = self._tokens, self.layers()
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        if not count:
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _tr("Press Space: every step adds a column."))
            return
        height = box.height() / count
        every = max(1, math.ceil(line_height(painter.font()) / height))
        for layer in range(count):
            last = layer == count - 1
            if layer % every and not last:
                continue
            if every > 1 and not last and layer > 0 and min(layer, count - 1 - layer) < 1.5 * every:
                continue  # the first and the last are always written, and need their room
            words = _tr("first") if layer == 0 else _tr("last") if last else str(layer + 1)
            tall = max(height, line_height(painter.font()))
            top = box.top() + (layer + 0.5) * height - tall / 2
            place = QRectF(0, min(max(box.top(), top), box.bottom() - tall), box.left() - current.px(6), tall)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        if height >= current.px(8):
            painter.setPen(QPen(current.color("surface"), 1))
            for layer in range(1, count):
                y = round(box.top() + layer * height)
                painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _render(self, columns: int) -> QImage:
        """Return one pixel for each column of the screen and each layer."""
        if not len(self._steps) or not self.layers():
            self._pixels = np.empty((0, 0, 4), np.uint8)
            return QImage()
        at = (np.arange(columns) + 0.5) * self._end / columns
        nearest = np.clip(np.searchsorted(self._steps, at), 0, len(self._steps) - 1)
        pixels = np.ascontiguousarray(colors_of(self._values[nearest]).transpose(1, 0, 2))
        pixels[:, at > self._steps[-1]] = 0
        self._pixels = pixels
        rows, width = pixels.shape[:2]
        return QImage(pixels.data, width, rows, 4 * width, QImage.Format.Format_RGBA8888)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


class HeatKey(QWidget):
    """What the colours of the heat map stand for: a bar from dark to bright with its ends."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_tr("Colours: gradient RMS from 10 to the power of −7, dark, to 1, bright"))
        self._bar = np.ascontiguousarray(_LUT[None, :, :])
        self._unfollow = tokens.follow(self._apply_tokens)

    def sizeHint(self) -> QSize:
        """Give room for the bar and its ends."""
        return QSize(self._tokens.px(190), line_height(self._tokens.font(12)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar between the numbers of its ends."""
        current = self._tokens
        painter = QPainter(self)
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        side = current.px(40)
        middle = Qt.AlignmentFlag.AlignVCenter
        left = QRectF(0, 0, side - current.px(6), self.height())
        painter.drawText(left, middle | Qt.AlignmentFlag.AlignRight, power(LOWEST))
        bar = QRectF(side, self.height() * 0.25, self.width() - 1.5 * side, self.height() * 0.5)
        painter.drawImage(bar, QImage(self._bar.data, 256, 1, 1024, QImage.Format.Format_RGBA8888))
        painter.drawText(QRectF(bar.right() + current.px(6), 0, side, self.height()), middle, power(HIGHEST))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: float) -> str:
    """Print a power of ten."""
    return "1" if exponent == 0 else "10" + f"{exponent:.0f}".translate(_RAISED)


def scientific(value: float) -> str:
    """Print a number as a few digits times a power of ten where it is far from 1."""
    if not math.isfinite(value):
        return _tr("no number")
    if value == 0 or 0.001 <= abs(value) < 10_000:
        return f"{value:.3g}".replace("-", "−")
    digits, exponent = f"{value:.1e}".split("e")  # rounded before it is taken apart: 9.96e-5 is 1.0e-4
    return f"{digits} × {power(int(exponent))}".replace("-", "−")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
