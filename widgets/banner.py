"""Banner: a sentence that says what is the matter and what to do, with a button that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.icon_button import IconButton
from widgets.icons import paint_icon

if TYPE_CHECKING:
    from widgets.tokens import Tokens

# icon and colour of each mood; the shapes differ, so that no mood is told by colour alone
MOODS = {
    "info": ("info", "quiet_ink"),
    "good": ("check", "good"),
    "warn": ("triangle-alert", "warn"),
    "bad": ("triangle-alert", "bad"),
}


class Banner(QWidget):
    """A strip with an icon, a sentence, a button if there is something to do, and a cross.

    Hidden until `show_message`.
    """

    actionRequested = Signal()
    """The user pressed the button."""
    dismissed = Signal()
    """The user closed the banner."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mood = "info"
        self._mark = _Mark()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._button = QPushButton()
        self._close = IconButton("x", self.tr("Close this message"))
        self._button.clicked.connect(self.actionRequested)
        self._close.clicked.connect(self._on_close)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._mark)
        self._layout.addWidget(self._text, 1)
        self._layout.addWidget(self._button)
        self._layout.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.hide()
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_message(self, text: str, *, mood: str = "info", action: str = "", closable: bool = True) -> None:
        """Show a sentence.

        Parameters
        ----------
        text
            What is the matter, and what to do.
        mood
            "info", "good", "warn" or "bad".
        action
            Word on the button; empty for none.
        closable
            Whether the user may close it (a state that lasts is closed by its end).
        """
        self._mood = mood
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._close.setVisible(closable)
        self._mark.set_mood(mood)
        self.setAccessibleName(text)
        self.show()
        accessible.announce_alert(self)
        self.update()

    def text(self) -> str:
        """Give the sentence."""
        return self._text.text()

    def mood(self) -> str:
        """Give the mood of the sentence."""
        return self._mood

    def _on_close(self) -> None:
        self.hide()
        self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape where closing is allowed."""
        if event.key() == Qt.Key.Key_Escape and not self._close.isHidden():
            self._on_close()
        else:
            super().keyPressEvent(event)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._layout.setContentsMargins(current.px(12), current.px(6), current.px(6), current.px(6))
        self._layout.setSpacing(current.space(1))
        self._mark.setFixedSize(current.icon_px, current.icon_px)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the surface, its hairline, and a bar in the colour of the mood."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.setBrush(current.color("raised"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, current.px(8), current.px(8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color(MOODS[self._mood][1]))
        bar = QRectF(current.px(1), current.px(8), current.px(3), self.height() - current.px(16))
        painter.drawRoundedRect(bar, current.px(1), current.px(1))


class Toast(Banner):
    """A banner that floats over the foot of its parent and leaves by itself.

    Parameters
    ----------
    parent
        The widget it floats over.
    seconds
        How long it stays; under the pointer or with the keyboard in it, it waits.
    """

    def __init__(self, parent: QWidget, seconds: float = 6.0) -> None:
        super().__init__(parent)
        self._over = parent
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(seconds * 1000))
        self._timer.timeout.connect(self._on_timeout)
        self.dismissed.connect(self._timer.stop)

    def show_message(self, text: str, *, mood: str = "info", action: str = "", closable: bool = True) -> None:
        """Show a sentence for a while (see `Banner.show_message`)."""
        super().show_message(text, mood=mood, action=action, closable=closable)
        width = min(self._over.width() - 2 * self._tokens.space(2), self._tokens.px(560))
        self.setFixedWidth(width)
        height = max(self.sizeHint().height(), self.heightForWidth(width))
        self.resize(width, height)
        self.move((self._over.width() - width) // 2, self._over.height() - height - self._tokens.space(2))
        self.raise_()
        self._timer.start()

    def _on_timeout(self) -> None:
        # asked of the cursor itself: a widget that moves away from under it is told nothing
        pointed = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        if pointed or self.isAncestorOf(_focus_widget(self)):
            self._timer.start()
        else:
            self.hide()


def _focus_widget(near: QWidget) -> QWidget:
    focused = near.window().focusWidget()
    return focused if focused is not None else near.window()


class _Mark(QWidget):
    """The icon of a mood."""

    def __init__(self) -> None:
        super().__init__()
        self._mood = "info"

    def set_mood(self, mood: str) -> None:
        self._mood = mood
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        name, role = MOODS[self._mood]
        paint_icon(QPainter(self), QRectF(self.rect()), name, role)
