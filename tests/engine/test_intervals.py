"""Intervals against hand-worked and published values, and their properties."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.intervals import median_interval, rate_interval, wilson


def test_wilson_by_hand() -> None:
    # 8 of 10: centre (0.8 + 0.19207) / 1.38415 = 0.71674, half width 0.22658.
    low, high = wilson(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


def test_eight_of_eight_is_not_certain() -> None:
    low, high = wilson(8, 8)
    assert low == pytest.approx(0.6756, abs=1e-4)
    assert high == 1.0


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_the_proportion(a: int, b: int) -> None:
    low, high = wilson(a, a + b)
    assert 0 <= low <= high <= 1
    if a + b:
        assert low <= a / (a + b) <= high
        assert wilson(b, a + b) == pytest.approx((1 - high, 1 - low))


def test_no_event_in_three_minutes_supports_only_sixty_per_hour() -> None:
    low, high = rate_interval(0, 3 / 60)
    assert low == 0
    assert high == pytest.approx(59.9, abs=0.1)


@pytest.mark.parametrize(
    ("events", "low", "high"), [(1, 0.0253, 5.572), (5, 1.623, 11.668), (20, 12.217, 30.888), (100, 81.364, 121.627)]
)
def test_rates_against_the_exact_poisson_table(events: int, low: float, high: float) -> None:
    got = rate_interval(events, 1.0)
    assert got[0] == pytest.approx(low, rel=1e-3)
    assert got[1] == pytest.approx(high, rel=1e-3)


def test_without_exposure_nothing_is_known() -> None:
    assert rate_interval(0, 0) == (0.0, math.inf)
    with pytest.raises(ValueError, match="negative"):
        rate_interval(-1, 2)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_a_median_lies_in_its_interval(values: list[float]) -> None:
    middle, low, high = median_interval(values)
    assert min(values) <= low <= middle <= high <= max(values)


def test_the_median_interval_covers_as_promised() -> None:
    draw = random.Random(1)
    hits = sum(
        low <= 0 <= high
        for _, low, high in (median_interval([draw.gauss(0, 1) for _ in range(41)]) for _ in range(800))
    )
    assert 0.93 <= hits / 800 <= 0.99


@pytest.mark.parametrize("n", range(1, 60))
def test_the_ranks_of_the_median_interval_cover_exactly(n: int) -> None:
    low, high = (round(rank) for rank in median_interval([float(i) for i in range(n)])[1:])
    # the median lies above `low` and below `high` others; each value is above it with probability one half
    covered = sum(math.comb(n, k) for k in range(low + 1, high + 1)) / 2**n
    assert covered >= 0.95 if n >= 6 else covered == pytest.approx(1 - 2 ** (1 - n))
