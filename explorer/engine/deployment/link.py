"""The network between a device and whoever computes for it: a delay that is a distribution, not a number.

One exchange takes

    floor = packets up / uplink + answer / downlink + round trip of the access network + 2 * distance / speed in fibre
    + jitter, exponential with a mean of `jitter_ms`
    + waiting for lost exchanges: after the n-th loss the timer is doubled, so n losses cost timer * (2^n - 1)

and never comes when the network is out or every attempt is lost.  The sum of an exponential and a handful of fixed
waits has a closed distribution function, so P50 and P99 need no simulation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIBRE_KM_PER_S = 200_000.0  # light in glass: 300,000 km/s / 1.5
PACKET_BYTES = 1460
ATTEMPTS = 6

# What an answer is: a word, its score and a time stamp, with the headers of the protocol.
ANSWER_BYTES = 200


@dataclass(frozen=True, slots=True)
class LatencyDistribution:
    """How long an answer takes: a floor, exponential jitter, waits for lost packets, and sometimes no answer at all.

    Parameters
    ----------
    floor_ms
        Below this nothing comes back.
    jitter_ms
        Mean of the exponential part; 0 for a device that computes by itself.
    waits_ms, weights
        Extra waiting after 0, 1, 2, ... losses, and the probability of each.  Their sum is 1 - `no_answer`.
    no_answer
        Probability that no answer ever comes.
    """

    floor_ms: float
    jitter_ms: float = 0.0
    waits_ms: tuple[float, ...] = (0.0,)
    weights: tuple[float, ...] = (1.0,)
    no_answer: float = 0.0

    def __post_init__(self) -> None:
        if abs(sum(self.weights) + self.no_answer - 1) > 1e-9:
            raise ValueError(f"probabilities must add up to 1: {self.weights} and {self.no_answer}")

    def within(self, deadline_ms: float) -> float:
        """Return the probability that the answer is there by the deadline."""
        total = 0.0
        for wait, weight in zip(self.waits_ms, self.weights, strict=True):
            left = deadline_ms - self.floor_ms - wait
            if left >= 0:
                total += weight if self.jitter_ms == 0 else weight * -math.expm1(-left / self.jitter_ms)
        return total

    def quantile(self, probability: float) -> float:
        """Return the time by which this share of the answers is there; infinite when that share never comes."""
        if not 0 < probability < 1:
            raise ExplorerError("A percentile lies between 0 and 1: ask for 0.5 or 0.99.")
        if probability > 1 - self.no_answer:
            return math.inf
        return self.floor_ms + _excess_ms(replace(self, floor_ms=0.0), probability)

    @property
    def p50_ms(self) -> float:
        """Median; half of the answers are faster."""
        return self.quantile(0.5)

    @property
    def p99_ms(self) -> float:
        """One answer in a hundred is slower."""
        return self.quantile(0.99)

    def later(self, milliseconds: float) -> LatencyDistribution:
        """Return the distribution with this time added to every answer."""
        return replace(self, floor_ms=self.floor_ms + milliseconds)

    def sample(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return delays drawn from it, in milliseconds; infinity is an answer that never comes."""
        import numpy as np

        chances = np.array([*self.weights, self.no_answer])
        which = generator.choice(len(chances), size=count, p=chances / chances.sum())
        waits = np.array([*self.waits_ms, math.inf])[which]
        jitter = generator.exponential(self.jitter_ms, count) if self.jitter_ms else np.zeros(count)
        delays: NDArray[np.float64] = self.floor_ms + jitter + waits
        return delays


@lru_cache(maxsize=4096)
def _excess_ms(above_floor: LatencyDistribution, probability: float) -> float:
    """Return a percentile above the floor, by bisection; all answers over one link share it, however long they take."""
    if above_floor.jitter_ms == 0 and len(above_floor.waits_ms) == 1:
        return above_floor.waits_ms[0]
    low, high = 0.0, max(above_floor.waits_ms) + 60 * above_floor.jitter_ms + 1e-9
    for _ in range(100):
        middle = (low + high) / 2
        if above_floor.within(middle) < probability - 1e-15:
            low = middle
        else:
            high = middle
    return high


