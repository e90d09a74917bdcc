"""A language of tones: each keyword is a pitch, and a network that knows them without being trained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.frontend import mel_triangles
from explorer.engine.kws.labels import KEYWORDS, LABELS, SILENCE

RATE_HZ = 16_000
BANDS = tuple(range(4, 4 + 3 * len(KEYWORDS), 3))


def pitch_hz(word: str) -> float:
    """The frequency that a word is: the middle of its band."""
    band = BANDS[KEYWORDS.index(word)]
    return float(mel_triangles()[:, band].argmax() * RATE_HZ / 512)


def tone(word: str, seconds: float = 0.4, level: float = 0.1) -> NDArray[np.float32]:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(level * np.sin(2 * np.pi * pitch_hz(word) * time), np.float32)


def stream(words: dict[float, str], seconds: float, room: float = 1e-4, seed: int = 0) -> NDArray[np.float32]:
    """Words by the second they begin at, in a little white noise."""
    samples = np.random.default_rng(seed).normal(0.0, room, round(seconds * RATE_HZ)).astype(np.float32)
    for start_s, word in words.items():
        sound = tone(word)
        at = round(start_s * RATE_HZ)
        samples[at : at + len(sound)] += sound
    return samples


class ToneNetwork:
    """Sure of a word once 300 ms of its tone are in the picture, as long as they are."""

    labels: tuple[str, ...] = LABELS

    def __init__(self) -> None:
        self.runs = 0

    def scores(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        self.runs += len(pictures)
        level = pictures[:, :, BANDS]
        loud = (level > 100.0) & (level >= pictures.max(2, keepdims=True) - 1.0)
        frames = loud.sum(1)  # [n, keywords]
        scores = np.zeros((len(pictures), len(LABELS)), np.float32)
        for row, counts in zip(scores, frames, strict=True):
            word = int(counts.argmax())
            sure = 0.9 if counts[word] >= 30 else 0.0
            row[LABELS.index(KEYWORDS[word])] = sure
            row[LABELS.index(SILENCE)] = 1.0 - sure
        return scores
