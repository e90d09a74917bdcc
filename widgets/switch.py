"""Switch: something that is on or off, and says which in a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class Switch(QCheckBox):
    """A check box that looks like a switch: label on the left, "on" or "off" and the knob on the right.

    Use `toggled` for every change and `clicked` for the user's.
    """

    def __init__(self, label: str, *, checked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self.setChecked(checked)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(label)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_disabled_reason(self, reason: str | None) -> None:
        """Disable the switch and say why on hover (None enables it)."""
        self.setEnabled(reason is None)
        self.setToolTip(reason or "")
        self.setAccessibleDescription(reason or "")

    def state_word(self) -> str:
        """Give the state in a word."""
        return self.tr("on") if self.isChecked() else self.tr("off")

    def sizeHint(self) -> QSize:
        """Give room for label, word and knob."""
        return QSize(text_width(self._font, self.text()) + self._right + self._tokens.space(1), self._height)

    def minimumSizeHint(self) -> QSize:
        """Give room for word and knob and a few letters."""
        return QSize(self._right + self._tokens.px(64), self._height)

    def hitButton(self, position: QPoint) -> bool:
        """Take a press anywhere on the line."""
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Switch with Enter too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font = current.font(14)
        self._small = current.font(12)
        word = max(text_width(self._small, self.tr("on")), text_width(self._small, self.tr("off")))
        self._rail = QSize(current.px(32), current.px(18))
        self._right = self._rail.width() + current.px(6) + word + current.px(4)
        self._height = max(line_height(self._font) + current.px(8), current.target_px if current.touch else 0)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw label, word and knob."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, enabled = self.isChecked(), self.isEnabled()
        painter.setFont(self._font)
        painter.setPen(current.color("ink" if enabled else "quiet_ink"))
        room = self.width() - self._right - current.space(1)
        label = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(current.px(2), 0, room, self.height()), left, label)
        painter.setFont(self._small)
        painter.setPen(current.color("quiet_ink"))
        word = QRectF(self.width() - self._right, 0, self._right - self._rail.width() - current.px(8), self.height())
        painter.drawText(word, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.state_word())
        height = self._rail.height()
        rail = QRectF(
            self.width() - self._rail.width() - current.px(2), (self.height() - height) / 2, self._rail.width(), height
        )
        edge = "accent" if on and enabled else "edge"
        painter.setPen(QPen(current.color(edge), 1.5 * current.scale))
        painter.setBrush(current.color(edge if on else "surface"))
        painter.drawRoundedRect(rail, height / 2, height / 2)
        x = rail.right() - height / 2 if on else rail.left() + height / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("on_accent" if on else "edge"))
        painter.drawEllipse(QPointF(x, rail.center().y()), height * 0.3, height * 0.3)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)
