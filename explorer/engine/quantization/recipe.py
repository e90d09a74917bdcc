"""A recipe: which numbers of a network get how many bits, on what kind of grid, and where the grid's ends come from.

Storage, compute and accumulator are three different widths; a recipe speaks of storage, which the grid decides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, TypeAlias, get_args

from explorer.engine.errors import ExplorerError

Format = Literal["float32", "float16", "bfloat16"]
Coarse = Literal["ternary", "binary"]
Stored: TypeAlias = int | Format
Width: TypeAlias = Stored | Coarse
Method = Literal["minmax", "percentile", "mse"]
PruningKind = Literal["weights", "channels"]

FORMATS: tuple[str, ...] = get_args(Format)
COARSE: tuple[str, ...] = get_args(Coarse)
METHODS: tuple[str, ...] = get_args(Method)
_STORED_BITS = {"binary": 1, "ternary": 2, "bfloat16": 16, "float16": 16, "float32": 32}
_CHOICES = {
    "weight_calibration": METHODS,
    "activation_calibration": METHODS,
    "pruning": get_args(PruningKind),
}


def is_float(width: Width) -> bool:
    """Say whether a width is a float format."""
    return width in FORMATS


def stored_bits(width: Width) -> int:
    """Return the bits that a device stores for one number of a width."""
    return width if isinstance(width, int) else _STORED_BITS[width]


def _weight_width(width: object, where: str) -> Width:
    if width in COARSE or width in FORMATS:
        return width  # type: ignore[return-value]
    if type(width) is int and 1 <= width <= 16:
        return width if width > 1 else "binary"
    raise ExplorerError(
        f"Weights of {where} cannot have {width!r} bits: choose 1 to 16, ternary, binary or a float format."
    )


def _activation_width(width: object, where: str) -> Stored:
    if width in FORMATS or (type(width) is int and 2 <= width <= 16):
        return width  # type: ignore[return-value]
    raise ExplorerError(f"Activations of {where} cannot have {width!r} bits: choose 2 to 16 or a float format.")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is squeezed; compares and hashes by value, so that it is part of every cache key.

    Parameters
    ----------
    weights, activations
        Width of all weights (1 to 16 bits, "ternary", "binary" or a float format) and of all stored activations (2 to
        16 bits or a float format).  One bit means binary.
    layer_weights, layer_activations
        Widths of single layers by name, where they differ; "input" is an activation too.
    per_channel
        One scale per output channel of the weights, or one per layer.  Activations always have one per tensor.
    weights_symmetric, activations_symmetric
        Zero in the middle of the grid, or anywhere on it.
    weight_calibration, activation_calibration
        How the ends of the ranges are found.
    percentile
        Share of the values, in per cent, that the percentile method keeps between the ends.
    pruned
        Share of each layer's weights that is set to zero first, smallest magnitudes first.
    pruning
        Whether single weights or whole output channels are pruned.
    network
        Fingerprint of the network it was made for; empty for recipes that fit any.

    Raises
    ------
    ExplorerError
        When a value is out of range or unknown.
    """

    weights: Width = "float32"
    activations: Stored = "float32"
    layer_weights: tuple[tuple[str, Width], ...] = ()
    layer_activations: tuple[tuple[str, Stored], ...] = ()
    per_channel: bool = True
    weights_symmetric: bool = True
    activations_symmetric: bool = False
    weight_calibration: Method = "minmax"
    activation_calibration: Method = "minmax"
    percentile: float = 99.9
    pruned: float = 0.0
    pruning: PruningKind = "weights"
    network: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "weights", _weight_width(self.weights, "all layers"))
        put(self, "activations", _activation_width(self.activations, "all layers"))
        put(self, "layer_weights", tuple(sorted((n, _weight_width(w, n)) for n, w in self.layer_weights)))
        put(self, "layer_activations", tuple(sorted((n, _activation_width(w, n)) for n, w in self.layer_activations)))
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ExplorerError(
                    f"Recipe: {getattr(self, name)!r} is no {name.replace('_', ' ')}; choose {', '.join(choices)}."
                )
        if not 50 < self.percentile <= 100:
            raise ExplorerError(f"Recipe: a percentile of {self.percentile} is out of range; choose 50 to 100.")
        if not 0 <= self.pruned < 1:
            raise ExplorerError(f"Recipe: {self.pruned} of the weights cannot be pruned; choose 0 to below 1.")

    def weights_of(self, layer: str) -> Width:
        """Return the width of a layer's weights."""
        return dict(self.layer_weights).get(layer, self.weights)

    def activations_of(self, layer: str, last: bool = False) -> Stored:
        """Return the width of what a layer stores.

        The logits (`last`) keep at least 8 bits unless the layer has a width of its own: they are compared, not
        computed with, and ties among 16 levels would say nothing about the network.
        """
        own = dict(self.layer_activations).get(layer)
        if own is not None:
            return own
        return max(8, self.activations) if last and isinstance(self.activations, int) else self.activations

    def with_layer(self, layer: str, weights: Width | None = None, activations: Stored | None = None) -> Recipe:
        """Return the recipe with other widths for one layer; None leaves a width as it is."""
        of_weights, of_activations = dict(self.layer_weights), dict(self.layer_activations)
        if weights is not None:
            of_weights[layer] = weights
        if activations is not None:
            of_activations[layer] = activations
        return replace(
            self, layer_weights=tuple(of_weights.items()), layer_activations=tuple(of_activations.items())
        )

    def require_fits(self, fingerprint: str, layers: Mapping[str, bool]) -> None:
        """Refuse a recipe made for another network.

        Parameters
        ----------
        fingerprint
            Of the network at hand.
        layers
            Names of what can have a width: True where there are weights.

        Raises
        ------
        ExplorerError
            When the recipe names another network or a layer this one lacks.
        """
        if self.network and self.network != fingerprint:
            raise ExplorerError(
                f"This recipe was made for another network ({self.network[:8]}, here {fingerprint[:8]}): "
                "load that network, or set the widths anew."
            )
        for name, _ in self.layer_weights:
            if not layers.get(name, False):
                raise ExplorerError(f"The recipe gives bits to the weights of {name!r}, which this network lacks.")
        for name, _ in self.layer_activations:
            if name not in layers:
                raise ExplorerError(f"The recipe gives bits to the activations of {name!r}, which this network lacks.")

    def fitting(self, layers: Mapping[str, bool]) -> Recipe:
        """Return the recipe for another network: widths of single layers that it lacks are left out.

        Parameters
        ----------
        layers
            As for `require_fits`.
        """
        of_weights = tuple((name, width) for name, width in self.layer_weights if layers.get(name, False))
        of_activations = tuple((name, width) for name, width in self.layer_activations if name in layers)
        return replace(self, layer_weights=of_weights, layer_activations=of_activations)

    @property
    def key(self) -> str:
        """Hash of the whole recipe, for caches."""
        return hashlib.sha256(json.dumps(to_json(self), sort_keys=True).encode()).hexdigest()

    def __str__(self) -> str:
        words = [f"{_short('w', self.weights)}{_short('a', self.activations)}"]
        if any(not is_float(w) for w in (self.weights, *dict(self.layer_weights).values())):
            words.append("per channel" if self.per_channel else "per tensor")
        if self.layer_weights or self.layer_activations:
            words.append("mixed")
        if self.pruned:
            words.append(f"{100 * self.pruned:.0f} % pruned")
        return " ".join(words)


