from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.audio.source import RATE_HZ, SourceState
from explorer.engine.audio.synthetic import SIGNALS, Signal, SyntheticSource


def stream_of(source: SyntheticSource, seconds: float) -> np.ndarray:
    source.open()
    blocks = [source.read(800, 0.0) for _ in range(round(seconds * 20))]
    return np.concatenate([block.samples for block in blocks if block is not None])


def power_between(sound: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequency_hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return float(power[(frequency_hz >= low_hz) & (frequency_hz < high_hz)].sum())


@pytest.mark.parametrize("signal", [signal for signal in SIGNALS if signal not in ("silence", "click")])
def test_each_has_the_level_that_was_asked_for(signal: Signal) -> None:
    sound = stream_of(SyntheticSource(signal, paced=False, level_dbfs=-20.0), 16.0)
    assert sound.dtype == np.float32
    assert 10 * np.log10(np.mean(np.square(sound))) == pytest.approx(-20.0, abs=0.1)
    assert abs(sound.mean()) < 1e-3


def test_a_tone_has_one_frequency_and_never_jumps() -> None:
    sound = stream_of(SyntheticSource("tone", paced=False, frequency_hz=440.0), 25.0)
    assert power_between(sound, 439.9, 440.1) / power_between(sound, 0, 8000) > 0.999


def test_pink_has_the_same_power_in_every_octave_and_white_in_every_hertz() -> None:
    pink = stream_of(SyntheticSource("pink", paced=False), 30.0)
    octaves = [power_between(pink, low, 2 * low) for low in (100, 200, 400, 800, 1600, 3200)]
    np.testing.assert_allclose(10 * np.log10(octaves), 10 * np.log10(octaves[0]), atol=1.0)
    white = stream_of(SyntheticSource("white", paced=False), 30.0)
    bands = [power_between(white, low, low + 1000) for low in range(0, 8000, 1000)]
    np.testing.assert_allclose(10 * np.log10(bands), 10 * np.log10(bands[0]), atol=0.3)


def test_hum_is_mains_and_its_overtones() -> None:
    sound = stream_of(SyntheticSource("hum", paced=False), 10.0)
    lines = sum(power_between(sound, 50 * k - 0.5, 50 * k + 0.5) for k in range(1, 11))
    assert lines / power_between(sound, 0, 8000) > 0.999
    assert power_between(sound, 49.5, 50.5) > power_between(sound, 99.5, 100.5)


def test_a_sweep_rises_by_the_same_part_of_an_octave_every_second() -> None:
    sound = stream_of(SyntheticSource("sweep", paced=False), 8.0)
    loudest = []
    for at_s in (1, 3, 5, 7):
        piece = sound[at_s * RATE_HZ - 400 : at_s * RATE_HZ + 400] * np.hanning(800)
        loudest.append(np.argmax(np.abs(np.fft.rfft(piece, 16_000))))
    expected = [50 * 150 ** (at_s / 8) for at_s in (1, 3, 5, 7)]
    np.testing.assert_allclose(loudest, expected, rtol=0.05, atol=10)


def test_silence_is_exactly_zero_and_a_click_is_one_sample_a_second() -> None:
    assert not stream_of(SyntheticSource("silence", paced=False), 2.0).any()
    clicks = stream_of(SyntheticSource("click", paced=False, level_dbfs=0.0), 3.0)
    assert np.flatnonzero(clicks).tolist() == [0, 16_000, 32_000]
    assert clicks.max() == 1.0


def test_noise_is_the_same_for_a_seed_and_its_loop_has_no_seam() -> None:
    one = stream_of(SyntheticSource("white", paced=False, seed=1), 17.0)
    np.testing.assert_array_equal(one, stream_of(SyntheticSource("white", paced=False, seed=1), 17.0))
    assert not np.array_equal(one, stream_of(SyntheticSource("white", paced=False, seed=2), 17.0))
    pink = stream_of(SyntheticSource("pink", paced=False), 17.0)
    steps = np.abs(np.diff(pink))
    assert steps[262_143] < 5 * steps.mean()


def test_it_ends_after_the_seconds_it_was_given() -> None:
    source = SyntheticSource("tone", paced=False, seconds=0.12)
    assert len(stream_of(source, 1.0)) == 1920
    assert source.ended
    assert source.status().state is SourceState.ENDED


@pytest.mark.parametrize("wrong", [{"frequency_hz": 8000.0}, {"frequency_hz": 0.0}, {"level_dbfs": 1.0}])
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no tone"):
        SyntheticSource("tone", paced=False, **wrong)  # type: ignore[arg-type]  # one of the numbers
    with pytest.raises(ValueError, match="signal is one of"):
        SyntheticSource("song")  # type: ignore[arg-type]  # that is the point


def test_the_meter_shows_the_level_of_a_tone() -> None:
    source = SyntheticSource("tone", paced=False, level_dbfs=-12.0)
    stream_of(source, 2.0)
    status = source.status()
    assert status.level_dbfs == pytest.approx(-12.0, abs=0.1)
    assert status.peak == pytest.approx(10 ** (-12 / 20) * np.sqrt(2), rel=0.01)
    assert status.clipped == 0
    assert "tone" in status.sentence
