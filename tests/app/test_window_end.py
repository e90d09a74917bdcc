"""Work in the background can be seen and stopped, and nothing is left when the window closes."""

from __future__ import annotations

import base64
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from explorer.engine.errors import ExplorerError
from tests.app.screen import probe, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from explorer.main_window import MainWindow

    Make = Callable[..., MainWindow]

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_background_work_is_shown_with_progress_takes_turns_and_can_be_stopped(
    qtbot: QtBot, window: MainWindow
) -> None:
    got: list[Any] = []
    ends: list[BaseException | None] = []

    def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
        report(0.25, "12 of 48 clips")
        put("partial")
        stop.wait(20)

    first = window.background.start("Evaluating", work, got.append, ends.append)
    second = window.background.start("Training", work, got.append, ends.append)
    assert first.started
    assert not second.started
    qtbot.waitUntil(lambda: "Evaluating · 12 of 48 clips" in texts(window))
    assert "Training · waits for its turn" in texts(window)
    assert got == ["partial"]
    stop = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Stop: Evaluating")
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ends == [None])
    qtbot.waitUntil(lambda: second.started)
    second.stop()
    qtbot.waitUntil(lambda: len(ends) == 2)
    qtbot.waitUntil(lambda: "Training" not in texts(window))


def test_an_error_in_the_background_reaches_who_started_it(qtbot: QtBot, window: MainWindow) -> None:
    ends: list[BaseException | None] = []

    def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
        raise ExplorerError("The folder is empty.")

    window.background.start("Evaluating", work, on_end=ends.append, heavy=False)
    qtbot.waitUntil(lambda: len(ends) == 1)
    assert isinstance(ends[0], ExplorerError)


@pytest.mark.parametrize("delay_ms", [0, 7, 40, 130, 510])
def test_closing_at_any_time_leaves_nothing_behind(qtbot: QtBot, make_window: Make, delay_ms: int) -> None:
    window = make_window()

    def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
        while not stop.wait(0.005):
            put(time.monotonic())

    window.background.start("A", work, heavy=False)
    window.background.start("B", work)
    window.background.start("C", work)
    with qtbot.waitSignal(window.closed, timeout=5000):
        QTimer.singleShot(delay_ms, window.close)
    assert probe(window).shut
    assert not [t for t in threading.enumerate() if t.name.startswith("background")]
    window.close()  # a second time does no harm


def test_a_panel_that_fails_while_closing_does_not_keep_the_window_open(
    qtbot: QtBot, make_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(two=True)
    window.show_panel("other")

    def fail() -> None:
        raise RuntimeError("device gone")

    monkeypatch.setattr(probe(window), "shutdown", fail)
    assert window.close()
    assert "device gone" in window.faults.path.read_text(encoding="utf-8")


def test_place_and_size_are_remembered(make_window: Make) -> None:
    window = make_window(width=1333, height=777)
    window.close()
    kept = window.settings.values.geometry
    assert base64.b64decode(kept)
    again = make_window(width=1333, height=777)
    assert (again.width(), again.height()) == (1333, 777)


def test_the_hooks_are_given_back(window: MainWindow) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    window.faults.install(lambda: None)
    assert sys.excepthook is not before[0]
    window.faults.close()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
