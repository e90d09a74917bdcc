from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.audio.noise import ASSUMED_SPEECH_DBFS, NOISES, NoiseFader, NoiseKind
from explorer.engine.audio.source import RATE_HZ
from explorer.engine.audio.talker import SPEECH_DBFS, TalkerSource

NOISY: tuple[NoiseKind, ...] = ("babble", "white", "pink", "hum")


@pytest.fixture(scope="module")
def talk() -> tuple[np.ndarray, np.ndarray]:
    """A minute of the talker, and where it speaks, [samples] bool."""
    talker = TalkerSource(paced=False)
    talker.open()
    stream = np.concatenate([b.samples for _ in range(1200) if (b := talker.read(800, 0.0))])
    speaking = np.zeros(len(stream), np.bool_)
    for span in talker.truth(0.0, 60.0):
        speaking[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)] = True
    return stream, speaking


def dbfs(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def mixed(fader: NoiseFader, stream: np.ndarray, block: int = 800) -> np.ndarray:
    return np.concatenate([fader.mix(stream[i : i + block]) for i in range(0, len(stream), block)])


@pytest.mark.parametrize("kind", NOISY)
@pytest.mark.parametrize("snr_db", [20.0, 10.0, 0.0])
def test_the_ratio_measured_is_the_ratio_chosen(
    talk: tuple[np.ndarray, np.ndarray], kind: NoiseKind, snr_db: float
) -> None:
    stream, speaking = talk
    fader = NoiseFader(kind, snr_db)
    fader.speech_dbfs = SPEECH_DBFS
    noise = mixed(fader, stream) - stream
    assert dbfs(stream[speaking]) - dbfs(noise[RATE_HZ:]) == pytest.approx(snr_db, abs=1.0)


@pytest.mark.parametrize("gain_db", [-20.0, 0.0, 10.0])
def test_a_level_nobody_knows_is_found_from_the_sound_itself(
    talk: tuple[np.ndarray, np.ndarray], gain_db: float
) -> None:
    stream, speaking = talk
    stream = np.clip(stream * np.float32(10 ** (gain_db / 20)), -1, 1)
    fader = NoiseFader("pink", 10.0)
    noise = mixed(fader, stream) - stream
    later = slice(10 * RATE_HZ, None)
    assert dbfs(stream[speaking]) - dbfs(noise[later]) == pytest.approx(10.0, abs=3.0)


@pytest.mark.parametrize("room", [0.0, 0.001, 0.1])
def test_a_room_without_speech_leaves_the_estimate_alone(room: float) -> None:
    fader = NoiseFader("white", 20.0)
    assert fader.level_dbfs == ASSUMED_SPEECH_DBFS
    mixed(fader, np.random.default_rng(0).normal(0, room, 20 * RATE_HZ).astype(np.float32))
    assert fader.level_dbfs == ASSUMED_SPEECH_DBFS


def test_off_changes_nothing(talk: tuple[np.ndarray, np.ndarray]) -> None:
    np.testing.assert_array_equal(mixed(NoiseFader(), talk[0]), talk[0])


def test_it_is_moved_while_it_runs_without_a_click() -> None:
    fader, quiet = NoiseFader("hum", 60.0), np.zeros(800, np.float32)
    before = [fader.mix(quiet) for _ in range(20)]
    fader.snr_db = 0.0
    during = fader.mix(quiet)
    after = [fader.mix(quiet) for _ in range(20)]
    fader.kind = "off"
    silent = fader.mix(quiet)
    assert dbfs(np.concatenate(after)) - dbfs(np.concatenate(before)) == pytest.approx(60.0, abs=0.5)
    assert not silent.any()
    steps = np.abs(np.diff(np.concatenate([before[-1], during, after[0]])))
    assert steps.max() <= 1.2 * np.abs(np.diff(np.concatenate(after))).max()


def test_the_sum_stays_within_full_scale() -> None:
    fader = NoiseFader("white", -10.0)
    loud = np.full(8000, 0.9, np.float32)
    out = mixed(fader, loud)
    assert np.abs(out).max() == 1.0
    assert loud.max() == np.float32(0.9)  # the caller's samples are left alone


def test_the_same_seed_gives_the_same_noise() -> None:
    quiet = np.zeros(8000, np.float32)
    first, again, other = (mixed(NoiseFader("pink", 10.0, seed), quiet) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_kind_that_does_not_exist_is_refused_before_it_is_heard() -> None:
    with pytest.raises(ValueError, match=f"one of {', '.join(NOISES)}"):
        NoiseFader().prepare("thunder")  # type: ignore[arg-type]  # that is the point
