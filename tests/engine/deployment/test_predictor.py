"""Predicted times: what they add up to, what moves them, how sure they are, and what is never borrowed."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.deployment.cost import work_of
from explorer.engine.deployment.measurements import published
from explorer.engine.deployment.precision import recipe_of
from explorer.engine.deployment.predictor import Prediction, predict
from explorer.engine.deployment.profile import Profile
from explorer.engine.deployment.profile_file import load
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.roofline import layer_seconds
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.graph import Graph
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.quantity import Kind
from tests.engine.deployment.random_graphs import graphs


@cache
def graph(name: str = "tiny") -> Graph:
    return TOPOLOGIES[name]()


def on(key: str, network: str = "tiny", weights: int = 8, activations: int = 8, batch: int = 1) -> Prediction:
    return predict(graph(network), shipped()[key], weights, activations, batch)


def width(prediction: Prediction) -> float:
    assert prediction.low_ms is not None
    assert prediction.high_ms is not None
    return math.log(prediction.high_ms / prediction.low_ms)


@pytest.mark.parametrize("key", ["nucleo-l4r5zi", "phone-snapdragon-8-gen-3", "v100", "esp32-s3"])
def test_layers_add_up_to_the_latency_within_its_interval(key: str) -> None:
    found = on(key)
    assert found.latency_ms == pytest.approx(sum(layer.total_ms for layer in found.layers))
    assert [layer.name for layer in found.layers] == [layer.name for layer in work_of(graph()).layers]
    assert found.latency_ms is not None
    assert found.low_ms is not None
    assert found.high_ms is not None
    assert 0 < found.low_ms < found.latency_ms < found.high_ms


def test_beside_a_published_result_stands_what_was_predicted_without_its_board() -> None:
    found = on("nucleo-l4r5zi", "mlperf-tiny-kws")
    assert found.published is not None
    assert found.published.latency_ms == 43.1872
    assert found.basis.startswith("measured, published: MLPerf Tiny 1.2, STMicroelectronics, NUCLEO-L4R5ZI")
    assert "predicted from 2 boards, without this one" in found.basis
    assert found.latency_ms is not None
    assert found.error_factor is not None
    assert found.error_factor == pytest.approx(found.latency_ms / 43.1872)
    assert 1 / 1.25 < found.error_factor < 1.25


def test_what_nobody_ran_says_so() -> None:
    found = on("nucleo-l4r5zi")
    assert found.published is None
    assert found.error_factor is None
    assert found.basis.startswith("predicted from 3 boards: ")
    assert found.basis.endswith("; this network has never run on this board")
    assert f"[{found.low_ms:.3g}, {found.high_ms:.3g}]" in found.basis
    assert (found.extrapolation, found.kind) == (False, Kind.DERIVED)


def test_unknown_software_is_an_extrapolation_with_a_wider_interval() -> None:
    known, unknown = on("nucleo-l4r5zi"), on("nrf52840")
    assert unknown.extrapolation
    assert "extrapolated from 9 boards, none with TensorFlow Lite Micro with CMSIS-NN" in unknown.basis
    assert width(unknown) > 1.5 * width(known)


def test_intervals_around_published_results_hold_most_of_them() -> None:
    """Over every shipped board somebody published a result for: at least nine in ten, sound on both sides."""
    held = []
    for profile in shipped().values():
        for name in TOPOLOGIES:
            found = predict(graph(name), profile, 8, 8)
            if found.published is not None:
                assert found.low_ms is not None
                assert found.high_ms is not None
                held.append(found.low_ms <= found.published.latency_ms <= found.high_ms)
    assert len(held) >= 24
    assert sum(held) >= 0.9 * len(held)


@pytest.mark.parametrize(
    ("key", "weights", "activations", "why"),
    [
        ("syntiant-ndp9120", 32, 32, "has no float32 units"),
        ("nucleo-l4r5zi", 6, 8, "has no int6 units"),
        ("coral-dev-board", 4, 8, "has no int4 units"),
        ("coral-dev-board", 32, 32, "run on the Cortex-A53 beside it"),
        ("phone-snapdragon-8-gen-3", 32, 32, "how fast that is, nobody states"),
    ],
)
def test_a_width_that_a_device_lacks_is_not_run_at_the_speed_of_another(
    key: str, weights: int, activations: int, why: str
) -> None:
    found = on(key, weights=weights, activations=activations)
    assert (found.supported, found.latency_ms, found.low_ms, found.high_ms) == (False, None, None, None)
    assert found.basis == found.reason
    assert found.reason.startswith("not supported: ")
    assert why in found.reason


@pytest.mark.parametrize("key", ["nucleo-l4r5zi", "nrf52840", "raspberry-pi-5"])
def test_emulated_widths_are_named_assumed_and_no_faster(key: str) -> None:
    four, eight = on(key, weights=4), on(key)
    assert four.reason.startswith("emulated: stored in 4 bits")
    assert four.kind is Kind.ASSUMED
    assert four.extrapolation
    assert four.latency_ms is not None
    assert eight.latency_ms is not None
    assert four.latency_ms >= eight.latency_ms


def test_floats_without_a_floating_point_unit_take_many_times_as_long() -> None:
    floats, integers = on("nucleo-g0b1re", weights=32, activations=32), on("nucleo-g0b1re")
    assert floats.latency_ms is not None
    assert integers.latency_ms is not None
    assert floats.latency_ms > 4 * integers.latency_ms
    assert "library call" in floats.reason


@pytest.mark.parametrize("key", ["v100", "h100", "raspberry-pi-5", "iphone-11"])
def test_devices_nobody_measured_stay_above_their_data_sheet(key: str) -> None:
    profile, found = shipped()[key], on(key, weights=32, activations=32)
    assert profile.bandwidth_bytes_per_s is not None
    columns = work_of(graph(), recipe_of(32, 32)).columns
    peak = profile.peak_macs_per_s["float32"].value
    best_ms = 1e3 * float(layer_seconds(columns, peak, profile.bandwidth_bytes_per_s.value).sum())
    assert found.low_ms is not None
    assert found.low_ms >= best_ms
    assert found.extrapolation
    assert found.kind is Kind.ASSUMED
    assert "extrapolated from the data sheet" in found.basis


@given(st.integers(10, 600), st.sampled_from(["tiny", "small", "mlperf-tiny-vww"]))
def test_twice_the_clock_takes_half_the_time(mhz: int, network: str) -> None:
    plain = replace(shipped()["nucleo-l4r5zi"], board="", bandwidth_bytes_per_s=None)
    assert plain.clock_mhz is not None

    def at(clock: float) -> float:
        profile = replace(plain, clock_mhz=replace(plain.clock_mhz, value=clock))  # type: ignore[type-var]
        found = predict(graph(network), profile, 8, 8).latency_ms
        assert found is not None
        return found

    assert at(mhz) == pytest.approx(2 * at(2.0 * mhz))


def test_a_batch_on_a_large_device_costs_less_each() -> None:
    one, many = on("v100", "large"), on("v100", "large", batch=64)
    assert one.latency_ms is not None
    assert many.latency_ms is not None
    assert one.latency_ms < many.latency_ms < 64 * one.latency_ms


def test_a_slow_memory_is_what_layers_wait_for() -> None:
    profile = shipped()["nucleo-l4r5zi"]
    assert profile.bandwidth_bytes_per_s is not None
    starved = replace(profile, bandwidth_bytes_per_s=replace(profile.bandwidth_bytes_per_s, value=1e5))
    found = predict(graph(), starved, 8, 8)
    assert all(layer.memory_ms > layer.compute_ms for layer in found.layers)
    assert found.latency_ms is not None
    assert found.latency_ms >= 1e3 * work_of(graph()).bytes_moved() / 1e5


MINIMAL = """
title = "My board"
tier = "tiny"
core = "{core}"
software = "{software}"
clock = {{ value = "100 MHz", kind = "cited", source = "data sheet" }}
ram = {{ value = "256 KiB", kind = "cited", source = "data sheet" }}
flash = {{ value = "1 MiB", kind = "cited", source = "data sheet" }}
"""


def mine(folder: Path, core: str = "Cortex-M33", software: str = "X-CUBE-AI") -> Profile:
    path = folder / "mine.toml"
    path.write_text(MINIMAL.format(core=core, software=software), encoding="utf-8")
    return load(path)


def test_a_board_nobody_measured_needs_core_clock_memories_and_software(tmp_path: Path) -> None:
    found = predict(graph("mlperf-tiny-kws"), mine(tmp_path), 8, 8)
    assert (found.supported, found.extrapolation) == (True, False)
    (measured,) = [
        r for r in published()
        if (r.core, r.network, r.submitter) == ("Cortex-M33", "mlperf-tiny-kws", "STMicroelectronics")
    ]  # fmt: skip
    assert found.latency_ms == pytest.approx(measured.latency_ms * 1.6, rel=0.15)  # the same core at 160 MHz
    assert predict(graph(), mine(tmp_path), 32, 32).supported
    assert predict(graph(), mine(tmp_path), 6, 8).reason.endswith("it has int8, float32")


def test_a_core_nobody_knows_is_told(tmp_path: Path) -> None:
    found = predict(graph(), mine(tmp_path, core="Z80"), 8, 8)
    assert not found.supported
    assert "nothing is known of a Z80: list what it has under [peak]" in found.reason


@settings(max_examples=40, deadline=None)
@given(some=graphs(), key=st.sampled_from(sorted(shipped())), width=st.sampled_from([4, 8, 32]))
def test_any_network_on_any_device_is_predicted_or_refused_with_a_reason(some: Graph, key: str, width: int) -> None:
    found = predict(some, shipped()[key], width, width)
    assert found.reason
    assert found.basis
    if found.supported:
        assert found.latency_ms is not None
        assert found.low_ms is not None
        assert found.high_ms is not None
        assert 0 < found.low_ms < found.latency_ms < found.high_ms < math.inf
        assert found.latency_ms == pytest.approx(sum(layer.total_ms for layer in found.layers))
    else:
        assert (found.latency_ms, found.layers) == (None, ())


def test_a_network_with_other_outputs_is_not_the_published_one() -> None:
    changed = predict(TOPOLOGIES["mlperf-tiny-kws"](35), shipped()["nucleo-l4r5zi"], 8, 8)
    assert changed.published is None
    assert "this network has never run on this board" in changed.basis


@pytest.mark.parametrize(("weights", "activations"), [(17, 8), (0, 8), (8, 1), (8, 33), (-8, 8)])
def test_widths_that_do_not_exist_are_refused(weights: int, activations: int) -> None:
    with pytest.raises(ExplorerError, match="cannot have"):
        on("nucleo-l4r5zi", weights=weights, activations=activations)
