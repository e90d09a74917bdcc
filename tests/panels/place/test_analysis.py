"""What the analysis views share: axes of powers of ten, numbers as words, answers computed in the background."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from explorer.background import Background, Report
from explorer.engine.errors import ExplorerError
from explorer.panels.place.analysis import Answers
from explorer.panels.place.log_axis import LogAxis, number, span, stated_bytes, with_prefix


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background()
    yield made
    assert made.close()


@given(st.floats(1e-3, 1e3), st.floats(1.01, 1e3))
def test_equal_factors_are_equal_distances(value: float, factor: float) -> None:
    axis = LogAxis(1e-6, 1e9, 0.0, 1500.0)
    here, there = axis.place(value), axis.place(value * factor)
    assert there - here == pytest.approx(axis.place(factor) - axis.place(1.0), abs=1e-6)
    assert 0 <= here < there <= 1500


@given(st.floats(1e-9, 1e9), st.floats(2, 1e6), st.floats(10, 300))
def test_ticks_lie_inside_and_do_not_touch(low: float, factor: float, least_px: float) -> None:
    axis = LogAxis(low, low * factor, 0.0, 800.0)
    ticks = axis.ticks(least_px)
    assert all(low * 0.999 <= tick <= low * factor * 1.001 for tick in ticks)
    places = [axis.place(tick) for tick in ticks]
    assert all(b - a > least_px * 0.99 for a, b in itertools.pairwise(places))


def test_an_axis_that_goes_up_and_numbers_outside() -> None:
    axis = LogAxis(1.0, 100.0, 200.0, 0.0)
    assert axis.place(10.0) == pytest.approx(100.0)
    assert axis.place(0.01) == 200.0
    assert axis.place(1e9) == 0.0
    assert span([0.0, float("inf")]) == (1.0, 10.0)
    assert span([2.0, 8.0], 2.0) == (1.0, 16.0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0854, "0.0854"),
        (43.1872, "43.2"),
        (474.6, "475"),
        (12_500.0, "12,500"),
        (5, "5"),
        (0.5, "0.5"),
        (1e-5, "1e-05"),
    ],
)
def test_numbers_have_three_digits(value: float, words: str) -> None:
    assert number(value) == words


def test_prefixes_and_bytes() -> None:
    assert with_prefix(2.4e9) == "2.4 G"
    assert with_prefix(1e-5) == "10 µ"
    assert with_prefix(999.9e6) == "1 G"
    assert [stated_bytes(count) for count in (288, 320_000, 655_360, 2**21, 80e9)] == [
        "288 B", "320 kB", "640 KiB", "2 MiB", "80 GB",
    ]  # fmt: skip


def test_answers_are_computed_once_and_the_newest_question_is_next(qtbot: QtBot, background: Background) -> None:
    told: list[str] = []
    asked: list[str] = []
    go = threading.Event()
    answers: Answers[str] = Answers(background, "Asking", lambda: told.append("changed"))

    def compute(name: str) -> str | None:
        def work(stop: threading.Event, report: Report) -> str:
            asked.append(name)
            if name == "first":
                go.wait(10)
            if name == "bad":
                raise ExplorerError("Nothing is known of it: ask something else.")
            return name.upper()

        return answers.ask(name, work)

    def quiet() -> bool:
        background.poll()
        return answers.task is None

    for name in ("first", "second", "third"):
        assert compute(name) is None
    go.set()
    qtbot.waitUntil(quiet)
    assert "second" not in asked  # overtaken by the third while the first was under way
    assert answers.known("third") == "THIRD"
    assert compute("third") == "THIRD"
    assert asked.count("third") == 1
    assert told
    assert compute("bad") is None
    qtbot.waitUntil(quiet)
    assert answers.problem("bad") == "Nothing is known of it: ask something else."
    assert compute("bad") is None
    assert asked.count("bad") == 1
