"""Bytes bars: parts of a device's memory below each other, on one axis with the budget marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.panels.listen.scorecard import BUDGET_BYTES, LeftOut
from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width

if TYPE_CHECKING:
    from widgets.plot_export import Table
    from widgets.tokens import Tokens


class BytesBars(QWidget):
    """One row per part: name, bar, bytes; what the budget counts is filled, what it leaves out hatched."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[LeftOut, ...] = ()
        self._names: dict[str, str] = {}
        self.setAccessibleName(self.tr("Memory that 16 KB counts, and what it leaves out"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_parts(self, parts: Sequence[LeftOut]) -> None:
        """Show these parts."""
        self._parts = tuple(parts)
        self._names = {
            "weights": self.tr("weights (counted)"),
            "activations": self.tr("activations"),
            "features": self.tr("features of a second"),
            "sound": self.tr("sound and spectrum"),
            "tables": self.tr("window and triangles"),
        }
        self.setAccessibleDescription("; ".join(f"{self._names[p.key]}: {p.count} bytes" for p in self._parts))
        self._measure()
        self.update()

    def parts(self) -> tuple[LeftOut, ...]:
        """Give what is drawn."""
        return self._parts

    def table(self) -> Table:
        """Give what is drawn: one point per part."""
        return [(self._names[p.key], np.array([0.0]), np.array([float(p.count)])) for p in self._parts]

    def sizeHint(self) -> QSize:
        """Give room for all rows and the word at the budget."""
        return QSize(self._left + self._right + self._tokens.px(200), (len(self._parts) + 1) * self._line)

    def minimumSizeHint(self) -> QSize:
        """Give the size below which bars vanish."""
        return QSize(self._left + self._right + self._tokens.px(80), (len(self._parts) + 1) * self._line)

    def event(self, event: QEvent) -> bool:
        """Show how a number comes about."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = int(event.pos().y() // self._line)
            if 0 <= row < len(self._parts):
                QToolTip.showText(event.globalPos(), self._parts[row].formula, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw rows and budget."""
        if not self._parts:
            return
        current, painter = self._tokens, QPainter(self)
        highest = max(BUDGET_BYTES * 1.05, *(part.count for part in self._parts))
        room = self.width() - self._left - self._right
        painter.setFont(current.font(12))
        for index, part in enumerate(self._parts):
            top = index * self._line
            painter.setPen(current.color("ink"))
            align = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, self._left, self._line), align, self._names[part.key])
            bar = QRectF(self._left, top + 0.2 * self._line, max(1.0, part.count / highest * room), 0.6 * self._line)
            if part.counted:
                painter.fillRect(bar, current.color("data0"))
            else:
                painter.fillRect(bar, current.color("data1", 0.25))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(current.color("data1"), 1))
                painter.drawRect(bar)
            painter.setPen(current.color("ink"))
            text = self.tr("{count} bytes").format(count=f"{part.count:,}")
            painter.drawText(
                QRectF(self.width() - self._right, top, self._right, self._line),
                align | Qt.AlignmentFlag.AlignRight,
                text,
            )
        x = self._left + BUDGET_BYTES / highest * room
        pen = QPen(current.color("ink"), max(1.0, current.line_width))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        bottom = len(self._parts) * self._line
        painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
        painter.setPen(current.color("quiet_ink"))
        words = self.tr("16 KB = 16,384 bytes")
        width = text_width(current.font(12), words)
        painter.drawText(QPointF(min(max(0.0, x - width / 2), self.width() - width), bottom + 0.75 * self._line), words)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 0)

    def _measure(self) -> None:
        font = self._tokens.font(12)
        self._left = max((text_width(font, name) for name in self._names.values()), default=0) + self._tokens.px(8)
        self._right = text_width(font, self.tr("{count} bytes").format(count="000,000")) + self._tokens.px(8)
        self._line = line_height(font) + self._tokens.px(6)
        self.updateGeometry()

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._measure()
        self.update()
