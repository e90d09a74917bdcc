"""Counting samples against a clock: the only proof that no sound was lost."""

from __future__ import annotations

from collections import deque

LATE_S = 0.05
_WINDOW_S = 1.0
_STEP_S = 0.008
_INTERRUPTION_S = 1.0
_DRIFT = 1e-3


class SampleClock:
    """Compare the number of samples with the time that passed, on any clock.

    The gap is time - samples / rate.  It wanders: blocks are stamped late by chance (so the least gap of a second
    counts), and two quartz clocks drift apart (a few ten ppm; 1,000 are allowed for).  A step up of more than 8 ms
    that stays is sound that the device took and nobody got: PortAudio's overflow flag, which should tell, is never
    set through ALSA and PulseAudio.  A step of more than a second is not loss but an interruption: a suspended
    device, a machine that slept.

    Parameters
    ----------
    rate_hz
        Nominal samples per second.
    """

    def __init__(self, rate_hz: float) -> None:
        self.lost_samples = 0
        self.late_blocks = 0
        self._rate_hz = rate_hz
        self._baseline_s: float | None = None
        self._last_s = 0.0
        self._first_s: float | None = None
        self._least: deque[tuple[float, float]] = deque()  # (time, gap) with rising gaps: the first is the least

    def add(self, end_index: int, time_s: float) -> None:
        """Note that at `time_s` on the clock the sample before `end_index` was taken, or came."""
        gap = time_s - end_index / self._rate_hz
        if self._baseline_s is not None and gap - self._baseline_s > LATE_S:
            self.late_blocks += 1
        while self._least and self._least[-1][1] >= gap:
            self._least.pop()
        self._least.append((time_s, gap))
        while self._least[0][0] < time_s - _WINDOW_S:
            self._least.popleft()
        if self._first_s is None:
            self._first_s = time_s
        if time_s - self._first_s < _WINDOW_S:
            return
        least = self._least[0][1]
        if self._baseline_s is None or least < self._baseline_s:
            self._baseline_s = least
        elif least - self._baseline_s > _STEP_S:
            step_s = least - self._baseline_s
            self.lost_samples += round(step_s * self._rate_hz) if step_s < _INTERRUPTION_S else 0
            self._baseline_s = least
        else:
            self._baseline_s += min(least - self._baseline_s, _DRIFT * max(0.0, time_s - self._last_s))
        self._last_s = time_s
