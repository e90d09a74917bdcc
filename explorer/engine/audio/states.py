"""The states of a microphone in words: what is the case, and what to do."""

from __future__ import annotations

import sys

from explorer.engine.audio.source import SourceState


def describe(state: SourceState, name: str, detail: str = "", platform: str = sys.platform) -> tuple[str, str]:
    """Return a sentence that says what is the case with device `name`, and one that says what to do, or "".

    Parameters
    ----------
    state
        The state.
    name
        The device, as it is shown.
    detail
        What PortAudio said, where that helps.
    platform
        As `sys.platform`: permissions and packages differ.
    """
    sentence = {
        SourceState.CLOSED: "The microphone is closed.",
        SourceState.OPENING: f"{name} is being opened.",
        SourceState.LISTENING: f"Listening to {name}.",
        SourceState.ALL_ZERO: f"{name} delivers only zeros: it is muted, or the system withholds its sound.",
        SourceState.STALLED: f"{name} stopped delivering sound: it is suspended, or hangs.",
        SourceState.LOST: f"{name} is not connected.",
        SourceState.NO_PORTAUDIO: "PortAudio, the library that reads microphones, is not there"
        f"{f' ({detail})' if detail else ''}.",
        SourceState.NO_DEVICE: "No microphone is connected.",
        SourceState.BUSY: f"{name} is taken by another program.",
        SourceState.REFUSED: f"The system does not let this program use {name}.",
        SourceState.ENDED: f"{name} has ended.",
        SourceState.FAILED: f"{name} cannot be opened{f' ({detail})' if detail else ''}.",
    }[state]
    return sentence, _actions(platform).get(state, "")


def _actions(platform: str) -> dict[SourceState, str]:
    permission = {
        "darwin": "Allow it in System Settings, Privacy & Security, Microphone.",
        "win32": "Allow it in Settings, Privacy & security, Microphone, for desktop apps.",
    }.get(platform, "Ask to be let into the group “audio”, or see the system's sound settings.")
    unmute = "Unmute it, on the device and in the system's sound settings."
    return {
        SourceState.ALL_ZERO: f"{unmute} {permission}" if platform == "darwin" else unmute,
        SourceState.STALLED: "It goes on by itself when the device does; or choose another device.",
        SourceState.LOST: "Plug it in, and listening goes on by itself; or choose another device.",
        SourceState.NO_PORTAUDIO: "Install it (sudo apt-get install libportaudio2) and start again."
        if platform.startswith("linux")
        else "Install the package sounddevice again, it brings PortAudio, and start again.",
        SourceState.NO_DEVICE: "Plug one in, and listening starts by itself.",
        SourceState.BUSY: "Close the other program, and listening starts by itself; or choose another device.",
        SourceState.REFUSED: permission,
        SourceState.FAILED: "Choose another device.",
    }
