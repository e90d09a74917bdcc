"""Profile files: one device per TOML file, parsed strictly, so that a slip of the pen becomes a sentence.

A number is written with its unit and where it comes from::

    ram = { value = "640 KiB", kind = "cited", source = "data sheet DS12023, features" }
    active_power = { value = "42 mW", kind = "assumed", reason = "half of the maximum; nobody published it" }

or, when one source is behind the whole file, `source = "..."` at the top and `ram = "640 KiB"`.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args

from explorer.engine.deployment import units
from explorer.engine.deployment.profile import PRECISIONS, TIERS, Price, Profile, Tier
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity

LARGEST_FILE_BYTES = 64 * 1024
LONGEST_NAME, LONGEST_SOURCE = 80, 600

# key -> (field, unit of the engine, units that may be written, least, most)
_NUMBERS: dict[str, tuple[str, str, dict[str, float], float, float]] = {
    "clock": ("clock_mhz", "MHz", units.MEGAHERTZ, 0.01, 10_000),
    "ram": ("ram_bytes", "bytes", units.BYTES, 64, 2**44),
    "flash": ("flash_bytes", "bytes", units.BYTES, 64, 2**60),
    "bandwidth": ("bandwidth_bytes_per_s", "bytes/s", units.BYTES_PER_S, 1e3, 1e14),
    "layer_overhead": ("layer_overhead_s", "s", units.SECONDS, 0, 1),
    "active_power": ("active_power_w", "W", units.WATTS, 1e-6, 20_000),
    "idle_power": ("idle_power_w", "W", units.WATTS, 0, 20_000),
    "battery": ("battery_wh", "Wh", units.WATT_HOURS, 1e-3, 1e5),
}
# What no microcontroller has: a wrong prefix (W for mW, MiB for KiB, GHz for MHz) lands above these.
_MOST_TINY = {"clock": 2_000.0, "ram": 64 * 2**20, "flash": 2**30, "active_power": 5.0, "idle_power": 1.0}
_PEAK_LEAST, _PEAK_MOST = 1e3, 1e17
_TEXTS = ("title", "tier", "core", "software", "board", "supply", "source")
_REQUIRED = ("title", "tier", "core", "software", "ram", "flash")
_KEYS = {*_TEXTS, *_NUMBERS, "radios", "peak", "emulated", "price"}
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def load_all(folders: Iterable[Path]) -> tuple[dict[str, Profile], tuple[str, ...]]:
    """Return the profiles of these folders by key, and a sentence for each file that is none.

    One bad file never hides the others.  The first of two files of one name counts.
    """
    profiles: dict[str, Profile] = {}
    problems: list[str] = []
    for folder in folders:
        try:
            paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        except OSError as error:
            problems.append(
                f"The folder of profiles {folder} cannot be read ({error.strerror}): check that it is there."
            )
            continue
        for path in paths:
            try:
                profile = load(path)
            except ExplorerError as error:
                problems.append(str(error))
                continue
            if profile.key in profiles:
                problems.append(f"{path}: there is a profile {profile.key!r} already; give the file another name.")
            else:
                profiles[profile.key] = profile
    return profiles, tuple(problems)


def load(path: Path) -> Profile:
    """Return the profile in a file.

    Raises
    ------
    ExplorerError
        If it cannot be read or anything in it is unknown, missing or absurd: names file and key.
    """
    if not path.is_file():
        raise ExplorerError(f"{path} is not a file: name a profile file that ends in .toml.")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise ExplorerError(f"{path} cannot be read ({error.strerror}): check the file and its permissions.") from error
    if len(data) > LARGEST_FILE_BYTES:
        raise ExplorerError(f"{path} is larger than {LARGEST_FILE_BYTES // 1024} KiB: a profile is a page of text.")
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, a number of 5,000 digits, nested too deep
        raise ExplorerError(f"{path} is not valid TOML: {str(error)[:120]}.") from error
    return from_table(path.stem, table, str(path))


def from_table(key: str, table: Mapping[str, object], where: str) -> Profile:
    """Return the profile that a parsed TOML table describes; see `load`."""
    if _KEY.fullmatch(key) is None:
        raise ExplorerError(f"{where}: name the file in small letters, digits, '-' and '.', at most 64 of them.")
    for name in table:
        if name not in _KEYS:
            raise ExplorerError(f"{where}: unknown key {name[:40]!r}; known are {', '.join(sorted(_KEYS))}.")
    for name in _REQUIRED:
        if name not in table:
            raise ExplorerError(f"{where}: the key {name!r} is missing; a profile needs {', '.join(_REQUIRED)}.")
    texts = {name: _text(table[name], f"{where}: {name}") for name in _TEXTS if name in table}
    tier: Tier = next((each for each in TIERS if each == texts["tier"]), "tiny")
    if tier != texts["tier"]:
        raise ExplorerError(f"{where}: tier: {texts['tier']!r} is none of {', '.join(get_args(Tier))}.")
    default = texts.pop("source", "")
    numbers: dict[str, Quantity] = {}
    for name, (field, unit, allowed, least, most) in _NUMBERS.items():
        if name in table:
            most = min(most, _MOST_TINY.get(name, most)) if tier == "tiny" else most
            if name == "bandwidth":
                allowed = allowed | _per_cycle(units.BYTES_PER_CYCLE, numbers.get("clock_mhz"))
            numbers[field] = _quantity(table[name], unit, allowed, (least, most), default, f"{where}: {name}")
    active, idle = numbers.get("active_power_w"), numbers.get("idle_power_w")
    if active is not None and idle is not None and idle.value > active.value:
        raise ExplorerError(f"{where}: idle_power is above active_power; check their units (mW, W).")
    clock = numbers.get("clock_mhz")
    peaks = _table(table.get("peak", {}), f"{where}: peak")
    emulated = _table(table.get("emulated", {}), f"{where}: emulated")
    for precision in (*peaks, *emulated):
        if precision not in PRECISIONS:
            raise ExplorerError(f"{where}: unknown precision {precision[:20]!r}; known are {', '.join(PRECISIONS)}.")
    if both := peaks.keys() & emulated.keys():
        raise ExplorerError(f"{where}: {min(both)} is listed both under peak and under emulated; keep one.")
    return Profile(
        key=key,
        title=texts["title"],
        tier=tier,
        core=texts["core"],
        software=texts["software"],
        board=texts.get("board", ""),
        supply=texts.get("supply", ""),
        radios=_radios(table.get("radios", []), f"{where}: radios"),
        clock_mhz=clock,
        ram_bytes=numbers["ram_bytes"],
        flash_bytes=numbers["flash_bytes"],
        bandwidth_bytes_per_s=numbers.get("bandwidth_bytes_per_s"),
        peak_macs_per_s={name: _peak(each, clock, default, f"{where}: peak.{name}") for name, each in peaks.items()},
        emulated={name: _text(why, f"{where}: emulated.{name}") for name, why in emulated.items()},
        layer_overhead_s=numbers.get("layer_overhead_s"),
        active_power_w=active,
        idle_power_w=idle,
        battery_wh=numbers.get("battery_wh"),
        price=_price(table["price"], default, f"{where}: price") if "price" in table else None,
    )


def _quantity(
    entry: object,
    unit: str,
    allowed: dict[str, float],
    bounds: tuple[float, float],
    default_source: str,
    where: str,
    more_keys: frozenset[str] = frozenset(),
) -> Quantity:
    """Return one number with its kind and source."""
    if isinstance(entry, str):
        if not default_source:
            raise ExplorerError(f'{where}: no source; write {{ value = ..., kind = "cited", source = "..." }}.')
        kind, source, written = Kind.CITED, default_source, entry
    elif isinstance(entry, dict):
        for name in entry:
            if name not in {"value", "kind", "source", "reason", *more_keys}:
                raise ExplorerError(f"{where}: unknown key {str(name)[:40]!r}; known are value, kind, source, reason.")
        kind, source = _kind_and_source(entry, default_source, where)
        written = _text(entry.get("value", ""), f"{where}: value")
    else:
        raise ExplorerError(f'{where}: {str(entry)[:40]!r} has no unit; write it like "5 {list(allowed)[-1]}".')
    value, _ = units.parse(written, allowed, where)
    least, most = bounds
    if value < 0:
        raise ExplorerError(f"{where}: {written!r} is negative; correct it.")
    if not least <= value <= most:
        raise ExplorerError(f"{where}: {written!r} is outside {least:g} to {most:g} {unit}; check number and unit.")
    return Quantity(value, unit, kind, source)


def _kind_and_source(entry: Mapping[str, object], default_source: str, where: str) -> tuple[Kind, str]:
    """Return the kind and what stands behind it: a source, or for an assumption the reason."""
    written = entry.get("kind")
    kind = next((each for each in Kind if each.value == written), None)
    if kind is None:
        raise ExplorerError(f"{where}: kind must be one of {', '.join(each.value for each in Kind)}.")
    source = _text(entry["source"], f"{where}: source", LONGEST_SOURCE) if "source" in entry else default_source
    reason = _text(entry["reason"], f"{where}: reason", LONGEST_SOURCE) if "reason" in entry else ""
    if kind is Kind.ASSUMED and not reason:
        raise ExplorerError(f"{where}: an assumed number needs a reason.")
    if kind is not Kind.ASSUMED and not source:
        raise ExplorerError(f"{where}: a {kind.value} number needs a source.")
    return kind, "; ".join(each for each in (reason, source) if each) if kind is Kind.ASSUMED else source


def _peak(entry: object, clock: Quantity | None, default_source: str, where: str) -> Quantity:
    """Return multiply-accumulates per second, from a rate or from so many per cycle of the clock."""
    allowed = units.MACS_PER_S | _per_cycle(units.MACS_PER_CYCLE, clock)
    return _quantity(entry, "MAC/s", allowed, (_PEAK_LEAST, _PEAK_MOST), default_source, where)


def _per_cycle(unit: str, clock: Quantity | None) -> dict[str, float]:
    """Return what a unit per clock cycle is per second, when the clock is known."""
    return {} if clock is None else {unit: clock.value * 1e6}


def _price(entry: object, default_source: str, where: str) -> Price:
    """Return a dated price, bought once or rented by the hour."""
    if not isinstance(entry, dict) or not isinstance(entry.get("date"), datetime.date):
        raise ExplorerError(f"{where}: a price needs value, kind, source and a date like 2026-05-31.")
    hourly = str(entry.get("value", "")).strip().endswith("/h")
    allowed, unit = (units.DOLLARS_PER_HOUR, "USD/h") if hourly else (units.DOLLARS, "USD")
    amount = _quantity(entry, unit, allowed, (0, 1e7), default_source, where, frozenset({"date"}))
    return Price(amount, entry["date"].isoformat()[:10])


def _table(entry: object, where: str) -> dict[str, object]:
    if not isinstance(entry, dict):
        raise ExplorerError(f"{where} must be a table, one line per precision.")
    return entry


def _radios(entry: object, where: str) -> tuple[str, ...]:
    if not isinstance(entry, list) or len(entry) > 8:
        raise ExplorerError(f'{where} must be a list of at most 8 names, like ["Bluetooth LE"].')
    return tuple(_text(each, where) for each in entry)


def _text(entry: object, where: str, longest: int = 0) -> str:
    """Return a line of plain text; control characters could rewrite a terminal."""
    longest = longest or (LONGEST_SOURCE if where.endswith("source") or ": emulated." in where else LONGEST_NAME)
    if not isinstance(entry, str) or not entry.strip():
        raise ExplorerError(f"{where} must be a line of text in quotation marks.")
    if len(entry) > longest or not entry.isprintable():
        raise ExplorerError(f"{where} must be one printable line of at most {longest} characters.")
    return entry.strip()
