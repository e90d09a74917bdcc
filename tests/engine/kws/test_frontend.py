from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.kws.frontend import (
    BANDS,
    CLIP,
    FRAMES,
    StreamingFrontEnd,
    grey,
    log_mel,
    mel_power,
    mel_triangles,
    network_input,
)


def sound(kind: str, seed: int, n: int = CLIP) -> np.ndarray:
    random = np.random.default_rng(seed)
    time = np.arange(n) / 16_000
    if kind == "noise":
        return random.normal(0, 0.1, n)
    if kind == "tone":
        return 0.3 * np.sin(2 * np.pi * random.uniform(50, 3900) * time)
    chirp = 0.2 * np.sin(2 * np.pi * (100 * time + 1500 * time**2))
    return chirp * (np.sin(2 * np.pi * 3 * time) > 0) + random.normal(0, 1e-3, n)


@pytest.mark.parametrize("kind", ["noise", "tone", "bursts"])
@pytest.mark.parametrize("seed", [0, 1])
def test_band_energies_are_those_of_librosa(kind: str, seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import librosa
    samples = sound(kind, seed)
    theirs = librosa.feature.melspectrogram(
        y=np.pad(samples, 16),  # the window of 480 stands in the middle of the transform of 512
        sr=16_000,
        n_fft=512,
        win_length=480,
        hop_length=160,
        fmin=0,
        fmax=4000,
        power=2,
        htk=True,
        norm=None,
        center=False,
        n_mels=40,
        dtype=np.float64,
    ).T
    ours = mel_power(samples)
    assert ours.shape == theirs.shape == (98, 40)
    # relative to the loudest of the frame: a band 100 dB below it is rounding noise in both
    assert np.abs(ours - theirs).max(1) == pytest.approx(np.zeros(98), abs=1e-5 * theirs.max())
    loud = theirs > 1e-7 * theirs.max(1, keepdims=True)
    assert ours[loud] == pytest.approx(theirs[loud], rel=1e-5)


@given(
    sizes=st.lists(st.one_of(st.integers(1, 700), st.integers(1, 20_000)), min_size=1, max_size=30),
    kind=st.sampled_from(["noise", "tone", "bursts"]),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=60)
def test_a_stream_in_blocks_of_any_size_gives_the_frames_of_the_whole(sizes: list[int], kind: str, seed: int) -> None:
    samples = sound(kind, seed, sum(sizes)).astype(np.float32)
    stream = StreamingFrontEnd()
    at, frames = 0, []
    for size in sizes:
        frames.append(stream.push(samples[at : at + size]))
        at += size
    got = np.concatenate(frames)
    whole = log_mel(samples) if len(samples) >= 480 else np.empty((0, BANDS))
    assert stream.frames_done == len(whole)
    assert got == pytest.approx(whole, abs=1e-4)
    # the picture: the newest 98 frames, after digital silence
    silence = np.full((FRAMES, BANDS), grey(np.zeros(1))[0])
    assert stream.picture == pytest.approx(np.concatenate([silence, whole])[-FRAMES:], abs=1e-4)


def test_the_picture_of_a_second_is_that_of_the_second_alone() -> None:
    samples = sound("bursts", 3, 3 * CLIP).astype(np.float32)
    stream = StreamingFrontEnd()
    for at in range(0, len(samples), 800):
        stream.push(samples[at : at + 800])
        if at + 800 >= CLIP:
            assert stream.picture == pytest.approx(log_mel(samples[at + 800 - CLIP : at + 800]), abs=1e-4)


def test_a_tone_lights_the_band_it_lies_in() -> None:
    centres_hz = mel_triangles().argmax(0) * 16_000 / 512
    time = np.arange(CLIP) / 16_000
    for band in (5, 15, 25, 35):
        picture = log_mel(0.3 * np.sin(2 * np.pi * centres_hz[band] * time))
        assert abs(int(picture[50].argmax()) - band) <= 1


def test_golden_numbers() -> None:
    # ln(5e-7) = -14.5087: digital silence is 146.55 - 145.09 = 1.46
    assert log_mel(np.zeros(CLIP)) == pytest.approx(np.full((98, 40), 1.4634), abs=1e-3)
    # corners at 0, 69.46, 145.8 Hz ...: the first triangle covers the bins of 31.25, 62.5, 93.75 and 125 Hz
    first = mel_triangles()[:6, 0]
    step = 1127 * np.log1p(4000 / 700) / 41
    corners = 700 * np.expm1(step * np.arange(3) / 1127)
    assert first[1] == pytest.approx(31.25 / corners[1])
    assert np.flatnonzero(mel_triangles()[:, 0]).tolist() == [
        k for k in range(1, 6) if 31.25 * k < corners[2]
    ]
    # an impulse of height 1 in the middle of a window: flat power of hann(240) = 1, so each band is its triangle's sum
    impulse = np.zeros(480)
    impulse[240] = 1.0
    assert mel_power(impulse)[0] == pytest.approx(mel_triangles().sum(0))
    assert grey(np.array([1.0, 1e9])) == pytest.approx([146.55, 255.0], abs=1e-4)
    assert network_input(np.array([128.0, 192.0, 64.0])).tolist() == [0.0, 1.0, -1.0]
