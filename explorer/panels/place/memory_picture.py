"""Memory picture: time across, addresses up, a rectangle for each buffer that lives there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPaintEvent, QPen

from explorer.engine.deployment.memory_plan import Buffer, MemoryPlan
from explorer.panels.place.wording import in_bytes
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.picture import ChoicePicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_V = Qt.AlignmentFlag.AlignVCenter
_ROOM = 1.2  # above what is drawn, for words


class MemoryPicture(ChoicePicture):
    """A memory plan.  The arrow keys go from buffer to buffer, Enter or a press selects its layer in every panel."""

    layerChosen = Signal(str)
    """The user selected the layer that writes a buffer."""

    def __init__(self) -> None:
        super().__init__(_tr("Memory plan: addresses over time"))
        self._plan: MemoryPlan | None = None
        self._before_bytes: int | None = None
        self._limit: tuple[float, str] | None = None
        self._selected = ""
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_plan(self, plan: MemoryPlan, limit: tuple[float, str] | None, before_bytes: int | None) -> None:
        """Show a plan; `limit` is what the arena may take on the device and its words, `before_bytes` a ghost."""
        self._plan, self._limit, self._before_bytes = plan, limit, before_bytes
        self._keep_cursor()
        accessible.announce_value(self)
        self.update()

    def set_selected(self, layer: str) -> None:
        """Mark the buffers of the layer that is selected in all panels."""
        if layer != self._selected:
            self._selected = layer
            self.update()

    def plan(self) -> MemoryPlan | None:
        """Give what is shown."""
        return self._plan

    def buffer(self) -> Buffer | None:
        """Give the buffer under the cursor."""
        return None if self._plan is None else self._plan.buffers[self._cursor]

    def accessible_value(self) -> str:
        """Give the buffer under the cursor in words."""
        plan, buffer = self._plan, self.buffer()
        if plan is None or buffer is None:
            return ""
        told = _tr("{name}: {size:,} bytes at address {offset:,}, from step {first} to {last}{peak}")
        step = plan.steps.index(plan.peak_step)
        return told.format(
            name=" = ".join(buffer.holds),
            size=buffer.size_bytes,
            offset=buffer.offset_bytes,
            first=plan.steps[buffer.first],
            last=plan.steps[buffer.last],
            peak=_tr("; kept at the peak") if buffer.first <= step <= buffer.last else "",
        )

    def table(self) -> Table:
        """Give the live line: bytes kept over steps."""
        if self._plan is None:
            return []
        live = np.array(self._plan.live_bytes, np.float64)
        return [(_tr("bytes kept"), np.arange(len(live), dtype=np.float64), live)]

    def rect_of(self, buffer: Buffer) -> QRectF:
        """Give the place of a buffer in pixels."""
        assert self._plan is not None
        left, right = self._x(buffer.first), self._x(buffer.last + 1)
        top, bottom = self._y(buffer.end_bytes), self._y(buffer.offset_bytes)
        return QRectF(left, top, right - left, bottom - top)

    def sizeHint(self) -> QSize:
        """Give room for the rectangles."""
        return QSize(self._tokens.px(420), self._tokens.px(120))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which rectangles could not be told apart."""
        return QSize(self._tokens.px(260), self._tokens.px(120))

    # -- the user ----------------------------------------------------------------------------------------------------

    def count(self) -> int:
        """Give the number of items."""
        return 0 if self._plan is None else len(self._plan.buffers)

    def choose_item(self, item: int) -> None:
        """Select the layer that writes a buffer in every panel."""
        if self._plan is not None:
            held = reversed(self._plan.buffers[item].holds)
            name = next((each for each in held if each in self._plan.steps), None)
            if name is not None:
                self.layerChosen.emit(name)

    def item_at(self, place: QPointF) -> int | None:
        """Give the buffer at a place."""
        buffers = () if self._plan is None else self._plan.buffers
        return next((i for i, buffer in enumerate(buffers) if self.rect_of(buffer).contains(place)), None)

    # -- the picture -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, rectangles, live line, peak, limit and ghost."""
        plan = self._plan
        if plan is None:
            return
        painter = QPainter(self)
        painter.setFont(self._font)
        self._paint_axes(painter, plan)
        peak = plan.steps.index(plan.peak_step)
        for index, buffer in enumerate(plan.buffers):
            self._paint_buffer(painter, buffer, buffer.first <= peak <= buffer.last, index == self._cursor)
        self._paint_live(painter, plan)
        self._paint_lines(painter, plan, peak)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), self._tokens, 4)

    def _paint_axes(self, painter: QPainter, plan: MemoryPlan) -> None:
        current, line = self._tokens, self._line
        step = _round_step(self._most() / max(2.0, (self._bottom() - self._top()) / (2.2 * line)))
        for count in range(int(self._most() / step) + 1):
            y = self._y(count * step)
            painter.setPen(QPen(current.color("grid"), 1))
            painter.drawLine(QPointF(self._left, y), QPointF(self.width(), y))
            painter.setPen(current.color("quiet_ink"))
            box = QRectF(0, y - line / 2, self._left - current.px(5), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | _V, in_bytes(count * step) if count else "0")
        foot = QRectF(self._left, self.height() - line, self.width() - self._left, line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | _V, _tr("first layer"))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | _V, _tr("last layer"))
        if self.width() > current.px(320):
            painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, _tr("{count} steps").format(count=len(plan.steps)))

    def _paint_buffer(self, painter: QPainter, buffer: Buffer, at_peak: bool, at_cursor: bool) -> None:
        current, box = self._tokens, self.rect_of(buffer).adjusted(0.5, 0.5, -0.5, -0.5)
        chosen = self._selected in buffer.holds
        fill = "accent" if chosen else "data1" if at_peak else "data0"
        painter.fillRect(box, current.color(fill, 0.55 if at_peak or chosen else 0.3))
        if at_peak:  # a second sign beside the colour
            painter.fillRect(box, QBrush(current.color("surface", 0.35), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(current.color("accent" if at_cursor else fill), max(2, current.px(2)) if at_cursor else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        if box.height() >= self._line and box.width() > text_width(self._font, buffer.name) + current.px(6):
            painter.setPen(current.color("ink"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, buffer.name)

    def _paint_live(self, painter: QPainter, plan: MemoryPlan) -> None:
        """Draw the bytes that must be kept in each step, wherever they lie: no planner comes below this line."""
        points = []
        for step, count in enumerate(plan.live_bytes):
            points += [QPointF(self._x(step), self._y(count)), QPointF(self._x(step + 1), self._y(count))]
        painter.setPen(QPen(self._tokens.color("ink"), max(1.5, 0.75 * self._tokens.line_width)))
        painter.drawPolyline(points)

    def _paint_lines(self, painter: QPainter, plan: MemoryPlan, peak: int) -> None:
        """Draw the arena, the peak, what the device has, and where the arena was before."""
        current = self._tokens
        told = _tr("arena {arena}; most kept at once {peak}, at {step}").format(
            arena=in_bytes(plan.ram_bytes), peak=in_bytes(plan.peak_bytes), step=plan.peak_step
        )
        self._rule(painter, plan.ram_bytes, told, "ink", solid=True)
        painter.setPen(QPen(current.color("text1"), max(1.5, current.line_width), Qt.PenStyle.DotLine))
        x = (self._x(peak) + self._x(peak + 1)) / 2
        painter.drawLine(QPointF(x, self._y(plan.peak_bytes)), QPointF(x, self._bottom()))
        if self._before_bytes is not None and self._before_bytes != plan.ram_bytes:
            change = plan.ram_bytes - self._before_bytes
            sign = "+" if change > 0 else "−"
            words = _tr("before: {size} ({change})").format(
                size=in_bytes(self._before_bytes), change=f"{sign}{in_bytes(abs(change))}"
            )
            if self._before_bytes <= self._most():
                self._rule(painter, self._before_bytes, words, "ink", solid=False)
            else:
                painter.setPen(current.color("quiet_ink"))
                painter.drawText(QRectF(self._left, 0, self.width() - self._left, self._line), _V, words)
        if self._limit is not None and self._limit[0] <= self._most():
            self._rule(painter, self._limit[0], self._limit[1], "bad", solid=False, left=True)

    def _rule(self, painter: QPainter, count: float, words: str, role: str, *, solid: bool, left: bool = False) -> None:
        current, y = self._tokens, self._y(count)
        pen = QPen(current.color(role, 1.0 if solid or role == "bad" else 0.35), max(1, current.px(1)))
        pen.setStyle(Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(self._left, y), QPointF(self.width(), y))
        painter.setPen(current.color(role if solid or role == "bad" else "quiet_ink"))
        box = QRectF(self._left + current.px(4), y - self._line, self.width() - self._left - current.px(8), self._line)
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        shown = QFontMetricsF(self._font).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side | _V, shown)

    def _most(self) -> float:
        """Give the address at the upper end: the arena; ghost and device as well where they are not far above."""
        assert self._plan is not None
        arena = float(self._plan.ram_bytes)
        others = (self._before_bytes or 0.0, 0.0 if self._limit is None else self._limit[0])
        return _ROOM * max(arena, *(each for each in others if each < 2 * arena), 0.0)

    def _x(self, step: float) -> float:
        count = 1 if self._plan is None else len(self._plan.steps)
        return self._left + (self.width() - self._left - 1) * step / count

    def _y(self, count: float) -> float:
        return self._bottom() - (self._bottom() - self._top()) * count / self._most()

    def _top(self) -> float:
        return self._line * 0.75

    def _bottom(self) -> float:
        return self.height() - self._line - self._tokens.px(3)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font = current.font(12)
        self._line = line_height(self._font)
        self._left = text_width(self._font, "1,008 bytes") + current.px(4)
        self.updateGeometry()
        self.update()


def _round_step(least: float) -> float:
    """Return the smallest power of two that is not below a number."""
    return float(2.0 ** np.ceil(np.log2(max(least, 1.0))))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
