"""Time on this machine: what a kernel that exists gains, and that others gain nothing.

onnxruntime has kernels for float32 and for 8-bit integers.  Any other width is computed as one of these: storage
shrinks, time does not.  Zeros do not help either, since dense kernels multiply them like any other number.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import median_interval
from explorer.engine.kws.frontend import BANDS, FRAMES
from explorer.engine.quantization.quantized import Grid, QuantizedNetwork


@dataclass(frozen=True, slots=True)
class KernelTime:
    """Time of one inference.

    Parameters
    ----------
    median_ms, low_ms, high_ms
        Median over the runs, with its 95 % interval.
    runs
        Number of runs.
    """

    median_ms: float
    low_ms: float
    high_ms: float
    runs: int


def has_kernel(quantized: QuantizedNetwork) -> bool:
    """Say whether this machine computes the network in its own widths: all float32, or all 8-bit integers."""
    weights = set(quantized.formats.values())
    grids = {grid.bits if isinstance(grid, Grid) else grid for grid in quantized.grids.values()}
    return (weights, grids) in (({"float32"}, {"float32"}), ({8}, {8}))


def inference_time(onnx: bytes, runs: int = 200, stop: threading.Event | None = None) -> KernelTime:
    """Measure one second of sound through an ONNX model, on one thread that does not spin.

    Parameters
    ----------
    onnx
        The model.
    runs
        How often; a tenth more go before to warm up.
    stop
        Ends the measurement early.

    Raises
    ------
    ExplorerError
        When it was stopped before the first run.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    picture = np.random.default_rng(0).standard_normal((1, 1, FRAMES, BANDS)).astype(np.float32)
    warm_up = runs // 10
    times_ms: list[float] = []
    for run in range(runs + warm_up):
        if stop is not None and stop.is_set():
            break
        began = time.perf_counter()
        session.run(None, {name: picture})
        if run >= warm_up:
            times_ms.append(1e3 * (time.perf_counter() - began))
    if not times_ms:
        raise ExplorerError("The time was not measured, since the measurement was stopped before its first run.")
    median, low, high = median_interval(times_ms)
    return KernelTime(median, low, high, len(times_ms))
