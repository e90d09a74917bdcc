"""What can be descended: a bowl with one weight or two, and three surfaces to race on."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from explorer.engine.errors import ExplorerError

FARTHEST = 50.0
"""No start lies farther away."""
STARTS: dict[str, tuple[float, float] | None] = {
    "one": (-4.0, 0.0),
    "two": (-3.6, 1.6),
    "ravine": None,
    "saddle": None,
    "noise": None,
}
"""Where the ball is let go; None leaves it to the surface."""
MODES = tuple(STARTS)


def number(value: object, name: str) -> float:
    """Return a saved number.

    Raises
    ------
    ExplorerError
        When it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ExplorerError(f"In the view Descent, {name!r} must be a number.")
    return float(value)


def start(mode: str, place: object) -> tuple[float, float]:
    """Return a saved start of a mode.

    Raises
    ------
    ExplorerError
        When it is none.
    """
    if mode not in MODES or not isinstance(place, list) or len(place) != 2:
        raise ExplorerError("In the view Descent, 'starts' must give two numbers for a ground.")
    first, second = (number(value, "starts") for value in place)
    far = FARTHEST
    return min(max(first, -far), far), min(max(second, -far), far)


def words() -> dict[str, str]:
    """Return the modes in words."""
    return {
        "one": _tr("One weight"),
        "two": _tr("Two weights"),
        "ravine": _tr("Race: ravine"),
        "saddle": _tr("Race: saddle"),
        "noise": _tr("Race: noise"),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
