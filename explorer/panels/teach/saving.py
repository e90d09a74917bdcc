"""Saving: a run's set-up as plain JSON values, only what differs from the start, and back."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.engine.training.settings import Blueprint, Settings

PACE_STEPS_PER_S = 100.0
"""The spirals are learned in about 20 s: time enough for a sentence."""
_UNSAVED = ("folder",)  # no path belongs in a state file


def start() -> tuple[Blueprint, Settings]:
    """Return what the panel starts with: spirals that a small network learns in about a thousand steps."""
    from explorer.engine.training.settings import Blueprint, Settings

    return Blueprint(task="spirals", hidden=(12, 12)), Settings(optimizer="momentum", learning_rate=0.1)


def words() -> tuple[Blueprint, Settings]:
    """Return the set-up with which a keyword network learns the words in some minutes."""
    from explorer.engine.training.settings import KEYWORDS_TASK, Blueprint, Settings

    settings = Settings(optimizer="adamw", learning_rate=0.003, batch=64, probe_every=1, validate_every=10)
    return Blueprint(task=KEYWORDS_TASK, network="tiny"), settings


def dump(blueprint: Blueprint, settings: Settings, speed: float) -> dict[str, Any]:
    """Return what differs from the start."""
    first_blueprint, first_settings = start()
    saved: dict[str, Any] = {}
    for key, now, first in (("blueprint", blueprint, first_blueprint), ("settings", settings, first_settings)):
        before = dataclasses.asdict(first)
        part = {
            name: _plain(value)
            for name, value in dataclasses.asdict(now).items()
            if value != before[name] and name not in _UNSAVED
        }
        if part:
            saved[key] = part
    if speed != PACE_STEPS_PER_S:
        saved["speed"] = speed
    return saved


def parse(saved: dict[str, Any]) -> tuple[Blueprint, Settings, float]:
    """Return the set-up that was saved.

    Raises
    ------
    ExplorerError
        When a value is none that a run can have.
    """
    from explorer.engine.training.settings import check, check_blueprint

    blueprint, settings = start()
    blueprint = check_blueprint(_replaced(blueprint, saved.get("blueprint", {}), "blueprint"))
    settings = check(_replaced(settings, saved.get("settings", {}), "settings"))
    speed = saved.get("speed", PACE_STEPS_PER_S)
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 1 <= speed <= 1e6:
        raise ExplorerError(f"In the panel Teach, 'speed' is {speed!r:.40}: give 1 to 1,000,000 steps per second.")
    return blueprint, settings, float(speed)


def _replaced(thing: Any, part: object, key: str) -> Any:
    """Return a dataclass with some fields replaced, each of the type that it had."""
    if not isinstance(part, dict):
        raise ExplorerError(f"In the panel Teach, {key!r} must be an object.")
    values: dict[str, Any] = {}
    for name, value in part.items():
        before = getattr(thing, name, None) if name in {f.name for f in dataclasses.fields(thing)} else None
        if before is None or name in _UNSAVED:
            raise ExplorerError(f"In the panel Teach, {key!r} knows no {name!r:.40}.")
        values[name] = _like(before, value, name)
    return dataclasses.replace(thing, **values)


def _like(before: object, value: Any, name: str) -> Any:
    """Return a JSON value in the type of the field."""
    wrong = ExplorerError(f"In the panel Teach, {name!r} is {value!r:.40}, which does not fit.")
    match before:
        case bool() | str():
            if not isinstance(value, type(before)):
                raise wrong
            return value
        case tuple():
            if not isinstance(value, list) or len(value) > 10_000:
                raise wrong
            if name == "points":
                return tuple(_point(item, wrong) for item in value)
            if not all(isinstance(item, int) and not isinstance(item, bool) for item in value):
                raise wrong
            return tuple(value)
        case int():
            if isinstance(value, bool) or not isinstance(value, int):
                raise wrong
            return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise wrong
    return float(value)


def _point(item: Any, wrong: ExplorerError) -> tuple[float, float, int]:
    try:
        x, y, label = item
        return float(x), float(y), int(label)
    except (TypeError, ValueError, OverflowError):
        raise wrong from None


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
