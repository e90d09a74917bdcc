"""Placement: which devices are left once a deadline, a battery, a memory and a wish for privacy have been spoken.

Every constraint looks at every option, so that one sees all that would have struck it out, the decisive one first:
the one missed by the largest factor, before which those stand that no factor mends (no arithmetic for the precision,
sound that leaves the room).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from explorer.engine.deployment.duty import duty, most_decisions_per_s
from explorer.engine.deployment.energy import Energy
from explorer.engine.deployment.link import NOTHING, LatencyDistribution, Leaving, local
from explorer.engine.deployment.profile import Profile, Support
from explorer.engine.deployment.units import in_days, in_watts
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Option:
    """One network at one precision in one place, with everything the constraints ask about.

    Parameters
    ----------
    profile
        The place.
    network, precision
        What runs there.
    compute_ms
        Time of one inference there, with its interval where it is predicted.
    ram_bytes, flash_bytes
        What the whole program needs there: network, front end, runtime.
    answer
        Delay until the answer is here, network included; without one the device computes by itself.
    energy
        Of one inference, if known.
    average_power_w, battery_days
        At the decision rate and battery that the user chose, if known.
    cost_per_million
        USD per million answers, if known.
    leaving, stays_in_room
        What leaves the device, and whether it goes no farther than to another one in the same room.
    front_end_share
        Share of the time that turning sound into pictures takes there, on top of the network.
    """

    profile: Profile
    network: str
    precision: str
    compute_ms: Quantity
    ram_bytes: int
    flash_bytes: int
    answer: LatencyDistribution | None = None
    energy: Energy | None = None
    average_power_w: Quantity | None = None
    battery_days: Quantity | None = None
    cost_per_million: Quantity | None = None
    leaving: Leaving = NOTHING
    stays_in_room: bool = True
    front_end_share: float = 0.0

    @property
    def answers(self) -> LatencyDistribution:
        """Delay until the answer is here."""
        return self.answer or local(self.compute_ms.value)

    @property
    def ram_over(self) -> float:
        """Memory needed over memory there; above 1 it does not fit."""
        return self.ram_bytes / self.profile.ram_bytes.value

    @property
    def flash_over(self) -> float:
        """Flash needed over flash there; above 1 it does not fit."""
        return self.flash_bytes / self.profile.flash_bytes.value

    @property
    def fits(self) -> bool:
        """Whether program, weights and activations have room."""
        return self.ram_over <= 1 and self.flash_over <= 1

    def keeps_up(self, decisions_per_s: float) -> bool:
        """Whether it decides as often as that."""
        return duty(self.compute_ms.value, decisions_per_s) + self.front_end_share <= 1


@dataclass(frozen=True, slots=True)
class Constraints:
    """What is asked of a place; None is not asked.

    Parameters
    ----------
    deadline_ms, share_in_time
        This share of the answers must be there by the deadline.
    decisions_per_s
        It must keep up with this rate.
    max_power_w, min_battery_days
        At the rate and battery of the option.
    max_ram_bytes, max_flash_bytes
        Smaller than what the device has: the rest belongs to others.
    max_cost_per_million
        USD.
    sound_stays
        Nothing from which speech can be made out may leave the room.
    """

    deadline_ms: float | None = None
    share_in_time: float = 0.99
    decisions_per_s: float | None = None
    max_power_w: float | None = None
    min_battery_days: float | None = None
    max_ram_bytes: float | None = None
    max_flash_bytes: float | None = None
    max_cost_per_million: float | None = None
    sound_stays: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or value is None:
                continue
            if not (math.isfinite(value) and value > 0):
                raise ExplorerError(f"{field.name} is {value:g}: set it above 0, or leave it out.")
        if self.share_in_time >= 1:
            raise ExplorerError("share_in_time must be below 1: no network answers always in time.")


@dataclass(frozen=True, slots=True)
class Strike:
    """One constraint that an option does not meet.

    Parameters
    ----------
    constraint
        Name of it: "deadline", "RAM", ...
    sentence
        What was found against what was asked.
    factor
        By how much it is missed, above 1; infinite where no factor would mend it, 1 where the value is not known.
    certain
        False where the interval of the value reaches the limit, so that the option may pass all the same.
    """

    constraint: str
    sentence: str
    factor: float
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """An option, what strikes it (decisive first), and what it passes only within its interval."""

    option: Option
    strikes: tuple[Strike, ...]
    doubts: tuple[str, ...]

    @property
    def remains(self) -> bool:
        """Whether nothing strikes it."""
        return not self.strikes


@dataclass(frozen=True, slots=True)
class Placement:
    """The answer: what remains, what was removed and by which constraint, and the Pareto front of what remains."""

    remaining: tuple[Verdict, ...]
    removed: tuple[Verdict, ...]
    front: tuple[Option, ...]


Check = Callable[[Option, Constraints], "Strike | str | None"]


def place(options: Sequence[Option], constraints: Constraints) -> Placement:
    """Return which options remain under these constraints, and which constraint removed which."""
    verdicts = [judge(option, constraints) for option in options]
    remaining = tuple(verdict for verdict in verdicts if verdict.remains)
    return Placement(
        remaining,
        tuple(verdict for verdict in verdicts if not verdict.remains),
        pareto_front([verdict.option for verdict in remaining]),
    )


def judge(option: Option, constraints: Constraints) -> Verdict:
    """Return what strikes one option; all checks are made, so that nothing hides behind the first."""
    found = [check(option, constraints) for check in _CHECKS]
    strikes = [each for each in found if isinstance(each, Strike)]
    doubts = tuple(each for each in found if isinstance(each, str))
    # sorted() is stable: among equals the order of the checks holds
    return Verdict(option, tuple(sorted(strikes, key=lambda strike: -strike.factor)), doubts)


def pareto_front(options: Sequence[Option]) -> tuple[Option, ...]:
    """Return the options that no other one beats in latency, energy and cost at once.

    An energy or a cost that is not known counts as infinite: nothing is won by not knowing it.
    """

    def costs(option: Option) -> tuple[float, float, float]:
        return (
            option.answers.p50_ms,
            math.inf if option.energy is None else option.energy.microjoules.value,
            math.inf if option.cost_per_million is None else option.cost_per_million.value,
        )

    points = [costs(option) for option in options]
    return tuple(
        option
        for option, point in zip(options, points, strict=True)
        if not any(other != point and all(a <= b for a, b in zip(other, point, strict=True)) for other in points)
    )


def _precision(option: Option, _: Constraints) -> Strike | str | None:
    state, why = option.profile.support(option.precision)
    return Strike("precision", why, math.inf) if state is Support.NOT_SUPPORTED else None


def _sound(option: Option, constraints: Constraints) -> Strike | str | None:
    if not constraints.sound_stays or option.stays_in_room or not option.leaving.sound:
        return None
    return Strike("sound stays in the room", f"{option.leaving.words} leaves it", math.inf)


def _ram(option: Option, constraints: Constraints) -> Strike | str | None:
    limit = min(option.profile.ram_bytes.value, constraints.max_ram_bytes or math.inf)
    return _above("RAM", option.ram_bytes, limit, "bytes")


def _flash(option: Option, constraints: Constraints) -> Strike | str | None:
    limit = min(option.profile.flash_bytes.value, constraints.max_flash_bytes or math.inf)
    return _above("flash", option.flash_bytes, limit, "bytes")


def _rate(option: Option, constraints: Constraints) -> Strike | str | None:
    rate, time = constraints.decisions_per_s, option.compute_ms
    if rate is None:
        return None
    front = option.front_end_share
    share = Quantity(
        duty(time.value, rate) + front, "", time.kind, time.source,
        low=None if time.low is None else duty(time.low, rate) + front,
        high=None if time.high is None else duty(time.high, rate) + front,
    )  # fmt: skip
    found = _compare("keeps up", share, 1.0)
    if isinstance(found, Strike):
        most = most_decisions_per_s(time.value) * max(0.0, 1 - front)
        return Strike(found.constraint, f"{most:.3g} decisions a second of {rate:g}", found.factor, found.certain)
    return found


def _deadline(option: Option, constraints: Constraints) -> Strike | str | None:
    deadline, share = constraints.deadline_ms, constraints.share_in_time
    if deadline is None:
        return None
    reached = option.answers.quantile(share)
    if math.isinf(reached):
        lost = option.answers.no_answer
        return Strike("deadline", f"{lost:.2%} of the answers never come; {share:.0%} are asked", math.inf)
    time = option.compute_ms
    # a slower or faster inference shifts every answer by the same time
    value = Quantity(
        reached, "ms", time.kind, time.source,
        low=None if time.low is None else reached + time.low - time.value,
        high=None if time.high is None else reached + time.high - time.value,
    )  # fmt: skip
    return _compare("deadline", value, deadline)


def _power(option: Option, constraints: Constraints) -> Strike | str | None:
    limit = constraints.max_power_w
    if limit is None:
        return None
    return _unknown("power") if option.average_power_w is None else _compare("power", option.average_power_w, limit)


def _battery(option: Option, constraints: Constraints) -> Strike | str | None:
    least, days = constraints.min_battery_days, option.battery_days
    if least is None:
        return None
    if days is None:
        return _unknown("battery")
    if days.value < least:
        factor = math.inf if days.value == 0 else least / days.value
        certain = days.high is None or days.high < least
        return Strike("battery", f"{in_days(days.value)} of {in_days(least)}", factor, certain)
    return "battery: may fall short" if days.low is not None and days.low < least else None


def _cost(option: Option, constraints: Constraints) -> Strike | str | None:
    limit = constraints.max_cost_per_million
    if limit is None:
        return None
    return _unknown("cost") if option.cost_per_million is None else _compare("cost", option.cost_per_million, limit)


# Order: what no slider mends first; it decides among strikes missed by the same factor.
_CHECKS: tuple[Check, ...] = (
    _precision, _sound, _ram, _flash, _rate, _deadline, _power, _battery, _cost,
)  # fmt: skip


def _unknown(name: str) -> Strike:
    # last among the strikes: what is known to be missed weighs more
    return Strike(name, f"its {name} is not known, so nobody can say that the limit is kept", 1.0)


def _above(name: str, needed: float, limit: float, unit: str) -> Strike | None:
    if needed <= limit:
        return None
    return Strike(name, f"{needed:,.0f} {unit} of {limit:,.0f}", needed / limit)


def _compare(name: str, value: Quantity, limit: float) -> Strike | str | None:
    """Return a strike above the limit, a doubt where only the interval is above, else None."""
    if value.value > limit:
        sentence = f"{value.value:.4g} of {limit:g} {value.unit}"
        if value.unit == "W":
            sentence = f"{in_watts(value.value)} of {in_watts(limit)}"
        return Strike(name, sentence, value.value / limit, value.low is None or value.low > limit)
    return f"{name}: may miss it" if value.high is not None and value.high > limit else None
