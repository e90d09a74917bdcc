"""A quantized network: every weight and every stored activation on its grid, as a recipe asks.

This is the one description from which the simulated run, the integer run, the flash image and the exported file derive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.engine.audio.live import Excerpt
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.quantization.calibration import (
    INPUT_RANGE,
    Calibration,
    calibration_pictures,
    live_pictures,
    observe,
    weight_range,
)
from explorer.engine.quantization.formats import round_to
from explorer.engine.quantization.pruning import keep_mask
from explorer.engine.quantization.quantizer import (
    Codes,
    FloatArray,
    IntArray,
    Scheme,
    binary,
    encode,
    grid_for,
    ternary,
)
from explorer.engine.quantization.recipe import Format, Method, PruningKind, Recipe, Width, is_float
from explorer.engine.quantization.steps import INPUT, Steps, steps_of

_KEPT_RANGES = 8192


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid of one stored activation.

    Parameters
    ----------
    bits
        Width of a code.
    scale
        Step, a float32.
    zero_point
        Code of the value 0.
    lowest, highest
        Codes that the grid has.
    """

    bits: int
    scale: float
    zero_point: int
    lowest: int
    highest: int

    @property
    def low(self) -> float:
        """Smallest value on the grid."""
        return self.scale * (self.lowest - self.zero_point)

    @property
    def high(self) -> float:
        """Largest value on the grid."""
        return self.scale * (self.highest - self.zero_point)


@dataclass(frozen=True, slots=True, eq=False)
class QuantizedNetwork:
    """A network on its grids.

    Parameters
    ----------
    network, recipe
        What was quantized, and how.
    steps
        The network with batch norm folded.
    weights
        By step: codes on a grid, or float32 numbers rounded to a float format.
    formats
        By step: the width of the weights.
    biases
        By step that has one, real numbers; where weights and input are codes, a device holds integers (`bias_scale`).
    grids
        By step, and "input": the grid of what is stored, or the name of a float format.
    kept
        By step: which weights pruning left; only for pruned recipes.
    """

    network: Network
    recipe: Recipe
    steps: Steps
    weights: Mapping[str, Codes | FloatArray]
    formats: Mapping[str, Width]
    biases: Mapping[str, FloatArray]
    grids: Mapping[str, Grid | Format]
    kept: Mapping[str, np.ndarray]

    def weight_values(self, name: str) -> FloatArray:
        """Return the real numbers that a step multiplies with, float32."""
        weight = self.weights[name]
        return weight.values if isinstance(weight, Codes) else weight

    def prefix(self, count: int) -> tuple[object, ...]:
        """Return all that the results of the first `count` steps depend on, as a key."""
        recipe = self.recipe
        common = (recipe.per_channel, recipe.weights_symmetric, recipe.weight_calibration, recipe.percentile)
        pruning = (recipe.pruned, recipe.pruning)
        before = self.steps.order[:count]
        # what holds for float weights holds for any choice of their grid
        own = tuple(
            (width, () if is_float(width) else common) for step in before if (width := self.formats.get(step.name))
        )
        return self.network.fingerprint, pruning, own, self.grids[INPUT], tuple(self.grids[s.name] for s in before)

    def bias_scale(self, name: str) -> FloatArray | None:
        """Return the step of a bias in int32, [channels]; None where the bias stays a float.

        An accumulator counts in units of input scale times weight scale, and the bias is added to it (Jacob et al.
        2018, section 2.4).
        """
        weight, grid = self.weights[name], self.grids[self.steps[name].sources[0]]
        if not isinstance(weight, Codes) or isinstance(grid, str):
            return None
        # a scale of 0 (binary weights that are all zero) would leave the bias no unit
        scale = np.where(weight.scale > 0, weight.scale, 1) * np.float32(grid.scale)
        return np.asarray(np.broadcast_to(scale, len(weight.codes)), np.float32)

    def bias_codes(self, name: str) -> tuple[IntArray, int]:
        """Return a step's biases as a device adds them to its accumulators, int32, and how many had to be clipped.

        Only where `bias_scale` gives a scale.
        """
        scale = self.bias_scale(name)
        assert scale is not None
        exact = np.rint(self.biases[name].astype(np.float64) / scale)
        limits = np.iinfo(np.int32)
        clipped = np.clip(exact, limits.min, limits.max)
        return clipped.astype(np.int32), int((clipped != exact).sum())

    def bias_values(self, name: str) -> FloatArray | None:
        """Return the real numbers that a step adds, float32: rounded to the accumulator's units; None without bias."""
        if name not in self.biases:
            return None
        scale = self.bias_scale(name)
        if scale is None:
            return self.biases[name]
        return np.asarray(self.bias_codes(name)[0] * scale.astype(np.float64), np.float32)


