"""The four places race for a word that somebody says, and the panel tells who answered first."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.engine.deployment.profile import TIERS
from explorer.engine.kws.decision import Event
from tests.panels.place.conftest import Bench, segment
from widgets import tokens
from widgets.palettes import tokens_for


def run_race(bench: Bench) -> None:
    """Let a race come to its end, in no time."""
    view = bench.panel.tiles
    view.on_frame(time.perf_counter() + 150.0)


def test_a_race_lights_the_tiles_after_their_latencies_and_tells_the_end(bench: Bench) -> None:
    view = bench.panel.tiles
    word = view.start.text()
    assert "“yes”" in word
    QTest.mouseClick(view.start, Qt.MouseButton.LeftButton)
    started = time.perf_counter()
    view.on_frame(started)
    order: list[str] = []
    for step in range(4000):
        view.on_frame(started + step * 0.005)
        order += [tier for tier in view.tiles.lit() if tier not in order]
        if len(order) == len(TIERS):
            break
    assert order[0] == "mobile"
    assert order[-1] == "cloud"
    assert bench.panel.describe().startswith("“yes”: mobile answered first, after ")
    assert "left the room" in bench.panel.describe()
    assert [view.tiles.lanes[tier].running().rank for tier in ("mobile", "cloud")] == [1, 4]  # type: ignore[union-attr]
    run_race(bench)
    assert view.tiles.lit() == ()
    assert view.start.text() != word  # the next word
    assert bench.panel.describe().startswith("“yes”: mobile answered first")  # somebody may be reading it aloud
    bench.panel.session.change(listening=0.5)
    bench.settle()
    assert bench.panel.describe().startswith("Mobile answers first")


def test_ten_times_slower_is_ten_times_slower(bench: Bench) -> None:
    view = bench.panel.tiles
    QTest.mouseClick(segment(bench.panel.controls.speed, 0), Qt.MouseButton.LeftButton)
    view.race("go")
    real = view.running()
    QTest.mouseClick(segment(bench.panel.controls.speed, 1), Qt.MouseButton.LeftButton)
    view.race("go")
    slow = view.running()
    assert real is not None
    assert slow is not None
    assert real.elapsed_ms(real.started_s + 1.0) == pytest.approx(10 * slow.elapsed_ms(slow.started_s + 1.0))


def test_reduced_motion_shows_the_end_at_once(bench: Bench) -> None:
    before = tokens.current()
    tokens.set_current(tokens_for("dark", reduced_motion=True))
    bench.panel.tiles.race("go")
    bench.frame()
    assert set(bench.panel.tiles.tiles.lit()) == set(TIERS)
    tokens.set_current(before)


def word_of(bench: Bench) -> str:
    """Give the word that is raced for; empty outside a race."""
    running = bench.panel.tiles.running()
    return "" if running is None else running.word


class Heard:
    """What listens, as far as the race needs it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def events_since(self, index: int) -> tuple[list[Event], int]:
        return self.events[index:], len(self.events)


def test_each_word_that_listen_recognises_starts_a_race(bench: Bench) -> None:
    heard = Heard()
    heard.events.append(Event("no", 0.5, 0.1, 0.9, 0.4))
    bench.context.ear.session = cast("Any", heard)
    bench.frame()
    assert word_of(bench) == ""  # what was heard before the panel came to the front is over
    heard.events.append(Event("left", 1.5, 1.1, 0.9, 1.4))
    bench.frame()
    assert word_of(bench) == bench.panel.glyphs().word == "left"
    assert "“left” is on its way, 10 times slower" in bench.panel.tiles.told.text()
    run_race(bench)
    bench.panel.controls.hears.click()
    heard.events.append(Event("right", 2.5, 2.1, 0.9, 2.4))
    bench.frame()
    assert word_of(bench) == ""


def test_wanting_to_hear_wakes_who_listens(bench: Bench) -> None:
    woken: list[bool] = []
    bench.context.ear.wake = lambda: woken.append(True)
    bench.panel.controls.hears.click()
    assert not woken
    bench.panel.controls.hears.click()
    assert woken
