"""How far predictions can be trusted: measured by predicting published results from all the others.

A board is left out whole, with every result of its processor and every software on it; a network is left out on all
boards.  Errors are factors: predicted over published, or the other way round, whichever is above 1.  Intervals are
conformal (Vovk et al. 2005; jackknife+, Barber et al. 2021): the spread that the fit states is stretched by the factor
that would have covered 90 % of the predictions made without the measurement in question.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np

from explorer.engine.deployment.cores import CORES
from explorer.engine.deployment.cost import work_of
from explorer.engine.deployment.fitting import Fit
from explorer.engine.deployment.measurements import Measurement, family, published
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.roofline import layer_seconds
from explorer.engine.deployment.workload import run_of
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.quantization.recipe import PRESETS

Setting = Literal["another board", "another network", "new ground"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)
LEVEL = 0.9
_RECIPES = {"int8": PRESETS["INT8"], "float32": PRESETS["FP32"]}


@dataclass(frozen=True, slots=True)
class Score:
    """One published result, predicted without it.

    Parameters
    ----------
    row
        What was published.
    setting
        What the fit had never seen: the board; the network; or "new ground", board and software together, or a
        network on a neural processor, whose speed depends most on shapes.
    by_board
        Whether its board was left out, rather than its network.
    predicted_ms
        Milliseconds.
    spread
        Standard deviation of the logarithm of the time, as the fit states it.
    """

    row: Measurement
    setting: Setting
    by_board: bool
    predicted_ms: float
    spread: float

    @property
    def error_factor(self) -> float:
        """How many times too long or too short the prediction is; 1 is right."""
        return math.exp(abs(math.log(self.predicted_ms / self.row.latency_ms)))

    @property
    def strain(self) -> float:
        """The error in units of the stated spread."""
        return math.log(self.error_factor) / self.spread

    @property
    def low_ms(self) -> float:
        """Lower end of the interval, whose width, too, was set without what is predicted."""
        return self.predicted_ms / self._reach

    @property
    def high_ms(self) -> float:
        """Upper end of the interval."""
        return self.predicted_ms * self._reach

    @property
    def covered(self) -> bool:
        """Whether what was published lies in the interval."""
        return self.low_ms <= self.row.latency_ms <= self.high_ms

    @property
    def _reach(self) -> float:
        without = (self.row.chip, "") if self.by_board else ("", self.row.network)
        return math.exp(self.spread * _quantile_without(self.setting, *without))


@dataclass(frozen=True, slots=True)
class Summary:
    """Errors of a group of predictions.

    Parameters
    ----------
    group
        In words.
    count
        Number of published results.
    median, worst
        Error factors.
    covered
        How many lay in the interval stated beforehand.
    """

    group: str
    count: int
    median: float
    worst: float
    covered: int


def has_kin(row: Measurement, rows: Iterable[Measurement]) -> bool:
    """Say whether the software of a result is among those of other boards."""
    return any(family(other.software) == family(row.software) and other.chip != row.chip for other in rows)


def is_microcontroller(row: Measurement) -> bool:
    """Say whether a core runs programs, rather than being an array of multipliers."""
    return CORES[row.core].integer != "array"


@cache
def fit_without(chips: frozenset[str] = frozenset(), networks: frozenset[str] = frozenset()) -> Fit:
    """Return the model fitted to what is published, without some boards and networks."""
    return Fit([run_of(row) for row in published() if row.chip not in chips and row.network not in networks])


@cache
def boards_left_out(chip: str = "", network: str = "") -> tuple[Score, ...]:
    """Predict each board from the others; results of `chip` or of `network` take no part at all."""
    rows = [row for row in published() if row.chip != chip and row.network != network]

    def setting(row: Measurement) -> Setting:
        return "another board" if has_kin(row, rows) else "new ground"

    return tuple(_score(row, {chip, row.chip}, {network}, setting(row), by_board=True) for row in rows)


@cache
def networks_left_out(chip: str = "", network: str = "") -> tuple[Score, ...]:
    """Predict each network from the others; results of `chip` or of `network` take no part at all."""
    rows = [row for row in published() if row.chip != chip and row.network != network]

    def setting(row: Measurement) -> Setting:
        return "another network" if is_microcontroller(row) else "new ground"

    return tuple(_score(row, {chip}, {network, row.network}, setting(row), by_board=False) for row in rows)


@cache
def stretch(setting: Setting) -> float:
    """Return how many stated spreads an interval reaches to each side, so that it covers 90 % of boards or networks."""
    return _quantile((*boards_left_out(), *networks_left_out()), setting)


@dataclass(frozen=True, slots=True)
class Gap:
    """Published time over the least time that the data sheet allows.

    Parameters
    ----------
    median, high
        Of the published results, and what 90 % of boards stay below.
    count
        Number of results.
    """

    median: float
    high: float
    count: int


@cache
def datasheet_gap() -> Gap:
    """Return by how much published results are slower than the roofline of their board's data sheet."""
    profiles = {p.board.removesuffix("-Q"): p for p in shipped().values() if p.board}
    gaps: dict[str, list[float]] = {}
    for row in published():
        profile = profiles.get(row.chip)
        if profile is not None and row.precision in profile.peak_macs_per_s and profile.bandwidth_bytes_per_s:
            columns = work_of(TOPOLOGIES[row.network](), _RECIPES[row.precision]).columns
            peak = profile.peak_macs_per_s[row.precision].value
            least_s = layer_seconds(columns, peak, profile.bandwidth_bytes_per_s.value).sum()
            gaps.setdefault(row.chip, []).append(row.latency_ms / (1e3 * float(least_s)))
    every = [gap for board in gaps.values() for gap in board]
    return Gap(float(np.median(every)), _conformal([max(board) for board in gaps.values()]), len(every))


