"""The real program with a witness inside: it tells on request what a screen reader would find in the window.

Started instead of `python -m explorer` with the same arguments.  Each line on standard input is answered by one line of
JSON; "look" gives every visible widget with its name, value, description and place on the screen.  Nothing of the
program is replaced.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from explorer.cli import main
from explorer.main_window import MainWindow


def seen(widget: QWidget) -> dict[str, Any] | None:
    """Return what is told of one widget; None when it says nothing."""
    interface: QAccessibleInterface | None = QAccessible.queryAccessibleInterface(widget)
    if interface is None:
        return None
    texts = {
        "name": interface.text(QAccessible.Text.Name),
        "value": interface.text(QAccessible.Text.Value),
        "description": interface.text(QAccessible.Text.Description),
        "text": widget.text() if isinstance(widget, QLabel) else "",
    }
    if not any(texts.values()):
        return None
    rect = interface.rect()
    return {
        "class": type(widget).__name__,
        "enabled": widget.isEnabled(),
        "focus": widget.hasFocus(),
        "place": [rect.x(), rect.y(), rect.width(), rect.height()],
        **{key: text for key, text in texts.items() if text},
    }


def look() -> list[dict[str, Any]]:
    """Return every visible widget that says something."""
    found = []
    for top in QApplication.topLevelWidgets():
        if top.isVisible():
            for widget in (top, *top.findChildren(QWidget)):
                if widget.isVisible() and (said := seen(widget)) is not None:
                    found.append(said)
    return found


def tell(answer: object) -> None:
    """Write one line of JSON."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


class Witness(QObject):
    """Answers lines on standard input, in the interface's thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_line)

    @Slot()
    def _on_line(self) -> None:
        asked = os.read(0, 4096)
        if not asked:
            self._notifier.setEnabled(False)
            return
        for _ in asked.splitlines():
            tell(look())


start = MainWindow.start


def start_with_witness(window: MainWindow, panel: str = "") -> None:
    start(window, panel)
    Witness(window)
    tell("started")


if __name__ == "__main__":
    MainWindow.start = start_with_witness  # type: ignore[method-assign, assignment]
    raise SystemExit(main())
