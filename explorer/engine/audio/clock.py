"""Counting samples against a clock: the only proof that no sound was lost."""

from __future__ import annotations

from collections import deque

LATE_S = 0.05
_WINDOW_S = 1.0
_STEP_S = 0.005
_BACKLOG_S = 0.03
_INTERRUPTION_S = 1.0
_DRIFT = 1e-3


class SampleClock:
    """Compare the number of samples that came with the time that passed.

    The gap is arrival - samples / rate.  Blocks come late by chance, so the least gap of a second counts; that one is
    steady to 0.1 ms even where the device's own time stamps wander by 15 ms (PulseAudio).  Two quartz clocks drift
    apart, by a few ten ppm; 1,000 are allowed for.  A step of the least gap is sound that was taken and never came,
    unless it still waits in front of the program: then arrival is far behind the device's time stamp too, and
    nothing is judged until that has passed.  A step of more than a second is no loss but an interruption: a suspended
    device, a machine that slept.  PortAudio's overflow flag, which should tell all this, is never set through ALSA
    and PulseAudio.

    Parameters
    ----------
    rate_hz
        Nominal samples per second.
    """

    def __init__(self, rate_hz: float) -> None:
        self.lost_samples = 0
        self.late_blocks = 0
        self._rate_hz = rate_hz
        self._first_s: float | None = None
        self._last_s = 0.0
        self._baseline_s: float | None = None
        self._least_behind_s: float | None = None
        self._least: deque[tuple[float, float]] = deque()  # (arrival, gap) with rising gaps: the first is the least

    def add(self, end_index: int, arrived_s: float, device_s: float | None = None) -> None:
        """Take in one block.

        Parameters
        ----------
        end_index
            Samples so far, the block's included.
        arrived_s
            When it came.
        device_s
            When the device took its last sample, on a clock of any origin; None when unknown.
        """
        gap = arrived_s - end_index / self._rate_hz
        passed_s = arrived_s - self._last_s if self._first_s is not None else 0.0
        self._first_s = arrived_s if self._first_s is None else self._first_s
        self._last_s = arrived_s
        if self._baseline_s is not None and gap - self._baseline_s > LATE_S:
            self.late_blocks += 1
        while self._least and self._least[-1][1] >= gap:
            self._least.pop()
        self._least.append((arrived_s, gap))
        while self._least[0][0] < arrived_s - _WINDOW_S:
            self._least.popleft()
        if not self._has_backlog(arrived_s, device_s, passed_s) and arrived_s - self._first_s >= _WINDOW_S:
            self._judge(self._least[0][1], passed_s)

    def _has_backlog(self, arrived_s: float, device_s: float | None, passed_s: float) -> bool:
        """Say whether sound waits in front of the program: arrival further behind the device than usual."""
        if device_s is None:
            return False
        behind_s = arrived_s - device_s
        if self._least_behind_s is None:
            self._least_behind_s = behind_s
        self._least_behind_s = min(behind_s, self._least_behind_s + _DRIFT * passed_s)
        return behind_s - self._least_behind_s > _BACKLOG_S

    def _judge(self, least_s: float, passed_s: float) -> None:
        """Compare the least gap of the last second with what it was before."""
        if self._baseline_s is None:
            self._baseline_s = least_s
            return
        step_s = least_s - self._baseline_s
        if step_s < -_STEP_S:  # it came after all
            self.lost_samples = max(0, self.lost_samples + round(step_s * self._rate_hz))
        elif step_s > _STEP_S:
            self.lost_samples += round(step_s * self._rate_hz) if step_s < _INTERRUPTION_S else 0
        else:
            least_s = self._baseline_s + max(-_DRIFT * passed_s, min(_DRIFT * passed_s, step_s))
        self._baseline_s = least_s
