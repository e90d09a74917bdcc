"""Lengths of time on the command line."""

from __future__ import annotations

from explorer.engine.errors import ExplorerError

LONGEST_S = 1e6  # eleven days; above 24 the milliseconds do not fit Qt's timers


def seconds(text: str) -> float:
    """Return a length of time as it was typed; a `type` for argparse.

    Raises
    ------
    ExplorerError
        When it is no number, not above 0, or above `LONGEST_S`.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value <= LONGEST_S:
        raise ExplorerError(f"{text!r} is no length of time: give seconds, above 0 and at most {LONGEST_S:,.0f}.")
    return value
