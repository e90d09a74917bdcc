"""Precision: what a recipe of bits means to a device, which has units and kernels for some widths and not for others.

A width that a device lacks is never run at the speed of another one: it is emulated where the profile says how, or not
supported, and either way the device says why.
"""

from __future__ import annotations

from functools import lru_cache

from explorer.engine.deployment.profile import Profile, Support
from explorer.engine.quantization.recipe import Recipe, Stored, Width, is_float
from explorer.engine.quantization.steps import INPUT

_FLOAT_BITS = 32
_COARSE = {"binary": "binary", "ternary": "int2"}


@lru_cache(maxsize=1024)
def recipe_of(weights: Width, activations: Width) -> Recipe:
    """Return the recipe of two widths, 32 meaning float.

    Raises
    ------
    ExplorerError
        When weights or activations cannot have this width; the sentence says which they can.
    """
    return Recipe(*("float32" if width == _FLOAT_BITS else width for width in (weights, activations)))  # type: ignore[arg-type] # the recipe checks


def precision_of(weights: Width, activations: Stored) -> str:
    """Return the precision a device must have for two widths: "int8", "float32", "int4", "int6", "int2", ...

    Float activations mean float arithmetic, whatever the weights are stored in.  Activations of more than 8 bits need
    16-bit products.  Otherwise the weights decide, which are what a kernel unpacks.
    """
    if isinstance(activations, str):
        return activations
    if isinstance(weights, str):
        return weights if is_float(weights) else _COARSE[weights]
    if activations > 8 or weights > 8:
        return f"int{max(weights, activations)}"
    return f"int{weights}"


def precisions_of(recipe: Recipe) -> tuple[str, ...]:
    """Return the precisions a recipe asks for: that of all layers first, then those of layers with their own widths."""
    names = [name for name, _ in (*recipe.layer_weights, *recipe.layer_activations) if name != INPUT]
    pairs = [(recipe.weights, recipe.activations)]
    pairs += [(recipe.weights_of(name), recipe.activations_of(name)) for name in names]
    return tuple(dict.fromkeys(precision_of(*pair) for pair in pairs))


def runs_as(profile: Profile, precision: str) -> str | None:
    """Return the precision whose arithmetic carries another one out, "library" for floats in software, or None.

    A native precision carries itself out.  An emulated integer is opened to 8 bits, an emulated float computed in 32;
    where the device has neither, floats are library calls on integers.
    """
    state, _ = profile.support(precision)
    if state is Support.NATIVE:
        return precision
    if state is Support.NOT_SUPPORTED:
        return None
    if precision.startswith(("float", "bfloat")):
        return "float32" if profile.support("float32")[0] is Support.NATIVE else "library"
    return "int8" if profile.support("int8")[0] is Support.NATIVE else None
