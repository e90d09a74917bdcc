"""Labelled streams, trade-offs and robustness on the language of tones."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.labelled_stream import make_stream, scores_of_stream
from explorer.engine.kws.labels import KEYWORDS, LABELS
from explorer.engine.kws.levels import active_rms
from explorer.engine.kws.robustness import other_speech, robustness, shifted
from explorer.engine.kws.tradeoff import accuracy_at_snr, score_knobs, sweep
from tests.engine.kws.scripted import Script, listen
from tests.engine.kws.tones import ToneNetwork, tone


@dataclass
class Clips:
    samples: np.ndarray
    labels: tuple[str, ...]
    words: tuple[str, ...]
    start_s: np.ndarray
    end_s: np.ndarray


def clips(unknown: int = 3) -> Clips:
    """Each keyword once, from 0.3 to 0.7 s, and other words that sound like nothing."""
    random = np.random.default_rng(0)
    sounds = random.normal(0, 1e-4, (len(KEYWORDS) + unknown, 16_000))
    for row, word in zip(sounds, KEYWORDS, strict=False):
        row[4800:11_200] += tone(word)
    sounds[len(KEYWORDS) :, 4800:11_200] += random.normal(0, 0.05, (unknown, 6400))
    count = len(sounds)
    return Clips(
        np.rint(sounds * 32768).clip(-32768, 32767).astype(np.int16),
        (*KEYWORDS, *["unknown"] * unknown),
        (*KEYWORDS, *["house"] * unknown),
        np.full(count, 0.3),
        np.full(count, 0.7),
    )


@given(
    seconds=st.floats(10, 60),
    every_s=st.floats(1.3, 4.0),
    snr_db=st.sampled_from([20.0, 10.0]),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=15)
def test_words_lie_where_the_stream_says(seconds: float, every_s: float, snr_db: float, seed: int) -> None:
    samples, spans = make_stream(clips(), seconds, every_s, snr_db, "white", seed)
    assert len(samples) == round(seconds * 16_000)
    assert np.abs(samples).max() <= 1.0
    for one, other in pairwise(spans):
        assert one.end_s < other.start_s
    mask = np.ones(len(samples), np.bool_)
    for span in spans:
        first, last = round(span.start_s * 16_000), round(span.end_s * 16_000)
        # active level -26 dBFS, noise on top
        assert active_rms(samples[None, first:last])[0] == pytest.approx(0.05, rel=0.12)
        mask[max(0, first - 1000) : last + 2000] = False
    noise = float(np.sqrt(np.mean(np.square(samples[mask]))))
    assert 20 * np.log10(0.05 / noise) == pytest.approx(snr_db, abs=0.5)


def test_the_same_seed_gives_the_same_stream_and_another_one_another() -> None:
    one, again, other = (make_stream(clips(), 20.0, seed=seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_streams_need_keywords_and_room_for_them() -> None:
    with pytest.raises(ExplorerError, match="speak over"):
        make_stream(clips(), 20.0, every_s=0.5)
    words = clips()
    words.labels = tuple("unknown" for _ in words.labels)
    with pytest.raises(ExplorerError, match="no keyword"):
        make_stream(words, 20.0)


def test_a_stream_scored_in_one_go_is_what_the_live_pipeline_hears() -> None:
    from explorer.engine.kws.pipeline import Pipeline

    samples, spans = make_stream(clips(), 30.0, noise="white", seed=3)
    times, scores = scores_of_stream(ToneNetwork(), samples)
    pipeline = Pipeline(Script(samples, spans, "talker"), ToneNetwork())
    live = listen(pipeline)
    hops = [hop for hop in pipeline.hops.since(0)[0] if 1.0 - 1e-9 <= hop.time_s <= 30.0 + 1e-9]
    assert times == pytest.approx([hop.time_s for hop in hops])
    assert scores == pytest.approx(np.stack([hop.scores for hop in hops]), abs=1e-4)
    judged = score_knobs(times, scores, spans, LABELS, 50.0, DecisionSettings())
    assert judged.hits == sum(span.label in KEYWORDS for span in spans) > 5
    assert judged.false_alarms == 0
    assert len(live) == judged.hits


def test_a_higher_threshold_trades_hits_for_false_alarms() -> None:
    class Doubtful(ToneNetwork):
        """Takes other words for "go", half sure; and of the keywords it is surer of the first ones."""

        def scores(self, pictures: np.ndarray) -> np.ndarray:
            scores = super().scores(pictures)
            trust = np.ones(len(LABELS), np.float32)
            trust[2:] = np.linspace(1.1, 0.6, len(KEYWORDS))
            scores *= trust
            noisy = (pictures > 60).sum((1, 2)) > 900
            scores[noisy, LABELS.index("go")] = 0.5
            return scores

    samples, spans = make_stream(clips(6), 120.0, noise="off", seed=5)
    times, scores = scores_of_stream(Doubtful(), samples)
    knobs = DecisionSettings(threshold=0.66)
    points = sweep(lambda k: score_knobs(times, scores, spans, LABELS, 50.0, k), knobs)
    hits = [point.score.hits for point in points]
    assert hits == sorted(hits, reverse=True)
    assert hits[0] > hits[-1]
    false_alarms = [point.score.false_alarms for point in points]
    assert false_alarms[0] > 0
    assert false_alarms[-1] == 0
    (present,) = [point for point in points if point.present]
    assert present.settings == knobs
    assert [point.settings.threshold for point in points] == sorted(point.settings.threshold for point in points)


def test_more_noise_costs_accuracy() -> None:
    words = clips(0)
    sounds = words.samples.astype(np.float32) / 32768
    rows = accuracy_at_snr(ToneNetwork(), sounds, words.labels, [40.0, 0.0, -20.0], "tones", "white")
    assert [snr for snr, _ in rows] == [40.0, 0.0, -20.0]
    assert rows[0][1].accuracy == 1.0
    assert rows[2][1].accuracy < 0.5
    assert rows[1][1].set_name == "tones, white noise at 0 dB"


def test_robustness_rows_say_what_changes_and_what_is_no_word() -> None:
    words = clips(4)
    sounds = words.samples.astype(np.float32) / 32768
    rows = robustness(ToneNetwork(), sounds, words.labels)
    assert rows["as recorded"].value == pytest.approx(10 / 14)  # it knows no unknown words
    assert rows["as recorded"].count == 14
    assert rows["100 ms late"].value == rows["100 ms early"].value == rows["as recorded"].value
    assert rows["white noise, 0 dB"].kind == "accuracy"
    assert rows["digital silence"].value == 0.0
    assert rows["white noise"].value == 0.0
    assert rows["tones, 100 to 4000 Hz"].value > 0.3  # tones are what this network takes for words
    assert rows["other speech"].kind == "false accepts"
    assert rows["other speech"].count == 4
    for row in rows.values():
        assert row.low <= row.value <= row.high


@given(shift_ms=st.floats(-900, 900))
def test_a_shift_moves_later_when_positive(shift_ms: float) -> None:
    sounds = np.zeros((1, 16_000), np.float32)
    sounds[0, 8000] = 1.0
    moved = shifted(sounds, shift_ms)
    assert moved.shape == sounds.shape
    at = 8000 + round(shift_ms * 16)
    assert np.flatnonzero(moved[0]).tolist() == ([at] if 0 <= at < 16_000 else [])


def test_other_speech_has_no_keyword_in_it_and_no_long_pause() -> None:
    words = clips(6)
    sounds = words.samples.astype(np.float32) / np.float32(32768)
    speech = other_speech(sounds, words.labels, 0)
    assert speech.shape == (6, 16_000)
    assert (np.square(speech).reshape(6, 2, -1).mean(2) > 1e-5).all()
    assert len(other_speech(sounds[:10], words.labels[:10], 0)) == 0


def test_active_level_does_not_count_pauses() -> None:
    time = np.arange(16_000) / 16_000
    half = 0.2 * np.sin(2 * np.pi * 400 * time) * (time < 0.48)
    assert active_rms(half[None])[0] == pytest.approx(0.2 / np.sqrt(2), rel=1e-3)
    assert active_rms(np.zeros((1, 16_000)))[0] == 0.0


def test_scoring_a_stream_stops_when_asked() -> None:
    stop = threading.Event()
    stop.set()
    sound = np.zeros(16_000 * 120, np.float32)
    network = ToneNetwork()
    times, scores = scores_of_stream(network, sound, stop=stop)
    whole, _ = scores_of_stream(network, sound[: 16_000 * 20])
    assert len(times) == len(scores)
    assert 0 < len(times) < 120 * 20 / 2
    np.testing.assert_array_equal(times[: len(whole)], whole[: len(times)])
