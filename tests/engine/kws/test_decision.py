from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import Decider, DecisionSettings, Event, decide_all
from explorer.engine.kws.labels import LABELS, SILENCE

HOP_MS = 50.0
GO, LEFT = LABELS.index("go"), LABELS.index("left")


def seconds(count: int, first_s: float = 1.0) -> np.ndarray:
    return first_s + 0.05 * np.arange(count)


def rows(*stretches: tuple[str, float, int]) -> np.ndarray:
    """Scores: label, its score (silence has the rest), for how many results."""
    out = []
    for label, score, count in stretches:
        row = np.zeros(len(LABELS), np.float32)
        row[LABELS.index(SILENCE)] = 1.0 - score
        row[LABELS.index(label)] += score
        out += [row] * count
    return np.array(out)


def one_by_one(times: np.ndarray, scores: np.ndarray, knobs: DecisionSettings, start_s: float = 0.0) -> list[Event]:
    decider = Decider(LABELS, HOP_MS, knobs, start_s)
    decisions = [decider.push(t, s) for t, s in zip(times.tolist(), scores, strict=True)]
    return [d.event for d in decisions if d.event]


def test_a_word_is_reported_once_when_its_average_reaches_the_threshold() -> None:
    scores = rows(("silence", 1.0, 10), ("go", 1.0, 12), ("silence", 1.0, 10))
    (event,) = one_by_one(seconds(len(scores)), scores, DecisionSettings())
    # six results of 50 ms are averaged: 5 of 6 are the first share above 0.7
    assert event.label == "go"
    assert event.time_s == pytest.approx(1.0 + 0.05 * 14)
    assert event.rise_s == pytest.approx(1.0 + 0.05 * 10)
    assert event.score == pytest.approx(5 / 6)
    assert event.start_s == pytest.approx(event.rise_s - 0.5)


def test_a_longer_average_is_surer_and_slower() -> None:
    scores = rows(("silence", 1.0, 10), ("go", 1.0, 3), ("silence", 1.0, 10))
    times = seconds(len(scores))
    assert one_by_one(times, scores, DecisionSettings(average_ms=300)) == []
    (event,) = one_by_one(times, scores, DecisionSettings(average_ms=150))
    assert event.time_s == pytest.approx(1.0 + 0.05 * 12)


def test_a_word_that_stays_is_one_word_and_one_that_comes_back_is_two() -> None:
    knobs = DecisionSettings(refractory_ms=500)
    stays = rows(("go", 1.0, 60))
    assert len(one_by_one(seconds(60), stays, knobs)) == 1
    # the average falls to 1/2, above the re-arm level: still the same word
    dips = rows(("go", 1.0, 20), ("silence", 1.0, 3), ("go", 1.0, 20))
    assert len(one_by_one(seconds(len(dips)), dips, knobs)) == 1
    comes_back = rows(("go", 1.0, 20), ("silence", 1.0, 6), ("go", 1.0, 20))
    assert len(one_by_one(seconds(len(comes_back)), comes_back, knobs)) == 2


def test_the_refractory_time_holds_back_every_word() -> None:
    scores = rows(("go", 1.0, 10), ("left", 1.0, 30))
    first, second = one_by_one(seconds(len(scores)), scores, DecisionSettings(refractory_ms=1000))
    assert (first.label, second.label) == ("go", "left")
    assert second.time_s - first.time_s == pytest.approx(1.0)
    first, second = one_by_one(seconds(len(scores)), scores, DecisionSettings(refractory_ms=0))
    assert second.time_s - first.time_s < 0.7


def test_nothing_is_reported_within_the_first_second_nor_of_too_few_results() -> None:
    scores = rows(("go", 1.0, 40))
    (event,) = one_by_one(seconds(40, 0.05), scores, DecisionSettings(minimum_count=3))
    assert event.time_s == pytest.approx(1.1)  # results at 1.00, 1.05 and 1.10
    (later,) = one_by_one(seconds(40, 7.05), scores, DecisionSettings(minimum_count=1), start_s=7.0)
    assert later.time_s == pytest.approx(8.0)