FLOAT = Recipe()
PRESETS: dict[str, Recipe] = {
    "FP32": FLOAT,
    "FP16": Recipe("float16", "float16"),
    "BF16": Recipe("bfloat16", "bfloat16"),
    "INT8": Recipe(8, 8),
    "INT4": Recipe(4, 4, weight_calibration="mse", activation_calibration="mse"),
}
"""Recipes under the names that data sheets use."""

STORY: dict[str, Recipe] = {
    "float": FLOAT,
    "naive": Recipe(4, per_channel=False),
    "own ruler per channel": Recipe(4),
    "few activation bits": Recipe(4, 5),
    "calibrated": Recipe(4, 5, activation_calibration="percentile"),
    "below four bits": Recipe(3, 8),
}
"""Six steps that tell what quantization does: what breaks, and which one change mends it."""


def to_json(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe as plain JSON data."""
    return asdict(recipe) | {
        "layer_weights": dict(recipe.layer_weights),
        "layer_activations": dict(recipe.layer_activations),
    }


def from_json(data: object) -> Recipe:
    """Rebuild a recipe from JSON data of unknown origin; what is left out keeps its default.

    Raises
    ------
    ExplorerError
        When anything is unknown, of the wrong type or out of range.
    """
    if not isinstance(data, dict):
        raise ExplorerError("The recipe is damaged (not an object): use a file this program wrote.")
    types = {f.name: type(getattr(FLOAT, f.name)) for f in fields(Recipe)}
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in types:
            raise ExplorerError(f"The recipe is damaged (unknown entry {name!r}): use a file this program wrote.")
        if name in ("layer_weights", "layer_activations"):
            if not isinstance(value, dict):
                raise ExplorerError(f"The recipe is damaged ({name} is no object): use a file this program wrote.")
            values[name] = tuple(value.items())
        elif name in ("weights", "activations"):
            values[name] = value
        else:
            fits = isinstance(value, types[name]) or (types[name] is float and type(value) is int)
            if not fits:
                raise ExplorerError(f"The recipe is damaged ({name} is {value!r}): use a file this program wrote.")
            values[name] = float(value) if types[name] is float else value
    return Recipe(**values)


def parse_width(text: str) -> Width:
    """Return the width a person typed: "4", "ternary", "binary", "fp16", "bf16", "float" or "32".

    Raises
    ------
    ExplorerError
        When it is none of these.
    """
    names = {"float": "float32", "fp32": "float32", "32": "float32", "fp16": "float16", "bf16": "bfloat16"}
    word = names.get(text.strip().lower(), text.strip().lower())
    if word in FORMATS or word in COARSE:
        return word  # type: ignore[return-value]
    try:
        return int(word)
    except ValueError as error:
        raise ExplorerError(f"{text!r} is no width: give bits (1 to 16), ternary, binary or float.") from error


def _short(letter: str, width: Width) -> str:
    names = {"float32": "32", "float16": "16f", "bfloat16": "b16f", "ternary": "t", "binary": "1"}
    return letter + (names[width] if isinstance(width, str) else str(width))
