"""Scrubber: the time axis under the pictures, which takes a run back to any of its steps."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.panels.teach.depth_time import AXIS_PX
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens


class Scrubber(QWidget):
    """A line with a handle at the step that is looked at, and a tick where a setting was changed.

    Left and Right go a hundredth of the way, with Shift a single step; Home and End to the first and newest step.
    """

    ACCESSIBLE_ROLE = QAccessible.Role.Slider

    scrubbed = Signal(int)
    """The user wants to see the run after this step."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._step, self._head, self._end = 0, 0, 200.0
        self._ticks: tuple[tuple[int, str], ...] = ()
        self._held = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_tr("Step that is looked at"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_run(self, step: int, head: int, end: float, ticks: tuple[tuple[int, str], ...]) -> None:
        """Show where the run stands.

        Parameters
        ----------
        step, head
            The step that is looked at, and the newest.
        end
            Step at the right edge.
        ticks
            Steps at which a setting was changed, each with its words.
        """
        new = (step if not self._held else self._step, head, max(1.0, end), ticks)
        if new != (self._step, self._head, self._end, self._ticks):
            self._step, self._head, self._end, self._ticks = new
            self.update()

    def step(self) -> int:
        """Give the step under the handle."""
        return self._step

    def ticks(self) -> tuple[tuple[int, str], ...]:
        """Give the changes that are marked."""
        return self._ticks

    def accessible_value(self) -> str:
        """Give step and newest step."""
        return _tr("step {step:,} of {head:,}").format(step=self._step, head=self._head)

    def x_of(self, step: float) -> float:
        """Give where a step is drawn."""
        left = self._tokens.px(AXIS_PX)
        return left + (self.width() - left - 1) * min(1.0, step / self._end)

    def sizeHint(self) -> QSize:
        """Give room for the line and the numbers under it."""
        return QSize(self._tokens.px(320), self._tokens.px(18) + line_height(self._tokens.font(12)))

    def minimumSizeHint(self) -> QSize:
        """Give room for the handle and a number."""
        return QSize(self._tokens.px(160), self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the handle."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the handle; tell what was changed where there is a tick."""
        if self._held:
            self._go(event.position().x())
            return
        near = [words for step, words in self._ticks if abs(self.x_of(step) - event.position().x()) < 5]
        self.setToolTip("\n".join(near))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go along the run."""
        stride = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else max(1, self._head // 100)
        places = {
            Qt.Key.Key_Left: self._step - stride,
            Qt.Key.Key_Right: self._step + stride,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._head,
        }
        key = Qt.Key(event.key())
        if key in places:
            self._choose(places[key])
        else:
            super().keyPressEvent(event)

    def _go(self, x: float) -> None:
        left = self._tokens.px(AXIS_PX)
        self._choose(round((x - left) / max(1, self.width() - left - 1) * self._end))

    def _choose(self, step: int) -> None:
        step = min(max(0, step), self._head)
        if step != self._step:
            self._step = step
            accessible.announce_value(self)
            self.update()
            self.scrubbed.emit(step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, the ticks of changes, the handle and the numbers."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = current.px(9)
        start, head, here = self.x_of(0), self.x_of(self._head), self.x_of(self._step)
        for begin, end, role in ((start, self.x_of(self._end), "hairline"), (start, head, "edge")):
            painter.setPen(QPen(current.color(role), current.px(3)))
            painter.drawLine(QPointF(begin, y), QPointF(end, y))
        painter.setPen(QPen(current.color("accent"), current.px(3)))
        painter.drawLine(QPointF(start, y), QPointF(here, y))
        painter.setPen(QPen(current.color("ink"), current.px(1.5)))
        for step, _ in self._ticks:
            x = self.x_of(step)
            painter.drawLine(QPointF(x, y - current.px(6)), QPointF(x, y + current.px(6)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("accent"))
        painter.drawEllipse(QPointF(here, y), current.px(7), current.px(7))
        self._paint_numbers(painter, here)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_numbers(self, painter: QPainter, here: float) -> None:
        """Write the step at the handle, and the ends where it leaves room."""
        current = self._tokens
        font = current.font(12, 600)
        painter.setFont(font)
        painter.setPen(current.color("ink"))
        top, height = current.px(18), line_height(font)
        words = _tr("step {step:,}").format(step=self._step)
        wide = text_width(font, words)
        left = min(max(0.0, here - wide / 2), self.width() - wide)
        painter.drawText(QRectF(left, top, wide, height), Qt.AlignmentFlag.AlignCenter, words)
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        end = f"{self._end:,.0f}"
        room = text_width(painter.font(), end)
        if left + wide + current.px(8) < self.width() - room:
            painter.drawText(QRectF(self.width() - room, top, room, height), Qt.AlignmentFlag.AlignRight, end)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
