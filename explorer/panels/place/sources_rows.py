"""Source rows: every number that a place rests on, with its kind and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from explorer.engine.deployment.duty import BATTERIES
from explorer.engine.deployment.fit import RUNTIMES
from explorer.engine.deployment.link import LINKS
from explorer.engine.deployment.measurements import published
from explorer.engine.deployment.money import ELECTRICITY, TRANSFER, UTILISATION, YEARS
from explorer.engine.deployment.profile import Profile
from explorer.engine.deployment.scenario import MICROPHONE_W
from explorer.engine.quantity import Kind, Quantity
from explorer.panels.place.log_axis import number, stated_bytes, with_prefix


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One number.

    Parameters
    ----------
    owner
        The device, runtime, battery, link or benchmark it belongs to.
    name
        What it is.
    quantity
        Value, kind and source.
    date
        Of a price; empty for what does not age so fast.
    """

    owner: str
    name: str
    quantity: Quantity
    date: str = ""

    @property
    def shown(self) -> str:
        """The value as printed."""
        value, unit = self.quantity.value, self.quantity.unit
        if unit == "bytes":
            return stated_bytes(value)
        if unit.startswith(("bytes/", "MAC/", "OP/", "bit/")):
            return f"{with_prefix(value)}{unit.replace('bytes', 'B')}"
        if unit in ("s", "W", "Wh") and value:
            return f"{with_prefix(value)}{unit}"
        return f"{number(value)} {unit}".strip() if value else f"0 {unit}".strip()

    @property
    def words(self) -> str:
        """The whole row as a sentence."""
        kind = self.quantity.kind.value
        dated = f" ({self.date})" if self.date else ""
        return f"{self.owner}, {self.name}: {self.shown}{dated}, {kind}: {self.quantity.source}"

    def has(self, wanted: str) -> bool:
        """Say whether every word of a search occurs somewhere in the row."""
        text = self.words.casefold()
        return all(word in text for word in wanted.casefold().split())


_NAMES = {
    "clock_mhz": "clock",
    "ram_bytes": "RAM",
    "flash_bytes": "flash",
    "bandwidth_bytes_per_s": "bandwidth",
    "layer_overhead_s": "overhead of a layer",
    "active_power_w": "power, computing",
    "idle_power_w": "power, waiting",
    "battery_wh": "battery",
    "price": "price",
}

_LINK_NAMES = {
    "uplink_bit_per_s": "uplink",
    "downlink_bit_per_s": "downlink",
    "round_trip_ms": "round trip without the distance",
    "distance_km": "distance",
    "jitter_ms": "jitter, mean",
    "loss": "packets lost",
    "timeout_ms": "timer until a repetition",
    "outage": "time without connection",
    "send_nanojoules_per_bit": "radio, sending",
    "awake_w": "radio, awake",
    "awake_s": "radio, awake after an exchange",
}


def source_rows(profiles: Mapping[str, Profile]) -> tuple[SourceRow, ...]:
    """Return every number of the devices, then of runtimes, batteries, links and prices, then the published times."""
    rows: list[SourceRow] = []
    for profile in profiles.values():
        for name, quantity in profile.quantities().items():
            precision = name.partition(".")[2]
            title = _tr("peak at {precision}").format(precision=precision) if precision else _NAMES.get(name, name)
            date = profile.price.date if name == "price" and profile.price is not None else ""
            rows.append(SourceRow(profile.title, title, quantity, date))
    for runtime in RUNTIMES:
        rows.append(SourceRow(runtime.name, "RAM", runtime.ram_bytes))
        rows.append(SourceRow(runtime.name, "flash", runtime.flash_bytes))
    rows += [SourceRow(battery.name, "energy", battery.watt_hours) for battery in BATTERIES]
    rows += [
        SourceRow(link.name, _LINK_NAMES[name], quantity)
        for link in LINKS
        for name, quantity in link.quantities().items()
    ]
    everywhere = (("electricity", ELECTRICITY), ("data of a provider", TRANSFER), ("years of service", YEARS))
    rows += [SourceRow(_tr("every place"), name, quantity) for name, quantity in everywhere]
    rows.append(SourceRow(_tr("every place"), "microphone", MICROPHONE_W))
    rows.append(SourceRow(_tr("rented machines"), "how full", UTILISATION))
    for row in published():
        time = Quantity(row.latency_ms, "ms", Kind.CITED, row.source)
        rows.append(SourceRow(row.board, f"{row.network}, {row.precision}", time))
        if row.energy_uj is not None:
            energy = Quantity(row.energy_uj, "µJ", Kind.CITED, f"{row.source}; {row.notes}".rstrip("; "))
            rows.append(SourceRow(row.board, f"{row.network}, energy", energy))
    return tuple(rows)


def chosen_rows(rows: Iterable[SourceRow], wanted: str, kind: str) -> tuple[SourceRow, ...]:
    """Return the rows with all words of a search and, unless `kind` is empty, of one kind."""
    return tuple(row for row in rows if (not kind or row.quantity.kind.value == kind) and row.has(wanted))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
