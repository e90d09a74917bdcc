"""Key hint: a key drawn as a key, with what it does beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import tokens
from widgets.painting import line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class KeyHint(QWidget):
    """A key cap with its name, then a few words.

    Parameters
    ----------
    key
        Name on the cap: "Space", "F", "?".
    text
        What the key does; empty for the cap alone.
    """

    def __init__(self, key: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name()
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_text(self, text: str) -> None:
        """Say something else about the key."""
        if text != self._text:
            self._text = text
            self._name()
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Give room for cap and words."""
        words = text_width(self._font, self._text) + self._gap if self._text else 0
        return QSize(self._cap_width() + words, line_height(self._font) + 2 * self._tokens.px(3))

    minimumSizeHint = sizeHint

    def _name(self) -> None:
        self.setAccessibleName(f"{self._key}: {self._text}" if self._text else self._key)

    def _cap_width(self) -> int:
        height = line_height(self._font) + 2 * self._tokens.px(2)
        return max(height, text_width(self._font, self._key) + 2 * self._gap)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font = current.font(12, 500)
        self._gap = current.px(6)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cap and the words."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cap = QRectF(0.5, 0.5, self._cap_width() - 1, self.height() - 1)
        painter.setPen(QPen(current.color("edge"), 1))
        painter.setBrush(current.color("raised"))
        painter.drawRoundedRect(cap, current.px(4), current.px(4))
        painter.setFont(self._font)
        painter.setPen(current.color("ink"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
        painter.setPen(current.color("quiet_ink"))
        words = QRectF(cap.right() + self._gap, 0, self.width(), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)
