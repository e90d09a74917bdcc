"""Collecting takes: who says a word eight times gets eight takes, and a sentence for each that is not one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.teaching.collector import BACKGROUND_S, Collector
from explorer.engine.kws.teaching.synthetic import VOICES, synthetic_takes
from explorer.engine.kws.teaching.takes import SHAPES, Take, check_name, takes_of_file

RATE = 16_000


def room(seconds: float, seed: int = 0, level: float = 0.0005) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return np.asarray(level * noise, np.float32)


def spoken(takes: list[Take], gap_s: float = 0.9, gain: float = 1.0) -> NDArray[np.float32]:
    """Give the room for two seconds, then each word with a pause after it."""
    parts = [room(BACKGROUND_S + 0.2)]
    for take in takes:
        parts += [gain * take.trimmed(), np.zeros(round(gap_s * RATE), np.float32)]
    sound = np.concatenate(parts)
    return np.asarray(np.clip(sound + room(len(sound) / RATE, 1)[: len(sound)], -1.0, 1.0), np.float32)


@pytest.mark.parametrize("voice", VOICES)
def test_eight_words_become_eight_takes_in_less_than_twenty_seconds(voice: str) -> None:
    words = synthetic_takes(voice)[:8]
    sound = spoken(words)
    collector = Collector()
    collector.push(sound)
    assert collector.done
    assert collector.seconds <= 20.0
    assert len(collector.background) == round(BACKGROUND_S * RATE)
    for take, word in zip(collector.takes, words, strict=True):
        assert take.samples.shape == (RATE,)
        assert abs((take.end_s - take.start_s) - (word.end_s - word.start_s)) < 0.2
        assert abs((take.start_s + take.end_s) / 2 - 0.5) < 0.16  # the word stands in the middle of its second
        # and it is that very word: the sound matches
        a, b = take.trimmed(), word.trimmed()
        match = np.correlate(np.pad(a, 8000), b).max() / np.sqrt((a @ a) * (b @ b))
        assert match > 0.95


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=4))
def test_the_size_of_the_blocks_does_not_matter(sizes: list[int]) -> None:
    sound = spoken(synthetic_takes()[:2])
    whole, cut = Collector(), Collector()
    whole.push(sound)
    at = turn = 0
    while at < len(sound):
        cut.push(sound[at : at + sizes[turn % len(sizes)]])
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    assert len(whole.takes) == len(cut.takes) == 2
    for one, other in zip(whole.takes, cut.takes, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)


def test_a_clipped_word_is_refused_and_the_next_good_one_is_taken() -> None:
    word = synthetic_takes()[0]
    collector = Collector()
    collector.push(spoken([word], gain=60.0))
    assert not collector.takes
    assert "clipped" in collector.problem
    collector.push(spoken([word])[round(BACKGROUND_S * RATE) :])
    assert len(collector.takes) == 1
    assert collector.problem == ""


def test_a_word_that_is_too_quiet_is_refused() -> None:
    collector = Collector()
    quiet = np.concatenate([room(2.2, level=1e-5), 0.02 * synthetic_takes()[0].trimmed(), np.zeros(RATE, np.float32)])
    collector.push(quiet.astype(np.float32))
    assert not collector.takes
    assert "Too quiet" in collector.problem


def test_a_sentence_is_too_long_for_a_word_and_who_never_pauses_is_told() -> None:
    word = synthetic_takes()[0].trimmed()
    for length in (3, 12):
        collector = Collector()
        collector.push(np.concatenate([room(2.2), *([word] * length), np.zeros(RATE, np.float32)]).astype(np.float32))
        assert not collector.takes
        assert "too long" in collector.problem


def test_a_click_is_passed_over_without_a_word() -> None:
    sound = room(4.0)
    sound[48_000:48_400] = 0.5
    collector = Collector()
    collector.push(sound)
    assert not collector.takes
    assert collector.problem == ""


def test_digital_silence_gives_nothing_and_no_error() -> None:
    collector = Collector()
    collector.push(np.zeros(5 * RATE, np.float32))
    assert collector.listening
    assert not collector.takes


def test_a_dropped_take_is_asked_for_again() -> None:
    words = synthetic_takes()
    collector = Collector(wanted=2)
    collector.push(spoken(words[:2]))
    assert collector.done
    del collector.takes[0]
    collector.push(spoken(words[2:3])[round(BACKGROUND_S * RATE) :])
    assert len(collector.takes) == 2


def test_files_give_one_take_or_several(tmp_path: Path) -> None:
    words = synthetic_takes()
    soundfile.write(tmp_path / "one.flac", words[0].samples, RATE)
    soundfile.write(tmp_path / "many.wav", spoken(words[:3]), RATE)
    (one,) = takes_of_file(tmp_path / "one.flac")
    assert one.origin == "file"
    assert np.abs(one.samples - words[0].samples).max() < 2**-14
    assert abs(one.start_s - words[0].start_s) < 0.15
    assert len(takes_of_file(tmp_path / "many.wav")) == 3


@pytest.mark.parametrize(
    ("sound", "told"),
    [
        (np.zeros(RATE, np.float32), "Too quiet"),
        (np.ones(RATE, np.float32), "clipped"),
        (room(4.0), "no word stands out"),
    ],
)
def test_a_file_without_a_usable_word_says_why(sound: NDArray[np.float32], told: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "bad.wav", sound, RATE, "FLOAT")
    with pytest.raises(ExplorerError, match=told):
        takes_of_file(tmp_path / "bad.wav")


def test_names_are_tidied_or_refused() -> None:
    assert check_name("  good   morning ") == "good morning"
    assert check_name(SHAPES[0]) == "●"
    for bad in ("", "   ", "silence", "Unknown", "x" * 40, "two\x07lines"):
        with pytest.raises(ExplorerError):
            check_name(bad)
    with pytest.raises(ExplorerError, match="already"):
        check_name("Marvin", ["marvin"])
