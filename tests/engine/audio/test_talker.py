from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.audio.source import RATE_HZ, SourceState, Span
from explorer.engine.audio.talker import ROOM_DBFS, SPEECH_DBFS, TalkerSource
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.labels import KEYWORDS

if TYPE_CHECKING:
    from tests.engine.audio.fake_sounddevice import FakeSoundDevice

WORDS = ("yes", "no", "left", "dog", "hum")


@dataclass(frozen=True)
class Bursts:
    """Clips whose words are bursts of noise of different loudness between two known moments; one is silence."""

    labels: tuple[str, ...] = ("yes", "no", "left", "unknown", "silence")
    words: tuple[str, ...] = WORDS
    start_s: np.ndarray = field(default_factory=lambda: np.array([0.2, 0.3, 0.0, 0.4, 0.0]))
    end_s: np.ndarray = field(default_factory=lambda: np.array([0.6, 0.5, 1.0, 0.8, 0.0]))

    @property
    def samples(self) -> np.ndarray:
        random = np.random.default_rng(5)
        sound = np.zeros((len(self.words), RATE_HZ), np.int16)
        for i, (start, end) in enumerate(zip(self.start_s, self.end_s, strict=True)):
            n = round((end - start) * RATE_HZ)
            sound[i, round(start * RATE_HZ) :][:n] = random.normal(0, 200 * 3**i, n)
        return sound


def dbfs(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def listen(talker: TalkerSource, seconds: float, block: int = 800) -> np.ndarray:
    blocks = []
    for _ in range(round(seconds * RATE_HZ / block)):
        taken = talker.read(block, 0.0)
        assert taken is not None
        blocks.append(taken.samples)
    return np.concatenate(blocks)


def sound_of(span: Span, stream: np.ndarray) -> np.ndarray:
    return stream[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)]


def test_the_truth_is_where_the_energy_is() -> None:
    talker = TalkerSource(Bursts(), paced=False)
    talker.open()
    stream = listen(talker, 60.0)
    spans = talker.truth(0.0, 58.0)
    assert len(spans) > 15
    for span in spans:
        assert dbfs(sound_of(span, stream)) == pytest.approx(SPEECH_DBFS, abs=0.1)
        # quiet up to the word, and after it (bursts that fill their clip fade for 5 ms at both ends)
        before = stream[round((span.start_s - 0.3) * RATE_HZ) : round((span.start_s - 0.001) * RATE_HZ)]
        after = stream[round((span.end_s + 0.001) * RATE_HZ) : round((span.end_s + 0.3) * RATE_HZ)]
        assert dbfs(before) == pytest.approx(ROOM_DBFS, abs=3.0)
        assert dbfs(after) == pytest.approx(ROOM_DBFS, abs=3.0)


def test_bundled_words_lie_where_the_truth_says() -> None:
    talker = TalkerSource(paced=False)
    talker.open()
    stream = listen(talker, 120.0)
    for span in talker.truth(0.0, 118.0):
        assert dbfs(sound_of(span, stream)) == pytest.approx(SPEECH_DBFS, abs=0.5)
        around = stream[round((span.start_s - 0.5) * RATE_HZ) : round((span.end_s + 0.5) * RATE_HZ)]
        inside = np.square(sound_of(span, stream)).sum() / np.square(around).sum()
        assert inside > 0.95, span


def test_it_says_keywords_and_other_words_by_voices_no_network_was_trained_on() -> None:
    talker = TalkerSource(paced=False)
    talker.open()
    listen(talker, 400.0)
    spans = talker.truth(0.0, 400.0)
    assert set(KEYWORDS) <= {span.word for span in spans}
    unknown = {span.word for span in spans if span.label == "unknown"}
    assert unknown
    assert not unknown & set(KEYWORDS)
    assert {span.label for span in spans} == {*KEYWORDS, "unknown"}
    calibrate, train, evaluate = load_part("calibrate"), load_part("train"), load_part("evaluate")
    assert {span.word for span in spans} <= set(calibrate.words)
    assert not {*calibrate.speakers} & {*train.speakers, *evaluate.speakers} - {"-"}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100), sizes=st.lists(st.integers(1, 30_000), min_size=1, max_size=30))
def test_the_same_seed_says_the_same_however_it_is_read(seed: int, sizes: list[int]) -> None:
    pieces, at_once = TalkerSource(Bursts(), seed, paced=False), TalkerSource(Bursts(), seed, paced=False)
    pieces.open()
    at_once.open()
    stream = np.concatenate([block.samples for n in sizes if (block := pieces.read(n, 0.0))])
    whole = at_once.read(sum(sizes), 0.0)
    assert whole is not None
    np.testing.assert_array_equal(stream, whole.samples)
    assert pieces.truth(0, 1e9) == at_once.truth(0, 1e9)


def test_pauses_lie_within_the_gap_and_another_seed_says_something_else() -> None:
    orders = []
    for seed in (0, 1):
        talker = TalkerSource(Bursts(), seed, gap_s=(0.5, 0.9), paced=False)
        talker.open()
        listen(talker, 60.0)
        spans = talker.truth(0.0, 60.0)
        gaps = [later.start_s - earlier.end_s for earlier, later in itertools.pairwise(spans)]
        assert min(gaps) >= 0.47 - 1e-9  # a clip that begins with its word has no lead
        assert max(gaps) <= 0.9 + 1e-9
        assert max(gaps) - min(gaps) > 0.1
        orders.append([span.word for span in spans])
    assert orders[0] != orders[1]


