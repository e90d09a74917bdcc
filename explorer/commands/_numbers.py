"""Numbers on the command line that must be above zero, and quantities as JSON."""

from __future__ import annotations

import math
from typing import Any

from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Quantity


def positive(text: str) -> float:
    """Return a number above 0 as it was typed; a `type` for argparse.

    Raises
    ------
    ExplorerError
        When it is no number, not finite, or not above 0.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise ExplorerError(f"{text!r} is no number above 0: give one, or leave the option out.")
    return value


def finite(value: float | None) -> float | None:
    """Return a number as JSON can hold it: what is infinite or unknown is null there."""
    return value if value is not None and math.isfinite(value) else None


def quantity_json(quantity: Quantity) -> dict[str, Any]:
    """Return a quantity under stable keys."""
    return {
        "value": finite(quantity.value),
        "unit": quantity.unit,
        "kind": quantity.kind.value,
        "low": finite(quantity.low),
        "high": finite(quantity.high),
        "source": quantity.source,
    }
