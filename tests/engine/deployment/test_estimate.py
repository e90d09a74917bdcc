"""Estimates: what fits, what keeps up, which energy, and where each number comes from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.engine.deployment.energy import Method
from explorer.engine.deployment.estimate import as_option, estimate, graph_of
from explorer.engine.deployment.memory_plan import memory_plan
from explorer.engine.deployment.precision import recipe_of
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.scenario import Scenario
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.cost import flash_bytes
from explorer.engine.quantity import Kind
from explorer.engine.quantization.recipe import FLOAT, Recipe

M4 = shipped()["nucleo-l4r5zi"]


def test_a_published_time_and_energy_are_taken_as_published() -> None:
    found = estimate("mlperf-tiny-kws", M4)
    assert found.latency is not None
    assert (found.latency.value, found.latency.kind) == (43.1872, Kind.CITED)
    assert "MLPerf Tiny 1.2, STMicroelectronics" in found.latency.source
    assert found.energy is not None
    assert (found.energy.microjoules.value, found.energy.method) == (1820.454, Method.PUBLISHED)
    # twenty decisions a second take 86 % of this processor, and features come on top
    factor = found.real_time_factor
    assert factor is not None
    assert 0.864 < factor.value < 0.95


def test_other_widths_do_not_borrow_the_published_result() -> None:
    four = estimate("mlperf-tiny-kws", M4, recipe_of(4, 8))
    assert four.prediction.published is None
    assert four.latency is not None
    assert four.latency.kind is Kind.ASSUMED
    assert four.energy is not None
    assert four.energy.method is Method.POWER_TIMES_TIME
    mixed = Recipe(8, 8).with_layer("stem", weights=4)
    assert estimate("mlperf-tiny-kws", M4, mixed).prediction.published is None


def test_memory_is_that_of_the_whole_program() -> None:
    found = estimate("tiny", M4)
    graph = graph_of("tiny")
    assert found.ram.value > memory_plan(graph).ram_bytes
    assert found.flash.value > flash_bytes(graph, 8)
    assert found.fits
    assert found.room == "fits"


def test_what_does_not_fit_says_by_how_much() -> None:
    found = estimate("tiny", M4)
    half = replace(M4, ram_bytes=replace(M4.ram_bytes, value=found.ram.value / 2))
    small = estimate("tiny", half)
    assert not small.fits
    assert small.ram_over == pytest.approx(2)
    assert small.room == f"RAM over by {found.ram.value / 2:,.0f} bytes (2 times what is there)"


def test_a_slow_core_does_not_keep_up_and_asking_less_often_helps() -> None:
    m0 = shipped()["nucleo-g0b1re"]
    often, seldom = (estimate("mlperf-tiny-kws", m0, decisions_per_s=rate).real_time_factor for rate in (20.0, 1.0))
    assert often is not None
    assert seldom is not None
    assert often.value > 9  # it manages two a second
    assert seldom.value < 1


def test_layers_with_widths_of_their_own_must_all_be_possible() -> None:
    possible = estimate("tiny", M4, Recipe(8, 8).with_layer("stem", weights=4))
    assert possible.prediction.supported
    assert possible.prediction.kind is Kind.ASSUMED
    impossible = estimate("tiny", M4, Recipe(8, 8).with_layer("stem", weights=6))
    assert not impossible.prediction.supported
    assert "int6" in impossible.prediction.reason
    assert impossible.latency is None
    assert impossible.energy is None
    assert impossible.real_time_factor is None
    assert as_option(impossible, Scenario()) is None


def test_every_number_has_a_source() -> None:
    for profile in shipped().values():
        for name, quantity in estimate("tiny", profile).sources.items():
            assert quantity.source, (profile.key, name)
    assert estimate("tiny", M4).sources["CoreMark"].value == 3.54


def test_pictures_have_no_front_end() -> None:
    assert estimate("mlperf-tiny-vww", M4).front_end_share is None
    assert estimate("tiny", M4).front_end_share is not None
    assert estimate("tiny", shipped()["syntiant-ndp9120"]).front_end_share is None  # nobody says how fast it is


def test_an_option_carries_the_estimate() -> None:
    found = estimate("mlperf-tiny-kws", M4)
    option = as_option(found, Scenario())
    assert option is not None
    assert option.compute_ms == found.latency
    assert (option.ram_bytes, option.flash_bytes) == (found.ram.value, found.flash.value)
    assert option.energy == found.energy
    assert found.front_end_share is not None
    assert option.front_end_share == found.front_end_share.value


@pytest.mark.parametrize("rate", [0.0, -1.0, 1e308, float("nan"), float("inf")])
def test_a_rate_that_cannot_be_is_told(rate: float) -> None:
    with pytest.raises(ExplorerError, match="decisions per second cannot be"):
        estimate("tiny", M4, decisions_per_s=rate)


def test_an_unknown_network_is_told() -> None:
    with pytest.raises(ExplorerError, match="There is no network 'huge'; choose one of tiny"):
        estimate("huge", M4)


def test_the_floor_of_arithmetic_and_movement_by_hand() -> None:
    """MLPerf Tiny's DS-CNN: 2,656,768 MAC in convolutions, each 0.2 pJ and 0.1 pJ in eight bits, 4.6 pJ in float."""
    int8, float32 = (estimate("mlperf-tiny-kws", M4, recipe).least_energy for recipe in (Recipe(8, 8), FLOAT))
    assert int8[0].microjoules.value == pytest.approx(2_656_768 * 0.3e-6, rel=0.01)
    assert float32[0].microjoules.value == pytest.approx(2_656_768 * 4.6e-6, rel=0.01)
    assert float32[1].microjoules.value == pytest.approx(4 * int8[1].microjoules.value, rel=0.05)
    assert {each.method for each in (*int8, *float32)} == {Method.OPERATIONS}
