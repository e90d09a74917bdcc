"""What a person chooses: the blueprint of a run, which a reset is needed for, and settings, which change under way."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from explorer.engine.errors import ExplorerError
from explorer.engine.training.activations import ACTIVATIONS
from explorer.engine.training.initialisation import INITIALISATIONS
from explorer.engine.training.optimizers import OPTIMIZERS
from explorer.engine.training.precision import PRECISIONS
from explorer.engine.training.schedule import SCHEDULES
from explorer.engine.training.tasks2d import MOST_POINTS, TASKS_2D, VALUE_TASKS, Draw

KEYWORDS_TASK = "kws"
TASKS = (*TASKS_2D, *VALUE_TASKS, KEYWORDS_TASK)
KEYWORD_NETWORKS = ("tiny", "small", "large")
MOST_LAYERS, MOST_UNITS = 50, 4096


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a run is built from; another blueprint needs new weights.

    Parameters
    ----------
    task
        One of TASKS; "kws" learns the keywords from pictures of the bundled voices, or of `folder`.
    hidden
        Widths of the hidden layers of a small network; none makes a perceptron.
    batch_norm, initialisation, sigma
        Of a small network; see `small_nets.NetSpec`.
    network, pretrained
        Which keyword network, and whether it starts from the shipped weights.
    folder
        A Speech Commands folder; empty for the bundled voices.
    seed
        Of everything random.
    """

    task: str = "spirals"
    hidden: tuple[int, ...] = (8, 8)
    batch_norm: bool = False
    initialisation: str = "xavier"
    sigma: float = 1.0
    network: str = "small"
    pretrained: bool = False
    folder: str = ""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """What may change during a run; a change takes effect before the next step.

    Parameters
    ----------
    learning_rate, schedule, schedule_steps, warmup_steps
        Highest rate and its course; see `schedule.scheduled_rate`.
    batch
        Examples per step.
    optimizer, momentum, weight_decay
        See `optimizers`; the decay is AdamW's.  Another optimizer starts with an empty memory.
    l1, l2
        Strength alpha of the penalties alpha sum |w| and alpha sum w^2 on matrices.
    dropout
        Share of hidden units left out.
    patience
        Validations without a better loss after which the run stops; 0 never stops it.
    activation
        Of the hidden layers of a small network.
    precision, loss_scale
        See `precision`; scale 0 adapts itself.
    noise, count, validation_share, label_noise, leak, imbalance, points
        The data; see `tasks2d.Draw`.
    validate_every
        Steps between looks at the validation and test parts.
    probe_every
        Steps between gradient probes; 0 switches all probes off.
    """

    learning_rate: float = 0.1
    batch: int = 32
    optimizer: str = "sgd"
    momentum: float = 0.9
    weight_decay: float = 0.01
    schedule: str = "constant"
    schedule_steps: int = 5000
    warmup_steps: int = 0
    l1: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0
    patience: int = 0
    activation: str = "tanh"
    precision: str = "fp32"
    loss_scale: float = 1.0
    noise: float = 0.05
    count: int = 400
    validation_share: float = 0.3
    label_noise: float = 0.0
    leak: float = 0.0
    imbalance: float = 0.0
    points: tuple[tuple[float, float, int], ...] = ()
    validate_every: int = 20
    probe_every: int = 20

    @property
    def draw(self) -> Draw:
        """The part that decides the data."""
        return Draw(
            self.count,
            self.noise,
            self.validation_share,
            self.label_noise,
            self.leak,
            self.imbalance,
            self.points,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log of changes: before step `step` (counted from 0) the setting `name` became `value`."""

    step: int
    name: str
    value: Any


_NAMES = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "activation": tuple(ACTIVATIONS),
    "precision": tuple(PRECISIONS),
}
_RANGES: dict[str, tuple[float, float]] = {
    "learning_rate": (0, 1e6),
    "batch": (1, MOST_POINTS),
    "momentum": (0, 0.9999),
    "weight_decay": (0, 1e3),
    "schedule_steps": (1, 10**9),
    "warmup_steps": (0, 10**9),
    "l1": (0, 1e3),
    "l2": (0, 1e3),
    "dropout": (0, 0.95),
    "patience": (0, 10**9),
    "loss_scale": (0, 2.0**24),
    "noise": (0, 10),
    "count": (2, MOST_POINTS),
    "validation_share": (0.01, 0.99),
    "label_noise": (0, 1),
    "leak": (0, 1),
    "imbalance": (0, 1),
    "validate_every": (1, 10**9),
    "probe_every": (0, 10**9),
}


def changed(settings: Settings, **values: Any) -> Settings:
    """Return the settings with some values changed.

    Raises
    ------
    ExplorerError
        When a name does not exist or a value is none that a run can have.
    """
    known = {f.name for f in fields(Settings)}
    for name in values:
        if name not in known:
            raise ExplorerError(f"There is no setting {name!r}: choose one of {', '.join(sorted(known))}.")
    return check(replace(settings, **values))


def check(settings: Settings) -> Settings:
    """Give the settings back if a run can have them.

    Raises
    ------
    ExplorerError
        With the first value that it cannot have, and what it may be.
    """
    for name, allowed in _NAMES.items():
        value = getattr(settings, name)
        if value not in allowed:
            raise ExplorerError(f"There is no {name} {value!r}: choose {', '.join(allowed)}.")
    for name, (low, high) in _RANGES.items():
        value = getattr(settings, name)
        if not (math.isfinite(value) and low <= value <= high):
            words = f"{value:g}: give {low:,.10g} to {high:,.10g}"  # 1,000,000, not 1e+06
            raise ExplorerError(f"The setting {name.replace('_', ' ')} is {words}.")
    for x, y, label in settings.points:
        if not (math.isfinite(x) and math.isfinite(y) and label >= 0):
            raise ExplorerError(f"A drawn point lies at ({x:g}, {y:g}): draw it inside the picture.")
    return settings


def check_blueprint(blueprint: Blueprint) -> Blueprint:
    """Give the blueprint back if a run can be built from it.

    Raises
    ------
    ExplorerError
        With the first value that cannot be used.
    """
    if blueprint.task not in TASKS:
        raise ExplorerError(f"There is no task {blueprint.task!r}: choose {', '.join(TASKS)}.")
    if blueprint.initialisation not in INITIALISATIONS:
        raise ExplorerError(
            f"There is no initialisation {blueprint.initialisation!r}: choose {', '.join(INITIALISATIONS)}."
        )
    if blueprint.network not in KEYWORD_NETWORKS:
        raise ExplorerError(f"There is no network {blueprint.network!r}: choose {', '.join(KEYWORD_NETWORKS)}.")
    if len(blueprint.hidden) > MOST_LAYERS or not all(1 <= units <= MOST_UNITS for units in blueprint.hidden):
        raise ExplorerError(f"Hidden layers {blueprint.hidden}: give up to {MOST_LAYERS} of 1 to {MOST_UNITS} units.")
    if not (math.isfinite(blueprint.sigma) and blueprint.sigma >= 0) or blueprint.seed < 0:
        raise ExplorerError(f"Sigma is {blueprint.sigma:g} and the seed {blueprint.seed}: give 0 or more.")
    return blueprint
