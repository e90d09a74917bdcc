"""Evidence: what is known about a run when one asks what is wrong with it, gathered from its rows, probes and data."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.engine.training.probes import Detail, ProbeRow, Probes
from explorer.engine.training.settings import KEYWORDS_TASK, Blueprint, Settings
from explorer.engine.training.tasks2d import Dataset
from explorer.engine.training.trainer import Diverged, Row, Score, Trainer
from explorer.engine.training.view import View

RECENT = 20  # probed steps over which medians are taken
EARLY = 50  # a first probe later than this says nothing about the first weights


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What can be seen in the examples without any network.

    Parameters
    ----------
    classes
        How many; 0 where a value is learned.
    largest_share
        Part of the training examples that belong to the most frequent class; 0 where a value is learned.
    shared
        Validation examples that are training examples as well.
    validation, test
        Sizes of the parts.
    """

    classes: int
    largest_share: float
    shared: int
    validation: int
    test: int


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that the rules may look at.

    Parameters
    ----------
    blueprint, settings
        Of the run.
    rows
        Steps of the run, the newest last.
    probes
        Probed steps, the first and the newest ones at least.
    detail
        The newest look at units and histograms.
    data
        Of the newest data set.
    validation
        The newest score on the validation part.
    stopped
        Why the run ended where numbers were no longer finite; empty otherwise.
    """

    blueprint: Blueprint
    settings: Settings
    rows: Sequence[Row] = ()
    probes: Sequence[ProbeRow] = ()
    detail: Detail | None = None
    data: DataFacts | None = None
    validation: Score | None = None
    stopped: str = ""

    @property
    def activation(self) -> str:
        """The activation of the hidden layers; keyword networks have ReLU, whatever is set."""
        return "relu" if self.blueprint.task == KEYWORDS_TASK else self.settings.activation

    @property
    def judged(self) -> Row | None:
        """The newest row with validation and test figures."""
        return next((row for row in reversed(self.rows) if row.validation_accuracy is not None), None)

    @property
    def first_probe(self) -> ProbeRow | None:
        """The probe that still shows the first weights; None when it is gone."""
        return self.probes[0] if self.probes and self.probes[0].step <= EARLY else None

    def recent(self, name: str) -> NDArray[np.float64] | None:
        """Return the median of a probe over the last steps, [matrices]; None before the first."""
        if not self.probes:
            return None
        median: NDArray[np.float64] = np.median([getattr(probe, name) for probe in self.probes[-RECENT:]], axis=0)
        return median

    @property
    def loss_over_guessing(self) -> float | None:
        """Smoothed loss over that of answering every class alike, or the mean value; None in the first steps."""
        if len(self.rows) < RECENT or self.data is None:
            return None
        if self.data.classes == 0:
            return 1 - self.rows[-1].accuracy_smoothed  # accuracy is R^2 here: 1 - loss / variance
        return self.rows[-1].loss_smoothed / math.log(max(2, self.data.classes))


def data_facts(data: Dataset) -> DataFacts:
    """Return what the examples show; to be asked once per data set, since every example is looked at."""
    share = 0.0
    if data.classes:
        share = float(np.bincount(data.train_y.numpy(), minlength=data.classes).max() / max(1, len(data.train_y)))
    known = {row.tobytes() for row in data.train_x.numpy()}
    shared = sum(row.tobytes() in known for row in data.validation_x.numpy())
    return DataFacts(data.classes, share, shared, len(data.validation_y), len(data.test_y))


def observe(trainer: Trainer, steps: int, stop: threading.Event | None = None) -> Evidence:
    """Train for some steps with probes on and return what was seen; a run that diverges ends early.

    Parameters
    ----------
    trainer
        The run; goes on from where it is.
    steps
        How many.
    stop
        Looked at before each step.
    """
    probes, stopped = Probes(trainer), ""
    rows: list[Row] = []
    seen: list[ProbeRow] = []
    try:
        while len(rows) < steps and not (stop is not None and stop.is_set()):
            rows.append(trainer.step())
            probe = probes.take()
            if probe is not None:
                seen.append(probe)
    except Diverged as end:
        stopped = str(end)
    trainer.before_update = trainer.after_update = None
    detail = probes.detail() if rows and not stopped else None
    return Evidence(
        trainer.blueprint,
        trainer.settings,
        rows,
        seen,
        detail,
        data_facts(trainer.data),
        trainer.judge("validation"),
        stopped,
    )


def evidence_of(view: View, rows: Sequence[Row], probes: Sequence[ProbeRow], data: DataFacts) -> Evidence:
    """Return the evidence of a live session.

    Parameters
    ----------
    view
        The newest.
    rows, probes
        Of the session's logs, from its newest generation: the first probe, and the newest rows and probes.
    data
        `data_facts` of the view's data.
    """
    stopped = view.why if view.why.startswith("Training stopped") else ""  # as `Diverged` says it
    return Evidence(
        view.blueprint, view.settings, rows, probes, view.detail, data, view.scores.get("validation"), stopped
    )
