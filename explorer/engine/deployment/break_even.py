"""Break-even: where asking elsewhere stops winning over computing on the spot.

Three things decide it: how much has to be sent, how far away the other computer is, and by when the answer is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from explorer.engine.deployment.link import FIBRE_KM_PER_S, Link


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where a computer elsewhere and one on the spot answer at the same time.

    Parameters
    ----------
    remote_ms, local_ms
        By when the asked-for share of the answers is there, each way; infinite when that share never comes.
    payload_bytes
        The most that may be sent for the one elsewhere to win; 0 when it never does.
    distance_km
        The farthest it may be; 0 when it loses from next door.
    """

    remote_ms: float
    local_ms: float
    payload_bytes: float
    distance_km: float

    @property
    def remote_wins(self) -> bool:
        """Whether asking elsewhere is the faster way."""
        return self.remote_ms < self.local_ms

    @property
    def sentence(self) -> str:
        """What decides, in words."""
        if self.payload_bytes == 0:
            return f"never faster elsewhere: even an empty message takes longer than {self.local_ms:.3g} ms"
        limits = f"up to {self.payload_bytes:,.0f} bytes, or {self.distance_km:,.0f} km with this payload"
        return f"{'faster' if self.remote_wins else 'slower'} elsewhere; it wins with {limits}"


def break_even(link: Link, payload_bytes: float, remote_ms: float, local_ms: float, share: float = 0.5) -> BreakEven:
    """Return where asking over a link stops being faster than computing on the spot.

    Parameters
    ----------
    link, payload_bytes, remote_ms
        The way there, what is sent, and the time of computing there.
    local_ms
        Time of computing on the spot.
    share
        Of the answers that must be there: 0.5 compares medians, 0.99 the slow ones.
    """
    return BreakEven(
        remote_ms=shortest_deadline_ms(link, payload_bytes, remote_ms, share),
        local_ms=local_ms,
        payload_bytes=largest_payload_bytes(link, local_ms, remote_ms, share),
        distance_km=longest_distance_km(link, local_ms, payload_bytes, remote_ms, share),
    )


def longest_distance_km(link: Link, deadline_ms: float, payload_bytes: float, remote_ms: float, share: float) -> float:
    """Return how far away a data centre may be so that this share of answers meets the deadline; 0 when nowhere."""
    here = replace(link, distance_km=0.0).exchange(payload_bytes, remote_ms).quantile(share)
    left_ms = deadline_ms - here
    return max(0.0, left_ms / 2e3 * FIBRE_KM_PER_S) if math.isfinite(left_ms) else 0.0


def largest_payload_bytes(link: Link, deadline_ms: float, remote_ms: float, share: float) -> float:
    """Return how much may be sent so that this share of answers meets the deadline; 0 when not even nothing may."""
    return _largest(lambda payload: link.exchange(payload, remote_ms).within(deadline_ms) >= share, 1e12)


def shortest_deadline_ms(link: Link, payload_bytes: float, remote_ms: float, share: float) -> float:
    """Return the deadline below which asking elsewhere stops winning: this share of answers just meets it."""
    return link.exchange(payload_bytes, remote_ms).quantile(share)


def _largest(holds: Callable[[float], bool], most: float) -> float:
    """Return the largest value at which a condition that only ever turns false still holds, by bisection."""
    if not holds(0.0):
        return 0.0
    low, high = 0.0, most
    if holds(high):
        return high
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
