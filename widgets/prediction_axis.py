"""Prediction axis: an axis on which a guess is a flag, and the truth is planted beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.slider_track import SliderTrack

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.slider_scale import SliderScale
    from widgets.tokens import Tokens


class PredictionAxis(SliderTrack):
    """An axis with the words of its ends, a hollow flag (the guess) and a filled one (the truth).

    Parameters
    ----------
    scale
        The axis.
    text
        Prints a value with its unit.
    """

    def __init__(self, scale: SliderScale, text: Callable[[float], str]) -> None:
        self._actual: float | None = None
        self._guessed = True
        super().__init__(scale, scale.value_at(scale.steps // 2), text)

    def set_actual(self, value: float, *, guessed: bool) -> None:
        """Plant the true value; `guessed` says whether the user's flag stays for comparison."""
        self._actual = value
        self._guessed = guessed
        self.setEnabled(False)
        self.update()

    def sizeHint(self) -> QSize:
        """Give room for two rows of flags and the words of the ends."""
        return QSize(self._tokens.px(280), 4 * self._line + self._tokens.px(8))

    def _apply_tokens(self, current: Tokens) -> None:
        self._line = line_height(current.font(12))
        super()._apply_tokens(current)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the axis, its ends in words, the guess above and the truth below."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, room = self._rail()
        y = 1.5 * self._line + current.px(4)
        painter.setPen(QPen(current.color("edge"), max(1.0, current.line_width)))
        painter.drawLine(QPointF(left, y), QPointF(left + room, y))
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        ends = QRectF(left, self.height() - self._line, room, self._line)
        painter.drawText(ends, Qt.AlignmentFlag.AlignLeft, self._text(self._scale.minimum))
        painter.drawText(ends, Qt.AlignmentFlag.AlignRight, self._text(self._scale.maximum))
        if self._guessed:
            color = "accent" if self._actual is None else "quiet_ink"
            words = self.tr("you: {value}").format(value=self._text(self._value))
            self._flag(painter, self._value, y, words, color, up=True)
        if self._actual is not None:
            words = self.tr("measured: {value}").format(value=self._text(self._actual))
            self._flag(painter, self._actual, y, words, "data0", up=False)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _flag(self, painter: QPainter, value: float, y: float, words: str, role: str, *, up: bool) -> None:
        current = self._tokens
        x = self._x_of(min(max(value, self._scale.minimum), self._scale.maximum))
        tip = y - self._line * 0.5 if up else y + self._line * 0.5
        painter.setPen(QPen(current.color(role), current.px(2)))
        painter.drawLine(QPointF(x, y), QPointF(x, tip))
        painter.setBrush(current.color(role) if not up else current.color("raised"))
        painter.drawEllipse(QPointF(x, y), current.px(4), current.px(4))
        font = current.font(12, 600)
        painter.setFont(font)
        painter.setPen(current.color("ink"))
        width = text_width(font, words)
        start = min(max(x - width / 2, 0.0), self.width() - width)
        top = tip - self._line if up else tip
        painter.drawText(QRectF(start, top, width + 2, self._line), Qt.AlignmentFlag.AlignLeft, words)
