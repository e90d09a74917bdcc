"""Table 2.1 of the book with numbers: its word for cloud, edge and tiny, and the number behind it for this network.

The book's words are an order (high, moderate, low); what is checked is whether the numbers of the three places that
were chosen stand in that order.  Where two of them are equal, or a number is not known, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from explorer.engine.deployment.fit import TENSORFLOW, TF_LITE, TF_LITE_MICRO
from explorer.engine.deployment.link import Link
from explorer.engine.deployment.placement import Option
from explorer.engine.quantity import Kind, Quantity

# The words of the table from little to much.
_RANKS = {"very low": 0, "low": 1, "moderate": 2, "high": 3, "very high": 4}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the network runs, and over which link the sound gets there; None when it does not travel."""

    option: Option
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Parameters
    ----------
    aspect
        First column.
    words
        The book's words for cloud, edge and tiny.
    measure
        What the numbers are.
    numbers
        One per place; None where it is not known.
    holds
        Whether the numbers stand in the order of the words; None where that is not decided.
    sentence
        Why, in words.
    """

    aspect: str
    words: tuple[str, str, str]
    measure: str
    numbers: tuple[Quantity | None, ...]
    holds: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class _Aspect:
    """How one aspect is measured; `sign` is -1 where the word praises a small number (privacy: few bytes)."""

    name: str
    words: tuple[str, str, str]
    measure: str
    number: Callable[[Place], Quantity | None]
    sign: int = 1


def table_2_1(cloud: Place, edge: Place, tiny: Place, deadline_ms: float) -> tuple[Row, ...]:
    """Return the eleven rows for these three places.

    Parameters
    ----------
    cloud, edge, tiny
        The places, with the options as the predictor made them.
    deadline_ms
        By when an answer counts as real time.
    """

    def in_time(place: Place) -> Quantity:
        share = place.option.answers.within(deadline_ms)
        return _derived(
            share, "fraction", f"answers within {deadline_ms:g} ms", place.option.compute_ms, _distance(place)
        )

    aspects = (
        _Aspect("Processing location", ("high", "moderate", "low"), "distance to the processor", _distance),
        _Aspect("Latency", ("high", "moderate", "low"), "median time to the answer", _latency),
        _Aspect(
            "Data privacy", ("moderate", "high", "very high"), "bytes × kilometres that sound travels", _leaving, -1
        ),
        _Aspect("Computational power", ("high", "moderate", "low"), "peak at this precision", _peak),
        _Aspect("Energy consumption", ("high", "moderate", "low"), "energy of one inference", _energy),
        _Aspect("Scalability", ("high", "moderate", "low"), "answers a second from one device", _rate),
        _Aspect("Cost", ("high", "variable", "low"), "cost of a million answers", lambda p: p.option.cost_per_million),
        _Aspect("Connectivity", ("high", "low", "very low"), "answers lost to the network", _lost),
        _Aspect("Real-time processing", ("moderate", "high", "very high"), "answers in time", in_time),
        _Aspect("Application examples", ("", "", ""), "copies of this network that fit", _copies),
        _Aspect("Complexity", ("", "", ""), "kinds of layers the runtime offers", _operators),
    )
    return tuple(_row(aspect, (cloud, edge, tiny)) for aspect in aspects)


def order(words: Sequence[str], values: Sequence[float | None], sign: int = 1) -> tuple[bool | None, str]:
    """Return whether values stand in the order of the words, and why.

    Parameters
    ----------
    words
        From "very low" to "very high"; others (a range, an example) take no part.
    values
        One per word; None where it is not known.
    sign
        -1 where more of the word means a smaller number.
    """
    places = ("cloud", "edge", "tiny")
    known = [
        (place, _RANKS[word], value * sign)
        for place, word, value in zip(places, words, values, strict=True)
        if word in _RANKS and value is not None
    ]
    pairs = [(a, b) if a[1] > b[1] else (b, a) for a, b in combinations(known, 2) if a[1] != b[1]]
    reversed_ = [f"{more[0]} and {less[0]}" for more, less in pairs if more[2] < less[2]]
    equal = [f"{more[0]} and {less[0]}" for more, less in pairs if more[2] == less[2]]
    if reversed_:
        return False, f"the other way round for {', '.join(reversed_)}"
    if equal:
        return None, f"no difference between {', '.join(equal)}"
    if not pairs:
        return None, "the words are no order, or the numbers are not known"
    asked = sum(word in _RANKS for word in words)
    missing = asked - len(known)
    return (None, f"{missing} of {asked} numbers not known") if missing else (True, "in the book's order")


def _row(aspect: _Aspect, places: tuple[Place, ...]) -> Row:
    numbers = tuple(aspect.number(place) for place in places)
    values = [None if number is None else number.value for number in numbers]
    holds, sentence = order(aspect.words, values, aspect.sign)
    return Row(aspect.name, _WORDS.get(aspect.name, aspect.words), aspect.measure, numbers, holds, sentence)


# Where the book prints more than a word of an order, this is what stands there.
_WORDS = {
    "Processing location": ("centralised servers", "local devices", "on the device"),
    "Application examples": ("virtual assistants", "smart homes", "wearables"),
    "Complexity": ("moderate to high", "moderate", "moderate to high"),
}


def _derived(value: float, unit: str, source: str, *of: Quantity) -> Quantity:
    assumed = any(each.kind is Kind.ASSUMED for each in of)
    return Quantity(value, unit, Kind.ASSUMED if assumed else Kind.DERIVED, source)


def _distance(place: Place) -> Quantity:
    kilometres, source = (0.0, "on the device") if place.link is None else (place.link.distance_km, place.link.source)
    return Quantity(kilometres, "km", Kind.ASSUMED if place.link else Kind.DERIVED, source)


def _latency(place: Place) -> Quantity:
    return _derived(
        place.option.answers.p50_ms, "ms", "computing and network, median", place.option.compute_ms, _distance(place)
    )


def _leaving(place: Place) -> Quantity:
    leaving, distance = place.option.leaving, _distance(place)
    source = f"{leaving.words}: {leaving.payload_bytes:,} bytes × {distance.value:g} km"
    return Quantity(leaving.payload_bytes * distance.value, "byte km", distance.kind, source)


def _peak(place: Place) -> Quantity | None:
    return place.option.profile.peak_macs_per_s.get(place.option.precision)


def _energy(place: Place) -> Quantity | None:
    return None if place.option.energy is None else place.option.energy.microjoules


def _rate(place: Place) -> Quantity:
    time = place.option.compute_ms
    return _derived(1e3 / time.value, "per second", f"1 / {time.value:.4g} ms, one after the other", time)


def _lost(place: Place) -> Quantity:
    source = "no network" if place.link is None else place.link.source
    return _derived(place.option.answers.no_answer, "fraction", source, _distance(place))


def _copies(place: Place) -> Quantity:
    copies = 1 / max(place.option.ram_over, place.option.flash_over)
    return _derived(copies, "copies", "memory there / memory needed, the scarcer of RAM and flash")


def _operators(place: Place) -> Quantity:
    runtime = {"tiny": TF_LITE_MICRO, "cloud": TENSORFLOW}.get(place.option.profile.tier, TF_LITE)
    return Quantity(runtime.operators, "operators", Kind.CITED, f"{runtime.name}; {runtime.ram_bytes.source}")
