"""What the program remembers between two starts, in a file that can never stop a start."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from explorer.engine.errors import ExplorerError
from explorer.files import dump_json, parse_json, plain_text, read_limited, user_folder, write_atomically

VERSION = 1
THEMES = ("dark", "light", "projector")
RECENT_LIMIT = 8
_FILE_LIMIT_BYTES = 16_000_000  # nine scenes of at most 1 MB, and room


@dataclass(frozen=True, slots=True)
class Values:
    """The remembered values.

    Parameters
    ----------
    geometry
        Place and size of the window as Qt writes it, in base64; empty before the first close.
    theme
        "dark", "light" or "projector"; empty follows the desktop.
    device
        Microphone as "name | host API"; empty for the system's default.
    panel
        Key of the panel shown last.
    drawer
        Whether the inspector is open where there is room for it.
    recent_states
        Paths of state files, newest first.
    microphone_allowed
        Whether the user has once opened the microphone by a gesture; never set otherwise.
    microphone_at_start
        Whether the user chose that the microphone opens by itself at the next start.
    scenes
        Stored set-ups, "1" to "9"; each is the document of a state file.
    """

    geometry: str = ""
    theme: str = ""
    device: str = ""
    panel: str = ""
    drawer: bool = True
    recent_states: tuple[str, ...] = ()
    microphone_allowed: bool = False
    microphone_at_start: bool = False
    scenes: dict[str, dict[str, Any]] = field(default_factory=dict)


class Settings:
    """Values in memory and their file; `warnings` tells in sentences what of the file could not be used.

    Parameters
    ----------
    path
        The file; its folder need not exist yet.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path if path is not None else user_folder() / "settings.json"
        self.values = Values()
        self.warnings: list[str] = []
        self._dirty = False
        self._failed = False
        self._load()

    def update(self, **changes: Any) -> None:
        """Replace values; `flush` writes them."""
        new = replace(self.values, **changes)
        self._dirty = self._dirty or new != self.values
        self.values = new

    def remember_state_file(self, path: str) -> None:
        """Put `path` in front of the recent state files."""
        others = tuple(p for p in self.values.recent_states if p != path)
        self.update(recent_states=(path, *others)[:RECENT_LIMIT])

    def flush(self) -> str | None:
        """Write what changed.

        Returns
        -------
        A sentence the first time that writing fails, else None: settings never interrupt anybody twice.
        """
        if not self._dirty:
            return None
        self._dirty = False
        document = {f.name: getattr(self.values, f.name) for f in fields(Values)}
        try:
            write_atomically(self.path, dump_json({"version": VERSION, **document}))
        except (ExplorerError, TypeError, ValueError) as error:
            first, self._failed = not self._failed, True
            return f"The settings were not kept: {error}" if first else None
        self._failed = False
        return None

    def _load(self) -> None:
        if not os.path.lexists(self.path):
            return
        try:
            document = parse_json(read_limited(self.path, _FILE_LIMIT_BYTES), str(self.path))
            if not isinstance(document, dict):
                raise ExplorerError(f"{self.path} does not hold settings.")
            if document.pop("version", None) != VERSION:
                raise ExplorerError(f"{self.path} was written by another version of the program.")
        except ExplorerError as error:
            self.warnings.append(f"{error} The program starts with its own settings; {self._keep_aside()}")
            return
        known = {f.name for f in fields(Values)}
        good: dict[str, Any] = {}
        for key, value in document.items():
            parse = _PARSERS.get(key)
            if key not in known or parse is None:
                self.warnings.append(f"The setting {key!r:.80} is unknown and was left out.")
                continue
            try:
                good[key] = parse(value)
            except ValueError as error:
                self.warnings.append(f"The setting {key!r} was not used: {error}.")
        self.values = Values(**good)

    def _keep_aside(self) -> str:
        aside = self.path.with_name(self.path.name + ".bad")
        try:
            os.replace(self.path, aside)
        except OSError:
            return "the old file could not be moved aside."
        return f"the old file is kept as {aside.name}."


def _one_of(*names: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"it must be one of {', '.join(n for n in names if n)}")
        return value

    return parse


def _text(value: object) -> str:
    if not isinstance(value, str) or not plain_text(value):
        raise ValueError("it must be a line of text")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it must be true or false")
    return value


def _geometry(value: object) -> str:
    text = _text(value)
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("it is not a window geometry") from None
    return text


def _paths(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("it must be a list of paths")
    return tuple(_text(item) for item in value)[:RECENT_LIMIT]


def _scenes(value: object) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict):
        raise ValueError("it must hold scenes")
    wrong = [key for key, scene in value.items() if key not in set("123456789") or not isinstance(scene, dict)]
    if wrong:
        raise ValueError(f"the scene {wrong[0]!r:.40} is none")
    return dict(value)


_PARSERS: dict[str, Callable[[object], Any]] = {
    "geometry": _geometry,
    "theme": _one_of("", *THEMES),
    "device": _text,
    "panel": _text,
    "drawer": _truth,
    "recent_states": _paths,
    "microphone_allowed": _truth,
    "microphone_at_start": _truth,
    "scenes": _scenes,
}
