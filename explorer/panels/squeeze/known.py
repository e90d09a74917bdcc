"""What is known of a network: its measured settings, and how two of them compare."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.anytime import Estimate
from explorer.engine.quantization.recipe import Recipe
from explorer.engine.quantization.sensitivity import Cell
from explorer.engine.quantization.statistics import Comparison
from explorer.panels.squeeze.preparing import Prepared


@dataclass(slots=True)
class Known:
    """What is known of one set of weights: those shipped or learned, or those trained for a width.

    Parameters
    ----------
    prepared
        What the job has made of them; None while they are being loaded.
    results
        Complete results by recipe.
    cells
        Cells of sensitivity matrices by the recipe that was measured (`sensitivity.cell_recipe`).
    """

    prepared: Prepared | None = None
    results: dict[Recipe, Estimate] = field(default_factory=dict)
    cells: dict[Recipe, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TracePoint:
    """A setting that was measured: its bytes and its accuracy."""

    recipe: Recipe
    file_bytes: int
    accuracy: float


def pair(first: Estimate, second: Estimate) -> Comparison | None:
    """Compare the second estimate with the first; None when they are not of the same clips."""
    try:
        return second.compared_with(first)
    except ExplorerError:
        return None


def changed_layer(old: Recipe, new: Recipe) -> str | None:
    """Return the one layer whose own weights changed between two recipes; None when more did."""
    if replace(old, layer_weights=()) != replace(new, layer_weights=()):
        return None
    layers = {name for name, _ in set(old.layer_weights) ^ set(new.layer_weights)}
    return layers.pop() if len(layers) == 1 else None
