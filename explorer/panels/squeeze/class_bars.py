"""Class bars: word by word from the share recognised in float to the share recognised now, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen, QResizeEvent

from explorer.engine.quantization.class_changes import ClassChange
from explorer.panels.squeeze import wording
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.picture import CursorPicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

TWO_PX = 600
"""From this width on (at scale 1) there is room for two columns."""
_TICKS = (0, 25, 50, 75, 100)


class ClassBars(CursorPicture):
    """One row per word: a ring where float was, a dot where it is now, and the difference with its interval.

    Where the rows of one column would touch, they stand in two.

    What is lost between them is filled where it can be told from chance, and hatched where it cannot.  Up and Down
    move the cursor.
    """

    def __init__(self) -> None:
        super().__init__(self.tr("Change of each word, the worst first"))
        self._changes: tuple[ClassChange, ...] = ()
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_changes(self, changes: Sequence[ClassChange]) -> None:
        """Show these words."""
        self._changes = tuple(changes)
        self._keep_cursor()
        self._measure()
        accessible.announce_value(self)
        self.update()

    def changes(self) -> tuple[ClassChange, ...]:
        """Give what is drawn."""
        return self._changes

    def current(self) -> ClassChange | None:
        """Give the word under the cursor."""
        return self._changes[self._cursor] if self._changes else None

    def row_y(self) -> int:
        """Give the middle of the row under the cursor, in pixels."""
        return round(self._place(self._cursor).center().y())

    def row_height(self) -> int:
        """Give the height of a row, in pixels."""
        return round(self._height())

    def accessible_value(self) -> str:
        """Give the word under the cursor as a screen reader says it."""
        change = self.current()
        return "" if change is None else wording.class_words(change)

    def table(self) -> Table:
        """Give what is drawn: the shares of all words before and now, in per cent."""
        x = np.arange(len(self._changes), dtype=np.float64)
        before = np.array([100 * change.before for change in self._changes])
        after = np.array([100 * change.after for change in self._changes])
        return [(self.tr("float"), x, before), (self.tr("now"), x, after)]

    def sizeHint(self) -> QSize:
        """Give room for every word."""
        return QSize(self._names + self._right + self._tokens.px(320), self._head + self._row() * 12)

    def minimumSizeHint(self) -> QSize:
        """Give the size below which rows would touch."""
        least = self._names + self._right + self._tokens.px(120)
        rows = max(1, len(self._changes))
        fits_two = self.width() >= self._tokens.px(TWO_PX)
        return QSize(least, self._head + self._line * (-(-rows // 2) if fits_two else rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that this width needs."""
        super().resizeEvent(event)
        self.updateGeometry()

    def count(self) -> int:
        """Give the number of items."""
        return len(self._changes)

    def item_at(self, place: QPointF) -> int | None:
        """Give the word at a place."""
        return next((row for row in range(len(self._changes)) if self._place(row).contains(place)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the axis and the rows."""
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        for column in range(self._columns()):
            self._paint_axis(painter, column * (self._wide() + current.px(24)))
        for row, change in enumerate(self._changes):
            self._paint_row(painter, row, change)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_axis(self, painter: QPainter, left: float) -> None:
        current = self._tokens
        narrow = self._x(0.25) - self._x(0.0) < text_width(self._font, "100 %")
        for tick in _TICKS[:: 2 if narrow else 1]:
            x = left + self._x(tick / 100)
            painter.setPen(QPen(current.color("grid"), 1))
            painter.drawLine(QPointF(x, self._head), QPointF(x, self.height()))
            painter.setPen(current.color("quiet_ink"))
            words = self.tr("{share} %").format(share=tick)
            width = text_width(self._font, words)
            painter.drawText(QRectF(x - width / 2, 0, width, self._line), Qt.AlignmentFlag.AlignCenter, words)
        right = QRectF(left + self._wide() - self._right, 0, self._right, self._line)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.tr("points"))

    def _paint_row(self, painter: QPainter, row: int, change: ClassChange) -> None:
        current, box = self._tokens, self._place(row)
        left, top, height, middle = box.left(), box.top(), box.height(), box.center().y()
        if row == self._cursor:
            painter.fillRect(box, current.color("raised"))
        distinct = change.comparison.distinct
        painter.setFont(self._bold if distinct else self._font)
        painter.setPen(current.color("ink"))
        name = QRectF(left, top, self._names - current.px(10), height)
        painter.drawText(name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, change.label)
        before, after = left + self._x(change.before), left + self._x(change.after)
        role = "good" if change.after > change.before else "bad"
        thick = min(current.px(9), 0.5 * height)
        bar = QRectF(min(before, after), middle - thick / 2, abs(after - before), thick)
        if distinct:
            painter.fillRect(bar, current.color(role, 0.75))
        else:
            painter.fillRect(bar, QBrush(current.color("quiet_ink"), Qt.BrushStyle.BDiagPattern))
        radius = min(current.px(5), 0.34 * height)
        painter.setPen(QPen(current.color("data0"), max(1.5, current.px(2))))
        painter.setBrush(current.color("surface"))
        painter.drawEllipse(QPointF(before, middle), radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("data1"))
        painter.drawEllipse(QPointF(after, middle), 0.8 * radius, 0.8 * radius)
        painter.setFont(self._bold if distinct else self._font)
        painter.setPen(current.color("ink" if distinct else "quiet_ink"))
        told = QRectF(box.right() - self._right, top, self._right, height)
        text = wording.points(change.comparison)
        painter.drawText(told, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _x(self, share: float) -> float:
        left, right = self._names + self._tokens.px(8), self._wide() - self._right - self._tokens.px(20)
        return left + (right - left) * share

    def _row(self) -> int:
        return self._line + self._tokens.px(8)

    def _columns(self) -> int:
        """Give 2 where the rows of one column would touch and there is the width for two."""
        touching = (self.height() - self._head) / max(1, len(self._changes)) < self._line
        return 2 if touching and self.width() >= self._tokens.px(TWO_PX) else 1

    def _wide(self) -> float:
        """Give the width of a column, with the space to the next."""
        columns = self._columns()
        return (self.width() - (columns - 1) * self._tokens.px(24)) / columns

    def _height(self) -> float:
        rows = -(-max(1, len(self._changes)) // self._columns())
        return min(float(self._row() * 1.4), (self.height() - self._head) / rows)

    def _place(self, row: int) -> QRectF:
        """Give the place of a row: down the first column, then down the second."""
        rows, height = -(-max(1, len(self._changes)) // self._columns()), self._height()
        column, line = divmod(row, rows)
        left = column * (self._wide() + self._tokens.px(24))
        return QRectF(left, self._head + line * height, self._wide(), height)

    def _measure(self) -> None:
        labels = [change.label for change in self._changes] or ["unknown"]
        self._names = max(text_width(self._bold, label) for label in labels) + self._tokens.px(14)
        self._right = text_width(self._bold, "−100.0 [−100.0, −100.0]")
        self.updateGeometry()

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._bold = current.font(12), current.font(12, 600)
        self._line = line_height(self._bold)
        self._head = self._line + current.px(4)
        self._measure()
        self.update()
