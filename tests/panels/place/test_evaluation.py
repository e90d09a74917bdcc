"""Four places under one setup: parts add up to the answer, and more distance is never faster."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.deployment.estimate import as_option, estimate
from explorer.engine.deployment.profile import TIERS
from explorer.engine.deployment.profiles import THIS_MACHINE, shipped
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import shipped as shipped_network
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.panels.place import wording
from explorer.panels.place.evaluation import Answer, Question, evaluate
from explorer.panels.place.setup import Setup

INT8 = Recipe(8, 8)


def get_network(name: str, version: int) -> Network:
    return shipped_network(name)


def nothing_measured(network: Network) -> Quantity | None:
    return None


SAME = Setup(best=False, listening=1.0)
"""The network in force in all four places."""


def ask(setup: Setup, precision: Recipe = INT8, network: str = "tiny", hop_ms: float = 50.0) -> Answer:
    question = Question(network, 1, precision, hop_ms, setup, shipped())
    return evaluate(question, get_network, nothing_measured)


@pytest.mark.parametrize("precision", [FLOAT, INT8, Recipe(4, 8)], ids=str)
def test_the_parts_of_each_way_add_up_to_the_median_answer(precision: Recipe) -> None:
    for tier, place in ask(Setup(), precision).places.items():
        assert place.option is not None
        assert sum(stage.time_ms.value for stage in place.stages) == pytest.approx(place.option.answers.p50_ms)
        keys = [stage.key for stage in place.stages]
        remote = ["uplink", "front end", "network", "way back", "jitter"]
        assert keys == (remote if tier in ("cloud", "edge") else ["front end", "network"])


def test_the_way_to_the_data_centre_by_hand() -> None:
    cloud = ask(Setup(distance_km=2000.0)).places["cloud"]
    stages = {stage.key: stage.time_ms.value for stage in cloud.stages}
    # 4G: 32,000 bytes at 10 Mbit/s = 25.6 ms; half of 50 ms access and of 2 x 2,000 km / 200,000 km/s = 20 ms
    assert stages["uplink"] == pytest.approx(25.6 + 25.0 + 10.0)
    # 200 bytes at 40 Mbit/s = 0.04 ms, and the other half
    assert stages["way back"] == pytest.approx(0.04 + 25.0 + 10.0)


def test_a_place_is_what_the_engine_says_of_it() -> None:
    setup = replace(SAME, listening=0.2)
    for tier, place in ask(setup).places.items():
        found = estimate("tiny", shipped()[setup.tiles[tier]], INT8, 20.0)
        option = as_option(found, setup.scenario(50.0))
        assert option is not None
        assert place.estimate.latency == found.latency
        assert place.option is not None
        assert place.option.battery_days == option.battery_days
        assert place.option.answers == option.answers


@settings(max_examples=25, deadline=None)
@given(near=st.floats(1, 5000), further=st.floats(0, 5000))
def test_farther_is_never_faster(near: float, further: float) -> None:
    def answer(distance_km: float) -> float:
        found = ask(Setup(distance_km=distance_km)).places["cloud"].answer_ms
        assert found is not None
        return found.value

    assert answer(near) <= answer(near + further) + 1e-9


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0.001, 0.9999), rate=st.floats(1.0, 50.0))
def test_listening_less_never_empties_the_battery_sooner(share: float, rate: float) -> None:
    def days(listening: float) -> float:
        option = ask(Setup(listening=listening, decisions_per_s=rate)).places["tiny"].option
        assert option is not None
        assert option.battery_days is not None
        return option.battery_days.value

    assert days(share) >= days(0.9999) - 1e-9  # at 1 there is no voice activity in front, which itself draws 10 µW


def test_every_tier_can_hold_each_of_its_devices_at_each_precision() -> None:
    for precision in (FLOAT, INT8, Recipe(2, 8)):
        for key, profile in shipped().items():
            place = ask(Setup(tiles={**Setup().tiles, profile.tier: key}), precision).places[profile.tier]
            assert place.profile.key == key
            if place.option is None:
                assert place.answer_ms is None
                assert place.strikes[0].constraint == "precision"
                assert place.strikes[0].factor == math.inf
            else:
                assert place.answer_ms is not None


def test_widths_of_layers_that_the_network_lacks_are_left_out() -> None:
    odd = Recipe(8, 8, layer_weights=(("no such layer", 2),))
    assert ask(Setup(), odd).recipe == INT8


def test_the_best_that_fits_keeps_up_and_nothing_larger_does() -> None:
    answer = ask(Setup(best=True))
    order = ("tiny", "small", "large")
    for tier, place in answer.places.items():
        assert place.option is not None
        assert place.option.fits
        assert place.option.keeps_up(20.0)
        for larger in order[order.index(place.network) + 1 :]:
            option = ask(SAME, network=larger).places[tier].option
            assert option is None or not (option.fits and option.keeps_up(20.0))


def test_the_best_goes_to_8_bits_where_float_is_too_slow() -> None:
    tiny = ask(Setup(best=True), FLOAT).places["tiny"]
    assert tiny.estimate.recipe == INT8
    assert ask(SAME, FLOAT).places["tiny"].estimate.recipe == FLOAT


def test_at_the_break_even_distance_both_answer_at_the_same_time() -> None:
    far = ask(Setup(edge_link="fibre, same city", tiles={**Setup().tiles, "tiny": "nucleo-g0b1re"})).places
    even, tiny = far["cloud"].break_even, far["tiny"].option
    assert even is not None
    assert tiny is not None
    assert even.remote_wins  # a slow core loses even against the data centre
    there = ask(Setup(distance_km=even.distance_km, tiles={**Setup().tiles, "tiny": "nucleo-g0b1re"})).places["cloud"]
    assert there.option is not None
    assert there.option.answers.p50_ms == pytest.approx(tiny.answers.p50_ms, rel=1e-6)
    assert far["tiny"].break_even is None


def test_at_the_break_even_of_requests_both_cost_the_same() -> None:
    cloud = ask(SAME).places["cloud"]
    assert cloud.buying is not None
    assert cloud.buying.value > 100
    there = ask(replace(SAME, requests_per_day=cloud.buying.value)).places
    assert there["cloud"].option is not None
    assert there["tiny"].option is not None
    rented, owned = there["cloud"].option.cost_per_million, there["tiny"].option.cost_per_million
    assert rented is not None
    assert owned is not None
    assert rented.value == pytest.approx(owned.value)
    assert "answers a day the device of the tile Tiny is cheaper" in wording.money(cloud)
    assert ask(SAME).places["edge"].buying is None  # it is bought


def test_a_place_that_another_one_beats_in_everything_says_so() -> None:
    alone = replace(SAME, min_days=None, deadline_ms=10_000.0, tiles={**Setup().tiles, "tiny": "syntiant-ndp9120"})
    places = ask(alone).places
    assert all(place.remains for place in places.values())
    edge, tiny = places["edge"].option, places["tiny"].option
    assert edge is not None
    assert tiny is not None
    assert tiny.answers.p50_ms < edge.answers.p50_ms
    assert places["edge"].beaten
    assert "beaten in time, energy and cost" in wording.verdict(places["edge"])
    assert not places["tiny"].beaten


def test_what_was_measured_here_takes_the_place_of_what_was_predicted_in_float_only() -> None:
    measured = Quantity(0.25, "ms", Kind.MEASURED, "median of runs", 0.2, 0.3, 99)
    machine = shipped()["raspberry-pi-5"]
    profiles = {**shipped(), THIS_MACHINE: type(machine)(**{f: getattr(machine, f) for f in machine.__slots__})}
    object.__setattr__(profiles[THIS_MACHINE], "key", THIS_MACHINE)
    setup = Setup(tiles={**Setup().tiles, "edge": THIS_MACHINE})
    for precision, kind in ((FLOAT, Kind.MEASURED), (INT8, Kind.ASSUMED)):
        question = Question("tiny", 1, precision, 50.0, setup, profiles)
        latency = evaluate(question, get_network, lambda network: measured).places["edge"].estimate.latency
        assert latency is not None
        assert latency.kind is kind
    assert set(ask(Setup()).places) == set(TIERS)
