"""Level: how loud a sound is, in decibels relative to full scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.audio.source import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLOOR_DBFS = -120.0
CLIP = 0.999  # 16-bit full scale, 32767/32768, is inside
_FAST_S = 0.125
_PEAK_FALL_S = 1.5


def dbfs(rms: float) -> float:
    """Return the level of a root mean square in dB relative to 1.0, at least -120."""
    return max(FLOOR_DBFS, 20.0 * math.log10(rms)) if rms > 0.0 else FLOOR_DBFS


def rms(samples: NDArray[np.float32]) -> float:
    """Return the root mean square of samples [n]; 0 for none."""
    return math.sqrt(float(np.dot(samples, samples)) / len(samples)) if len(samples) else 0.0


class LevelMeter:
    """Follow level, peak and clipping of a stream.

    References
    ----------
    IEC 61672-1, time weighting F: exponential with 125 ms.
    """

    def __init__(self) -> None:
        self.peak = 0.0
        self.clipped = 0
        self._mean_square = 0.0

    @property
    def level_dbfs(self) -> float:
        """Level now, in dBFS."""
        return dbfs(math.sqrt(self._mean_square))

    def add(self, samples: NDArray[np.float32]) -> None:
        """Take in the next samples [n]."""
        n = len(samples)
        if not n:
            return
        magnitude = np.abs(samples)
        highest = float(magnitude.max())
        self.peak = max(highest, self.peak * math.exp(-n / (RATE_HZ * _PEAK_FALL_S)))
        if highest >= CLIP:
            self.clipped += int(np.count_nonzero(magnitude >= CLIP))
        keep = math.exp(-n / (RATE_HZ * _FAST_S))
        self._mean_square = keep * self._mean_square + (1.0 - keep) * float(np.dot(samples, samples)) / n
