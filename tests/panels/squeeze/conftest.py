"""The Squeeze panel with everything the application lends to it, on the shipped network and fewer clips."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from explorer.background import Background
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import log_mel
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.evaluation_set import EvaluationSet, stratified_order
from explorer.frame_clock import FrameClock
from explorer.panels.base import Action, Context
from explorer.panels.squeeze.panel import SqueezePanel
from explorer.settings import Settings
from explorer.workbench import Workbench

CLIPS = 200
PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def clips() -> EvaluationSet:
    part, classes = load_part("evaluate"), shipped("tiny").labels
    labels = np.array([classes.index(label) for label in part.labels])
    order = stratified_order(labels)[:CLIPS]
    sounds = part.samples[order]
    pictures = np.stack([log_mel(s.astype(np.float32) / 32768) for s in sounds]).astype(np.float32)
    name = f"{CLIPS} bundled clips; interval over clips"
    return EvaluationSet(name, pictures, labels[order], np.asarray(~sounds.any(1)), classes)


@dataclass
class Bench:
    """The panel, its inspector, and what it told."""

    qtbot: QtBot
    panel: SqueezePanel
    area: QScrollArea
    context: Context
    inspector: QWidget
    notices: list[str]

    def frame(self) -> None:
        """Let two frames pass: figures and histogram take turns."""
        for _ in range(2):
            self.panel.on_frame(time.perf_counter())

    def until(self, found: Callable[[], bool]) -> None:
        """Let frames pass until something is so."""

        def look() -> bool:
            self.frame()
            return found()

        self.qtbot.waitUntil(look, timeout=PATIENCE_MS)

    def settle(self) -> None:
        """Wait until the present recipe is measured on all clips."""
        session = self.panel.session

        def complete() -> bool:
            current = session.current
            return current is not None and current.complete and current.recipe == session.recipe

        self.until(complete)

    @property
    def workbench(self) -> Workbench:
        """What the user chose."""
        return self.context.workbench


@pytest.fixture
def bench(qtbot: QtBot, clips: EvaluationSet) -> Iterator[Bench]:
    """Give the panel, started, with the network loaded."""
    notices: list[str] = []

    def notify(sentence: str, action: Action | None = None, mood: str = "info") -> None:
        notices.append(sentence)

    clock = FrameClock()
    context = Context(Workbench(), clock, Settings(), Background(), notify, lambda: None)
    panel = SqueezePanel(context, make_set=lambda classes: clips)
    inspector = panel.inspector()
    context.workbench.subscribe(panel.on_state)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(panel)
    area.resize(840, 540)
    area.show()
    inspector.show()
    qtbot.addWidget(area)
    qtbot.addWidget(inspector)
    made = Bench(qtbot, panel, area, context, inspector, notices)
    panel.start()
    made.until(lambda: panel.session.steps is not None)
    yield made
    clock.stop()
    context.background.close()
    panel.shutdown()
    made.__dict__.clear()
