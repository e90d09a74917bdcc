"""What a second network on the same sound costs: one hop with it and without, interleaved."""

from __future__ import annotations

import time

from explorer.engine.audio.talker import TalkerSource
from explorer.engine.kws.pipeline import Pipeline
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe
from explorer.engine.runtime import prepare_torch

WARM = 40


def duel_cost(network: str, hops: int = 400) -> dict[str, float]:
    """Measure a hop of the pipeline with the float network alone, and with a w4a8 network beside it.

    Parameters
    ----------
    network
        Name of a shipped network.
    hops
        How many hops of each kind.

    Returns
    -------
    Median and 99th percentile in milliseconds, wall clock and processor time of the listening thread, and the share of
    a hop's 50 ms that both networks take in the median.
    """
    prepare_torch(1)
    from explorer.engine.quantization.fake import FakeQuantized

    active = shipped(network)
    executor = Executor(active)
    squeezed = FakeQuantized(NetworkQuantizer(active).quantize(Recipe(4, 8)))
    pipelines = {}
    for kind in ("alone", "both"):
        source = TalkerSource(paced=False)
        source.open()
        pipelines[kind] = Pipeline(source, executor)
    pipelines["both"].rival.set_scorer(squeezed)
    times: dict[str, list[float]] = {}
    for count in range(WARM + hops):
        for kind, pipeline in pipelines.items():
            wall, used = time.perf_counter(), time.thread_time()
            pipeline.step()
            if count >= WARM:
                times.setdefault(f"{kind}_ms", []).append((time.perf_counter() - wall) * 1000)
                times.setdefault(f"{kind}_processor_ms", []).append((time.thread_time() - used) * 1000)
    found = {"hops": float(hops)}
    for name, values in times.items():
        ordered = sorted(values)
        found[name], found[f"{name}_p99"] = ordered[hops // 2], ordered[int(hops * 0.99)]
    return found | {"share_of_a_hop": found["both_ms"] / pipelines["both"].hop_ms}
