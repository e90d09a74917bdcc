"""A microphone that says what is wrong with it, and never hands out sound of another rate."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from explorer.engine.audio import devices
from explorer.engine.audio.capture import Capture
from explorer.engine.audio.level import LevelMeter
from explorer.engine.audio.source import RATE_HZ, Block, SourceState, SourceStatus, Span
from explorer.engine.audio.states import describe

if TYPE_CHECKING:
    from explorer.engine.audio.devices import Device, DeviceName

_BLOCKS_PER_S = 100
_LAST_WORDS = (SourceState.BUSY, SourceState.REFUSED, SourceState.LOST, SourceState.NO_DEVICE)


class Microphone:
    """Read an input device at 16 kHz, or at its own rate and resample.

    `open`, `close` and `reopen` are called on one thread, the interface's; `read` on the inference thread.  Nothing
    that a device does raises an error here: `status` tells.

    Parameters
    ----------
    device
        Name and host API; None: whatever the system's default is when it is opened.
    """

    kind: Literal["microphone"] = "microphone"
    live = True

    def __init__(self, device: DeviceName | None = None) -> None:
        self.device = device
        self._capture: Capture | None = None
        self._stream: Any = None
        self._problem: tuple[SourceState, str] | None = None
        self._name = device.name if device else "The microphone"
        self._wanted = False
        self._was_heard = False
        self._position = 0
        self._lost_before = 0
        self._late_before = 0
        self._meter = LevelMeter()

    @property
    def label(self) -> str:
        """The device's name."""
        return self._name

    @property
    def ended(self) -> bool:
        """Never: a device may always come back."""
        return False

    @property
    def wanted(self) -> bool:
        """Whether it was opened and not closed since, working or not."""
        return self._wanted

    @property
    def silent_for_s(self) -> float:
        """Seconds since the last block; 0 when it is not open."""
        capture = self._capture
        return capture.silent_for_s if capture else 0.0

    def open(self) -> None:
        """Start listening; when that cannot be, `status` says why."""
        self._wanted = True
        if self._capture is None or self._capture.finished:
            self.reopen()

    def close(self) -> None:
        """Stop listening and give the device back."""
        self._wanted = False
        self._problem = None
        self.release()

    def release(self) -> None:
        """Give the device back and stay wanted, so that `reopen` may follow."""
        capture, self._capture = self._capture, None
        stream, self._stream = self._stream, None
        if capture is not None:
            self._was_heard = self._was_heard or capture.ring.written > 0
            self._lost_before += capture.lost_samples
            self._late_before += capture.late_blocks
        if stream is not None:
            devices.close_stream(stream)

    def reopen(self) -> None:
        """Open the device again by name and host API; what was counted so far is kept."""
        self.release()
        try:
            device = devices.find_input(self.device)
        except devices.NoPortAudioError as error:
            self._problem = (SourceState.NO_PORTAUDIO, str(error))
            return
        if device is None:
            gone = self.device is not None or self._was_heard
            self._problem = (SourceState.LOST if gone else SourceState.NO_DEVICE, "")
            return
        self._name = _shown(device)
        with devices.quiet():
            self._problem = self._start(device)
        if self._was_heard and self._problem and self._problem[0] in (SourceState.NO_DEVICE, SourceState.FAILED):
            self._problem = (SourceState.LOST, self._problem[1])

    def read(self, n: int, timeout_s: float) -> Block | None:
        """Return the next `n` samples, or None when they did not come in time."""
        until_s = time.perf_counter() + timeout_s
        while True:
            capture = self._capture
            taken = capture.take(n) if capture else None
            if taken is not None:
                samples, arrived_s, device_s = taken
                self._position += n
                self._meter.add(samples)
                return Block(samples, self._position, arrived_s, device_s)
            left_s = until_s - time.perf_counter()
            if left_s <= 0:
                return None
            time.sleep(min(left_s, capture.wait_s(n) if capture else 0.02))

    def status(self) -> SourceStatus:
        """Return what is the case, worked out now."""
        capture, meter = self._capture, self._meter
        state, detail = self._state(capture)
        sentence, action = describe(state, self._name, detail)
        hearing = capture is not None and state is SourceState.LISTENING
        return SourceStatus(
            state=state,
            sentence=sentence,
            action=action,
            lost_samples=self._lost_before + (capture.lost_samples if capture else 0),
            lag_ms=capture.lag_s * 1000.0 if capture and capture.lag_s is not None else None,
            level_dbfs=meter.level_dbfs if hearing else LevelMeter().level_dbfs,
            peak=meter.peak if hearing else 0.0,
            clipped=meter.clipped,
            late_blocks=self._late_before + (capture.late_blocks if capture else 0),
        )

    def truth(self, start_s: float, end_s: float) -> tuple[Span, ...]:
        """Return nothing: nobody knows what will be said."""
        return ()

    def _state(self, capture: Capture | None) -> tuple[SourceState, str]:
        if self._problem is not None:
            return self._problem
        if capture is None:
            return SourceState.CLOSED, ""
        if capture.finished:
            return SourceState.LOST, ""
        if capture.stalled:
            return SourceState.STALLED, ""
        if not capture.ring.written:
            return SourceState.OPENING, ""
        return (SourceState.ALL_ZERO if capture.all_zero else SourceState.LISTENING), ""

    def _start(self, device: Device) -> tuple[SourceState, str] | None:
        """Try 16 kHz, then the device's own rate; one channel, then two; the shortest delay, then a long one."""
        sounddevice = devices.portaudio()
        settings = sounddevice.WasapiSettings(auto_convert=True) if device.host_api == "Windows WASAPI" else None
        problem = (SourceState.FAILED, "")
        for rate_hz in dict.fromkeys((RATE_HZ, round(device.default_rate_hz))):
            for channels in range(1, min(device.channels, 2) + 1):
                for latency in ("low", "high"):
                    capture = Capture(rate_hz, channels, rate_hz // _BLOCKS_PER_S)
                    stream = None
                    try:
                        # the raw form hands over plain memory: no array is made on PortAudio's thread
                        stream = sounddevice.RawInputStream(
                            samplerate=rate_hz,
                            blocksize=rate_hz // _BLOCKS_PER_S,
                            device=device.index,
                            channels=channels,
                            dtype="float32",
                            latency=latency,
                            extra_settings=settings,
                            callback=capture.callback,
                            finished_callback=capture.finish,
                        )
                        stream.start()
                    except (sounddevice.PortAudioError, ValueError) as error:
                        if stream is not None:
                            devices.close_stream(stream)
                        problem = (devices.state_of(error), str(error.args[0]) if error.args else "")
                        if problem[0] in _LAST_WORDS:
                            return problem
                        continue
                    devices.opened(stream)
                    self._capture, self._stream = capture, stream
                    return None
        return problem


def _shown(device: Device) -> str:
    """Return a name a person can do something with: PortAudio's "default" is not one."""
    if device.name in ("default", "sysdefault", "pulse", "pipewire"):
        return f"System microphone ({device.name})"
    return device.name
