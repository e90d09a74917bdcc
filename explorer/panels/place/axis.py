"""The axis of answers: time from the end of the sound to the answer, logarithmic, with the deadline on it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.panels.place.setup import DEADLINES_MS
from explorer.panels.place.wording import in_time
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.slider_scale import SliderScale
from widgets.tokens import Tokens

LOW_MS, HIGH_MS = 0.1, 10_000.0
TICKS_MS = (0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)
_SCALE = SliderScale(*DEADLINES_MS, 0.05, logarithmic=True)
_COARSE_STEPS = 10


def fraction(time_ms: float) -> float:
    """Return where a time stands on the axis, 0 to 1; what lies outside stands at its ends."""
    if time_ms <= LOW_MS:
        return 0.0
    return min(1.0, math.log(time_ms / LOW_MS) / math.log(HIGH_MS / LOW_MS))


def time_at(place: float) -> float:
    """Return the time at a place of the axis, milliseconds."""
    return float(LOW_MS * (HIGH_MS / LOW_MS) ** min(1.0, max(0.0, place)))


class DeadlineAxis(QWidget):
    """The axis under the lanes with a flag at the deadline; drag it, or move it with the arrow keys (Shift: ten steps).

    Parameters
    ----------
    default_ms
        Where a double click or Delete returns it to.
    """

    deadlineChanged = Signal(float)
    """The user moved the deadline; milliseconds."""
    ACCESSIBLE_ROLE = QAccessible.Role.Slider

    def __init__(self, default_ms: float) -> None:
        super().__init__()
        accessible.enable()
        self._default_ms = self._deadline_ms = default_ms
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Deadline"))
        self.setToolTip(self.tr("Deadline for 99 of 100 answers: drag it"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def deadline_ms(self) -> float:
        """Give the deadline."""
        return self._deadline_ms

    def set_deadline(self, time_ms: float) -> None:
        """Move the deadline without a signal."""
        if time_ms != self._deadline_ms:
            self._deadline_ms = time_ms
            accessible.announce_value(self)
            self.update()

    def accessible_value(self) -> str:
        """Give the deadline in words."""
        return in_time(self._deadline_ms)

    def sizeHint(self) -> QSize:
        """Give room for the numbers of the axis and the flag."""
        return QSize(self._tokens.px(200), max(self._line + self._tokens.px(4), 44 if self._tokens.touch else 0))

    minimumSizeHint = sizeHint

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the deadline to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self._move_to(time_at(event.position().x() / self.width()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry it along."""
        if self._dragging:
            self._move_to(time_at(event.position().x() / self.width()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Return it to where it was at the start."""
        self._move_to(self._default_ms)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move it by steps of a twentieth."""
        steps = _COARSE_STEPS if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        by = {Qt.Key.Key_Right: steps, Qt.Key.Key_Up: steps, Qt.Key.Key_Left: -steps, Qt.Key.Key_Down: -steps}
        key = Qt.Key(event.key())
        if key in by:
            self._move_to(_SCALE.value_at(_SCALE.position_of(self._deadline_ms) + by[key]))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._move_to(self._default_ms)
        else:
            super().keyPressEvent(event)

    def _move_to(self, time_ms: float) -> None:
        if time_ms != self._default_ms:
            time_ms = float(f"{_SCALE.value_at(_SCALE.position_of(time_ms)):.3g}")
        if time_ms != self._deadline_ms:
            self.set_deadline(time_ms)
            self.deadlineChanged.emit(time_ms)

    def ticks(self) -> list[tuple[str, QRectF]]:
        """Give the numbers there is room for beside the flag, and where they stand."""
        font, gap = self._tokens.font(12), self._tokens.px(6)
        # where the second number would have no room the milliseconds go without their unit, which the flag has
        first, second = (text_width(font, in_time(tick)) for tick in TICKS_MS[:2])
        narrow = fraction(TICKS_MS[1]) * self.width() - second / 2 < first + gap
        flag, taken = self._flag(), -1.0
        found: list[tuple[str, QRectF]] = []
        for tick in TICKS_MS:
            text = f"{tick:g}" if narrow and tick < 1000 else in_time(tick)
            width = text_width(font, text)
            left = min(max(0.0, fraction(tick) * self.width() - width / 2), self.width() - width)
            box = QRectF(left, 0, width, self.height())
            if left > taken and not box.adjusted(-2, 0, 2, 0).intersects(flag):
                found.append((text, box))
                taken = box.right() + gap
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the numbers of the axis, then the flag over them."""
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        for text, box in self.ticks():
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        flag = self._flag()
        painter.setPen(QPen(current.color("accent"), 1))
        painter.setBrush(current.color("accent"))
        painter.drawRoundedRect(flag, current.px(4), current.px(4))
        painter.setFont(current.font(12, 600))
        painter.setPen(current.color("on_accent"))
        painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, self._words())
        if self.hasFocus():
            draw_focus_ring(painter, flag, current, 4, role="ink")

    def _words(self) -> str:
        return self.tr("deadline {time}").format(time=in_time(self._deadline_ms))

    def _flag(self) -> QRectF:
        width = text_width(self._tokens.font(12, 600), self._words()) + self._tokens.px(12)
        left = min(max(0.0, fraction(self._deadline_ms) * self.width() - width / 2), self.width() - width)
        return QRectF(left, 0, width, self.height())

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._line = line_height(current.font(12, 600))
        self.updateGeometry()
        self.update()


class DeadlineLine(QWidget):
    """The line itself, across all lanes; it lets the pointer through.

    Parameters
    ----------
    axis
        Says where it stands.
    parent
        What it lies over.
    """

    def __init__(self, axis: DeadlineAxis, parent: QWidget) -> None:
        super().__init__(parent)
        self._axis = axis
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        current, painter = tokens.current(), QPainter(self)
        x = fraction(self._axis.deadline_ms()) * self.width()
        painter.setPen(QPen(current.color("accent"), current.px(2)))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
