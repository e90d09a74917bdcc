"""Accumulators: how many bits a layer's sums need, and what happens when a device has fewer.

Storage, compute and accumulator are three different widths.  A sum of products grows with the number of its terms: int8
times int8 over n terms stays below n 2^14, so that int32 has room for 131,072 of them (Jacob et al. 2018,
section 2.2).  What is really needed is measured over clips, and bounded by the weights at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.quantization.integer import IntegerNetwork
from explorer.engine.quantization.quantized import Grid, QuantizedNetwork
from explorer.engine.quantization.quantizer import Codes

INTEGER_BITS = 8
_SUFFIX = " accumulator"


@dataclass(frozen=True, slots=True)
class Accumulators:
    """Bits of the sums of each step with weights, sign included.

    Parameters
    ----------
    needed
        By step: bits of the largest sum met, over the clips.
    bound
        By step: bits that no input can exceed, from the weights and the grid of the input.
    clips
        How many clips were run.
    """

    needed: Mapping[str, int]
    bound: Mapping[str, int]
    clips: int

    @property
    def widest(self) -> tuple[str, int]:
        """The step whose sums need most bits, and how many."""
        name = max(self.needed, key=lambda step: self.needed[step])
        return name, self.needed[name]


@dataclass(frozen=True, slots=True)
class Overflowed:
    """What accumulators of fewer bits do.

    Parameters
    ----------
    bits
        Width of the accumulators.
    wrapped
        By step: how many sums wrapped around; steps without any are left out.
    changed
        How many clips are answered otherwise than with 32 bits.
    clips
        How many clips were run.
    """

    bits: int
    wrapped: Mapping[str, int]
    changed: int
    clips: int


def in_integers(quantized: QuantizedNetwork) -> bool:
    """Say whether a network can run in 8-bit integers: codes of at most 8 bits everywhere."""
    grids_fit = all(isinstance(grid, Grid) and grid.bits <= INTEGER_BITS for grid in quantized.grids.values())
    return grids_fit and all(isinstance(w, Codes) and w.bits <= INTEGER_BITS for w in quantized.weights.values())


def accumulator_bits(quantized: QuantizedNetwork, pictures: NDArray[np.floating[Any]]) -> Accumulators:
    """Return the bits that the sums of each step need over clips, and those that no input exceeds.

    Parameters
    ----------
    quantized
        A network for which `in_integers` holds.
    pictures
        Grey levels [n, 98, 40].

    Raises
    ------
    ExplorerError
        When a width is not for 8-bit integers.
    """
    network = IntegerNetwork(quantized)
    largest: dict[str, int] = {}

    def look(name: str, values: NDArray[Any]) -> None:
        step = name.removesuffix(_SUFFIX)
        if step != name and step in quantized.weights:
            low, high = int(values.min()), int(values.max())
            largest[step] = max(largest.get(step, 0), high, -low - 1)

    for picture in pictures:  # one at a time: sums of all layers in int32 take a hundred times the room of the codes
        network.run(network.codes_of(picture[None]), look)
    needed = {step: signed_bits(value) for step, value in largest.items()}
    return Accumulators(needed, {step: _bound(quantized, step) for step in needed}, len(pictures))


def overflowed(quantized: QuantizedNetwork, pictures: NDArray[np.floating[Any]], bits: int) -> Overflowed:
    """Return which sums wrap around in accumulators of some bits, and how many answers change.

    Raises
    ------
    ExplorerError
        When a width is not for 8-bit integers, or accumulators of these bits do not exist.
    """
    wide, narrow = IntegerNetwork(quantized), IntegerNetwork(quantized, bits)
    changed = 0
    for picture in pictures:
        codes = wide.codes_of(picture[None])
        changed += int(wide.run(codes).argmax() != narrow.run(codes).argmax())
    return Overflowed(bits, dict(narrow.overflow.counts), changed, len(pictures))


def signed_bits(magnitude: int) -> int:
    """Return the bits of a signed integer that holds 0 to `magnitude`, and down to -magnitude - 1."""
    return magnitude.bit_length() + 1


def _bound(quantized: QuantizedNetwork, step: str) -> int:
    """Return the bits that the sums of a step can never exceed: |bias| + sum |w| times the largest |x|."""
    weight, grid = quantized.weights[step], quantized.grids[quantized.steps[step].sources[0]]
    assert isinstance(weight, Codes)
    assert isinstance(grid, Grid)
    largest = max(grid.highest - grid.zero_point, grid.zero_point - grid.lowest)
    sums = np.abs(weight.centred.astype(np.int64)).reshape(len(weight.codes), -1).sum(1) * largest
    if step in quantized.biases:
        sums = sums + np.abs(quantized.bias_codes(step)[0].astype(np.int64))
    return signed_bits(int(sums.max()))
