"""Master bar: the bits of all weights, or of all activations, as one bar beside those of the layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.panels.squeeze.lane import Lane
from explorer.panels.squeeze.widths import mark, words
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens


class MasterBar(QWidget):
    """A bar to drag: Up and Down move it a width, Home and End to its ends, a double click to float.

    Parameters
    ----------
    label, short
        What gets the bits, and the same where there is little room.
    widths
        From the narrowest to the widest; the last one is the default.
    """

    chosen = Signal(object)
    """The user chose a width."""
    ACCESSIBLE_ROLE = QAccessible.Role.Slider

    def __init__(self, label: str, short: str, widths: Sequence[Any]) -> None:
        super().__init__()
        accessible.enable()
        self._label, self._short = label, short
        self._widths = tuple(widths)
        self._width = self._widths[-1]
        self._dragging = False
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def width_chosen(self) -> Any:
        """Give the width that the bar shows."""
        return self._width

    def show_width(self, width: object) -> None:
        """Show another width, without a signal."""
        if width != self._width:
            self._width = width
            self.setToolTip(f"{self._label}: {self.accessible_value()}")
            accessible.announce_value(self)
            self.update()

    def accessible_value(self) -> str:
        """Give the width as a screen reader says it."""
        return words(self._width)

    def y_of(self, width: Any) -> float:
        """Give the height in pixels at which a width stands."""
        return self._lane().y_of(width)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the bar to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self._choose(self._lane().width_at(event.position().y(), self._widths))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer while it is down."""
        if self._dragging:
            self._choose(self._lane().width_at(event.position().y(), self._widths))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to the default."""
        self._dragging = False
        self._choose(self._widths[-1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the bar with the keys."""
        at, last = self._widths.index(self._width), len(self._widths) - 1
        moves = {
            Qt.Key.Key_Up: at + 1,
            Qt.Key.Key_Down: at - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Delete: last,
            Qt.Key.Key_Backspace: last,
        }
        wanted = moves.get(Qt.Key(event.key()))
        if wanted is None:
            super().keyPressEvent(event)
        else:
            self._choose(self._widths[min(max(wanted, 0), last)])

    def _choose(self, width: Any) -> None:
        if width != self._width:
            self.show_width(width)
            self.chosen.emit(width)

    def sizeHint(self) -> QSize:
        """Give the width of a bar that a finger meets."""
        return QSize(max(self._tokens.px(30), 44 if self._tokens.touch else 0), self._tokens.px(190))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which it could not be taken hold of."""
        return QSize(self.sizeHint().width(), self._tokens.px(96))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the label upright above the bar, and the bar with its bits."""
        current, lane, painter = self._tokens, self._lane(), QPainter(self)
        painter.setFont(self._font)
        painter.setPen(current.color("ink"))
        painter.save()
        painter.translate(0, lane.floor)
        painter.rotate(-90)
        # the words begin at the floor of the blocks and grow upwards
        label = QRectF(current.px(3), 0, lane.floor - current.px(3), self.width())
        fitting = self._label if text_width(self._font, self._label) <= label.width() else self._short
        painter.drawText(label, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)
        painter.restore()
        lane.paint_lines(painter)
        bar = lane.paint_bar(painter, current.px(2), self.width() - current.px(2), self._width)
        painter.setPen(QPen(current.color("accent"), current.px(2)))
        painter.drawLine(bar.topLeft(), bar.topRight())  # in the colour of what the user moves
        painter.setPen(current.color("ink"))
        painter.setFont(self._bold)
        text, height = mark(self._width), line_height(self._bold)
        above = bar.top() - height if bar.top() - height > lane.floor else bar.top() + current.px(3)
        wide = max(bar.width(), text_width(self._bold, text))
        box = QRectF(bar.center().x() - wide / 2, above, wide, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QPen(current.color("edge"), 1))
        for y in (lane.floor, lane.box.bottom()):
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _lane(self) -> Lane:
        return Lane(self.height(), line_height(self._font), 0, self.width(), self._tokens)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._bold = current.font(12), current.font(12, 600)
        self.updateGeometry()
        self.update()
