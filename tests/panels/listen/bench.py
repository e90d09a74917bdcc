"""A bench for the panel: frames by hand, and a microphone made of software."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from explorer.engine.audio.devices import DeviceName
from explorer.engine.audio.paced import PacedSource
from explorer.engine.audio.source import SourceState, SourceStatus
from explorer.engine.audio.states import describe
from explorer.panels.base import Context
from explorer.panels.listen.panel import ListenPanel


class SoftMicrophone(PacedSource):
    """A microphone in a quiet room, or one that has a problem."""

    live = True
    wanted = False  # the device watch looks for real devices: not here
    silent_for_s = 0.0

    def __init__(self, device: DeviceName | None, state: SourceState, level: float) -> None:
        super().__init__("microphone", device.name if device else "Desk microphone", paced=True)
        self.state = state
        self.opened = 0
        self._level = level

    def open(self) -> None:
        self.opened += 1
        if self.state is SourceState.LISTENING:
            super().open()

    def status(self) -> SourceStatus:
        status = super().status()
        if self.state is SourceState.LISTENING:
            return status
        sentence, action = describe(self.state, self.label)
        return SourceStatus(
            self.state,
            sentence,
            action,
            status.lost_samples,
            status.lag_ms,
            status.level_dbfs,
            status.peak,
            status.clipped,
            status.late_blocks,
        )

    def _take(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        noise = np.random.default_rng(self._position).standard_normal(n)
        return np.asarray(self._level * noise, np.float32)


@dataclass
class Bench:
    """The panel under test.

    Parameters
    ----------
    panel, context
        The panel and what it was lent.
    notices
        Sentences it showed above itself.
    pulses
        Pulses it sent along the thread.
    microphones
        Microphones it made.
    """

    qtbot: QtBot
    panel: ListenPanel
    context: Context
    area: QScrollArea
    notices: list[str]
    pulses: list[None]
    microphones: list[SoftMicrophone] = field(default_factory=list)
    microphone_state: SourceState = SourceState.LISTENING
    microphone_level: float = 0.003

    def until(self, reached: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Let frames and slow ticks pass until something is the case."""
        end_s, frames = time.perf_counter() + timeout_s, 0
        while not reached():
            assert time.perf_counter() < end_s, f"not reached; the panel says: {self.panel.stage.headline.text()}"
            self.frame()
            frames += 1
            if frames % 10 == 0:
                self.panel.on_slow_tick()

    def frame(self) -> None:
        """Let one frame pass."""
        self.panel.on_frame(time.perf_counter())
        self.context.background.poll()
        self.qtbot.wait(5)

    def pause(self) -> None:
        """Let no more sound come, so that two looks see the same."""
        self.panel.session.pipeline.set_source(None)
        count = -1
        while count != len(self.panel.session.pipeline.hops):
            count = len(self.panel.session.pipeline.hops)
            self.qtbot.wait(150)
        self.frame()


def heard_something(bench: Bench) -> bool:
    """Whether a handful of words was recognised."""
    return len(bench.panel.session.events) >= 5


def listen_for_a_while(bench: Bench) -> None:
    """Start the panel, let it hear a handful of words, and stop the sound."""
    bench.panel.start()
    bench.until(lambda: heard_something(bench))
    bench.pause()
