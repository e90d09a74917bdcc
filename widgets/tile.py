"""Word tile: a large button with one word that lights up when the word is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class WordTile(QAbstractButton):
    """A button with a word, filled from below as far as its score, framed when heard, with a count.

    Heard is said three times: by the fill, by the thick frame and by a check mark beside the word.

    Parameters
    ----------
    word
        The word, printed as it is.
    """

    def __init__(self, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        accessible.enable()
        self.setText(word)
        self._fill = 0.0
        self._count = 0
        self._heard = False
        self._hover = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(word)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_fill(self, fill: float) -> None:
        """Fill the tile to a share of its height, 0 to 1 (the score of the word)."""
        fill = min(1.0, max(0.0, fill))
        # below a step that can be seen there is nothing to draw: the score changes 50 times a second
        if round(fill * 50) != round(self._fill * 50):
            self._fill = fill
            self.update()
        else:
            self._fill = fill

    def set_heard(self, heard: bool) -> None:
        """Light the tile (or not): its word is the one just recognised."""
        if heard != self._heard:
            self._heard = heard
            self._tell()

    def set_count(self, count: int) -> None:
        """Say how often the word was heard."""
        if count != self._count:
            self._count = count
            self._tell()

    def fill(self) -> float:
        """Give the share of the height that is filled."""
        return self._fill

    def is_heard(self) -> bool:
        """Say whether the tile is lit."""
        return self._heard

    def count(self) -> int:
        """Give how often the word was heard."""
        return self._count

    def accessible_value(self) -> str:
        """Say how often the word was heard, and whether just now."""
        times = self.tr("not heard yet")
        if self._count:
            times = self.tr("heard once") if self._count == 1 else self.tr("heard {count} times")
            times = times.format(count=self._count)
        return self.tr("{times}, just now").format(times=times) if self._heard else times

    def sizeHint(self) -> QSize:
        """Give room for the word, its check mark and a finger."""
        current = self._tokens
        wide = text_width(current.font(16, 600), self.text()) + current.px(36)
        return QSize(max(wide, current.px(72)), max(44, current.px(56)))

    def minimumSizeHint(self) -> QSize:
        """Give room for the word."""
        current = self._tokens
        word = text_width(current.font(16, 600), self.text()) + current.px(12)
        return QSize(max(44, word), max(44, current.px(44)))

    def _tell(self) -> None:
        accessible.announce_value(self)
        self.update()

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press with Enter too: Space may be the key that opens the microphone."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the tile can be pressed."""
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Go back to rest."""
        self._hover = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw surface, fill, frame, word, check mark and count."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = 2.0 * current.scale if self._heard else 1.0
        rect = QRectF(self.rect()).adjusted(frame / 2, frame / 2, -frame / 2, -frame / 2)
        radius = current.px(8)
        shape = QPainterPath()
        shape.addRoundedRect(rect, radius, radius)
        painter.fillPath(shape, current.color("hairline" if self._hover or self.isDown() else "raised"))
        if self._fill > 0 or self._heard:
            painter.setClipPath(shape)
            level = 1.0 if self._heard else self._fill
            filled = QRectF(rect.left(), rect.bottom() - rect.height() * level, rect.width(), rect.height() * level)
            painter.fillRect(filled, current.color("data0", 0.30 if self._heard else 0.22))
            painter.setClipping(False)
        painter.setPen(QPen(current.color("data0" if self._heard else "hairline"), frame))
        painter.drawPath(shape)
        self._draw_word(painter, rect)
        if self.hasFocus():
            # inside the frame, which says something else
            inset = 2.0 * current.scale
            draw_focus_ring(painter, QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), current, 6)

    def _draw_word(self, painter: QPainter, rect: QRectF) -> None:
        current = self._tokens
        font = current.font(16, 600 if self._heard else 400)
        painter.setFont(font)
        painter.setPen(current.color("ink" if self.isEnabled() else "quiet_ink"))
        # a little below the middle: the count stands above
        painter.drawText(rect.adjusted(0, current.px(6), 0, 0), Qt.AlignmentFlag.AlignCenter, self.text())
        small = current.font(12)
        painter.setFont(small)
        if self._count:
            painter.setPen(current.color("ink" if self._heard else "quiet_ink"))
            corner = rect.adjusted(0, current.px(3), -current.px(6), 0)
            alignment = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
            painter.drawText(corner, alignment, str(self._count))
        if self._heard:
            side = line_height(small) * 0.5
            left, middle = rect.left() + current.px(8), rect.top() + current.px(3) + line_height(small) / 2
            painter.setPen(QPen(current.color("ink"), 1.5 * current.scale))
            painter.drawPolyline(
                [
                    QPointF(left, middle),
                    QPointF(left + side * 0.4, middle + side * 0.4),
                    QPointF(left + side, middle - side * 0.4),
                ]
            )
