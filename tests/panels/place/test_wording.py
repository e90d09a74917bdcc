"""Numbers as a person would write them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.deployment.placement import Constraints, judge
from explorer.engine.quantity import Kind, Quantity
from explorer.panels.place import wording
from explorer.panels.place.axis import HIGH_MS, LOW_MS, fraction, time_at
from explorer.panels.place.setup import Setup
from tests.panels.place.test_evaluation import ask


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [
        (0.0746, "0.0746 ms"),
        (33.82, "33.8 ms"),
        (99.97, "100 ms"),
        (707.22, "707 ms"),
        (3301.0, "3.3 s"),
        (math.inf, "never"),
    ],
)
def test_times(time_ms: float, text: str) -> None:
    assert wording.in_time(time_ms) == text


@pytest.mark.parametrize(
    ("count", "text"), [(900, "900 bytes"), (65_536, "64 KiB"), (655_360, "640 KiB"), (80e9, "74.5 GiB")]
)
def test_bytes(count: float, text: str) -> None:
    assert wording.in_bytes(count) == text


@pytest.mark.parametrize(("energy", "text"), [(53.7, "53.7 µJ"), (1430.0, "1.43 mJ"), (2.5e6, "2.5 J")])
def test_energies(energy: float, text: str) -> None:
    assert wording.in_joules(energy) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.0004, "< 0.1 %"), (0.721, "72.1 %"), (1.82, "182 %"), (66.2, "66.2 ×")]
)
def test_shares(share: float, text: str) -> None:
    assert wording.in_percent(share) == text


def test_an_interval_has_the_unit_of_its_number() -> None:
    slow = Quantity(3300.0, "ms", Kind.ASSUMED, "", 990.0, 11_000.0)
    assert wording.with_interval(slow) == "3.3 s [0.99, 11]"
    assert wording.with_interval(Quantity(2.0, "ms", Kind.DERIVED, "")) == "2 ms"


@given(st.floats(LOW_MS, HIGH_MS))
def test_the_axis_gives_back_the_time_that_was_put_on_it(time_ms: float) -> None:
    assert time_at(fraction(time_ms)) == pytest.approx(time_ms)


def test_what_lies_outside_the_axis_stands_at_its_ends() -> None:
    assert fraction(0.0) == 0.0
    assert fraction(math.inf) == 1.0
    assert time_at(-1.0) == LOW_MS
    assert time_at(2.0) == pytest.approx(HIGH_MS)


def test_every_doubt_and_every_strike_of_the_engine_has_words() -> None:
    asked = Constraints(
        deadline_ms=40.0, decisions_per_s=20.0, max_power_w=3e-3, min_battery_days=25.0, max_cost_per_million=1e3
    )
    place = ask(Setup(best=False, listening=0.05)).places["tiny"]
    assert place.option is not None
    verdict = judge(place.option, asked)
    assert not verdict.strikes
    told = wording.verdict(replace(place, verdict=verdict))
    assert "may be too slow" in told
    assert "may miss the deadline" in told
    assert "the battery may fall short" in told
    assert "may draw too much" in told
    harder = judge(place.option, replace(asked, deadline_ms=1.0, max_power_w=1e-6, max_ram_bytes=10.0))
    words = wording.verdict(replace(place, verdict=harder))
    assert {strike.constraint for strike in harder.strikes} == {"deadline", "power", "RAM"}
    assert all(name in words for name in ("deadline", "power", "RAM"))
