"""Training, validation and test split, and the nine ways to fool oneself with it (book, section 7.4.2).

A small world is recorded: voices say one of two words, a few times in a row, while the way of speaking drifts.  What is
believed is the accuracy that the (mistaken) protocol reports; what is true is measured afterwards, on new voices.  Even
the honest protocol is a point or two too hopeful: the drift goes on, and no split can know how.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from explorer.engine.training.sampling import mean_interval

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

FEATURES, SEEN = 12, 6  # each candidate sees the features through its own projection on six
TAKES = 4  # recordings of the same word by the same voice: near-duplicates
TURN_DEGREES = 80.0  # by which the direction that tells the words apart turns while the data is collected
FORWARD = (0.8, 0.9, 1.0)  # parts of the data, oldest first, that the honest protocol repeats itself on


class Pitfall(Enum):
    """A way to fool oneself, in the book's order."""

    TOO_LITTLE_DATA = "too little training data"
    LEAKAGE = "the same voices in training and test"
    SMALL_VALIDATION = "a small validation set"
    TEST_REUSED = "the test set used to choose"
    ONE_SPLIT = "one split for everything"
    NOT_STRATIFIED = "classes not stratified"
    TIME_IGNORED = "time order ignored"
    NOTHING_UNSEEN = "no unseen data kept"
    TUNED_ON_VALIDATION = "tuned on validation, and reported from it"


