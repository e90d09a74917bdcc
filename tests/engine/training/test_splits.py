"""The split laboratory: the honest protocol believes what is true; each pitfall, switched on, shows what it does."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np
import pytest

from explorer.engine.training.splits import (
    TAKES,
    Outcome,
    Pitfall,
    Plan,
    nearest_neighbour,
    record,
    simulate,
    split,
    with_pitfall,
)

HONEST = Plan()


@cache
def outcome(pitfall: Pitfall | None = None, seed: int = 1) -> Outcome:
    plan = with_pitfall(HONEST, pitfall, True) if pitfall else HONEST
    *_, last = simulate(plan, 40, seed)
    return last


def test_the_honest_protocol_is_nearly_right() -> None:
    mean, low, high = outcome().bias
    assert abs(mean) < 0.05
    assert low < mean < high
    assert outcome().true.mean() > 0.75


@pytest.mark.parametrize(
    "pitfall",
    [
        Pitfall.LEAKAGE,
        Pitfall.SMALL_VALIDATION,
        Pitfall.TEST_REUSED,
        Pitfall.TIME_IGNORED,
        Pitfall.NOTHING_UNSEEN,
        Pitfall.TUNED_ON_VALIDATION,
    ],
)
def test_what_is_believed_is_too_good(pitfall: Pitfall) -> None:
    """The same forty worlds: what is believed exceeds the truth, and by more than in the honest protocol."""
    assert outcome(pitfall).bias[1] > 0
    assert outcome(pitfall).bias[0] > outcome().bias[0] + 0.015


def test_where_the_intervals_of_believed_and_true_do_not_meet_the_belief_is_wrong() -> None:
    leak = outcome(Pitfall.LEAKAGE)
    assert leak.believed_mean[1] > leak.true_mean[2]
    assert leak.believed_mean[0] - leak.true_mean[0] == pytest.approx(leak.bias[0])
    *_, few = simulate(HONEST, 5)
    assert few.true_mean[2] - few.true_mean[1] > outcome().true_mean[2] - outcome().true_mean[1]


def test_too_little_data_is_worse_and_tells_less() -> None:
    little = outcome(Pitfall.TOO_LITTLE_DATA)
    assert little.true.mean() < outcome().true.mean() - 0.02
    assert little.error > 2 * outcome().error


def test_one_split_scatters_more() -> None:
    assert outcome(Pitfall.ONE_SPLIT).believed.std() > 1.05 * outcome().believed.std()


def test_without_stratifying_the_share_of_a_word_is_luck() -> None:
    assert outcome().positives.std() < 1e-9
    assert outcome(Pitfall.NOT_STRATIFIED).positives.std() > 0.03


def test_the_honest_split_keeps_voices_words_and_time_apart() -> None:
    generator = np.random.default_rng(1)
    data = record(generator, 100)
    parts = split(data, HONEST, generator)
    assert [len(part) for part in (parts.train, parts.validation, parts.test)] == [240, 80, 80]
    groups = [set(data.group[part]) for part in (parts.train, parts.validation, parts.test)]
    assert not groups[0] & groups[1]
    assert not groups[1] & groups[2]
    for word in (0, 1):  # within each word, oldest first: groups are numbered as they were recorded
        order = [data.group[part][data.label[part] == word] for part in (parts.train, parts.validation, parts.test)]
        assert order[0].max() < order[1].min()
        assert order[1].max() < order[2].min()
        assert len(order[2]) / 80 == (0.4 if word else 0.6)


def test_leakage_puts_takes_of_every_tested_voice_into_training() -> None:
    generator = np.random.default_rng(1)
    data = record(generator, 50)
    parts = split(data, with_pitfall(HONEST, Pitfall.LEAKAGE, True), generator)
    assert set(data.group[parts.test]) <= set(data.group[parts.train])
    assert not set(parts.test) & set(parts.train)
    assert len(parts.test) == 10 * TAKES // 2


def test_switches_can_be_set_together_and_back() -> None:
    both = with_pitfall(with_pitfall(HONEST, Pitfall.LEAKAGE, True), Pitfall.TIME_IGNORED, True)
    assert both.pitfalls == {Pitfall.LEAKAGE, Pitfall.TIME_IGNORED}
    assert with_pitfall(with_pitfall(both, Pitfall.LEAKAGE, False), Pitfall.TIME_IGNORED, False) == HONEST
    everything = Plan(frozenset(Pitfall))
    *_, last = simulate(everything, 3)
    assert last.believed.tolist() == [1, 1, 1]


def test_the_neighbour_is_the_nearest() -> None:
    data = record(np.random.default_rng(5), 30)
    asked = record(np.random.default_rng(6), 10)
    projection = np.random.default_rng(7).normal(0, 1, (12, 6))
    far = np.linalg.norm((asked.x @ projection)[:, None] - (data.x @ projection)[None], axis=2)
    assert nearest_neighbour(data, asked.x, projection).tolist() == data.label[far.argmin(1)].tolist()


def test_the_same_seed_repeats_itself_and_stopping_ends_it() -> None:
    assert outcome().believed[:2].tolist() == list(simulate(HONEST, 2))[-1].believed.tolist()
    stop, seen = threading.Event(), 0
    for _ in simulate(HONEST, 40, stop=stop):
        seen += 1
        stop.set()
    assert seen == 1
