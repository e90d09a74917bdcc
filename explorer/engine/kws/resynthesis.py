"""Resynthesis: a sound whose log-mel picture is a given one, so that a person can hear what the network hears.

A picture keeps 40 band energies every 10 ms and neither phase nor fine structure, so many sounds have the same one.
The sound made here is found by the Griffin-Lim iteration, not by a bank of noises or sines, because its own picture
then agrees with the given one almost exactly (a noise bank's energies fluctuate, and a quantized picture could not be
told from the noise): what is heard is what the network got, and what is missing is what the front end left out.

1. Band energies are spread over the FFT's bins by non-negative least squares with multiplicative updates (Lee and Seung
   2001, "Algorithms for non-negative matrix factorization"), the filter bank being fixed.
2. Phases are found by going to and fro between sound and spectrum (Griffin and Lim 1984, "Signal estimation from
   modified short-time Fourier transform", with the acceleration of Perraudin, Balazs and Sondergaard 2013).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import (
    BANDS,
    FFT,
    FRAME,
    GREY_OFFSET,
    GREY_PER_NEPER,
    HIGHEST_HZ,
    HOP,
    POWER_FLOOR,
    RATE_HZ,
    frames_of,
    hann,
    mel_triangles,
)

_SPREADING = 30
_PHASES = 30
_MOMENTUM = 0.99
_SEED = 1984
_AUDIBLE = round(HIGHEST_HZ * FFT / RATE_HZ) + 1  # bins up to the highest band
_OVERLAP = FRAME // HOP  # each sample lies in three frames


def power_of(picture: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the band energies of a picture in grey levels: the front end's last step undone, [frames, BANDS]."""
    power: NDArray[np.float64] = np.exp((np.asarray(picture, np.float64) - GREY_OFFSET) / GREY_PER_NEPER)
    return np.maximum(power - POWER_FLOOR, 0.0)


def spectrum_of(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a power spectrum [frames, FFT // 2 + 1] whose band energies are `power` [frames, BANDS]."""
    # two small products instead of a large one: a large one wakes a thread on every core, and waits for the slowest
    triangles = mel_triangles()[:_AUDIBLE]
    spectrum = (power / triangles.sum(0)) @ triangles.T
    wanted = power @ triangles.T
    for _ in range(_SPREADING):
        spectrum *= wanted / np.maximum((spectrum @ triangles) @ triangles.T, 1e-12)
    return np.pad(spectrum, ((0, 0), (0, FFT // 2 + 1 - _AUDIBLE)))


def resynthesize(picture: NDArray[np.floating[Any]], seed: int = _SEED) -> NDArray[np.float32]:
    """Return a sound whose log-mel picture is close to `picture`; takes a tenth of a second for a second of sound.

    Parameters
    ----------
    picture
        Grey levels [frames, BANDS], 98 frames for one second.
    seed
        Of the phases it starts from.

    Returns
    -------
    NDArray
        Samples at 16 kHz, [(frames - 1) * 160 + 480], between -1 and 1; nothing above 4 kHz.

    Raises
    ------
    ExplorerError
        When the picture has no frame, other bands, or numbers that are not finite.
    """
    if picture.ndim != 2 or picture.shape[1] != BANDS or not len(picture) or not np.isfinite(picture).all():
        raise ExplorerError("This log-mel picture is damaged: choose another second of sound.")
    size = np.sqrt(spectrum_of(power_of(picture)))
    phases = np.random.default_rng(seed).random(size.shape)
    estimate, before = size * np.exp(2j * np.pi * phases), np.zeros(1, np.complex128)
    for _ in range(_PHASES):
        consistent = _spectrum(_sound(estimate))
        ahead = consistent + _MOMENTUM * (consistent - before)
        before = consistent
        estimate = size * ahead / np.maximum(np.abs(ahead), 1e-12)
    return np.asarray(np.clip(_sound(estimate), -1.0, 1.0), np.float32)


@cache
def _window_sum() -> NDArray[np.float64]:
    """Return the sum of the squared windows over one hop, [HOP]: the same in every hop but the first and last."""
    return np.asarray((hann() ** 2).reshape(_OVERLAP, HOP).sum(0))


def _spectrum(sound: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.fft.rfft(frames_of(sound) * hann(), FFT)


def _sound(spectrum: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Overlap and add the frames of a spectrum: the sound whose spectrum is nearest (Griffin and Lim, equation 6)."""
    pieces = (np.fft.irfft(spectrum, FFT)[:, :FRAME] * hann()).reshape(-1, _OVERLAP, HOP)
    hops = np.zeros((len(pieces) + _OVERLAP - 1, HOP))
    for place in range(_OVERLAP):
        hops[place : place + len(pieces)] += pieces[:, place]
    return np.asarray((hops / _window_sum()).ravel())
