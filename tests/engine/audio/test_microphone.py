from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from explorer.engine.audio import devices
from explorer.engine.audio.devices import DeviceName
from explorer.engine.audio.microphone import Microphone
from explorer.engine.audio.source import RATE_HZ, SourceState
from explorer.engine.audio.states import describe
from tests.engine.audio import fake_sounddevice as errors
from tests.engine.audio.fake_sounddevice import drain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.audio.fake_sounddevice import FakeSoundDevice


@pytest.fixture
def microphone(fake: FakeSoundDevice) -> Microphone:
    microphone = Microphone()
    microphone.open()
    return microphone


def state(microphone: Microphone) -> SourceState:
    return microphone.status().state


def test_it_opens_at_16_khz_mono_with_short_blocks_and_the_shortest_delay(
    fake: FakeSoundDevice, microphone: Microphone
) -> None:
    settings = fake.stream.settings
    assert (settings["samplerate"], settings["blocksize"], settings["channels"]) == (RATE_HZ, 160, 1)
    assert (settings["dtype"], settings["latency"], settings["device"]) == ("float32", "low", 0)
    assert state(microphone) is SourceState.OPENING
    fake.speak(0.1)
    status = microphone.status()
    assert status.state is SourceState.LISTENING
    assert status.sentence == "Listening to Desk."
    assert status.action == ""
    assert microphone.live
    assert microphone.truth(0, 10) == ()


def test_it_hands_on_every_sample_once_with_the_time_its_last_one_came(
    fake: FakeSoundDevice, microphone: Microphone
) -> None:
    sound = np.random.default_rng(0).uniform(-1, 1, 4800).astype(np.float32)
    came = []
    for i in range(0, 4800, 160):
        fake.now_s += 0.01
        fake.stream.deliver(sound[i : i + 160], lag_s=0.02)
        came.append(fake.now_s)
    first, second = microphone.read(800, 0.0), microphone.read(1000, 0.0)
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(np.concatenate([first.samples, second.samples]), sound[:1800])
    assert (first.end_index, second.end_index) == (800, 1800)
    assert (first.arrived_s, second.arrived_s) == (came[4], came[11])
    # on the stream's clock: the block began 0.02 s before it came
    assert first.device_s == pytest.approx(came[4] - fake.origin_s - 0.02 + 159 / RATE_HZ)
    assert second.device_s == pytest.approx(came[11] - fake.origin_s - 0.02 + 39 / RATE_HZ)
    assert microphone.read(3001, 0.0) is None
    assert microphone.status().lag_ms == pytest.approx(20.0)


def test_a_waiting_reader_gets_the_samples_when_they_come(fake: FakeSoundDevice, microphone: Microphone) -> None:
    got: list[Any] = []
    reader = threading.Thread(target=lambda: got.append(microphone.read(800, 5.0)))
    reader.start()
    fake.speak(0.05)
    reader.join(5.0)
    assert not reader.is_alive()
    assert got[0] is not None
    assert microphone.read(800, 0.01) is None


