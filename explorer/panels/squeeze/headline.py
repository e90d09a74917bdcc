"""Headline: the accuracy of the present setting, how sure it is, what it was measured on, and the bytes it takes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, draw_kind_glyph, line_height, text_width
from widgets.tokens import Tokens

TALL_PX = 460


@dataclass(frozen=True, slots=True)
class Figures:
    """What the headline says.

    Parameters
    ----------
    accuracy, interval
        "80.7 %" and "[78.1, 83.0]"; empty while nothing is known.
    stale
        Whether the figures are those of the setting before, until the first new ones come.
    status
        "estimate, 150 of 1,000" or "complete".
    measured_on
        The set of clips.
    done
        Share of the clips done.
    compared
        The difference to the float network, with its interval.
    size
        "11,198 bytes".
    size_note
        What the bytes are.
    """

    accuracy: str = ""
    interval: str = ""
    stale: bool = False
    status: str = ""
    measured_on: str = ""
    done: float = 0.0
    compared: str = ""
    size: str = ""
    size_note: str = ""

    def sentence(self) -> str:
        """Return all of it in a line."""
        parts = (self.accuracy, self.interval, self.status, self.measured_on, self.compared, self.size)
        return ", ".join(part for part in parts if part)


class Headline(QWidget):
    """Two lines of text beside a large number at each end; a line under it grows with the clips done.

    A press, or Enter, asks what the figure is made of.
    """

    pressed = Signal()
    """The user wants to know which classes are behind the figure."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._figures = Figures()
        self._tall = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Accuracy and bytes"))
        self.setAccessibleDescription(self.tr("Press for the change of every word"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def figures(self) -> Figures:
        """Give what is shown."""
        return self._figures

    def accessible_value(self) -> str:
        """Give the figures as a screen reader says them."""
        return self._figures.sentence()

    def set_figures(self, figures: Figures) -> None:
        """Show other figures."""
        if figures != self._figures:
            self._figures = figures
            self.setToolTip(figures.sentence() + "\n" + self.accessibleDescription())
            accessible.announce_value(self)
            self.update()

    def set_tall(self, tall: bool) -> None:
        """Take the largest type where there is height for it."""
        if tall != self._tall:
            self._tall = tall
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Give the height of the large number, or of the two lines beside it."""
        current = self._tokens
        lines = 2 * line_height(current.font(12))
        return QSize(current.px(480), max(line_height(self._big()), lines) + current.px(6))

    minimumSizeHint = sizeHint

    def _big(self) -> QFont:
        return self._tokens.font(44 if self._tall else 28, 600)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the classes."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release of a press to itself."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for the classes with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw number, lines, bytes, and the line of progress."""
        current, figures = self._tokens, self._figures
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        big, small = self._big(), current.font(12)
        bottom = self.height() - current.px(4)
        painter.setFont(big)
        painter.setPen(current.color("quiet_ink" if figures.stale or not figures.accuracy else "ink"))
        baseline = (bottom + painter.fontMetrics().capHeight()) / 2
        painter.drawText(QPointF(0, baseline), figures.accuracy)
        x = text_width(big, "00.0 %") + current.px(8) if figures.accuracy else -current.px(18.0)
        glyph = QRectF(x, baseline - current.px(10), current.px(9), current.px(9))
        if figures.accuracy:
            draw_kind_glyph(painter, glyph, "measured", current)
        x += current.px(18)
        right = self._paint_size(painter, baseline, x)
        upper = "   ".join(part for part in (figures.interval, figures.compared) if part)
        status = "" if figures.done >= 1 else figures.status  # the full line under it says so, and the set needs room
        lower = " ".join(part for part in (status, figures.measured_on.partition(";")[0]) if part)
        self._lines(painter, small if figures.accuracy else current.font(16), (x, right - current.px(12)), upper, lower)
        rail = QRectF(0, self.height() - current.px(3), self.width(), current.px(3))
        painter.fillRect(rail, current.color("grid"))
        rail.setWidth(rail.width() * figures.done)
        painter.fillRect(rail, current.color("data0" if figures.done >= 1 else "accent"))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_size(self, painter: QPainter, baseline: float, left: float) -> float:
        """Draw the bytes at the right end and return where they begin."""
        current, figures = self._tokens, self._figures
        if not figures.size:
            return float(self.width())
        font = current.font(28 if self._tall else 20, 600)
        small = current.font(12)
        texts = (text_width(font, "00,000 bytes"), text_width(font, figures.size), text_width(small, figures.size_note))
        width = max(texts) + current.px(18)
        start = max(left, self.width() - width)
        painter.setFont(font)
        painter.setPen(current.color("ink"))
        upper = line_height(small)
        painter.drawText(QPointF(start, self.height() - upper - current.px(8)), figures.size)
        glyph_x = start + text_width(font, figures.size) + current.px(6)
        top = self.height() - upper - current.px(8) - current.px(10)
        draw_kind_glyph(painter, QRectF(glyph_x, top, current.px(9), current.px(9)), "derived", current)
        painter.setFont(small)
        painter.setPen(current.color("quiet_ink"))
        painter.drawText(QPointF(start, self.height() - current.px(7)), figures.size_note)
        return start

    def _lines(self, painter: QPainter, font: QFont, span: tuple[float, float], upper: str, lower: str) -> None:
        current = self._tokens
        left, right = span
        height = line_height(font)
        middle = (self.height() - current.px(4)) / 2
        painter.setFont(font)
        lines = ((upper, middle - height, "ink"), (lower, middle, "quiet_ink"))
        for text, top, role in lines if upper else ((lower, middle - height / 2, "quiet_ink"),):
            painter.setPen(current.color(role))
            fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(right - left))
            painter.drawText(QRectF(left, top, right - left, height), Qt.AlignmentFlag.AlignVCenter, fitted)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()
