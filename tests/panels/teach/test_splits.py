"""A person makes the nine mistakes, and sees belief and truth part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.engine.errors import ExplorerError
from explorer.engine.training.splits import Pitfall, Plan
from explorer.panels.teach.splits_view import REPETITIONS, SplitsView, pitfalls
from tests.panels.teach.views_bench import ViewBench, made_view

Bench = ViewBench[SplitsView]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_view(qtbot, "splits", SplitsView) as made:
        made.idle()
        yield made


def test_a_leak_raises_what_is_believed_and_the_honest_way_stays_as_a_ghost(bench: Bench) -> None:
    view = bench.view
    honest = view.outcome
    assert honest is not None
    assert len(honest.true) == REPETITIONS
    switch = view._cards.switches[Pitfall.LEAKAGE]
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert view.picture.outcome() is None  # an old number is never shown as new
    bench.idle()
    leaked = view.picture.outcome()
    assert leaked is not None
    assert leaked.believed_mean[0] > honest.believed_mean[0] + 0.05
    assert view.honest is not None
    assert view.honest.believed_mean == honest.believed_mean
    assert "With one mistake" in view.describe()
    view._cards.honest.click()
    bench.idle()
    assert view.outcome is not None
    assert view.outcome.believed_mean == honest.believed_mean
    assert not switch.isChecked()


def test_every_pitfall_has_a_switch() -> None:
    assert list(pitfalls()) == list(Pitfall)


def test_the_borders_are_dragged_and_moved_with_keys(bench: Bench) -> None:
    view, bar = bench.view, bench.view.bar
    middle = bar.height() // 2
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(0.6 * bar.width()), middle))
    QTest.mouseMove(bar, QPoint(round(0.5 * bar.width()), middle))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(0.5 * bar.width()), middle))
    assert view.plan.shares == pytest.approx((0.5, 0.3, 0.2), abs=0.011)
    QTest.keyClick(bar, Qt.Key.Key_Down)  # the other border
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert view.plan.shares[2] == pytest.approx(0.19, abs=0.011)
    assert sum(view.plan.shares) == pytest.approx(1)
    assert f"{round(100 * view.plan.shares[1])} voices" in view.note.text()
    for _ in range(100):
        QTest.keyClick(bar, Qt.Key.Key_Left)
    assert min(bar.shares()) == pytest.approx(0.05)


def test_the_table_and_the_sentence_say_the_same(bench: Bench) -> None:
    view = bench.view
    assert view.outcome is not None
    rows = view.csv_rows()
    assert len(rows) == REPETITIONS + 1
    believed = sum(float(str(row[1])) for row in rows[1:]) / REPETITIONS
    assert f"{100 * believed:.1f} % believed" in view.describe()


def test_one_mistake_after_the_other(bench: Bench) -> None:
    view, driver = bench.view, bench.view.driver()
    made = []
    for _ in range(len(Pitfall) + 1):
        driver.step_once()
        made.append(view.plan.pitfalls)
    assert made == [*(frozenset([pitfall]) for pitfall in Pitfall), frozenset()]
    view.bar.moved.emit((0.7, 0.2, 0.1))
    driver.reset()
    assert view.plan == Plan()


def test_what_was_switched_comes_back(bench: Bench) -> None:
    view = bench.view
    assert view.save_state() == {}
    view.switch(Pitfall.TEST_REUSED, True)
    view.switch(Pitfall.TIME_IGNORED, True)
    bench.slide(view._cards.groups, Qt.Key.Key_Right, 2)
    saved, plan = view.save_state(), view.plan
    view.restore_state({})
    assert view.plan == Plan()
    view.restore_state(saved)
    assert view.plan == plan
    wrong: dict[str, Any]
    for wrong in ({"pitfalls": ["SLOTH"]}, {"groups": 3}, {"shares": [0.5, 0.5]}, {"shares": [0.9, 0.2, -0.1]}):
        with pytest.raises(ExplorerError):
            view.restore_state(wrong)
    assert view.plan == plan
