"""Paired comparisons: exact tests by hand, intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.statistics import compare, mcnemar, paired_interval

counts = st.integers(0, 200)


def test_mcnemar_by_hand() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(0, 5) == 2 / 32
    assert mcnemar(1, 5) == pytest.approx(2 * (1 + 6) / 64)
    assert mcnemar(10, 10) == 1
    assert mcnemar(3, 900) < 1e-200


@given(counts, counts, counts, counts)
def test_the_interval_holds_the_difference_and_turns_with_it(a: int, b: int, c: int, d: int) -> None:
    n = a + b + c + d
    if n == 0:
        return
    low, high = paired_interval(a, b, c, d)
    assert -1 <= low <= (c - b) / n + 1e-12
    assert (c - b) / n - 1e-12 <= high <= 1
    assert paired_interval(a, c, b, d) == pytest.approx((-high, -low))
    assert mcnemar(b, c) == mcnemar(c, b) <= 1


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([0.85, 0.06, 0.02, 0.07])  # both, only first, only second, neither
    covered = 0
    for both, first, second, neither in rng.multinomial(300, truth, 1000):
        low, high = paired_interval(both, first, second, neither)
        covered += low <= truth[2] - truth[1] <= high
    assert 930 <= covered <= 975


def test_pairs_tell_what_overlapping_intervals_hide() -> None:
    first = np.ones(1000, np.bool_)
    first[:100] = False
    second = first.copy()
    second[100:112] = False  # twelve clips are lost, none gained
    found = compare(first, second)
    assert (found.both, found.only_first, found.only_second, found.neither, found.clips) == (888, 12, 0, 100, 1000)
    assert found.difference == pytest.approx(-0.012)
    assert found.high < 0
    assert found.distinct


def test_only_the_same_clips_can_be_compared() -> None:
    with pytest.raises(ExplorerError, match="same clips"):
        compare(np.ones(3, np.bool_), np.ones(4, np.bool_))
    with pytest.raises(ExplorerError, match="same clips"):
        compare(np.ones(0, np.bool_), np.ones(0, np.bool_))
