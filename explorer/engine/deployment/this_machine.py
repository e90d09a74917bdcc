"""The roof of this machine, measured: what one thread of it multiplies, adds and copies at best.

Peak: a matrix product of well-shaped matrices in onnxruntime, which also runs the networks here.  Bandwidth: large
copies, each byte read and each byte written counted once; what a write reads first to fill a cache line is not seen
and not counted (McCalpin, STREAM).  The fastest of many runs is the roof, since everything else on the machine can
only slow it down; the median stands beside it as the lower end.

It takes about a second and belongs into a `Job`, never on the thread of the window.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from explorer.engine.deployment.profile import Profile
from explorer.engine.deployment.profiles import this_machine_profile
from explorer.engine.deployment.roofline import Roof, operations_of
from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import median_interval
from explorer.engine.machine import machine_name
from explorer.engine.quantity import Kind, Quantity

MATRIX = 384  # rows and columns: large enough for the kernels, small enough for the second-level cache
IN_CACHE_BYTES, IN_MEMORY_BYTES = 256 << 10, 128 << 20  # working sets of the copies, source and target together
LINE_BYTES = 64
WARM_UP_RUNS = 2
STOPPED = "This machine was not measured, since the measurement was stopped; start it again."
CHAIN = 64  # layers that do nothing, one behind the other
_Measure = Callable[[float, threading.Event | None], Quantity]  # of seconds to spend and what ends it early


@dataclass(frozen=True, slots=True)
class MachineRoof:
    """What one thread of this machine does at best.

    Parameters
    ----------
    machine, software
        Processor and inference software, as printed.
    peak_macs_per_s
        "float32" and "int8" -> multiply-accumulates a second.
    cache_bytes_per_s, memory_bytes_per_s
        Copying in 256 KiB, which a core's own cache holds, and in 128 MiB, which none does.
    layer_overhead_s
        Time of a layer that does nothing, inside a network.
    """

    machine: str
    software: str
    peak_macs_per_s: Mapping[str, Quantity]
    cache_bytes_per_s: Quantity
    memory_bytes_per_s: Quantity
    layer_overhead_s: Quantity

    def roofs(self, precision: str) -> tuple[Roof, Roof]:
        """Return the roof for data in the cache and the one for data in memory; small networks live in the cache."""
        peak = operations_of(self.peak_macs_per_s[precision])
        return (
            Roof(f"this machine, {precision}, data in the cache", peak, self.cache_bytes_per_s),
            Roof(f"this machine, {precision}, data in memory", peak, self.memory_bytes_per_s),
        )

    def profile(self) -> Profile:
        """Return this machine as a profile beside the others."""
        import psutil

        ram, disk = psutil.virtual_memory().total, shutil.disk_usage(Path(__file__).parent).free
        return this_machine_profile(
            title="this machine",
            core=self.machine,
            software=self.software,
            ram_bytes=Quantity(float(ram), "bytes", Kind.MEASURED, "memory that the system reports"),
            flash_bytes=Quantity(float(disk), "bytes", Kind.MEASURED, "free space on the disk of this program"),
            peak_macs_per_s=self.peak_macs_per_s,
            bandwidth_bytes_per_s=self.memory_bytes_per_s,
            layer_overhead_s=self.layer_overhead_s,
        )


def measure_roof(
    stop: threading.Event | None = None, progress: Callable[[float], None] | None = None, effort: float = 1.0
) -> MachineRoof:
    """Measure the roof of this machine on one thread, in about `effort` seconds.

    Parameters
    ----------
    stop
        Ends it early, within a tenth of a second.
    progress
        Called with the share that is done.
    effort
        Scales the time spent; a tenth still gives an answer.

    Raises
    ------
    ExplorerError
        When it was stopped.
    """
    import onnxruntime

    parts: dict[str, tuple[float, _Measure]] = {
        "float32": (0.25, _peak(integer=False)),
        "int8": (0.25, _peak(integer=True)),
        "cache": (0.1, _bandwidth(IN_CACHE_BYTES)),
        "memory": (0.3, _bandwidth(IN_MEMORY_BYTES)),
        "overhead": (0.1, _layer_overhead),
    }
    found: dict[str, Quantity] = {}
    for index, (name, (share_s, measure)) in enumerate(parts.items(), start=1):
        found[name] = measure(share_s * effort, stop)
        if progress is not None:
            progress(index / len(parts))
    return MachineRoof(
        machine=machine_name().split(",")[0],
        software=f"onnxruntime {onnxruntime.__version__}, one thread",
        peak_macs_per_s={"float32": found["float32"], "int8": found["int8"]},
        cache_bytes_per_s=found["cache"],
        memory_bytes_per_s=found["memory"],
        layer_overhead_s=found["overhead"],
    )


def one_thread_session(model: bytes, profile_prefix: str = "") -> Any:
    """Return an onnxruntime session on one thread that does not spin, writing a profile if a prefix is given."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    if profile_prefix:
        options.enable_profiling, options.profile_file_prefix = True, profile_prefix
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run_times(
    work: Callable[[], object], budget_s: float, stop: threading.Event | None, least: int = 5, most: int = 1_000_000
) -> list[float]:
    """Return the seconds of each run of `work`, after some to warm up, until the budget is spent.

    Parameters
    ----------
    work
        What is run; it should take less than 100 ms, since `stop` is looked at in between.
    budget_s
        Seconds to spend.
    stop
        Ends it early.
    least, most
        How many runs there must and may be.

    Raises
    ------
    ExplorerError
        When it was stopped.
    """
    for _ in range(WARM_UP_RUNS):
        work()
    times: list[float] = []
    end = time.perf_counter() + budget_s
    while len(times) < least or (time.perf_counter() < end and len(times) < most):
        if stop is not None and stop.is_set():
            raise ExplorerError(STOPPED)
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


