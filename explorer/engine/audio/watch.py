"""The device watch: a microphone that went away is opened again when it is back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from explorer.engine.audio import devices
from explorer.engine.audio.source import SourceState

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.engine.audio.microphone import Microphone

RETRY_S = 2.0
STALLED_S = 5.0
_GONE = (SourceState.LOST, SourceState.NO_DEVICE)
_LATER = (SourceState.BUSY, SourceState.REFUSED)


class DeviceWatch:
    """Look after one microphone from the slow tick of the interface's clock.

    A suspended device goes on by itself and is left alone for 5 s; but on some systems an unplugged one looks the
    same, so then it is opened again too.  Opening takes 10 to 200 ms and is tried at most every 2 s; any other call
    costs microseconds.

    Parameters
    ----------
    microphone
        The one to look after.
    clock
        Seconds, rising.
    """

    def __init__(self, microphone: Microphone, clock: Callable[[], float] = time.perf_counter) -> None:
        self._microphone = microphone
        self._clock = clock
        self._tried_s: float | None = None

    def tick(self) -> bool:
        """Look once; True when the microphone was opened again and works."""
        microphone = self._microphone
        if not microphone.wanted:
            return False
        state = microphone.status().state
        stalled = state is SourceState.STALLED and microphone.silent_for_s > STALLED_S
        if state not in _GONE and state not in _LATER and not stalled:
            return False
        now_s = self._clock()
        if self._tried_s is not None and now_s - self._tried_s < RETRY_S:
            return False
        self._tried_s = now_s
        microphone.release()
        if state not in _LATER:  # the list of devices is as old as PortAudio's start
            devices.refresh()
        microphone.reopen()
        return microphone.status().state in (SourceState.OPENING, SourceState.LISTENING, SourceState.ALL_ZERO)