class NetworkQuantizer:
    """Put one network on grids, recipe after recipe; what was computed for a layer is kept for the next recipe.

    Parameters
    ----------
    network
        The float network.
    live
        Live sound to calibrate activations on; None for the bundled calibration clips.
    """

    def __init__(self, network: Network, live: Excerpt | None = None) -> None:
        self.network = network
        self.steps = steps_of(network)
        self._live = live
        self._observed: Calibration | None = None
        self._codes = lru_cache(maxsize=1024)(self._encode)
        self._ends: dict[tuple[object, ...], tuple[float, float]] = {}

    def calibrate(self) -> Calibration:
        """Return the activation statistics over the calibration sound, which is run through the network once.

        Raises
        ------
        ExplorerError
            When the live sound holds no second that could be looked at.
        """
        if self._observed is None:
            if self._live is not None:
                pictures = live_pictures(self._live)
                name = f"{self._live.seconds:.0f} s of live sound, n = {len(pictures)}"
            else:
                pictures = calibration_pictures()
                name = f"bundled synthetic voices, calibrate, n = {len(pictures)}"
            self._observed = observe(self.network, self.steps, pictures, name)
        return self._observed

    def quantize(self, recipe: Recipe, calibration: Calibration | None = None) -> QuantizedNetwork:
        """Return the network as a recipe has it.

        Parameters
        ----------
        recipe
            What gets how many bits.
        calibration
            Statistics of this network's activations; None for those of `calibrate`, which are measured when a recipe
            first needs them.

        Raises
        ------
        ExplorerError
            When the recipe is for another network, or weights do not fit a float format.
        """
        recipe.require_fits(self.network.fingerprint, self.steps.names)
        weights: dict[str, Codes | FloatArray] = {}
        formats: dict[str, Width] = {}
        biases: dict[str, FloatArray] = {}
        kept: dict[str, np.ndarray] = {}
        for name in self.steps.weights:
            width = recipe.weights_of(name)
            formats[name] = width
            grid = (recipe.per_channel, recipe.weights_symmetric, recipe.weight_calibration, recipe.percentile)
            weights[name] = self._codes(name, width, *grid, recipe.pruned, recipe.pruning)
            if recipe.pruned:
                kept[name] = self._mask(name, recipe.pruned, recipe.pruning)
            if name in self.steps.biases:
                bias = self.steps.biases[name]
                if recipe.pruned and recipe.pruning == "channels":
                    bias = bias * kept[name].reshape(len(bias), -1)[:, 0]
                biases[name] = round_to(bias, str(width)) if is_float(width) else bias
        grids = {name: self._grid(name, recipe, calibration) for name in self.steps.names}
        return QuantizedNetwork(self.network, recipe, self.steps, weights, formats, biases, grids, kept)

    def _mask(self, name: str, pruned: float, pruning: PruningKind) -> np.ndarray:
        # the logits are what is asked for: none of them is pruned away
        share = 0.0 if pruning == "channels" and name == self.steps.last else pruned
        return keep_mask(self.steps.weights[name], share, pruning)

    def _encode(
        self,
        name: str,
        width: Width,
        per_channel: bool,
        symmetric: bool,
        method: Method,
        percentile: float,
        pruned: float,
        pruning: PruningKind,
    ) -> Codes | FloatArray:
        weight = self.steps.weights[name]
        if pruned:
            weight = np.asarray(weight * self._mask(name, pruned, pruning), np.float32)
        if width == "ternary":
            return ternary(weight, per_channel)
        if width == "binary":
            return binary(weight, per_channel)
        if isinstance(width, str):
            return round_to(weight, width)
        scheme = Scheme(width, symmetric, per_channel)
        return encode(weight, *weight_range(weight, scheme, method, percentile), scheme)

    def _grid(self, name: str, recipe: Recipe, calibration: Calibration | None) -> Grid | Format:
        width = recipe.activations_of(name, last=name == self.steps.last)
        if not isinstance(width, int):
            return width
        calibration = calibration or self.calibrate()
        if calibration.network != self.network.fingerprint:
            raise ExplorerError("The calibration was made on another network: calibrate this one.")
        scheme = Scheme(width, recipe.activations_symmetric)
        low, high = self._range(name, scheme, recipe, calibration)
        scale, zero = grid_for(np.array([low], np.float32), np.array([high], np.float32), scheme)
        return Grid(width, float(scale[0]), int(zero[0]), scheme.lowest, scheme.highest)

    def _range(self, name: str, scheme: Scheme, recipe: Recipe, calibration: Calibration) -> tuple[float, float]:
        method, percentile = recipe.activation_calibration, recipe.percentile
        if name == INPUT and method == "minmax":
            return INPUT_RANGE
        key = (calibration.key, name, scheme, method, percentile)
        if key not in self._ends:
            if len(self._ends) >= _KEPT_RANGES:  # months of live calibration must not fill the memory
                self._ends.clear()
            self._ends[key] = calibration.histograms[name].range(scheme, method, percentile)
        return self._ends[key]
