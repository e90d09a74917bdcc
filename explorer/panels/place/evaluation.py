"""Evaluation: the four places under one setup, each with its time, room, energy, battery and what strikes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from explorer.engine.deployment.break_even import BreakEven, break_even
from explorer.engine.deployment.cost import INT8
from explorer.engine.deployment.estimate import Estimate, as_option, estimate
from explorer.engine.deployment.link import Link
from explorer.engine.deployment.money import Rates, break_even_requests_per_day
from explorer.engine.deployment.placement import Option, Strike, Verdict, judge, pareto_front
from explorer.engine.deployment.profile import TIERS, Profile, Tier
from explorer.engine.deployment.profiles import THIS_MACHINE
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import names
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.panels.place.setup import Setup

GetNetwork = Callable[[str, int], Network]
MeasuredNetwork = Callable[[Network], "Quantity | None"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the time between the end of the sound and the answer.

    Parameters
    ----------
    key
        "uplink", "front end", "network", "way back" or "jitter".
    time_ms
        How long it takes, with kind and source.
    """

    key: str
    time_ms: Quantity


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One tile: a network at a precision on a device.

    Parameters
    ----------
    tier, profile
        Where.
    network
        What runs there, as printed.
    estimate
        Time, memory, energy of one inference.
    option
        The same under the scenario; None where it cannot run.
    verdict
        What strikes it; None where it cannot run.
    link
        How the sound gets there.
    stages
        Where the time of the median answer goes, in order.
    break_even
        Where asking there stops winning over the microcontroller on the spot; None for what is on the spot.
    buying
        Answers a day above which buying the microcontroller is cheaper than renting this machine; None where nothing
        is rented or a price is not known.
    beaten
        Whether another place that remains is better in time, energy and cost at once.
    """

    tier: Tier
    profile: Profile
    network: str
    estimate: Estimate
    option: Option | None
    verdict: Verdict | None
    link: Link | None
    stages: tuple[Stage, ...]
    break_even: BreakEven | None = None
    buying: Quantity | None = None
    beaten: bool = False

    @property
    def remains(self) -> bool:
        """Whether no constraint strikes it."""
        return self.verdict is not None and self.verdict.remains

    @property
    def strikes(self) -> tuple[Strike, ...]:
        """What strikes it, decisive first; a place that cannot run is struck by its precision."""
        if self.verdict is None:
            return (Strike("precision", self.estimate.prediction.reason, float("inf")),)
        return self.verdict.strikes

    @property
    def answer_ms(self) -> Quantity | None:
        """The median time to the answer, with the interval of the computing in it."""
        if self.option is None or any(stage.time_ms.value == float("inf") for stage in self.stages):
            return None
        time, total = self.option.compute_ms, self.option.answers.p50_ms
        parts = " + ".join(f"{stage.time_ms.value:.3g} ms {stage.key}" for stage in self.stages)
        return Quantity(
            total,
            "ms",
            time.kind if self.link is None else Kind.ASSUMED,
            f"{parts}; {time.source}",
            low=None if time.low is None else total + time.low - time.value,
            high=None if time.high is None else total + time.high - time.value,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Everything that an evaluation depends on.

    Parameters
    ----------
    network, version, precision, hop_ms
        Of the workbench.
    setup
        Of this panel.
    profiles
        By key.
    """

    network: str
    version: int
    precision: Recipe
    hop_ms: float
    setup: Setup
    profiles: Mapping[str, Profile]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The four places, and what was asked."""

    question: Question
    network: Network
    recipe: Recipe
    places: Mapping[Tier, Place]


def evaluate(question: Question, get_network: GetNetwork, measured: MeasuredNetwork) -> Answer:
    """Return the four places; no call takes longer than a frame once the predictor is fitted.

    Parameters
    ----------
    question
        What is asked.
    get_network
        Gives a network by name and version.
    measured
        Gives how long a network took on this machine, in milliseconds; None before it was measured.
    """
    network = get_network(question.network, question.version)
    recipe = _fitting(question.precision, network)
    places: dict[Tier, Place] = {}
    for tier in TIERS:
        profile = question.profiles[question.setup.tiles[tier]]
        if question.setup.best:
            places[tier] = _best(question, network, recipe, profile, get_network, measured)
        else:
            places[tier] = place_at(question, network, recipe, profile, measured)
    against = places["tiny"].option
    if against is not None:
        for tier, place in places.items():
            places[tier] = replace(place, break_even=_break_even(place, against), buying=_buying(place, against))
    left = {tier: place.option for tier, place in places.items() if place.remains and place.option is not None}
    front = pareto_front(tuple(left.values()))
    for tier, option in left.items():
        places[tier] = replace(places[tier], beaten=option not in front)
    return Answer(question, network, recipe, places)


def place_at(
    question: Question, network: Network, recipe: Recipe, profile: Profile, measured: MeasuredNetwork
) -> Place:
    """Return one network on one device under the setup."""
    setup, hop_ms = question.setup, question.hop_ms
    scenario = setup.scenario(hop_ms)
    found = estimate(network.graph, profile, recipe, scenario.decisions_per_s)
    if profile.key == THIS_MACHINE and recipe == FLOAT and (time_ms := measured(network)) is not None:
        found = replace(found, latency=time_ms)
    option = as_option(found, scenario)
    link = scenario.links.get(profile.tier)
    return Place(
        tier=profile.tier,
        profile=profile,
        network=network.title,
        estimate=found,
        option=option,
        verdict=None if option is None else judge(option, setup.constraints(hop_ms)),
        link=link,
        stages=() if option is None else stages_of(option, link, scenario.decisions_per_s, found.front_end_share),
    )


def stages_of(
    option: Option, link: Link | None, decisions_per_s: float, front_end: Quantity | None
) -> tuple[Stage, ...]:
    """Return where the time of the median answer goes, in the order in which it passes."""
    stages: list[Stage] = []
    half_ms = 0.0
    if link is not None:
        half_ms = (link.round_trip_ms + link.propagation_ms()) / 2
        up_ms = link.transfer_ms(option.leaving.payload_bytes, 0)
        source = (
            f"{link.name}: {option.leaving.payload_bytes:,} bytes at {link.uplink_bit_per_s / 1e6:g} Mbit/s, half the "
            f"round trip of {link.round_trip_ms:g} ms, {link.distance_km:g} km of fibre; {link.source}"
        )
        stages.append(Stage("uplink", Quantity(up_ms + half_ms, "ms", Kind.ASSUMED, source)))
    if front_end is not None:
        time_ms = 1e3 * front_end.value / decisions_per_s
        source = f"turning the newest {1e3 / decisions_per_s:.3g} ms of sound into pictures; {front_end.source}"
        stages.append(Stage("front end", Quantity(time_ms, "ms", front_end.kind, source)))
    stages.append(Stage("network", option.compute_ms))
    if link is not None:
        down_ms = link.transfer_ms(0)
        source = f"{link.name}: the answer comes back, the other half of the round trip; {link.source}"
        stages.append(Stage("way back", Quantity(down_ms + half_ms, "ms", Kind.ASSUMED, source)))
        wait_ms = option.answers.p50_ms - option.answers.floor_ms
        source = (
            f"{link.name}: median wait; jitter of {link.jitter_ms:g} ms on average, {100 * link.loss:g} % of packets "
            f"lost and sent again after {link.timeout_ms:g} ms; {link.source}"
        )
        stages.append(Stage("jitter", Quantity(wait_ms, "ms", Kind.ASSUMED, source)))
    return tuple(stages)


def _best(
    question: Question,
    network: Network,
    recipe: Recipe,
    profile: Profile,
    get_network: GetNetwork,
    measured: MeasuredNetwork,
) -> Place:
    """Return the largest network of the family that has room and keeps up there; else the one in force.

    The precision of the workbench comes first; where the device does not run it, or not fast enough, 8 bits.
    """
    rate = question.setup.rate(question.hop_ms)
    for name in reversed(names()):
        candidate = network if name == network.name else get_network(name, 1)
        for bits in dict.fromkeys((_fitting(question.precision, candidate), INT8)):
            place = place_at(question, candidate, bits, profile, measured)
            if place.option is not None and place.option.fits and place.option.keeps_up(rate):
                return place
    return place_at(question, network, recipe, profile, measured)


def _break_even(place: Place, on_the_spot: Option) -> BreakEven | None:
    if place.option is None or place.link is None:
        return None
    there_ms = sum(stage.time_ms.value for stage in place.stages if stage.key in ("front end", "network"))
    payload = place.option.leaving.payload_bytes
    return break_even(place.link, payload, there_ms, on_the_spot.answers.p50_ms)


def _buying(place: Place, on_the_spot: Option) -> Quantity | None:
    rented, price = None if place.option is None else place.option.cost_per_million, on_the_spot.profile.price
    lent = place.profile.price is not None and place.profile.price.per_hour
    if not lent or rented is None or price is None or price.per_hour or on_the_spot.average_power_w is None:
        return None
    return break_even_requests_per_day(price, on_the_spot.average_power_w, rented, Rates())


def _fitting(recipe: Recipe, network: Network) -> Recipe:
    return recipe.fitting({layer.name: True for layer in network.graph.layers})
