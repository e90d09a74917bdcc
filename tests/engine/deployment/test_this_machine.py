"""What is measured here: no layer above the roof, real counts and intervals, stopped when asked."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np
import pytest

from explorer.engine.deployment import network_time
from explorer.engine.deployment.cost import work_of
from explorer.engine.deployment.measured_here import MeasuredHere
from explorer.engine.deployment.network_time import (
    NetworkTime,
    measure_front_end,
    measure_latency,
    measure_network,
    with_random_weights,
)
from explorer.engine.deployment.predictor import predict
from explorer.engine.deployment.roofline import Roof
from explorer.engine.deployment.this_machine import MachineRoof, measure_roof, run_times
from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job
from explorer.engine.nn.graph import Conv, Dense, Graph, ReLU
from explorer.engine.nn.networks import TOPOLOGIES, topology
from explorer.engine.nn.onnx_graph import to_onnx
from explorer.engine.nn.registry import shipped
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import FLOAT


@cache
def roofs() -> tuple[MachineRoof, MachineRoof]:
    return measure_roof(effort=0.5), measure_roof(effort=0.5)


def highest_roof() -> Roof:
    """The higher of two measured roofs: whatever else runs here can only lower them."""
    a, b = (roof.roofs("float32")[0] for roof in roofs())
    peak, bandwidth = max(a.peak.value, b.peak.value), max(a.bandwidth.value, b.bandwidth.value)
    return Roof("higher of two", Quantity(peak, "OP/s", Kind.MEASURED, ""), Quantity(bandwidth, "", Kind.MEASURED, ""))


@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
def test_no_measured_layer_is_above_the_measured_roof(name: str, batch: int) -> None:
    measured = measure_network(with_random_weights(topology(name)), batch, budget_s=0.2)
    roof = highest_roof()
    shares = [layer.rate_per_s.value / roof.attainable(layer.intensity) for layer in measured.layers]
    assert max(shares) < 1.3
    assert max(shares) > 0.1  # and the roof is no sky: some layer comes near it


def test_every_layer_with_weights_has_a_time_of_its_own() -> None:
    for name in TOPOLOGIES:
        network = with_random_weights(topology(name))
        found = {layer.name for layer in measure_network(network, budget_s=0.02).layers}
        assert found >= {layer.name for layer in work_of(network.graph, FLOAT).layers if layer.macs}


def test_a_measured_roof_says_how_it_was_measured() -> None:
    roof = roofs()[0]
    quantities = [*roof.peak_macs_per_s.values(), roof.cache_bytes_per_s, roof.memory_bytes_per_s]
    for quantity in [*quantities, roof.layer_overhead_s]:
        assert quantity.kind is Kind.MEASURED
        assert quantity.count is not None
        assert quantity.count >= 5
        assert quantity.low is not None
        assert quantity.high is not None
        assert 0 < quantity.low <= quantity.value <= quantity.high
    assert roof.cache_bytes_per_s.value > roof.memory_bytes_per_s.value
    cache, memory = roof.roofs("int8")
    assert cache.ridge < memory.ridge
    assert cache.peak.value == 2 * roof.peak_macs_per_s["int8"].value


def test_this_machine_is_a_profile_like_any_other() -> None:
    roof = roofs()[0]
    profile = roof.profile()
    assert profile.key == "this-machine"
    assert profile.peak_macs_per_s == roof.peak_macs_per_s
    assert profile.bandwidth_bytes_per_s is roof.memory_bytes_per_s
    assert all(quantity.kind is Kind.MEASURED for quantity in profile.quantities().values())


@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
def test_the_prediction_for_this_machine_holds_on_it(name: str) -> None:
    profile = roofs()[0].profile()
    predicted = predict(topology(name), profile, 32, 32)
    measured_ms = 1e3 * measure_network(with_random_weights(topology(name)), budget_s=0.2).latency_s.value
    assert predicted.low_ms is not None
    assert predicted.high_ms is not None
    assert predicted.low_ms <= measured_ms <= predicted.high_ms
    assert predicted.extrapolation
    assert "its measured roof" in predicted.basis


def test_a_whole_run_takes_longer_than_its_longest_layer() -> None:
    measured = measure_network(shipped("large"), budget_s=0.4)
    low, high = measured.latency_s.low, measured.latency_s.high
    assert low is not None
    assert high is not None
    assert low <= measured.latency_s.value <= high
    assert high > max(layer.seconds.low or 0 for layer in measured.layers)
    for layer in measured.layers:
        assert (layer.rate_per_s.low or 0) <= layer.rate_per_s.value <= (layer.rate_per_s.high or 0)
        work = next(w for w in work_of(shipped("large").graph, FLOAT).layers if w.name == layer.name)
        assert layer.rate_per_s.value == pytest.approx(work.operations / layer.seconds.value)


def test_more_sound_takes_longer_but_less_than_it_lasts() -> None:
    often, seldom = measure_front_end(20), measure_front_end(0.5)
    assert often.value < seldom.value < 2.0  # two seconds of sound: it keeps up
    assert often.count is not None
    assert often.count >= 5


def test_sixteen_times_the_work_takes_longer() -> None:
    network = shipped("large")
    model = to_onnx(network)
    alone, many = (measure_latency(model, network.graph, batch, 0.2) for batch in (1, 16))
    assert many.value > 4 * alone.value


def test_layers_are_found_under_the_names_that_fusing_gives_them() -> None:
    graph = Graph(
        "named",
        (1, 4, 4),
        (Conv("a", "input", 2, (3, 3), bias=True), ReLU("a_relu", "a"), Dense("b", "a_relu", 3), ReLU("c", "b")),
    )
    events = []
    for _ in range(4):
        for name, duration in (("a_relu_nchwc", 7), ("ReorderOutput", 2), ("b.flat", 1), ("fused b", 4)):
            events.append({"cat": "Node", "name": f"{name}_kernel_time", "dur": duration})
            events.append({"cat": "Node", "name": f"{name}_fence_before", "dur": 100})
        events.append({"cat": "Session", "name": "model_run", "dur": 20})
    found = network_time._by_step(events, graph)
    assert set(found) == {"a", "b", ""}
    np.testing.assert_allclose(found["a"], [7.5e-6, 7.5e-6])  # two runs to warm up are left out
    np.testing.assert_allclose(found["b"], [4.5e-6, 4.5e-6])
    np.testing.assert_allclose(found[""], [4e-6, 4e-6])
    with pytest.raises(ExplorerError, match="keeps no profile"):
        network_time._by_step([], graph)


def test_a_measurement_is_kept_and_can_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.deployment import measured_here

    here, asked = MeasuredHere(), []

    def count(*given: object, **named: object) -> MachineRoof:
        asked.append(given)
        return roofs()[0]

    monkeypatch.setattr(measured_here, "measure_roof", count)
    assert here.measure_roof() is here.measure_roof() is here.roof
    assert len(asked) == 1
    network = shipped("small")
    assert here.network(network) is None
    first = here.measure_network(network)
    assert here.measure_network(network) is first is here.network(network)
    assert here.network(network, batch=2) is None
    here.forget()
    assert here.network(network) is None
    here.measure_roof()
    assert len(asked) == 2


def test_a_stopped_measurement_is_a_sentence_and_leaves_nothing() -> None:
    stop = threading.Event()
    stop.set()
    here = MeasuredHere()
    with pytest.raises(ExplorerError, match="was stopped; start it again"):
        here.measure_roof(stop)
    with pytest.raises(ExplorerError, match="was stopped; start it again"):
        here.measure_network(shipped("small"), stop=stop)
    assert here.roof is None
    assert here.network(shipped("small")) is None


def test_who_waits_for_another_measurement_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.deployment import measured_here

    here, entered, leave, stop = MeasuredHere(), threading.Event(), threading.Event(), threading.Event()

    def slow(*given: object, **named: object) -> MachineRoof:
        entered.set()
        leave.wait(30)
        return roofs()[0]

    monkeypatch.setattr(measured_here, "measure_roof", slow)
    first: Job[MachineRoof] = Job(lambda ended, put: put(here.measure_roof(ended)), "first")
    first.start()
    assert entered.wait(30)
    stop.set()
    with pytest.raises(ExplorerError, match="was stopped"):
        here.measure_network(shipped("small"), stop=stop)
    leave.set()
    assert first.stop(30)
    assert here.roof is first.updates.take() is roofs()[0]


def test_it_stops_in_the_middle() -> None:
    runs = []

    def work(stop: threading.Event, put: object) -> None:
        def one() -> None:
            runs.append(1)
            if len(runs) == 10:
                stop.set()

        run_times(one, 60.0, stop)

    job: Job[NetworkTime] = Job(work, "measuring")
    job.start()
    job.stop(timeout_s=30.0)
    assert isinstance(job.error, ExplorerError)
    assert len(runs) <= 10


def test_progress_reaches_the_end() -> None:
    seen: list[float] = []
    measure_roof(progress=seen.append, effort=0.05)
    assert seen == sorted(seen)
    assert seen[-1] == 1
