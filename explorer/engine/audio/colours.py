"""Colours of noise, and hum: signals whose spectrum is known, as loops without a seam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.engine.audio.source import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

Colour = Literal["white", "pink", "hum"]

LOOP_SAMPLES = 1 << 18
"""Length of a noise loop, 16.4 s: long enough that nobody hears it come back."""

_MAINS_HZ = 50
_LOWEST_PINK_HZ = 40.0


def loop(colour: Colour, seed: int = 0) -> NDArray[np.float32]:
    """Return a loop of noise with root mean square 1.

    White noise has the same power in every hertz; pink noise the same in every octave, so that its power
    per hertz falls as 1/f (here from 40 Hz on, even below); hum is a 50 Hz mains tone with overtones that
    fall off as 1/k.  White and pink are made as a random spectrum, so the end of the loop goes into its
    start without a click.

    Parameters
    ----------
    colour
        Which.
    seed
        Of the random phases.

    Returns
    -------
    samples
        float32 [262144], hum [16000] (a whole number of its periods).

    References
    ----------
    J. Timmer and M. Koenig, "On generating power law noise", Astronomy and Astrophysics 300 (1995).
    """
    random = np.random.default_rng(seed)
    if colour == "hum":
        time = np.arange(RATE_HZ) / RATE_HZ
        wave = sum(np.sin(2 * np.pi * _MAINS_HZ * k * time + random.uniform(0, 2 * np.pi)) / k for k in range(1, 11))
    else:
        spectrum = random.standard_normal((LOOP_SAMPLES // 2 + 1, 2)) @ np.array([1, 1j])
        spectrum[0] = 0.0
        if colour == "pink":
            frequency_hz = np.fft.rfftfreq(LOOP_SAMPLES, 1 / RATE_HZ)
            spectrum /= np.sqrt(np.maximum(frequency_hz, _LOWEST_PINK_HZ))
        wave = np.fft.irfft(spectrum, LOOP_SAMPLES)
    return np.asarray(wave / np.sqrt(np.mean(np.square(wave))), np.float32)


def around(samples: NDArray[np.float32], start: int, n: int) -> NDArray[np.float32]:
    """Return `n` samples of a loop from index `start` on, round and round."""
    return samples[np.arange(start, start + n) % len(samples)]
