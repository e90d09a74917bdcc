"""Energy per inference: three ways to know it, which are never the same thing and never share an axis unmarked.

Published: microjoules somebody measured on a board, with the boundary they measured at.  Power x time: what a device
draws while it computes, times how long it computes.  Operations: what the arithmetic and the memory accesses alone
must cost in silicon of 45 nm, a floor that no real processor reaches, since fetching and decoding instructions,
clocks and leakage come on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.engine.deployment.measurements import Measurement
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity


class Method(Enum):
    """How an energy is known; its value is the mark drawn beside it."""

    PUBLISHED = "published"
    POWER_TIMES_TIME = "power × time"
    OPERATIONS = "operations only"


@dataclass(frozen=True, slots=True)
class Energy:
    """The energy of one inference.

    Parameters
    ----------
    microjoules
        Value with kind, source and, where there is one, interval.
    method
        How it is known.
    boundary
        What is inside: "processor only, 1.8 V", "whole board, at the wall".
    """

    microjoules: Quantity
    method: Method
    boundary: str

    def comparable(self, other: Energy) -> bool:
        """Whether both may share an axis without a mark: known the same way, at the same boundary."""
        return self.method is other.method and self.boundary == other.boundary


# M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014: 45 nm, 0.9 V, picojoules.
_HOROWITZ = "Horowitz, ISSCC 2014, 45 nm"
ADD_PJ = {"int8": 0.03, "int32": 0.1, "float16": 0.4, "float32": 0.9}
MULTIPLY_PJ = {"int8": 0.2, "float16": 1.1, "float32": 3.7}
# an int8 product is added to an int32 sum, a float product to a sum of its own format
ACCUMULATOR = {"int8": "int32", "float16": "float16", "float32": "float32"}
# size of the memory in bytes -> picojoules to read 32 bits; anything larger is DRAM
SRAM_READ_PJ_PER_32_BITS = {8 * 1024: 5.0, 32 * 1024: 10.0, 1024 * 1024: 50.0}
DRAM_READ_PJ_PER_32_BITS = 640.0


def weakest_kind(*quantities: Quantity) -> Kind:
    """Return the kind of what is computed from these: assumed as soon as one of them is, else derived."""
    return Kind.ASSUMED if any(each.kind is Kind.ASSUMED for each in quantities) else Kind.DERIVED


def published(microjoules: float, source: str, boundary: str) -> Energy:
    """Return an energy that somebody measured and published.

    Parameters
    ----------
    microjoules
        Per inference.
    source
        Publication, submitter and board.
    boundary
        Supply and what it feeds, from the notes of the publication.
    """
    return Energy(Quantity(microjoules, "µJ", Kind.CITED, source), Method.PUBLISHED, boundary)


def from_result(row: Measurement) -> Energy | None:
    """Return the energy of a published result, with the supply its notes state; None where none was measured."""
    if row.energy_uj is None:
        return None
    return published(row.energy_uj, row.source, f"processor only; {row.notes or 'supply not stated'}")


def power_times_time(power_w: Quantity, latency_ms: Quantity, boundary: str) -> Energy:
    """Return the energy of computing for so long at so much power: 1 W x 1 ms = 1,000 µJ.

    The interval of the latency carries over; that of the power is not known and is not in it.
    """
    factor = power_w.value * 1e3
    value = Quantity(
        latency_ms.value * factor,
        "µJ",
        weakest_kind(power_w, latency_ms),
        f"{power_w.value * 1e3:.4g} mW × {latency_ms.value:.4g} ms; power: {power_w.source}",
        low=None if latency_ms.low is None else latency_ms.low * factor,
        high=None if latency_ms.high is None else latency_ms.high * factor,
    )
    return Energy(value, Method.POWER_TIMES_TIME, boundary)


def mac_picojoules(precision: str) -> float:
    """Return the energy of one multiply-accumulate in 45 nm silicon.

    Raises
    ------
    ExplorerError
        For a precision that the table does not have; no other one's number is used in its place.
    """
    if precision not in MULTIPLY_PJ:
        known = ", ".join(MULTIPLY_PJ)
        raise ExplorerError(f"The energy of a {precision} product is not in the table: choose one of {known}.")
    return MULTIPLY_PJ[precision] + ADD_PJ[ACCUMULATOR[precision]]


def read_picojoules_per_byte(memory_bytes: int) -> float:
    """Return the energy of reading one byte from a memory of this size: far memories are large, and cost more."""
    fitting = [picojoules for size, picojoules in SRAM_READ_PJ_PER_32_BITS.items() if memory_bytes <= size]
    return (fitting[0] if fitting else DRAM_READ_PJ_PER_32_BITS) / 4


def operations(macs: int, precision: str, traffic: Sequence[tuple[int, int]]) -> tuple[Energy, Energy]:
    """Return the least that arithmetic and data movement cost in 45 nm silicon, apart.

    Parameters
    ----------
    macs
        Multiply-accumulates of one inference.
    precision
        "int8", "float16" or "float32".
    traffic
        (bytes moved, size in bytes of the memory they come from or go to), one pair per memory.
    """
    arithmetic = macs * mac_picojoules(precision) * 1e-6
    movement = sum(moved * read_picojoules_per_byte(size) for moved, size in traffic) * 1e-6
    moved = sum(moved for moved, _ in traffic)
    boundary = "arithmetic units and memories only"
    return (
        Energy(
            Quantity(arithmetic, "µJ", Kind.DERIVED, f"{macs:,} {precision} MAC × table of {_HOROWITZ}"),
            Method.OPERATIONS,
            boundary,
        ),
        Energy(
            Quantity(movement, "µJ", Kind.DERIVED, f"{moved:,} bytes moved × table of {_HOROWITZ}"),
            Method.OPERATIONS,
            boundary,
        ),
    )
