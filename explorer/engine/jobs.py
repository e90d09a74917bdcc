"""Work beside the interface: one thread with a cooperative stop, and the two ways a value may cross threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Hold the newest value only; `take` returns it once.

    A slow reader never builds up a queue: older values are dropped and counted in `dropped`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None
        self.dropped = 0

    def put(self, value: T) -> None:
        """Replace whatever waits with `value`."""
        with self._lock:
            self.dropped += self._value is not None
            self._value = value

    def take(self) -> T | None:
        """Return the newest value and leave the box empty; None when nothing new came."""
        with self._lock:
            value, self._value = self._value, None
            return value


class Log(Generic[T]):
    """Keep every value in order, append-only; each reader remembers how far it has read.

    Parameters
    ----------
    limit
        How many values are kept; the oldest are forgotten, indices keep counting.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._lock = threading.Lock()
        self._values: list[T] = []
        self._first = 0
        self._limit = limit

    def append(self, value: T) -> None:
        """Add one value at the end."""
        with self._lock:
            self._values.append(value)
            if len(self._values) > self._limit + self._limit // 4:  # trim rarely: amortised constant time
                drop = len(self._values) - self._limit
                del self._values[:drop]
                self._first += drop

    def since(self, index: int) -> tuple[list[T], int]:
        """Return the values from `index` on, and the index to ask with next time."""
        with self._lock:
            start = max(0, index - self._first)
            return self._values[start:], self._first + len(self._values)

    def clear(self) -> None:
        """Forget all values; indices keep counting, so readers stay in step."""
        with self._lock:
            self._first += len(self._values)
            self._values.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._values)


class Job(Generic[T]):
    """Run `work(stop, put)` in one thread that is never a daemon and is always joined.

    Parameters
    ----------
    work
        A function of a stop event, to be looked at at least every 100 ms, and of `put`, which posts to `updates`.
    name
        Name of the thread, shown by the test that looks for threads left behind.
    """

    def __init__(self, work: Callable[[threading.Event, Callable[[T], None]], None], name: str) -> None:
        self.updates: Mailbox[T] = Mailbox()
        self.error: BaseException | None = None
        self._work = work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    def start(self) -> None:
        """Start the thread; a job runs once."""
        self._thread.start()

    def ask_stop(self) -> None:
        """Ask the work to end, without waiting."""
        self._stop.set()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Ask the work to end and wait; True when it did."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work(self._stop, self.updates.put)
        except BaseException as error:  # noqa: BLE001 - kept, and shown by whoever started the job
            self.error = error
