"""Elided label: text that is shortened with dots where it does not fit, whole on hover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import tokens
from widgets.painting import line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class ElidedLabel(QWidget):
    """One or a few lines of text that never clip: the last line ends in dots, hover shows the whole.

    Parameters
    ----------
    text
        What is read.
    size_px, weight, role
        Type size at scale 1, weight, and the token of its colour.
    lines
        Most lines; the height is that of the lines in use.
    """

    def __init__(
        self,
        text: str = "",
        *,
        size_px: int = 14,
        weight: int = 400,
        role: str = "ink",
        lines: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = text
        self._size_px = size_px
        self._weight = weight
        self._role = role
        self._lines = lines
        # Fixed would hold several lines to the height of the hint, which knows no width
        vertical = QSizePolicy.Policy.Fixed if lines == 1 else QSizePolicy.Policy.Preferred
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        policy.setHeightForWidth(lines > 1)
        self.setSizePolicy(policy)
        self.setAccessibleName(text)
        self._unfollow = tokens.follow(self._apply_tokens)

    def text(self) -> str:
        """Give the whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._lay_out()
            self.updateGeometry()
            self.update()

    def set_role(self, role: str) -> None:
        """Take the colour of another token."""
        if role != self._role:
            self._role = role
            self.update()

    def set_size(self, size_px: int) -> None:
        """Take another type size, in pixels at scale 1."""
        if size_px != self._size_px:
            self._size_px = size_px
            self._apply_tokens(self._tokens)

    def set_lines(self, lines: int) -> None:
        """Allow another number of lines."""
        if lines != self._lines:
            self._lines = lines
            policy = self.sizePolicy()
            policy.setHeightForWidth(lines > 1)
            self.setSizePolicy(policy)
            self._lay_out()
            self.updateGeometry()
            self.update()

    def shown_lines(self) -> list[str]:
        """Give the lines as they are drawn, dots included."""
        return list(self._shown)

    def heightForWidth(self, width: int) -> int:
        """Give the height of the lines that `width` pixels need."""
        return self._line * max(1, len(self._break(width)))

    def sizeHint(self) -> QSize:
        """Give the size at which nothing is shortened (a line of at most 360 px at scale 1)."""
        width = text_width(self._font, self._text)
        if self._lines > 1:
            width = min(width, self._tokens.px(360))
        return QSize(width, self.heightForWidth(max(1, width)))

    def minimumSizeHint(self) -> QSize:
        """Give room for a few letters."""
        return QSize(min(text_width(self._font, self._text), self._tokens.px(48)), self._line)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font = current.font(self._size_px, self._weight)
        self._line = line_height(self._font)
        self._lay_out()
        self.updateGeometry()
        self.update()

    def _lay_out(self) -> None:
        self._shown = self._break(self.width())
        whole = " ".join(self._shown).split() == self._text.split()
        self.setToolTip("" if whole else self._text)

    def _break(self, width: int) -> list[str]:
        layout = QTextLayout(self._text, self._font)
        layout.beginLayout()
        starts: list[int] = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            starts.append(line.textStart())
        layout.endLayout()
        shown: list[str] = []
        for index, start in enumerate(starts[: self._lines]):
            last = index == self._lines - 1
            end = None if last or index + 1 == len(starts) else starts[index + 1]
            shown.append(self._text[start:end].rstrip())
        if shown:
            metrics = QFontMetricsF(self._font)
            shown[-1] = metrics.elidedText(shown[-1], Qt.TextElideMode.ElideRight, width + 1)
        return shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the text anew."""
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines from the top left."""
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.setPen(self._tokens.color(self._role if self.isEnabled() else "quiet_ink"))
        ascent = painter.fontMetrics().ascent()
        for index, line in enumerate(self._shown):
            painter.drawText(QPointF(0, index * self._line + ascent), line)