def test_without_repeat_every_word_is_said_once_and_the_end_is_quiet() -> None:
    talker = TalkerSource(Bursts(), paced=False, repeat=False)
    talker.open()
    blocks = []
    while not talker.ended:
        block = talker.read(800, 0.0)
        if block is not None:
            blocks.append(block.samples)
    stream = np.concatenate(blocks)
    spans = talker.truth(0.0, 1e9)
    assert sorted(span.word for span in spans) == ["dog", "left", "no", "yes"]
    assert len(stream) / RATE_HZ == pytest.approx(spans[-1].end_s + 1.5, abs=1e-3)
    assert dbfs(stream[-RATE_HZ:]) == pytest.approx(ROOM_DBFS, abs=3.0)
    assert talker.status().state is SourceState.ENDED


def test_a_word_asked_for_in_a_pause_is_said_at_once() -> None:
    talker = TalkerSource(Bursts(), gap_s=(5.0, 5.0), paced=False)
    talker.open()
    listen(talker, 1.0)
    talker.say("no")
    stream = listen(talker, 1.0)
    (span,) = talker.truth(0.0, 2.0)
    assert span.word == span.label == "no"
    assert 1.0 <= span.start_s <= 1.05
    assert dbfs(sound_of(Span("", span.start_s - 1.0, span.end_s - 1.0, ""), stream)) > SPEECH_DBFS - 0.5


def test_words_asked_for_while_one_is_said_follow_it_in_order_without_overlap() -> None:
    talker = TalkerSource(Bursts(), gap_s=(3.0, 3.0), paced=False)
    talker.open()
    for word in ("left", "yes", "dog"):
        talker.say(word)
    listen(talker, 4.0)
    spans = talker.truth(0.0, 3.5)
    assert [span.word for span in spans] == ["left", "yes", "dog"]
    for earlier, later in itertools.pairwise(spans):
        assert 0.1 <= later.start_s - earlier.end_s <= 0.2


def test_of_a_hundred_words_asked_for_at_once_the_last_ones_are_said() -> None:
    talker = TalkerSource(Bursts(), paced=False, gap_s=(100.0, 100.0))
    talker.open()
    for _ in range(100):
        talker.say("no")
    talker.say("yes")
    listen(talker, 20.0)
    said = [span.word for span in talker.truth(0.0, 20.0)]
    assert said[-1] == "yes"
    assert said.count("no") < 10


def test_asking_does_not_change_what_comes_by_itself() -> None:
    undisturbed, asked = TalkerSource(Bursts(), 3, paced=False), TalkerSource(Bursts(), 3, paced=False)
    undisturbed.open()
    asked.open()
    asked.say("yes")
    listen(undisturbed, 60.0)
    listen(asked, 60.0)
    order = [span.word for span in undisturbed.truth(0, 60)]
    with_request = [span.word for span in asked.truth(0, 60)]
    assert with_request[0] == "yes"
    assert with_request[1:][:15] == order[:15]


def test_a_finished_talker_can_be_asked_before_its_last_pause_is_over() -> None:
    talker = TalkerSource(Bursts(), paced=False, repeat=False)
    talker.open()
    while len(talker.truth(0, 1e9)) < 4:
        talker.read(800, 0.0)
    talker.say("yes")
    while not talker.ended:
        talker.read(800, 0.0)
    assert [span.word for span in talker.truth(0, 1e9)][-1] == "yes"


def test_what_it_cannot_say_is_refused_with_what_it_can() -> None:
    talker = TalkerSource(Bursts())
    assert talker.words == ("dog", "left", "no", "yes")
    with pytest.raises(ExplorerError, match=r"no recording of “marvin”: it knows dog, left, no, yes\."):
        talker.say("marvin")
    with pytest.raises(ExplorerError, match="no word to say"):
        TalkerSource(Bursts(labels=("silence",) * 5))


def test_truth_is_asked_by_stretch() -> None:
    talker = TalkerSource(Bursts(), paced=False)
    talker.open()
    listen(talker, 30.0)
    first, second = talker.truth(0.0, 30.0)[:2]
    assert talker.truth(first.start_s, first.end_s) == (first,)
    assert talker.truth(first.end_s - 0.01, second.start_s + 0.01) == (first, second)
    assert talker.truth(first.end_s + 0.01, second.start_s - 0.01) == ()


def test_it_is_heard_on_request_and_silent_when_closed(fake: FakeSoundDevice) -> None:
    fake.listed[0]["max_output_channels"] = 2
    talker = TalkerSource(Bursts(), gap_s=(0.1, 0.2))
    talker.open()
    assert not fake.streams
    talker.heard = True
    block = talker.read(3200, 1.0)
    assert block is not None
    np.testing.assert_array_equal(fake.stream.play(3200), block.samples)
    talker.close()
    assert not talker.heard
    assert not fake.stream.open


def test_without_a_loudspeaker_it_goes_on_and_says_so(fake: FakeSoundDevice) -> None:
    talker = TalkerSource(Bursts())
    talker.open()
    talker.heard = True
    assert talker.read(800, 1.0) is not None
    assert talker.speaker is not None
    assert not talker.speaker.status().works
    assert "No loudspeaker" in talker.speaker.status().sentence
    talker.close()