def local(latency_ms: float) -> LatencyDistribution:
    """Return the distribution of a device that computes by itself: always the same time, never out."""
    return LatencyDistribution(latency_ms)


@dataclass(frozen=True, slots=True)
class Link:
    """A connection to whoever computes elsewhere.

    Parameters
    ----------
    name
        As printed.
    uplink_bit_per_s, downlink_bit_per_s
        Rates; data leaves far more slowly than it arrives on most.
    round_trip_ms
        Of the access network and the server's own stack, without the distance.
    distance_km
        To the data centre along the fibre, one way.
    jitter_ms
        Mean of the delay on top.
    loss
        Probability that one packet is lost, 0 to 1.
    timeout_ms
        Until a lost exchange is repeated; doubled after each further loss.
    outage
        Share of the time without any connection.
    send_nanojoules_per_bit
        Energy of the sender's radio.
    awake_w, awake_s
        The sender's radio once it is awake, and how long it stays so after an exchange, waking up included.
    source
        Where its numbers come from.
    """

    name: str
    uplink_bit_per_s: float
    downlink_bit_per_s: float
    round_trip_ms: float
    distance_km: float
    jitter_ms: float
    loss: float
    timeout_ms: float = 200.0
    outage: float = 0.0
    send_nanojoules_per_bit: float = 0.0
    awake_w: float = 0.0
    awake_s: float = 0.0
    source: str = "assumed: set by the user"

    def __post_init__(self) -> None:
        times = (self.round_trip_ms, self.distance_km, self.jitter_ms, self.timeout_ms)
        if self.uplink_bit_per_s <= 0 or self.downlink_bit_per_s <= 0:
            raise ExplorerError(f"The link {self.name} needs a rate above 0 in both directions.")
        if not all(math.isfinite(each) and each >= 0 for each in times):
            raise ExplorerError(f"Times and distance of the link {self.name} must be 0 or more.")
        if not (0 <= self.loss < 1 and 0 <= self.outage <= 1):
            raise ExplorerError(f"Loss and outage of the link {self.name} are shares between 0 and 1.")
        if not all(
            math.isfinite(each) and each >= 0 for each in (self.send_nanojoules_per_bit, self.awake_w, self.awake_s)
        ):
            raise ExplorerError(f"The radio of the link {self.name} must be 0 or more.")

    def quantities(self) -> dict[str, Quantity]:
        """Return every number of the link by name, for the table of sources."""
        radio = {"send_nanojoules_per_bit": RADIO_SOURCE, "awake_w": AWAKE_SOURCE, "awake_s": AWAKE_SOURCE}
        return {
            name: Quantity(getattr(self, name), unit, Kind.ASSUMED, radio.get(name, self.source))
            for name, unit in (
                ("uplink_bit_per_s", "bit/s"), ("downlink_bit_per_s", "bit/s"), ("round_trip_ms", "ms"),
                ("distance_km", "km"), ("jitter_ms", "ms"), ("loss", "fraction"), ("timeout_ms", "ms"),
                ("outage", "fraction"), ("send_nanojoules_per_bit", "nJ/bit"),
                ("awake_w", "W"), ("awake_s", "s"),
            )
        }  # fmt: skip

    def propagation_ms(self) -> float:
        """Return the time that light needs there and back; no software makes it shorter."""
        return 2 * self.distance_km / FIBRE_KM_PER_S * 1e3

    def transfer_ms(self, payload_bytes: float, answer_bytes: float = ANSWER_BYTES) -> float:
        """Return the time on the wire: payload up, answer down."""
        return 8e3 * (payload_bytes / self.uplink_bit_per_s + answer_bytes / self.downlink_bit_per_s)

    def send_microjoules(self, payload_bytes: float) -> Quantity:
        """Return what sending a payload costs the sender; for small networks more than computing does."""
        value = payload_bytes * 8 * self.send_nanojoules_per_bit * 1e-3
        source = f"{payload_bytes:,.0f} bytes × {self.send_nanojoules_per_bit:g} nJ/bit; {RADIO_SOURCE}"
        return Quantity(value, "µJ", Kind.ASSUMED, source)

    def awake_share(self, requests_per_s: float) -> float:
        """Return the share of the time that the radio is awake, when requests come at random: 1 - exp(-rate * tail)."""
        return -math.expm1(-requests_per_s * self.awake_s)

    def exchange(
        self, payload_bytes: float, remote_ms: float = 0.0, answer_bytes: float = ANSWER_BYTES
    ) -> LatencyDistribution:
        """Return how long asking elsewhere takes.

        Parameters
        ----------
        payload_bytes
            What leaves the device for one answer.
        remote_ms
            Computing there.
        answer_bytes
            What comes back.
        """
        floor = self.transfer_ms(payload_bytes, answer_bytes) + self.round_trip_ms + self.propagation_ms() + remote_ms
        packets = max(1, math.ceil(payload_bytes / PACKET_BYTES)) + max(1, math.ceil(answer_bytes / PACKET_BYTES))
        lost = -math.expm1(packets * math.log1p(-self.loss))
        up = 1 - self.outage
        return LatencyDistribution(
            floor_ms=floor,
            jitter_ms=self.jitter_ms,
            waits_ms=tuple(self.timeout_ms * (2**losses - 1) for losses in range(ATTEMPTS)),
            weights=tuple(up * lost**losses * (1 - lost) for losses in range(ATTEMPTS)),
            no_answer=self.outage + up * lost**ATTEMPTS,
        )


