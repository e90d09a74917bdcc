"""Split bar: training, validation and test as parts of one bar, whose two borders are dragged."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, text_width
from widgets.tokens import Tokens

LEAST = 0.05
"""No part is smaller."""
Shares = tuple[float, float, float]


class SplitBar(QWidget):
    """Left and right arrow move the border in hand, Up and Down take the other one; Shift moves in large steps."""

    moved = Signal(tuple)
    """The user moved a border; the three shares."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._shares: Shares = (0.6, 0.2, 0.2)
        self._border = 0
        self._counts = (0, 0, 0)
        self.setAccessibleName(self.tr("Shares of training, validation and test"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_shares(self, shares: Shares, recorded: int) -> None:
        """Draw these parts of so many recorded voices."""
        self._shares = shares
        self._counts = (round(shares[0] * recorded), round(shares[1] * recorded), round(shares[2] * recorded))
        accessible.announce_value(self)
        self.update()

    def shares(self) -> Shares:
        """Give the three shares, which sum to 1."""
        return self._shares

    def accessible_value(self) -> str:
        """Give the shares in words."""
        return ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(self._names(), self._shares, strict=True))

    def sizeHint(self) -> QSize:
        """Give room for names and shares."""
        return QSize(self._tokens.px(400), max(self._tokens.target_px, self._tokens.px(36)))

    def minimumSizeHint(self) -> QSize:
        """Give room for shares."""
        return QSize(self._tokens.px(180), self.sizeHint().height())

    def _names(self) -> tuple[str, str, str]:
        return self.tr("training"), self.tr("validation"), self.tr("test")

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer border."""
        at = event.position().x() / max(1, self.width())
        first, second = self._shares[0], self._shares[0] + self._shares[1]
        self._border = 0 if abs(at - first) < abs(at - second) else 1
        self._put(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the border."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._put(event.position().x() / max(1, self.width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the border in hand, or take the other one."""
        key = Qt.Key(event.key())
        size = 0.05 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.01
        place = self._shares[0] if self._border == 0 else self._shares[0] + self._shares[1]
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._put(place + (size if key == Qt.Key.Key_Right else -size))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._border = 1 - self._border
            self.update()
        else:
            super().keyPressEvent(event)

    def _put(self, at: float) -> None:
        first, second = self._shares[0], self._shares[0] + self._shares[1]
        if self._border == 0:
            first = min(max(at, LEAST), second - LEAST)
        else:
            second = min(max(at, first + LEAST), 1 - LEAST)
        first, second = round(first, 2), round(second, 2)
        shares = (first, round(second - first, 2), round(1 - second, 2))
        if shares != self._shares:
            self._shares = shares
            self.moved.emit(shares)
            self.update()

    # -- drawing -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw three parts and the handles between them."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, height = 0.0, float(self.height())
        for index, (name, share, count) in enumerate(zip(self._names(), self._shares, self._counts, strict=True)):
            box = QRectF(left, 0, share * self.width(), height).adjusted(1, 1, -1, -1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current.color(f"data{index}", 0.28))
            painter.drawRoundedRect(box, current.px(4), current.px(4))
            painter.setPen(current.color("ink"))
            font = current.font(14, 600)
            painter.setFont(font)
            full, short = f"{name} {100 * share:.0f} %  ·  {count}", f"{100 * share:.0f} %"
            text = full if text_width(font, full) < box.width() - 8 else short
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            left += share * self.width()
        for border in (0, 1):
            x = (self._shares[0] + (self._shares[1] if border else 0.0)) * self.width()
            own = self.hasFocus() and border == self._border
            painter.setPen(QPen(current.color("accent"), (5 if own else 3) * current.scale))
            painter.drawLine(round(x), current.px(4), round(x), round(height) - current.px(4))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()
