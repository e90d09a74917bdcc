"""A printed claim and its check, run live: what the book says, and what arithmetic, simulation or training find."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from explorer.engine.deployment.claims import Finding
from explorer.engine.quantity import Kind, Quantity

AS_PRINTED = 0.05  # a printed number is right within this share


class Cancelled(Exception):
    """The check was told to stop."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the book.

    Parameters
    ----------
    key
        Its number in the list of claims that do not reconcile, "F7".
    section
        Where it is printed.
    printed
        What it says, in short.
    way
        How it is checked: "arithmetic", "simulation", "training", or "the book against itself".
    check
        Computes the finding; looks at the stop event at least every 100 ms.

    Raises
    ------
    Cancelled
        By `check`, when it was told to stop.
    """

    key: str
    section: str
    printed: str
    way: str
    check: Callable[[threading.Event], Finding]


def go_on(stop: threading.Event) -> None:
    """End a check that is no longer wanted."""
    if stop.is_set():
        raise Cancelled


def derived(value: float, unit: str, source: str) -> Quantity:
    """Return a number that a formula gave."""
    return Quantity(value, unit, Kind.DERIVED, source)


def measured(value: float, unit: str, source: str, low: float, high: float, count: int) -> Quantity:
    """Return a number that was measured here, with its 95 % interval."""
    return Quantity(value, unit, Kind.MEASURED, source, low, high, count)


def near(value: float, printed: float) -> bool:
    """Say whether a printed number is right within 5 %."""
    return abs(value - printed) <= AS_PRINTED * abs(printed)


def check_agreement(pairs: tuple[tuple[str, str, str], ...]) -> Finding:
    """Return whether the book says the same wherever it answers the same question.

    Parameters
    ----------
    pairs
        (question, answer in one place, answer in the other).
    """
    differ = [f"{question}: “{one}” and “{other}”" for question, one, other in pairs if one != other]
    sentence = "; ".join(differ) or "both places say the same"
    number = derived(len(differ), "contradictions", f"{len(pairs)} pairs of statements compared")
    return Finding(not differ, sentence, (number,))
