"""Width rows: storage, compute and accumulator as rows of bits, because they are three different things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height
from widgets.tokens import Tokens

BITS = 32
MOST_PX = 56
"""Most height that a row wants below its words, at scale 1."""


@dataclass(frozen=True, slots=True)
class WidthRow:
    """One width.

    Parameters
    ----------
    words
        What it is the width of, and how wide.
    bits
        Boxes that are outlined.
    used
        Boxes of these that are filled; more than `bits` when they do not suffice.
    role
        Token of their colour.
    """

    words: str
    bits: int
    used: int
    role: str


class WidthRows(QWidget):
    """Rows of boxes, one for each bit, the same size in all rows; a bit that is missing is crossed out."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._rows: tuple[WidthRow, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Bits of storage, compute and accumulator"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def rows(self) -> tuple[WidthRow, ...]:
        """Give what is drawn."""
        return self._rows

    def set_rows(self, rows: Sequence[WidthRow]) -> None:
        """Draw these widths."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._apply_tokens(self._tokens)
            self.setToolTip("\n".join(row.words for row in rows))
            accessible.announce_value(self)

    def accessible_value(self) -> str:
        """Give all rows as a screen reader says them."""
        return "; ".join(row.words for row in self._rows)

    def sizeHint(self) -> QSize:
        """Give room for words and boxes."""
        return QSize(self._tokens.px(380), max(1, len(self._rows)) * (self._line + self._tokens.px(22)))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which boxes could not be counted."""
        return QSize(self._tokens.px(280), max(1, len(self._rows)) * (self._line + self._tokens.px(8)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        if not self._rows:
            return
        current, painter = self._tokens, QPainter(self)
        painter.setFont(self._font)
        height = self.height() / len(self._rows)
        tall = min(current.px(26), height - self._line - current.px(5))
        step = (self.width() - current.px(2)) / BITS
        for number, row in enumerate(self._rows):
            top = number * height
            painter.setPen(current.color("ink"))
            line = QRectF(0, top, self.width(), self._line)
            words = painter.fontMetrics().elidedText(row.words, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
            for bit in range(max(row.bits, row.used)):
                box = QRectF(1 + bit * step, top + self._line + current.px(1), step - current.px(2), tall)
                missing = bit >= row.bits
                painter.setPen(QPen(current.color("bad" if missing else row.role), max(1, current.px(1))))
                painter.setBrush(current.color(row.role, 0.8 if bit < row.used and not missing else 0.0))
                painter.drawRect(box)
                if missing:
                    painter.drawLine(box.topLeft(), box.bottomRight())
                    painter.drawLine(box.topRight(), box.bottomLeft())
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font = current.font(12)
        self._line = line_height(self._font)
        self.setMaximumHeight(max(1, len(self._rows)) * (self._line + current.px(MOST_PX)))
        self.updateGeometry()
        self.update()
