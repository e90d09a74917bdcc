"""Confusion matrix: what is taken for what, with precision and recall at its edges; every cell can be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.engine.intervals import wilson
from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width

if TYPE_CHECKING:
    from explorer.engine.kws.evaluate import Accuracy
    from widgets.plot_export import Table
    from widgets.tokens import Tokens


class ConfusionMatrix(QWidget):
    """Rows are what was said, columns what was heard; the diagonal is right, everything else a mistake.

    Right and wrong have colours of their own and the diagonal a frame, and every count stands in its cell.  Recall
    stands at the end of each row, precision below each column.  Arrow keys and mouse move the cursor.
    """

    cellChosen = Signal(str, str)
    """The user opened a cell: what was said and what was heard."""

    def __init__(self) -> None:
        super().__init__()
        self._accuracy: Accuracy | None = None
        self._cursor = (0, 0)
        self.setAccessibleName(self.tr("Confusion matrix: rows said, columns heard"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_accuracy(self, accuracy: Accuracy) -> None:
        """Show another table of counts."""
        self._accuracy = accuracy
        size = len(accuracy.labels)
        self._cursor = (min(self._cursor[0], size - 1), min(self._cursor[1], size - 1))
        self._measure()
        self.update()

    def open_worst(self) -> None:
        """Move the cursor to the commonest mistake, without a signal."""
        if self._accuracy is not None:
            wrong = np.array(self._accuracy.confusion)
            np.fill_diagonal(wrong, -1)
            row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
            self._cursor = (int(row), int(column))
            self.setAccessibleDescription(self.cell_text(*self._cursor))
            self.update()

    def cursor_cell(self) -> tuple[str, str]:
        """Give the labels of the cell under the cursor: said, heard."""
        labels = self._accuracy.labels if self._accuracy else ("", "")
        return labels[self._cursor[0]], labels[self._cursor[1]]

    def cell_text(self, row: int, column: int) -> str:
        """Say what a cell holds; one row or column past the counts are recall and precision."""
        accuracy = self._accuracy
        if accuracy is None:
            return ""
        labels, counts = accuracy.labels, np.array(accuracy.confusion)
        size = len(labels)
        if row < size and column < size:
            return self.tr("“{said}” heard as “{heard}”: {count} of {total}").format(
                said=labels[row], heard=labels[column], count=counts[row, column], total=counts[row].sum()
            )
        if row < size:
            return self._share_text(
                self.tr("Recall of “{word}”").format(word=labels[row]), counts[row, row], counts[row].sum()
            )
        if column < size:
            title = self.tr("Precision of “{word}”").format(word=labels[column])
            return self._share_text(title, counts[column, column], counts[:, column].sum())
        return self._share_text(self.tr("Accuracy"), counts.diagonal().sum(), counts.sum())

    def table(self) -> Table:
        """Give what is drawn: one curve per word said."""
        if self._accuracy is None:
            return []
        x = np.arange(len(self._accuracy.labels), dtype=np.float64)
        return [
            (label, x, np.array(row, np.float64))
            for label, row in zip(self._accuracy.labels, self._accuracy.confusion, strict=True)
        ]

    def sizeHint(self) -> QSize:
        """Give a size at which every count can be read."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Give the size below which counts would touch."""
        count = len(self._accuracy.labels) if self._accuracy else 12
        return QSize(self._names + count * self._cell + self._shares, (count + 1) * self._line + self._widest)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the cell under the pointer."""
        cell = self._cell_at(event.position().x(), event.position().y())
        if cell is not None and self._accuracy is not None and max(cell) < len(self._accuracy.labels):
            self._choose(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, and open the cell it comes to."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or self._accuracy is None:
            super().keyPressEvent(event)
            return
        last = len(self._accuracy.labels) - 1
        row, column = self._cursor[0] + move[0], self._cursor[1] + move[1]
        self._choose(min(max(row, 0), last), min(max(column, 0), last))

    def event(self, event: QEvent) -> bool:
        """Show what lies under a resting pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self._cell_at(event.pos().x(), event.pos().y())
            if cell is not None:
                QToolTip.showText(event.globalPos(), self.cell_text(*cell), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw words, cells and shares."""
        accuracy, current, painter = self._accuracy, self._tokens, QPainter(self)
        if accuracy is None:
            return
        counts = np.array(accuracy.confusion)
        size = len(accuracy.labels)
        highest = max(1, int(counts.max()))
        wrong = counts.copy()
        np.fill_diagonal(wrong, 0)
        most_wrong = max(1, int(wrong.max()))
        center, right = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        small = current.font(12)
        for i, label in enumerate(accuracy.labels):
            painter.setFont(current.font(12, 600 if i in self._cursor else 400))
            painter.setPen(current.color("ink" if i == self._cursor[1] else "quiet_ink"))
            self._draw_head(painter, self._rect(-1, i), label)
            painter.setPen(current.color("ink" if i == self._cursor[0] else "quiet_ink"))
            painter.drawText(self._rect(i, -1).adjusted(0, 0, -current.px(6), 0), right, label)
        painter.setFont(small)
        for i in range(size):
            for j in range(size):
                rect, count = self._rect(i, j), int(counts[i, j])
                self._draw_cell(painter, rect, count, i == j, count / (highest if i == j else most_wrong))
            painter.setPen(current.color("ink"))
            painter.drawText(self._rect(i, size), center, _percent(counts[i, i], counts[i].sum()))
            painter.drawText(self._rect(size, i), center, _percent(counts[i, i], counts[:, i].sum()))
        painter.setPen(current.color("quiet_ink"))
        painter.drawText(self._rect(-1, size), center | Qt.AlignmentFlag.AlignBottom, self.tr("recall"))
        painter.drawText(self._rect(size, -1).adjusted(0, 0, -current.px(6), 0), right, self.tr("precision"))
        painter.setPen(QPen(current.color("accent"), max(2.0, current.line_width)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self._rect(*self._cursor))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 0)

    def _draw_head(self, painter: QPainter, rect: QRectF, label: str) -> None:
        """Write a word above its column, upright where the column is narrower than the widest word."""
        if rect.width() >= self._widest:
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, label)
            return
        painter.save()
        painter.translate(rect.bottomLeft())
        painter.rotate(-90)
        turned = QRectF(self._tokens.px(3), 0, rect.height(), rect.width())
        painter.drawText(turned, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
        painter.restore()

    def _draw_cell(self, painter: QPainter, rect: QRectF, count: int, right: bool, strength: float) -> None:
        current = self._tokens
        alpha = 0.0 if not count else 0.15 + 0.55 * strength
        inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.fillRect(inner, current.color("data0" if right else "bad", alpha))
        painter.setPen(QPen(current.color("edge" if right else "hairline"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(inner)
        if count:
            painter.setPen(QColor(current.ink))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(count))

    def _choose(self, row: int, column: int) -> None:
        self._cursor = (row, column)
        self.setAccessibleDescription(self.cell_text(row, column))
        self.update()
        self.cellChosen.emit(*self.cursor_cell())

    def _share_text(self, title: str, part: int, whole: int) -> str:
        if not whole:
            return self.tr("{title}: no clips").format(title=title)
        low, high = wilson(int(part), int(whole))
        return self.tr("{title}: {part} of {whole}, 95 % interval {low} to {high} %").format(
            title=title, part=part, whole=whole, low=f"{100 * low:.1f}", high=f"{100 * high:.1f}"
        )

    def _rect(self, row: int, column: int) -> QRectF:
        """Give the place of a cell; -1 are the words, one past the counts the shares."""
        size = len(self._accuracy.labels) if self._accuracy else 12
        width = (self.width() - self._names - self._shares) / size
        head = self._line if width >= self._widest else self._widest
        height = (self.height() - head) / (size + 1)
        left = 0.0 if column < 0 else self._names + column * width
        wide = self._names if column < 0 else self._shares if column == size else width
        return QRectF(left, 0, wide, head) if row < 0 else QRectF(left, head + row * height, wide, height)

    def _cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        size = len(self._accuracy.labels) if self._accuracy else 0
        for row in range(size + 1):
            for column in range(size + 1):
                if self._rect(row, column).contains(x, y):
                    return row, column
        return None

    def _measure(self) -> None:
        font = self._tokens.font(12, 600)
        labels = self._accuracy.labels if self._accuracy else ("unknown", "silence")
        self._names = max(text_width(font, word) for word in (*labels, self.tr("precision"))) + self._tokens.px(8)
        self._widest = max(text_width(font, word) for word in labels) + self._tokens.px(6)
        self._cell = text_width(font, "000") + self._tokens.px(4)
        self._shares = max(text_width(font, "100 %"), text_width(font, self.tr("recall"))) + self._tokens.px(8)
        self._line = line_height(font) + self._tokens.px(3)
        self.updateGeometry()

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._measure()
        self.update()


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"
