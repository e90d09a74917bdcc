"""Scroll image: a picture that moves to the left as new columns come in at its right edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, qRgb
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import tokens
from widgets.painting import line_height, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from widgets.tokens import Tokens


class ScrollImage(QWidget):
    """`rows` x `columns` bytes drawn through a colour table, the newest column at the right edge.

    The buffer is twice as wide as the picture and every column is written twice, so that any `columns`
    successive columns lie side by side: scrolling by any amount draws one rectangle and moves no byte.  The
    levels are fixed: the same byte has the same colour for ever.

    Parameters
    ----------
    rows
        Height of the picture in cells; row 0 is drawn at the bottom (low frequency).
    columns
        Columns in view.
    lut
        Which colour table of the tokens: "log_mel_lut" or "heat_lut".
    row_labels
        One word per row, drawn on the left, or none.
    """

    columnPressed = Signal(int)
    """The user pressed the picture; the column under the pointer, 0 the oldest in view."""

    def __init__(
        self,
        rows: int,
        columns: int,
        *,
        lut: str = "log_mel_lut",
        row_labels: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = columns
        self._lut = lut
        self._labels = tuple(row_labels)
        self._highlight: int | None = None
        self._make_buffer(rows)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_rows(self, rows: int) -> None:
        """Begin an empty picture with another number of rows."""
        if rows != self._rows:
            colors = self._image.colorTable()
            self._make_buffer(rows)
            self._image.setColorTable(colors)
            self.updateGeometry()
            self.update()

    def _make_buffer(self, rows: int) -> None:
        self._rows, self._end = rows, self._columns
        self._buffer = np.zeros((rows, 2 * self._columns), np.uint8)
        # the image looks at the buffer's memory: writing a column is all that scrolling costs
        self._image = QImage(
            self._buffer.data, 2 * self._columns, rows, self._buffer.strides[0], QImage.Format.Format_Indexed8
        )

    @property
    def columns(self) -> int:
        """Number of columns in view."""
        return self._columns

    def append(self, columns: npt.NDArray[np.uint8]) -> None:
        """Let columns come in at the right edge.

        Parameters
        ----------
        columns
            `[n, rows]` uint8, the oldest first; row 0 is the bottom.
        """
        for column in columns[-self._columns :]:
            place = self._end % self._columns
            flipped = column[::-1]
            self._buffer[:, place] = flipped
            self._buffer[:, place + self._columns] = flipped
            self._end += 1
        self.update()

    def set_columns(self, columns: npt.NDArray[np.uint8]) -> None:
        """Show these columns and no others, the last one at the right edge (a frozen or a past moment).

        Parameters
        ----------
        columns
            `[n, rows]` uint8; with n below the columns in view the left part is empty.
        """
        self._buffer[:] = 0
        shown = columns[-self._columns :]
        if len(shown):
            block = shown.T[::-1]
            self._buffer[:, self._columns - len(shown) : self._columns] = block
            self._buffer[:, 2 * self._columns - len(shown) :] = block
        self._end = self._columns
        self.update()

    def clear(self) -> None:
        """Empty the picture."""
        self.set_columns(np.zeros((0, self._rows), np.uint8))

    def view(self) -> npt.NDArray[np.uint8]:
        """Give a copy of what is in view: `[columns, rows]`, the oldest first, row 0 the bottom."""
        first = self._end % self._columns
        return self._buffer[::-1, first : first + self._columns].T.copy()

    def set_highlighted_row(self, row: int | None) -> None:
        """Draw the label of one row strong (None: of no row)."""
        if row != self._highlight:
            self._highlight = row
            self.update()

    def set_described(self, text: str) -> None:
        """Say in a sentence what the picture shows, for a screen reader."""
        self.setAccessibleDescription(text)

    def picture_rect(self) -> QRectF:
        """Give the part of the widget that the columns fill."""
        return QRectF(self._label_width, 0, self.width() - self._label_width, self.height())

    def set_label_width(self, pixels: int) -> None:
        """Keep at least this much room on the left, so that pictures below each other share one time axis."""
        self._wanted_label_width = pixels
        self._measure()

    def label_width(self) -> int:
        """Give the room that the labels take on the left, in pixels."""
        return self._label_width

    def sizeHint(self) -> QSize:
        """Give a size at which each cell can be told apart."""
        height = max(self._rows * 3, len(self._labels) * self._label_line)
        return QSize(self._label_width + self._columns, height)

    def minimumSizeHint(self) -> QSize:
        """Give the size below which labels would overlap."""
        return QSize(self._label_width + 40, max(self._rows, len(self._labels) * self._label_line))

    _wanted_label_width = 0

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        table = getattr(current, self._lut).tolist()
        self._image.setColorTable([qRgb(red, green, blue) for red, green, blue, _ in table])
        self._measure()
        self.update()

    def _measure(self) -> None:
        font = self._tokens.font(12, 600)
        self._label_line = line_height(self._tokens.font(12)) - self._tokens.px(2) if self._labels else 0
        widest = max((text_width(font, label) for label in self._labels), default=-self._tokens.px(8))
        self._label_width = max(widest + self._tokens.px(8), self._wanted_label_width)
        self.updateGeometry()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say which column was pressed."""
        rect = self.picture_rect()
        if event.button() == Qt.MouseButton.LeftButton and rect.contains(event.position()):
            fraction = (event.position().x() - rect.left()) / rect.width()
            self.columnPressed.emit(min(self._columns - 1, int(fraction * self._columns)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the window of the buffer that ends at the newest column, then the labels."""
        painter = QPainter(self)
        first = self._end % self._columns
        rect = self.picture_rect()
        painter.drawImage(rect, self._image, QRectF(first, 0, self._columns, self._rows))
        if not self._labels:
            return
        row_height = rect.height() / self._rows
        for row, label in enumerate(self._labels):
            strong = row == self._highlight
            painter.setFont(self._tokens.font(12, 600 if strong else 400))
            painter.setPen(self._tokens.color("ink" if strong else "quiet_ink"))
            metrics = painter.fontMetrics()
            middle = rect.bottom() - (row + 0.5) * row_height
            baseline = middle + (metrics.ascent() - metrics.descent()) / 2
            x = self._label_width - self._tokens.px(8) - metrics.horizontalAdvance(label)
            painter.drawText(QPointF(x, baseline), label)
