"""The Teach panel with everything the application lends to it, and a person who waits for what is to be seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from explorer.background import Background
from explorer.engine.training.presets import PRESETS, Preset
from explorer.engine.training.view import View
from explorer.frame_clock import FrameClock
from explorer.panels.base import Action, Context
from explorer.panels.teach.panel import TeachPanel
from explorer.panels.teach.session import TeachSession
from explorer.panels.teach.stage import Stage
from explorer.panels.teach.train_view import TrainView
from explorer.settings import Settings
from explorer.workbench import Workbench

PATIENCE_MS = 60_000


@dataclass
class Bench:
    """The panel, its inspector, and what it told."""

    qtbot: QtBot
    panel: TeachPanel
    area: QScrollArea
    context: Context
    notices: list[str]

    @property
    def session(self) -> TeachSession:
        """The run."""
        return self.panel.session

    @property
    def train(self) -> TrainView:
        """The view in front."""
        view = self.panel.views.view("train")
        assert isinstance(view, TrainView)
        return view

    @property
    def stage(self) -> Stage:
        """Its pictures."""
        return self.train.stage

    @property
    def view(self) -> View:
        """The run at the newest moment."""
        assert self.session.view is not None
        return self.session.view

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

    def fast(self) -> None:
        """Train as fast as it goes."""
        self.session.set_speed(10_000)

    def train_to(self, step: int) -> None:
        """Play until a step is reached, and pause."""
        self.session.play()
        self.until(lambda: self.view.step >= step or self.view.mode == "ended")
        self.session.pause()
        self.until(lambda: self.view.mode != "playing")
        for _ in range(20):
            self.frame()


def preset(key: str) -> Preset:
    """Return a way to fail."""
    return next(each for each in PRESETS if each.key == key)


@contextmanager
def made_bench(qtbot: QtBot) -> Iterator[Bench]:
    """Give the panel, shown, with a run that stands at its start."""
    notices: list[str] = []

    def notify(sentence: str, action: Action | None = None, mood: str = "info") -> None:
        notices.append(sentence)

    clock = FrameClock()
    context = Context(Workbench(), clock, Settings(), Background(), notify, lambda: None)
    panel = TeachPanel(context)
    inspector: QWidget = panel.inspector()
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(panel)
    area.resize(840, 540)
    qtbot.addWidget(area)
    qtbot.addWidget(inspector)
    area.show()
    inspector.show()
    panel.choose_view("train")
    bench = Bench(qtbot, panel, area, context, notices)
    panel.start()
    try:
        bench.until(lambda: bench.session.view is not None)
        yield bench
    finally:
        clock.stop()
        context.background.close()
        panel.shutdown()
        bench.__dict__.clear()
