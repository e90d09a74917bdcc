"""Memory stack: the whole program as stairs, part upon part, in RAM and in flash, against what the device has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from explorer.engine.deployment.program import Program
from explorer.engine.quantity import Quantity
from explorer.panels.place.wording import in_bytes
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, draw_kind_glyph, line_height, text_width
from widgets.picture import CursorPicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_V = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class StackRow:
    """One part of the program: its name, what it takes on each side, and where its step begins."""

    name: str
    ram: Quantity | None
    flash: Quantity | None
    ram_from: float
    flash_from: float


class MemoryStack(CursorPicture):
    """Stairs of RAM and of flash.  Up and Down move from part to part; its sources are told below."""

    def __init__(self) -> None:
        super().__init__(_tr("The whole program: RAM and flash, part by part"))
        self._rows: tuple[StackRow, ...] = ()
        self._totals: tuple[Quantity, Quantity] | None = None
        self._have: tuple[float, float] = (0.0, 0.0)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_program(self, program: Program, ram_bytes: float, flash_bytes: float) -> None:
        """Show a program on a device that has so much."""
        rows, at = [], [0.0, 0.0]
        for part in program.parts:
            if part.ram_bytes is None and part.flash_bytes is None:
                continue
            rows.append(StackRow(part.name, part.ram_bytes, part.flash_bytes, *at))
            at = [at[i] + (0.0 if q is None else q.value) for i, q in enumerate((part.ram_bytes, part.flash_bytes))]
        self._rows = tuple(rows)
        self._totals = (program.ram_bytes, program.flash_bytes)
        self._have = (ram_bytes, flash_bytes)
        self._keep_cursor()
        self.updateGeometry()
        accessible.announce_value(self)
        self.update()

    def rows(self) -> tuple[StackRow, ...]:
        """Give the parts."""
        return self._rows

    def row(self) -> StackRow | None:
        """Give the part under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    def accessible_value(self) -> str:
        """Give the part under the cursor with its sources."""
        row = self.row()
        if row is None:
            return ""
        sides = [
            f"{side} {in_bytes(each.value)} ({each.kind.value}: {each.source})"
            for side, each in ((_tr("RAM"), row.ram), (_tr("flash"), row.flash))
            if each is not None
        ]
        return f"{row.name}: {'; '.join(sides)}"

    def table(self) -> Table:
        """Give bytes over the number of the part."""
        x = np.arange(len(self._rows), dtype=np.float64)
        found: Table = []
        for name, values in (
            (_tr("RAM, bytes"), [row.ram for row in self._rows]),
            (_tr("flash, bytes"), [row.flash for row in self._rows]),
        ):
            found.append((name, x, np.array([0.0 if each is None else each.value for each in values])))
        return found

    def sizeHint(self) -> QSize:
        """Give room for a line of text for each part."""
        return QSize(self._tokens.px(340), self._line * (len(self._rows) + 3))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which the stairs could not be read."""
        return QSize(self._tokens.px(280), self.sizeHint().height())

    def count(self) -> int:
        """Give the number of items."""
        return len(self._rows)

    def item_at(self, place: QPointF) -> int | None:
        """Give the part at a place."""
        index = int(place.y() // self._step()) - 1
        return index if 0 <= index < len(self._rows) else None

    # -- the picture -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heads, stairs, sums and limits."""
        if self._totals is None:
            return
        current, painter = self._tokens, QPainter(self)
        painter.setFont(self._font)
        step = self._step()
        for side, word in enumerate((_tr("RAM"), _tr("flash"))):
            painter.setPen(current.color("quiet_ink"))
            left, width = self._side(side)
            painter.drawText(QRectF(left, 0, width, step), Qt.AlignmentFlag.AlignLeft | _V, word)
        for index, row in enumerate(self._rows):
            top = step * (index + 1)
            if index == self._cursor:
                painter.fillRect(QRectF(0, top, self.width(), step), current.color("raised"))
                painter.fillRect(QRectF(0, top, current.px(3), step), current.color("accent"))
            painter.setPen(current.color("ink"))
            painter.drawText(QRectF(current.px(6), top, self._names, step), _V, row.name)
            for side, (quantity, begin) in enumerate(((row.ram, row.ram_from), (row.flash, row.flash_from))):
                if quantity is not None:
                    self._paint_step(painter, side, top, quantity, begin, counted=side == 1 and row.name == "network")
        self._paint_totals(painter, step * (len(self._rows) + 1))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_step(
        self, painter: QPainter, side: int, top: float, quantity: Quantity, begin: float, *, counted: bool
    ) -> None:
        """Draw one step of a stair, its bytes and the glyph of their kind; what "16 KB" counts is filled."""
        current, step = self._tokens, self._step()
        left, width = self._side(side)
        room = width - self._bytes
        scale = room / self._most(side)
        box = QRectF(left + begin * scale, top + step * 0.2, max(2.0, quantity.value * scale), step * 0.6)
        hue = "data1" if side else "data0"
        painter.fillRect(box, current.color(hue, 0.9 if counted else 0.45))
        if counted:
            painter.setPen(QPen(current.color("ink"), max(1, current.px(1))))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
        self._paint_bytes(painter, QRectF(left + room, top, self._bytes, step), quantity, "ink")

    def _paint_bytes(self, painter: QPainter, box: QRectF, quantity: Quantity, role: str) -> None:
        current = self._tokens
        glyph = current.px(8)
        painter.setPen(current.color(role))
        words = box.adjusted(0, 0, -glyph - current.px(6), 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | _V, in_bytes(quantity.value))
        place = QRectF(box.right() - glyph - current.px(2), box.center().y() - glyph / 2, glyph, glyph)
        draw_kind_glyph(painter, place, quantity.kind.value, current)

    def _paint_totals(self, painter: QPainter, top: float) -> None:
        """Draw the sums under a line, in the colour of what is missing where they do not fit, and what there is."""
        current, step = self._tokens, self._step()
        assert self._totals is not None
        painter.setPen(QPen(current.color("edge"), 1))
        painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
        painter.setFont(self._strong)
        painter.setPen(current.color("ink"))
        painter.drawText(QRectF(current.px(6), top, self._names, step), _V, _tr("together"))
        painter.setFont(self._font)
        painter.setPen(current.color("quiet_ink"))
        painter.drawText(QRectF(current.px(6), top + step, self._names, step), _V, _tr("there is"))
        for side, total in enumerate(self._totals):
            left, width = self._side(side)
            over = total.value > self._have[side]
            have = self._have[side]
            painter.setFont(self._strong if over else self._font)
            painter.setPen(current.color("bad" if over else "quiet_ink"))
            foot = QRectF(left, top + step, width, step)
            words = _tr("over!") if over else _tr("fits")
            painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | _V, words)
            there = foot.adjusted(0, 0, -current.px(14), 0)
            painter.drawText(there, Qt.AlignmentFlag.AlignRight | _V, in_bytes(have))
            if have < self._most(side):
                x = left + have * (width - self._bytes) / self._most(side)
                painter.setPen(QPen(current.color("bad"), max(2, current.px(1.5)), Qt.PenStyle.DashLine))
                painter.drawLine(QPointF(x, step), QPointF(x, top))
            painter.setFont(self._strong)
            box = QRectF(left + width - self._bytes, top, self._bytes, step)
            self._paint_bytes(painter, box, total, "bad" if over else "ink")

    def _most(self, side: int) -> float:
        assert self._totals is not None
        return max(1.0, self._totals[side].value)

    def _side(self, side: int) -> tuple[float, float]:
        gap = self._tokens.px(10)
        width = (self.width() - self._names - 2 * gap) / 2
        return self._names + gap + side * (width + gap), width

    def _step(self) -> float:
        return min(self.height() / (len(self._rows) + 3), self._tokens.px(30))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._strong = current.font(12), current.font(12, 600)
        self._line = line_height(self._font)
        self._names = text_width(self._strong, "activations") + current.px(4)
        self._bytes = text_width(self._strong, "1,008 bytes") + current.px(14)
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