def _rate(amount: float, times: list[float], unit: str, what: str) -> Quantity:
    """Return amount per second of the fastest run, with the median as its lower end."""
    median, _, _ = median_interval(times)
    fastest = amount / min(times)
    source = f"{what}; fastest of the runs on one thread here, lower end: their median"
    return Quantity(fastest, unit, Kind.MEASURED, source, amount / median, fastest, len(times))


def _peak(integer: bool) -> _Measure:
    def measure(budget_s: float, stop: threading.Event | None) -> Quantity:
        from onnx import TensorProto, helper, numpy_helper

        rng = np.random.default_rng(0)
        floats = rng.standard_normal((MATRIX, MATRIX)).astype(np.float32)
        left = rng.integers(0, 255, (MATRIX, MATRIX), np.uint8) if integer else floats
        right = rng.integers(-127, 127, (MATRIX, MATRIX), np.int8) if integer else floats
        kinds = (TensorProto.UINT8, TensorProto.INT32) if integer else (TensorProto.FLOAT, TensorProto.FLOAT)
        ends = [helper.make_tensor_value_info(n, k, [MATRIX, MATRIX]) for n, k in zip("ac", kinds, strict=True)]
        operator = "MatMulInteger" if integer else "MatMul"
        node = helper.make_node(operator, ["a", "b"], ["c"])
        session = one_thread_session(_model([node], ends[0], ends[1], [numpy_helper.from_array(right, "b")]))
        times = run_times(lambda: session.run(None, {"a": left}), budget_s, stop)
        return _rate(float(MATRIX**3), times, "MAC/s", f"{operator} of {MATRIX} x {MATRIX} matrices")

    return measure


def _bandwidth(size_bytes: int) -> _Measure:
    def measure(budget_s: float, stop: threading.Event | None) -> Quantity:
        numbers = size_bytes // 2 // 8
        repeats = max(1, (4 << 20) // size_bytes)  # several small copies per call, each a cache line further on
        room = numbers + repeats * LINE_BYTES // 8
        # rows that overlap but for a cache line: a view of equal rows would be copied number by number
        source, target = (
            as_strided(array, (repeats, numbers), (LINE_BYTES, 8)) for array in (np.ones(room), np.zeros(room))
        )
        times = run_times(lambda: np.copyto(target, source), budget_s, stop)
        what = f"copying with a working set of {size_bytes >> 10:,} KiB, bytes read and bytes written"
        return _rate(float(repeats * numbers * 16), times, "bytes/s", what)

    return measure


def _layer_overhead(budget_s: float, stop: threading.Event | None) -> Quantity:
    from onnx import TensorProto, helper

    nodes = [helper.make_node("Tanh", [f"x{i}"], [f"x{i + 1}"]) for i in range(CHAIN)]
    entry = helper.make_tensor_value_info("x0", TensorProto.FLOAT, [1])
    long, short = (
        one_thread_session(_model(nodes[:n], entry, helper.make_tensor_value_info(f"x{n}", TensorProto.FLOAT, [1])))
        for n in (CHAIN, 1)
    )
    one = {"x0": np.zeros(1, np.float32)}
    call_s = median_interval(run_times(lambda: short.run(None, one), budget_s / 2, stop))[0]
    times = [(t - call_s) / (CHAIN - 1) for t in run_times(lambda: long.run(None, one), budget_s / 2, stop)]
    median, low, high = median_interval([max(0.0, t) for t in times])
    source = f"{CHAIN} layers of one number each, one behind the other, less one layer alone; median"
    return Quantity(median, "s", Kind.MEASURED, source, low, high, len(times))


def _model(nodes: list[Any], entry: Any, out: Any, weights: list[Any] | None = None) -> bytes:
    from onnx import helper

    graph = helper.make_graph(nodes, "probe", [entry], [out], weights or [])
    return bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    )
