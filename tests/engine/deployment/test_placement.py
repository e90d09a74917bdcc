"""Constraints: what remains, what is struck out and by what first, and the Pareto front against brute force."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.deployment.energy import published
from explorer.engine.deployment.link import THE_SOUND, LatencyDistribution
from explorer.engine.deployment.placement import Constraints, Option, judge, pareto_front, place
from explorer.engine.deployment.profiles import shipped
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity


def quantity(value: float, unit: str, low: float | None = None, high: float | None = None) -> Quantity:
    return Quantity(value, unit, Kind.DERIVED, "test", low=low, high=high)


def option(key: str = "nucleo-l4r5zi", milliseconds: float = 43.1872, **changes: object) -> Option:
    plain = Option(shipped()[key], "tiny", "int8", quantity(milliseconds, "ms"), ram_bytes=50_000, flash_bytes=80_000)
    return replace(plain, **changes)  # type: ignore[arg-type]


DELAY = LatencyDistribution(60.0, jitter_ms=20.0, weights=(0.995,), no_answer=0.005)
CLOUD = option("v100", 0.1, answer=DELAY, leaving=THE_SOUND, stays_in_room=False)


def names(some: Option, constraints: Constraints) -> list[str]:
    return [strike.constraint for strike in judge(some, constraints).strikes]


def test_nothing_asked_nothing_struck() -> None:
    found = place([option(), CLOUD], Constraints())
    assert [verdict.option for verdict in found.remaining] == [option(), CLOUD]
    assert found.removed == ()


def test_an_m4f_keeps_up_and_an_m0_does_not() -> None:
    at_listening = Constraints(decisions_per_s=20)
    assert names(option(), at_listening) == []
    slow = judge(option("nucleo-g0b1re", 474.6084), at_listening).strikes
    assert [strike.constraint for strike in slow] == ["keeps up"]
    assert slow[0].sentence == "2.11 decisions a second of 20"
    assert slow[0].factor == pytest.approx(9.492168)


def test_the_front_end_takes_its_share() -> None:
    # 86.4 % for the network and 20 % for the spectra are more than all
    assert names(option(front_end_share=0.1), Constraints(decisions_per_s=20)) == []
    assert not option(front_end_share=0.2).keeps_up(20)
    strikes = judge(option(front_end_share=0.2), Constraints(decisions_per_s=20)).strikes
    assert [strike.sentence for strike in strikes] == ["18.5 decisions a second of 20"]


def test_the_fastest_chip_misses_the_deadline_that_a_microcontroller_keeps() -> None:
    # 60 ms floor, 20 ms jitter: 99 % of all answers within 60 + 20 ln(0.995 / 0.005) = 165.9 ms
    found = place([option(), CLOUD], Constraints(deadline_ms=100))
    assert [verdict.option.profile.key for verdict in found.remaining] == ["nucleo-l4r5zi"]
    assert found.removed[0].strikes[0].sentence == "165.9 of 100 ms"


def test_half_the_answers_are_easier_than_nearly_all() -> None:
    assert names(CLOUD, Constraints(deadline_ms=100, share_in_time=0.5)) == []
    assert names(CLOUD, Constraints(deadline_ms=1e9, share_in_time=0.999)) == ["deadline"]
    assert "0.50% of the answers never come" in judge(CLOUD, Constraints(1e9, 0.999)).strikes[0].sentence


def test_sound_that_leaves_is_struck_by_privacy() -> None:
    assert names(CLOUD, Constraints(sound_stays=True)) == ["sound stays in the room"]
    assert names(option(), Constraints(sound_stays=True)) == []
    next_door = replace(CLOUD, stays_in_room=True)  # over the air to a box in the same room
    assert names(next_door, Constraints(sound_stays=True)) == []


def test_memories_are_two_limits_and_the_larger_miss_comes_first() -> None:
    # 655,360 bytes of RAM and 2,097,152 of flash are there
    big = option(ram_bytes=6_553_600, flash_bytes=4_194_304)
    strikes = judge(big, Constraints()).strikes
    assert [(strike.constraint, strike.factor) for strike in strikes] == [("RAM", 10.0), ("flash", 2.0)]
    assert not big.fits
    assert names(option(), Constraints(max_ram_bytes=40_000)) == ["RAM"]
    assert names(option(), Constraints(max_flash_bytes=70_000)) == ["flash"]


def test_all_that_strike_are_listed_decisive_first() -> None:
    constraints = Constraints(deadline_ms=10, decisions_per_s=30, sound_stays=True)
    both = replace(option(), leaving=THE_SOUND, stays_in_room=False)
    # no factor mends what leaves; the deadline is missed 4.3 times, the rate 1.3 times
    assert names(both, constraints) == ["sound stays in the room", "deadline", "keeps up"]


def test_an_unsupported_precision_is_struck_with_its_reason() -> None:
    strikes = judge(option("coral-dev-board", precision="binary"), Constraints()).strikes
    assert [strike.constraint for strike in strikes] == ["precision"]
    assert "binary" in strikes[0].sentence
    assert names(option("coral-dev-board", precision="float32"), Constraints()) == []  # emulated beside it


def test_power_battery_and_cost() -> None:
    known = replace(
        option(),
        average_power_w=quantity(0.02, "W"),
        battery_days=quantity(5.0, "days"),
        cost_per_million=quantity(3.0, "USD per million"),
    )
    assert names(known, Constraints(max_power_w=0.01)) == ["power"]
    sentences = [each.sentence for each in judge(known, Constraints(max_power_w=2e-4, min_battery_days=400)).strikes]
    assert sentences == ["20 mW of 200 µW", "5 days of 400 days"]
    assert (
        judge(replace(known, battery_days=quantity(0.0248, "days")), Constraints(min_battery_days=7))
        .strikes[0]
        .sentence.startswith("0.6 h of 7 days")
    )
    assert names(known, Constraints(min_battery_days=7)) == ["battery"]
    assert names(known, Constraints(max_cost_per_million=2)) == ["cost"]
    assert names(known, Constraints(max_power_w=0.03, min_battery_days=4, max_cost_per_million=4)) == []


def test_what_is_not_known_does_not_pass_and_comes_last() -> None:
    found = judge(option(), Constraints(deadline_ms=10, max_power_w=1, min_battery_days=1, max_cost_per_million=1))
    assert [strike.constraint for strike in found.strikes] == ["deadline", "power", "battery", "cost"]
    assert "not known" in found.strikes[1].sentence


def test_an_interval_across_the_limit_is_a_doubt_not_a_fact() -> None:
    fast = option(compute_ms=quantity(43.0, "ms", 30.0, 60.0))
    found = judge(fast, Constraints(deadline_ms=50))
    assert found.remains
    assert found.doubts == ("deadline: may miss it",)
    slow = judge(option(compute_ms=quantity(55.0, "ms", 40.0, 70.0)), Constraints(deadline_ms=50)).strikes
    assert [strike.certain for strike in slow] == [False]
    sure = judge(option(compute_ms=quantity(80.0, "ms", 60.0, 100.0)), Constraints(deadline_ms=50)).strikes
    assert [strike.certain for strike in sure] == [True]


def test_battery_days_have_an_interval_too() -> None:
    week = Constraints(min_battery_days=7)
    longer = judge(option(battery_days=quantity(8.0, "days", 6.0, 9.0)), week)
    assert longer.remains
    assert longer.doubts == ("battery: may fall short",)
    shorter = judge(option(battery_days=quantity(6.0, "days", 5.0, 8.0)), week).strikes
    assert [strike.certain for strike in shorter] == [False]
    assert [strike.certain for strike in judge(option(battery_days=quantity(5.0, "days", 4.0, 6.0)), week).strikes] == [
        True
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"deadline_ms": 0.0}, {"deadline_ms": -1.0}, {"max_power_w": math.inf}, {"share_in_time": 1.0},
     {"decisions_per_s": math.nan}, {"min_battery_days": 0.0}],
)  # fmt: skip
def test_an_impossible_constraint_is_a_sentence(wrong: dict[str, float]) -> None:
    with pytest.raises(ExplorerError, match=next(iter(wrong))):
        Constraints(**wrong)  # type: ignore[arg-type]


def with_costs(milliseconds: float, microjoules: float | None, dollars: float | None) -> Option:
    return replace(
        option(milliseconds=milliseconds),
        energy=None if microjoules is None else published(microjoules, "test", "test"),
        cost_per_million=None if dollars is None else quantity(dollars, "USD per million"),
    )


def test_the_front_by_hand() -> None:
    fast, frugal, cheap = with_costs(1, 100, 9), with_costs(50, 1, 9), with_costs(50, 100, 1)
    beaten = with_costs(60, 100, 9)
    assert pareto_front([fast, frugal, beaten, cheap]) == (fast, frugal, cheap)
    assert pareto_front([fast, fast]) == (fast, fast)  # equals do not beat one another


def test_not_knowing_wins_nothing() -> None:
    known, unknown = with_costs(10, 5, 1), with_costs(10, None, 1)
    assert pareto_front([known, unknown]) == (known,)


@given(st.lists(st.tuples(*[st.integers(1, 4)] * 3), max_size=12))
def test_the_front_is_what_nothing_beats(points: list[tuple[int, int, int]]) -> None:
    options = [with_costs(*point) for point in points]
    front = pareto_front(options)
    for some, point in zip(options, points, strict=True):
        beaten = any(all(a <= b for a, b in zip(other, point, strict=True)) and other != point for other in points)
        assert (some in front) != beaten


@given(st.floats(1, 1000), st.floats(1.0, 10.0))
def test_a_looser_deadline_never_removes_more(deadline: float, factor: float) -> None:
    options = [option(milliseconds=each) for each in (2.0, 43.0, 475.0)] + [CLOUD]
    strict = {verdict.option for verdict in place(options, Constraints(deadline_ms=deadline)).remaining}
    loose = {verdict.option for verdict in place(options, Constraints(deadline_ms=deadline * factor)).remaining}
    assert strict <= loose
