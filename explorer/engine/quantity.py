"""A number that says where it comes from: measured here, derived, cited or assumed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a number came to be; drawn beside it as a small glyph."""

    MEASURED = "measured"
    DERIVED = "derived"
    CITED = "cited"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its unit, its kind and its source.

    Parameters
    ----------
    value
        The number, in `unit`.  Fractions stay fractions (0.96, not 96): formatting is the reader's business.
    unit
        Unit as printed: "ms", "bytes", "fraction", "per hour", ...; empty for a pure number.
    kind
        Measured on this machine, derived by a formula, cited from a source, or assumed.
    source
        What was measured on what, which formula, or which publication.
    low, high
        95 % interval, where one exists.
    count
        Number of samples behind a measured value.
    """

    value: float
    unit: str
    kind: Kind
    source: str
    low: float | None = None
    high: float | None = None
    count: int | None = None
