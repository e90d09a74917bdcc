"""Pictures to learn from: seconds of sound as log-mel pictures, and a few takes varied into many.

Energies of independent sounds add, so a take can be moved, softened and put into noise on its picture, in numpy and in
milliseconds (`explorer.engine.training.augment` does the same, and more, in torch).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.frontend import (
    BANDS,
    CLIP,
    FRAMES,
    GREY_OFFSET,
    GREY_PER_NEPER,
    HOP,
    POWER_FLOOR,
    grey,
    log_mel,
)

SHIFT_FRAMES = 15
"""How far a word is moved within its second: live, the network sees it anywhere in it."""
NOISY = 0.7
SNR_DB = (5.0, 35.0)
LEVEL_DB = 4.0
_QUIET_FRAME = 7  # the eighth quietest frame of a picture is its background
_LOUD_FRAMES = 10
_BLOCK = 100

Floats = NDArray[np.floating[Any]]


def pictures_of(seconds: Floats) -> NDArray[np.float32]:
    """Return the pictures [n, 98, 40] of seconds of sound [n, 16000], many at once.

    A row of seconds laid end to end is one sound of which every hundredth frame begins a second; the two frames that
    reach into the next second are left out.
    """
    found = np.empty((len(seconds), FRAMES, BANDS), np.float32)
    step = CLIP // HOP
    for at in range(0, len(seconds), _BLOCK):
        block = np.asarray(seconds[at : at + _BLOCK], np.float32)
        frames = log_mel(np.concatenate([block.reshape(-1), np.zeros(CLIP - FRAMES * HOP, np.float32)]))
        rows = np.arange(len(block))[:, None] * step + np.arange(FRAMES)
        found[at : at + len(block)] = frames[rows]
    return found


def energies(picture: Floats) -> Floats:
    """Return band energies of grey pictures: the inverse of the front end's logarithm."""
    return np.asarray(np.exp((picture - GREY_OFFSET) / GREY_PER_NEPER) - POWER_FLOOR)


def moved(picture: Floats, frames: int) -> Floats:
    """Return a picture [98, 40] moved later by `frames` (earlier if negative); its own background moves in."""
    out = np.empty_like(picture)
    out[:] = np.partition(picture, _QUIET_FRAME, axis=0)[_QUIET_FRAME]
    if frames >= 0:
        out[frames:] = picture[: len(picture) - frames]
    else:
        out[:frames] = picture[-frames:]
    return out


def loudness(power: Floats) -> float:
    """Return the energy of the loudest frames of a picture's energies [98, 40]: the level of the word."""
    return float(np.sort(power.sum(1))[-_LOUD_FRAMES:].mean())


def varied(
    pictures: Floats, count: int, noises: Floats, random: np.random.Generator, shift: int = SHIFT_FRAMES
) -> NDArray[np.float32]:
    """Return `count` pictures for each picture: itself, then moved, at another level, most of them in noise.

    Parameters
    ----------
    pictures
        Grey levels [n, 98, 40].
    count
        How many of each.
    noises
        Pictures of noise [m, 98, 40]; without any, none is mixed in.
    random
        Source of all randomness.
    shift
        Largest move, in frames of 10 ms.

    Returns
    -------
    ndarray
        Grey levels [n * count, 98, 40], those of one picture in a row.
    """
    found = np.empty((len(pictures) * count, FRAMES, BANDS), np.float32)
    noise_power = energies(noises) if len(noises) else noises
    for at in range(len(found)):
        picture, turn = pictures[at // count], at % count
        if turn == 0:
            found[at] = picture
            continue
        power = energies(moved(picture, int(random.integers(-shift, shift + 1))))
        if len(noises) and random.random() < NOISY:
            added = noise_power[random.integers(len(noises))]
            ratio = loudness(power) / max(loudness(added), POWER_FLOOR)
            power = power + added * ratio * 10 ** (-random.uniform(*SNR_DB) / 10)
        gain = 10 ** (random.normal() * LEVEL_DB / 10)
        found[at] = grey(np.maximum(power, 0.0) * gain)
    return found
