"""A small panel that stands for every panel, and the real window around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.faults import Faults
from explorer.main_window import MainWindow
from explorer.panels.base import Context, FootNotes, Glyphs, Panel, PanelCommand, Recipe
from explorer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from explorer.workbench import State


class Probe(Panel):
    """A panel that says what it was asked to do."""

    key = "probe"
    title = "Probe"
    icon = "ear"
    question = "What is seen here?"
    beads = ("sound", "features", "network", "decision")

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.seen = 0
        self.frames = 0
        self.states: list[tuple[State, State]] = []
        self.gain = 1
        self.frozen = False
        self.shut = False
        self.fail: Exception | None = None
        self.button = QPushButton("press")
        column = QVBoxLayout(self)
        column.addWidget(QLabel("picture"))
        column.addWidget(self.button)

    def inspector(self) -> QWidget:
        return QLabel("controls")

    def on_frame(self, now_s: float) -> None:
        self.frames += 1
        if self.fail is not None:
            raise self.fail

    def on_state(self, old: State, new: State) -> None:
        self.states.append((old, new))

    def describe(self) -> str:
        return f"{self.seen} words were seen."

    def glyphs(self) -> Glyphs:
        return Glyphs(level=0.5, word="left", layer_bits=(32, 32), recipe=Recipe("tiny", 1, "float32"))

    def foot_notes(self) -> FootNotes:
        return FootNotes(lost_samples=0, privacy="No sound was stored or sent.")

    def commands(self) -> tuple[PanelCommand, ...]:
        return (PanelCommand("freeze", "Freeze", "Space", self._freeze, lambda: self.frozen),)

    def full_screen_target(self) -> QWidget:
        return self.button

    def save_state(self) -> dict[str, Any]:
        return {"gain": self.gain}

    def restore_state(self, saved: dict[str, Any]) -> None:
        gain = saved.get("gain", 1)
        if not isinstance(gain, int) or not 0 <= gain <= 10:
            raise ExplorerError("probe.gain must be a whole number from 0 to 10.")
        self.gain = gain

    def csv_rows(self) -> list[tuple[object, ...]]:
        return [("time_s", "word"), (0.25, "left"), (1.5, "=1+1")]

    def shutdown(self) -> None:
        self.shut = True

    def _freeze(self) -> None:
        self.frozen = not self.frozen


class Other(Panel):
    """A second panel, to have something to go to."""

    key = "other"
    title = "Other"
    icon = "layers"
    question = "And here?"
    order = 1
    beads = ("place",)

    def inspector(self) -> QWidget:
        return QLabel("other controls")


@pytest.fixture
def make_window(qtbot: QtBot) -> Iterator[Callable[..., MainWindow]]:
    """Make real windows; each is closed at the end."""
    made: list[MainWindow] = []

    def make(width: int = 1280, height: int = 720, theme: str = "dark", two: bool = False) -> MainWindow:
        panels: list[type[Panel]] = [Probe, Other] if two else [Probe]
        window = MainWindow(panels, Settings(), Faults(), theme)
        made.append(window)
        qtbot.addWidget(window)
        window.resize(width, height)
        with qtbot.waitExposed(window):
            window.show()
        window.start()
        return window

    yield make
    for window in made:
        window.close()
        window.faults.close()
    QApplication.processEvents()


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """Open the window at its smallest full size."""
    return make_window()
