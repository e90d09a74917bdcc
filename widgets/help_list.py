"""Help list: numbered explanations below each other, one of them chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from widgets import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from widgets.tokens import Tokens


@dataclass(frozen=True)
class HelpItem:
    """An explanation: name, meaning, formula with its present values, section of the book."""

    title: str
    meaning: str
    formula: str = ""
    section: str = ""


class HelpList(QScrollArea):
    """The explanations of a screen, the chosen one framed and in view."""

    chosen = Signal(int)
    """The user pressed an explanation; its position."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._blocks: list[_Block] = []
        self._inside = QWidget()
        self._layout = QVBoxLayout(self._inside)
        self._layout.addStretch(1)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_items(self, items: Sequence[HelpItem]) -> None:
        """Show these explanations and no others."""
        for block in self._blocks:
            self._layout.removeWidget(block)
            block.deleteLater()
        self._blocks = [_Block(number, item) for number, item in enumerate(items, start=1)]
        for index, block in enumerate(self._blocks):
            self._layout.insertWidget(index, block)
            block.pressed.connect(self._on_pressed)

    def select(self, index: int) -> None:
        """Frame one explanation and scroll to it."""
        for position, block in enumerate(self._blocks):
            block.set_chosen(position == index)
        # the blocks may be new and without a place yet
        self._layout.activate()
        self.ensureWidgetVisible(self._blocks[index], 0, self._tokens.space(1))

    def _on_pressed(self, number: int) -> None:
        self.chosen.emit(number - 1)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        margin = current.space(2)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self._layout.setSpacing(current.space(1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the surface under the explanations."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._tokens.color("surface"))
        painter.setPen(self._tokens.color("hairline"))
        painter.drawLine(0, 0, 0, self.height())


class _Block(QWidget):
    """One explanation: number and name, meaning, formula, section."""

    pressed = Signal(int)

    def __init__(self, number: int, item: HelpItem) -> None:
        super().__init__()
        self._number = number
        self._chosen = False
        self._stack = QVBoxLayout(self)
        self._parts: list[tuple[QLabel, int, int, str]] = []
        for text, size, weight, role in (
            (f"{number}  {item.title}", 14, 600, "ink"),
            (item.meaning, 14, 400, "ink"),
            (item.formula, 14, 500, "ink"),
            (item.section, 12, 400, "quiet_ink"),
        ):
            if text:
                label = QLabel(text)
                label.setWordWrap(True)
                label.setTextFormat(Qt.TextFormat.PlainText)
                self._stack.addWidget(label)
                self._parts.append((label, size, weight, role))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(f"{number} {item.title}")
        self.setAccessibleDescription(item.meaning)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_chosen(self, chosen: bool) -> None:
        self._chosen = chosen
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit(self._number)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        margin = current.space(1.5)
        self._stack.setContentsMargins(margin, margin, margin, margin)
        self._stack.setSpacing(current.space(0.5))
        for label, size, weight, role in self._parts:
            label.setFont(current.font(size, weight))
            palette = label.palette()
            palette.setColor(label.foregroundRole(), current.color(role))
            label.setPalette(palette)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 * current.scale if self._chosen else 1.0
        painter.setPen(QPen(current.color("accent" if self._chosen else "hairline"), width))
        painter.setBrush(current.color("raised"))
        box = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.drawRoundedRect(box, current.px(8), current.px(8))
