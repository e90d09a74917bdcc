"""Fit grid: devices down, networks across, and in each cell whether it fits or by how much it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.engine.deployment.fit import Fit
from explorer.panels.place.log_axis import number
from explorer.panels.place.wording import in_bytes
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_V = Qt.AlignmentFlag.AlignVCenter


def cell_words(fit: Fit) -> str:
    """Return a cell in a word or two: what is the largest obstacle, or how full the scarcer memory is."""
    if fit.lacks_system:
        return _tr("no system")
    over = max(fit.ram_over, fit.flash_over)
    if over > 1:
        side = _tr("RAM") if fit.ram_over >= fit.flash_over else _tr("flash")
        return _tr("{side} {over}×").format(side=side, over=f"{over:,.0f}" if over >= 10 else f"{over:.1f}")
    return _tr("< 0.1 %") if over < 0.001 else _tr("{share} %").format(share=number(float(f"{100 * over:.2g}")))


class FitGrid(QWidget):
    """A tick and how full it is, or a cross and what is too small.  The arrow keys move the cursor."""

    cursorMoved = Signal()
    """The cursor came to another cell."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._fits: tuple[tuple[Fit, ...], ...] = ()
        self._before: tuple[tuple[Fit, ...], ...] = ()
        self._cursor = (0, 0)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_tr("What fits where: devices down, networks across"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_fits(self, rows: Sequence[Sequence[Fit]], before: Sequence[Sequence[Fit]] = ()) -> None:
        """Show these, a row for each device; cells whose verdict was another one `before` carry a corner."""
        self._fits, self._before = tuple(map(tuple, rows)), tuple(map(tuple, before))
        column, row = self._cursor
        self._cursor = (min(column, max(0, self._columns() - 1)), min(row, max(0, len(self._fits) - 1)))
        self._measure()
        self.updateGeometry()
        accessible.announce_value(self)
        self.update()

    def fits(self) -> tuple[tuple[Fit, ...], ...]:
        """Give what is shown."""
        return self._fits

    def fit(self) -> Fit | None:
        """Give the cell under the cursor."""
        return self._fits[self._cursor[1]][self._cursor[0]] if self._fits else None

    def changed(self) -> int:
        """Count the cells whose verdict changed."""
        return sum(self._is_changed(c, r) for r in range(len(self._fits)) for c in range(self._columns()))

    def accessible_value(self) -> str:
        """Give the cell under the cursor in words."""
        fit = self.fit()
        if fit is None:
            return ""
        told = _tr(
            "{network} with {runtime} on {device}: needs {ram} of RAM, {have_ram} are there; {flash} of flash, "
            "{have_flash} are there: {verdict}"
        )
        return told.format(
            network=fit.network.name,
            runtime=fit.runtime.name,
            device=fit.profile.title,
            ram=in_bytes(fit.ram_bytes),
            have_ram=in_bytes(fit.profile.ram_bytes.value),
            flash=in_bytes(fit.flash_bytes),
            have_flash=in_bytes(fit.profile.flash_bytes.value),
            verdict=_tr("fits") if fit.fits else fit.obstacle,
        )

    def table(self) -> Table:
        """Give what is drawn: for each network, needed over available in the scarcer memory, over the devices."""
        x = np.arange(len(self._fits), dtype=np.float64)
        columns = zip(*self._fits, strict=True)
        return [
            (cells[0].network.name, x, np.array([max(fit.ram_over, fit.flash_over) for fit in cells]))
            for cells in columns
        ]

    def cell_rect(self, column: int, row: int) -> QRectF:
        """Give the place of a cell in pixels."""
        width = (self.width() - self._names) / max(1, self._columns())
        height = min((self.height() - self._head) / max(1, len(self._fits)), 2.4 * self._line)
        return QRectF(self._names + column * width, self._head + row * height, width, height)

    def sizeHint(self) -> QSize:
        """Give a line of text for each device."""
        return QSize(self._tokens.px(720), self._head + round(1.1 * self._line) * max(1, len(self._fits)))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which cells could not be read."""
        return QSize(self._tokens.px(560), self.sizeHint().height())

    # -- the user ----------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the cursor follow the pointer."""
        if self._fits:
            first = self.cell_rect(0, 0)
            column = int((event.position().x() - first.left()) // first.width())
            row = int((event.position().y() - first.top()) // first.height())
            if 0 <= column < self._columns() and 0 <= row < len(self._fits):
                self._move(column, row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor."""
        moves = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        by = moves.get(Qt.Key(event.key()))
        if by is None or not self._fits:
            super().keyPressEvent(event)
        else:
            column, row = self._cursor[0] + by[0], self._cursor[1] + by[1]
            self._move(min(max(column, 0), self._columns() - 1), min(max(row, 0), len(self._fits) - 1))

    def _move(self, column: int, row: int) -> None:
        if (column, row) != self._cursor:
            for cell in (self._cursor, (column, row)):
                self.update(self.cell_rect(*cell).toAlignedRect())
            self._cursor = (column, row)
            self.update(QRect(0, 0, round(self._names), self.height()))
            self.update(QRect(0, 0, self.width(), self._head))
            accessible.announce_value(self)
            self.cursorMoved.emit()

    # -- the picture -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heads, names, cells and the cursor."""
        if not self._fits:
            return
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        region = event.region()  # after a move of the cursor only what changed is painted
        for column, fit in enumerate(self._fits[0]):
            self._paint_head(painter, column, fit)
        metrics = QFontMetricsF(self._strong)
        for row, cells in enumerate(self._fits):
            box = self.cell_rect(0, row)
            at_cursor = row == self._cursor[1]
            painter.setFont(self._strong if at_cursor else self._font)
            painter.setPen(current.color("ink"))
            name = QRectF(current.px(2), box.top(), self._names - current.px(8), box.height())
            shown = metrics.elidedText(cells[0].profile.title, Qt.TextElideMode.ElideRight, name.width())
            painter.drawText(name, Qt.AlignmentFlag.AlignLeft | _V, shown)
            for column, fit in enumerate(cells):
                place = self.cell_rect(column, row)
                if region.intersects(place.toAlignedRect()):
                    self._paint_cell(painter, place, fit, self._is_changed(column, row))
        painter.setPen(QPen(current.color("accent"), max(2, current.px(2))))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.cell_rect(*self._cursor).adjusted(1, 1, -1, -1))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_head(self, painter: QPainter, column: int, fit: Fit) -> None:
        """Write a network over its column, in two lines."""
        current, box = self._tokens, self.cell_rect(column, 0)
        painter.setFont(self._strong if column == self._cursor[0] else self._font)
        painter.setPen(current.color("ink"))
        head = QRectF(box.left(), 0, box.width() - current.px(2), self._head - current.px(2))
        words = fit.network.name.replace(" ", "\n", 1)
        painter.drawText(head, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, words)

    def _paint_cell(self, painter: QPainter, box: QRectF, fit: Fit, changed: bool) -> None:
        current, inner = self._tokens, box.adjusted(1, 1, -1, -1)
        role = "good" if fit.fits else "bad"
        painter.fillRect(inner, current.color(role, 0.16))
        side = min(box.height() * 0.5, current.px(9))
        x, y = inner.left() + current.px(4), box.center().y() - side / 2
        painter.setPen(QPen(current.color(role), max(1.5, current.px(1.5))))
        if fit.fits:
            shape = ((0.0, 0.55), (0.35, 0.9), (1.0, 0.1))
            painter.drawPolyline([QPointF(x + side * a, y + side * b) for a, b in shape])
        else:
            painter.drawLine(QPointF(x, y), QPointF(x + side, y + side))
            painter.drawLine(QPointF(x, y + side), QPointF(x + side, y))
        painter.setFont(self._font)
        painter.setPen(current.color("quiet_ink" if fit.fits else "ink"))
        room = inner.adjusted(current.px(6) + side, 0, -current.px(2), 0)
        words = QFontMetricsF(self._font).elidedText(cell_words(fit), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | _V, words)
        if changed:  # a ghost: another runtime said otherwise
            corner = current.px(7)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current.color("accent"))
            top = inner.topRight()
            painter.drawPolygon([top, top - QPointF(corner, 0), top + QPointF(0, corner)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names of the devices a share of the width."""
        super().resizeEvent(event)
        self._measure()

    def _measure(self) -> None:
        longest = max((text_width(self._strong, row[0].profile.title) for row in self._fits), default=0)
        least = text_width(self._font, "NVIDIA Jetson Orin")
        self._names = round(min(longest + self._tokens.px(12), max(0.18 * self.width(), least)))

    def _is_changed(self, column: int, row: int) -> bool:
        if len(self._before) != len(self._fits) or not self._before or len(self._before[0]) != self._columns():
            return False
        return self._before[row][column].fits is not self._fits[row][column].fits

    def _columns(self) -> int:
        return len(self._fits[0]) if self._fits else 0

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._strong = current.font(12), current.font(12, 600)
        self._line = line_height(self._font)
        self._head = 2 * self._line + current.px(4)
        self._measure()
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
