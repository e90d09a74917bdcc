"""A second network on the same sound: what it hears, where the two differ, and that it cannot disturb the first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.kws.decision import DecisionSettings, Event
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.pipeline import Pipeline
from explorer.engine.kws.rival import SLACK_S, Disagreement, disagreements
from tests.engine.kws.scripted import listen, script
from tests.engine.kws.tones import ToneNetwork


class Confused(ToneNetwork):
    """Takes up for go and hears no stop."""

    def scores(self, pictures: np.ndarray) -> np.ndarray:
        scores = super().scores(pictures)
        up, go, stop = (LABELS.index(word) for word in ("up", "go", "stop"))
        scores[:, go] += scores[:, up]
        scores[:, LABELS.index("unknown")] += scores[:, stop]
        scores[:, [up, stop]] = 0.0
        return scores


class Broken(ToneNetwork):
    def scores(self, pictures: np.ndarray) -> np.ndarray:
        raise RuntimeError("out of memory")


WORDS = {1.5: "left", 3.5: "up", 5.5: "stop", 7.5: "go"}


def test_a_rival_answers_every_hop_and_the_first_network_hears_the_same_as_without() -> None:
    alone = Pipeline(script(WORDS, 10.0), ToneNetwork())
    listen(alone)
    pipeline = Pipeline(script(WORDS, 10.0), ToneNetwork())
    pipeline.rival.set_scorer(Confused())
    assert listen(pipeline) == list(WORDS.values())
    mine, _ = pipeline.events.since(0)
    assert [event.time_s for event in mine] == [event.time_s for event in alone.events.since(0)[0]]
    echoes, _ = pipeline.rival.echoes.since(0)
    hops, _ = pipeline.hops.since(0)
    assert [echo.time_s for echo in echoes] == [hop.time_s for hop in hops]
    heard = [echo.event for echo in echoes if echo.event is not None]
    assert [event.label for event in heard] == ["left", "go", "go"]
    found = disagreements(mine, heard, pipeline.now_s)
    assert [(d.first, d.second) for d in found] == [("up", "go"), ("stop", "")]


def test_a_rival_that_fails_is_told_and_does_not_disturb() -> None:
    pipeline = Pipeline(script({1.5: "left", 3.5: "go"}, 6.0), ToneNetwork())
    pipeline.rival.set_scorer(Broken())
    while pipeline.now_s < 3.0:
        pipeline.step()
    assert pipeline.trouble == "The network to compare with fails: out of memory"
    pipeline.rival.set_scorer(None)
    assert listen(pipeline) == ["left", "go"]
    assert not pipeline.trouble
    assert len(pipeline.rival.echoes) == 0


def test_the_rival_has_the_same_knobs_and_is_forgotten_with_the_rest() -> None:
    pipeline = Pipeline(script({1.5: "left", 4.5: "go"}, 7.0), ToneNetwork(), DecisionSettings(threshold=1.0))
    pipeline.rival.set_scorer(ToneNetwork())
    while pipeline.now_s < 3.5:
        pipeline.step()
    assert not any(echo.event for echo in pipeline.rival.echoes.since(0)[0])
    pipeline.clear()
    assert len(pipeline.rival.echoes) == 0
    pipeline.set_settings(DecisionSettings())
    assert listen(pipeline) == ["go"]
    assert [echo.event.label for echo in pipeline.rival.echoes.since(0)[0] if echo.event] == ["go"]


def test_another_network_with_the_same_words_begins_a_stretch_of_scores() -> None:
    class Sure(ToneNetwork):
        """Says go, whatever it hears."""

        def scores(self, pictures: np.ndarray) -> np.ndarray:
            out = np.zeros((len(pictures), len(LABELS)), np.float32)
            out[:, LABELS.index("go")] = 1.0
            return out

    pipeline = Pipeline(script({}, 6.0), ToneNetwork())
    while pipeline.now_s < 3.0:
        pipeline.step()
    pipeline.set_executor(Sure())
    assert pipeline.step() is not None
    swapped_s = pipeline.now_s
    assert pipeline.hops.since(0)[0][-1].averaged.max() == 0.0  # nothing of the network before is in the average
    assert listen(pipeline) == ["go"]
    assert pipeline.events.since(0)[0][0].time_s >= swapped_s + 0.9
    starts = [stretch.start_s for stretch in pipeline.memory.snapshot().stretches]
    assert starts == pytest.approx([0.0, swapped_s - 0.05])
    assert [event.label for event in pipeline.memory.snapshot().decide(DecisionSettings())] == ["go"]


def said(label: str, time_s: float) -> Event:
    return Event(label, time_s, max(0.0, time_s - 0.5), 0.9, time_s)


def test_disagreements_by_hand() -> None:
    first = [said("yes", 1.0), said("no", 3.0), said("go", 5.0), said("up", 9.0)]
    second = [said("yes", 1.3), said("on", 3.2), said("left", 7.0)]
    assert disagreements(first, second, 9.2) == [
        Disagreement(3.0, "no", "on"),
        Disagreement(5.0, "go", ""),
        Disagreement(7.0, "", "left"),
    ]  # "up" may still be reported by the other
    assert disagreements(first, second, 9.5)[-1] == Disagreement(9.0, "up", "")
    late = [said("yes", 1.0 + SLACK_S + 0.05)]
    assert [(d.first, d.second) for d in disagreements([said("yes", 1.0)], late, 9.0)] == [("yes", ""), ("", "yes")]


@given(st.lists(st.tuples(st.sampled_from(LABELS[2:]), st.integers(0, 200)), max_size=12))
def test_who_says_the_same_does_not_disagree(told: list[tuple[str, int]]) -> None:
    events = [said(label, tenths / 10) for label, tenths in sorted(told, key=lambda pair: pair[1])]
    assert disagreements(events, events, 100.0) == []
    alone = disagreements(events, [], 100.0)
    assert [(d.first, d.time_s) for d in alone] == [(event.label, event.time_s) for event in events]
    assert [d.second for d in disagreements([], events, 100.0)] == [d.first for d in alone]


@pytest.mark.parametrize("slack", [0.0, SLACK_S])
def test_the_same_word_within_the_slack_is_one(slack: float) -> None:
    assert disagreements([said("yes", 2.0)], [said("yes", 2.0 + slack)], 9.0) == []
