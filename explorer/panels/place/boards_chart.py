"""Boards chart: one row per board and software on one logarithmic axis of time, measured and predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF

from explorer.panels.place.boards_rows import BoardRow
from explorer.panels.place.log_axis import LogAxis, number, span
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.picture import ENDS, UP_DOWN, CursorPicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_LEFT, _V = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter


class BoardsChart(CursorPicture):
    """A diamond where it was measured, a ring with its interval where it is predicted, and the factor between.

    Up and Down, or the pointer, move the cursor from row to row.
    """

    MOVES: ClassVar[Mapping[Qt.Key, int]] = {**UP_DOWN, **ENDS}

    def __init__(self) -> None:
        super().__init__(_tr("Time of one inference, board by board"))
        self._rows: tuple[BoardRow, ...] = ()
        self._ends = (0.1, 1000.0)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_rows(self, rows: Sequence[BoardRow]) -> None:
        """Show these."""
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
        times = [t for r in rows for t in (r.measured_ms, r.predicted_ms, r.low_ms, r.high_ms) if t is not None]
        self._ends = span(times, 1.3)
        self._keep_cursor()
        self._apply_tokens(self._tokens)
        accessible.announce_value(self)
        self.cursorMoved.emit()

    def rows(self) -> tuple[BoardRow, ...]:
        """Give what is shown."""
        return self._rows

    def row(self) -> BoardRow | None:
        """Give the row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    def accessible_value(self) -> str:
        """Give the row under the cursor in words."""
        row = self.row()
        return "" if row is None else row.sentence

    def table(self) -> Table:
        """Give what is drawn: times over the number of the row."""
        found: Table = []
        for name, key in (
            (_tr("measured, ms"), "measured_ms"),
            (_tr("predicted, ms"), "predicted_ms"),
            (_tr("low, ms"), "low_ms"),
            (_tr("high, ms"), "high_ms"),
        ):
            values = [getattr(row, key) for row in self._rows]
            y = np.array([np.nan if value is None else value for value in values], np.float64)
            found.append((name, np.arange(len(y), dtype=np.float64), y))
        return found

    def sizeHint(self) -> QSize:
        """Give the height in which every row has its line of text; with more room, rows grow."""
        return QSize(self._tokens.px(760), self._around() + round(1.1 * self._line) * max(1, len(self._rows)))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which rows could not be read."""
        return QSize(self._tokens.px(480), self.sizeHint().height())

    # -- the user ----------------------------------------------------------------------------------------------------

    def count(self) -> int:
        """Give the number of items."""
        return len(self._rows)

    def item_at(self, place: QPointF) -> int | None:
        """Give the row at a place."""
        row = int((place.y() - self._top) // self._step())
        return row if 0 <= row < len(self._rows) else None

    # -- the picture -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, rows, marks and the words of the first row."""
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        axis = self._axis()
        self._paint_axis(painter, axis)
        for index, row in enumerate(self._rows):
            self._paint_row(painter, axis, index, row)
        self._paint_names(painter, axis)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_axis(self, painter: QPainter, axis: LogAxis) -> None:
        current = self._tokens
        bottom = self.height() - 2 * self._line
        for tick in axis.ticks(text_width(self._font, "1,000") * 1.3):
            x = axis.place(tick)
            painter.setPen(QPen(current.color("grid"), 1))
            painter.drawLine(QPointF(x, self._top), QPointF(x, bottom))
            painter.setPen(current.color("quiet_ink"))
            box = QRectF(x - self._left, bottom, 2 * self._left, self._line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | _V, number(tick))
        painter.setPen(current.color("quiet_ink"))
        foot = QRectF(axis.first, bottom + self._line, axis.last - axis.first, self._line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, _tr("milliseconds for one inference, logarithmic"))

    def _paint_row(self, painter: QPainter, axis: LogAxis, index: int, row: BoardRow) -> None:
        current, step = self._tokens, self._step()
        top = self._top + index * step
        middle = top + step / 2
        if index == self._cursor:
            painter.fillRect(QRectF(0, top, self.width(), step), current.color("raised"))
            painter.fillRect(QRectF(0, top, current.px(3), step), current.color("accent"))
        gap = current.px(8)
        name = QRectF(gap, top, self._left - 2 * gap, step)
        self._paint_label(painter, name, row)
        if row.predicted_ms is None or row.low_ms is None or row.high_ms is None:
            painter.setPen(current.color("quiet_ink"))
            painter.drawText(QRectF(axis.first, top, axis.last - axis.first, step), _LEFT | _V, _tr("cannot run it"))
        else:
            pen = QPen(current.color("data0"), max(1.5, current.line_width))
            pen.setStyle(Qt.PenStyle.DashLine if row.extrapolation else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            low, high = axis.place(row.low_ms), axis.place(row.high_ms)
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            pen.setStyle(Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            cap = min(step * 0.3, current.px(4))
            for x in (low, high):
                painter.drawLine(QPointF(x, middle - cap), QPointF(x, middle + cap))
            painter.setBrush(current.color("surface"))
            painter.drawEllipse(QPointF(axis.place(row.predicted_ms), middle), self._mark, self._mark)
        if row.measured_ms is not None:
            self._paint_diamond(painter, QPointF(axis.place(row.measured_ms), middle))
        self._paint_numbers(painter, axis, QRectF(axis.last + gap, top, self.width() - axis.last - gap, step), row)

    def _paint_label(self, painter: QPainter, box: QRectF, row: BoardRow) -> None:
        """Write the board in ink and its software in quiet ink, shortened where it does not fit."""
        current, metrics = self._tokens, QFontMetricsF(self._font)
        board = metrics.elidedText(row.board, Qt.TextElideMode.ElideRight, box.width() * 0.62)
        painter.setPen(current.color("ink"))
        painter.drawText(box, _LEFT | _V, board)
        used = metrics.horizontalAdvance(board + "  ")
        painter.setPen(current.color("quiet_ink"))
        rest = box.adjusted(used, 0, 0, 0)
        painter.drawText(rest, _LEFT | _V, metrics.elidedText(row.software, Qt.TextElideMode.ElideRight, rest.width()))

    def _paint_numbers(self, painter: QPainter, axis: LogAxis, box: QRectF, row: BoardRow) -> None:
        current = self._tokens
        time = row.measured_ms if row.measured_ms is not None else row.predicted_ms
        if time is None:
            return
        told = row.measured_ms is not None
        painter.setFont(self._strong if told else self._font)
        painter.setPen(current.color("ink" if told else "quiet_ink"))
        width = self._number_width
        words = number(time) if told else f"≈ {number(time)}"
        painter.drawText(QRectF(box.left(), box.top(), width, box.height()), Qt.AlignmentFlag.AlignRight | _V, words)
        painter.setFont(self._font)
        factor = row.error_factor
        if factor is not None:
            painter.setPen(current.color("ink" if row.inside else "bad"))
            outside = "" if row.inside else " !"
            right = box.adjusted(width, 0, -current.px(4), 0)
            painter.drawText(right, Qt.AlignmentFlag.AlignRight | _V, f"×{factor:.2f}{outside}")

    def _paint_diamond(self, painter: QPainter, center: QPointF) -> None:
        current, half = self._tokens, self._mark * 1.2
        x, y = center.x(), center.y()
        painter.setPen(QPen(current.color("surface"), 1))
        painter.setBrush(current.color("data1"))
        corners = [QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)]
        painter.drawPolygon(QPolygonF(corners))

    def _paint_names(self, painter: QPainter, axis: LogAxis) -> None:
        """Name the marks above the first row that has both, and the two columns of numbers."""
        current = self._tokens
        painter.setPen(current.color("quiet_ink"))
        columns = QRectF(axis.last, 0, self.width() - axis.last - current.px(4), self._line)
        painter.drawText(columns, Qt.AlignmentFlag.AlignRight | _V, _tr("ms, error"))
        if not self._rows:
            return
        row = self._rows[0]
        words = []
        if row.measured_ms is not None:
            words.append((axis.place(row.measured_ms), _tr("measured"), "text1"))
        if row.predicted_ms is not None:
            words.append((axis.place(row.predicted_ms), _tr("predicted, with its interval"), "text0"))
        words.sort()
        at = axis.first
        for x, word, role in words:
            width = text_width(self._font, word)
            left = min(max(at, x - width / 2), axis.last - width)
            painter.setPen(current.color(role))
            painter.drawText(QRectF(left, 0, width, self._line), _LEFT | _V, word)
            at = left + width + current.px(12)

    def _axis(self) -> LogAxis:
        return LogAxis(*self._ends, self._left, max(self._left + 10, self.width() - self._right))

    def _step(self) -> float:
        room = (self.height() - self._around()) / max(1, len(self._rows))
        return min(room, self._tokens.px(40))

    def _around(self) -> int:
        return self._top + 2 * self._line

    def resizeEvent(self, event: object) -> None:
        """Give the names a share of the width."""
        self._measure()

    def _measure(self) -> None:
        longest = max((text_width(self._font, f"{r.board}  {r.software}") for r in self._rows), default=0)
        self._left = int(min(longest + self._tokens.px(20), 0.42 * self.width()))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._strong = current.font(12), current.font(12, 600)
        self._line = line_height(self._font)
        self._top = self._line + current.px(4)
        self._mark = current.px(4.5)
        self._number_width = text_width(self._strong, "≈ 0.0854")
        self._right = self._number_width + text_width(self._font, "×0.00 !") + current.px(20)
        self._measure()
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