@pytest.mark.parametrize("label", ["silence", "unknown"])
def test_silence_and_unknown_are_never_reported(label: str) -> None:
    assert one_by_one(seconds(40), rows((label, 1.0, 40)), DecisionSettings()) == []


def test_knobs_may_be_moved_between_two_results() -> None:
    decider = Decider(LABELS, HOP_MS, DecisionSettings(threshold=0.95))
    scores = rows(("go", 0.8, 40))
    times = seconds(40).tolist()
    assert not any(decider.push(t, s).event for t, s in zip(times[:20], scores[:20], strict=True))
    decider.settings = DecisionSettings(threshold=0.7)
    assert decider.push(times[20], scores[20]).event is not None


def test_scores_that_are_not_numbers_report_nothing_and_do_no_harm_later() -> None:
    scores = rows(("go", 1.0, 5), ("go", 1.0, 5), ("silence", 1.0, 20), ("left", 1.0, 20))
    scores[5:10] = np.nan
    knobs = DecisionSettings()
    found = one_by_one(seconds(len(scores)), scores, knobs)
    assert [event.label for event in found] == ["go", "left"]
    assert decide_all(seconds(len(scores)), scores, knobs, LABELS, HOP_MS) == found


words = st.sampled_from([LABELS.index(w) for w in ("silence", "unknown", "go", "left", "stop")])
stretch = st.tuples(words, st.floats(0.0, 1.0, width=32), st.integers(1, 15))
knob_sets = st.builds(
    lambda average, threshold, refractory, rearm, count: DecisionSettings(
        average, threshold, refractory, min(rearm, threshold), count
    ),
    st.sampled_from([0.0, 50.0, 100.0, 130.0, 300.0, 500.0, 1000.0]),
    st.floats(0.05, 1.0),
    st.sampled_from([0.0, 50.0, 300.0, 1000.0, 1500.0]),
    st.floats(0.01, 1.0),
    st.integers(1, 8),
)


@given(
    stretches=st.lists(stretch, min_size=1, max_size=25),
    noise=st.integers(0, 2**32 - 1),
    knobs=knob_sets,
    first_s=st.sampled_from([0.05, 1.0, 33.3]),
)
@settings(deadline=None, max_examples=150)
def test_all_at_once_gives_exactly_the_events_of_one_by_one(
    stretches: list[tuple[int, float, int]], noise: int, knobs: DecisionSettings, first_s: float
) -> None:
    random = np.random.default_rng(noise)
    out = []
    for label, score, count in stretches:
        for _ in range(count):
            row = random.dirichlet(np.full(len(LABELS), 0.1)).astype(np.float32) * (1 - score)
            row[label] += score
            out.append(row)
    scores = np.array(out, np.float32)
    times = seconds(len(scores), first_s)
    assert decide_all(times, scores, knobs, LABELS, HOP_MS) == one_by_one(times, scores, knobs)


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"threshold": 1.5}, "threshold is 1.5: give 0.01 to 1"),
        ({"threshold": math.nan}, "threshold is nan"),
        ({"average_ms": -1.0}, "average_ms is -1: give 0 to 3000"),
        ({"refractory_ms": "soon"}, "refractory_ms is 'soon': give a number"),
        ({"minimum_count": 2.5}, "minimum_count is 2.5: give a whole number"),
        ({"threshold": True}, "threshold is True: give a number"),
        ({"rearm": 0.8}, "re-arm level 0.8 is above the threshold 0.7"),
    ],
)
def test_a_knob_out_of_range_is_refused_in_a_sentence(knobs: dict[str, float], said: str) -> None:
    with pytest.raises(ExplorerError, match=said.replace(".", r"\.")):
        DecisionSettings(**knobs)  # type: ignore[arg-type]


def test_the_rearm_level_follows_a_threshold_that_falls_below_it() -> None:
    assert DecisionSettings().adjusted(threshold=0.2).rearm == 0.2
    assert DecisionSettings().adjusted(threshold=0.9).rearm == 0.3
