"""Scenarios: a slider moves, and the option's numbers move as they should."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from explorer.engine.deployment.duty import BATTERIES
from explorer.engine.deployment.energy import Method, published
from explorer.engine.deployment.placement import Constraints, Option, place
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.scenario import CLOUD_LINK, Scenario, option
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity


def at(key: str, milliseconds: float, scenario: Scenario) -> Option:
    time = Quantity(milliseconds, "ms", Kind.DERIVED, "test", low=milliseconds * 0.8, high=milliseconds * 1.25)
    return option(shipped()[key], "tiny", "int8", time, 30_000, 60_000, scenario)


def watts(some: Option) -> float:
    assert some.average_power_w is not None
    return some.average_power_w.value


def test_an_always_listening_m4f_by_hand() -> None:
    # 20 x 43.1872 ms = 86.4 % at 42.15 mW, idle 10 µW, microphone 1.17 mW; 1.85 Wh: 49 hours
    found = at("nucleo-l4r5zi", 43.1872, Scenario())
    assert watts(found) == pytest.approx(0.863744 * 0.04215 + 0.136256 * 1e-5 + 1.17e-3)
    assert found.battery_days is not None
    assert found.battery_days.value == pytest.approx(2.05, abs=0.01)
    assert found.energy is not None
    assert found.energy.method is Method.POWER_TIMES_TIME
    assert found.leaving.payload_bytes == 0  # this board has no radio


def test_battery_life_is_mostly_how_often_it_listens() -> None:
    days = []
    for listening in (1.0, 0.1, 0.01):
        found = at("nucleo-l4r5zi", 43.1872, Scenario(listening=listening)).battery_days
        assert found is not None
        days.append(found.value)
    assert days[0] < days[1] / 5 < days[2] / 5
    assert days[2] > 7


def test_the_cloud_draws_radio_and_microphone_in_the_room() -> None:
    # 32,000 bytes x 8 x 12.5 nJ = 3.2 mJ a request; 86,400 requests a day are one a second
    scenario = Scenario(requests_per_day=86_400)
    found = at("v100", 0.1, scenario)
    # 1.06 W for 11.9 s after each: at one a second the radio never sleeps
    assert watts(found) == pytest.approx(1.17e-3 + 1e-5 + 3.2e-3 + 1.06 * (1 - math.exp(-11.9)))
    assert found.leaving.sound
    assert found.answers.p50_ms > CLOUD_LINK.round_trip_ms
    assert watts(at("v100", 50.0, scenario)) == pytest.approx(watts(found))  # their power is in their price


def test_voice_activity_in_front_is_paid_for_and_named() -> None:
    # 10 µW always, the network 43.1872 ms x 20 for a tenth of the time at 42.15 mW, idle 10 µW else, microphone 1.17 mW
    found = at("nucleo-l4r5zi", 43.1872, Scenario(listening=0.1))
    assert watts(found) == pytest.approx(1e-5 + 0.0863744 * 0.04215 + 0.9136256 * 1e-5 + 1.17e-3)
    power = found.average_power_w
    assert power is not None
    assert "voice activity 10 µW" in power.source
    always = at("nucleo-l4r5zi", 43.1872, Scenario()).average_power_w
    assert always is not None
    assert "voice activity" not in always.source


def test_the_battery_of_a_sensor_that_asks_the_cloud_is_how_often_it_asks() -> None:
    # 100 a day keep the radio awake for 1.37 % of it: 14.5 mW and 1.17 mW of the microphone; 1.85 Wh
    days = {}
    for requests in (1, 100, 1_000):
        found = at("v100", 0.1, Scenario(requests_per_day=requests)).battery_days
        assert found is not None
        days[requests] = found.value
    assert days[100] == pytest.approx(1.85 / (0.01449 + 3.7e-6 + 1.17e-3 + 6.3e-5) / 24, rel=0.01)
    assert days[1] > 50 > 7 > days[100] > 5 * days[1_000]


def test_a_phone_runs_on_its_own_battery() -> None:
    small, large = (at("phone-snapdragon-8-gen-3", 0.1, Scenario(battery=each)) for each in BATTERIES[:2])
    assert small.battery_days == large.battery_days
    assert small.battery_days is not None
    # 30 mW idle, 0.2 % at 500 mW, microphone 1.17 mW: 32.1 mW; 15.4 Wh
    assert small.battery_days.value == pytest.approx(15.4 / (0.03 * 0.998 + 0.5 * 0.002 + 1.17e-3) / 24)


def test_a_box_in_the_room_keeps_the_sound_in_it() -> None:
    assert at("raspberry-pi-5", 2.0, Scenario()).stays_in_room
    assert not at("v100", 0.1, Scenario()).stays_in_room


def test_the_front_end_draws_too() -> None:
    time = Quantity(20.0, "ms", Kind.DERIVED, "test", low=10.0, high=30.0)
    board = shipped()["nucleo-l4r5zi"]
    found = option(board, "tiny", "int8", time, 1, 1, Scenario(), front_end_share=0.1)
    # 40 % for the network and 10 % for the front end
    assert watts(found) == pytest.approx(0.5 * 0.04215 + 0.5 * 1e-5 + 1.17e-3)
    assert found.front_end_share == 0.1


def test_a_published_energy_is_taken_before_a_computed_one() -> None:
    time = Quantity(4.3672, "ms", Kind.CITED, "test")
    measured = published(31.537, "MLPerf Tiny 1.2, Syntiant", "processor only")
    found = option(shipped()["syntiant-ndp9120"], "x", "int8", time, 1, 1, Scenario(), published=measured)
    assert found.energy is measured


def test_costs_follow_price_requests_and_time() -> None:
    seldom, often = Scenario(requests_per_day=10), Scenario(requests_per_day=10_000)
    for key in ("nucleo-l4r5zi", "v100"):
        cheap, dear = at(key, 10.0, often).cost_per_million, at(key, 10.0, seldom).cost_per_million
        assert cheap is not None
        assert dear is not None
        if key == "v100":
            assert cheap.value == pytest.approx(dear.value)  # rented by the millisecond
        else:
            assert cheap.value == pytest.approx(dear.value / 1000)
    assert at("iphone-11", 1.0, often).cost_per_million is None  # without a price nobody knows


def test_without_a_link_the_same_machine_answers_at_once() -> None:
    spot = Scenario(links={"cloud": None, "edge": None, "mobile": None, "tiny": None})
    assert at("raspberry-pi-5", 2.0, spot).answers.p99_ms == pytest.approx(2.0)
    assert at("raspberry-pi-5", 2.0, Scenario()).answers.p99_ms > 10


def test_the_question_of_the_panel() -> None:
    """Who answers first, and who is still running next week?"""
    # a voice-activity stage in front: listens for 2 % of the time
    scenario = Scenario(listening=0.02, battery=BATTERIES[2])
    options = [
        at("v100", 0.1, scenario),
        at("raspberry-pi-5", 2.0, scenario),
        at("phone-snapdragon-8-gen-3", 0.1, scenario),
        at("nucleo-l4r5zi", 43.2, scenario),
    ]
    fastest_chip = min(options, key=lambda some: some.compute_ms.value)
    assert fastest_chip.profile.tier in ("cloud", "mobile")
    last = max(options, key=lambda some: some.answers.p50_ms)
    assert last.profile.key == "v100"  # the fastest chip answers last
    found = place(options, Constraints(deadline_ms=100, min_battery_days=7, decisions_per_s=20, sound_stays=True))
    assert [verdict.option.profile.key for verdict in found.remaining] == ["phone-snapdragon-8-gen-3", "nucleo-l4r5zi"]
    struck = {verdict.option.profile.key: verdict.strikes[0].constraint for verdict in found.removed}
    assert struck["v100"] == "sound stays in the room"
    assert struck["raspberry-pi-5"] == "battery"
    assert "phone-snapdragon-8-gen-3" not in struck


@pytest.mark.parametrize("wrong", [{"decisions_per_s": 0.0}, {"listening": 1.5}, {"requests_per_day": 0.0}])
def test_an_impossible_scenario_is_a_sentence(wrong: dict[str, float]) -> None:
    with pytest.raises(ExplorerError):
        replace(Scenario(), **wrong)  # type: ignore[arg-type]
