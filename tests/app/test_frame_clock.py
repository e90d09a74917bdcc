"""The frame clock: what can be seen is driven, what cannot is left alone, and the cost of a frame is known."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from explorer.frame_clock import FrameClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def clock(qtbot: QtBot) -> Iterator[FrameClock]:
    """Give a clock that is stopped at the end."""
    made = FrameClock()
    yield made
    made.stop()


def test_only_what_is_visible_is_driven(qtbot: QtBot, clock: FrameClock) -> None:
    seen, hidden = QWidget(), QWidget()
    qtbot.addWidget(seen)
    qtbot.addWidget(hidden)
    seen.show()
    calls = {"seen": 0, "hidden": 0, "always": 0}

    def count(name: str) -> None:
        calls[name] += 1

    clock.add(seen, lambda now_s: count("seen"))
    clock.add(hidden, lambda now_s: count("hidden"))
    clock.add(None, lambda now_s: count("always"))
    clock.start()
    qtbot.waitUntil(lambda: calls["seen"] >= 5)
    assert calls["hidden"] == 0
    assert calls["always"] == calls["seen"]
    hidden.show()
    qtbot.waitUntil(lambda: calls["hidden"] >= 2)


def test_the_slow_beat_is_much_rarer_than_the_frames(qtbot: QtBot, clock: FrameClock) -> None:
    frames: list[float] = []
    slow: list[int] = []
    clock.add(None, frames.append, lambda: slow.append(1))
    clock.start()
    qtbot.waitUntil(lambda: len(slow) >= 3, timeout=10_000)
    assert len(frames) >= 4 * (len(slow) - 1)


def test_a_client_that_fails_stops_neither_the_others_nor_the_clock(
    qtbot: QtBot, clock: FrameClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: errors.append(str(error)))
    reached: list[float] = []

    def fail(now_s: float) -> None:
        raise ValueError("picture")

    clock.add(None, fail)
    clock.add(None, reached.append)
    clock.start()
    qtbot.waitUntil(lambda: len(reached) >= 3)
    assert errors[:3] == ["picture"] * 3


def test_who_was_removed_is_not_driven_and_a_stopped_clock_drives_nobody(qtbot: QtBot, clock: FrameClock) -> None:
    calls: list[float] = []
    others: list[float] = []
    remove = clock.add(None, calls.append)
    clock.add(None, others.append)
    remove()
    clock.start()
    qtbot.waitUntil(lambda: len(others) >= 2)
    assert calls == []
    clock.stop()
    count = len(others)
    qtbot.wait(100)
    assert len(others) == count


def test_listening_ticks_faster_and_a_minimised_window_rests(clock: FrameClock) -> None:
    assert clock.interval_ms == 33
    clock.set_fast(True)
    assert clock.interval_ms == 16
    clock.set_shown(False)
    assert clock.interval_ms == 500
    clock.set_shown(True)
    assert clock.interval_ms == 16


def test_a_change_of_rate_takes_effect_while_running(qtbot: QtBot, clock: FrameClock) -> None:
    frames: list[float] = []
    clock.add(None, frames.append)
    clock.set_shown(False)
    clock.start()
    clock.set_shown(True)
    qtbot.waitUntil(lambda: len(frames) >= 10, timeout=4000)  # at the resting rate this would take 5 s


def test_the_cost_of_a_frame_is_the_work_done_in_it(qtbot: QtBot, clock: FrameClock) -> None:
    assert clock.busy_ms() is None
    frames: list[float] = []

    def work(now_s: float) -> None:
        frames.append(now_s)
        end_s = time.thread_time() + 0.005
        while time.thread_time() < end_s:
            pass

    clock.add(None, work)
    clock.start()
    qtbot.waitUntil(lambda: len(frames) >= 12)
    busy, gap = clock.busy_ms(50), clock.gap_ms(50)
    assert busy is not None
    assert gap is not None
    assert busy >= 5.0
    assert gap >= busy
    clock.forget_times()
    assert clock.busy_ms() is None
