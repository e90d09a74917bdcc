"""Golden cases, counted by hand."""

from __future__ import annotations

import math

import pytest

from explorer.engine.audio.source import Span
from explorer.engine.kws.decision import Event
from explorer.engine.kws.scoring import score_stream, watch


def said(label: str, start_s: float, end_s: float) -> Span:
    return Span(label, start_s, end_s, label)


def reported(label: str, time_s: float) -> Event:
    return Event(label, time_s, time_s - 0.5, 0.9, time_s - 0.2)


GO = said("go", 2.0, 2.4)


@pytest.mark.parametrize(
    ("events", "hits", "false_alarms", "wrong"),
    [
        ([reported("go", 2.0)], 1, 0, 0),  # from the start of the word ...
        ([reported("go", 2.9)], 1, 0, 0),  # ... to half a second after its end
        ([reported("go", 1.95)], 0, 1, 0),  # before it began: nothing had been said
        ([reported("go", 3.0)], 0, 0, 0),  # late: neither hit nor false
        ([reported("go", 3.4)], 0, 0, 0),
        ([reported("go", 3.45)], 0, 1, 0),  # more than a second after: false
        ([reported("go", 2.5), reported("go", 3.2)], 1, 0, 0),  # twice the same word is one hit
        ([reported("left", 2.5)], 0, 1, 1),  # another word: wrong and false
        ([reported("left", 3.2)], 0, 1, 0),  # another word, later: false
        ([reported("left", 2.1), reported("go", 2.6)], 1, 1, 1),
    ],
)
def test_one_word(events: list[Event], hits: int, false_alarms: int, wrong: int) -> None:
    score = score_stream(events, [GO], 60.0)
    assert (score.hits, score.false_alarms, score.wrong_words) == (hits, false_alarms, wrong)
    assert score.misses == 1 - hits


def test_false_reports_within_a_second_are_one_and_a_long_one_counts_each_second() -> None:
    burst = [reported("go", t) for t in (10.0, 10.3, 10.9)]
    assert score_stream(burst, [], 60.0).false_alarms == 1
    going_on = [reported("go", 10.0 + 0.25 * i) for i in range(13)]  # 10.00 to 13.00
    assert score_stream(going_on, [], 60.0).false_alarms == 4  # at 10, 11, 12 and 13


def test_an_unknown_word_cannot_be_hit_and_a_report_during_it_is_false() -> None:
    score = score_stream([reported("go", 2.3)], [Span("unknown", 2.0, 2.4, "house")], 60.0)
    assert (score.words, score.hits, score.false_alarms, score.wrong_words) == (0, 0, 1, 0)
    assert score.hit_rate is None


def test_words_close_together_are_each_hit_by_their_own_report() -> None:
    spans = [said("go", 2.0, 2.4), said("left", 2.6, 3.0), said("go", 3.2, 3.6)]
    events = [reported("go", 2.5), reported("left", 2.85), reported("go", 3.8)]
    score = score_stream(events, spans, 60.0)
    assert (score.hits, score.false_alarms) == (3, 0)
    assert score.responses_ms == pytest.approx((100.0, -150.0, 200.0))
    assert score.response_ms is not None
    assert score.response_ms[0] == pytest.approx(100.0)


def test_one_report_hits_one_word_though_the_word_was_said_twice() -> None:
    spans = (Span("go", 1.0, 1.5, "go"), Span("go", 1.7, 2.2, "go"))
    once = score_stream([reported("go", 1.9)], spans, 10.0)
    assert (once.hits, once.false_alarms) == (1, 0)
    assert list(once.responses_ms) == pytest.approx([400.0])
    assert score_stream([reported("go", 1.9), reported("go", 2.4)], spans, 10.0).hits == 2
    late = score_stream([reported("go", 2.4)], spans, 10.0)
    assert list(late.responses_ms) == pytest.approx([200.0])


def test_rates_and_their_intervals() -> None:
    spans = [said("go", 2.0 * i, 2.0 * i + 0.4) for i in range(1, 11)]
    events = [reported("go", s.end_s + 0.1) for s in spans[:8]] + [reported("left", 100.0 + 2 * i) for i in range(3)]
    score = score_stream(events, spans, 360.0)
    assert score.hit_rate == 0.8
    assert score.hit_interval == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Wilson, 8 of 10
    assert score.false_alarms_per_hour == pytest.approx(30.0)
    low, high = score.false_alarm_interval
    # exact (Garwood) for 3: 0.6187 to 8.767 in a tenth of an hour
    assert low == pytest.approx(6.19, rel=0.02)
    assert high == pytest.approx(87.7, rel=0.02)


def test_silence_about_false_alarms_is_worth_what_the_time_was() -> None:
    nothing = watch(0, 180.0)
    assert nothing.most_per_hour == pytest.approx(-math.log(0.05) / 0.05)
    assert nothing.sentence == "0 in 3 min supports only < 60 per hour"
    assert watch(0, 45.0).sentence == "0 in 45 s supports only < 240 per hour"
