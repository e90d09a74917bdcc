"""Scenes: nine stored set-ups of all panels, recalled by Ctrl and a digit in the middle of a lecture.

A scene is the document of a state file kept in the settings.  It keeps the theme and the drawer as they are when
recalled: the room decides those, not the scene.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from explorer.engine.errors import ExplorerError
from explorer.files import dump_json
from explorer.settings import Settings
from explorer.state_file import LIMIT_BYTES, Document, View, from_json, to_json

DIGITS = tuple("123456789")


class Scenes:
    """Store and recall set-ups by digit.

    Parameters
    ----------
    settings
        Where they are kept.
    panel_keys
        Keys of the panels that exist; more may come while the program runs.
    """

    def __init__(self, settings: Settings, panel_keys: Collection[str]) -> None:
        self._settings = settings
        self._panel_keys = panel_keys
        self._subscribers: list[Callable[[], None]] = []

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Call `changed` when a scene was stored or removed."""
        self._subscribers.append(changed)

    def stored(self) -> tuple[str, ...]:
        """Return the digits that hold a scene, in order."""
        return tuple(digit for digit in DIGITS if digit in self._settings.values.scenes)

    def store(self, digit: str, document: Document) -> None:
        """Keep `document` under `digit`, in place of what was there.

        Raises
        ------
        ExplorerError
            When the document is larger than a state file may be.
        """
        scene = to_json(document)
        if digit not in DIGITS or len(dump_json(scene)) > LIMIT_BYTES:
            raise ExplorerError(f"Scene {digit} is too large to be kept.")
        self._set({**self._settings.values.scenes, digit: scene})

    def recall(self, digit: str, view: View) -> Document:
        """Return the scene under `digit`, with the theme and the drawer of `view`.

        Raises
        ------
        ExplorerError
            When nothing is stored there, or what is stored was damaged.
        """
        scene = self._settings.values.scenes.get(digit)
        if scene is None:
            raise ExplorerError(f"Scene {digit} is empty: Ctrl+Shift+{digit} stores what is on the screen there.")
        document = from_json(scene, self._panel_keys, f"Scene {digit}")
        return replace(document, view=replace(view, panel=document.view.panel))

    def remove(self, digit: str) -> None:
        """Forget the scene under `digit`."""
        self._set({d: scene for d, scene in self._settings.values.scenes.items() if d != digit})

    def _set(self, scenes: dict[str, object]) -> None:
        self._settings.update(scenes=scenes)
        for changed in tuple(self._subscribers):
            changed()
