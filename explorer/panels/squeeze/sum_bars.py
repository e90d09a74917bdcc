"""Sum bars: the bits that the sums of each layer need, against the accumulators that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen

from explorer.engine.quantization.accumulators import Accumulators, Overflowed
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.picture import LEFT_RIGHT, CursorPicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

MOST_BITS = 32
_LINES = (8, 16, 24, 32)


class SumBars(CursorPicture):
    """One bar per layer as high as its sums have bits; a cap above it where no input can go beyond.

    Left and Right move the cursor from layer to layer.
    """

    MOVES: ClassVar[Mapping[Qt.Key, int]] = LEFT_RIGHT

    def __init__(self) -> None:
        super().__init__(self.tr("Bits of the sums, layer by layer"))
        self._sums: Accumulators | None = None
        self._narrow: Overflowed | None = None
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_sums(self, sums: Accumulators | None, narrow: Overflowed | None) -> None:
        """Show these; None while nothing is known, or where nothing is summed in integers."""
        if sums is not self._sums or narrow is not self._narrow:
            self._sums, self._narrow = sums, narrow
            self._keep_cursor()
            accessible.announce_value(self)
            self.update()

    def layers(self) -> tuple[str, ...]:
        """Give the names of the bars."""
        return () if self._sums is None else tuple(self._sums.needed)

    def wrapping(self) -> tuple[str, ...]:
        """Give the layers whose sums wrap around."""
        return () if self._narrow is None else tuple(self._narrow.wrapped)

    def accessible_value(self) -> str:
        """Give the layer under the cursor in words."""
        if self._sums is None or not self.layers():
            return ""
        name = self.layers()[self._cursor]
        told = self.tr("{layer}: sums of {needed} bits met, {bound} bits possible")
        text = told.format(layer=name, needed=self._sums.needed[name], bound=self._sums.bound[name])
        lost = self._narrow.wrapped.get(name, 0) if self._narrow is not None else 0
        if lost and self._narrow is not None:
            more = self.tr("; {count:,} sums wrap around in {bits} bits, over {clips} clips")
            text += more.format(count=lost, bits=self._narrow.bits, clips=self._narrow.clips)
        return text

    def table(self) -> Table:
        """Give what is drawn: bits met and bits possible over the layers."""
        if self._sums is None:
            return []
        x = np.arange(len(self.layers()), dtype=np.float64)
        needed = np.array([float(bits) for bits in self._sums.needed.values()])
        bound = np.array([float(bits) for bits in self._sums.bound.values()])
        return [(self.tr("bits met"), x, needed), (self.tr("bits possible"), x, bound)]

    def sizeHint(self) -> QSize:
        """Give room for the bars."""
        return QSize(self._tokens.px(380), self._tokens.px(180))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which bars could not be told apart."""
        return QSize(self._tokens.px(260), self._tokens.px(56))

    def count(self) -> int:
        """Give the number of items."""
        return len(self.layers())

    def item_at(self, place: QPointF) -> int | None:
        """Give the layer nearest to a place."""
        column = int((place.x() - self._left) // self._step())
        return min(max(column, 0), len(self.layers()) - 1) if self.layers() else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lines, bars, caps and the end of the accumulators."""
        current, painter = self._tokens, QPainter(self)
        painter.setFont(self._font)
        for bits in _LINES:
            y = self._y(bits)
            painter.setPen(QPen(current.color("grid"), 1))
            painter.drawLine(QPointF(self._left, y), QPointF(self.width(), y))
            painter.setPen(current.color("quiet_ink"))
            if bits % self._every() == 0:
                box = QRectF(0, y - self._line / 2, self._left - current.px(4), self._line)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(bits))
        foot = QRectF(self._left, self.height() - self._line, self.width() - self._left, self._line)
        for words, side in (
            (self.tr("input"), Qt.AlignmentFlag.AlignLeft),
            (self.tr("bits of the sums, by layer"), Qt.AlignmentFlag.AlignHCenter),
            (self.tr("output"), Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(foot, side | Qt.AlignmentFlag.AlignVCenter, words)
        if self._sums is not None:
            for column, name in enumerate(self.layers()):
                self._paint_bar(painter, column, self._sums.needed[name], self._sums.bound[name], name)
        if self._narrow is not None:
            y = self._y(self._narrow.bits)
            painter.setPen(QPen(current.color("bad"), max(1, current.px(1.5)), Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(self._left, y), QPointF(self.width(), y))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_bar(self, painter: QPainter, column: int, needed: int, bound: int, name: str) -> None:
        current, step = self._tokens, self._step()
        left = self._left + column * step
        bar = QRectF(left + 1, self._y(needed), step - 2, self._y(0) - self._y(needed))
        lost = name in self.wrapping()
        painter.fillRect(bar, current.color("bad" if lost else "data0", 0.85))
        if lost:
            painter.fillRect(bar, QBrush(current.color("surface", 0.8), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(current.color("quiet_ink"), max(1, current.px(1.5))))
        painter.drawLine(QPointF(bar.left(), self._y(bound)), QPointF(bar.right(), self._y(bound)))
        if column == self._cursor:
            painter.setPen(QPen(current.color("accent"), max(1, current.px(1.5))))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(left, self._y(MOST_BITS), step, self._y(0) - self._y(MOST_BITS)))

    def _every(self) -> int:
        """Give the distance of the numbers at the axis: they must not touch in a low window."""
        return 8 if self._y(0) - self._y(8) > self._line else 16

    def _step(self) -> float:
        return (self.width() - self._left) / max(1, len(self.layers()))

    def _y(self, bits: float) -> float:
        top, bottom = self._line / 2, self.height() - self._line - self._tokens.px(3)
        return bottom - (bottom - top) * bits / MOST_BITS

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font = current.font(12)
        self._line = line_height(self._font)
        self._left = text_width(self._font, "32") + current.px(8)
        self.updateGeometry()
        self.update()
