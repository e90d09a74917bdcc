"""Step buttons: a row of settings to press, each with a word and the number that it gave here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens


@dataclass(frozen=True, slots=True)
class StepWords:
    """What a button says.

    Parameters
    ----------
    key
        Name of the setting.
    title, short
        Its words, and the same where there is little room.
    meaning
        What it shows, in a sentence.
    """

    key: str
    title: str
    short: str
    meaning: str


class StepButtons(QWidget):
    """Buttons side by side, as wide as there is room.

    Parameters
    ----------
    steps
        One button each.
    numbers
        Whether a line for numbers stands under the words.
    """

    pressed = Signal(str)
    """The user pressed a button; its key."""

    def __init__(self, steps: Sequence[StepWords], *, numbers: bool = True) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.buttons: dict[str, StepButton] = {}
        for step in steps:
            button = StepButton(step, numbers)
            button.clicked.connect(self._on_clicked)
            self._row.addWidget(button)
            self.buttons[step.key] = button
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_chosen(self, key: str | None) -> None:
        """Mark the setting in force; None marks none."""
        for name, button in self.buttons.items():
            button.set_chosen(name == key)

    def show_number(self, key: str, text: str) -> None:
        """Write the number of a setting."""
        self.buttons[key].set_number(text)

    def _on_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, StepButton):
            self.pressed.emit(sender.words.key)

    def _apply_tokens(self, current: Tokens) -> None:
        self._row.setSpacing(current.px(4))


class StepButton(QAbstractButton):
    """One setting to press.

    Parameters
    ----------
    words
        What it says.
    numbers
        Whether there is room for a number.
    """

    def __init__(self, words: StepWords, numbers: bool) -> None:
        super().__init__()
        self.words = words
        self._numbers = numbers
        self._number = ""
        self._chosen = False
        self.setText(words.title)
        self.setToolTip(words.meaning)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._describe()

    def number(self) -> str:
        """Give the number as printed."""
        return self._number

    def set_number(self, text: str) -> None:
        """Write another number."""
        if text != self._number:
            self._number = text
            self._describe()
            self.update()

    def is_chosen(self) -> bool:
        """Say whether this setting is in force."""
        return self._chosen

    def set_chosen(self, chosen: bool) -> None:
        """Mark the setting as the one in force."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._describe()
            self.update()

    def sizeHint(self) -> QSize:
        """Give room for the short words and the number."""
        current = self._tokens
        lines = line_height(current.font(12, 600)) + (line_height(current.font(12)) if self._numbers else 0)
        width = text_width(current.font(12, 600), self.words.short) + current.px(12)
        return QSize(width, max(current.target_px, lines + current.px(4)))

    minimumSizeHint = sizeHint

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press with Enter too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words, the number under them, and whether it is the setting in force."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = current.px(6)
        painter.setPen(QPen(current.color("accent" if self._chosen else "edge"), 1))
        fill = "accent" if self._chosen else "hairline" if self.underMouse() else "raised"
        painter.setBrush(current.color(fill))
        painter.drawRoundedRect(box, radius, radius)
        ink = "on_accent" if self._chosen else "ink"
        bold = current.font(12, 600)
        room = box.width() - current.px(8)
        title = self.words.title if text_width(bold, self.words.title) <= room else self.words.short
        upper = box.adjusted(0, current.px(2), 0, 0) if self._numbers else box
        upper = QRectF(upper.left(), upper.top(), upper.width(), line_height(bold)) if self._numbers else upper
        painter.setFont(bold)
        painter.setPen(current.color(ink))
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, title)
        if self._numbers:
            lower = QRectF(box.left(), upper.bottom(), box.width(), box.bottom() - upper.bottom())
            painter.setFont(current.font(12))
            painter.setPen(current.color(ink if self._chosen else "quiet_ink"))
            painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, self._number or "…")
        if self.hasFocus():
            draw_focus_ring(painter, box, current, 6, role="ink" if self._chosen else "accent")

    def _describe(self) -> None:
        self.setAccessibleName(f"{self.words.title}: {self._number}" if self._number else self.words.title)
        state = self.tr("in force. ") if self._chosen else ""
        self.setAccessibleDescription(state + self.words.meaning)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()
