"""What is drawn of a run at one moment: decision map, weights, units, scores; made at display rate, not per step."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.engine.kws.labels import LABELS
from explorer.engine.nn.network import Network
from explorer.engine.training.graph_learner import GraphLearner
from explorer.engine.training.learner import SmallLearner
from explorer.engine.training.memory import Memory, measure, predict
from explorer.engine.training.probes import Detail, Probes
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.tasks2d import EXTENT, Dataset
from explorer.engine.training.trainer import Score, Trainer

MAP_SIZE = 64
_PARTS = ("train", "validation", "test")
DETAIL_EVERY_S, NETWORK_EVERY_S, _SPEED_OVER_S = 0.25, 1.0, 1.0
_SHARE_OF_TIME = 0.03  # of the training thread, at most, for closer looks


@dataclass(frozen=True, slots=True)
class View:
    """A run at one moment; nothing in it changes afterwards.

    Parameters
    ----------
    generation, step, head
        Which run, where it stands, and how far it has been.
    mode, why
        "playing", "paused" or "ended"; the sentence that goes with it, empty where there is nothing to say.
    blueprint, settings, data
        What is trained, how, and on which examples; `data` is another object when it has changed.
    steps_per_s
        Measured over the last second; 0 while it stands.
    decision_map
        Class probabilities, or values, [MAP_SIZE, MAP_SIZE, outputs] over -EXTENT..EXTENT; rows go up along y.  None
        where inputs are no points in a plane.
    unit_maps
        By activation layer: what each unit gives over the same plane, [units, MAP_SIZE, MAP_SIZE].
    weights, gradients
        By parameter name; empty for keyword networks.
    units
        By layer: mean output of each unit over the last batch; empty for keyword networks.
    detail
        Histograms and dead units, newest; None while probes are off.
    scores
        By part of the data, newest: "validation" and "test", and "train" for small networks.
    predicted, measured
        Memory of a training step; measured is None before the first step.
    network
        The keyword network as it is now, newest; None for small networks.
    averages
        What batch norm of a small network divides by in evaluation mode, by buffer name.
    """

    generation: int
    step: int
    head: int
    mode: str
    why: str
    blueprint: Blueprint
    settings: Settings
    data: Dataset
    steps_per_s: float
    decision_map: NDArray[np.float32] | None
    unit_maps: dict[str, NDArray[np.float32]]
    weights: dict[str, NDArray[np.float32]]
    gradients: dict[str, NDArray[np.float32]]
    units: dict[str, NDArray[np.float32]]
    detail: Detail | None
    scores: dict[str, Score]
    predicted: Memory
    measured: Memory | None
    network: Network | None
    averages: dict[str, NDArray[np.float32]] = field(default_factory=dict)


class Viewer:
    """Make views of a trainer, the costly parts less often.

    Parameters
    ----------
    trainer, probes
        The run and what watches it.
    clock
        Seconds, by which the costly parts are spaced.
    """

    def __init__(self, trainer: Trainer, probes: Probes, clock: Callable[[], float] = time.monotonic) -> None:
        self._trainer, self._probes, self._clock = trainer, probes, clock
        self._grid = plane_grid()
        self._detail: Detail | None = None
        self._scores: dict[str, Score] = {}
        self._measured: Memory | None = None
        self._network: Network | None = None
        self.look_due_s = self._network_due_s = 0.0
        self._network_step = -1
        self._looked_at: tuple[int, int, Settings] | None = None
        self._marks: deque[tuple[float, int]] = deque()

    def before_step(self, *, closely: bool = False) -> None:
        """Have the coming step watched where its activations will be looked at, or where asked to look closely."""
        learner = self._trainer.learner
        if isinstance(learner, GraphLearner):
            due = closely or self._clock() >= self.look_due_s
            learner.watched = due and self._trainer.settings.probe_every > 0

    def view(self, head: int, mode: str, why: str) -> View:
        """Return the run as it is now."""
        trainer = self._trainer
        learner, now = trainer.learner, self._clock()
        small = learner if isinstance(learner, SmallLearner) else None
        if now >= self.look_due_s or mode != "playing":
            self.look_closer()
        if small is None and (now >= self._network_due_s or mode != "playing"):
            self._publish()
            self._network_due_s = now + NETWORK_EVERY_S
        units = {name: values.mean(0).numpy() for name, values in small.net.activations.items()} if small else {}
        decision, unit_maps = self._maps(small) if small else (None, {})
        return View(
            trainer.generation,
            trainer.step_number,
            head,
            mode,
            why,
            trainer.blueprint,
            trainer.settings,
            trainer.data,
            self._speed(now, mode),
            decision,
            unit_maps,
            {name: p.numpy().copy() for name, p in small.parameters.items()} if small else {},
            {name: g.numpy().copy() for name, g in small.net.gradients.items()} if small else {},
            units,
            self._detail,
            dict(self._scores),
            predict(learner, trainer.settings.optimizer, trainer.settings.batch),
            self._measured,
            self._network,
            {name: b.numpy().copy() for name, b in small.net.buffers().items()} if small else {},
        )

    def look_closer(self) -> bool:
        """Renew histograms and scores, which cost about as much as some steps; True when there was anything new."""
        trainer = self._trainer
        learner = trainer.learner
        began = time.perf_counter()
        looked_at = (trainer.step_number, id(trainer.data), trainer.settings)
        if looked_at == self._looked_at:
            return False
        small = isinstance(learner, SmallLearner)
        self._scores = {part: trainer.judge(part) for part in _PARTS} if small else dict(trainer.scores)
        if trainer.step_number == 0 or not trainer.settings.probe_every:
            self._detail = None
        elif learner.outputs():
            self._measured = self._measured or measure(trainer)
            self._detail = self._probes.detail()
        else:
            return False  # the last step was not watched; the next one will be
        self._looked_at = looked_at
        self.look_due_s = self._clock() + max(DETAIL_EVERY_S, (time.perf_counter() - began) / _SHARE_OF_TIME)
        return True

    def _publish(self) -> None:
        trainer = self._trainer
        learner = trainer.learner
        if not isinstance(learner, GraphLearner) or trainer.step_number == self._network_step:
            return
        self._network_step = trainer.step_number
        graph = learner.module.graph
        words = f"{trainer.step_number} steps, seed {trainer.blueprint.seed}"
        self._network = Network(graph.name, graph, learner.module.arrays(), LABELS, lineage=(words,))

    def _maps(self, small: SmallLearner) -> tuple[NDArray[np.float32] | None, dict[str, NDArray[np.float32]]]:
        """Return the decision map and the map of each unit, where the inputs are points in a plane."""
        if small.net.spec.widths[0] != 2:
            return None, {}
        outputs, layers = small.look(self._grid)
        if self._trainer.data.classes:
            outputs = torch.softmax(outputs, 1)
        shape = (MAP_SIZE, MAP_SIZE)
        units = {name: a.t().reshape(-1, *shape).numpy() for name, a in layers.items() if name.startswith("act")}
        return outputs.reshape(*shape, -1).numpy(), units

    def _speed(self, now: float, mode: str) -> float:
        """Return steps per second over about the last second."""
        step = self._trainer.step_number
        if mode != "playing" or (self._marks and step < self._marks[-1][1]):
            self._marks.clear()
            return 0.0
        self._marks.append((now, step))
        while len(self._marks) > 2 and now - self._marks[0][0] > _SPEED_OVER_S:
            self._marks.popleft()
        then, before = self._marks[0]
        return (step - before) / (now - then) if now > then else 0.0


def plane_grid() -> torch.Tensor:
    """Return the points of a decision map, [MAP_SIZE^2, 2], row by row from the lowest y."""
    axis = torch.linspace(-EXTENT, EXTENT, MAP_SIZE)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)
