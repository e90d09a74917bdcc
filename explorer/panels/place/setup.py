"""Setup: what the user chose in the Place panel, frozen, and what follows from it for the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from explorer.engine.deployment.duty import BATTERIES
from explorer.engine.deployment.link import LINKS, Link
from explorer.engine.deployment.placement import Constraints
from explorer.engine.deployment.profile import TIERS, Tier
from explorer.engine.deployment.scenario import CLOUD_LINK, EDGE_LINK, Scenario
from explorer.engine.errors import ExplorerError

RATES = (1.0, 100.0)
LISTENING = (0.001, 1.0)
REQUESTS = (1.0, 100_000.0)
DISTANCES_KM = (0.01, 10_000.0)
DEADLINES_MS = (1.0, 10_000.0)
DAYS = (0.1, 1000.0)
POWERS_MW = (0.1, 10_000.0)
COSTS_USD = (0.1, 100_000.0)

_LINKS = {link.name: link for link in LINKS}
_BATTERIES = {battery.name: battery for battery in BATTERIES}
_RANGES = {
    "decisions_per_s": RATES,
    "listening": LISTENING,
    "requests_per_day": REQUESTS,
    "distance_km": DISTANCES_KM,
    "deadline_ms": DEADLINES_MS,
    "min_days": DAYS,
    "max_power_mw": POWERS_MW,
    "max_usd": COSTS_USD,
}
_MAY_BE_MISSING = ("decisions_per_s", "distance_km", "min_days", "max_power_mw", "max_usd")


def _first_tiles() -> Mapping[Tier, str]:
    return {"cloud": "h100", "edge": "raspberry-pi-5", "mobile": "iphone-11", "tiny": "nucleo-l4r5zi"}


@dataclass(frozen=True, slots=True)
class Setup:
    """Which devices, how they are used, and what is asked of them.

    Parameters
    ----------
    tiles
        Tier -> key of the profile that stands for it.
    best
        Whether each tile runs the best network that fits it, instead of the same everywhere.
    decisions_per_s
        How often is decided; None is as often as Listen does.
    listening
        Share of the time that it listens.
    battery
        Name of the battery of what has none of its own.
    cloud_link, edge_link
        Names of the links.
    distance_km
        To the data centre; None is the link's own.
    requests_per_day
        Words spoken.
    deadline_ms, min_days, max_power_mw, max_usd, sound_stays
        Constraints; None is not asked.
    slow
        How many times slower than in reality the race is shown, 1 or 10.
    hears
        Whether every word that Listen recognises starts a race.
    chosen
        The tier that other views look at.
    """

    tiles: Mapping[Tier, str] = field(default_factory=_first_tiles)
    best: bool = True
    decisions_per_s: float | None = None
    listening: float = 0.1
    battery: str = BATTERIES[2].name
    cloud_link: str = CLOUD_LINK.name
    edge_link: str = EDGE_LINK.name
    distance_km: float | None = None
    requests_per_day: float = 100.0
    deadline_ms: float = 300.0
    min_days: float | None = 7.0
    max_power_mw: float | None = None
    max_usd: float | None = None
    sound_stays: bool = False
    slow: int = 10
    hears: bool = True
    chosen: Tier = "tiny"

    def rate(self, hop_ms: float) -> float:
        """Return decisions a second; Listen's where no other rate was set."""
        return 1e3 / hop_ms if self.decisions_per_s is None else self.decisions_per_s

    def links(self) -> dict[Tier, Link | None]:
        """Return how sound gets to each tier; None where it is heard on the spot."""
        cloud = _LINKS[self.cloud_link]
        if self.distance_km is not None:
            cloud = replace(cloud, distance_km=self.distance_km)
        return {"cloud": cloud, "edge": _LINKS[self.edge_link], "mobile": None, "tiny": None}

    def scenario(self, hop_ms: float) -> Scenario:
        """Return how the network is used."""
        return Scenario(
            decisions_per_s=self.rate(hop_ms),
            listening=self.listening,
            requests_per_day=self.requests_per_day,
            battery=_BATTERIES[self.battery],
            links=self.links(),
        )

    def constraints(self, hop_ms: float) -> Constraints:
        """Return what is asked of a place."""
        return Constraints(
            deadline_ms=self.deadline_ms,
            decisions_per_s=self.rate(hop_ms),
            max_power_w=None if self.max_power_mw is None else self.max_power_mw / 1e3,
            min_battery_days=self.min_days,
            max_cost_per_million=self.max_usd,
            sound_stays=self.sound_stays,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self) | {"tiles": dict(self.tiles)}


def from_json(saved: Mapping[str, Any]) -> Setup:
    """Return what `to_json` gave; what is missing is as at the start.

    Raises
    ------
    ExplorerError
        One sentence naming the key whose value does not fit.
    """
    known = {each.name for each in fields(Setup)}
    values = {key: value for key, value in saved.items() if key in known}
    for key, (low, high) in _RANGES.items():
        value = values.get(key)
        if value is None and (key in _MAY_BE_MISSING or key not in values):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ExplorerError(f"In the panel Place, {key!r} must be a number.")
        if not low <= value <= high:
            raise ExplorerError(f"In the panel Place, {key!r} is {value:g}: {low:g} to {high:g}.")
    for key in ("best", "sound_stays", "hears"):
        if not isinstance(values.get(key, False), bool):
            raise ExplorerError(f"In the panel Place, {key!r} must be true or false.")
    choices: dict[str, tuple[Any, ...]] = {
        "battery": tuple(_BATTERIES), "cloud_link": tuple(_LINKS), "edge_link": tuple(_LINKS), "slow": (1, 10),
        "chosen": TIERS,
    }  # fmt: skip
    for key, allowed in choices.items():
        if key in values and (isinstance(values[key], bool) or values[key] not in allowed):
            raise ExplorerError(f"In the panel Place, {key!r} is {values[key]!r:.40}: one of {allowed}.")
    tiles = values.get("tiles", {})
    if not isinstance(tiles, Mapping) or any(t not in TIERS or not isinstance(k, str) for t, k in tiles.items()):
        raise ExplorerError("In the panel Place, 'tiles' must name a profile for a tier.")
    return Setup(**(values | {"tiles": {**_first_tiles(), **tiles}}))
