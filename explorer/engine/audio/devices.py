"""Audio devices as PortAudio lists them, without the doubles, and what its errors mean."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.engine.audio.source import SourceState

if TYPE_CHECKING:
    from collections.abc import Iterator

_API_RANK = ("Windows WASAPI", "Core Audio", "ALSA", "Windows DirectSound", "MME")
_SHORT_NAME = 31  # MME cuts names here
_ALIASES = ("microsoft sound mapper", "primary sound")

_INVALID_DEVICE, _UNAVAILABLE, _HOST_ERROR = -9996, -9985, -9999

_problem: str | None = None
_streams: set[Any] = set()


@dataclass(frozen=True, slots=True)
class DeviceName:
    """What identifies a device across restarts; its index does not.

    Parameters
    ----------
    name, host_api
        As PortAudio gives them, for example "pulse" and "ALSA".
    """

    name: str
    host_api: str


@dataclass(frozen=True, slots=True)
class Device:
    """An input device as listed now.

    Parameters
    ----------
    name, host_api
        See `DeviceName`.
    index
        PortAudio's number, good until the next `refresh`.
    default_rate_hz
        The device's own rate.
    is_default
        Whether the system would choose it.
    channels
        How many it has.
    """

    name: str
    host_api: str
    index: int
    default_rate_hz: float
    is_default: bool
    channels: int = 1

    @property
    def key(self) -> DeviceName:
        """What to remember of it."""
        return DeviceName(self.name, self.host_api)


class NoPortAudioError(Exception):
    """PortAudio, the library under sounddevice, is not there or does not start."""


def portaudio() -> Any:
    """Return the module sounddevice, imported on first use (it starts PortAudio; 0.1 s).

    Call it on the thread that opens streams: WASAPI ties devices to the thread that started it.

    Raises
    ------
    NoPortAudioError
        If it cannot be imported; it is not tried again, since looking for the library takes time.
    """
    global _problem
    loaded = sys.modules.get("sounddevice")
    if loaded is not None:
        return loaded
    if _problem is None:
        try:
            import sounddevice
        except Exception as error:  # noqa: BLE001 - OSError, or an error class of the module that failed
            _problem = str(error) or type(error).__name__
        else:
            return sounddevice
    raise NoPortAudioError(_problem)


def list_inputs() -> list[Device]:
    """Return the input devices, each once, the default first; empty without PortAudio.

    Windows shows a device once per host API, under MME with its name cut to 31 characters.  Of those the one with
    the best API is kept (WASAPI before DirectSound before MME), and aliases of "the default" are left out.
    """
    try:
        devices = _all_inputs(portaudio())
    except NoPortAudioError:
        return []
    groups: dict[str, list[Device]] = {}
    for device in devices:
        groups.setdefault(device.name[:_SHORT_NAME].strip().casefold(), []).append(device)
    has_wasapi = any(device.host_api == "Windows WASAPI" for device in devices)
    kept = []
    for same in groups.values():
        best = min(_rank(device) for device in same)
        is_default = any(device.is_default for device in same)
        for device in same:
            if _rank(device) == best and not (has_wasapi and device.host_api == "Windows WDM-KS"):
                kept.append(
                    Device(
                        device.name,
                        device.host_api,
                        device.index,
                        device.default_rate_hz,
                        is_default,
                        device.channels,
                    )
                )
    real = [device for device in kept if not device.name.casefold().startswith(_ALIASES)]
    return sorted(real or kept, key=lambda device: not device.is_default)


def find_input(wanted: DeviceName | None) -> Device | None:
    """Return the device of this name and host API, or with None the default; None when it is not there.

    Raises
    ------
    NoPortAudioError
        Without PortAudio.
    """
    if wanted is None:
        return next(iter(list_inputs()), None) if portaudio() else None
    return next((device for device in _all_inputs(portaudio()) if device.key == wanted), None)


def refresh() -> bool:
    """Make PortAudio look for devices again; False, and nothing done, while any stream is open.

    PortAudio lists the devices once, when it starts, so it is stopped and started; that ends all streams.
    """
    if _streams:
        return False
    try:
        sounddevice = portaudio()
    except NoPortAudioError:
        return False
    try:
        sounddevice._terminate()
        sounddevice._initialize()
    except sounddevice.PortAudioError:
        return False
    return True


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what C libraries print about a device that does not open off the terminal; the status says it in words."""
    try:
        terminal, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # a program without a terminal
        yield
        return
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def opened(stream: Any) -> None:
    """Note that a stream is open, so that `refresh` leaves it alone."""
    _streams.add(stream)


def close_stream(stream: Any) -> None:
    """End a stream; never `stop()`, which waits for ever on a suspended device."""
    _streams.discard(stream)
    stream.abort()
    stream.close()


def state_of(error: Exception, platform: str = sys.platform) -> SourceState:
    """Return which state an error of opening a stream means.

    Parameters
    ----------
    error
        A PortAudioError: message, PortAudio's code, (host API, its code, its text), as far as there are any.
    platform
        As `sys.platform`; Windows hides a refused permission behind the error for everything unforeseen.
    """
    code = error.args[1] if len(error.args) > 1 else None
    text = " ".join(str(part) for part in error.args).casefold()
    if "permission" in text or "denied" in text or (code == _HOST_ERROR and platform == "win32"):
        return SourceState.REFUSED
    if code == _UNAVAILABLE or "busy" in text:
        return SourceState.BUSY
    if code == _HOST_ERROR and any(sign in text for sign in ("input/output error", "no such", "refused")):
        return SourceState.LOST
    if code == _INVALID_DEVICE or "error querying device" in text:
        return SourceState.NO_DEVICE
    return SourceState.FAILED


def _rank(device: Device) -> int:
    return _API_RANK.index(device.host_api) if device.host_api in _API_RANK else len(_API_RANK)


def _all_inputs(sounddevice: Any) -> list[Device]:
    try:
        apis = sounddevice.query_hostapis()
        entries = list(sounddevice.query_devices())
    except sounddevice.PortAudioError:
        return []
    try:
        default = int(sounddevice.query_devices(kind="input")["index"])
    except (sounddevice.PortAudioError, ValueError):
        default = -1
    return [
        Device(
            name=str(entry["name"]).strip(),
            host_api=str(apis[entry["hostapi"]]["name"]),
            index=index,
            default_rate_hz=float(entry["default_samplerate"]),
            is_default=index == default,
            channels=int(entry["max_input_channels"]),
        )
        for index, entry in enumerate(entries)
        if entry["max_input_channels"] > 0
    ]
