"""Readings: what the gauges of one tile show, from its place."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from explorer.engine.deployment.energy import Method
from explorer.engine.deployment.units import in_days, in_watts
from explorer.engine.quantity import Quantity
from explorer.panels.place import wording
from explorer.panels.place.evaluation import Place
from explorer.panels.place.gauge import Reading

# Ends of the logarithmic bars: from a decision of 10 µJ to one of 1 kJ, from an hour to three years.
ENERGY_UJ = (10.0, 1e9)
DAYS = (1 / 24, 1000.0)


def keys() -> dict[str, str]:
    """Return the captions of the gauges by key, in order."""
    return {"ram": _tr("RAM"), "flash": _tr("Flash"), "energy": _tr("Energy"), "battery": _tr("Battery")}


def readings(place: Place, min_days: float | None) -> dict[str, Reading]:
    """Return what the gauges show, by key."""
    found = place.estimate
    return {
        "ram": _room(found.ram, found.profile.ram_bytes),
        "flash": _room(found.flash, found.profile.flash_bytes),
        "energy": _energy(place),
        "battery": _battery(place, min_days),
    }


def keeps_up(place: Place, decisions_per_s: float) -> Reading:
    """Return whether it decides as often as it should: the real-time factor."""
    factor = place.estimate.real_time_factor
    if factor is None:
        return Reading(_tr("does not run"), details=place.estimate.prediction.reason, words=_tr("not supported"))
    bad = factor.value > 1
    if bad:
        words = _tr("manages {most} of {rate} a second")
        words = words.format(most=f"{decisions_per_s / factor.value:.2g}", rate=f"{decisions_per_s:.3g}")
    else:
        words = _tr("keeps up with {rate} a second").format(rate=f"{decisions_per_s:.3g}")
    bounds = ""
    if factor.low is not None and factor.high is not None:
        bounds = _tr("between {low} and {high}; ").format(
            low=wording.in_percent(factor.low), high=wording.in_percent(factor.high)
        )
    return Reading(
        _tr("{share} busy").format(share=_coarsely(factor.value)),
        factor.kind.value,
        f"{bounds}{factor.source}",
        fill=min(1.0, factor.value / 1.25),
        limit=1 / 1.25,
        bad=bad,
        words=words,
        caption=_tr("too slow") if bad else _tr("keeps up"),
    )


def _coarsely(share: float) -> str:
    """Return a share with two digits: its interval is wider than the third."""
    return wording.in_percent(share if share >= 1 else float(f"{share:.2g}"))


def _room(need: Quantity, there: Quantity) -> Reading:
    share = need.value / there.value
    bad = share > 1
    words = _tr("fits")
    if bad:
        words = _tr("over by {bytes}").format(bytes=wording.in_bytes(need.value - there.value))
    size = _tr("{need} of {there}").format(need=wording.in_bytes(need.value), there=wording.in_bytes(there.value))
    text = _tr("{times} too much").format(times=f"{share:.2g} ×") if bad else wording.in_percent(share)
    return Reading(text, need.kind.value, f"{size}; {need.source}; there: {there.source}", share, 1.0, bad, words)


def _energy(place: Place) -> Reading:
    energy = place.option.energy if place.option is not None else place.estimate.energy
    if energy is None:
        return Reading(_tr("not known"), details=_tr("nobody stated what this device draws while it computes"))
    joules = energy.microjoules
    by = {Method.PUBLISHED: _tr("Energy (lab)"), Method.POWER_TIMES_TIME: _tr("Energy P·t")}
    return Reading(
        wording.in_joules(joules.value),
        joules.kind.value,
        f"{_tr('of one decision on the device')}; {wording.details(joules)}; {energy.boundary}; {_floor(place)}",
        fill=_log_share(joules.value, *ENERGY_UJ),
        words=energy.method.value,
        caption=by.get(energy.method, ""),
    )


def _floor(place: Place) -> str:
    """Say what arithmetic and data movement alone cost, which is another kind of number and has no bar."""
    arithmetic, movement = (wording.in_joules(each.microjoules.value) for each in place.estimate.least_energy)
    told = _tr("operations only, in 45 nm, at least {arithmetic} for arithmetic and {movement} for moving data")
    return told.format(arithmetic=arithmetic, movement=movement)


def _battery(place: Place, min_days: float | None) -> Reading:
    option = place.option
    if option is None or option.battery_days is None or option.average_power_w is None:
        return Reading(_tr("not known"), details=_tr("nobody stated what this device draws"))
    days, bad = option.battery_days, min_days is not None and option.battery_days.value < min_days
    words = _tr("{power} in the room").format(power=in_watts(option.average_power_w.value))
    return Reading(
        in_days(days.value),
        days.kind.value,
        wording.details(days),
        fill=_log_share(days.value, *DAYS),
        limit=None if min_days is None else _log_share(min_days, *DAYS),
        bad=bad,
        words=words,
    )


def _log_share(value: float, low: float, high: float) -> float:
    if value <= low:
        return 0.0
    return min(1.0, math.log(value / low) / math.log(high / low))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
