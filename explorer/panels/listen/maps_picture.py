"""Maps picture: the activations of one layer, every channel a small picture, on one common scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QPen, qRgb
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import tokens
from widgets.painting import draw_focus_ring, line_height

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from widgets.plot_export import Table
    from widgets.tokens import Tokens


class MapsPicture(QWidget):
    """`[channels, time, frequency]` drawn through the heat table; time runs to the right, frequency upwards.

    A layer without a frequency axis is one picture, channel by time; one with neither is a row of bars.
    All channels share one scale, from the smallest value (or 0) to the largest.
    """

    def __init__(self) -> None:
        super().__init__()
        self._maps: NDArray[np.float32] = np.zeros((1, 1, 1), np.float32)
        self._name = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_maps(self, name: str, maps: NDArray[np.float32]) -> None:
        """Draw the activations of a layer."""
        self._name, self._maps = name, maps
        self.setAccessibleName(self.tr("Feature maps of {layer}").format(layer=name))
        low, high = self.span()
        self.setAccessibleDescription(
            self.tr("{count} channels of {time} x {bands}, values {low} to {high}").format(
                count=maps.shape[0], time=maps.shape[1], bands=maps.shape[2], low=f"{low:.3g}", high=f"{high:.3g}"
            )
        )
        self.update()

    def maps(self) -> NDArray[np.float32]:
        """Give what is drawn."""
        return self._maps

    def span(self) -> tuple[float, float]:
        """Give the values that the ends of the colour table stand for."""
        low = min(0.0, float(self._maps.min()))
        return low, max(float(self._maps.max()), low + 1e-6)

    def table(self) -> Table:
        """Give what is drawn: one curve per channel, its values one after the other."""
        return [
            (f"{self._name} {channel}", np.arange(values.size, dtype=np.float64), values.reshape(-1).astype(np.float64))
            for channel, values in enumerate(self._maps)
        ]

    def sizeHint(self) -> QSize:
        """Give room for tiles that can be told apart."""
        return QSize(self._tokens.px(400), self._tokens.px(260))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which channels melt together."""
        return QSize(self._tokens.px(200), self._tokens.px(180))

    def tiles(self) -> list[tuple[QRectF, NDArray[np.float32]]]:
        """Give where what is drawn: rectangle and values `[frequency, time]`, row 0 the lowest."""
        channels, time, bands = self._maps.shape
        area = QRectF(0, 0, self.width(), self.height() - self._line)
        if bands == 1 or time == 1:
            return [(area, self._maps.reshape(channels, -1))]
        gap = self._tokens.px(3)
        columns = _columns(channels, area.width(), area.height(), time / bands)
        rows = math.ceil(channels / columns)
        width, height = (area.width() + gap) / columns - gap, (area.height() + gap) / rows - gap
        return [
            (
                QRectF(i % columns * (width + gap), i // columns * (height + gap), width, height),
                np.ascontiguousarray(self._maps[i].T),
            )
            for i in range(channels)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the channels, and below them what the colours mean."""
        current, painter = self._tokens, QPainter(self)
        low, high = self.span()
        for place, values in self.tiles():
            rows, columns = values.shape
            codes = np.ascontiguousarray(np.rint((values[::-1] - low) / (high - low) * 255).astype(np.uint8))
            image = QImage(codes.data, columns, rows, columns, QImage.Format.Format_Indexed8)
            image.setColorTable(self._colors)
            painter.drawImage(place, image, QRectF(0, 0, columns, rows))
            painter.setPen(QPen(current.color("hairline"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        _, time, bands = self._maps.shape
        axes = (
            self.tr("time →, frequency ↑")
            if bands > 1 and time > 1
            else self.tr("time →, channel ↑")
            if time > 1
            else ""
        )
        text = self.tr("{low} to {high}").format(low=f"{low:.2f}".replace("-", "−"), high=f"{high:.2f}")
        line = QRectF(0, self.height() - self._line, self.width(), self._line)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, axes)
        bar = QRectF(0, 0, current.px(80), self._line * 0.6)
        right = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, text)
        bar.moveTopRight(line.topRight())
        bar.translate(-right - current.px(8), self._line * 0.2)
        ramp = QImage(bytes(range(256)), 256, 1, 256, QImage.Format.Format_Indexed8)
        ramp.setColorTable(self._colors)
        painter.drawImage(bar, ramp, QRectF(0, 0, 256, 1))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 0)

    def event(self, event: QEvent) -> bool:
        """Show channel and value under a resting pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for channel, (place, values) in enumerate(self.tiles()):
                if place.contains(event.pos()):
                    rows, columns = values.shape
                    row = min(rows - 1, int((place.bottom() - event.pos().y()) / place.height() * rows))
                    column = min(columns - 1, int((event.pos().x() - place.left()) / place.width() * columns))
                    at = channel if len(self.tiles()) > 1 else row
                    text = self.tr("channel {channel}: {value}").format(channel=at, value=f"{values[row, column]:.3g}")
                    QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._colors = [qRgb(red, green, blue) for red, green, blue, _ in current.heat_lut.tolist()]
        self._line = line_height(current.font(12)) + current.px(2)
        self.updateGeometry()
        self.update()


def _columns(count: int, width: float, height: float, aspect: float) -> int:
    """Return how many columns make the tiles largest, each `aspect` times as wide as high."""

    def side(columns: int) -> float:
        rows = math.ceil(count / columns)
        return min(width / columns / aspect, height / rows)

    return max(range(1, count + 1), key=side)
