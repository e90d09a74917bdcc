"""The one training loop: pictures in, weights out, and everything needed to go on after an interruption.

Same seed, same thread count, same machine: same weights.  All randomness derives from (seed, epoch), so a resumed run
repeats what an uninterrupted one would have done.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.errors import ExplorerError
from explorer.engine.training.averaging import WeightAverage
from explorer.engine.training.optimizers import SGD, Optimizer
from explorer.engine.training.schedule import warmup_cosine


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the outcome of a run, beside data and topology.

    Parameters
    ----------
    epochs, batch
        Length of the run and examples per step.
    peak_rate, warmup_epochs
        Learning rate schedule.
    momentum, weight_decay
        Of the optimizer.
    label_smoothing
        How much of the target is spread over all classes.
    teacher_weight, temperature
        Share and softness of the teacher's opinion (Hinton et al. 2015), where there is a teacher.
    average_decay
        Of the weight average that is kept and shipped.
    seed
        Of everything random.
    """

    epochs: int = 60
    batch: int = 100
    peak_rate: float = 0.1
    warmup_epochs: float = 1.5
    momentum: float = 0.9
    weight_decay: float = 1e-3
    label_smoothing: float = 0.0
    teacher_weight: float = 0.7
    temperature: float = 2.0
    average_decay: float = 0.999
    seed: int = 1


class Task(Protocol):
    """What is learned: batches for an epoch, and how well it is known."""

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (inputs, labels) of one epoch, fully decided by epoch and seed."""

    def steps(self, batch: int) -> int:
        """Return the number of batches in one epoch."""

    def validate(self, module: nn.Module) -> dict[str, tuple[int, int]]:
        """Return (correct, total) by name of the validation set."""


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What one epoch brought."""

    epoch: int
    loss: float
    learning_rate: float
    validation: dict[str, tuple[int, int]]
    seconds: float
    teacher: str | None


class Run:
    """One training run that can be stopped and resumed at any epoch.

    Parameters
    ----------
    module
        The network; trained in place.
    task
        Data and validation.
    recipe
        The settings.
    folder
        Where `checkpoint.safetensors` is written after each epoch; None keeps nothing.
    teacher
        (name, network) to learn from beside the labels.
    """

    def __init__(
        self,
        module: nn.Module,
        task: Task,
        recipe: Recipe,
        folder: Path | None = None,
        teacher: tuple[str, nn.Module] | None = None,
    ) -> None:
        self.module, self.task, self.recipe, self.folder, self.teacher = module, task, recipe, folder, teacher
        self.optimizer: Optimizer = SGD(list(module.parameters()), recipe.momentum, recipe.weight_decay)
        self.average = WeightAverage(module, recipe.average_decay)
        self.history: list[EpochReport] = []

    @property
    def epoch(self) -> int:
        """Number of epochs done."""
        return len(self.history)

    def train(self, stop: threading.Event, report: Callable[[EpochReport], None]) -> None:
        """Train the epochs that are left, reporting and saving after each; `stop` is looked at each step."""
        while self.epoch < self.recipe.epochs:
            done = self._one_epoch(stop)
            if done is None:
                return
            self.history.append(done)
            self.save()
            report(done)

    def _one_epoch(self, stop: threading.Event) -> EpochReport | None:
        began, losses = time.perf_counter(), []
        steps, epoch, recipe = self.task.steps(self.recipe.batch), self.epoch, self.recipe
        rate = 0.0
        self.module.train()
        for index, (x, y) in enumerate(self.task.batches(epoch, recipe.batch, recipe.seed)):
            if stop.is_set():
                return None
            warmup = int(recipe.warmup_epochs * steps)
            rate = warmup_cosine(epoch * steps + index, recipe.epochs * steps, recipe.peak_rate, warmup)
            for parameter in self.module.parameters():
                parameter.grad = None
            loss = self.loss(x, y)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step(rate)
            self.average.update(self.module)
            losses.append(loss.detach())
        if not losses:
            raise ExplorerError(f"There are fewer examples than a batch of {recipe.batch}: give more, or --batch less.")
        mean = float(torch.stack(losses).mean())
        if mean != mean:
            raise ExplorerError(f"The loss became NaN in epoch {epoch + 1}: lower the learning rate and resume.")
        seconds = time.perf_counter() - began
        name = self.teacher[0] if self.teacher else None
        return EpochReport(epoch + 1, mean, rate, self.validate(), seconds, name)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return cross-entropy, mixed with the divergence from the teacher's softened opinion."""
        logits = self.module(x)
        hard = F.cross_entropy(logits, y, label_smoothing=self.recipe.label_smoothing)
        if self.teacher is None:
            return hard
        t, share = self.recipe.temperature, self.recipe.teacher_weight
        with torch.no_grad():
            opinion = F.log_softmax(self.teacher[1](x) / t, 1)
        soft = F.kl_div(F.log_softmax(logits / t, 1), opinion, reduction="batchmean", log_target=True) * t * t
        return (1 - share) * hard + share * soft

    def validate(self) -> dict[str, tuple[int, int]]:
        """Judge the averaged weights, which are the ones that ship."""
        own = {k: v.detach().clone() for k, v in self.module.state_dict().items()}
        self.module.load_state_dict(self.average.average)
        self.module.eval()
        try:
            with torch.no_grad():
                return self.task.validate(self.module)
        finally:
            self.module.load_state_dict(own)

    def save(self) -> None:
        """Write the checkpoint; a crash while writing leaves the previous one."""
        if self.folder is None:
            return
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        tensors = {f"module.{k}": v for k, v in self.module.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.average.items()}
        tensors |= {f"optimizer.{k}": v for k, v in self.optimizer.state().items()}
        notes: dict[str, Any] = {"history": [asdict(r) for r in self.history], "recipe": asdict(self.recipe)}
        notes["average_updates"] = self.average.updates
        part = self.folder / "checkpoint.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            save_file({k: v.contiguous() for k, v in tensors.items()}, part, {"run": json.dumps(notes)})
            part.replace(self.folder / "checkpoint.safetensors")
        except (OSError, SafetensorError) as error:
            raise ExplorerError(f"{self.folder} cannot be written ({error}); choose another place.") from error

    def resume(self) -> bool:
        """Take up the checkpoint in the folder; False when there is none.

        Raises
        ------
        ExplorerError
            When the checkpoint is damaged or belongs to another topology.
        """
        from safetensors import SafetensorError, safe_open

        path = self.folder / "checkpoint.safetensors" if self.folder else None
        if path is None or not path.exists():
            return False
        try:
            with safe_open(path, "pt") as file:
                stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
                notes = json.loads(file.metadata()["run"])
            updates = int(notes["average_updates"])
            rows = [dict(row) for row in notes["history"]]
            validations = [{k: (int(a), int(b)) for k, (a, b) in row.pop("validation").items()} for row in rows]
            history = [EpochReport(**row, validation=v) for row, v in zip(rows, validations, strict=True)]
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ExplorerError(f"{path} is damaged ({error}); delete it, or choose another --run.") from error

        def part(prefix: str) -> dict[str, Tensor]:
            return {k.removeprefix(prefix): v for k, v in stored.items() if k.startswith(prefix)}

        try:
            self.module.load_state_dict(part("module."))
            self.optimizer.load_state(part("optimizer."))
            self.average.average = part("average.")
        except (RuntimeError, KeyError) as error:
            raise ExplorerError(f"{path} belongs to another network; choose another folder with --run.") from error
        self.average.updates = updates
        self.history += history
        return True
