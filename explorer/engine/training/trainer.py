"""One run of training, step by step, with everything about it changeable under way and nothing left to chance.

A step draws a batch, computes loss and gradients, lets the optimizer change the weights.  What happens depends on the
blueprint, the settings and the log of changes alone: every random number comes from (seed, purpose, counter), so a run
can be repeated byte for byte, taken back to any step, and watched or not without a difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.engine.errors import ExplorerError
from explorer.engine.training.build import make_dataset, make_learner
from explorer.engine.training.keyword_parts import Tell
from explorer.engine.training.optimizers import Optimizer, make_optimizer
from explorer.engine.training.precision import LossScaler
from explorer.engine.training.schedule import scheduled_rate
from explorer.engine.training.settings import Blueprint, Change, Settings, changed, check, check_blueprint
from explorer.engine.training.tasks2d import Dataset

SMOOTHING = 0.95
_DATA_FIELDS = ("noise", "count", "validation_share", "label_noise", "leak", "imbalance", "points")
_WITH_MEMORY = ("optimizer", "loss_scale", "patience")  # there and back again is not the same as nothing
_ORDER, _DROPOUT = 3, 4  # purposes of random numbers; 1 and 2 are the data's


class Diverged(ExplorerError):
    """The loss or a gradient is no number any more.

    Parameters
    ----------
    step
        The step that could not be made; the weights are those before it.
    where
        The first layer whose output, or else whose gradient, is not finite.
    """

    def __init__(self, step: int, where: str) -> None:
        self.step, self.where = step, where
        super().__init__(
            f"Training stopped at step {step}: {where} is no finite number. "
            "Go back some steps and lower the learning rate, or use smaller first weights."
        )


@dataclass(frozen=True, slots=True)
class Row:
    """What one step brought.

    Parameters
    ----------
    generation
        Counts resets of a live session.
    step
        1 for the first; the weights after so many updates.
    loss, accuracy
        Of the batch, before the update, without penalties.  Where a value is learned the accuracy is R^2, the
        explained share of the variance.
    loss_smoothed, accuracy_smoothed
        Exponential averages, 0.95 old and 0.05 new.
    learning_rate
        As scheduled.
    validation_loss, validation_accuracy, test_loss, test_accuracy
        After the update, every `validate_every` steps, else None.  The test part is fresh and unspoilt.
    """

    generation: int
    step: int
    loss: float
    accuracy: float
    loss_smoothed: float
    accuracy_smoothed: float
    learning_rate: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How well a network knows one part of the data.

    Parameters
    ----------
    loss, accuracy
        Accuracy is R^2 where a value is learned.
    recall
        Share of each class that is recognised; not a number for a class without examples; empty for values.
    count
        Number of examples.
    """

    loss: float
    accuracy: float
    recall: tuple[float, ...]
    count: int


@dataclass(frozen=True, slots=True)
class State:
    """Everything a run needs to go on from a step as if nothing had happened in between."""

    step: int
    settings: Settings
    tensors: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    scale: tuple[float, int]
    seen: int
    smoothed: tuple[float, float] | None
    best: tuple[float, int]
    stale: int

    @property
    def bytes(self) -> int:
        """Memory that the tensors take."""
        return sum(t.nbytes for group in (self.tensors, self.optimizer) for t in group.values())


