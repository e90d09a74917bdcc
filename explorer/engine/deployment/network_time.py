"""How long a network takes on this machine, whole and layer by layer, through onnxruntime on one thread.

The layers' times come from the profile that onnxruntime keeps of a run, so that each layer is timed where it stands in
the network.  That clock counts whole microseconds, rounded down: half of one is added to each.  Keeping the profile
costs a microsecond or two a layer, so that the layers of a small network add up to more than the whole, which is timed
without it.  What onnxruntime puts between the layers, such as changes of memory layout, is kept apart; a layer that it
does together with the one before has no time of its own.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.deployment.cost import LayerKind, Work, steps_for_cost, work_of
from explorer.engine.deployment.program import DECISIONS_PER_S
from explorer.engine.deployment.this_machine import WARM_UP_RUNS, one_thread_session, run_times
from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import median_interval
from explorer.engine.kws.frontend import RATE_HZ, StreamingFrontEnd
from explorer.engine.nn.graph import Graph
from explorer.engine.nn.network import Network
from explorer.engine.nn.onnx_graph import to_onnx
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import FLOAT

CLOCK_STEP_US = 1.0
MOST_PROFILED_RUNS = 60  # a profile is text, up to 90 kB a run


@dataclass(frozen=True, slots=True)
class LayerTime:
    """A layer as it ran here.

    Parameters
    ----------
    name, kind
        Of the layer.
    intensity
        Operations per byte moved, at float32 and the batch measured.
    seconds
        Median time for the whole batch.
    rate_per_s
        Operations a second.
    """

    name: str
    kind: LayerKind
    intensity: float
    seconds: Quantity
    rate_per_s: Quantity


@dataclass(frozen=True, slots=True)
class NetworkTime:
    """A network as it ran here, in float32.

    Parameters
    ----------
    network
        Its name.
    batch
        Inputs at a time.
    latency_s
        Median time of a whole run, call included, without the profile.
    layers
        Those with a time of their own, in execution order.
    between_s
        Median time in what stands between the layers.
    """

    network: str
    batch: int
    latency_s: Quantity
    layers: tuple[LayerTime, ...]
    between_s: Quantity


def measure_network(
    network: Network, batch: int = 1, budget_s: float = 0.5, stop: threading.Event | None = None
) -> NetworkTime:
    """Measure a network on this machine, half of the time whole and half layer by layer.

    Parameters
    ----------
    network
        What to run; random weights take as long as trained ones.
    batch
        Inputs at a time.
    budget_s
        Seconds to spend, beside the making of the sessions.
    stop
        Ends it early.

    Raises
    ------
    ExplorerError
        When it was stopped.
    """
    model = to_onnx(network)
    latency_s = measure_latency(model, network.graph, batch, budget_s / 2, stop)
    durations = _profiled_layers(model, network.graph, batch, budget_s / 2, stop)
    work = work_of(network.graph, FLOAT)
    between = durations.pop("", np.zeros(1))
    layers = [
        _layer_time(work, index, batch, durations[layer.name])
        for index, layer in enumerate(work.layers)
        if layer.name in durations
    ]
    return NetworkTime(network.name, batch, latency_s, tuple(layers), _median(between, "what stands between layers"))


def measure_latency(
    model: bytes, graph: Graph, batch: int = 1, budget_s: float = 0.25, stop: threading.Event | None = None
) -> Quantity:
    """Return the time of one run of an ONNX model, float or quantized, on random input.

    Parameters
    ----------
    model
        Of one input with a batch in front.
    graph
        The topology it was made from.
    batch, budget_s, stop
        As for `measure_network`.

    Raises
    ------
    ExplorerError
        When it was stopped.
    """
    session = one_thread_session(model)
    feed = {session.get_inputs()[0].name: _random_input(graph, batch)}
    times = run_times(lambda: session.run(None, feed), budget_s, stop)
    median, low, high = median_interval(times)
    source = f"median of runs of {graph.name} with {batch} at a time, onnxruntime on one thread here"
    return Quantity(median, "s", Kind.MEASURED, source, low, high, len(times))


def measure_front_end(
    decisions_per_s: float = DECISIONS_PER_S, budget_s: float = 0.1, stop: threading.Event | None = None
) -> Quantity:
    """Return the time from the sound of one decision to its picture, seconds, on this machine in numpy.

    Parameters
    ----------
    decisions_per_s
        How often the network looks; so much sound comes in between.
    budget_s, stop
        As for `measure_network`.

    Raises
    ------
    ExplorerError
        When it was stopped.
    """
    samples = round(RATE_HZ / decisions_per_s)
    sound = (0.1 * np.random.default_rng(0).standard_normal(samples)).astype(np.float32)
    front_end = StreamingFrontEnd()
    times = np.array(run_times(lambda: front_end.push(sound), budget_s, stop))
    return _median(times, f"turning {samples} samples into log-mel frames, numpy on one thread here")


def with_random_weights(graph: Graph) -> Network:
    """Return a network of a topology that has no weights, to be timed: its answers mean nothing."""
    rng = np.random.default_rng(0)
    arrays = {
        name: (
            rng.uniform(0.5, 1.5, shape) if name.endswith((".variance", ".gamma")) else 0.1 * rng.standard_normal(shape)
        )
        for name, shape in graph.parameter_shapes().items()
    }
    labels = tuple(f"output {index}" for index in range(graph.classes))
    return Network(graph.name, graph, {k: v.astype(np.float32) for k, v in arrays.items()}, labels)


def _layer_time(work: Work, index: int, batch: int, seconds: NDArray[np.float64]) -> LayerTime:
    layer = work.layers[index]
    time_s = _median(seconds, f"layer {layer.name} with {batch} at a time, onnxruntime's profile of one thread here")
    operations = batch * layer.operations
    median, low, high = (operations / end for end in median_interval(seconds.tolist()))
    source = f"{operations:,} operations in the {time_s.source}"
    rate = Quantity(median, "OP/s", Kind.MEASURED, source, high, low, time_s.count)
    return LayerTime(layer.name, layer.kind, layer.intensity(batch), time_s, rate)


def _median(seconds: NDArray[np.float64], what: str) -> Quantity:
    median, low, high = median_interval(seconds.tolist())
    return Quantity(median, "s", Kind.MEASURED, f"median time of {what}", low, high, len(seconds))


def _random_input(graph: Graph, batch: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((batch, *graph.input_shape)).astype(np.float32)


def _profiled_layers(
    model: bytes, graph: Graph, batch: int, budget_s: float, stop: threading.Event | None
) -> dict[str, NDArray[np.float64]]:
    """Return the seconds of each run [runs] by step name; under "" what belongs to none."""
    import onnx

    named = onnx.load_from_string(model)
    for node in named.graph.node:
        node.name = node.output[0]  # the layer's name, which onnxruntime keeps when it fuses
    with tempfile.TemporaryDirectory() as folder:
        session = one_thread_session(named.SerializeToString(), str(Path(folder) / "profile"))
        feed = {"input": _random_input(graph, batch)}
        try:
            run_times(lambda: session.run(None, feed), budget_s, stop, most=MOST_PROFILED_RUNS)
        finally:
            path = Path(session.end_profiling())
        events = json.loads(path.read_text("utf-8"))
    return _by_step(events, graph)


def _by_step(events: Sequence[dict[str, Any]], graph: Graph) -> dict[str, NDArray[np.float64]]:
    owner: dict[str, str] = {}
    for step in steps_for_cost(graph).order:
        owner |= dict.fromkeys((step.name, step.stored), step.name)
    kernels: dict[str, list[float]] = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            kernels.setdefault(event["name"], []).append((event["dur"] + CLOCK_STEP_US / 2) * 1e-6)
    runs = max((len(times) for times in kernels.values()), default=0)
    if not runs:
        raise ExplorerError("The layers were not timed: this version of onnxruntime keeps no profile of them.")
    found: dict[str, NDArray[np.float64]] = {}
    for name, times in kernels.items():
        layer = name.removesuffix("_kernel_time").removesuffix("_nchwc").removeprefix("fused ")
        step_name = owner.get(layer, "")
        if len(times) == runs:
            found[step_name] = found.get(step_name, np.zeros(runs)) + np.array(times)
    return {name: times[WARM_UP_RUNS:] for name, times in found.items()}
