"""Icon button: a button that is only a picture, with its word on hover and for a screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget

from widgets import tokens
from widgets.icons import icon

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class IconButton(QToolButton):
    """A flat button with an icon in the colour of a token.

    Parameters
    ----------
    name
        The icon.
    word
        What the button does.
    key
        Its shortcut as printed, for the hint on hover; the window handles the key itself.
    role
        The token of the icon's colour.
    """

    def __init__(
        self, name: str, word: str, *, key: str = "", role: str = "quiet_ink", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._role = role
        self._key = key
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_word(word)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_icon(self, name: str, word: str, role: str = "") -> None:
        """Show another icon, for another thing to do."""
        self._name, self._role = name, role or self._role
        self.set_word(word)
        self._apply_tokens(tokens.current())

    def set_word(self, word: str) -> None:
        """Say what the button does."""
        self.setAccessibleName(word)
        self.setToolTip(f"{word} ({self._key})" if self._key else word)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press with Enter too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _apply_tokens(self, current: Tokens) -> None:
        self.setIconSize(QSize(current.icon_px, current.icon_px))
        self.setIcon(icon(self._name, self._role))
