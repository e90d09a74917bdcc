"""State files: everything on the screen, seeds included, as JSON that is safe to open from a stranger.

Nothing in a file is believed: every key is known, every value is checked against its range, and a path in it is a
question to the user before anything on the disk is touched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.quantization.recipe import FLOAT
from explorer.engine.quantization.recipe import from_json as recipe_from_json
from explorer.engine.quantization.recipe import to_json as recipe_to_json
from explorer.files import dump_json, finite_number, parse_json, plain_text, read_limited, write_atomically
from explorer.settings import THEMES
from explorer.workbench import NOISE_KINDS, SOURCE_KINDS, State

FORMAT = "mlsys-explorer state"
VERSION = 1
LIMIT_BYTES = 1_000_000
SUFFIX = ".mlstate"
_LARGEST_SEED = 2**53 - 1  # the largest whole number that every JSON reader keeps exact


@dataclass(frozen=True, slots=True)
class View:
    """How the window looks: the panel in front, the theme, whether the inspector is open."""

    panel: str = ""
    theme: str = "dark"
    drawer: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """Everything on the screen.

    Parameters
    ----------
    state
        The workbench.
    view
        The window.
    panels
        What each panel keeps to itself, by its key.
    """

    state: State
    view: View = field(default_factory=View)
    panels: dict[str, dict[str, Any]] = field(default_factory=dict)

    def paths(self) -> tuple[str, ...]:
        """Return the paths of this machine's disk that the document names."""
        wanted = [self.state.source_detail] if self.state.source_kind == "file" else []
        if self.state.evaluation_folder is not None:
            wanted.append(self.state.evaluation_folder)
        return tuple(path for path in wanted if path)

    def without_paths(self) -> Document:
        """Return the document with bundled sound in place of every file and folder it names."""
        state = replace(self.state, evaluation_folder=None)
        if state.source_kind == "file":
            state = replace(state, source_kind="talker", source_detail="")
        return replace(self, state=state)


def to_json(document: Document) -> dict[str, Any]:
    """Return the document as the value that a state file or a scene holds."""
    workbench = dataclasses.asdict(document.state) | {"precision": recipe_to_json(document.state.precision)}
    del workbench["live_calibration"]  # sound stays in memory
    return {
        "format": FORMAT,
        "version": VERSION,
        "workbench": workbench,
        "view": dataclasses.asdict(document.view),
        "panels": document.panels,
    }


def from_json(value: object, panel_keys: Iterable[str], name: str = "The state") -> Document:
    """Check `value` and return the document it holds.

    Parameters
    ----------
    value
        What `parse_json` returned.
    panel_keys
        Keys of the panels that exist.
    name
        What to call the file in the sentence of an error.

    Raises
    ------
    ExplorerError
        One sentence that names the key and what it must be.
    """
    top = _Table(value, name, "")
    if top.take("format", _one_of(FORMAT)) != FORMAT or top.take("version", _whole(1, 10**6)) != VERSION:
        raise ExplorerError(f"{name} was written by a newer version of the program: open it there.")
    document = Document(
        state=_state(top.take("workbench", _any), name),
        view=_view(top.take("view", _any), name, tuple(panel_keys)),
        panels=_panels(top.take("panels", _any), name, tuple(panel_keys)),
    )
    top.end()
    return document


def save(path: Path, document: Document) -> None:
    """Write the document to `path`, whole or not at all.

    Raises
    ------
    ExplorerError
        When it cannot be written, or is too large to be opened again.
    """
    content = dump_json(to_json(document))
    if len(content) > LIMIT_BYTES:
        raise ExplorerError(f"The state is larger than {LIMIT_BYTES / 1e6:g} MB and was not saved to {path}.")
    write_atomically(path, content)


def load(path: Path, panel_keys: Iterable[str]) -> Document:
    """Read and check the state file `path`; no other file is touched.

    Raises
    ------
    ExplorerError
        One sentence that names the file, the key and what it must be.
    """
    content = read_limited(path, LIMIT_BYTES)
    return from_json(parse_json(content, path.name), panel_keys, path.name)


Check = Callable[[object], str | None]
"""Says what a value must be, or None when it is."""


