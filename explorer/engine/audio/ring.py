"""A ring buffer with contiguous views, and a longer memory of what was heard."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.audio.source import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Ring:
    """Hold the newest `capacity` samples so that any run of them is one contiguous slice.

    Every sample is written twice, at i and at i + capacity of an array of 2 * capacity, so a window never
    wraps and is never copied together.  One thread writes, others read without a lock: the counter
    `written` moves last.

    Parameters
    ----------
    capacity
        Depth in samples; 160,000 are 10 s at 16 kHz.
    """

    _WRITES = 4096  # more than 10 s of 10 ms blocks, and of 2.5 ms blocks too
    _MARGIN = 16  # entries the writer may replace while a reader searches

    def __init__(self, capacity: int = 160_000) -> None:
        if capacity < 1:
            raise ValueError(f"a ring needs room for at least one sample, got {capacity}")
        self.capacity = capacity
        self.written = 0  # Python integers do not overflow, and one is replaced in one step
        self._samples = np.zeros(2 * capacity, np.float32)
        self._writes = 0
        self._ends = [0] * self._WRITES
        self._arrived: list[float] = [0.0] * self._WRITES
        self._device: list[float | None] = [None] * self._WRITES

    def write(self, block: NDArray[np.float32], arrived_s: float, device_s: float | None = None) -> None:
        """Append a block; makes no buffer of its own, so a real-time callback may call it.

        Parameters
        ----------
        block
            float32 [n]; of more than `capacity` samples only the last are kept, and all are counted.
        arrived_s
            `time.perf_counter()` at which the block came.
        device_s
            Time of the block's last sample on the device's clock, if known.
        """
        n, capacity, samples = len(block), self.capacity, self._samples
        end = self.written + n
        if n > capacity:
            block, n = block[n - capacity :], capacity
        at = (end - n) % capacity
        head = min(n, capacity - at)
        samples[at : at + head] = block[:head]
        samples[at + capacity : at + capacity + head] = block[:head]
        if head < n:
            samples[: n - head] = block[head:]
            samples[capacity : capacity + n - head] = block[head:]
        slot = self._writes % self._WRITES
        self._ends[slot], self._arrived[slot], self._device[slot] = end, arrived_s, device_s
        self._writes += 1
        self.written = end

    def latest(self, n: int) -> NDArray[np.float32]:
        """Return a read-only view of the last `n` samples, zeros before the first one.

        The view stays right until `capacity - n` more samples are written.

        Raises
        ------
        ValueError
            If `n` is negative or more than the ring holds.
        """
        if not 0 <= n <= self.capacity:
            raise ValueError(f"the ring holds {self.capacity} samples, {n} were asked for")
        end = self.written % self.capacity + self.capacity
        view = self._samples[end - n : end]
        view.flags.writeable = False
        return view

    def read(self, start: int, n: int) -> NDArray[np.float32]:
        """Return a copy of `n` samples from index `start` on.

        Raises
        ------
        LookupError
            If some of them are not written yet, or overwritten already.
        """
        written = self.written
        if start < 0 or n < 0 or n > self.capacity or start + n > written:
            raise LookupError(f"samples {start} to {start + n} are not there, {written} are written")
        at = start % self.capacity
        copy = self._samples[at : at + n].copy()
        if self.written - start > self.capacity:  # looked at after the copy: the writer may have overtaken it
            raise LookupError(f"sample {start} is overwritten, the oldest is {self.written - self.capacity}")
        return copy

    def writes_since(self, count: int) -> tuple[list[tuple[int, float, float | None]], int]:
        """Return (end, arrival, device time) of the writes from number `count` on, and the next number."""
        writes = self._writes
        first = max(count, writes - self._WRITES + self._MARGIN)
        slots = [i % self._WRITES for i in range(first, writes)]
        return [(self._ends[i], self._arrived[i], self._device[i]) for i in slots], writes

    def arrival_s(self, index: int) -> float:
        """Return when the write that holds sample `index` came, on the clock of `time.perf_counter()`.

        Raises
        ------
        LookupError
            If the sample is not written yet, or so old that its time is forgotten.
        """
        return self.write_of(index)[1]

    def write_of(self, index: int) -> tuple[int, float, float | None]:
        """Return (end, arrival, device time) of the write that holds sample `index`; errors as `arrival_s`."""
        slot = self._slot_of(index)
        return self._ends[slot], self._arrived[slot], self._device[slot]

    def _slot_of(self, index: int) -> int:
        """Find, by bisection, the first write that ends after `index`."""
        low, high = max(0, self._writes - self._WRITES + self._MARGIN), self._writes
        if not 0 <= index < self.written or (low > 0 and self._ends[(low - 1) % self._WRITES] > index):
            raise LookupError(f"no arrival time is kept for sample {index}, {self.written} are written")
        while low < high:
            middle = (low + high) // 2
            if self._ends[middle % self._WRITES] > index:
                high = middle
            else:
                low = middle + 1
        return low % self._WRITES


class History:
    """Remember the last minutes of sound in 16 bits, for looking back; in memory only.

    Indices count samples since the stream began and go on through `clear`.

    Parameters
    ----------
    seconds
        How far back; 300 s take 9.6 MB.
    """

    def __init__(self, seconds: float = 300.0) -> None:
        self.capacity = max(1, round(seconds * RATE_HZ))
        self.first_index = 0
        self.end_index = 0
        self._samples = np.zeros(self.capacity, np.int16)
        self._lock = threading.Lock()

    def append(self, samples: NDArray[np.float32]) -> None:
        """Add samples, -1..1, at the end; the oldest are forgotten."""
        codes = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
        with self._lock:
            self.end_index += len(codes)
            codes = codes[-self.capacity :]
            at = (self.end_index - len(codes)) % self.capacity
            head = min(len(codes), self.capacity - at)
            self._samples[at : at + head] = codes[:head]
            self._samples[: len(codes) - head] = codes[head:]
            self.first_index = max(self.first_index, self.end_index - self.capacity)

    def clip(self, start_index: int, n: int) -> NDArray[np.float32]:
        """Return `n` samples from `start_index` on; before the stream began there was silence.

        Raises
        ------
        LookupError
            If some of them are forgotten, cleared, or not heard yet.
        """
        out = np.zeros(n, np.float32)
        with self._lock:
            start = max(0, start_index)
            stop = start_index + n
            if stop <= 0:
                return out
            if (start < self.first_index and stop > start) or stop > self.end_index:
                raise LookupError(
                    f"samples {start_index} to {stop} are not remembered, "
                    f"only {self.first_index} to {self.end_index} are"
                )
            at = start % self.capacity
            head = min(stop - start, self.capacity - at)
            heard = out[start - start_index :]
            heard[:head] = self._samples[at : at + head]
            heard[head:] = self._samples[: stop - start - head]
        out /= 32768.0
        return out

    def clear(self) -> None:
        """Forget everything, really: the memory is overwritten with zeros."""
        with self._lock:
            self.first_index = self.end_index
            self._samples[:] = 0
