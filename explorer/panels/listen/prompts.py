"""Prompts: what the panel says in words; every sentence is made from what is the case now."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from explorer.engine.audio.source import SourceState, SourceStatus
from explorer.engine.kws.decision import Event
from explorer.engine.nn.cost import flash_bytes
from explorer.engine.nn.network import Network

MUTED_AFTER_S = 4.0
SILENT_DBFS = -65.0
"""A room with an open microphone is louder than this; below it for four seconds, something is switched off."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the headline is about.

    Parameters
    ----------
    loading
        Whether the network is being loaded.
    trouble
        What hinders network or source, in a sentence; empty for nothing.
    kind
        Kind of the source that is heard; empty while there is none.
    status
        How the source fares; None while there is none.
    device
        Name of the source.
    frozen_s
        How long ago the right edge of a frozen picture is; None while it moves.
    silent_s
        For how long the microphone gave nothing.
    shut
        Whether hold to talk keeps the microphone's sound away.
    hold_to_talk
        Whether it is switched on.
    explained
        Why the last stretch of voice was no word; None while there is nothing to explain.
    heard_from_you
        Whether a word was recognised since the microphone was opened.
    """

    loading: bool = False
    trouble: str = ""
    kind: str = ""
    status: SourceStatus | None = None
    device: str = ""
    frozen_s: float | None = None
    silent_s: float = 0.0
    shut: bool = False
    hold_to_talk: bool = False
    explained: str | None = None
    heard_from_you: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """One large line.

    Parameters
    ----------
    text
        What is said.
    mood
        "info", "warn" or "bad".
    action
        What to do about it, in smaller type; empty to leave the place to the live values.
    """

    text: str
    mood: str = "info"
    action: str = ""


def headline(now: Situation) -> Headline:
    """Return the one large line: what is wrong if something is, else what to do next."""
    problem = _problem(now)
    if problem is not None and (problem.mood == "bad" or now.frozen_s is None):
        return problem
    if now.frozen_s is not None:
        ago = _tr("Frozen {seconds:.0f} s ago. Space goes on.") if now.frozen_s >= 1 else _tr("Frozen. Space goes on.")
        return Headline(ago.format(seconds=now.frozen_s))
    if now.loading:
        return Headline(_tr("Loading the network …"))
    if now.kind != "microphone":
        return Headline(_tr("Now you. Press Space and say left."))
    if now.shut:
        return Headline(_tr("Hold T and speak: only then the network hears you."))
    if now.silent_s >= MUTED_AFTER_S:
        text = _tr("{device}: nothing for {seconds:.0f} s. Muted?")
        action = now.status.action if now.status is not None else ""
        return Headline(text.format(device=_capital(now.device), seconds=now.silent_s), "warn", action)
    if now.explained:
        return Headline(explanation(now.explained), "warn")
    if now.hold_to_talk:
        return Headline(_tr("Heard while you hold T. Say a word."))
    return Headline(_tr("Say another of the words below.") if now.heard_from_you else _tr("You are on. Say left."))


def explanation(reason: str) -> str:
    """Return why a stretch of voice was no word, as a sentence."""
    if reason == "too quiet":
        return _tr("A voice, but too quiet: come closer to the microphone.")
    return _tr("A voice, but no word: {reason}.").format(reason=reason)


def _problem(now: Situation) -> Headline | None:
    if now.trouble:
        return Headline(now.trouble, "bad")
    status = now.status
    if status is None or status.state in (SourceState.LISTENING, SourceState.CLOSED, SourceState.ALL_ZERO):
        return None  # zeros alone say little: between two words, noise suppression gives them too
    if status.state is SourceState.OPENING:
        return Headline(status.sentence)
    if status.state is SourceState.ENDED:
        return Headline(status.sentence, "info", _tr("P plays it again. Press a word below, or Space and speak."))
    mood = "warn" if status.state is SourceState.STALLED else "bad"
    return Headline(status.sentence, mood, status.action)


def answer(event: Event, network: Network, *, recorded_as: str = "", file_bytes: int | None = None) -> str:
    """Return the sentence with the live values of one event; empty when its times were not measured.

    Parameters
    ----------
    event
        The word.
    network
        What recognised it.
    recorded_as
        Name of the file into which the user has sound recorded; empty for none.
    file_bytes
        What a device would flash of a squeezed network; None for float.
    """
    waterfall = event.waterfall
    if waterfall is None:
        return ""
    kept = (
        _tr("sound is written to {file}, as you asked, and none was sent").format(file=recorded_as)
        if recorded_as
        else _tr("no sound was stored or sent")
    )
    text = _tr("The network took {network}; being sure took {sure}; all it knows fits in {bytes}; {kept}.")
    return text.format(
        network=milliseconds(waterfall.network_ms),
        sure=milliseconds(waterfall.averaging_ms),
        bytes=kilobytes(flash_bytes(network.graph, 32) if file_bytes is None else file_bytes),
        kept=kept,
    )


def milliseconds(value: float) -> str:
    """Print a time with two digits that mean something: "0.41 ms", "150 ms"."""
    digits = 0 if value >= 9.5 else 1 if value >= 0.95 else 2
    return f"{value:.{digits}f} ms"


def kilobytes(value: float) -> str:
    """Print bytes in units of 1,024: "44.6 KB"."""
    return f"{value / 1024:.1f} KB"


def source_words(kind: str, device: str) -> str:
    """Say what is heard, honestly: a recorded voice is called one."""
    words = {
        "talker": _tr("recorded voice, real network"),
        "microphone": _tr("you, at {device}"),
        "file": _tr("file {device}, real network"),
        "synthetic": _tr("generated {device}"),
    }
    name = device.removeprefix("Signal: ")
    name = name[:1].lower() + name[1:] if name.startswith("The ") else name
    return words.get(kind, _tr("no sound yet")).format(device=name)


def source_name(kind: str, device: str) -> str:
    """Name who is heard, at the beginning of a sentence."""
    names = {
        "talker": _tr("Recorded voice"),
        "microphone": _tr("You"),
        "file": _tr("File {device}"),
        "synthetic": _tr("Generated {device}"),
    }
    return names.get(kind, _tr("No sound yet")).format(device=device.removeprefix("Signal: "))


def privacy(kind: str, recorded_as: str = "") -> str:
    """Say what becomes of the sound."""
    if recorded_as:
        return _tr("Recording to {file}, because you asked; nothing is sent.").format(file=recorded_as)
    if kind == "microphone":
        return _tr("Your sound stays in this program's memory, 5 minutes at most; nothing is stored or sent.")
    return _tr("The microphone is closed; nothing is stored or sent.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Listen", text)
