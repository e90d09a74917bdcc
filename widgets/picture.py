"""Pictures that are painted by hand: what they share of a screen reader's words, of a cursor, and of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible

FAR = 1_000_000
"""A step that reaches either end."""
UP_DOWN: Mapping[Qt.Key, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
LEFT_RIGHT: Mapping[Qt.Key, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
ENDS: Mapping[Qt.Key, int] = {Qt.Key.Key_Home: -FAR, Qt.Key.Key_End: FAR}


class DescribedPicture(QWidget):
    """A picture whose accessible value is the sentence that its owner gives."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._words = ""

    def set_described(self, words: str) -> None:
        """Say what is seen now, for a screen reader."""
        if words != self._words:
            self._words = words
            self.setAccessibleDescription(words)
            accessible.announce_value(self)

    def accessible_value(self) -> str:
        """Give what is seen now."""
        return self._words


class CursorPicture(QWidget):
    """A picture of items in a row, one of them under a cursor that follows the pointer and the arrow keys.

    A subclass says how many items there are (`count`), which one is where (`item_at`), and which keys move (`MOVES`).

    Parameters
    ----------
    name
        What the picture is, for a screen reader.
    """

    cursorMoved = Signal()
    """The cursor came to another item."""
    MOVES: ClassVar[Mapping[Qt.Key, int]] = UP_DOWN

    def __init__(self, name: str) -> None:
        super().__init__()
        accessible.enable()
        self._cursor = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    def count(self) -> int:
        """Give the number of items."""
        return 0

    def item_at(self, place: QPointF) -> int | None:
        """Give the item at a place of the widget; None where there is none."""
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the cursor go to the item under the pointer."""
        at = self.item_at(event.position())
        if at is not None:
            self._move(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor."""
        by = self.MOVES.get(Qt.Key(event.key()))
        if by is None or not self.count():
            super().keyPressEvent(event)
        else:
            self._move(min(max(self._cursor + by, 0), self.count() - 1))

    def _keep_cursor(self) -> None:
        """Let the cursor stay where it is, or go to the last item if there are fewer now."""
        self._cursor = min(self._cursor, max(0, self.count() - 1))

    def _move(self, item: int) -> None:
        if item != self._cursor:
            self._cursor = item
            self.update()
            accessible.announce_value(self)
            self.cursorMoved.emit()


class ChoicePicture(CursorPicture):
    """A picture whose items are chosen by a press or with Enter; what that means, a subclass says in `choose_item`."""

    MOVES: ClassVar[Mapping[Qt.Key, int]] = {**LEFT_RIGHT, **ENDS}

    def choose_item(self, item: int) -> None:
        """Act on an item that was chosen."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the item under the pointer."""
        at = self.item_at(event.position())
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._move(at)
            self.choose_item(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release of a press to itself."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, choose with Enter."""
        if self.count() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose_item(self._cursor)
        else:
            super().keyPressEvent(event)
