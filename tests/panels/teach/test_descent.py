"""A person lets a ball go on a bowl, and races optimizers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from explorer.engine.errors import ExplorerError
from explorer.engine.training.bowl import Behaviour, Bowl, descend
from explorer.engine.training.optimizers import OPTIMIZERS
from explorer.engine.training.race import SURFACES
from explorer.panels.teach import descent_words, wording
from explorer.panels.teach.descent_modes import MODES
from explorer.panels.teach.descent_motion import Motion
from explorer.panels.teach.descent_plot import power_of_ten, scientific
from explorer.panels.teach.descent_view import LOOKS, STEPS, DescentView
from explorer.panels.teach.surface_map import shade
from explorer.panels.teach.surface_marks import SHAPES
from tests.panels.teach.views_bench import ViewBench, drag, made_view, rgb
from widgets import tokens

Bench = ViewBench[DescentView]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_view(qtbot, "descent", DescentView) as made:
        yield made


def choose(bench: Bench, mode: str) -> None:
    """Press the segment of a mode."""
    segments = bench.view.modes.findChildren(QRadioButton)
    QTest.mouseClick(segments[MODES.index(mode)], Qt.MouseButton.LeftButton)
    bench.frame()


def test_the_rate_decides_and_the_path_agrees_with_the_rule(bench: Bench) -> None:
    view = bench.view
    rate = view._cards.rate("one")
    seen = []
    for value in (0.3, 1.7, 2.5):
        rate.set_value(value)
        bench.slide(rate, Qt.Key.Key_Right)  # a person's nudge makes it count
        assert view.descent is not None
        assert view.descent.observed is view.descent.expected[0]
        assert "So it did" in view.describe()
        seen.append(view.descent.observed)
    assert seen == [Behaviour.CREEPS, Behaviour.OSCILLATES, Behaviour.DIVERGES]
    assert view.board.rows()[0].told == descent_words.brief()[Behaviour.DIVERGES]


def test_dragging_the_ball_draws_another_path(bench: Bench) -> None:
    view = bench.view
    before = view.curve.places().copy()
    drag(view.curve, view.curve.place_of(-4.0), view.curve.place_of(2.0))
    bench.frame()
    after = view.curve.places()
    assert after[0, 0] == pytest.approx(2.0, abs=0.05)
    assert before[0, 0] == -4.0
    rate = view._cards.rate("one").value()
    assert after[1, 0] == pytest.approx(after[0, 0] * (1 - rate))  # one step by hand, curvature 1


def test_on_two_weights_the_start_is_moved_with_mouse_and_keys(bench: Bench) -> None:
    choose(bench, "two")
    view = bench.view
    drag(view.map, view.map.place_of(0, 0), view.map.place_of(-1.0, -1.0))
    bench.frame()
    assert view.map.tracks()[0].places[0] == pytest.approx((-1.0, -1.0), abs=0.05)
    start = view.map.tracks()[0].places[0].copy()
    QTest.keyClick(view.map, Qt.Key.Key_Right)
    assert view.map.tracks()[0].places[0] == pytest.approx((start[0] + 0.05, start[1]))
    shaded = view.map.picture().copy()
    bench.slide(view._cards.steep, Qt.Key.Key_Right, 20)
    assert not np.array_equal(view.map.picture(), shaded)


def test_the_value_under_the_pointer_is_the_height(bench: Bench) -> None:
    choose(bench, "two")
    view = bench.view
    bowl = Bowl((view._cards.flat.value(), view._cards.steep.value()))
    words = view.map.value_words(view.map.place_of(2.0, -1.0))
    assert words.endswith(f"{bowl.value(np.array([2.0, -1.0])):.4g}")


def test_play_step_and_back(bench: Bench) -> None:
    view = bench.view
    assert len(view.curve.places()) == STEPS + 1
    QTest.mouseClick(view.back, Qt.MouseButton.LeftButton)
    assert len(view.curve.places()) == 1
    QTest.mouseClick(view.step, Qt.MouseButton.LeftButton)
    assert len(view.curve.places()) == 2
    QTest.mouseClick(view.play, Qt.MouseButton.LeftButton)
    assert view.driver().playing
    bench.until(lambda: len(view.curve.places()) >= 4)
    QTest.mouseClick(view.play, Qt.MouseButton.LeftButton)
    assert not view.driver().playing
    assert len(view.curve.places()) < STEPS


def test_all_optimizers_race_and_the_first_is_named(bench: Bench) -> None:
    choose(bench, "ravine")
    view = bench.view
    bench.idle()
    assert view.race is not None
    assert [track.name for track in view.map.tracks()] == list(wording.optimizers().values())
    arrived = [r for r in view.race.runners if r.arrived_at is not None]
    first = min(arrived, key=lambda runner: runner.arrived_at or 0)
    name = wording.optimizers()[first.optimizer]
    assert view.board.rows()[0].name == name
    assert view.describe().startswith(f"{name} arrives first")
    assert len({(mark % SHAPES, role) for role, mark in LOOKS.values()}) == len(OPTIMIZERS)
    assert len({mark % SHAPES for _, mark in LOOKS.values()}) == len(OPTIMIZERS)


def test_a_start_on_the_saddle_and_one_rate_for_all(bench: Bench) -> None:
    choose(bench, "saddle")
    view = bench.view
    bench.idle()
    view.map.startMoved.emit(0.5, 0.5)
    bench.idle()
    assert view.race is not None
    assert all(tuple(runner.path[0]) == (0.5, 0.5) for runner in view.race.runners)
    view._cards.own.click()
    bench.idle()
    assert {runner.rate for runner in view.race.runners} == {view._cards.rate("saddle").value()}


def test_what_was_set_comes_back(bench: Bench) -> None:
    view = bench.view
    assert view.save_state() == {}
    choose(bench, "two")
    bench.slide(view._cards.momentum, Qt.Key.Key_Right, 30)
    view.map.startMoved.emit(1.0, 1.5)
    saved, told = view.save_state(), view.describe()
    view.restore_state({})
    assert view.save_state() == {}
    view.restore_state(saved)
    assert view.describe() == told
    for wrong in ({"mode": "moon"}, {"rate": "fast"}, {"starts": {"two": [1]}}, {"rate": float("nan")}):
        with pytest.raises(ExplorerError):
            view.restore_state(wrong)
    assert view.describe() == told


def test_the_table_holds_what_is_drawn(bench: Bench) -> None:
    rows = bench.view.csv_rows()
    assert rows[0] == ("way", "step", "w1", "w2", "loss")
    assert len(rows) == STEPS + 2
    assert rows[1][2:] == (-4.0, "", 8.0)


@given(rate=st.floats(0.01, 3.9), momentum=st.sampled_from([0.0, 0.5, 0.9]))
def test_the_sentence_says_diverges_exactly_where_the_rule_does(rate: float, momentum: float) -> None:
    bowl = Bowl((1.0,))
    descent = descend(bowl, (-4.0,), rate, momentum, STEPS)
    told = descent_words.bowl_sentence(bowl, rate, momentum, descent)
    assert ("rule says “diverges”" in told) == (rate > 2 * (1 + momentum))


def test_motion_goes_its_pace_and_stops_at_the_end() -> None:
    motion = Motion(steps_per_s=10)
    motion.show_all(5)
    motion.toggle()
    assert (motion.at, motion.playing) == (0, True)
    motion.advance(1.0)
    motion.advance(1.3)
    assert motion.at == 3
    motion.advance(9.0)
    assert (motion.at, motion.playing) == (5, False)


def test_unknown_ground_is_paper_and_heights_are_told_apart() -> None:
    current = tokens.current()
    heights = np.array([[0.0, 1.0], [np.nan, 16.0]])
    picture = shade(heights, current)
    paper = rgb("surface")
    assert tuple(picture[1, 0, :3].tolist()) == paper
    assert tuple(picture[1, 1, :3]) != paper
    assert tuple(shade(np.full((2, 2), np.nan), current)[0, 0, :3]) == paper


def test_what_has_left_is_drawn_outside(bench: Bench) -> None:
    choose(bench, "two")
    place = bench.view.map.place_of(1e300, 0.0)
    assert place.x() > bench.view.map.width()
    assert QPointF(place).x() < 1e6


def test_numbers_in_print() -> None:
    assert [power_of_ten(p) for p in (-12, 0, 1, 5)] == ["10⁻¹²", "1", "10", "10⁵"]
    assert scientific(3.2e-7) == "3·10⁻⁷"
    assert set(MODES[2:]) == set(SURFACES)
