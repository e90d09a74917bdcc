"""The flash image: bytes by hand, there and back, and one rule of counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.cost import flash_bytes
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.quantization.packing import (
    flash_image,
    image_bytes,
    pack_codes,
    read_image,
    sparse_bytes,
    unpack_codes,
)
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer
from explorer.engine.quantization.quantizer import Codes
from explorer.engine.quantization.recipe import Recipe, Width
from tests.engine.nn.test_running import random_network
from tests.engine.quantization.conftest import small_network


@given(st.integers(1, 16), st.data())
def test_codes_survive_packing_in_the_fewest_bytes(bits: int, data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.integers(0, 2**bits - 1), max_size=40))
    packed = pack_codes(np.array(codes, np.int64), bits)
    assert len(packed) == -(-len(codes) * bits // 8)
    assert unpack_codes(packed, bits, len(codes)).tolist() == codes


def test_five_bit_codes_by_hand() -> None:
    # 10101 first, then 00001 above it: 001 10101 and the rest 00 in the next byte
    assert pack_codes(np.array([0b10101, 0b00001]), 5) == bytes([0b001_10101, 0b00])
    assert pack_codes(np.array([31] * 8), 5) == b"\xff" * 5
    with pytest.raises(ExplorerError, match="5 bits"):
        pack_codes(np.array([32]), 5)


def test_the_image_of_a_small_network_by_hand() -> None:
    quantizer = NetworkQuantizer(small_network())
    found = image_bytes(quantizer.steps, Recipe(5, 8, per_channel=False))
    # stem: 36 codes of 5 bits in 23 bytes, a scale, 4 biases, scale and zero point of what is stored
    assert found["stem"] == 23 + 4 + 4 * 4 + 5
    assert found["deep"] == 8 + 4 + 0 + 5  # 12 codes, no bias
    assert found["logits"] == 8 + 4 + 3 * 4 + 5
    assert found["input"] == found["mean"] == found["late"] == found["pool"] == 5
    wide = image_bytes(quantizer.steps, Recipe(5, 12, per_channel=True, weights_symmetric=False))
    assert wide["stem"] == 23 + 4 * (4 + 1) + 4 * 4 + 6
    assert image_bytes(quantizer.steps, Recipe(8, 8, activations_symmetric=True))["input"] == 4
    assert image_bytes(quantizer.steps, Recipe("float16"))["stem"] == 2 * (36 + 4)


@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
@pytest.mark.parametrize("bits", [4, 5, 8, 32])
def test_packing_and_cost_count_alike(name: str, bits: int) -> None:
    network = random_network(name)
    recipe = Recipe() if bits == 32 else Recipe(bits, 8)
    assert sum(image_bytes(NetworkQuantizer(network).steps, recipe).values()) == flash_bytes(network.graph, bits)


def test_tiny_fits_the_always_on_budget_as_an_image(quantizer: NetworkQuantizer) -> None:
    image = flash_image(quantizer.quantize(Recipe(8, 8)))
    assert len(image) == flash_bytes(quantizer.network.graph, 8) <= 16_384


widths: st.SearchStrategy[Width] = st.sampled_from(
    [2, 3, 5, 7, 8, 11, 16, "ternary", "binary", "float16", "bfloat16", "float32"]
)


@settings(max_examples=40)
@given(widths, st.sampled_from([2, 5, 8, 12, 16, "float32"]), st.booleans(), st.booleans())
def test_a_device_reads_back_what_was_packed(
    width: Width, activations: int, per_channel: bool, symmetric: bool
) -> None:
    quantizer = NetworkQuantizer(small_network())
    recipe = Recipe(width, activations, per_channel=per_channel, weights_symmetric=symmetric)
    quantized = quantizer.quantize(recipe)
    image = flash_image(quantized)
    found = read_image(image, quantizer.steps, recipe)
    for name, weight in quantized.weights.items():
        stored = found[name, "weight"]
        if isinstance(weight, Codes):
            np.testing.assert_array_equal(stored, weight.codes.ravel())
            np.testing.assert_array_equal(found[name, "scale"], weight.scale)
            if (name, "zero point") in found:
                np.testing.assert_array_equal(found[name, "zero point"], weight.zero_point)
            else:
                assert not weight.zero_point.any()
        else:
            np.testing.assert_array_equal(stored, weight.ravel())
        if name in quantized.biases:
            counted = isinstance(weight, Codes) and quantized.bias_scale(name) is not None
            wanted = quantized.bias_codes(name)[0] if counted else quantized.biases[name]
            np.testing.assert_array_equal(found[name, "bias"], wanted)
    for name, grid in quantized.grids.items():
        if isinstance(grid, Grid):
            assert found[name, "activation scale"] == np.float32(grid.scale)
            assert found.get((name, "activation zero point"), 0) == grid.zero_point
    assert len(image) == sum(image_bytes(quantizer.steps, recipe).values())
    with pytest.raises(ExplorerError, match="flash image has"):
        read_image(image[:-1], quantizer.steps, recipe)


def test_leaving_out_zeros_pays_only_when_there_are_many(quantizer: NetworkQuantizer) -> None:
    dense = len(flash_image(quantizer.quantize(Recipe(4, 8))))
    sparse = {share: sparse_bytes(quantizer.quantize(Recipe(4, 8, pruned=share))) for share in (0.1, 0.5, 0.9)}
    assert sparse[0.1] > dense  # every weight left needs its place told
    assert sparse[0.9] < dense
    assert sorted(sparse.values(), reverse=True) == list(sparse.values())
    image = flash_image(quantizer.quantize(Recipe(4, 8, pruned=0.9)))
    assert len(image) == dense  # stored densely, a zero takes as much as any code


def test_channels_that_are_left_out_take_nothing_but_a_bit() -> None:
    quantizer = NetworkQuantizer(small_network())
    recipe = Recipe(8, 8, pruned=0.5, pruning="channels")
    quantized = quantizer.quantize(recipe)
    whole = sum(image_bytes(quantizer.steps, recipe).values())
    # stem: 2 of 4 channels go (18 weights, 2 scales, 2 biases), a byte says which; deep: 6 weights, 2 scales
    assert sparse_bytes(quantized) == whole - (18 + 8 + 8) + 1 - (6 + 8) + 1 + 1  # and a byte for the logits
    assert not quantized.weight_values("stem")[~quantized.kept["stem"]].any()
