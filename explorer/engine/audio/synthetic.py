"""Synthetic signals: sounds that contain no word, to see what a network makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from explorer.engine.audio.colours import around, loop
from explorer.engine.audio.paced import PacedSource
from explorer.engine.audio.source import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

Signal = Literal["tone", "sweep", "hum", "white", "pink", "click", "silence"]
SIGNALS: tuple[Signal, ...] = get_args(Signal)

_SWEEP_S, _SWEEP_FROM_HZ, _SWEEP_TO_HZ = 8, 50.0, 7500.0


class SyntheticSource(PacedSource):
    """Generate a signal for ever, or for a while.

    Parameters
    ----------
    signal
        tone: a sine; sweep: a sine that rises from 50 Hz to 7.5 kHz in 8 s, the same step per second in octaves;
        hum, white, pink: see `loop`; click: one sample a second; silence: exactly zero, as a muted microphone.
    paced
        False: as fast as it is read.
    level_dbfs
        Root mean square relative to 1.0; of a click, its height.
    frequency_hz
        Of the tone, below 8 kHz.
    seconds
        Length; None: without end.
    seed
        Of the noise.

    Raises
    ------
    ValueError
        For a signal, frequency or level that does not exist.
    """

    def __init__(
        self,
        signal: Signal,
        paced: bool = True,
        level_dbfs: float = -26.0,
        frequency_hz: float = 1000.0,
        seconds: float | None = None,
        seed: int = 0,
    ) -> None:
        if signal not in SIGNALS:
            raise ValueError(f"signal is one of {', '.join(SIGNALS)}, not {signal!r}")
        if not 0.0 < frequency_hz < RATE_HZ / 2 or level_dbfs > 0.0:
            raise ValueError(f"no tone of {frequency_hz} Hz at {level_dbfs} dBFS exists at {RATE_HZ} samples/s")
        super().__init__("synthetic", f"Signal: {signal}", paced)
        self.signal = signal
        self._end = None if seconds is None else round(seconds * RATE_HZ)
        self._period = _period(signal, frequency_hz, seed) * np.float32(10 ** (level_dbfs / 20))

    def _take(self, n: int) -> NDArray[np.float32]:
        if self._end is not None:
            n = min(n, self._end - self._position)
        return around(self._period, self._position, n)


def _period(signal: Signal, frequency_hz: float, seed: int) -> NDArray[np.float32]:
    """Return one period of a signal, or a loop of it, at root mean square 1 (a click: at height 1)."""
    if signal in ("white", "pink", "hum"):
        return loop(signal, seed)
    if signal == "tone":
        cycles = frequency_hz * np.arange(10 * RATE_HZ) / RATE_HZ  # whole in 10 s for multiples of 0.1 Hz
        return _sine(cycles)
    if signal == "sweep":
        time = np.arange(_SWEEP_S * RATE_HZ) / RATE_HZ
        octaves_per_s = np.log2(_SWEEP_TO_HZ / _SWEEP_FROM_HZ) / _SWEEP_S
        cycles = _SWEEP_FROM_HZ * (2 ** (octaves_per_s * time) - 1) / (octaves_per_s * np.log(2))
        return _sine(cycles)
    period = np.zeros(RATE_HZ, np.float32)
    period[0] = signal == "click"
    return period


def _sine(cycles: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(np.sqrt(2.0) * np.sin(2 * np.pi * cycles), np.float32)
