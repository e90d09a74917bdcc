"""Array picture: a matrix drawn cell by cell through a colour table of the theme, with a cursor on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, qRgb
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import tokens
from widgets.painting import draw_focus_ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from widgets.plot_export import Table
    from widgets.tokens import Tokens


class ArrayPicture(QWidget):
    """`[rows, columns]` bytes through a colour table, row 0 at the bottom; arrow keys and mouse move a cursor.

    Parameters
    ----------
    name
        What is drawn, for a screen reader and the exported table.
    lut
        Which colour table of the tokens: "log_mel_lut" or "heat_lut".
    value_text
        Prints what lies in a cell (row, column), for hover and screen reader.
    """

    cellChosen = Signal(int, int)
    """The user moved the cursor; row and column."""

    def __init__(self, name: str, lut: str, value_text: Callable[[int, int], str]) -> None:
        super().__init__()
        self._name = name
        self._lut = lut
        self._value_text = value_text
        self._data = np.zeros((1, 1), np.uint8)
        self._cursor: tuple[int, int] | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_array(self, data: NDArray[np.uint8]) -> None:
        """Draw these bytes `[rows, columns]`; the levels are fixed, the same byte has the same colour for ever."""
        self._data = np.ascontiguousarray(data[::-1])  # row 0 is drawn at the bottom, an image starts at the top
        self.update()

    def set_cursor(self, row: int, column: int) -> None:
        """Move the cursor without a signal."""
        self._cursor = (row, column)
        self.setAccessibleDescription(self._value_text(row, column))
        self.update()

    def array(self) -> NDArray[np.uint8]:
        """Give what is drawn, `[rows, columns]`, row 0 the bottom."""
        return self._data[::-1]

    def table(self) -> Table:
        """Give what is drawn: one curve per row."""
        columns = np.arange(self._data.shape[1], dtype=np.float64)
        return [(f"{self._name} {row}", columns, values.astype(np.float64)) for row, values in enumerate(self.array())]

    def sizeHint(self) -> QSize:
        """Give a size at which cells can be told apart."""
        return QSize(self._tokens.px(196), self._tokens.px(120))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which nothing can be seen."""
        return QSize(self._tokens.px(98), self._tokens.px(80))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the cursor to the cell under the pointer."""
        self._choose(*self._cell(event.position().x(), event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(*self._cell(event.position().x(), event.position().y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor with the arrow keys."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (1, 0),
            Qt.Key.Key_Down: (-1, 0),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or self._cursor is None:
            super().keyPressEvent(event)
            return
        self._choose(self._cursor[0] + move[0], self._cursor[1] + move[1])

    def event(self, event: QEvent) -> bool:
        """Show the value under a resting pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self._cell(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), self._value_text(*cell), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, then the cursor as a cross of two lines."""
        painter = QPainter(self)
        rows, columns = self._data.shape
        image = QImage(self._data.data, columns, rows, columns, QImage.Format.Format_Indexed8)
        image.setColorTable(self._colors)
        painter.drawImage(QRectF(self.rect()), image, QRectF(0, 0, columns, rows))
        if self._cursor is not None:
            row, column = self._cursor
            width, height = self.width() / columns, self.height() / rows
            painter.setPen(QPen(self._tokens.color("accent"), max(1.0, self._tokens.line_width)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(column * width, 0, width, self.height() - 1))
            painter.drawRect(QRectF(0, self.height() - (row + 1) * height, self.width() - 1, height))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), self._tokens, 0)

    def _choose(self, row: int, column: int) -> None:
        rows, columns = self._data.shape
        cell = min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
        self.set_cursor(*cell)
        self.cellChosen.emit(*cell)

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        rows, columns = self._data.shape
        row = int((1.0 - y / max(1, self.height())) * rows)
        column = int(x / max(1, self.width()) * columns)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._colors = [qRgb(red, green, blue) for red, green, blue, _ in getattr(current, self._lut).tolist()]
        self.updateGeometry()
        self.update()
