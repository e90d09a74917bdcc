"""Sources table: a line for each number, and only those lines are painted that can be seen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy

from explorer.panels.place.sources_rows import SourceRow
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, draw_kind_glyph, line_height
from widgets.tokens import Tokens

_V = Qt.AlignmentFlag.AlignVCenter
_SHARES = (0.21, 0.17, 0.15, 0.12, 0.35)
"""Of the width: owner, name, value, kind, source."""


class SourcesTable(QAbstractScrollArea):
    """Numbers with kind and source.  Arrow keys move the cursor, Enter or a press copies the source."""

    cursorMoved = Signal()
    """The cursor came to another row."""
    copied = Signal(str)
    """The user wants this source on the clipboard."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._rows: tuple[SourceRow, ...] = ()
        self._cursor = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_tr("Numbers with kind and source"))
        self.viewport().setMouseTracking(True)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_rows(self, rows: Sequence[SourceRow]) -> None:
        """Show these, from the first."""
        if tuple(rows) != self._rows:
            self._rows, self._cursor = tuple(rows), 0
            self.verticalScrollBar().setValue(0)
            self._fit_bar()
            accessible.announce_value(self)
            self.cursorMoved.emit()
            self.viewport().update()

    def rows(self) -> tuple[SourceRow, ...]:
        """Give what is shown."""
        return self._rows

    def row(self) -> SourceRow | None:
        """Give the row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    def accessible_value(self) -> str:
        """Give the row under the cursor in words."""
        row = self.row()
        return "" if row is None else row.words

    def row_rect(self, index: int) -> QRectF:
        """Give the place of a row in the viewport, in pixels; it may lie outside."""
        first = self.verticalScrollBar().value()
        return QRectF(0, (index - first + 1) * self._step, self.viewport().width(), self._step)

    def sizeHint(self) -> QSize:
        """Give room for some rows."""
        return QSize(self._tokens.px(720), self._step * 9)

    def minimumSizeHint(self) -> QSize:
        """Give room for a few rows."""
        return QSize(self._tokens.px(480), self._step * 5)

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the row under the pointer and copy its source."""
        index = int(event.position().y() // self._step) - 1 + self.verticalScrollBar().value()
        if (
            event.button() == Qt.MouseButton.LeftButton
            and event.position().y() >= self._step
            and index < len(self._rows)
        ):
            self._move(index)
            self._copy()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release of a press to itself."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, copy with Enter."""
        page = max(1, self._visible() - 1)
        moves = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self._rows),
            Qt.Key.Key_End: len(self._rows),
        }
        key = Qt.Key(event.key())
        if self._rows and key in moves:
            self._move(min(max(self._cursor + moves[key], 0), len(self._rows) - 1))
        elif self._rows and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._copy()
        else:
            super().keyPressEvent(event)

    def _move(self, index: int) -> None:
        if index != self._cursor:
            self._cursor = index
            bar = self.verticalScrollBar()
            bar.setValue(min(max(bar.value(), index - self._visible() + 1), index))
            accessible.announce_value(self)
            self.cursorMoved.emit()
            self.viewport().update()

    def _copy(self) -> None:
        row = self.row()
        if row is not None:
            self.copied.emit(row.quantity.source)

    # -- the picture -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the heads, and the rows that can be seen."""
        current, painter = self._tokens, QPainter(self.viewport())
        painter.setFont(self._font)
        painter.setPen(current.color("quiet_ink"))
        heads = (_tr("of"), _tr("number"), _tr("value"), _tr("kind"), _tr("source (press to copy)"))
        for column, head in enumerate(heads):
            self._write(painter, self._cell(column, QRectF(0, 0, self.viewport().width(), self._step)), head)
        first = self.verticalScrollBar().value()
        for index in range(first, min(first + self._visible() + 1, len(self._rows))):
            self._paint_row(painter, index, self._rows[index])
        if not self._rows:
            box = QRectF(0, self._step, self.viewport().width(), 2 * self._step)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _tr("No number has all these words: search for fewer."))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.viewport().rect()), current, 4)

    def _paint_row(self, painter: QPainter, index: int, row: SourceRow) -> None:
        current, box = self._tokens, self.row_rect(index)
        if index == self._cursor:
            painter.fillRect(box, current.color("raised"))
            painter.fillRect(QRectF(0, box.top(), current.px(3), box.height()), current.color("accent"))
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.drawLine(QPointF(0, box.top()), QPointF(box.width(), box.top()))
        kind = row.quantity.kind.value
        glyph = current.px(9)
        cells = (row.owner, row.name, row.shown, kind, f"{row.date} {row.quantity.source}".strip())
        for column, text in enumerate(cells):
            cell = self._cell(column, box)
            painter.setFont(self._strong if column == 2 else self._font)
            painter.setPen(current.color("quiet_ink" if column in (3, 4) else "ink"))
            if column == 3:
                place = QRectF(cell.left(), cell.center().y() - glyph / 2, glyph, glyph)
                draw_kind_glyph(painter, place, kind, current)
                cell = cell.adjusted(glyph + current.px(5), 0, 0, 0)
            self._write(painter, cell, text)

    def _write(self, painter: QPainter, cell: QRectF, text: str) -> None:
        shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
        painter.drawText(cell, Qt.AlignmentFlag.AlignLeft | _V, shown)

    def _cell(self, column: int, box: QRectF) -> QRectF:
        left = sum(_SHARES[:column]) * box.width()
        width = _SHARES[column] * box.width()
        return QRectF(left + self._tokens.px(6), box.top(), width - self._tokens.px(10), box.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the bar know how many rows there is room for."""
        super().resizeEvent(event)
        self._fit_bar()

    def _visible(self) -> int:
        return max(1, self.viewport().height() // self._step - 1)

    def _fit_bar(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self._rows) - self._visible()))
        bar.setPageStep(self._visible())

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._strong = current.font(12), current.font(12, 600)
        self._step = round(1.5 * line_height(self._font))
        self._fit_bar()
        self.updateGeometry()
        self.viewport().update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
