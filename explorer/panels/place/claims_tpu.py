"""Claims of Figure 8.6: how many times faster an Edge TPU is, model by model, and where the text puts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.engine.deployment.claims import EDGE_TPU, EDGE_TPU_HIGH, EDGE_TPU_LOW, check_edge_tpu
from explorer.panels.place.log_axis import LogAxis, number
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_LEFT, _V = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
_MOST = 160.0


class TpuChart(QWidget):
    """For each model a circle for the desktop and a square for the embedded processor, beside the printed range."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_tr("Speed-ups of an Edge TPU, as the book's table has them"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def accessible_value(self) -> str:
        """Give what the table says of the claim."""
        return check_edge_tpu().sentence

    def table(self) -> Table:
        """Give the speed-ups over the rows of the table."""
        x = np.arange(len(EDGE_TPU), dtype=np.float64)
        desktop, embedded = (np.array(v) for v in zip(*(row.speedups for row in EDGE_TPU), strict=True))
        return [(_tr("over the desktop processor"), x, desktop), (_tr("over the embedded one"), x, embedded)]

    def sizeHint(self) -> QSize:
        """Give two lines for each model."""
        return QSize(self._tokens.px(720), round(self._line * (4 + 2.4 * len(EDGE_TPU))))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which it could not be read."""
        return QSize(self._tokens.px(520), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the printed range, and each speed-up with the times it is made of."""
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        axis = LogAxis(1.0, _MOST, self._names, self.width() - current.px(10))
        top, bottom = 1.4 * self._line, self.height() - 2.2 * self._line
        for tick in axis.ticks(text_width(self._font, "100×") * 1.5):
            x = axis.place(tick)
            painter.setPen(QPen(current.color("grid"), 1))
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            painter.setPen(current.color("quiet_ink"))
            box = QRectF(x - 100, bottom, 200, self._line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | _V, f"{number(tick)}×")
        foot = QRectF(axis.first, bottom + self._line, axis.last - axis.first, self._line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, _tr("times faster with the Edge TPU"))
        low, high = axis.place(EDGE_TPU_LOW), axis.place(EDGE_TPU_HIGH)
        band = QRectF(low, top, high - low, bottom - top)
        painter.fillRect(band, current.color("bad", 0.18))
        painter.fillRect(band, QBrush(current.color("bad", 0.5), Qt.BrushStyle.FDiagPattern))
        painter.setPen(current.color("bad"))
        words = _tr("as printed: {low:.0f} to {high:.0f}×").format(low=EDGE_TPU_LOW, high=EDGE_TPU_HIGH)
        width = text_width(self._font, words)
        left = min((low + high - width) / 2, self.width() - width)
        painter.drawText(QRectF(left, 0, width, self._line), _V, words)
        step = (bottom - top) / len(EDGE_TPU)
        for index, row in enumerate(EDGE_TPU):
            y = top + index * step
            painter.setPen(current.color("ink"))
            painter.setFont(self._strong)
            painter.drawText(QRectF(current.px(4), y, self._names, step), _LEFT | _V, row.model)
            painter.setFont(self._font)
            times = ((row.desktop_ms, row.desktop_tpu_ms), (row.embedded_ms, row.embedded_tpu_ms))
            for place, (speedup, (before, after)) in enumerate(zip(row.speedups, times, strict=True)):
                center = QPointF(axis.place(speedup), y + step * (0.28 + 0.44 * place))
                self._paint_mark(painter, center, place)
                who = (_tr("desktop"), _tr("embedded"))[place]
                told = _tr("×{speedup:.1f} {who}, {before:g} → {after:g} ms")
                self._tell(
                    painter, center, told.format(speedup=speedup, who=who, before=before, after=after), place, low
                )
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_mark(self, painter: QPainter, center: QPointF, place: int) -> None:
        current, half = self._tokens, self._tokens.px(5)
        painter.setPen(QPen(current.color("surface"), 1))
        painter.setBrush(current.color(f"data{place}"))
        if place:
            painter.drawRect(QRectF(center.x() - half, center.y() - half, 2 * half, 2 * half))
        else:
            painter.drawEllipse(center, half, half)

    def _tell(self, painter: QPainter, center: QPointF, words: str, place: int, band_px: float) -> None:
        """Write words left of a mark, where the printed range does not lie."""
        width, gap = text_width(self._font, words), self._tokens.px(10)
        left = min(center.x() - gap, band_px - gap / 2) - width
        if left < self._names:
            left = center.x() + gap
        painter.setPen(self._tokens.color(f"text{place}"))
        painter.drawText(QRectF(left, center.y() - self._line / 2, width, self._line), _V, words)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._strong = current.font(12), current.font(12, 600)
        self._line = line_height(self._font)
        self._names = text_width(self._strong, "MobileNet v2") + current.px(16)
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