class _Table:
    """A JSON object of which every key is taken once and none may be left over."""

    def __init__(self, value: object, name: str, where: str) -> None:
        if not isinstance(value, dict):
            raise ExplorerError(f"{name}: {where or 'the file'} must be an object with named values.")
        self._left = dict(value)
        self._name, self._where = name, where

    def take(self, key: str, check: Check, default: object = None) -> Any:
        full = f"{self._where}.{key}" if self._where else key
        if key not in self._left and default is not None:  # files of versions that did not have it yet
            return default
        if key not in self._left:
            raise ExplorerError(f"{self._name}: {full} is missing.")
        value = self._left.pop(key)
        wanted = check(value)
        if wanted is not None:
            raise ExplorerError(f"{self._name}: {full} must be {wanted}.")
        return value

    def end(self) -> None:
        if self._left:
            key = next(iter(self._left))
            full = f"{self._where}.{key}" if self._where else key
            raise ExplorerError(f"{self._name}: {full!r:.100} is not known to this version of the program.")


def _any(value: object) -> str | None:
    return None


def _one_of(*names: str) -> Check:
    return lambda value: None if value in names and isinstance(value, str) else f"one of {', '.join(names)}"


def _whole(low: int, high: int) -> Check:
    def check(value: object) -> str | None:
        fits = isinstance(value, int) and finite_number(value, low, high)
        return None if fits else f"a whole number from {low} to {high}"

    return check


def _number(low: float, high: float) -> Check:
    return lambda value: None if finite_number(value, low, high) else f"a number from {low:g} to {high:g}"


def _text(value: object) -> str | None:
    return None if plain_text(value) else "a line of text"


def _text_or_nothing(value: object) -> str | None:
    return None if value is None or plain_text(value) else "a line of text or null"


def _name(value: object) -> str | None:
    fits = plain_text(value, 64) and isinstance(value, str) and value.replace("-", "_").isidentifier()
    return None if fits else "a name of letters, digits and dashes"


def _truth(value: object) -> str | None:
    return None if isinstance(value, bool) else "true or false"


_STATE_CHECKS: dict[str, Check] = {
    "source_kind": _one_of(*SOURCE_KINDS),
    "source_detail": _text,
    "network": _name,
    "network_version": _whole(1, 10**6),
    "noise_kind": _one_of(*NOISE_KINDS),
    "noise_snr_db": _number(-40.0, 120.0),
    "evaluation_folder": _text_or_nothing,
    "seed": _whole(0, _LARGEST_SEED),
    "selected_layer": _text_or_nothing,
    "hop_ms": _number(10.0, 1000.0),
}


def _state(value: object, name: str) -> State:
    table = _Table(value, name, "workbench")
    knobs = _Table(table.take("decision", _any), name, "workbench.decision")
    taken = {knob.name: knobs.take(knob.name, _number(-1e9, 1e9)) for knob in dataclasses.fields(DecisionSettings)}
    knobs.end()
    try:
        decision = DecisionSettings(**taken)
    except ExplorerError as error:
        raise ExplorerError(f"{name}: workbench.decision: {error}") from None
    values = {key: table.take(key, check) for key, check in _STATE_CHECKS.items()}
    choices = {key: table.take(key, _truth, default=False) for key in ("listen_squeezed", "retrained")}
    try:
        precision = recipe_from_json(table.take("precision", _any, default=recipe_to_json(FLOAT)))
    except ExplorerError as error:
        raise ExplorerError(f"{name}: workbench.precision: {error}") from None
    table.end()
    return State(decision=decision, precision=precision, **choices, **values)


def _view(value: object, name: str, panel_keys: tuple[str, ...]) -> View:
    table = _Table(value, name, "view")
    view = View(
        panel=table.take("panel", _one_of("", *panel_keys)),
        theme=table.take("theme", _one_of(*THEMES)),
        drawer=table.take("drawer", _truth),
    )
    table.end()
    return view


def _panels(value: object, name: str, panel_keys: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    table = _Table(value, name, "panels")
    kept = value if isinstance(value, dict) else {}
    found = {key: table.take(key, _any) for key in panel_keys if key in kept}
    table.end()
    for key, part in found.items():
        if not isinstance(part, dict):
            raise ExplorerError(f"{name}: panels.{key} must be an object with named values.")
    return found