def summaries() -> tuple[Summary, ...]:
    """Return the table of errors, each prediction with an interval that was set without its board or network.

    The factor that stretches an interval comes from a validation among the remaining results only, so that a board
    or network contributes neither to its prediction nor to the width around it.
    """
    boards, networks = boards_left_out(), networks_left_out()

    def known(score: Score) -> bool:
        return score.setting == "another board"

    def small(score: Score) -> bool:
        return is_microcontroller(score.row)

    return (
        _summary("board left out, software known from another, microcontrollers", boards, known),
        _summary("board left out, new software, microcontrollers", boards, lambda s: small(s) and not known(s)),
        _summary("board left out, neural processors", boards, lambda s: not small(s)),
        _summary("network left out, microcontrollers", networks, small),
        _summary("network left out, neural processors", networks, lambda s: not small(s)),
    )


def _score(row: Measurement, chips: set[str], networks: set[str], setting: Setting, *, by_board: bool) -> Score:
    run = run_of(row)
    rates = fit_without(frozenset(chips - {""}), frozenset(networks - {""})).rates(run.setup)
    cycles = run.work * np.exp(rates.log_cycles)
    total = float(cycles.sum())
    return Score(row, setting, by_board, row.latency_ms * total / run.cycles, rates.spread(cycles / total))


def _quantile(scores: Sequence[Score], setting: Setting) -> float:
    """Return the conformal quantile: the smallest that covers 90 % of n + 1, or the largest there is.

    The errors of one board, or of one network, go together.  So n counts boards or networks, each with its largest
    strain, and not results; with fewer than nine of them it is the largest strain of all.
    """
    worst: dict[str, float] = {}
    for score in scores:
        if score.setting == setting:
            unit = score.row.network if setting == "another network" else score.row.chip
            worst[unit] = max(worst.get(unit, 0.0), score.strain)
    return _conformal(worst.values())


def _conformal(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[min(math.ceil(LEVEL * (len(ordered) + 1)), len(ordered)) - 1]


@cache
def _quantile_without(setting: Setting, chip: str = "", network: str = "") -> float:
    """Return the factor for a setting, from results of other boards or networks alone."""
    return _quantile((*boards_left_out(chip, network), *networks_left_out(chip, network)), setting)


def _summary(group: str, scores: Sequence[Score], belongs: Callable[[Score], bool]) -> Summary:
    chosen = [score for score in scores if belongs(score)]
    errors = [score.error_factor for score in chosen]
    covered = sum(score.covered for score in chosen)
    return Summary(group, len(errors), float(np.median(errors)), max(errors), covered)
