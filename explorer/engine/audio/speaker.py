"""A loudspeaker that plays what it is given, and when there is none says so and lets everything else go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.engine.audio import devices
from explorer.engine.audio.ring import Ring
from explorer.engine.audio.source import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEPTH_S = 10
_HEAD_START_S = 0.08


@dataclass(frozen=True, slots=True)
class SpeakerStatus:
    """Whether sound can be heard.

    Parameters
    ----------
    works
        Whether the stream runs.
    sentence
        What is the case.
    action
        What to do about it; empty when there is nothing to do.
    """

    works: bool
    sentence: str
    action: str


class Speaker:
    """Play samples through the system's output.

    `open` and `close` are called on the interface's thread; `push` on any one thread.  Samples wait in a ring; when
    it runs dry there is silence until 80 ms are there again, so that a late block makes one gap and not many.
    """

    def __init__(self) -> None:
        self._stream: Any = None
        self._ring = Ring(1)
        self._resampler: Any = None
        self._rate_hz = RATE_HZ
        self._played = 0
        self._flowing = False
        self._finished = False
        self._problem = ("The loudspeaker is closed.", "")

    def open(self) -> None:
        """Start the output; what hinders is told by `status`."""
        if self._stream is not None:
            return
        try:
            sounddevice = devices.portaudio()
        except devices.NoPortAudioError:
            self._problem = (
                "PortAudio, the library that plays sound, is not there.",
                "Install it and start again.",
            )
            return
        try:
            with devices.quiet():
                self._start(sounddevice)
        except (sounddevice.PortAudioError, ValueError) as error:
            reason = str(error.args[0]) if error.args else type(error).__name__
            self._problem = (
                f"No loudspeaker can be opened ({reason}).",
                "Connect one, or look on: nothing depends on it.",
            )

    def close(self) -> None:
        """Stop at once."""
        stream, self._stream = self._stream, None
        if stream is not None:
            devices.close_stream(stream)
        self._problem = ("The loudspeaker is closed.", "")

    @property
    def pending_s(self) -> float:
        """Seconds of sound that still wait to be played."""
        return (self._ring.written - self._played) / self._rate_hz if self._stream is not None else 0.0

    def push(self, samples: NDArray[np.float32]) -> None:
        """Play samples [n] at 16 kHz after what is there already; without a stream they are dropped."""
        if self._stream is None or self._finished:
            return
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        self._ring.write(samples, 0.0)

    def status(self) -> SpeakerStatus:
        """Return whether sound can be heard."""
        if self._stream is None:
            return SpeakerStatus(False, *self._problem)
        if self._finished:
            return SpeakerStatus(False, "The loudspeaker was unplugged.", "Plug it in and switch it on again.")
        return SpeakerStatus(True, "Played through the loudspeaker.", "")

    def _start(self, sounddevice: Any) -> None:
        """Open the default output at 16 kHz, or at its own rate and resample."""
        own_hz = round(float(sounddevice.query_devices(kind="output")["default_samplerate"]))
        try:
            self._start_at(sounddevice, RATE_HZ)
        except sounddevice.PortAudioError:
            if own_hz == RATE_HZ:
                raise
            self._start_at(sounddevice, own_hz)

    def _start_at(self, sounddevice: Any, rate_hz: int) -> None:
        self._resampler = None
        if rate_hz != RATE_HZ:
            import soxr

            self._resampler = soxr.ResampleStream(RATE_HZ, rate_hz, 1, dtype="float32", quality="HQ")
        self._ring, self._rate_hz, self._played = Ring(_DEPTH_S * rate_hz), rate_hz, 0
        self._flowing = self._finished = False
        stream = sounddevice.RawOutputStream(
            samplerate=rate_hz,
            blocksize=0,
            channels=1,
            dtype="float32",
            latency="high",
            callback=self._play,
            finished_callback=self._finish,
        )
        try:
            stream.start()
        except sounddevice.PortAudioError:
            devices.close_stream(stream)
            raise
        devices.opened(stream)
        self._stream = stream

    def _play(self, outdata: Any, frames: int, when: Any, status: object) -> None:
        """Fill one block for PortAudio, from its thread."""
        out, ring = np.frombuffer(outdata, np.float32), self._ring
        waiting = ring.written - self._played
        if waiting > ring.capacity - self._rate_hz:  # far more was pushed than can be played: keep the newest half
            self._played += waiting - ring.capacity // 2
            waiting = ring.capacity // 2
        self._flowing = self._flowing or waiting >= _HEAD_START_S * self._rate_hz
        n = min(frames, waiting) if self._flowing else 0
        out[:n] = ring.read(self._played, n)
        out[n:] = 0.0
        self._played += n
        self._flowing = n == frames

    def _finish(self) -> None:
        self._finished = True