def test_no_portaudio(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(devices, "_problem", None)
    microphone = Microphone()
    microphone.open()
    status = microphone.status()
    assert status.state is SourceState.NO_PORTAUDIO
    assert "PortAudio library not found" in status.sentence
    assert "nstall" in status.action
    assert microphone.read(800, 0.0) is None
    microphone.close()


def test_no_device(fake: FakeSoundDevice) -> None:
    fake.listed = []
    microphone = Microphone()
    microphone.open()
    assert state(microphone) is SourceState.NO_DEVICE
    assert microphone.read(800, 0.0) is None
    assert not fake.attempts


def test_a_chosen_device_that_is_not_there_is_waited_for_and_no_other_taken(fake: FakeSoundDevice) -> None:
    microphone = Microphone(DeviceName("USB", "ALSA"))
    microphone.open()
    status = microphone.status()
    assert status.state is SourceState.LOST
    assert "USB" in status.sentence
    assert not fake.attempts


@pytest.mark.parametrize(
    ("error", "expected", "words"),
    [
        (errors.UNAVAILABLE, SourceState.BUSY, "taken by another program"),
        (errors.PERMISSION, SourceState.REFUSED, "does not let this program"),
        (errors.IO_ERROR, SourceState.LOST, "not connected"),
        (("Something else", -9990), SourceState.FAILED, "Something else"),
    ],
)
def test_a_device_that_does_not_open_says_why_and_what_to_do(
    fake: FakeSoundDevice, error: tuple[Any, ...], expected: SourceState, words: str
) -> None:
    fake.refuses = lambda settings: error
    microphone = Microphone()
    microphone.open()
    status = microphone.status()
    assert status.state is expected
    assert "Desk" in status.sentence
    assert words in status.sentence
    assert status.action
    assert microphone.read(800, 0.0) is None
    microphone.close()
    assert state(microphone) is SourceState.CLOSED


def test_when_the_shortest_delay_is_refused_a_longer_one_is_taken(fake: FakeSoundDevice) -> None:
    fake.refuses = lambda settings: ("Internal error", -9986) if settings["latency"] == "low" else None
    microphone = Microphone()
    microphone.open()
    assert (fake.stream.settings["samplerate"], fake.stream.settings["latency"]) == (RATE_HZ, "high")


@pytest.mark.parametrize(("rate_hz", "delay_s"), [(48_000, 0.1), (44_100, 0.1), (8_000, 0.2)])
def test_a_device_of_another_rate_is_resampled_and_a_tone_keeps_its_pitch(
    fake: FakeSoundDevice, rate_hz: int, delay_s: float
) -> None:
    fake.plug("Desk", rate_hz=rate_hz)
    fake.listed = fake.plugged
    fake.refuses = lambda settings: errors.INVALID_RATE if settings["samplerate"] != rate_hz else None
    microphone = Microphone()
    microphone.open()
    assert fake.stream.settings["blocksize"] == rate_hz // 100
    n = 200 * (rate_hz // 100)
    tone = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(n) / rate_hz)).astype(np.float32)
    heard = []
    for i in range(0, n, rate_hz // 100):
        fake.now_s += 0.01
        fake.stream.deliver(tone[i : i + rate_hz // 100])
        block = microphone.read(800, 0.0)
        if block is not None:
            heard.append(block.samples)
            # time is that of the sound itself: the delay of the filter counts as delay
            assert block.arrived_s == pytest.approx(1000.0 + block.end_index / RATE_HZ, abs=0.0101)
            assert fake.now_s - block.arrived_s < delay_s
    sound = np.concatenate(heard)
    assert len(sound) > 1.8 * RATE_HZ
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(sound)) / RATE_HZ)
    np.testing.assert_allclose(sound[1000:], expected[1000:], atol=5e-3)
    fake.speak(1.5, block=rate_hz // 100)
    drain(microphone)
    assert microphone.status().lost_samples == 0


def test_a_device_with_two_channels_only_gives_its_first(fake: FakeSoundDevice) -> None:
    fake.refuses = lambda settings: errors.INVALID_CHANNELS if settings["channels"] == 1 else None
    microphone = Microphone()
    microphone.open()
    assert fake.stream.settings["channels"] == 2
    left = np.linspace(-1, 1, 800, dtype=np.float32)
    fake.stream.deliver(np.stack([left, np.ones(800, np.float32)], axis=1))
    block = microphone.read(800, 0.0)
    assert block is not None
    np.testing.assert_array_equal(block.samples, left)


def test_wasapi_is_asked_to_convert(fake: FakeSoundDevice) -> None:
    fake.apis = ["Windows WASAPI"]
    microphone = Microphone()
    microphone.open()
    assert fake.stream.settings["extra_settings"] == {"auto_convert": True}


def test_a_second_of_zeros_is_a_muted_device_until_sound_comes(fake: FakeSoundDevice, microphone: Microphone) -> None:
    fake.speak(0.9, value=0.0)
    assert state(microphone) is SourceState.LISTENING
    fake.speak(0.2, value=0.0)
    status = microphone.status()
    assert status.state is SourceState.ALL_ZERO
    assert "Desk" in status.sentence
    assert "nmute" in status.action
    fake.speak(0.01, value=1e-5)
    assert state(microphone) is SourceState.LISTENING


def test_macos_says_where_a_withheld_sound_is_allowed() -> None:
    assert "Privacy" in describe(SourceState.ALL_ZERO, "Desk", platform="darwin")[1]
    assert "Privacy" in describe(SourceState.REFUSED, "Desk", platform="win32")[1]
    assert "apt-get install" in describe(SourceState.NO_PORTAUDIO, "Desk", platform="linux")[1]


@pytest.mark.parametrize("case", SourceState)
def test_every_state_has_a_sentence_and_every_fault_an_action(case: SourceState) -> None:
    sentence, action = describe(case, "Desk")
    assert sentence.endswith(".")
    harmless = {SourceState.CLOSED, SourceState.OPENING, SourceState.LISTENING, SourceState.ENDED}
    assert bool(action) is (case not in harmless)


def test_a_device_that_falls_silent_is_stalled_and_goes_on_by_itself(
    fake: FakeSoundDevice, microphone: Microphone
) -> None:
    fake.speak(2.0)
    fake.now_s += 0.9
    assert state(microphone) is SourceState.LISTENING
    fake.now_s += 0.2
    status = microphone.status()
    assert status.state is SourceState.STALLED
    assert "Desk" in status.sentence
    fake.speak(2.0)
    assert state(microphone) is SourceState.LISTENING
    drain(microphone)
    assert microphone.status().lost_samples == 0


def test_a_device_that_never_begins_is_stalled_too(fake: FakeSoundDevice, microphone: Microphone) -> None:
    fake.now_s += 1.1
    assert state(microphone) is SourceState.STALLED


def test_unplugged_and_opened_again_it_goes_on_counting(fake: FakeSoundDevice, microphone: Microphone) -> None:
    fake.speak(1.0)
    assert len(drain(microphone)) == RATE_HZ
    fake.stream.vanish()
    assert state(microphone) is SourceState.LOST
    microphone.reopen()
    assert fake.streams[0].calls == ["start", "abort", "close"]
    fake.speak(0.05)
    block = microphone.read(800, 0.0)
    assert block is not None
    assert block.end_index == RATE_HZ + 800
    assert state(microphone) is SourceState.LISTENING


def test_blocks_that_got_lost_are_counted_without_a_flag(fake: FakeSoundDevice, microphone: Microphone) -> None:
    fake.speak(2.0)
    fake.now_s += 0.25  # 4,000 samples that nobody delivers
    fake.speak(2.0)
    drain(microphone)
    assert microphone.status().lost_samples == pytest.approx(4000, abs=20)
    microphone.reopen()  # what was lost stays lost
    assert microphone.status().lost_samples == pytest.approx(4000, abs=20)


def test_a_starved_callback_shows_as_late_blocks_and_lag_and_loses_nothing(
    fake: FakeSoundDevice, microphone: Microphone
) -> None:
    fake.speak(2.0)
    lag_s = 0.01
    for _ in range(100):  # a block of 10 ms takes 20 ms to get through
        fake.now_s += 0.02
        lag_s += 0.01
        fake.stream.deliver(np.full(160, 0.1, np.float32), lag_s)
    drain(microphone)
    status = microphone.status()
    assert status.lag_ms == pytest.approx(1010.0)
    assert status.late_blocks > 90
    assert status.lost_samples == 0
    for _ in range(300):  # and the backlog drains
        lag_s = max(0.01, lag_s - 0.005)
        fake.now_s += 0.005 if lag_s > 0.01 else 0.01
        fake.stream.deliver(np.full(160, 0.1, np.float32), lag_s)
    drain(microphone)
    assert microphone.status().lost_samples == 0
    assert microphone.status().lag_ms == pytest.approx(10.0)


def test_a_reader_who_was_away_longer_than_the_ring_is_deep_is_told_what_is_gone(
    fake: FakeSoundDevice, microphone: Microphone
) -> None:
    fake.speak(25.0)
    sound = drain(microphone)
    assert len(sound) + microphone.status().lost_samples == 25 * RATE_HZ
    assert microphone.status().lost_samples > 0


def test_level_peak_and_clipping(fake: FakeSoundDevice, microphone: Microphone) -> None:
    fake.speak(1.0, value=0.1)
    drain(microphone)
    status = microphone.status()
    assert status.level_dbfs == pytest.approx(-20.0, abs=0.1)
    assert status.peak == pytest.approx(0.1)
    assert status.clipped == 0
    fake.speak(0.05, value=-1.0)
    drain(microphone)
    assert microphone.status().clipped == 800
    assert microphone.status().peak == 1.0


def test_opening_twice_is_one_stream_and_closing_twice_is_no_error(
    fake: FakeSoundDevice, microphone: Microphone
) -> None:
    microphone.open()
    assert len(fake.streams) == 1
    microphone.close()
    microphone.close()
    assert fake.stream.calls == ["start", "abort", "close"]
    assert state(microphone) is SourceState.CLOSED
    assert microphone.read(800, 0.0) is None


def test_a_stream_that_opens_and_does_not_start_is_closed(fake: FakeSoundDevice, monkeypatch: Any) -> None:
    def start(stream: errors.FakeStream) -> None:
        raise errors.FakePortAudioError(*errors.UNAVAILABLE)

    monkeypatch.setattr(errors.FakeStream, "start", start)
    microphone = Microphone()
    microphone.open()
    assert state(microphone) is SourceState.BUSY
    assert not any(stream.open for stream in fake.streams)
    assert devices.refresh()
