"""Duty cycle: an always-on device mostly waits, so what it draws while waiting decides how long its battery lasts.

Average power  P = P_active * d + P_idle * (1 - d)  with the duty  d = time per decision * decisions per second.
A device whose duty would be above 1 does not keep up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from explorer.engine.deployment.energy import weakest_kind
from explorer.engine.deployment.units import in_watts
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity

HOURS_PER_DAY, DAYS_PER_YEAR = 24.0, 365.25


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery: what it holds, and what it loses lying in a drawer.

    Parameters
    ----------
    name
        As printed.
    watt_hours
        Of a fresh one.
    self_discharge_per_year
        Fraction lost in a year without load.
    """

    name: str
    watt_hours: Quantity
    self_discharge_per_year: float = 0.0


BATTERIES = (
    Battery("CR2032", Quantity(0.675, "Wh", Kind.CITED, "225 mAh (embedwise.pages.dev) x 3 V"), 0.01),
    Battery("2 x AA", Quantity(7.5, "Wh", Kind.ASSUMED, "2,500 mAh x 1.5 V each; no data sheet opened"), 0.03),
    Battery("LiPo 500 mAh", Quantity(1.85, "Wh", Kind.ASSUMED, "500 mAh x 3.7 V; a common size"), 0.3),
    Battery("phone, 15 Wh", Quantity(15.0, "Wh", Kind.CITED, "mlsysim 0.3.0 device registry, iPhone 15 Pro"), 0.3),
)


def duty(latency_ms: float, decisions_per_s: float) -> float:
    """Return the share of time spent computing, the real-time factor; above 1 the device does not keep up."""
    if latency_ms < 0 or decisions_per_s < 0:
        raise ExplorerError("Latency and decisions per second cannot be negative: set them to 0 or more.")
    return latency_ms * 1e-3 * decisions_per_s


def most_decisions_per_s(latency_ms: float) -> float:
    """Return the highest rate at which a device keeps up."""
    return math.inf if latency_ms == 0 else 1e3 / latency_ms


def average_power(
    active_w: Quantity, idle_w: Quantity, latency_ms: Quantity, decisions_per_s: float, always_on_w: float = 0.0
) -> Quantity:
    """Return the average power at this rate; a device that does not keep up computes all the time.

    Parameters
    ----------
    active_w, idle_w
        While computing, and between decisions with memory kept.
    latency_ms
        Time of one decision; its interval carries over.
    decisions_per_s
        How often it decides.
    always_on_w
        What is never switched off beside the processor: microphone, regulator.
    """

    def at(milliseconds: float) -> float:
        share = min(1.0, duty(milliseconds, decisions_per_s))
        return active_w.value * share + idle_w.value * (1 - share) + always_on_w

    return Quantity(
        at(latency_ms.value),
        "W",
        weakest_kind(active_w, idle_w, latency_ms),
        f"active {active_w.value:.4g} W for {min(1.0, duty(latency_ms.value, decisions_per_s)):.3g} of the time, "
        f"idle {idle_w.value:.3g} W else, always on {always_on_w:.3g} W",
        low=None if latency_ms.low is None else at(latency_ms.low),
        high=None if latency_ms.high is None else at(latency_ms.high),
    )


def battery_days(battery: Battery, power_w: Quantity) -> Quantity:
    """Return how long a battery lasts, in days; its own discharge counts as one more consumer."""
    drawn = battery.watt_hours.value * battery.self_discharge_per_year / (DAYS_PER_YEAR * HOURS_PER_DAY)

    def days(watts: float) -> float:
        total = watts + drawn
        return math.inf if total == 0 else battery.watt_hours.value / total / HOURS_PER_DAY

    return Quantity(
        days(power_w.value),
        "days",
        weakest_kind(battery.watt_hours, power_w),
        f"{battery.name}, {battery.watt_hours.value:.4g} Wh / {power_w.value:.4g} W; {power_w.source}",
        low=None if power_w.high is None else days(power_w.high),
        high=None if power_w.low is None else days(power_w.low),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a cascade: it runs only while the stage before it found something.

    Parameters
    ----------
    name
        "voice activity", "tiny", "large".
    active_w
        Power while it runs.
    duty
        Share of all time that it runs, 0 to 1.
    """

    name: str
    active_w: float
    duty: float

    @property
    def average_w(self) -> float:
        """What it adds to the average power."""
        return self.active_w * self.duty


def stage_per_event(name: str, active_w: float, seconds: float, events_per_s: float) -> Stage:
    """Return a stage that runs for so long at each event: duty = seconds x events per second."""
    share = seconds * events_per_s
    if not 0 <= share <= 1:
        raise ExplorerError(f"The stage {name} would run {share:.3g} of the time: fewer events or less time each.")
    return Stage(name, active_w, share)


# Voice activity always, a small network while somebody speaks, the large one after a keyword.
KEYWORD_CASCADE = (
    Stage("voice activity", 10e-6, 1.0),
    Stage("tiny", 100e-6, 0.05),
    stage_per_event("large", 10e-3, 0.050, 0.001),
)
CASCADE_SOURCE = "mlsysim 0.3.0 scenarios, an always-on hierarchy; all its numbers are assumptions"


def cascade_power(stages: Sequence[Stage]) -> Quantity:
    """Return the average power of a cascade, with the formula and its numbers as the source.

    A cascade such as voice activity -> tiny -> large spends little because the expensive stages hardly ever run.

    Parameters
    ----------
    stages
        Cheapest and most often running first.

    Raises
    ------
    ExplorerError
        If a later stage runs more of the time than the one that wakes it.
    """
    for before, after in pairwise(stages):
        if after.duty > before.duty:
            raise ExplorerError(f"{after.name} cannot run more of the time than {before.name}, which wakes it.")
    terms = " + ".join(f"{in_watts(each.active_w)} × {each.duty:.3g}" for each in stages)
    total = sum(each.average_w for each in stages)
    kind = Kind.ASSUMED if tuple(stages) == KEYWORD_CASCADE else Kind.DERIVED
    return Quantity(total, "W", kind, f"{terms} = {in_watts(total)}")
