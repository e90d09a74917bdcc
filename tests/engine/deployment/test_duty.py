"""Duty cycle, battery days and cascades, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.deployment.duty import (
    KEYWORD_CASCADE,
    Battery,
    Stage,
    average_power,
    battery_days,
    cascade_power,
    duty,
    most_decisions_per_s,
    stage_per_event,
)
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity


def watts(value: float) -> Quantity:
    return Quantity(value, "W", Kind.CITED, "test")


def milliseconds(value: float, low: float | None = None, high: float | None = None) -> Quantity:
    return Quantity(value, "ms", Kind.CITED, "test", low=low, high=high)


def test_an_m4f_at_the_rate_of_listening() -> None:
    assert duty(43.1872, 20) == pytest.approx(0.863744)
    assert most_decisions_per_s(474.6084) == pytest.approx(2.107, rel=1e-3)  # an M0+ manages two
    assert most_decisions_per_s(0.0) == float("inf")


def test_average_power_by_hand() -> None:
    # the ESP32-S3 of the facts: 8.33 ms a second at 400 mW = 3.33 mW, 50 mW idle for the rest = 49.58 mW
    found = average_power(watts(0.4), watts(0.05), milliseconds(8.33, 5.0, 10.0), 1.0)
    assert found.value == pytest.approx(0.003332 + 0.0495835)
    assert found.low == pytest.approx(0.4 * 0.005 + 0.05 * 0.995)
    assert found.high == pytest.approx(0.4 * 0.010 + 0.05 * 0.990)
    with_microphone = average_power(watts(0.4), watts(0.05), milliseconds(8.33), 1.0, always_on_w=0.001)
    assert with_microphone.value == pytest.approx(found.value + 0.001)


def test_a_device_that_does_not_keep_up_computes_all_the_time() -> None:
    assert average_power(watts(0.3), watts(0.01), milliseconds(500), 20).value == pytest.approx(0.3)


def test_battery_days_by_hand() -> None:
    # 0.675 Wh at 1 mW: 675 h = 28.125 days
    coin = Battery("coin", Quantity(0.675, "Wh", Kind.CITED, "test"))
    assert battery_days(coin, watts(0.001)).value == pytest.approx(28.125)
    # losing all of 8.766 Wh in a year is 1 mW; with 1 mW of load it lasts half a year
    leaky = Battery("leaky", Quantity(8.766, "Wh", Kind.CITED, "test"), self_discharge_per_year=1.0)
    assert battery_days(leaky, watts(0.001)).value == pytest.approx(365.25 / 2)
    assert battery_days(coin, watts(0.0)).value == float("inf")


def test_a_wider_power_makes_wider_days_the_other_way_round() -> None:
    coin = Battery("coin", Quantity(1.0, "Wh", Kind.CITED, "test"))
    found = battery_days(coin, Quantity(0.02, "W", Kind.DERIVED, "test", low=0.01, high=0.04))
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert found.high == pytest.approx(100 / 24)


def test_the_cascade_of_the_facts() -> None:
    # voice activity 10 µW always, small 100 µW for 5 %, full 10 mW for 50 ms at 0.001 a second: 10 + 5 + 0.5 µW
    found = cascade_power(KEYWORD_CASCADE)
    assert found.value == pytest.approx(15.5e-6)
    assert 10e-3 / found.value == pytest.approx(645, abs=0.5)
    assert found.source == "10 µW × 1 + 100 µW × 0.05 + 10 mW × 5e-05 = 15.5 µW"


def test_running_the_large_one_always_is_dearer_by_far() -> None:
    always = cascade_power([Stage("large", 10e-3, 1.0)])
    assert always.value == pytest.approx(10e-3)
    assert always.kind is Kind.DERIVED
    assert cascade_power(KEYWORD_CASCADE).kind is Kind.ASSUMED


def test_a_cascade_out_of_order_is_refused() -> None:
    with pytest.raises(ExplorerError, match="large cannot run more"):
        cascade_power([Stage("tiny", 1e-4, 0.05), Stage("large", 1e-2, 0.5)])
    with pytest.raises(ExplorerError, match="large would run 2"):
        stage_per_event("large", 1e-2, 2.0, 1.0)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 100), st.floats(0, 50))
def test_average_power_lies_between_idle_and_active(low: float, more: float, latency: float, rate: float) -> None:
    found = average_power(watts(low + more), watts(low), milliseconds(latency), rate).value
    assert low - 1e-12 <= found <= low + more + 1e-12


@given(st.floats(1e-3, 1), st.floats(1e-6, 1e-4), st.floats(0.1, 100), st.floats(0.01, 1))
def test_asking_less_often_never_shortens_the_life(active: float, idle: float, latency: float, less: float) -> None:
    coin = Battery("coin", Quantity(1.0, "Wh", Kind.CITED, "test"), 0.01)
    often = battery_days(coin, average_power(watts(active), watts(idle), milliseconds(latency), 10)).value
    seldom = battery_days(coin, average_power(watts(active), watts(idle), milliseconds(latency), 10 * less)).value
    assert seldom >= often * (1 - 1e-9)
