"""Gauge: a number that says where it comes from, over a bar that says how much of what is there it takes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, draw_kind_glyph, line_height, text_width
from widgets.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Reading:
    """What a gauge shows.

    Parameters
    ----------
    text
        The number with its unit, or why there is none.
    kind
        Kind of the number; empty where there is none.
    details
        Source, interval, number of samples.
    fill
        Length of the bar, 0 to 1; None for no bar.
    limit
        Where the limit stands on the bar, 0 to 1; None for none.
    bad
        Whether the limit is not kept.
    words
        Whether it fits, or by how much it is over, for screen readers and hover.
    caption
        What is read, where that changes with the number; empty for the gauge's own.
    """

    text: str = "–"
    kind: str = ""
    details: str = ""
    fill: float | None = None
    limit: float | None = None
    bad: bool = False
    words: str = ""
    caption: str = ""


class Gauge(QWidget):
    """Caption, number and glyph in a line, a bar under it, the reading before the last change as a dashed mark.

    A press, or Enter, asks for the source.

    Parameters
    ----------
    caption
        What is read.
    """

    asked = Signal(str)
    """The user wants to know where the number comes from; the answer in words."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        accessible.enable()
        self.caption = caption
        self._reading, self._ghost = Reading(), Reading()
        self._secret = self._low = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(caption)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_reading(self, reading: Reading, ghost: Reading | None = None) -> None:
        """Show a number, and where its bar ended before the last change."""
        ghost = ghost or Reading()
        if (reading, ghost) != (self._reading, self._ghost):
            self._reading, self._ghost = reading, ghost
            self.setAccessibleDescription(self.details())
            accessible.announce_value(self)
            self.update()

    def set_secret(self, secret: bool) -> None:
        """Show nothing while somebody guesses."""
        self._secret = secret
        self.setAccessibleDescription(self.details())
        self.update()

    def set_low(self, low: bool) -> None:
        """Take less height."""
        self._low = low
        self.updateGeometry()
        self.update()

    def reading(self) -> Reading:
        """Give what is shown."""
        return Reading("?") if self._secret else self._reading

    def details(self) -> str:
        """Give kind, words and source of the number."""
        reading = self.reading()
        if self._secret:
            return f"{self.caption}: ?"
        kinds = {
            "measured": self.tr("measured here"),
            "derived": self.tr("derived"),
            "cited": self.tr("cited"),
            "assumed": self.tr("assumed"),
        }
        was = self.tr("was {text}").format(text=self._ghost.text) if self._ghost.kind else ""
        head = ", ".join(part for part in (reading.text, reading.words, kinds.get(reading.kind, ""), was) if part)
        return f"{reading.caption or self.caption}: {head}" + (f" · {reading.details}" if reading.details else "")

    def accessible_value(self) -> str:
        """Give the number as a screen reader says it."""
        return ", ".join(part for part in (self.reading().text, self.reading().words) if part)

    def sizeHint(self) -> QSize:
        """Give room for a caption, a number and the bar."""
        current = self._tokens
        high = self._line + current.px(5 if self._low else 9)
        return QSize(current.px(122), max(high, 44) if current.touch else high)

    minimumSizeHint = sizeHint

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the source."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit(self.details())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release with the press: what lies behind does not hear of it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the source with Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit(self.details())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show the source when the pointer rests on the number."""
        if event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self.details(), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw caption, number, glyph, bar, limit and ghost."""
        current, reading, painter = self._tokens, self.reading(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self._line
        glyph = current.px(7) if reading.kind else 0
        gap, pad = current.px(4), current.px(3)  # the focus ring needs its place
        number = self._number
        width = text_width(number, reading.text)
        right = self.width() - pad - glyph - (gap if glyph else 0)
        left = max(float(pad), right - width)
        told = reading.caption or self.caption
        if pad + text_width(self._plain, told) + gap > left:
            told = self.caption  # the shorter one; hover tells the rest
        caption = text_width(self._plain, told)
        painter.setFont(self._plain)
        painter.setPen(current.color("quiet_ink"))
        if pad + caption + gap <= left:
            painter.drawText(QRectF(pad, 0, caption, line), Qt.AlignmentFlag.AlignVCenter, told)
        painter.setFont(number)
        painter.setPen(current.color("bad" if reading.bad else "ink" if reading.kind else "quiet_ink"))
        text = painter.fontMetrics().elidedText(reading.text, Qt.TextElideMode.ElideRight, round(right - pad) + 1)
        painter.drawText(QRectF(left, 0, right - left + 1, line), Qt.AlignmentFlag.AlignVCenter, text)
        draw_kind_glyph(
            painter, QRectF(self.width() - pad - glyph, (line - glyph) / 2, glyph, glyph), reading.kind, current
        )
        high = current.px(3 if self._low else 5)
        self._paint_bar(painter, QRectF(pad, line + current.px(1), self.width() - 2 * pad, high))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 3)

    def _paint_bar(self, painter: QPainter, rail: QRectF) -> None:
        current, reading = self._tokens, self.reading()
        if reading.fill is None:
            return
        painter.fillRect(rail, current.color("grid"))
        bar = QRectF(rail)
        bar.setWidth(max(1.0, rail.width() * min(1.0, reading.fill)))
        painter.fillRect(bar, current.color("bad" if reading.bad else "data0"))
        if reading.bad:  # said by the hatching too
            painter.fillRect(bar, QBrush(current.color("surface", 0.7), Qt.BrushStyle.BDiagPattern))
        reach = current.px(1 if self._low else 2)
        if self._ghost.fill is not None and self._ghost.fill != reading.fill:
            x = rail.left() + rail.width() * min(1.0, self._ghost.fill)
            painter.setPen(QPen(current.color("ink", 0.35), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, rail.top() - reach), QPointF(x, rail.bottom() + reach))
        if reading.limit is not None:
            x = min(rail.right() - 1, rail.left() + rail.width() * reading.limit)
            painter.setPen(QPen(current.color("ink"), max(1, current.px(1.5))))
            painter.drawLine(QPointF(x, rail.top() - reach), QPointF(x, rail.bottom() + reach))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._number, self._plain = current.font(12, 600), current.font(12)
        self._line = line_height(self._number)
        self.updateGeometry()
        self.update()
