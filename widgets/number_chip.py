"""Number chip: a number that shows its unit and says where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFocusEvent, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, draw_kind_glyph, line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens

# number, unit, caption: type sizes at scale 1
_SIZES = {"small": (16, 12, 12), "medium": (20, 14, 12), "large": (44, 20, 14)}


class NumberChip(QWidget):
    """A number with its unit, a caption and the glyph of its kind; details on hover and on focus.

    The chip keeps the width of `widest`, so that what stands beside it does not move when digits come and go.

    Parameters
    ----------
    caption
        What the number is, in words.
    size
        "small", "medium" or "large" (the number read aloud).
    widest
        The widest number expected, such as "000.0".
    widest_unit
        The widest unit expected.
    """

    ACCESSIBLE_ROLE = QAccessible.Role.StaticText

    def __init__(
        self,
        caption: str = "",
        *,
        size: str = "small",
        widest: str = "000.0",
        widest_unit: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        accessible.enable()
        self._caption = caption
        self._sizes = _SIZES[size]
        self._widest = widest
        self._widest_unit = widest_unit
        self._text = "–"
        self._unit = ""
        self._kind = ""
        self._details = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(caption)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_value(self, text: str, unit: str = "", kind: str = "", details: str = "") -> None:
        """Show a number.

        Parameters
        ----------
        text
            The formatted number; "–" where there is none yet.
        unit
            Its unit as printed.
        kind
            "measured", "derived", "cited", "assumed", or empty while there is no number.
        details
            Source, interval and number of samples, in a sentence.
        """
        if (text, unit, kind, details) == (self._text, self._unit, self._kind, self._details):
            return
        wider = text_width(self._font(0), text) > self._number_width or unit != self._unit
        self._text, self._unit, self._kind, self._details = text, unit, kind, details
        self.setAccessibleDescription(self.details())
        accessible.announce_value(self)
        if wider:
            self._measure()
        self.update()

    def set_caption(self, caption: str) -> None:
        """Change what the number is, in words."""
        self._caption = caption
        self.setAccessibleName(caption)
        self._measure()
        self.update()

    def text(self) -> str:
        """Give the number as it is printed, without its unit."""
        return self._text

    def kind(self) -> str:
        """Say where the number comes from."""
        return self._kind

    def details(self) -> str:
        """Give the kind and the details as hover and focus show them."""
        words = {
            "measured": self.tr("Measured here"),
            "derived": self.tr("Derived"),
            "cited": self.tr("Cited"),
            "assumed": self.tr("Assumed"),
        }
        return ": ".join(part for part in (words.get(self._kind, ""), self._details) if part)

    def accessible_value(self) -> str:
        """Give the number as a screen reader says it."""
        return f"{self._text} {self._unit}".strip()

    def sizeHint(self) -> QSize:
        """Give the size that the widest number needs."""
        return QSize(self._width, self._height)

    minimumSizeHint = sizeHint

    def _font(self, part: int) -> QFont:
        weight = (600, 400, 400)[part]
        return self._tokens.font(self._sizes[part], weight)

    def _apply_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._number_width = 0
        self._measure()
        self.update()

    def _measure(self) -> None:
        current = self._tokens
        number, unit, caption = (self._font(part) for part in range(3))
        self._number_width = max(self._number_width, text_width(number, self._widest), text_width(number, self._text))
        self._gap = current.px(self._sizes[0] * 0.25)
        units = max((text_width(unit, text) for text in (self._unit, self._widest_unit) if text), default=0)
        self._glyph = round(current.px(self._sizes[1]) * 0.55)
        self._pad = current.px(4)
        row = self._number_width + self._gap + units + self._gap + self._glyph
        width = max(row, text_width(caption, self._caption) if self._caption else 0)
        self._caption_height = line_height(caption) if self._caption else 0
        self._width = width + 2 * self._pad
        self._height = self._caption_height + line_height(number) + 2 * self._pad
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw caption, number, unit and glyph, all on the left edge."""
        current = self._tokens
        painter = QPainter(self)
        x, y = self._pad, self._pad
        if self._caption:
            painter.setFont(self._font(2))
            painter.setPen(current.color("quiet_ink"))
            painter.drawText(QPoint(x, y + painter.fontMetrics().ascent()), self._caption)
            y += self._caption_height
        font = self._font(0)
        painter.setFont(font)
        painter.setPen(current.color("ink"))
        baseline = y + painter.fontMetrics().ascent()
        painter.drawText(QPoint(x, baseline), self._text)
        cap_height = painter.fontMetrics().capHeight()
        x += painter.fontMetrics().horizontalAdvance(self._text) + self._gap
        if self._unit:
            painter.setFont(self._font(1))
            painter.setPen(current.color("quiet_ink"))
            painter.drawText(QPoint(x, baseline), self._unit)
            x += painter.fontMetrics().horizontalAdvance(self._unit) + self._gap
        glyph = QRectF(x, baseline - cap_height, self._glyph, self._glyph)
        draw_kind_glyph(painter, glyph, self._kind, current)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current)

    def event(self, event: QEvent) -> bool:
        """Show the details when the pointer rests on the number."""
        if event.type() == QEvent.Type.ToolTip:
            self._show_details()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the details when the keyboard arrives."""
        super().focusInEvent(event)
        self._show_details()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the details away when the keyboard leaves."""
        super().focusOutEvent(event)
        QToolTip.hideText()
        self.update()

    def _show_details(self) -> None:
        if self.details():
            below = self.mapToGlobal(QPoint(0, self.height()))
            QToolTip.showText(below, self.details(), self)
