from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from explorer.engine.audio.source import RATE_HZ
from explorer.engine.audio.speaker import Speaker
from tests.engine.audio import fake_sounddevice as errors

if TYPE_CHECKING:
    from tests.engine.audio.fake_sounddevice import FakeSoundDevice


@pytest.fixture
def loud(fake: FakeSoundDevice) -> FakeSoundDevice:
    fake.listed[0].update(max_output_channels=2)
    return fake


def test_what_is_pushed_is_played_in_order_and_then_there_is_silence(loud: FakeSoundDevice) -> None:
    speaker = Speaker()
    speaker.open()
    assert speaker.status().works
    sound = np.random.default_rng(0).uniform(-1, 1, 5000).astype(np.float32)
    speaker.push(sound[:3000])
    speaker.push(sound[3000:])
    assert speaker.pending_s == pytest.approx(5000 / RATE_HZ)
    played = np.concatenate([loud.stream.play(700) for _ in range(10)])
    np.testing.assert_array_equal(played[:5000], sound)
    assert not played[5000:].any()
    assert speaker.pending_s == 0.0
    speaker.close()
    speaker.close()
    assert not speaker.status().works
    assert loud.stream.calls == ["start", "abort", "close"]


def test_after_running_dry_it_waits_for_a_head_start(loud: FakeSoundDevice) -> None:
    speaker = Speaker()
    speaker.open()
    speaker.push(np.ones(800, np.float32))
    assert not loud.stream.play(160).any()
    speaker.push(np.ones(800, np.float32))
    assert loud.stream.play(160).all()


def test_an_output_of_another_rate_gets_resampled_sound(loud: FakeSoundDevice) -> None:
    loud.refuses = lambda settings: errors.INVALID_RATE if settings["samplerate"] == RATE_HZ else None
    speaker = Speaker()
    speaker.open()
    assert loud.stream.settings["samplerate"] == 48_000
    tone = (0.5 * np.sin(2 * np.pi * 500 * np.arange(RATE_HZ) / RATE_HZ)).astype(np.float32)
    speaker.push(tone)
    assert speaker.pending_s == pytest.approx(1.0, abs=0.05)
    played = loud.stream.play(40_000)
    np.testing.assert_allclose(played, 0.5 * np.sin(2 * np.pi * 500 * np.arange(40_000) / 48_000), atol=0.01)


@pytest.mark.parametrize("case", ["no device", "refused", "unplugged", "closed"])
def test_without_a_loudspeaker_it_says_so_and_takes_the_sound_anyway(loud: FakeSoundDevice, case: str) -> None:
    speaker = Speaker()
    if case == "no device":
        loud.listed = []
    if case == "refused":
        loud.refuses = lambda settings: errors.UNAVAILABLE
    if case != "closed":
        speaker.open()
    if case == "unplugged":
        loud.stream.vanish()
    status = speaker.status()
    assert not status.works
    assert status.sentence.endswith(".")
    speaker.push(np.zeros(800, np.float32))
    assert speaker.pending_s == 0.0
    speaker.close()


def test_more_than_it_can_hold_drops_the_oldest_and_goes_on(loud: FakeSoundDevice) -> None:
    speaker = Speaker()
    speaker.open()
    for i in range(30):
        speaker.push(np.full(RATE_HZ, i, np.float32))
    assert loud.stream.play(160)[0] == 25.0