class Trainer:
    """A run without a thread: for the terminal, for tests, and inside a live session.

    Parameters
    ----------
    blueprint, settings
        What is trained and how.
    changes
        A log of changes to be repeated, each before its step.
    tell
        Hears how far a long drawing of examples has come; False ends it with an error.

    Attributes
    ----------
    step_number
        Updates made so far.
    changes
        All changes so far, those still to come included.
    ended
        Why the run is over, in a sentence: early stopping; empty while it goes on.
    best
        Lowest validation loss and the step after which it was measured.
    scores
        Of the last look at the validation and test parts.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        settings: Settings,
        changes: Iterable[Change] = (),
        tell: Tell = lambda fraction, words: True,
    ) -> None:
        self.blueprint, self.settings = check_blueprint(blueprint), check(settings)
        self.changes: list[Change] = []
        self._due: dict[int, list[Change]] = {}
        self.step_number = 0
        self.generation = 0
        self.ended = ""
        self.best: tuple[float, int] = (math.inf, 0)
        self.scores: dict[str, Score] = {}
        self.data: Dataset = make_dataset(blueprint, settings.draw, tell)
        self.learner = make_learner(blueprint, self.data)
        self.optimizer: Optimizer = self._new_optimizer()
        self.scaler = LossScaler(settings.loss_scale)
        self.learner.apply(settings)
        self.before_update: Callable[[], None] | None = None
        self.after_update: Callable[[float], None] | None = None
        self._seen, self._stale = 0, 0
        self._smoothed: tuple[float, float] | None = None
        self._order: tuple[tuple[int, int], Tensor] | None = None
        for change in sorted(changes, key=lambda change: change.step):
            self._note(change)

    def _new_optimizer(self) -> Optimizer:
        s = self.settings
        return make_optimizer(s.optimizer, self.learner.trained, s.momentum, s.weight_decay)

    def change(self, **values: Any) -> None:
        """Change settings before the next step, and note it in the log.

        Raises
        ------
        ExplorerError
            When a value is none that a run can have; nothing has changed then.
        """
        values = {name: value for name, value in values.items() if getattr(self.settings, name, None) != value}
        self._take_over(changed(self.settings, **values))
        for name, value in values.items():
            self._note(Change(self.step_number, name, value))

    def _note(self, change: Change) -> None:
        """Write a change into the log; of a slider that is dragged between two steps only the last value counts."""
        last = self.changes[-1] if self.changes else None
        if last and (last.step, last.name) == (change.step, change.name) and change.name not in _WITH_MEMORY:
            self.changes.pop()
            self._due[change.step].pop()
        self.changes.append(change)
        self._due.setdefault(change.step, []).append(change)

    def forget_changes_from(self, step: int) -> None:
        """Take back the changes noted at and after a step, as when a run goes on from its past."""
        self.changes = [change for change in self.changes if change.step < step]
        self._due = {at: changes for at, changes in self._due.items() if at < step}

    def _take_over(self, new: Settings) -> None:
        old = self.settings
        if any(getattr(old, name) != getattr(new, name) for name in _DATA_FIELDS):
            self.data = make_dataset(self.blueprint, new.draw)  # may refuse: before anything else is touched
            self._order = None
        self.settings = new
        if old.optimizer != new.optimizer:
            self.optimizer = self._new_optimizer()
        elif (old.momentum, old.weight_decay) != (new.momentum, new.weight_decay):
            state, self.optimizer = self.optimizer.state(), self._new_optimizer()
            self.optimizer.load_state(state)
        if old.loss_scale != new.loss_scale:
            self.scaler = LossScaler(new.loss_scale)
        self._stale, self.ended = 0, ""
        self.learner.apply(new)

    def step(self) -> Row:
        """Make one update.

        Raises
        ------
        Diverged
            When the loss or a gradient is not finite; the weights stay as they are.
        """
        self.apply_due_changes()
        s, number = self.settings, self.step_number
        x, y = self._batch()
        if s.dropout:
            self.learner.seed_step(_seed(self.blueprint.seed, _DROPOUT, number))
        loss_tensor, outputs = self.learner.loss_and_gradients(x, y, self.scaler.scale)
        loss, accuracy = float(loss_tensor), self._accuracy(outputs, y, float(loss_tensor))
        finite = math.isfinite(loss) and self._gradients_finite()
        if not math.isfinite(loss) or not (self.scaler.dynamic or finite):
            raise Diverged(number + 1, self.learner.first_not_finite(x))
        rate = scheduled_rate(s.schedule, number, s.learning_rate, s.schedule_steps, s.warmup_steps)
        if self.scaler.accept(finite):
            if not finite:  # the scale can fall no further
                raise Diverged(number + 1, self.learner.first_not_finite(x))
            self._update(rate)
        self.step_number += 1
        self._seen += len(y)
        old_loss, old_accuracy = self._smoothed or (loss, accuracy)
        self._smoothed = _smooth(old_loss, loss), _smooth(old_accuracy, accuracy)
        row = Row(self.generation, self.step_number, loss, accuracy, *self._smoothed, rate)
        return self._validated(row) if self.step_number % s.validate_every == 0 else row

    def _update(self, rate: float) -> None:
        """Let penalties and the optimizer change the weights; whoever watches is told before and after."""
        s = self.settings
        if self.before_update is not None:
            self.before_update()
        matrices = [w for w in self.learner.trained if w.ndim > 1]
        with torch.no_grad():
            if s.l2:
                for w in matrices:
                    if w.grad is not None:
                        w.grad.add_(w, alpha=2 * s.l2)
            self.optimizer.step(rate)
            if s.l1:  # a proximal step: weights come to rest at exactly zero, which a subgradient never reaches
                for w in matrices:
                    w.copy_(w.sign() * (w.abs() - rate * s.l1).clamp_(min=0))
        if self.after_update is not None:
            self.after_update(rate)

    def apply_due_changes(self) -> None:
        """Take over what the log says for the coming step, where that has not been done."""
        for change in self._due.get(self.step_number, ()):
            if getattr(self.settings, change.name) != change.value:
                self._take_over(changed(self.settings, **{change.name: change.value}))

    def _batch(self) -> tuple[Tensor, Tensor]:
        """Return the next examples: every epoch in another order, an incomplete batch at its end left out."""
        n = len(self.data.train_y)
        batch = min(self.settings.batch, n)
        epoch, at = divmod(self._seen, n)
        if at + batch > n:
            epoch, at = epoch + 1, 0
            self._seen = epoch * n
        if self._order is None or self._order[0] != (epoch, n):
            rng = np.random.default_rng((self.blueprint.seed, _ORDER, epoch))
            self._order = (epoch, n), torch.from_numpy(rng.permutation(n))
        chosen = self._order[1][at : at + batch]
        return self.data.train_x.index_select(0, chosen), self.data.train_y.index_select(0, chosen)

    def _gradients_finite(self) -> bool:
        return all(math.isfinite(float(w.grad.sum())) for w in self.learner.trained if w.grad is not None)

    def _accuracy(self, outputs: Tensor, y: Tensor, loss: float) -> float:
        if self.data.classes:
            return int((outputs.argmax(1) == y).sum()) / len(y)
        return 1 - loss / max(float(self.data.train_y.var(correction=0)), 1e-12)

    def _validated(self, row: Row) -> Row:
        """Add validation and test to a row, and see whether to stop early."""
        validation, test = self.judge("validation"), self.judge("test")
        self.scores = {"validation": validation, "test": test}
        if validation.loss < self.best[0]:
            self.best, self._stale = (validation.loss, self.step_number), 0
        else:
            self._stale += 1
        if 0 < self.settings.patience <= self._stale:
            self.ended = (
                f"Early stopping at step {self.step_number}: the validation loss was best, {self.best[0]:.4g}, "
                f"at step {self.best[1]} and has not fallen for {self._stale} looks."
            )
        return replace(
            row,
            validation_loss=validation.loss,
            validation_accuracy=validation.accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
        )

    def judge(self, part: str) -> Score:
        """Return how well the network knows a part of the data: "train", "validation" or "test"."""
        x, y = getattr(self.data, f"{part}_x"), getattr(self.data, f"{part}_y")
        outputs = self.learner.predict(x)
        classes = self.data.classes
        if not classes:
            loss = float((outputs - y).square().mean())
            return Score(loss, 1 - loss / max(float(y.var(correction=0)), 1e-12), (), len(y))
        loss = float(torch.nn.functional.cross_entropy(outputs, y))
        right = y[outputs.argmax(1) == y]
        of_class, right_of_class = torch.bincount(y, minlength=classes), torch.bincount(right, minlength=classes)
        return Score(loss, len(right) / len(y), tuple((right_of_class / of_class).tolist()), len(y))

    def state(self) -> State:
        """Return a copy of everything that changes from step to step."""
        return State(
            self.step_number,
            self.settings,
            {name: t.detach().clone() for name, t in self.learner.tensors().items()},
            {name: t.clone() for name, t in self.optimizer.state().items()},
            (self.scaler.scale, self.scaler.good_steps),
            self._seen,
            self._smoothed,
            self.best,
            self._stale,
        )

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of this run."""
        self._take_over(state.settings)
        self.learner.forget()
        with torch.no_grad():
            for name, tensor in self.learner.tensors().items():
                tensor.copy_(state.tensors[name])
        self.optimizer = self._new_optimizer()
        self.optimizer.load_state(state.optimizer)
        self.scaler = LossScaler(state.settings.loss_scale)
        self.scaler.scale, self.scaler.good_steps = state.scale
        self.step_number, self._seen, self._smoothed = state.step, state.seen, state.smoothed
        self.best, self._stale, self.ended = state.best, state.stale, ""


def _smooth(old: float, new: float) -> float:
    return SMOOTHING * old + (1 - SMOOTHING) * new


def _seed(*parts: int) -> int:
    """Return one seed for torch from several numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1)[0])
