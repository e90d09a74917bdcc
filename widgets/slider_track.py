"""Slider track: the rail and handle of a knob, moved by pointer, wheel and keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.slider_scale import SliderScale
    from widgets.tokens import Tokens

COARSE_STEPS = 10


class SliderTrack(QWidget):
    """A rail with a handle, filled from its start, a tick where the default is.

    A value set by the program is kept exactly; only what the user moves snaps to the steps.
    """

    moved = Signal(float)
    committed = Signal(float)
    ACCESSIBLE_ROLE = QAccessible.Role.Slider

    def __init__(self, scale: SliderScale, default: float, text: Callable[[float], str]) -> None:
        super().__init__()
        accessible.enable()
        self._scale = scale
        self._default = default
        self._text = text
        self._value = default
        self._dragging = False
        self._wheel = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription(self.description())
        self._unfollow = tokens.follow(self._apply_tokens)

    def current_value(self) -> float:
        """Give the value under the handle."""
        return self._value

    def set_current_value(self, value: float) -> None:
        """Move the handle without a signal; values outside the range go to its end."""
        value = min(max(value, self._scale.minimum), self._scale.maximum)
        if value != self._value:
            self._value = value
            self.setAccessibleDescription(self.description())
            accessible.announce_value(self)
            self.update()

    def reset(self) -> None:
        """Go to the default, and say so."""
        self._move_to(self._default)
        self.committed.emit(self._value)

    def accessible_value(self) -> str:
        """Give the value as it is printed, for a screen reader."""
        return self._text(self._value)

    def description(self) -> str:
        """Give value and default in words."""
        value, default = self._text(self._value), self._text(self._default)
        return self.tr("{value}, default {default}").format(value=value, default=default)

    def sizeHint(self) -> QSize:
        """Give room for a finger or a pointer."""
        height = self._tokens.target_px if self._tokens.touch else self._tokens.px(26)
        return QSize(self._tokens.px(160), height)

    def minimumSizeHint(self) -> QSize:
        """Give the width below which steps could not be told apart."""
        return QSize(self._tokens.px(80), self.sizeHint().height())

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._radius = current.px(8)
        self.updateGeometry()
        self.update()

    def _move_to(self, value: float) -> None:
        if value != self._value:
            self.set_current_value(value)
            self.moved.emit(self._value)

    def _step(self, steps: int) -> None:
        self._move_to(self._scale.value_at(self._scale.position_of(self._value) + steps))

    def _x_of(self, value: float) -> float:
        left, room = self._rail()
        return left + room * self._scale.position_of(value) / self._scale.steps

    def _value_under(self, x: float) -> float:
        left, room = self._rail()
        fraction = min(1.0, max(0.0, (x - left) / max(1.0, room)))
        return self._scale.value_at(round(fraction * self._scale.steps))

    def _rail(self) -> tuple[float, float]:
        margin = self._radius + self._tokens.px(2)
        return margin, self.width() - 2.0 * margin

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self._move_to(self._value_under(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer while it is down."""
        if self._dragging:
            self._move_to(self._value_under(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the handle."""
        if self._dragging:
            self._dragging = False
            self.committed.emit(self._value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to the default."""
        self._dragging = False
        self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step with the wheel, but only with the keyboard here: scrolling past must not change a value."""
        if not self.hasFocus():
            event.ignore()
            return
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / 120)
        self._wheel -= notches * 120
        if notches:
            self._step(notches)
            self.committed.emit(self._value)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrows (Shift: ten), jump with Home and End, reset with Delete."""
        size = COARSE_STEPS if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        key = event.key()
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            self._step(size)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            self._step(-size)
        elif key == Qt.Key.Key_PageUp:
            self._step(COARSE_STEPS)
        elif key == Qt.Key.Key_PageDown:
            self._step(-COARSE_STEPS)
        elif key == Qt.Key.Key_Home:
            self._move_to(self._scale.minimum)
        elif key == Qt.Key.Key_End:
            self._move_to(self._scale.maximum)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._move_to(self._default)
        else:
            super().keyPressEvent(event)
            return
        self.committed.emit(self._value)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard has left."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw rail, filled part, tick at the default, handle."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, room = self._rail()
        middle = self.height() / 2
        x = self._x_of(self._value)
        thickness = current.px(4)
        rail = QRectF(left, middle - thickness / 2, room, thickness)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("hairline"))
        painter.drawRoundedRect(rail, thickness / 2, thickness / 2)
        knob = current.color("accent" if self.isEnabled() else "edge")
        painter.setBrush(knob)
        filled = QRectF(rail.topLeft(), QPointF(x, rail.bottom()))
        painter.drawRoundedRect(filled, thickness / 2, thickness / 2)
        tick = self._x_of(self._default)
        painter.setPen(QPen(current.color("quiet_ink"), max(1.0, current.px(1.5))))
        painter.drawLine(QPointF(tick, middle + current.px(6)), QPointF(tick, middle + current.px(11)))
        painter.setPen(QPen(current.color("raised"), current.px(2)))
        painter.setBrush(knob)
        painter.drawEllipse(QPointF(x, middle), self._radius, self._radius)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current)
