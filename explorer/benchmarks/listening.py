"""What listening costs without a window: processor share, cost of one decision, sound lost."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.engine.audio.microphone import Microphone
from explorer.engine.audio.source import Source
from explorer.engine.audio.talker import TalkerSource
from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job
from explorer.engine.kws.frontend import RATE_HZ, StreamingFrontEnd, log_mel, network_input
from explorer.engine.kws.pipeline import Hop, Pipeline
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped

HOP = 800  # samples, twenty decisions a second


def live_share(network: str, seconds: float, microphone: bool = False) -> dict[str, float]:
    """Run the pipeline in real time and return its share of one core and what was lost.

    Parameters
    ----------
    network
        Name of a shipped network.
    seconds
        How long; 600 for the ten-minute run.
    microphone
        Whether to listen to the microphone instead of the talker; loss is then judged by sample count against the
        stream's clock.
    """
    source: Source = Microphone() if microphone else TalkerSource()
    pipeline = Pipeline(source, Executor(shipped(network)))
    job: Job[Hop] = Job(pipeline.run, "benchmark")
    source.open()
    try:
        job.start()
        time.sleep(1.0)  # the first decisions pay for caches
        began, cpu, heard = time.perf_counter(), time.process_time(), pipeline.now_s
        if not heard:
            status = source.status()
            raise ExplorerError(f"Nothing is heard, so nothing can be measured. {status.sentence} {status.action}")
        time.sleep(seconds)
        wall, used, sound = time.perf_counter() - began, time.process_time() - cpu, pipeline.now_s - heard
        status = source.status()
    finally:  # after Ctrl+C the thread would keep the process alive
        job.stop()
        source.close()
    return {
        "share_of_one_core": used / wall,
        "decisions_per_s": sound * RATE_HZ / HOP / wall,
        "seconds": wall,
        "lag_ms": status.lag_ms or 0.0,
        "late_blocks": float(status.late_blocks),
        "lost_samples": float(status.lost_samples),
        "sound_missing_ms": max(0.0, (wall - sound) * 1000.0),
    }


def decision_cost(network: str, rounds: int = 30, per_round: int = 10) -> dict[str, float]:
    """Compare one decision of ours with librosa features and eager torch on the whole window, interleaved.

    Returns
    -------
    Medians in microseconds, and `times_cheaper`: librosa and torch divided by ours.
    """
    import librosa
    import torch

    from explorer.engine.nn.torch_module import GraphModule

    torch.set_num_threads(1)
    active = shipped(network)
    executor = Executor(active)
    module = GraphModule(active.graph).eval()
    module.load_arrays(active.arrays)
    sound = np.random.default_rng(0).standard_normal(RATE_HZ).astype(np.float32) * 0.05
    front_end = StreamingFrontEnd()
    front_end.push(sound)
    fresh = sound[:HOP]
    bank = librosa.filters.mel(sr=RATE_HZ, n_fft=512, n_mels=40, fmin=0, fmax=4000, htk=True, norm=None)

    def ours() -> None:
        front_end.push(fresh)
        executor.scores(front_end.picture[None])

    def same_window_onnxruntime() -> None:
        executor.scores(log_mel(sound)[None])

    def librosa_and_torch() -> None:
        spectrum = librosa.stft(np.pad(sound, 16), n_fft=512, hop_length=160, win_length=480, center=False)
        picture = 10 * np.log(bank @ np.abs(spectrum) ** 2 + 5e-7) + 146.55
        with torch.no_grad():
            module(torch.from_numpy(network_input(picture.T.clip(0, 255)))[None, None]).softmax(1)

    kinds: dict[str, Callable[[], None]] = {
        "streaming_onnxruntime_us": ours,
        "whole_window_onnxruntime_us": same_window_onnxruntime,
        "librosa_torch_us": librosa_and_torch,
    }
    times: dict[str, list[float]] = {name: [] for name in kinds}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, work in kinds.items():
                work()
                began = time.perf_counter()
                for _ in range(per_round):
                    work()
                times[name].append((time.perf_counter() - began) / per_round * 1e6)
    finally:
        gc.enable()
    found = {name: statistics.median(values) for name, values in times.items()}
    ratios = [b / a for a, b in zip(times["streaming_onnxruntime_us"], times["librosa_torch_us"], strict=True)]
    return found | {
        "times_cheaper": statistics.median(ratios),
        "times_cheaper_low": sorted(ratios)[len(ratios) // 20],
        "times_cheaper_high": sorted(ratios)[-1 - len(ratios) // 20],
        "rounds": float(rounds),
    }


def stage_times(network: str, seconds: float = 60.0) -> dict[str, Any]:
    """Return median and 99th percentile of each stage of a decision, faster than real time, in microseconds."""
    source = TalkerSource(paced=False)
    pipeline = Pipeline(source, Executor(shipped(network)))
    source.open()
    stages: dict[str, list[float]] = {"features_us": [], "network_us": [], "decision_us": []}
    began = time.perf_counter()
    while pipeline.now_s < seconds:
        hop = pipeline.step()
        if hop is None:
            break
        stages["features_us"].append((hop.features_done_s - hop.read_s) * 1e6)
        stages["network_us"].append((hop.network_done_s - hop.features_done_s) * 1e6)
        stages["decision_us"].append((hop.decided_s - hop.network_done_s) * 1e6)
    wall = time.perf_counter() - began
    source.close()
    found: dict[str, Any] = {"times_faster_than_real_time": pipeline.now_s / wall}
    for name, values in stages.items():
        ordered = sorted(values)
        found[name] = {"median": ordered[len(ordered) // 2], "p99": ordered[int(len(ordered) * 0.99)]}
    return found
