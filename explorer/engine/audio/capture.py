"""One open input stream: what its callback leaves in the ring, read as 16 kHz samples with their times."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.engine.audio.clock import SampleClock
from explorer.engine.audio.ring import Ring
from explorer.engine.audio.source import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEPTH_S = 10
_STALL_S, _STALL_PERIODS = 1.0, 4
_ZERO_S = 1.0
_POLL_S, _IDLE_POLL_S = 0.002, 0.02


class Capture:
    """Take blocks from a device's thread, give samples to the inference thread; neither ever waits for the other.

    Parameters
    ----------
    rate_hz
        Rate of the device; another than 16 kHz is resampled where the samples are read, not in the callback.
    channels
        Channels of the stream; the first is listened to.
    block_samples
        Nominal block.
    """

    def __init__(self, rate_hz: int, channels: int, block_samples: int) -> None:
        self.rate_hz = rate_hz
        self.ring = Ring(_DEPTH_S * rate_hz)
        self.finished = False
        self.lag_s: float | None = None
        self.skipped = 0  # samples that lay in the ring until they were overwritten
        self._period_s = block_samples / rate_hz
        self._channels = channels
        self._last_s = perf_counter()
        self._taken = 0
        self._given = 0
        self._waiting = np.zeros(0, np.float32)
        self._resampler: Any = None
        if rate_hz != RATE_HZ:
            import soxr

            self._resampler = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="HQ")
        self._clock = SampleClock(rate_hz)
        self._writes_seen = 0

    def callback(self, indata: Any, frames: int, when: Any, status: object) -> None:
        """Copy one block into the ring; called by PortAudio, so nothing here may wait."""
        now_s = perf_counter()
        taken_s = when.inputBufferAdcTime
        block = np.frombuffer(indata, np.float32)[:: self._channels]
        self.ring.write(block, now_s, taken_s + (frames - 1) / self.rate_hz if taken_s > 0 else None)
        self.lag_s = when.currentTime - taken_s if taken_s > 0 else None
        self._last_s = now_s

    def finish(self) -> None:
        """Note that the stream ended; called by PortAudio when a device goes away."""
        self.finished = True

    @property
    def silent_for_s(self) -> float:
        """Seconds since the last block, or since opening."""
        return perf_counter() - self._last_s

    @property
    def stalled(self) -> bool:
        """Whether blocks stopped coming."""
        return self.silent_for_s > max(_STALL_S, _STALL_PERIODS * self._period_s)

    @property
    def all_zero(self) -> bool:
        """Whether every sample of the last second is exactly zero."""
        n = round(_ZERO_S * self.rate_hz)
        return self.ring.written >= n and not self.ring.latest(n).any()

    @property
    def lost_samples(self) -> int:
        """Samples at 16 kHz that were taken by the device, or lay in the ring, and were never read."""
        return round((self._clock.lost_samples + self.skipped) * RATE_HZ / self.rate_hz)

    @property
    def late_blocks(self) -> int:
        """Blocks that came more than 50 ms after their time."""
        return self._clock.late_blocks

    def take(self, n: int) -> tuple[NDArray[np.float32], float, float | None] | None:
        """Return the next `n` samples at 16 kHz, when the last of them came, and when the device took it."""
        self._follow_clocks()
        if self._resampler is None:
            if self.ring.written - self._taken < n:
                return None
            samples = self._read(n)
            last = self._taken - 1
        else:
            fresh = self.ring.written - self._taken
            if fresh:
                chunk = self._resampler.resample_chunk(self._read(min(fresh, self.ring.capacity // 2)))
                self._waiting = np.concatenate([self._waiting, chunk])
            if len(self._waiting) < n:
                return None
            samples, self._waiting = self._waiting[:n], self._waiting[n:]
            self._given += n
            # soxr gives sample k at the place of k: its filter only makes it come later, and that is counted
            last = min(self._taken, self.skipped + round(self._given * self.rate_hz / RATE_HZ)) - 1
        end, arrived_s, device_s = self.ring.write_of(last)
        return samples, arrived_s, None if device_s is None else device_s - (end - 1 - last) / self.rate_hz

    def wait_s(self, n: int) -> float:
        """Return how long to wait before `n` samples may be there; a callback must not wake anybody."""
        if self.silent_for_s > 0.1:
            return _IDLE_POLL_S
        missing = n - len(self._waiting) - (self.ring.written - self._taken) * RATE_HZ / self.rate_hz
        return max(_POLL_S, missing / RATE_HZ - self.silent_for_s)

    def _read(self, n: int) -> NDArray[np.float32]:
        """Return `n` device samples; a reader who was away for longer than the ring is deep skips to the newest."""
        backlog = self.ring.written - self._taken
        if backlog > self.ring.capacity - self.rate_hz:  # a second of margin: the writer goes on meanwhile
            skip = backlog - self.ring.capacity // 2
            self.skipped += skip
            self._taken += skip
        samples = self.ring.read(self._taken, n)
        self._taken += n
        return samples

    def _follow_clocks(self) -> None:
        writes, self._writes_seen = self.ring.writes_since(self._writes_seen)
        for end, arrived_s, device_s in writes:
            self._clock.add(end, arrived_s, device_s)
