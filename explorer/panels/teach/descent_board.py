"""Board: a few rows of mark, name and what became of it; the rule of each axis, or the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.panels.teach.surface_marks import draw_mark
from widgets import tokens
from widgets.painting import line_height
from widgets.tokens import Tokens


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row.

    Parameters
    ----------
    name
        Printed first, strong.
    told
        Printed at the right.
    note
        Printed below, quiet; empty for none.
    role, mark
        Colour and shape of the mark before the name; no shape for -1.
    """

    name: str
    told: str
    note: str = ""
    role: str = "ink"
    mark: int = -1


class DescentBoard(QWidget):
    """The rows, from the top; as high as they are."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._rows: tuple[BoardRow, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_rows(self, rows: Sequence[BoardRow]) -> None:
        """Print these rows."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self.setAccessibleDescription("; ".join(f"{r.name}: {r.told} {r.note}".strip() for r in rows))
            self.updateGeometry()
            self.update()

    def rows(self) -> tuple[BoardRow, ...]:
        """Give the rows."""
        return self._rows

    def sizeHint(self) -> QSize:
        """Give room for all rows."""
        return QSize(self._tokens.px(240), sum(self._height(row) for row in self._rows))

    minimumSizeHint = sizeHint

    def _height(self, row: BoardRow) -> int:
        first, second = line_height(self._tokens.font(14, 600)), line_height(self._tokens.font(12))
        return first + (second if row.note else 0) + self._tokens.px(5)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        current, top = self._tokens, 0.0
        painter = QPainter(self)
        strong, plain, small = current.font(14, 600), current.font(14), current.font(12)
        first, second = line_height(strong), line_height(small)
        for row in self._rows:
            left = 0.0
            if row.mark >= 0:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                place = QPointF(current.px(8), top + first / 2)
                draw_mark(painter, place, row.mark, current.px(6), row.role, current)
                left = current.px(22)
            painter.setFont(strong)
            painter.setPen(current.color(row.role.replace("data", "text")))
            name = painter.fontMetrics().horizontalAdvance(row.name) + current.px(8)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(left, top, name, first), middle, row.name)
            painter.setFont(plain)
            painter.setPen(current.color("ink"))
            room = QRectF(left + name, top, max(0.0, self.width() - left - name), first)
            told = painter.fontMetrics().elidedText(row.told, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, told)
            if row.note:
                painter.setFont(small)
                painter.setPen(current.color("quiet_ink"))
                room = QRectF(left, top + first, self.width() - left, second)
                note = painter.fontMetrics().elidedText(row.note, Qt.TextElideMode.ElideRight, int(room.width()))
                painter.drawText(room, middle, note)
            top += self._height(row)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()