RADIO_SOURCE = "mlsysim 0.3.0, convention: Bluetooth and Wi-Fi 100 to 500 nJ/bit, 5G 100 mJ/MB"
# 4G: 1.21 W for 0.26 s to wake, 1.06 W for 11.6 s after; Wi-Fi: 0.124 W for 0.08 s, 0.119 W for 0.24 s
AWAKE_SOURCE = (
    "radio of a phone of 2012, J. Huang and others, Performance and Power Characteristics of 4G LTE Networks, MobiSys "
    "2012, only the abstract opened; Bluetooth a guess"
)
_CODAVEL = "round trip and loss: blog.codavel.com, real-world latency and packet loss; rates, jitter, outage assumed"
_TYPICAL = "typical of such a link; neither measured here nor looked up"
_MLSYSIM = "nominal 15 ms, P99 150 ms: mlsysim 0.3.0; rates, loss, outage assumed"

LINKS = (
    Link("fibre, same city", 100e6, 100e6, 5.0, 50.0, 1.0, 0.0005, outage=0.0005, source=_TYPICAL),
    Link("Wi-Fi, same room", 20e6, 40e6, 5.0, 0.01, 4.0, 0.002, 200.0, 0.001, 100.0, 0.12, 0.32, _TYPICAL),
    Link("Wi-Fi, data centre", 20e6, 40e6, 15.0, 1000.0, 30.0, 0.002, 200.0, 0.002, 100.0, 0.12, 0.32, _MLSYSIM),
    Link("4G, data centre", 10e6, 40e6, 50.0, 1000.0, 20.0, 0.005, 200.0, 0.005, 12.5, 1.06, 11.9, _CODAVEL),
    Link("Bluetooth LE to a phone", 0.7e6, 0.7e6, 30.0, 0.01, 15.0, 0.01, 200.0, 0.005, 100.0, 0.01, 0.1, _TYPICAL),
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves the device for one answer, in words and in bytes."""

    words: str
    payload_bytes: int
    sound: bool

    def bytes_per_day(self, requests_per_day: float) -> float:
        """Return what leaves in a day."""
        return self.payload_bytes * requests_per_day


NOTHING = Leaving("nothing leaves the device", 0, sound=False)
THE_WORD = Leaving("the word and its score", 16, sound=False)
FEATURES = Leaving("98 × 40 features of one second, from which speech can be made out", 98 * 40, sound=True)
THE_SOUND = Leaving("one second of sound, 16 kHz, 16 bit", 32_000, sound=True)
