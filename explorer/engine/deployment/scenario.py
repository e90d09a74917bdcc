"""A scenario: how often, over which link, on which battery; it turns an estimate into an option to choose from.

What a device draws is counted in the room, where the battery is: a microcontroller draws for computing, a sensor that
asks elsewhere draws for its radio, and the data centre's power is in its price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from explorer.engine.deployment.duty import (
    BATTERIES,
    CASCADE_SOURCE,
    KEYWORD_CASCADE,
    Battery,
    average_power,
    battery_days,
)
from explorer.engine.deployment.energy import Energy, power_times_time
from explorer.engine.deployment.link import AWAKE_SOURCE, LINKS, NOTHING, THE_SOUND, THE_WORD, Leaving, Link, local
from explorer.engine.deployment.money import Rates, owned_per_million, rented_per_million
from explorer.engine.deployment.placement import Option
from explorer.engine.deployment.profile import Profile, Tier
from explorer.engine.deployment.units import in_watts
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity

MICROPHONE_W = Quantity(1.17e-3, "W", Kind.ASSUMED, "650 µA of an MP34DT05 (devzone.nordicsemi.com/105386) at 1.8 V")
VOICE_ACTIVITY = KEYWORD_CASCADE[0]  # the first stage of the cascade: it runs always and wakes what comes after
SECONDS_PER_DAY = 86_400.0
IN_THE_ROOM_KM = 0.1

_BY_NAME = {link.name: link for link in LINKS}
CLOUD_LINK, EDGE_LINK = _BY_NAME["4G, data centre"], _BY_NAME["Wi-Fi, same room"]


def _default_links() -> Mapping[Tier, Link | None]:
    return {"cloud": CLOUD_LINK, "edge": EDGE_LINK, "mobile": None, "tiny": None}


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the network is used.

    Parameters
    ----------
    decisions_per_s
        While it listens.
    listening
        Share of the time that it listens, 0 to 1; a voice-activity stage in front makes it small.
    requests_per_day
        Words that are spoken: what is sent elsewhere, and what the costs are shared by.
    battery
        Of what stands in the room; a phone or laptop has its own.
    links
        Tier -> how the sound gets there; None where it is heard on the spot.
    leaving
        What is sent over a link.
    rates
        Prices of everything but the devices.
    """

    decisions_per_s: float = 20.0
    listening: float = 1.0
    requests_per_day: float = 100.0
    battery: Battery = BATTERIES[2]
    links: Mapping[Tier, Link | None] = field(default_factory=_default_links)
    leaving: Leaving = THE_SOUND
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        if not self.decisions_per_s > 0:
            raise ExplorerError("decisions per second must be above 0.")
        if not 0 <= self.listening <= 1:
            raise ExplorerError("the share of the time that it listens lies between 0 and 1.")
        if not self.requests_per_day > 0:
            raise ExplorerError("requests per day must be above 0.")

    def send_power(self, link: Link) -> Quantity:
        """Return the average power of the radio in watts: what it sends, and staying awake after each request."""
        sent = link.send_microjoules(self.leaving.payload_bytes)
        requests_per_s = self.requests_per_day / SECONDS_PER_DAY
        awake = link.awake_share(requests_per_s)
        watts = sent.value * 1e-6 * requests_per_s + link.awake_w * awake
        source = (
            f"awake {awake:.2%} of the time at {link.awake_w:g} W, {link.awake_s:g} s after each of "
            f"{self.requests_per_day:,.0f} a day, {AWAKE_SOURCE}; {sent.source}"
        )
        return Quantity(watts, "W", sent.kind, source)


def option(
    profile: Profile,
    network: str,
    precision: str,
    compute_ms: Quantity,
    ram_bytes: int,
    flash_bytes: int,
    scenario: Scenario,
    published: Energy | None = None,
    front_end_share: float = 0.0,
) -> Option:
    """Return one network in one place with everything the constraints ask about.

    Parameters
    ----------
    profile, network, precision
        Where, what, in which arithmetic.
    compute_ms
        Predicted or published time of one inference, with its interval.
    ram_bytes, flash_bytes
        What the whole program needs there.
    scenario
        How it is used.
    published
        Energy of one inference that somebody measured on this board; else power x time is taken.
    front_end_share
        Share of the time that turning sound into pictures takes there while it listens.
    """
    link = scenario.links.get(profile.tier)
    # the picture of the newest sound is made before the network can look at it
    there_ms = compute_ms.value + 1e3 * front_end_share / scenario.decisions_per_s
    energy = published
    if energy is None and profile.active_power_w is not None:
        energy = power_times_time(profile.active_power_w, compute_ms, profile.supply)
    power = _power_in_the_room(profile, compute_ms, scenario, link, front_end_share)
    own = profile.battery_wh
    battery = scenario.battery if own is None else Battery("its own battery", own)
    leaving = scenario.leaving if link else (THE_WORD if profile.radios else NOTHING)
    return Option(
        profile=profile,
        network=network,
        precision=precision,
        compute_ms=compute_ms,
        ram_bytes=ram_bytes,
        flash_bytes=flash_bytes,
        answer=link.exchange(leaving.payload_bytes, there_ms) if link else local(there_ms),
        energy=energy,
        average_power_w=power,
        battery_days=None if power is None else battery_days(battery, power),
        cost_per_million=_cost(profile, compute_ms, scenario, power, leaving if link else NOTHING),
        leaving=leaving,
        stays_in_room=link is None or link.distance_km <= IN_THE_ROOM_KM,
        front_end_share=front_end_share,
    )


def _power_in_the_room(
    profile: Profile, compute_ms: Quantity, scenario: Scenario, link: Link | None, front_end_share: float
) -> Quantity | None:
    """Return what the room supplies: microphone, what notices speech, radio, and the computer unless it is far away.

    A cascade: voice activity always, the network while it listens, the radio only at a word.
    """
    noticing_w = VOICE_ACTIVITY.average_w if link or scenario.listening < 1 else 0.0
    radio = scenario.send_power(link) if link else None
    outside = MICROPHONE_W.value + noticing_w + (radio.value if radio else 0.0)
    parts = [f"radio {in_watts(radio.value)}"] if radio else []
    parts.append(f"microphone {in_watts(MICROPHONE_W.value)}")
    parts += [f"voice activity {in_watts(noticing_w)}"] if noticing_w else []
    sources = [radio.source] if radio else []
    sources += [CASCADE_SOURCE] if noticing_w else []
    always = "; ".join([" + ".join(parts), *sources])
    if profile.tier == "cloud" and link:
        return Quantity(outside, "W", Kind.ASSUMED, always)
    if profile.active_power_w is None or profile.idle_power_w is None:
        return None
    rate = scenario.decisions_per_s * scenario.listening
    front_ms = 1e3 * front_end_share / scenario.decisions_per_s
    busy_ms = replace(
        compute_ms,
        value=compute_ms.value + front_ms,
        low=None if compute_ms.low is None else compute_ms.low + front_ms,
        high=None if compute_ms.high is None else compute_ms.high + front_ms,
    )
    drawn = average_power(profile.active_power_w, profile.idle_power_w, busy_ms, rate, outside)
    return replace(drawn, source=f"{drawn.source}: {always}")


def _cost(
    profile: Profile, compute_ms: Quantity, scenario: Scenario, power: Quantity | None, leaving: Leaving
) -> Quantity | None:
    if profile.price is None:
        return None
    if profile.price.per_hour:
        return rented_per_million(profile.price, compute_ms, leaving.payload_bytes, scenario.rates)
    if power is None:
        return None
    return owned_per_million(profile.price, power, scenario.requests_per_day, scenario.rates)
