"""Threshold line: a level across a plot that is dragged, or moved by keyboard through its handle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets import accessible
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.plot_curve import make_pen

if TYPE_CHECKING:
    from widgets.plot import Plot
    from widgets.slider_scale import SliderScale
    from widgets.tokens import Tokens

COARSE_STEPS = 10


class ThresholdLine(QWidget):
    """The handle of a horizontal line across a plot: a flag with the value, at the right edge.

    A widget and not a drawn item, so that Tab reaches it and a screen reader knows its value.  Arrow keys move
    one step, with Shift ten; Delete or a double click goes to the default.

    Parameters
    ----------
    plot
        The plot it lies across.
    name
        What the level is, in words.
    scale
        Range, step and print of the value, on the y axis of the plot.
    default
        Where it starts and returns to.
    """

    valueChanged = Signal(float)
    """The user moved the line; the new value."""
    valueCommitted = Signal(float)
    """The user let go of it."""
    ACCESSIBLE_ROLE = QAccessible.Role.Slider

    def __init__(self, plot: Plot, name: str, scale: SliderScale, default: float) -> None:
        super().__init__(plot.viewport())
        accessible.enable()
        self._plot = plot
        self._scale = scale
        self._default = default
        self._value = default
        self._dragging = False
        self._line = pg.InfiniteLine(default, angle=0, movable=True)
        self._line.sigDragged.connect(self._on_line_dragged)
        self._line.sigPositionChangeFinished.connect(self._on_line_dropped)
        self._line.setZValue(50)
        plot.addItem(self._line, ignoreBounds=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setAccessibleName(name)
        self.setToolTip(name)
        plot.follow_tokens(self._apply_tokens)
        plot.getViewBox().sigResized.connect(self._place)
        plot.getViewBox().sigRangeChanged.connect(self._place)
        self.show()

    def value(self) -> float:
        """Give the level."""
        return self._value

    def set_value(self, value: float) -> None:
        """Move the line without a signal; values outside the range go to its end."""
        value = min(max(value, self._scale.minimum), self._scale.maximum)
        if value != self._value:
            self._value = value
            accessible.announce_value(self)
            self._place()

    def accessible_value(self) -> str:
        """Give the level as it is printed, for a screen reader."""
        return self._scale.text(self._value)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        font = current.font(12, 600)
        ends = (self._scale.text(end) for end in (self._scale.minimum, self._scale.maximum))
        width = max(text_width(font, end) for end in ends) + current.px(16)
        self.resize(width, max(line_height(font) + current.px(6), 44 if current.touch else 0))
        color, stroke, ratio = current.color("accent"), current.line_width, self._plot.devicePixelRatioF()
        self._line.setPen(make_pen(color, stroke, ratio, dash=True))
        self._line.setHoverPen(make_pen(color, 2 * stroke, ratio))
        self._place()

    def _place(self) -> None:
        box = self._plot.getViewBox()
        self._line.setPos(self._value)
        rect = box.sceneBoundingRect()
        middle = box.mapViewToScene(pg.Point(0, self._value)).y()
        lowest = max(0, self._plot.viewport().height() - self.height())  # the flag is never cut, the line may be near
        top = min(max(0, round(middle - self.height() / 2)), lowest)
        self.move(QPoint(round(rect.right()) - self.width(), top))
        self.update()

    def _on_line_dragged(self, line: pg.InfiniteLine) -> None:
        self._move_to(self._scale.value_at(self._scale.position_of(line.value())))
        self._place()

    def _on_line_dropped(self, line: pg.InfiniteLine) -> None:
        self.valueCommitted.emit(self._value)

    def _move_to(self, value: float) -> None:
        if value != self._value:
            self.set_value(value)
            self.valueChanged.emit(self._value)

    def _step(self, steps: int) -> None:
        self._move_to(self._scale.value_at(self._scale.position_of(self._value) + steps))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line."""
        self._dragging = event.button() == Qt.MouseButton.LeftButton

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the line with the pointer."""
        if self._dragging:
            place = self._plot.mapToScene(self.mapToParent(event.position().toPoint()))
            level = self._plot.getViewBox().mapSceneToView(place).y()
            self._move_to(self._scale.value_at(self._scale.position_of(level)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the line."""
        if self._dragging:
            self._dragging = False
            self.valueCommitted.emit(self._value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to the default."""
        self._dragging = False
        self._move_to(self._default)
        self.valueCommitted.emit(self._value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrows (Shift: ten), reset with Delete."""
        size = COARSE_STEPS if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Right):
            self._step(size)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Left):
            self._step(-size)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._move_to(self._default)
        else:
            event.ignore()
            return
        self.valueCommitted.emit(self._value)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard has left."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the flag: the value on the accent."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("accent"))
        painter.drawRoundedRect(QRectF(self.rect()), current.px(4), current.px(4))
        painter.setFont(current.font(12, 600))
        painter.setPen(current.color("on_accent"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.accessible_value())
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4, role="ink")
