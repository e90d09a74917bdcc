"""The panel with everything the application lends to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from explorer.background import Background
from explorer.engine.audio.devices import DeviceName
from explorer.frame_clock import FrameClock
from explorer.panels.base import Action, Context
from explorer.panels.listen.panel import ListenPanel
from explorer.settings import Settings
from explorer.workbench import Workbench
from tests.panels.listen.analysis_lab import Lab, make_lab
from tests.panels.listen.bench import Bench, SoftMicrophone


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    """Give the panel, ready to start, with a talker that speaks as fast as it is heard."""
    notices: list[str] = []
    pulses: list[None] = []

    def notify(sentence: str, action: Action | None = None, mood: str = "info") -> None:
        notices.append(sentence)

    clock = FrameClock()
    context = Context(Workbench(), clock, Settings(), Background(), notify, lambda: pulses.append(None))
    panel = ListenPanel(context)
    panel.session.sources.paced = False
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(panel)
    area.resize(860, 520)
    inspector = panel.inspector()
    qtbot.addWidget(area)
    qtbot.addWidget(inspector)
    made = Bench(qtbot, panel, context, area, notices, pulses)

    def microphone(device: DeviceName | None) -> SoftMicrophone:
        made.microphones.append(SoftMicrophone(device, made.microphone_state, made.microphone_level))
        return made.microphones[-1]

    panel.session.sources.make_microphone = microphone
    context.workbench.subscribe(panel.on_state)
    area.show()
    yield made
    clock.stop()
    context.background.close()
    panel.shutdown()
    # pytest keeps what a fixture gave until the test is over: without this the widgets would outlive it
    made.__dict__.clear()


@pytest.fixture
def lab(qtbot: QtBot) -> Iterator[Lab]:
    """Give a bench for the analysis views, with a random network and a session without threads."""
    made = make_lab(qtbot)
    yield made
    made.close()
    made.__dict__.clear()
