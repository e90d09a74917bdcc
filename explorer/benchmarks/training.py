"""What watching a training run costs, against the bare loop and against TensorBoard, in interleaved blocks.

Each variant trains a network of its own on the same data.  A round runs a block of steps of each, in turn.  Overheads
are ratios of processor time over all blocks, so that the dear steps, at which one looks closely, count in full.
"""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from explorer.engine.jobs import Job
from explorer.engine.training.graph_learner import GraphLearner
from explorer.engine.training.live import Session
from explorer.engine.training.probes import Probes
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.trainer import Trainer
from explorer.engine.training.view import DETAIL_EVERY_S, View, Viewer

KEYWORDS = Blueprint("kws", network="small"), Settings(0.003, 64, "adam", validate_every=10**6)
POINTS = Blueprint("spirals", (16, 16)), Settings(0.02, 32, "adam")
_WARM_STEPS = 3
_COMMANDS = 20


class Bare:
    """The loop alone.

    Attributes
    ----------
    look_ms
        Processor time of each closer look.
    own_s
        Seconds this variant has run: looks are spaced by them, not by the time of its rivals.
    """

    def __init__(self, blueprint: Blueprint, settings: Settings) -> None:
        self.trainer = Trainer(blueprint, settings)
        self.look_ms: list[float] = []
        self.own_s = 0.0

    def run(self, steps: int) -> float:
        """Make updates and return the processor seconds they took; the variant's own clock goes on with each."""
        began = time.thread_time()
        for _ in range(steps):
            step_began = time.perf_counter()
            self.step()
            self.own_s += time.perf_counter() - step_began
        return time.thread_time() - began

    def step(self) -> None:
        """Make one update."""
        self.trainer.step()


class Watched(Bare):
    """The loop as a live session runs it: probes, and a closer look four times a second."""

    def __init__(self, blueprint: Blueprint, settings: Settings) -> None:
        super().__init__(blueprint, settings)
        self._probes = Probes(self.trainer)
        self._viewer = Viewer(self.trainer, self._probes, lambda: self.own_s)

    def step(self) -> None:
        """Make one update, record what the probes found, and look closely when it is time."""
        self._viewer.before_step()
        self.trainer.step()
        self._probes.take()
        if self.own_s >= self._viewer.look_due_s and self.trainer.settings.probe_every:
            began = time.thread_time()
            if self._viewer.look_closer():
                self.look_ms.append(1e3 * (time.thread_time() - began))


class TensorBoard(Bare):
    """The loop with torch's SummaryWriter writing histograms of the same tensors, as often."""

    def __init__(self, blueprint: Blueprint, settings: Settings, folder: str) -> None:
        super().__init__(blueprint, settings)
        from torch.utils.tensorboard import SummaryWriter

        self.writer: Any = SummaryWriter(folder)
        self._due_s = 0.0

    def step(self) -> None:
        """Make one update and write when it is time."""
        learner = self.trainer.learner
        due = self.own_s >= self._due_s
        if isinstance(learner, GraphLearner):
            learner.watched = due
        row = self.trainer.step()
        self.writer.add_scalar("loss", row.loss, row.step)
        if not due:
            return
        began = time.thread_time()
        for name in learner.weight_names:
            self.writer.add_histogram(f"weights/{name}", learner.parameters[name], row.step)
            self.writer.add_histogram(f"gradients/{name}", learner.parameters[name].grad, row.step)
        for name, values in learner.outputs().items():
            self.writer.add_histogram(f"activations/{name}", values, row.step)
        self.look_ms.append(1e3 * (time.thread_time() - began))
        self._due_s = self.own_s + DETAIL_EVERY_S


def overheads(blueprint: Blueprint, settings: Settings, seconds: float, block: int) -> dict[str, float]:
    """Return what watching costs over the bare loop, as ratios; 1 is nothing.

    Parameters
    ----------
    blueprint, settings
        What is trained.
    seconds
        About how long it may take.
    block
        Steps in a row of each variant.

    Returns
    -------
    Ratios, the rounds behind them, milliseconds of a closer look, and the steps per second of the bare loop.
    """
    unwatched = replace(settings, probe_every=0)
    with tempfile.TemporaryDirectory() as folder:
        variants: dict[str, Bare] = {
            "bare": Bare(blueprint, unwatched),
            "probes_off": Watched(blueprint, unwatched),
            "probe": Watched(blueprint, settings),
        }
        try:
            variants["tensorboard"] = TensorBoard(blueprint, settings, folder)
        except ModuleNotFoundError as error:
            if error.name != "tensorboard":
                raise
        spent_s = _interleaved(variants, seconds, block)
        for variant in variants.values():
            if isinstance(variant, TensorBoard):
                variant.writer.close()
    found: dict[str, float] = {"rounds": float(len(spent_s["bare"]))}
    for name in list(variants)[1:]:
        found[f"{name}_overhead"] = sum(spent_s[name]) / sum(spent_s["bare"])
        if variants[name].look_ms:
            found[f"{name}_look_ms"] = statistics.median(variants[name].look_ms)
    found["bare_steps_per_processor_s"] = block / statistics.median(spent_s["bare"])
    return found


def _interleaved(variants: dict[str, Bare], seconds: float, block: int) -> dict[str, list[float]]:
    """Return the processor seconds of each block, by variant; another variant begins each round."""
    for variant in variants.values():
        for _ in range(_WARM_STEPS):
            variant.step()
    spent_s: dict[str, list[float]] = {name: [] for name in variants}
    names = list(variants)
    end = time.monotonic() + seconds
    while time.monotonic() < end or not spent_s["bare"]:
        for name in names:
            spent_s[name].append(variants[name].run(block))
        names.append(names.pop(0))
    return spent_s


def live_pace(seconds: float) -> dict[str, float]:
    """Return the steps per second of a live two-dimensional run at full speed, and how soon it obeys.

    Parameters
    ----------
    seconds
        How long it runs at full speed.
    """
    session = Session(*POINTS, speed=math.inf)
    job: Job[View] = Job(session.work, "bench: training")
    job.start()
    try:
        session.play()
        first = _seen(job, lambda view: view.step > 0)
        began = time.monotonic()
        time.sleep(seconds)
        last = _seen(job, lambda view: view.step > first.step)
        pace = (last.step - first.step) / (time.monotonic() - began)
        obeyed_ms = []
        for _ in range(_COMMANDS):
            began = time.monotonic()
            session.pause()
            _seen(job, lambda view: view.mode == "paused")
            obeyed_ms.append(1e3 * (time.monotonic() - began))
            session.play()
            _seen(job, lambda view: view.mode == "playing")
    finally:
        job.stop()
    return {
        "steps_per_s": pace,
        "pause_seen_after_ms": statistics.median(obeyed_ms),
        "pause_seen_after_ms_worst": max(obeyed_ms),
        "pauses": float(_COMMANDS),
    }


def _seen(job: Job[View], what: Callable[[View], bool]) -> View:
    """Wait for a view of which something is true."""
    while job.running:
        view = job.updates.take()
        if view is not None and what(view):
            return view
        time.sleep(0.001)
    raise RuntimeError("the run has ended") from job.error
