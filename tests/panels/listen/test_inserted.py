"""Recorded words put into another source."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.audio.synthetic import SyntheticSource
from explorer.engine.errors import ExplorerError
from explorer.panels.listen.inserted import InsertedSource, recorded_voice


def hum() -> InsertedSource:
    source = InsertedSource(SyntheticSource("hum", paced=False), recorded_voice())
    source.open()
    return source


def read(source: InsertedSource, blocks: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    found = [source.read(800, 0.1) for _ in range(blocks)]
    return np.concatenate([block.samples for block in found if block is not None])


def test_without_a_request_every_sample_passes() -> None:
    plain = SyntheticSource("hum", paced=False)
    plain.open()
    wanted = np.concatenate([block.samples for _ in range(20) if (block := plain.read(800, 0.1)) is not None])
    np.testing.assert_array_equal(read(hum(), 20), wanted)


def test_a_word_stands_in_the_place_of_the_source_and_then_the_source_goes_on() -> None:
    source, untouched = hum(), hum()
    read(source, 5)
    source.say("left")
    sound = read(source, 60)
    wanted = read(untouched, 65)[5 * 800 :]
    (span,) = source.inserted
    assert (span.word, span.label) == ("left", "left")
    begin, end = round(span.start_s * 16_000) - 5 * 800, round(span.end_s * 16_000) - 5 * 800
    assert 0 <= begin < end < len(sound)
    assert np.abs(sound[begin:end]).max() > 0.05
    assert not np.allclose(sound[begin:end], wanted[begin:end])
    np.testing.assert_array_equal(sound[-800:], wanted[-800:])  # nothing was lost or shifted


def test_each_request_is_said_once() -> None:
    source = hum()
    for word in ("go", "stop", "go"):
        source.say(word)
    read(source, 200)
    assert [span.word for span in source.inserted] == ["go", "stop", "go"]


def test_inserted_words_are_no_truth_about_the_stream() -> None:
    source = hum()
    source.say("yes")
    read(source, 60)
    assert source.truth(0.0, 100.0) == ()


def test_a_word_nobody_recorded_is_refused() -> None:
    with pytest.raises(ExplorerError, match="no recording of “zebra”"):
        hum().say("zebra")


def test_held_shut_it_gives_silence_and_a_word_is_still_heard() -> None:
    source = hum()
    source.hold_to_talk = True
    assert not read(source, 4).any()
    source.say("no")
    assert read(source, 40).any()
    source.hold(True)
    assert read(source, 1).any()


def test_a_device_that_gives_nothing_does_not_silence_the_recorded_voice() -> None:
    class Dead(SyntheticSource):
        def read(self, n: int, timeout_s: float) -> None:
            return None

    source = InsertedSource(Dead("silence", paced=False), recorded_voice())
    assert source.read(800, 0.01) is None
    source.say("up")
    assert read(source, 40).any()
