"""The frame clock: one timer that drives everything that moves on the screen, and measures what that costs.

Sound and training threads only leave values behind; once per frame the clock lets every visible part pick up the
newest.  A second, slow beat is for text, which nobody can read thirty times a second.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

FRAME_MS = 33
LISTENING_FRAME_MS = 16
SLOW_MS = 500
KEPT_FRAMES = 1000


@dataclass(frozen=True, slots=True)
class _Client:
    owner: QWidget | None
    on_frame: Callable[[float], None] | None
    on_slow: Callable[[], None] | None


class FrameClock(QObject):
    """Call every visible client once per frame and twice a second.

    Parameters
    ----------
    parent
        The window; the clock ends with it.
    now_s
        Seconds that only grow.
    """

    def __init__(self, parent: QObject | None = None, now_s: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._now_s = now_s
        self._clients: list[_Client] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)
        self._fast = False
        self._shown = True
        self._last_slow_s = 0.0
        self._last_frame: tuple[float, float] | None = None
        self.frames = 0
        self._busy_ms: deque[float] = deque(maxlen=KEPT_FRAMES)
        self._gap_ms: deque[float] = deque(maxlen=KEPT_FRAMES)

    def add(
        self,
        owner: QWidget | None,
        on_frame: Callable[[float], None] | None = None,
        on_slow: Callable[[], None] | None = None,
    ) -> Callable[[], None]:
        """Drive a client from now on; the function returned ends that.

        Parameters
        ----------
        owner
            The client is left alone while this widget cannot be seen; None for one that never sleeps.
        on_frame
            Called with the clock's time in seconds, 30 times a second (60 while listening).
        on_slow
            Called twice a second.
        """
        client = _Client(owner, on_frame, on_slow)
        self._clients.append(client)

        def remove() -> None:
            if client in self._clients:
                self._clients.remove(client)

        return remove

    def start(self) -> None:
        """Start ticking."""
        self._last_frame = None
        self._timer.start(self.interval_ms)

    def stop(self) -> None:
        """Stop for good: the window closes."""
        self._timer.stop()
        self._clients.clear()

    @property
    def interval_ms(self) -> int:
        """Time between two frames, in milliseconds; long while nothing can be seen."""
        if not self._shown:
            return SLOW_MS
        return LISTENING_FRAME_MS if self._fast else FRAME_MS

    def set_fast(self, fast: bool) -> None:
        """Tick every 16 ms, for listening, or every 33 ms."""
        self._fast = fast
        self._retime()

    def set_shown(self, shown: bool) -> None:
        """Rest at the slow beat while the window is minimised."""
        self._shown = shown
        self._retime()

    def busy_ms(self, percent: float = 99.0) -> float | None:
        """Processor time of the interface's thread from one frame to the next, painting included, in milliseconds.

        Parameters
        ----------
        percent
            Which percentile of the last 1000 frames, 50 for the median.

        Returns
        -------
        None before the second frame.
        """
        return _percentile(self._busy_ms, percent)

    def gap_ms(self, percent: float = 99.0) -> float | None:
        """Wall time from one frame to the next in milliseconds, at a percentile of the last 1000 frames."""
        return _percentile(self._gap_ms, percent)

    def forget_times(self) -> None:
        """Start the measurement again."""
        self._last_frame = None
        self._busy_ms.clear()
        self._gap_ms.clear()

    def _retime(self) -> None:
        if self._timer.isActive() and self._timer.interval() != self.interval_ms:
            self._timer.setInterval(self.interval_ms)
            self._last_frame = None  # the gap across the change belongs to neither rate

    @Slot()
    def _on_timeout(self) -> None:
        now_s, spent_s = self._now_s(), time.thread_time()
        if self._last_frame is not None:
            last_now_s, last_spent_s = self._last_frame
            self._gap_ms.append((now_s - last_now_s) * 1e3)
            self._busy_ms.append((spent_s - last_spent_s) * 1e3)
        self._last_frame = (now_s, spent_s)
        self.frames += 1
        slow = now_s - self._last_slow_s >= SLOW_MS / 1e3
        if slow:
            self._last_slow_s = now_s
        for client in tuple(self._clients):
            if client.owner is not None and not client.owner.isVisible():
                continue
            # One client that fails must not stop the others, nor the clock.
            try:
                if client.on_frame is not None:
                    client.on_frame(now_s)
                if slow and client.on_slow is not None:
                    client.on_slow()
            except Exception as error:  # noqa: BLE001 - handed to the exception hook, which records and shows it
                sys.excepthook(type(error), error, error.__traceback__)


def _percentile(values: deque[float], percent: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100.0))]
