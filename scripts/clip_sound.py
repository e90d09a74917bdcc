"""Sound processing for the bundled clips: voice change, trimming, rooms, noise, placing.

Everything works on float64 arrays at 16 kHz, full scale 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

RATE_HZ = 16_000
CLIP_SAMPLES = 16_000
Sound = NDArray[np.float64]

_FRAME = 160


def play_faster(sound: Sound, factor: float) -> Sound:
    """Resample so that pitch and resonances rise by ``factor`` and the length shrinks by it."""
    return np.asarray(soxr.resample(sound, RATE_HZ * factor, RATE_HZ, "VHQ"), dtype=np.float64)


def move_formants(sound: Sound, factor: float) -> Sound:
    """Stretch the spectral envelope along the frequency axis by ``factor``; pitch and length stay.

    The envelope is the smooth part of the log spectrum (its first 40 cepstral coefficients: below
    the pitch period of every voice here); each frame is filtered by moved over old envelope.

    Source: Oppenheim and Schafer, Discrete-Time Signal Processing, cepstrum analysis.
    """
    size, hop, keep = 512, 128, 40
    window = np.sqrt(np.hanning(size + 1)[:-1])
    padded = np.pad(sound, size)
    result = np.zeros_like(padded)
    bins = np.arange(size // 2 + 1)
    for first in range(0, len(padded) - size + 1, hop):
        spectrum = np.fft.rfft(padded[first : first + size] * window)
        cepstrum = np.fft.irfft(np.log(np.abs(spectrum) + 1e-6))
        cepstrum[keep:-keep] = 0.0
        envelope = np.fft.rfft(cepstrum).real
        moved = np.interp(bins / factor, bins, envelope)
        gain = np.exp(np.clip(moved - envelope, -2.5, 2.5))
        result[first : first + size] += np.fft.irfft(spectrum * gain) * window
    # Square-root Hann twice is Hann; at a quarter hop its copies add up to 2.
    return result[size : size + len(sound)] / 2.0


def trim(sound: Sound, start_s: float, end_s: float) -> Sound:
    """Cut the silence around speech of which the first and last phone are known.

    The release of a final stop rings on into the pause: up to 60 ms after the last phone are kept
    as long as its 10 ms frames are no weaker than -36 dB of the strongest.
    """
    first, last = int(start_s * RATE_HZ), int(end_s * RATE_HZ)
    frames = len(sound) // _FRAME
    power = (sound[: frames * _FRAME].reshape(frames, _FRAME) ** 2).mean(axis=1)
    loud = power > power.max() * 10**-3.6
    release = loud[last // _FRAME :][:6]
    ringing = int(np.flatnonzero(release)[-1]) + 1 if release.any() else 0
    return sound[first : last + ringing * _FRAME]


def fade(sound: Sound, samples: int = 48) -> Sound:
    """Raised-cosine ramps of 3 ms at both ends, so that a cut does not click."""
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(samples) + 0.5) / samples)
    faded = sound.copy()
    faded[:samples] *= ramp
    faded[-samples:] *= ramp[::-1]
    return faded


def place(word: Sound, shift: int) -> tuple[Sound, int]:
    """Give a one-second clip with the word centred plus ``shift`` samples, never cut, and its start."""
    margin = 160
    free = CLIP_SAMPLES - len(word)
    start = int(np.clip(free // 2 + shift, margin, free - margin))
    clip = np.zeros(CLIP_SAMPLES)
    clip[start : start + len(word)] = word
    return clip, start


def room(rng: np.random.Generator) -> Sound:
    """Draw the impulse response of a room: direct sound, six early reflections, a decaying noise tail.

    Reverberation time (60 dB) 0.1 to 0.6 s, direct-to-reverberant ratio 4 to 18 dB.
    """
    rt60_s = rng.uniform(0.1, 0.6)
    time_s = np.arange(int(rt60_s * RATE_HZ)) / RATE_HZ
    tail = rng.standard_normal(len(time_s)) * 10 ** (-3.0 * time_s / rt60_s)
    tail[: int(0.004 * RATE_HZ)] = 0.0
    # Walls swallow high frequencies first.
    tail = shape(tail, lambda f: np.asarray(1.0 / np.sqrt(1.0 + (f / 2500.0) ** 2)))
    for delay_s in rng.uniform(0.004, 0.04, 6):
        strength = 0.4 * 10 ** (-3.0 * delay_s / rt60_s) * rng.choice((-1.0, 1.0))
        tail[int(delay_s * RATE_HZ)] += strength * np.abs(tail).max() * 3.0
    ratio_db = rng.uniform(4.0, 18.0)
    tail *= 10 ** (-ratio_db / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return tail


def reverberate(clip: Sound, response: Sound) -> Sound:
    """Let a clip sound in a room; same length, the direct sound where it was."""
    size = 1 << int(np.ceil(np.log2(len(clip) + len(response))))
    heard = np.fft.irfft(np.fft.rfft(clip, size) * np.fft.rfft(response, size), size)
    return np.asarray(heard[: len(clip)], dtype=np.float64)


def shape(sound: Sound, response: Callable[[Sound], Sound]) -> Sound:
    """Filter without delay by a magnitude given as a function of frequency in Hz."""
    size = 2 * len(sound)
    frequency_hz = np.fft.rfftfreq(size, 1.0 / RATE_HZ).astype(np.float64)
    shaped = np.fft.irfft(np.fft.rfft(sound, size) * response(frequency_hz), size)
    return np.asarray(shaped[: len(sound)], dtype=np.float64)


def microphone(clip: Sound, rng: np.random.Generator, tilt_db: float) -> Sound:
    """Colour a clip as a microphone does: a low cut at 40-140 Hz and a spectral tilt, 2 dB an octave at most.

    ``tilt_db`` is added to that tilt, in dB an octave.
    """
    tilt_db += rng.uniform(-2.0, 2.0)
    cut_hz = rng.uniform(40.0, 140.0)

    def response(frequency_hz: Sound) -> Sound:
        octaves = np.log2(np.clip(frequency_hz, 100.0, 8000.0) / 1000.0)
        low_cut = frequency_hz**2 / (frequency_hz**2 + cut_hz**2)
        return np.asarray(10 ** (tilt_db * octaves / 20) * low_cut, dtype=np.float64)

    return shape(clip, response)


def level(sound: Sound) -> float:
    """Return the root mean square."""
    return float(np.sqrt((sound**2).mean()))


def to_int16(clip: Sound) -> NDArray[np.int16]:
    """Round to 16 bits; a clip that would overload is made softer as a whole, never clipped."""
    peak = float(np.abs(clip).max())
    if peak > 0.95:
        clip = clip * (0.95 / peak)
    return np.round(clip * 32767.0).astype(np.int16)
