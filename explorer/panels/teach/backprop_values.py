"""Values of a step as a table: numbers where they fit, else colour; finite differences below."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens

Array = NDArray[np.float64]


class BackpropValues(QWidget):
    """One table, or two below each other: what backpropagation gave, and what moving each entry a little gives.

    A press or the arrow keys choose an entry, Escape none.
    """

    chosen = Signal(tuple)
    """The user chose the entry (row, column), or nothing: an empty tuple."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._tables: tuple[tuple[str, Array], ...] = ()
        self._cell: tuple[int, int] | None = None
        self.setAccessibleName(self.tr("Values of the step"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_tables(self, tables: tuple[tuple[str, Array], ...], cell: tuple[int, int] | None) -> None:
        """Draw tables of one shape, [rows, columns] each with its title, and a ring around an entry."""
        self._tables, self._cell = tables, cell
        accessible.announce_value(self)
        self.update()

    def tables(self) -> tuple[tuple[str, Array], ...]:
        """Give the titles and values that are drawn."""
        return self._tables

    def accessible_value(self) -> str:
        """Give the chosen entry in words, or the shape."""
        if not self._tables:
            return ""
        rows, columns = self._tables[0][1].shape
        if self._cell is None:
            return self.tr("{rows} by {columns}").format(rows=rows, columns=columns)
        return "; ".join(f"{title}: {float(values[self._cell]):.4g}" for title, values in self._tables)

    def sizeHint(self) -> QSize:
        """Give room for two small tables."""
        return QSize(self._tokens.px(260), self._tokens.px(180))

    def minimumSizeHint(self) -> QSize:
        """Give room for a row each."""
        return QSize(self._tokens.px(160), self._tokens.px(84))

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the entry that was pressed."""
        for index, (_, values) in enumerate(self._tables):
            box = self._box(index)
            if box.contains(event.position()):
                row = int((event.position().y() - box.top()) / box.height() * values.shape[0])
                column = int((event.position().x() - box.left()) / box.width() * values.shape[1])
                self._choose(row, column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the choice; with Escape, or beyond the ends, leave it."""
        key = Qt.Key(event.key())
        moves = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        if not self._tables or (key not in moves and (key != Qt.Key.Key_Escape or self._cell is None)):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self.chosen.emit(())
        else:
            row, column = self._cell or (0, 0)
            down, right = moves[key] if self._cell is not None else (0, 0)
            self._choose(row + down, column + right)

    def _choose(self, row: int, column: int) -> None:
        rows, columns = self._tables[0][1].shape
        self.chosen.emit((min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)))

    # -- drawing -----------------------------------------------------------------------------------------------------

    def _box(self, index: int) -> QRectF:
        """Give where a table stands, below its title; the next one follows right after it."""
        title = line_height(self._tokens.font(12, 600)) + self._tokens.px(2)
        gap = self._tokens.px(10)
        room = self.height() / max(1, len(self._tables)) - title - gap
        height = max(4.0, min(room, self._tables[index][1].shape[0] * self._tokens.px(30)))
        return QRectF(1, index * (title + height + gap) + title, self.width() - 2, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tables."""
        current = self._tokens
        painter = QPainter(self)
        largest = max((float(np.abs(values).max(initial=0.0)) for _, values in self._tables), default=0.0)
        for index, (title, values) in enumerate(self._tables):
            box = self._box(index)
            font = current.font(12, 600)
            painter.setFont(font)
            painter.setPen(current.color("quiet_ink"))
            height = line_height(font)
            room = QRectF(0, box.top() - height - current.px(2), self.width(), height)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
            self._draw_table(painter, box, values, largest or 1.0)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _draw_table(self, painter: QPainter, box: QRectF, values: Array, largest: float) -> None:
        current = self._tokens
        rows, columns = values.shape
        pixels = tint(values / largest, current)
        painter.drawImage(box, QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888))
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        wide, high = box.width() / columns, box.height() / rows
        font = current.font(12)
        if wide >= text_width(font, "−0.000") and high >= line_height(font):
            painter.setFont(font)
            painter.setPen(current.color("ink"))
            for (row, column), value in np.ndenumerate(values):
                room = QRectF(box.left() + column * wide, box.top() + row * high, wide, high)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{value:.3f}".replace("-", "−"))
        if self._cell is not None:
            row, column = self._cell
            room = QRectF(box.left() + column * wide, box.top() + row * high, wide, high)
            painter.setPen(QPen(current.color("accent"), 2 * current.scale))
            painter.drawRect(room.adjusted(-1, -1, 1, 1) if min(wide, high) < 6 else room)
            if min(wide, high) < 6:
                painter.drawEllipse(QPointF(room.center()), current.px(7), current.px(7))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


def tint(shares: Array, current: Tokens) -> NDArray[np.uint8]:
    """Return a picture of values -1..1 [rows, columns]: nothing for 0, one colour above it and another below."""
    inks = [current.color(role) for role in ("surface", "data0", "data1")]
    paper, plus, minus = (np.array([c.red(), c.green(), c.blue()], np.float64) for c in inks)
    depth = 0.55 * np.sqrt(np.abs(np.clip(shares, -1, 1)))[..., None]
    ink = np.where((shares > 0)[..., None], plus, minus)
    pixels = np.full((*shares.shape, 4), 255, np.uint8)
    pixels[..., :3] = np.rint(paper * (1 - depth) + ink * depth)
    return np.ascontiguousarray(pixels)
