"""What the network hears, made audible: its own picture is the given one, and the network recognises it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import FRAMES, RATE_HZ, log_mel, mel_triangles
from explorer.engine.kws.resynthesis import power_of, resynthesize, spectrum_of
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped

N = 24


@pytest.fixture(scope="module")
def spoken() -> tuple[NDArray[np.float32], list[str]]:
    """Give words of the evaluate part, every class in turn, and what they say."""
    part = load_part("evaluate")
    words = [i for i, label in enumerate(part.labels) if label != "silence"]
    chosen = np.random.default_rng(3).permutation(words)[:N]
    return part.samples[chosen].astype(np.float32) / 32768, [part.labels[i] for i in chosen]


def test_the_energies_of_the_spectrum_are_the_given_ones(spoken: tuple[NDArray[np.float32], list[str]]) -> None:
    power = power_of(log_mel(spoken[0][0].astype(np.float64)))
    found = spectrum_of(power) @ mel_triangles()
    loud = power > power.max() * 1e-3
    assert np.median(np.abs(np.log(found[loud] / power[loud]))) < 0.05


def test_the_picture_of_the_sound_is_the_given_picture_and_the_network_recognises_it(
    spoken: tuple[NDArray[np.float32], list[str]],
) -> None:
    network = Executor(shipped("tiny"))
    sounds, words = spoken
    pictures = np.stack([log_mel(sound) for sound in sounds])
    again = np.stack([log_mel(resynthesize(picture)) for picture in pictures])
    assert again.shape == (N, FRAMES, 40)
    for picture, copy in zip(pictures, again, strict=True):
        assert np.corrcoef(picture.ravel(), copy.ravel())[0, 1] > 0.98
    answers = [network.labels[i] for i in network.scores(pictures).argmax(1)]
    heard = [network.labels[i] for i in network.scores(again).argmax(1)]
    assert sum(a == b for a, b in zip(heard, answers, strict=True)) >= 0.9 * N
    right = sum(a == b for a, b in zip(answers, words, strict=True))
    assert sum(a == b for a, b in zip(heard, words, strict=True)) >= right - 0.1 * N


def test_nothing_is_heard_above_what_the_front_end_hears(spoken: tuple[NDArray[np.float32], list[str]]) -> None:
    sound = resynthesize(log_mel(spoken[0][1]))
    energy = np.abs(np.fft.rfft(sound)) ** 2
    above = np.fft.rfftfreq(len(sound), 1 / RATE_HZ) > 4200
    assert energy[above].sum() < 1e-3 * energy.sum()


def test_digital_silence_is_silent_and_a_damaged_picture_is_refused() -> None:
    assert np.abs(resynthesize(log_mel(np.zeros(RATE_HZ)))).max() < 1e-3
    for damaged in (np.zeros((0, 40)), np.zeros((98, 39)), np.full((98, 40), np.nan)):
        with pytest.raises(ExplorerError, match="damaged"):
            resynthesize(damaged)
