"""What a model card says about accuracy on human voices, read with care: cards are files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SETS = ("pictures", "recordings")
"""Human validation sets of a card, the larger first."""


@dataclass(frozen=True, slots=True)
class CardFigure:
    """An accuracy as a model card states it.

    Parameters
    ----------
    accuracy, low, high
        Fractions, with the 95 % interval.
    clips
        How many.
    set_name
        On what.
    """

    accuracy: float
    low: float
    high: float
    clips: int
    set_name: str

    def sentence(self) -> str:
        """Return the figure with set, number and interval."""
        return (
            f"{self.set_name}, n = {self.clips}: {100 * self.accuracy:.1f} % "
            f"[{100 * self.low:.1f}, {100 * self.high:.1f}]"
        )


def human_figures(card: Mapping[str, Any]) -> list[CardFigure]:
    """Return the figures on human voices, the set with more clips first; empty where the card has none."""
    found = []
    accuracy = card.get("accuracy")
    for name in SETS:
        row = accuracy.get(name) if isinstance(accuracy, Mapping) else None
        try:
            assert isinstance(row, Mapping)
            found.append(
                CardFigure(
                    float(row["accuracy"]), float(row["low"]), float(row["high"]), int(row["clips"]), str(row["set"])
                )
            )
        except (AssertionError, KeyError, TypeError, ValueError):
            continue
    return sorted(found, key=lambda figure: -figure.clips)