@dataclass(frozen=True, slots=True)
class Plan:
    """How an experiment is done.

    Parameters
    ----------
    pitfalls
        Which mistakes are made; none is the honest protocol.
    groups
        Pairs of voice and word that are recorded, each with four takes.
    shares
        Parts of the data for training, validation and test; they sum to 1.
    candidates
        Models among which one is chosen.
    tuned
        How many are tried where the validation set is tuned on.
    """

    pitfalls: frozenset[Pitfall] = frozenset()
    groups: int = 100
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2)
    candidates: int = 5
    tuned: int = 60

    @property
    def recorded(self) -> int:
        """How many groups there are to split."""
        return max(10, self.groups // 8) if Pitfall.TOO_LITTLE_DATA in self.pitfalls else self.groups


@dataclass(frozen=True, slots=True, eq=False)
class Recordings:
    """What was recorded, oldest first.

    Parameters
    ----------
    x
        Features [n, 12].
    label
        Word, 0 or 1, [n]; two in five are 1.
    group
        Which voice and word, [n].
    """

    x: Floats
    label: Indices
    group: Indices

    @property
    def columns(self) -> tuple[Floats, Indices, Indices]:
        """Features, labels and groups."""
        return self.x, self.label, self.group

    def take(self, chosen: Indices) -> Recordings:
        """Return some of the recordings."""
        return Recordings(self.x[chosen], self.label[chosen], self.group[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Indices of recordings: what is fitted on, chosen on, and reported from."""

    train: Indices
    validation: Indices
    test: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What repeated experiments believed, and what was true.

    Parameters
    ----------
    believed, true
        Accuracies, one per repetition.
    positives
        Share of the rarer word in the test set, one per repetition.
    """

    believed: Floats
    true: Floats
    positives: Floats

    @property
    def believed_mean(self) -> tuple[float, float, float]:
        """Mean believed accuracy, with its 95 % interval over the repetitions."""
        return mean_interval(self.believed)

    @property
    def true_mean(self) -> tuple[float, float, float]:
        """Mean true accuracy, with its 95 % interval over the repetitions."""
        return mean_interval(self.true)

    @property
    def bias(self) -> tuple[float, float, float]:
        """Mean of believed - true, with its 95 % interval over the repetitions."""
        return mean_interval(self.believed - self.true)

    @property
    def error(self) -> float:
        """How far a single believed accuracy is from the true one, root mean square."""
        return float(np.sqrt(np.mean((self.believed - self.true) ** 2)))


def record(generator: np.random.Generator, groups: int, begin: float = 0.0, end: float = 1.0) -> Recordings:
    """Record `groups` pairs of voice and word between two times.

    Parameters
    ----------
    generator
        Source of all randomness.
    groups
        How many pairs; two in five say the second word.
    begin, end
        On a clock that is 0 at the first recording of the data and 1 at the last.
    """
    label = (np.arange(groups) % 5 < 2).astype(np.int64)
    generator.shuffle(label)
    angle = np.deg2rad(TURN_DEGREES) * np.sort(generator.uniform(begin, end, groups))
    x = generator.normal(0, 1, (groups, FEATURES))
    x[:, :2] += np.where(label == 1, 2.2, -2.2)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    takes = np.repeat(x, TAKES, axis=0) + generator.normal(0, 0.2, (groups * TAKES, FEATURES))
    return Recordings(takes, np.repeat(label, TAKES), np.repeat(np.arange(groups), TAKES))


def split(data: Recordings, plan: Plan, generator: np.random.Generator) -> Parts:
    """Cut the data in three.

    Honest: whole groups, oldest first, the same shares of each word.

    Parameters
    ----------
    data, plan
        What was recorded, and how the experiment is done.
    generator
        Of the shuffle, where time is ignored, and of what leaks.
    """
    names, first = np.unique(data.group, return_index=True)
    words = data.label[first]
    strata = [names] if Pitfall.NOT_STRATIFIED in plan.pitfalls else [names[words == word] for word in (0, 1)]
    shares = np.array(plan.shares)
    if Pitfall.SMALL_VALIDATION in plan.pitfalls:
        shares = np.array([shares[0] + shares[1] - 0.04, 0.04, shares[2]])
    parts: list[list[Indices]] = [[], [], []]
    for stratum in strata:
        order = generator.permutation(stratum) if Pitfall.TIME_IGNORED in plan.pitfalls else stratum
        ends = np.round(np.cumsum(shares)[:2] * len(order)).astype(np.int64)
        for part, chosen in zip(parts, np.split(order, ends), strict=True):
            part.append(chosen)
    train, validation, test = (np.flatnonzero(np.isin(data.group, np.concatenate(part))) for part in parts)
    if Pitfall.LEAKAGE in plan.pitfalls:  # half of the takes of every voice that is tested are trained on as well
        leaks = np.concatenate([validation, test])
        leaks = leaks[leaks % TAKES < TAKES // 2]
        train = np.sort(np.concatenate([train, leaks]))
        validation, test = np.setdiff1d(validation, leaks), np.setdiff1d(test, leaks)
    return Parts(train, validation, test)


def nearest_neighbour(train: Recordings, x: Floats, projection: Floats) -> Indices:
    """Return the label of the nearest training recording for each row of `x`, distances seen through `projection`."""
    a, b = x @ projection, train.x @ projection
    distance = (b * b).sum(1) - 2 * a @ b.T  # up to |a|^2, which is the same for all neighbours
    nearest: Indices = train.label[distance.argmin(1)]
    return nearest


def accuracy(fitted: Recordings, on: Recordings, projection: Floats) -> float:
    """Return how often the nearest neighbour in `fitted` has the right label, through a projection [12, seen]."""
    return float(np.mean(nearest_neighbour(fitted, on.x, projection) == on.label))


def experiment(plan: Plan, generator: np.random.Generator) -> tuple[float, float, float]:
    """Do one experiment from recording to deployment; return believed and true accuracy, and the rarer word's share.

    A candidate is chosen on validation data, reported on test data, averaged over three forward-chained splits, fitted
    again on everything, and met by 200 new voices after the last recording.
    """
    pitfalls = plan.pitfalls
    data = record(generator, plan.recorded)
    tuned = Pitfall.TUNED_ON_VALIDATION in pitfalls
    candidates = generator.normal(0, 1, (plan.tuned if tuned else plan.candidates, FEATURES, SEEN))
    believed, share, chosen = [], 0.0, 0
    for until in FORWARD[-1:] if Pitfall.ONE_SPLIT in pitfalls else FORWARD:
        known = data.take(np.arange(round(until * plan.recorded) * TAKES))
        parts = split(known, plan, generator)
        chosen_on = parts.test if Pitfall.TEST_REUSED in pitfalls else parts.validation
        reported_on = parts.validation if tuned or Pitfall.SMALL_VALIDATION in pitfalls else parts.test
        fitted = known.take(parts.train)
        scores = [accuracy(fitted, known.take(chosen_on), candidate) for candidate in candidates]
        chosen = int(np.argmax(scores))
        if Pitfall.NOTHING_UNSEEN in pitfalls:
            fitted, reported_on = known, np.arange(len(known.label))
        elif reported_on is parts.test:  # what was chosen is fitted on all that came before the test
            fitted = known.take(np.union1d(parts.train, np.setdiff1d(parts.validation, chosen_on)))
        believed.append(accuracy(fitted, known.take(reported_on), candidates[chosen]))
        share = float(known.label[parts.test].mean())
    future = record(generator, 200, 1.0, 1.1)
    return float(np.mean(believed)), accuracy(data, future, candidates[chosen]), share


def simulate(
    plan: Plan, repetitions: int = 40, seed: int = 1, stop: threading.Event | None = None
) -> Iterator[Outcome]:
    """Repeat the experiment with fresh recordings; yield the outcome so far after each, until told to stop.

    Parameters
    ----------
    plan
        How it is done.
    repetitions
        How often.
    seed
        Repetition i of every plan records the same world.
    stop
        Looked at before each repetition.
    """
    rows: list[tuple[float, float, float]] = []
    for i in range(repetitions):
        if stop is not None and stop.is_set():
            return
        rows.append(experiment(plan, np.random.default_rng((seed, i))))
        believed, true, positives = np.array(rows).T
        yield Outcome(believed, true, positives)


def with_pitfall(plan: Plan, pitfall: Pitfall, on: bool) -> Plan:
    """Return the plan with one switch set."""
    return replace(plan, pitfalls=plan.pitfalls | {pitfall} if on else plan.pitfalls - {pitfall})
