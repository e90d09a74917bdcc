"""Judging what is remembered while a word is still being said, or half forgotten."""

from __future__ import annotations

import numpy as np

from explorer.engine.audio.source import Span
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.memory import Remembered, Stretch
from explorer.engine.kws.review import score_labelled

LEFT = LABELS.index("left")


def remembered(from_s: float, to_s: float, said: list[tuple[float, float]], first_s: float = 0.0) -> Remembered:
    """Scores in which "left" is certain for one second from the given times on; the stream began at `first_s`."""
    times = np.arange(round(from_s * 20), round(to_s * 20)) / 20 + 0.05
    scores = np.zeros((len(times), len(LABELS)), np.float32)
    scores[:, 0] = 1
    for start_s, end_s in said:
        heard = (times >= start_s) & (times < end_s)
        scores[heard] = np.eye(len(LABELS), dtype=np.float32)[LEFT]
    stretch = Stretch(first_s, LABELS, "talker", True)
    return Remembered(times, scores, (stretch,), np.zeros(0, np.float32), 0.0, 50.0)


def test_a_word_reported_before_it_has_ended_is_no_false_alarm() -> None:
    span = Span("left", 4.0, 4.9, "left")
    score = score_labelled(remembered(0, 4.8, [(4.3, 4.8)]), DecisionSettings(), [span])
    assert score is not None
    assert (score.words, score.false_alarms) == (0, 0)  # not over yet: it counts neither way
    later = score_labelled(remembered(0, 6.0, [(4.3, 5.1)]), DecisionSettings(), [span])
    assert later is not None
    assert (later.words, later.hits, later.false_alarms) == (1, 1, 0)


def test_a_word_whose_start_is_forgotten_is_no_false_alarm() -> None:
    span = Span("left", 9.8, 10.4, "left")
    half = score_labelled(remembered(10, 20, [(10.1, 10.9)]), DecisionSettings(), [span])
    assert half is not None
    assert (half.words, half.false_alarms) == (0, 0)


def test_another_word_during_one_that_is_not_over_is_false_already() -> None:
    span = Span("unknown", 4.0, 4.9, "cup")
    score = score_labelled(remembered(0, 4.8, [(4.1, 4.8)]), DecisionSettings(), [span])
    assert score is not None
    assert score.false_alarms == 1
