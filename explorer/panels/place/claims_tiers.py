"""Claims of Table 2.1: the book's word for cloud, edge and tiny, and below it the number behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen

from explorer.engine.deployment.tiers import Row
from explorer.engine.quantity import Quantity
from explorer.panels.place.log_axis import number, with_prefix
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, draw_kind_glyph, line_height, text_width
from widgets.picture import CursorPicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_LEFT, _V = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
_LARGE = {"MAC/s": "MAC/s", "byte km": "B·km"}


def short(quantity: Quantity | None) -> str:
    """Return a number as it stands in a cell; a dash where it is not known."""
    if quantity is None:
        return "–"
    value, unit = quantity.value, quantity.unit
    if unit == "fraction":
        return f"{number(100 * value)} %" if value else "0 %"
    if unit in _LARGE:
        return f"{with_prefix(value)}{_LARGE[unit]}" if value else f"0 {_LARGE[unit]}"
    return f"{number(value)} {unit}".strip() if value else f"0 {unit}".strip()


def verdict(row: Row) -> str:
    """Return whether the numbers stand in the order of the words, in words."""
    return {True: _tr("as printed"), False: _tr("other order"), None: _tr("not decided")}[row.holds]


class TiersTable(CursorPicture):
    """Eleven rows of words and numbers.  Up and Down move the cursor; its sources are told below."""

    def __init__(self) -> None:
        super().__init__(_tr("Table 2.1 of the book, with numbers"))
        self._rows: tuple[Row, ...] = ()
        self._heads: tuple[str, str, str] = ("", "", "")
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_rows(self, rows: Sequence[Row], heads: tuple[str, str, str]) -> None:
        """Show these under the names of the three devices."""
        self._rows, self._heads = tuple(rows), heads
        accessible.announce_value(self)
        self.updateGeometry()
        self.update()

    def rows(self) -> tuple[Row, ...]:
        """Give what is shown."""
        return self._rows

    def row(self) -> Row | None:
        """Give the row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    def accessible_value(self) -> str:
        """Give the row under the cursor in words, with the sources of its numbers."""
        row = self.row()
        if row is None:
            return ""
        places = (_tr("cloud"), _tr("edge"), _tr("tiny"))
        parts = [
            f"{place} {short(each)}" + ("" if each is None else f" ({each.kind.value}: {each.source})")
            for place, each in zip(places, row.numbers, strict=True)
        ]
        return f"{row.aspect}, {row.measure}: {row.sentence}. {'; '.join(parts)}"

    def table(self) -> Table:
        """Give the numbers of the three places over the rows."""
        x = np.arange(len(self._rows), dtype=np.float64)
        found: Table = []
        for place, name in enumerate(("cloud", "edge", "tiny")):
            values = [row.numbers[place] for row in self._rows]
            found.append((name, x, np.array([np.nan if each is None else each.value for each in values])))
        return found

    def sizeHint(self) -> QSize:
        """Give two lines of text for each row."""
        return QSize(self._tokens.px(720), round(self._line * (1.3 + 2.15 * max(1, len(self._rows)))))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which cells could not be read."""
        return QSize(self._tokens.px(560), self.sizeHint().height())

    def count(self) -> int:
        """Give the number of items."""
        return len(self._rows)

    def item_at(self, place: QPointF) -> int | None:
        """Give the row at a place."""
        row = int((place.y() - 1.3 * self._line) // self._step())
        return row if 0 <= row < len(self._rows) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heads and rows."""
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._strong)
        painter.setPen(current.color("ink"))
        metrics = QFontMetricsF(self._strong)
        for place, head in enumerate(self._heads):
            left, width = self._column(place)
            words = metrics.elidedText(head, Qt.TextElideMode.ElideRight, width - current.px(8))
            painter.drawText(QRectF(left, 0, width, self._line), _LEFT | _V, words)
        for index, row in enumerate(self._rows):
            self._paint_row(painter, index, row)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_row(self, painter: QPainter, index: int, row: Row) -> None:
        current, step = self._tokens, self._step()
        top = 1.3 * self._line + index * step
        if index == self._cursor:
            painter.fillRect(QRectF(0, top, self.width(), step), current.color("raised"))
            painter.fillRect(QRectF(0, top, current.px(3), step), current.color("accent"))
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
        first = QRectF(current.px(6), top + current.px(1), self._names - current.px(10), self._line)
        self._write(painter, first, row.aspect, self._font, "ink")
        self._write(painter, first.translated(0, self._line), row.measure, self._font, "quiet_ink")
        glyph = current.px(8)
        for place, (word, each) in enumerate(zip(row.words, row.numbers, strict=True)):
            left, width = self._column(place)
            box = QRectF(left, first.top(), width - current.px(8), self._line)
            self._write(painter, box, f"“{word}”", self._font, "quiet_ink")
            below = box.translated(0, self._line)
            shown = short(each)
            self._write(painter, below.adjusted(0, 0, -glyph - 4, 0), shown, self._strong, "ink")
            if each is not None:
                x = below.left() + min(text_width(self._strong, shown) + current.px(4), below.width() - glyph)
                mark = QRectF(x, below.center().y() - glyph / 2, glyph, glyph)
                draw_kind_glyph(painter, mark, each.kind.value, current)
        role = {True: "good", False: "bad", None: "quiet_ink"}[row.holds]
        sign = {True: "✓ ", False: "✕ ", None: "? "}[row.holds]
        last = QRectF(self.width() - self._verdict, first.top(), self._verdict, 2 * self._line)
        self._write(painter, last, sign + verdict(row), self._strong, role)

    def _write(self, painter: QPainter, box: QRectF, words: str, font: object, role: str) -> None:
        used = self._strong if font is self._strong else self._font
        painter.setFont(used)
        painter.setPen(self._tokens.color(role))
        shown = QFontMetricsF(used).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, _LEFT | _V, shown)

    def _column(self, place: int) -> tuple[float, float]:
        width = (self.width() - self._names - self._verdict) / 3
        return self._names + place * width, width

    def _step(self) -> float:
        return min((self.height() - 1.3 * self._line) / max(1, len(self._rows)), 2.6 * self._line)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._strong = current.font(12), current.font(12, 600)
        self._line = line_height(self._font)
        self._names = text_width(self._font, "bytes × kilometres that sound") + current.px(10)
        self._verdict = text_width(self._strong, "✕ not decided") + current.px(4)
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
