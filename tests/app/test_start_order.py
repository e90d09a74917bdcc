"""The start of the window: Listen first, the other panels while it already listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QToolButton

from explorer.app import add_panels
from explorer.faults import Faults
from explorer.main_window import MainWindow
from explorer.panels.registry import panel_classes
from explorer.settings import Settings

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def rail(window: MainWindow) -> list[str]:
    """Give the keys of the rail from top to bottom."""
    buttons = [b for b in window.findChildren(QToolButton) if b.property("panel")]
    return [b.property("panel") for b in sorted(buttons, key=lambda b: b.y())]


@pytest.mark.parametrize("at_once", [False, True])
def test_all_panels_come_in_the_order_of_the_rail_and_listen_does_not_wait(qtbot: QtBot, at_once: bool) -> None:
    window = MainWindow((), Settings(), Faults(), "dark")
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    wanted = [panel.key for panel in panel_classes()]
    add_panels(window, at_once=at_once)
    assert rail(window) == (wanted if at_once else ["listen"])
    window.start()
    assert window.front.key == "listen"
    qtbot.waitUntil(lambda: rail(window) == wanted, timeout=10_000)
    window.close()
    window.faults.close()


def test_a_window_that_closes_at_once_waits_for_no_panel(qtbot: QtBot) -> None:
    window = MainWindow((), Settings(), Faults(), "dark")
    qtbot.addWidget(window)
    window.show()
    add_panels(window, at_once=False)
    window.start()
    window.close()
    qtbot.wait(700)
    assert list(window.panel_classes) == ["listen"]
    window.faults.close()
