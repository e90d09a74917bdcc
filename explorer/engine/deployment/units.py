"""Units: a number and its unit as a person writes them, turned into the one unit the engine computes in."""

from __future__ import annotations

import math
import re

from explorer.engine.errors import ExplorerError

# unit -> factor to the engine's unit.  "KB" is missing on purpose: data sheets mean 1,000 by it, or 1,024.
BYTES = {
    "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
BYTES_PER_S = {f"{unit}/s": factor for unit, factor in BYTES.items()}
MEGAHERTZ = {"Hz": 1e-6, "kHz": 1e-3, "MHz": 1.0, "GHz": 1e3}
SECONDS = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0}
WATTS = {"nW": 1e-9, "µW": 1e-6, "uW": 1e-6, "mW": 1e-3, "W": 1.0, "kW": 1e3}
WATT_HOURS = {"mWh": 1e-3, "Wh": 1.0, "kWh": 1e3}
# One multiply-accumulate is two operations; data sheets count operations.
MACS_PER_S = {
    **{f"{prefix}MAC/s": factor for prefix, factor in (("", 1.0), ("M", 1e6), ("G", 1e9), ("T", 1e12))},
    **{f"{prefix}OP/s": factor / 2 for prefix, factor in (("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15))},
    **{f"{prefix}FLOP/s": factor / 2 for prefix, factor in (("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15))},
}
MACS_PER_CYCLE, BYTES_PER_CYCLE = "MAC/cycle", "B/cycle"
DOLLARS = {"USD": 1.0}
DOLLARS_PER_HOUR = {"USD/h": 1.0}

_WRITTEN = re.compile(r"\s*(-?\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(\S+)\s*")


def parse(text: str, units: dict[str, float], where: str) -> tuple[float, str]:
    """Return a number in the engine's unit, and the unit it was written in.

    Parameters
    ----------
    text
        As written: "640 KiB", "42.2 mW".
    units
        The units allowed here, with their factors.
    where
        File and key, for the error.

    Raises
    ------
    ExplorerError
        Without a number, without a unit, with a unit of another kind or one that is read in two ways.
    """
    matched = _WRITTEN.fullmatch(text)
    if matched is None:
        raise ExplorerError(f'{where}: {text[:40]!r} is not a number with a unit; write it like "{_example(units)}".')
    number, unit = float(matched[1]), matched[2]
    if unit.startswith("KB"):
        raise ExplorerError(f"{where}: KB is read in two ways; write kB for 1,000 bytes or KiB for 1,024.")
    if unit not in units:
        alike = [known for known in units if known.lower() == unit.lower()]
        hint = f"did you mean {alike[0]}?" if alike else f"use one of {', '.join(units)}."
        raise ExplorerError(f"{where}: the unit {unit[:20]!r} does not fit here; {hint}")
    value = number * units[unit]
    if not math.isfinite(value):
        raise ExplorerError(f"{where}: {text[:40]!r} is not a finite number; correct it.")
    return value, unit


def _example(units: dict[str, float]) -> str:
    return f"5 {list(units)[-1]}"


def in_watts(value: float) -> str:
    """Return a power with the prefix a person would use."""
    for factor, unit in ((1.0, "W"), (1e-3, "mW"), (1e-6, "µW")):
        if value >= factor:
            return f"{value / factor:.4g} {unit}"
    return f"{value / 1e-9:.4g} nW"


def in_days(value: float) -> str:
    """Return a duration in days, or in hours below one."""
    return f"{value:.3g} days" if value >= 1 else f"{value * 24:.2g} h"
