"""A view stack and the key Tab: views made late stand in the row of widgets where they stand on the screen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.panels.view import View
from explorer.panels.view_stack import ViewStack


class _Words(View):
    """Two buttons."""

    def __init__(self, name: str) -> None:
        context: Any = None  # this view asks the application for nothing
        super().__init__(context)
        for number in (1, 2):
            self.page.addWidget(QPushButton(f"{name} {number}"))


def test_tab_goes_through_the_view_in_front_before_what_stands_below(qtbot: QtBot) -> None:
    window, above, below = QWidget(), QPushButton("above"), QPushButton("below")
    stack = ViewStack({"first": lambda: _Words("first"), "second": lambda: _Words("second")})
    column = QVBoxLayout(window)
    for widget in (above, stack, below):
        column.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

    def walk() -> list[str]:
        above.setFocus()
        focus: QWidget = above
        met = []
        for _ in range(3):
            QTest.keyClick(focus, Qt.Key.Key_Tab)
            found = QApplication.focusWidget()
            assert isinstance(found, QPushButton)
            focus = found
            met.append(found.text())
        return met

    assert walk() == ["first 1", "first 2", "below"]
    stack.show_view("second")
    assert walk() == ["second 1", "second 2", "below"]
    stack.show_view("first")
    assert walk() == ["first 1", "first 2", "below"]
