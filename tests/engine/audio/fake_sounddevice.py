"""A sounddevice whose devices, streams and time are moved by the test; no PortAudio is needed for it."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.engine.audio import capture, devices

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from numpy.typing import NDArray

    from explorer.engine.audio.microphone import Microphone

INVALID_RATE = ("Error opening RawInputStream: Invalid sample rate", -9997)
INVALID_CHANNELS = ("Error opening RawInputStream: Invalid number of channels", -9998)
UNAVAILABLE = ("Error opening RawInputStream: Device unavailable", -9985)
PERMISSION = ("Error opening RawInputStream: host error", -9999, (0, -13, "Permission denied"))
IO_ERROR = ("Error opening RawInputStream: host error", -9999, (0, -5, "Input/output error"))


class FakePortAudioError(Exception):
    pass


class FakeStream:
    """A stream that delivers what the test hands to it, at the time the test says."""

    def __init__(self, module: FakeSoundDevice, **settings: Any) -> None:
        module.attempts.append(settings)
        error = module.refuses(settings)
        if error is not None:
            raise FakePortAudioError(*error)
        self.module = module
        self.settings = settings
        self.calls: list[str] = []
        self.open = True
        module.streams.append(self)

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        raise AssertionError("stop() hangs on a suspended device")

    def abort(self) -> None:
        self.calls.append("abort")
        self.settings["finished_callback"]()

    def close(self) -> None:
        self.calls.append("close")
        self.open = False

    def deliver(self, samples: NDArray[np.float32], lag_s: float = 0.01) -> None:
        """Call back once with samples [n] or [n, channels], taken `lag_s` before now on the stream's clock."""
        module = self.module
        when = SimpleNamespace(
            currentTime=module.now_s - module.origin_s,
            inputBufferAdcTime=module.now_s - module.origin_s - lag_s if module.tells_time else 0.0,
        )
        # PortAudio says nothing about loss, so neither does this
        self.settings["callback"](bytearray(samples.astype(np.float32).tobytes()), len(samples), when, None)

    def play(self, frames: int) -> NDArray[np.float32]:
        """Ask an output stream for its next `frames` samples."""
        out = bytearray(b"\xff" * (4 * frames))
        self.settings["callback"](out, frames, SimpleNamespace(), None)
        return np.frombuffer(out, np.float32)

    def vanish(self) -> None:
        """End as PortAudio ends a stream whose device was pulled out."""
        self.settings["finished_callback"]()


class FakeSoundDevice:
    """What the engine uses of the module; `plugged` is the truth, `listed` what PortAudio saw when it started."""

    PortAudioError = FakePortAudioError

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.origin_s = 900.0
        self.tells_time = True
        self.apis = ["ALSA"]
        self.plugged: list[dict[str, Any]] = []
        self.listed: list[dict[str, Any]] = []
        self.default_input = 0
        self.streams: list[FakeStream] = []
        self.attempts: list[dict[str, Any]] = []
        self.refuses: Callable[[dict[str, Any]], tuple[Any, ...] | None] = lambda settings: None
        self.restarts = 0

    def plug(self, *names: str, rate_hz: float = 48000.0, channels: int = 2, api: int = 0) -> None:
        """Make these the devices that are there."""
        self.plugged = [
            {
                "name": name,
                "hostapi": api,
                "max_input_channels": channels,
                "max_output_channels": 0,
                "default_samplerate": rate_hz,
            }
            for name in names
        ]

    def query_hostapis(self) -> tuple[dict[str, Any], ...]:
        return tuple({"name": name} for name in self.apis)

    def query_devices(self, kind: str | None = None) -> Any:
        if kind is None:
            return list(self.listed)
        wanted = [i for i, entry in enumerate(self.listed) if entry[f"max_{kind}_channels"] > 0]
        if not wanted:
            raise FakePortAudioError("Error querying device -1")
        index = self.default_input if kind == "input" else wanted[0]
        return {**self.listed[index], "index": index}

    def RawInputStream(self, **settings: Any) -> FakeStream:
        return FakeStream(self, **settings)

    RawOutputStream = RawInputStream

    def WasapiSettings(self, **settings: Any) -> dict[str, Any]:
        return settings

    def _terminate(self) -> None:
        assert not any(stream.open for stream in self.streams), "PortAudio was stopped under an open stream"

    def _initialize(self) -> None:
        self.restarts += 1
        self.listed = list(self.plugged)

    @property
    def stream(self) -> FakeStream:
        """The newest stream."""
        return self.streams[-1]

    def speak(self, seconds: float, value: float = 0.1, block: int | None = None) -> None:
        """Let the newest stream deliver `seconds` of a constant, block after block, as time passes."""
        settings = self.stream.settings
        block = settings["blocksize"] if block is None else block
        for _ in range(round(seconds * settings["samplerate"] / block)):
            self.now_s += block / settings["samplerate"]
            self.stream.deliver(np.full((block, settings["channels"]), value, np.float32))

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put it in the place of the real module, and its time in the place of the machine's."""
        self.listed = list(self.plugged)
        monkeypatch.setitem(sys.modules, "sounddevice", self)
        monkeypatch.setattr(devices, "_streams", set())
        monkeypatch.setattr(devices, "_problem", None)
        monkeypatch.setattr(capture, "perf_counter", lambda: self.now_s)


def drain(microphone: Microphone, n: int = 800) -> NDArray[np.float32]:
    """Read all whole blocks that wait."""
    blocks = []
    while (block := microphone.read(n, 0.0)) is not None:
        blocks.append(block.samples)
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
