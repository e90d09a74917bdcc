"""The Place panel with everything the application lends to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QRadioButton, QScrollArea
from pytestqt.qtbot import QtBot

from explorer.background import Background
from explorer.engine.deployment.profile import Tier
from explorer.frame_clock import FrameClock
from explorer.panels.base import Action, Context
from explorer.panels.place.evaluation import Place
from explorer.panels.place.panel import PlacePanel
from explorer.panels.place.session import GESTURE_S
from explorer.settings import Settings
from explorer.workbench import Workbench
from widgets.segmented import Segmented

PATIENCE_MS = 30_000


@dataclass
class Bench:
    """The panel, its inspector, and what it told."""

    qtbot: QtBot
    panel: PlacePanel
    area: QScrollArea
    context: Context
    notices: list[str]

    def frame(self) -> None:
        """Let a frame pass."""
        self.context.background.poll()
        self.panel.on_frame(time.perf_counter())

    def until(self, found: Callable[[], bool]) -> None:
        """Let frames pass until something is so."""

        def look() -> bool:
            self.frame()
            return found()

        self.qtbot.waitUntil(look, timeout=PATIENCE_MS)

    def settle(self) -> None:
        """Wait until what is asked now is answered and drawn."""
        self.until(lambda: self.panel.session.current)
        self.frame()

    def same_everywhere(self) -> None:
        """Let all four places run the network in force, and listen all the time."""
        self.panel.session.change(best=False, listening=1.0)
        self.settle()
        self.qtbot.wait(round(1100 * GESTURE_S))  # what comes next is another gesture

    def place(self, tier: Tier) -> Place:
        """Give one of the four places."""
        return self.panel.session.places[tier]

    @property
    def workbench(self) -> Workbench:
        """What the user chose."""
        return self.context.workbench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    """Give the panel, started, with the four places estimated."""
    notices: list[str] = []

    def notify(sentence: str, action: Action | None = None, mood: str = "info") -> None:
        notices.append(sentence)

    clock = FrameClock()
    context = Context(Workbench(), clock, Settings(), Background(), notify, lambda: None)
    panel = PlacePanel(context)
    inspector = panel.inspector()
    context.workbench.subscribe(panel.on_state)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(panel)
    area.resize(840, 560)
    area.show()
    inspector.show()
    qtbot.addWidget(area)
    qtbot.addWidget(inspector)
    made = Bench(qtbot, panel, area, context, notices)
    panel.start()
    made.settle()
    yield made
    clock.stop()
    context.background.close()
    panel.shutdown()
    made.__dict__.clear()


def segment(choice: Segmented, place: int) -> QRadioButton:
    """Give one segment of a choice."""
    return choice.findChildren(QRadioButton)[place]
