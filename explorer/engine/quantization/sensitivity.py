"""Sensitivity: which layer bears how few bits.

Signal to quantization noise, SQNR = 10 log10(sum x^2 / sum (x - x')^2) in dB, says how large the error is (about 6 dB a
bit); accuracy with only this layer quantized, or all but this one, says whether it matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, log10
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from explorer.engine.quantization.anytime import Estimate, Evaluator, KeptActivations, StopSignal
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe, Width
from explorer.engine.quantization.statistics import Comparison

WIDTHS = (2, 3, 4, 5, 6, 8)
KEPT_BYTES = 64 * 2**20
Mode = Literal["only", "all but"]


@dataclass(frozen=True, slots=True)
class LayerError:
    """What rounding does to one array.

    Parameters
    ----------
    mse
        Mean squared error, in the array's units squared.
    sqnr_db
        Signal to quantization noise in dB; infinite when nothing was lost.
    levels
        How many different values are left.
    """

    mse: float
    sqnr_db: float
    levels: int


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One entry of the sensitivity matrix.

    Parameters
    ----------
    layer, bits
        Whose weights were quantized (or left out), to how many bits.
    estimate
        The complete result.
    comparison
        Against the float network on the same clips.
    """

    layer: str
    bits: Width
    estimate: Estimate
    comparison: Comparison


def error_of(exact: NDArray[np.float32], rounded: NDArray[np.float32]) -> LayerError:
    """Return the error of a rounded array against the exact one."""
    signal = float(np.square(exact, dtype=np.float64).sum())
    noise = float(np.square(exact.astype(np.float64) - rounded).sum())
    levels = len(np.unique(rounded))
    if noise == 0:
        return LayerError(0.0, inf, levels)
    return LayerError(noise / exact.size, 10 * log10(signal / noise) if signal else -inf, levels)


def weight_errors(quantizer: NetworkQuantizer, recipe: Recipe) -> dict[str, LayerError]:
    """Return the error of each layer's weights under a recipe, pruning included."""
    weights = quantizer.quantize(recipe)
    return {name: error_of(exact, weights.weight_values(name)) for name, exact in quantizer.steps.weights.items()}


def activation_errors(
    quantizer: NetworkQuantizer, recipe: Recipe, pictures: NDArray[np.float32]
) -> dict[str, LayerError]:
    """Return the error of what each step stores against the float network, errors of earlier layers included.

    Parameters
    ----------
    quantizer
        The network.
    recipe
        How it is squeezed.
    pictures
        Grey levels [n, 98, 40]; a few clips are enough.
    """
    from explorer.engine.quantization.fake import FakeQuantized

    names = tuple(quantizer.steps.names)
    exact = FakeQuantized(quantizer.quantize(FLOAT)).activations(pictures, names)
    rounded = FakeQuantized(quantizer.quantize(recipe)).activations(pictures, names)
    return {name: error_of(exact[name], rounded[name]) for name in names}


def cell_recipe(recipe: Recipe, layers: Sequence[str], layer: str, bits: Width, mode: Mode) -> Recipe:
    """Return the recipe of one cell: of the weights only this layer's, or all but this layer's, have `bits`.

    Parameters
    ----------
    recipe
        Kind of grid and calibration; its widths do not count.
    layers
        All layers with weights.
    layer, bits
        The cell.
    mode
        Which layers get the bits.
    """
    chosen = [layer] if mode == "only" else [name for name in layers if name != layer]
    widths: tuple[tuple[str, Width], ...] = tuple((name, bits) for name in chosen)
    return replace(
        recipe, weights="float32", activations="float32", layer_weights=widths, layer_activations=(), pruned=0.0
    )


def matrix(
    evaluator: Evaluator,
    mode: Mode = "only",
    widths: Sequence[Width] = WIDTHS,
    recipe: Recipe = FLOAT,
    stop: StopSignal | None = None,
) -> Iterator[Cell]:
    """Yield the cells of the matrix, layer by layer, as they are measured.

    With "only", everything before the layer is float and is computed once for all its widths.  A consumer may wait
    between cells for as long as it likes.

    Parameters
    ----------
    evaluator
        Network and clips; its finished results are used again.
    mode
        Whether only the layer is quantized, or all but the layer.
    widths
        Columns of the matrix.
    recipe
        Kind of grid and calibration.
    stop
        Ends the iteration.
    """
    reference = evaluator.measure(FLOAT, stop=stop)
    if reference is None:
        return
    layers = tuple(evaluator.quantizer.steps.weights)
    kept = KeptActivations(KEPT_BYTES)  # apart, so that the matrix never pushes out what a slider needs
    for layer in layers:
        for bits in widths:
            own = cell_recipe(recipe, layers, layer, bits, mode)
            estimate = evaluator.measure(own, stop=stop, focus=layer if mode == "only" else None, kept=kept)
            if estimate is None:
                return
            yield Cell(layer, bits, estimate, estimate.compared_with(reference))
