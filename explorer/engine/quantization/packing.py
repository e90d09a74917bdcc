"""The flash image: exactly the bytes that a device would store of a quantized network.

Layer after layer: weight codes packed bit by bit (eight codes of five bits take five bytes), the scales of the grid,
its zero points if it is affine, the biases as int32 in units of the accumulator; and for each activation that is stored
the scale and the zero point.  Names, shapes and the order of layers are in the program, not in the image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.formats import from_bfloat16_codes, to_bfloat16_codes
from explorer.engine.quantization.pruning import INDEX_BITS, relative_indices
from explorer.engine.quantization.quantized import QuantizedNetwork
from explorer.engine.quantization.quantizer import Codes, Scheme
from explorer.engine.quantization.recipe import Recipe, Width
from explorer.engine.quantization.steps import Steps

Kind = Literal["codes", "float32", "float16", "bfloat16", "integer"]
_INTEGERS = {1: "<i1", 2: "<i2", 4: "<i4"}


@dataclass(frozen=True, slots=True)
class Field:
    """A run of numbers of one kind in the image.

    Parameters
    ----------
    owner
        Step it belongs to, or "input".
    role
        "weight", "scale", "zero point", "bias", "activation scale" or "activation zero point".
    kind
        How the numbers are stored.
    bits
        Bits of one number.
    count
        How many numbers.
    lowest
        For codes: the number that is stored as 0.
    """

    owner: str
    role: str
    kind: Kind
    bits: int
    count: int
    lowest: int = 0

    @property
    def bytes(self) -> int:
        """Bytes it takes: whole ones."""
        return ceil(self.count * self.bits / 8)


def pack_codes(codes: NDArray[np.integer[Any]], bits: int) -> bytes:
    """Return unsigned codes below 2^bits, packed without gaps, lowest bits first; the last byte is filled with zeros.

    Raises
    ------
    ExplorerError
        When a code does not fit.
    """
    flat = np.asarray(codes, np.int64).ravel()
    if flat.size and not (flat.min() >= 0 and flat.max() < 1 << bits):
        raise ExplorerError(f"A code does not fit into {bits} bits.")
    table = (flat[:, None] >> np.arange(bits)) & 1
    return np.packbits(table.astype(np.uint8).ravel(), bitorder="little").tobytes()


def unpack_codes(packed: bytes, bits: int, count: int) -> NDArray[np.int64]:
    """Return `count` codes from packed bytes: the inverse of `pack_codes`."""
    stream = np.unpackbits(np.frombuffer(packed, np.uint8), count=bits * count, bitorder="little")
    return np.asarray(stream.reshape(count, bits).astype(np.int64) @ (1 << np.arange(bits, dtype=np.int64)))


def fields(steps: Steps, recipe: Recipe) -> Iterator[Field]:
    """Yield what the image of a network holds under a recipe, in order: the one rule of counting and of packing."""
    for name, has_weights in steps.names.items():
        if has_weights:
            yield from _weight_fields(steps, recipe, name)
        width = recipe.activations_of(name, last=name == steps.last)
        if isinstance(width, int):
            yield Field(name, "activation scale", "float32", 32, 1)
            if not recipe.activations_symmetric:
                yield Field(name, "activation zero point", "integer", _integer_bits(width), 1)


def _weight_fields(steps: Steps, recipe: Recipe, name: str) -> Iterator[Field]:
    width, shape = recipe.weights_of(name), steps.weights[name].shape
    scales = shape[0] if recipe.per_channel else 1
    if width in ("float32", "float16", "bfloat16"):
        bits = 32 if width == "float32" else 16
        yield Field(name, "weight", width, bits, prod(shape))
        if name in steps.biases:
            yield Field(name, "bias", width, bits, shape[0])
        return
    bits, lowest, affine = _storage(width, recipe)
    yield Field(name, "weight", "codes", bits, prod(shape), lowest)
    yield Field(name, "scale", "float32", 32, scales)
    if affine:
        yield Field(name, "zero point", "integer", _integer_bits(bits), scales)
    if name in steps.biases:
        counted = isinstance(recipe.activations_of(steps[name].sources[0]), int)
        yield Field(name, "bias", "integer" if counted else "float32", 32, shape[0])


def _storage(width: Width, recipe: Recipe) -> tuple[int, int, bool]:
    """Return bits of a code, the code stored as 0, and whether there are zero points."""
    if width == "binary":
        return 1, -1, False
    if width == "ternary":
        return 2, -1, False
    scheme = Scheme(int(width), recipe.weights_symmetric)
    return scheme.bits, scheme.lowest, not scheme.symmetric


def _integer_bits(bits: int) -> int:
    return 8 if bits <= 8 else 16


def image_bytes(steps: Steps, recipe: Recipe) -> dict[str, int]:
    """Return the bytes of the image by step, "input" included; their sum is the length of the image."""
    found = dict.fromkeys(steps.names, 0)
    for field in fields(steps, recipe):
        found[field.owner] += field.bytes
    return found


def flash_image(quantized: QuantizedNetwork) -> bytes:
    """Return the image of a quantized network."""
    return b"".join(_pack(field, _numbers(quantized, field)) for field in fields(quantized.steps, quantized.recipe))


def read_image(image: bytes, steps: Steps, recipe: Recipe) -> dict[tuple[str, str], NDArray[Any]]:
    """Return the numbers of an image by (step, role): what a device would compute with.

    Raises
    ------
    ExplorerError
        When the image has another length than network and recipe say.
    """
    wanted = sum(image_bytes(steps, recipe).values())
    if len(image) != wanted:
        raise ExplorerError(f"The flash image has {len(image)} bytes, but this network and recipe need {wanted}.")
    found: dict[tuple[str, str], NDArray[Any]] = {}
    at = 0
    for field in fields(steps, recipe):
        found[field.owner, field.role] = _unpack(field, image[at : at + field.bytes])
        at += field.bytes
    return found


def sparse_bytes(quantized: QuantizedNetwork) -> int:
    """Return the bytes of the image if pruned weights were left out.

    Single weights: each entry is a code and a gap of 4 bits (fillers included).  Whole channels: a bit for each channel
    says whether it is there, and those that are not have no codes, scale, zero point or bias.
    """
    total = 0
    for field in fields(quantized.steps, quantized.recipe):
        kept = quantized.kept.get(field.owner)
        per_channel = kept is not None and field.count % len(kept) == 0 and not field.role.startswith("activation")
        if kept is None or field.role.startswith("activation"):
            total += field.bytes
        elif quantized.recipe.pruning == "channels":
            channels = int(kept.reshape(len(kept), -1)[:, 0].sum())
            count = field.count // len(kept) * channels if per_channel else field.count
            total += ceil(count * field.bits / 8) + (ceil(len(kept) / 8) if field.role == "weight" else 0)
        elif field.role == "weight":
            entries = len(relative_indices(kept)[0])
            total += ceil(entries * field.bits / 8) + ceil(entries * INDEX_BITS / 8)
        else:
            total += field.bytes
    return total


def _numbers(quantized: QuantizedNetwork, field: Field) -> NDArray[Any]:
    if field.role.startswith("activation"):
        grid = quantized.grids[field.owner]
        assert not isinstance(grid, str)
        return np.array([grid.scale if field.role == "activation scale" else grid.zero_point])
    weight = quantized.weights[field.owner]
    if field.role == "bias":
        return quantized.bias_codes(field.owner)[0] if field.kind == "integer" else quantized.biases[field.owner]
    if not isinstance(weight, Codes):
        return weight
    if field.role == "weight":
        return (weight.codes + 1) // 2 - 1 if field.bits == 1 else weight.codes  # -1 and 1 become -1 and 0
    return weight.scale if field.role == "scale" else weight.zero_point


def _pack(field: Field, numbers: NDArray[Any]) -> bytes:
    match field.kind:
        case "codes":
            return pack_codes(numbers.astype(np.int64) - field.lowest, field.bits)
        case "integer":
            return numbers.astype(_INTEGERS[field.bits // 8]).tobytes()
        case "bfloat16":
            return to_bfloat16_codes(numbers).astype("<u2").tobytes()
        case _:
            return numbers.astype("<f2" if field.kind == "float16" else "<f4").tobytes()


def _unpack(field: Field, packed: bytes) -> NDArray[Any]:
    match field.kind:
        case "codes":
            codes = unpack_codes(packed, field.bits, field.count)
            return codes * 2 - 1 if field.bits == 1 else codes + field.lowest
        case "integer":
            return np.frombuffer(packed, _INTEGERS[field.bits // 8])
        case "bfloat16":
            return from_bfloat16_codes(np.frombuffer(packed, "<u2").astype(np.uint16))
        case _:
            return np.frombuffer(packed, "<f2" if field.kind == "float16" else "<f4").astype(np.float32)
