"""The front end: one second of sound becomes a log-mel picture of 98 frames x 40 bands.

Frames of 30 ms every 10 ms, a Hann window, the power spectrum, 40 triangular bands equally spaced in mel, the
logarithm: the steps every keyword spotter takes (Davis and Mermelstein 1980).  `log_mel` does a whole clip,
`StreamingFrontEnd` only the frames that are new; both are the same arithmetic.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating[Any]]

RATE_HZ = 16_000
FRAME = 480  # samples, 30 ms
HOP = 160  # samples, 10 ms
FFT = 512
BANDS = 40
HIGHEST_HZ = 4000.0
CLIP = RATE_HZ  # one second
FRAMES = (CLIP - FRAME) // HOP + 1  # 98
POWER_FLOOR = 5e-7
GREY_PER_NEPER, GREY_OFFSET = 10.0, 146.55  # ln(E) -> grey level 0..255
INPUT_CENTRE, INPUT_SCALE = 128.0, 64.0  # grey level -> what the network reads: an 8-bit code times 1/64


@cache
def hann() -> NDArray[np.float64]:
    """Return the periodic Hann window, [FRAME]."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)


@cache
def mel_triangles() -> NDArray[np.float64]:
    """Return the filter bank, [FFT // 2 + 1, BANDS]: triangles with peak 1, corners equally spaced in mel.

    mel(f) = 1127 ln(1 + f / 700), the HTK form of O'Shaughnessy's scale (1987), from 0 to 4000 Hz.
    """
    top = 1127.0 * np.log1p(HIGHEST_HZ / 700.0)
    corners_hz = 700.0 * np.expm1(np.linspace(0.0, top, BANDS + 2) / 1127.0)
    bins_hz = np.arange(FFT // 2 + 1) * RATE_HZ / FFT
    rising = (bins_hz[:, None] - corners_hz[None, :-2]) / (corners_hz[1:-1] - corners_hz[:-2])
    falling = (corners_hz[None, 2:] - bins_hz[:, None]) / (corners_hz[2:] - corners_hz[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling))


@cache
def _constants(dtype: np.dtype[Any]) -> tuple[FloatArray, FloatArray]:
    return hann().astype(dtype), mel_triangles().astype(dtype)


def frames_of(samples: FloatArray) -> FloatArray:
    """Cut samples [n] into overlapping frames [(n - FRAME) // HOP + 1, FRAME], without copying."""
    return np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]


def power_spectrum(frames: FloatArray) -> FloatArray:
    """Return |FFT|^2 of windowed frames: [n, FRAME] -> [n, FFT // 2 + 1], in the frames' own precision."""
    window, _ = _constants(frames.dtype)
    spectrum = np.fft.rfft(frames * window, FFT, axis=-1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


def mel_power(samples: FloatArray) -> FloatArray:
    """Return the energy in each band before the logarithm, [frames, BANDS]; -1..1 samples at 16 kHz."""
    power = power_spectrum(frames_of(samples))
    return np.asarray(power @ _constants(power.dtype)[1])


def grey(power: FloatArray) -> FloatArray:
    """Turn band energies into grey levels 0..255, 10 per neper: the picture that is drawn and learned from."""
    return np.asarray(np.clip(GREY_PER_NEPER * np.log(power + POWER_FLOOR) + GREY_OFFSET, 0.0, 255.0))


def log_mel(samples: FloatArray) -> FloatArray:
    """Return the log-mel picture of samples [n], as grey levels [frames, BANDS]; 98 frames for one second."""
    return grey(mel_power(samples))


def network_input(picture: FloatArray) -> FloatArray:
    """Scale grey levels to what networks read: (grey - 128) / 64, so that an 8-bit input is exact to half a level."""
    return np.asarray((picture - INPUT_CENTRE) / INPUT_SCALE, dtype=np.float32)


class StreamingFrontEnd:
    """The same front end for a stream: each sample is looked at once, only new frames are computed.

    Before a whole second has come, the missing frames are digital silence.

    Attributes
    ----------
    frames_done
        How many frames have been computed since the start.
    """

    def __init__(self) -> None:
        self._rest = np.empty(0, np.float32)
        # Frames are written twice, so that the newest 98 are always one slice.
        self._rows = np.full((2 * FRAMES, BANDS), grey(np.zeros(1))[0], np.float32)
        self.frames_done = 0

    def push(self, samples: FloatArray) -> FloatArray:
        """Take samples [n] of any length and return the frames they completed, [k, BANDS]."""
        waiting = np.concatenate([self._rest, np.asarray(samples, np.float32)])
        if len(waiting) < FRAME:
            self._rest = waiting
            return np.empty((0, BANDS), np.float32)
        new = np.asarray(log_mel(waiting), np.float32)
        self._rest = waiting[len(new) * HOP :].copy()
        self.frames_done += max(0, len(new) - FRAMES)  # frames that a long block pushes straight through
        for row in new[-FRAMES:]:
            at = self.frames_done % FRAMES
            self._rows[at] = self._rows[at + FRAMES] = row
            self.frames_done += 1
        return new

    @property
    def picture(self) -> FloatArray:
        """The newest 98 frames as one picture, [FRAMES, BANDS]."""
        at = self.frames_done % FRAMES
        return self._rows[at : at + FRAMES]
