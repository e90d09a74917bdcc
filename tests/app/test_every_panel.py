"""What holds for every panel that is registered, in the real window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea

from explorer.faults import Faults
from explorer.main_window import MainWindow
from explorer.panels.registry import panel_classes
from explorer.settings import Settings
from explorer.state_file import load, save
from widgets.drawer import Drawer

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

KEYS = [panel.key for panel in panel_classes()]


def open_window(qtbot: QtBot, key: str, theme: str, width: int = 1280, height: int = 720) -> MainWindow:
    window = MainWindow(panel_classes(), Settings(), Faults(), theme)
    qtbot.addWidget(window)
    window.resize(width, height)
    with qtbot.waitExposed(window):
        window.show()
    window.start(key)
    return window


def close(window: MainWindow) -> None:
    window.close()
    window.faults.close()
    QApplication.processEvents()


@pytest.mark.parametrize("theme", ["dark", "light", "projector"])
@pytest.mark.parametrize("key", KEYS)
def test_the_controls_fit_into_the_drawer(qtbot: QtBot, key: str, theme: str) -> None:
    window = open_window(qtbot, key, theme, width=1920, height=1080)
    if not window.drawer_open:
        window.toggle_drawer()
    drawer = window.findChild(Drawer)
    assert drawer is not None
    area = drawer.findChild(QScrollArea)
    assert area is not None
    cards, viewport = area.widget(), area.viewport()
    assert cards is not None
    assert viewport is not None
    qtbot.waitUntil(lambda: cards.width() <= viewport.width())
    close(window)


@pytest.mark.parametrize("key", KEYS)
def test_it_says_what_is_seen_asks_a_question_and_explains_itself(qtbot: QtBot, key: str) -> None:
    window = open_window(qtbot, key, "dark")
    panel = window.front
    assert panel.question.endswith("?")
    assert panel.describe().endswith(".")
    window.help.toggle_explanation()
    assert len(window.help.explained()) > 5  # the window's own and some of the panel's
    close(window)


@pytest.mark.parametrize("key", KEYS)
def test_its_state_survives_a_state_file(qtbot: QtBot, key: str, tmp_path: Path) -> None:
    window = open_window(qtbot, key, "light")
    before = window.document()
    save(tmp_path / "a.mlstate", before)
    window.take(load(tmp_path / "a.mlstate", window.panel_classes))
    assert window.document() == before
    window.files.reset()
    assert window.front.save_state() == before.panels[key]  # nothing was chosen, so the start is what it was
    close(window)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("delay_ms", [0, 60, 400])
def test_the_window_closes_at_any_time_and_leaves_nothing(qtbot: QtBot, key: str, delay_ms: int) -> None:
    window = open_window(qtbot, key, "dark")
    qtbot.wait(delay_ms)
    close(window)
    assert not window.isVisible()
    assert window.faults.counts == {}
