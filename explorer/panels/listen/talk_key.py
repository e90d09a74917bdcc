"""Talk key: the microphone is heard only while T is held, pressing and letting go, which a shortcut cannot tell."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit


class TalkKey(QObject):
    """Watch the application's keys while that is wanted.

    Parameters
    ----------
    hold
        Told whether the key is down.
    parent
        The panel.
    """

    def __init__(self, hold: Callable[[bool], None], parent: QObject) -> None:
        super().__init__(parent)
        self._hold = hold
        self._watching = False

    def watch(self, wanted: bool) -> None:
        """Begin to watch, or end it."""
        app = QApplication.instance()
        if app is None or wanted == self._watching:
            return
        self._watching = wanted
        if wanted:
            app.installEventFilter(self)
        else:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take T for itself, except where somebody types."""
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_T or event.modifiers():
            return bool(super().eventFilter(watched, event))
        pressed = event.type() == QEvent.Type.KeyPress
        if not pressed and event.type() != QEvent.Type.KeyRelease:
            return bool(super().eventFilter(watched, event))
        if isinstance(QApplication.focusWidget(), QLineEdit):
            return bool(super().eventFilter(watched, event))
        if not event.isAutoRepeat():
            self._hold(pressed)
        return True
