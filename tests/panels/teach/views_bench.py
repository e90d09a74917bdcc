"""One view of the Teach panel that needs no run, with what the application lends to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.background import Background
from explorer.frame_clock import FrameClock
from explorer.panels.base import Context
from explorer.panels.teach.session import TeachSession
from explorer.panels.teach.views import make_view
from explorer.panels.view import View
from explorer.settings import Settings
from explorer.workbench import Workbench
from widgets import tokens
from widgets.slider import ValueSlider
from widgets.slider_track import SliderTrack

PATIENCE_MS = 30_000
V = TypeVar("V", bound=View)


@dataclass
class ViewBench(Generic[V]):
    """The view, shown, and the clock's frames."""

    qtbot: QtBot
    view: V
    context: Context

    def frame(self) -> None:
        """Let a frame pass."""
        self.context.background.poll()
        self.view.on_frame(time.perf_counter())

    def until(self, found: Callable[[], bool]) -> None:
        """Let frames pass until something is so."""

        def look() -> bool:
            self.frame()
            return found()

        self.qtbot.waitUntil(look, timeout=PATIENCE_MS)

    def idle(self) -> None:
        """Wait until nothing is computed any more."""
        self.until(lambda: not self.context.background.tasks)

    def slide(self, slider: ValueSlider, key: Qt.Key, times: int = 1) -> None:
        """Move a slider with the keyboard."""
        track = track_of(slider)
        for _ in range(times):
            QTest.keyClick(track, key)
        self.frame()


def track_of(slider: ValueSlider) -> SliderTrack:
    """Return the part of a slider that takes the keys."""
    track = slider.findChild(SliderTrack)
    assert track is not None
    return track


def rgb(role: str) -> tuple[int, int, int]:
    """Return the colour of a token."""
    color = tokens.current().color(role)
    return color.red(), color.green(), color.blue()


def drag(widget: QWidget, start: QPointF, end: QPointF) -> None:
    """Press at one place, let go at another."""
    left = Qt.MouseButton.LeftButton
    first, last = QPoint(round(start.x()), round(start.y())), QPoint(round(end.x()), round(end.y()))
    QTest.mousePress(widget, left, Qt.KeyboardModifier.NoModifier, first)
    QTest.mouseMove(widget, last)
    QTest.mouseRelease(widget, left, Qt.KeyboardModifier.NoModifier, last)


@contextmanager
def made_view(qtbot: QtBot, key: str, kind: type[V]) -> Iterator[ViewBench[V]]:
    """Give a view as the panel makes it, on the screen."""
    clock = FrameClock()
    context = Context(Workbench(), clock, Settings(), Background(), lambda *_, **__: None, lambda: None)
    session = TeachSession(context)
    view = make_view(key, context, session)
    assert isinstance(view, kind)
    view.resize(840, 480)
    qtbot.addWidget(view)
    cards = getattr(view, "cards", lambda: None)()
    if cards is not None:
        qtbot.addWidget(cards)
        cards.show()
    view.show()
    view.activate()
    try:
        yield ViewBench(qtbot, view, context)
    finally:
        view.shutdown()
        clock.stop()
        context.background.close()
        session.close()
