"""Sensitivity grid: layers across, bits down, and in each cell what it costs to give a layer so few bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.engine.quantization.recipe import Width
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

MOST_LOST = 0.8
"""Loss at the end of the colour scale, as a fraction: from about 90 % down to guessing."""
_MARKED = (0.0, 0.02, 0.1, 0.3, 0.8)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a cell.

    Parameters
    ----------
    difference
        Accuracy minus that of the float network, as a fraction.
    distinct
        Whether the two can be told apart on these clips.
    """

    difference: float
    distinct: bool


class SensitivityGrid(QWidget):
    """Cells coloured by the points lost, on a square-root scale; hatched where nothing can be told from float.

    The arrow keys and the pointer move the cursor; Enter or a press gives the layer the bits of the cell.
    """

    cursorMoved = Signal(str, object)
    """The cursor came to another cell: its layer and bits."""
    pressed = Signal(str, object)
    """The user wants the bits of a cell for its layer."""
    cleared = Signal(str)
    """The user wants the bits of all layers for this one again."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._layers: tuple[str, ...] = ()
        self._widths: tuple[Width, ...] = ()
        self._entries: dict[tuple[str, Width], Entry] = {}
        self._now: dict[str, Width] = {}
        self._cursor = (0, 0)
        self._told = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Sensitivity: layers across, bits down"))
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def set_axes(self, layers: Sequence[str], widths: Sequence[Width]) -> None:
        """Take the layers from the input to the output, and the widths from the fewest bits up."""
        if (tuple(layers), tuple(widths)) != (self._layers, self._widths):
            self._layers, self._widths = tuple(layers), tuple(widths)
            self._cursor = (0, 0)
            self._entries = {}
            self._apply_tokens(self._tokens)

    def set_entries(self, entries: dict[tuple[str, Width], Entry], now: dict[str, Width]) -> None:
        """Show what is known of the cells, and the width that each layer has now."""
        if (entries, now) != (self._entries, self._now):
            self._entries, self._now = dict(entries), dict(now)
            self.update()

    def entries(self) -> dict[tuple[str, Width], Entry]:
        """Give what is shown."""
        return dict(self._entries)

    def set_told(self, text: str) -> None:
        """Take what a screen reader says of the cell under the cursor."""
        if text != self._told:
            self._told = text
            accessible.announce_value(self)

    def accessible_value(self) -> str:
        """Give the cell under the cursor in words."""
        return self._told

    def cursor_cell(self) -> tuple[str, Width] | None:
        """Give layer and bits under the cursor; None while there are no layers."""
        if not self._layers:
            return None
        return self._layers[self._cursor[0]], self._widths[self._cursor[1]]

    def choose_layer(self, layer: str) -> None:
        """Move the cursor to the layer that is selected in all panels, without a signal."""
        if layer in self._layers and self._layers[self._cursor[0]] != layer:
            self._cursor = (self._layers.index(layer), self._cursor[1])
            self.update()

    def table(self) -> Table:
        """Give what is drawn: one curve over the layers for each width, in points."""
        x = np.arange(len(self._layers), dtype=np.float64)
        found: Table = []
        for width in self._widths:
            entries = [self._entries.get((layer, width)) for layer in self._layers]
            y = np.array([np.nan if entry is None else 100 * entry.difference for entry in entries])
            found.append((self.tr("{bits} bits").format(bits=width), x, y))
        return found

    # -- the user ----------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the cursor follow the pointer."""
        cell = self._cell_at(event.position())
        if cell is not None:
            self._move(*cell)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press the cell under the pointer."""
        cell = self._cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._move(*cell)
            self._press()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release of a press to itself."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor with the arrows, press with Enter, take a width back with Delete."""
        moves = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
            Qt.Key.Key_Home: (-len(self._layers), 0),
            Qt.Key.Key_End: (len(self._layers), 0),
        }
        key, cell = Qt.Key(event.key()), self.cursor_cell()
        if cell is None:
            super().keyPressEvent(event)
        elif key in moves:
            column, row = (at + by for at, by in zip(self._cursor, moves[key], strict=True))
            self._move(min(max(column, 0), len(self._layers) - 1), min(max(row, 0), len(self._widths) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._press()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit(cell[0])
        else:
            super().keyPressEvent(event)

    def _move(self, column: int, row: int) -> None:
        if (column, row) != self._cursor:
            self._cursor = (column, row)
            self.update()
            self.cursorMoved.emit(self._layers[column], self._widths[row])

    def _press(self) -> None:
        cell = self.cursor_cell()
        if cell is not None:
            self.pressed.emit(*cell)

    # -- the picture -------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Give room for cells that a finger meets."""
        return QSize(self._tokens.px(640), self._below + self._tokens.px(30) * max(1, len(self._widths)))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which cells could not be told apart."""
        return QSize(self._tokens.px(420), self._below + self._tokens.px(12) * max(1, len(self._widths)))

    def cell_rect(self, layer: str, width: Width) -> QRectF:
        """Give the place of a cell, in pixels."""
        return self._rect(self._layers.index(layer), self._widths.index(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw words, cells, cursor and the scale of colours."""
        current, painter = self._tokens, QPainter(self)
        painter.setFont(self._font)
        for row, width in enumerate(self._widths):
            box = self._rect(0, row)
            painter.setPen(current.color("ink" if row == self._cursor[1] else "quiet_ink"))
            words = self.tr("{bits} bits").format(bits=width)
            left = QRectF(0, box.top(), self._left - current.px(6), box.height())
            painter.drawText(left, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        for column, layer in enumerate(self._layers):
            for row, width in enumerate(self._widths):
                self._paint_cell(painter, self._rect(column, row), self._entries.get((layer, width)))
            self._paint_now(painter, column, layer)
        if self._layers:
            painter.setPen(QPen(current.color("accent"), max(2, current.px(2))))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._rect(*self._cursor))
        self._paint_foot(painter)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_cell(self, painter: QPainter, box: QRectF, entry: Entry | None) -> None:
        current = self._tokens
        inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
        if entry is None:
            painter.setPen(QPen(current.color("hairline"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(inner.adjusted(1, 1, -1, -1))
        elif entry.distinct:
            fill = self._color(-entry.difference)
            painter.fillRect(inner, fill)
            if box.width() >= self._number and box.height() >= self._line:
                painter.setPen(current.color("ink" if (fill.lightnessF() < 0.5) == current.is_dark else "surface"))
                points = f"{100 * entry.difference:+.0f}".replace("-", "−")
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, points)
        else:
            painter.fillRect(inner, QBrush(current.color("quiet_ink", 0.7), Qt.BrushStyle.BDiagPattern))

    def _paint_now(self, painter: QPainter, column: int, layer: str) -> None:
        """Mark the width that a layer has now with a ring, so that a press is seen to have done something."""
        width = self._now.get(layer)
        if width not in self._widths:
            return
        current = self._tokens
        box = self._rect(column, self._widths.index(width))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = min(box.width(), box.height()) * 0.24
        painter.setBrush(current.color("surface"))
        painter.setPen(QPen(current.color("accent"), max(1.5, current.px(2))))
        painter.drawEllipse(box.center(), radius, radius)
        painter.restore()

    def _paint_foot(self, painter: QPainter) -> None:
        """Draw under the cells which end is the input, and the scale of colours."""
        current = self._tokens
        center, vcenter = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignVCenter
        top = self.height() - self._below + current.px(4)
        line = self._line
        painter.setPen(current.color("quiet_ink"))
        row = QRectF(self._left, top, self.width() - self._left, line)
        painter.drawText(row, vcenter | Qt.AlignmentFlag.AlignLeft, self.tr("input"))
        painter.drawText(row, center, self.tr("layers"))
        painter.drawText(row, vcenter | Qt.AlignmentFlag.AlignRight, self.tr("output"))
        top += line + current.px(3)
        side, x = current.px(12), float(self._left)
        for lost in _MARKED:
            box = QRectF(x, top + (line - side) / 2, side, side)
            if lost == 0:
                painter.fillRect(box, QBrush(current.color("quiet_ink", 0.7), Qt.BrushStyle.BDiagPattern))
                words = self.tr("not to be told from float")
            else:
                painter.fillRect(box, self._color(lost))
                words = self.tr("−{points:.0f} points").format(points=100 * lost)
            painter.setPen(QPen(current.color("edge"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
            painter.setPen(current.color("quiet_ink"))
            width = text_width(self._font, words)
            if x + side + width > self.width():
                break
            painter.drawText(QRectF(box.right() + current.px(4), top, width, line), vcenter, words)
            x = box.right() + current.px(16) + width

    def _color(self, lost: float) -> QColor:
        share = sqrt(min(max(lost, 0.0) / MOST_LOST, 1.0))
        red, green, blue, _ = self._tokens.heat_lut[round(255 * (0.12 + 0.88 * share))]
        return QColor(int(red), int(green), int(blue))

    def _rect(self, column: int, row: int) -> QRectF:
        width = (self.width() - self._left) / max(1, len(self._layers))
        height = (self.height() - self._below) / max(1, len(self._widths))
        return QRectF(self._left + column * width, row * height, width, height)

    def _cell_at(self, place: QPointF) -> tuple[int, int] | None:
        if not self._layers:
            return None
        first = self._rect(0, 0)
        column = int((place.x() - self._left) // first.width())
        row = int(place.y() // first.height())
        inside = 0 <= column < len(self._layers) and 0 <= row < len(self._widths)
        return (column, row) if inside else None

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font = current.font(12)
        self._line = line_height(self._font)
        self._number = text_width(self._font, "−88")
        self._left = text_width(self._font, self.tr("{bits} bits").format(bits=8)) + current.px(8)
        self._below = 2 * self._line + current.px(9)
        self.updateGeometry()
        self.update()
