"""What one inference costs: by hand on small layers, against torch's counter, against the packed image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.deployment.cost import INT8, LAYER_KINDS, LayerWork, work_of
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.cost import flash_bytes, layer_costs, macs
from explorer.engine.nn.graph import Add, AveragePool, BatchNorm, Conv, Dense, Graph, ReLU
from explorer.engine.nn.networks import TOPOLOGIES, topology
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.packing import flash_image
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe

# Published with MLPerf Tiny: MAC per inference and parameters of the Keras models, batch norm (4 a channel) included.
PUBLISHED = {
    "mlperf-tiny-kws": (2_656_768, 24_908, 576),
    "mlperf-tiny-ic": (12_501_632, 78_666, 240),
    "mlperf-tiny-vww": (7_489_664, 221_794, 2736),
    "mlperf-tiny-ad": (264_192, 269_992, 1032),
}


def by_hand() -> Graph:
    """One layer of every kind on an input of 2 x 6 x 4."""
    return Graph(
        "hand",
        (2, 6, 4),
        (
            Conv("stem", "input", 4, (3, 3), (2, 1), (1, 1)),
            BatchNorm("stem_norm", "stem"),
            ReLU("stem_relu", "stem_norm"),
            Conv("deep", "stem_relu", 4, (3, 1), (1, 1), (1, 0), groups=4, bias=True),
            Conv("point", "deep", 4, (1, 1)),
            Add("sum", "point", "stem_relu"),
            ReLU("sum_relu", "sum"),
            AveragePool("pool", "sum_relu", ("time", "frequency")),
            Dense("logits", "pool", 3),
        ),
    )


def test_every_kind_of_layer_by_hand() -> None:
    work = work_of(by_hand(), Recipe(5, 6))
    found = {layer.name: layer for layer in work.layers}
    # stem: 4 x 2 x 9 weights, output 4 x 3 x 4 = 48; 72 codes of 5 bits are 45 bytes, 4 scales and biases 32, the grid
    # of the output 5; input 48 numbers of 6 bits are 36 bytes.
    assert found["stem"] == LayerWork("stem", "conv", 76, 72 * 12, 2 * 72 * 12, 45 + 32 + 5, 36, 36, 5, 6, False)
    # deep: 4 x 3 weights at 12 places; 12 codes of 5 bits are 7.5 -> 8 bytes
    assert found["deep"] == LayerWork("deep", "depthwise", 16, 144, 288, 8 + 32 + 5, 36, 36, 5, 6, False)
    # point: 16 weights in 10 bytes, no bias
    assert found["point"] == LayerWork("point", "pointwise", 16, 192, 384, 10 + 16 + 5, 36, 36, 5, 6, False)
    assert found["sum"] == LayerWork("sum", "add", 0, 0, 48, 5, 72, 36, 0, 6, False)
    assert found["pool"] == LayerWork("pool", "pool", 0, 0, 48, 5, 36, 3, 0, 6, False)
    # logits: 12 weights in 8 bytes, 3 scales and 3 biases; the logits keep 8 bits
    assert found["logits"] == LayerWork("logits", "dense", 15, 12, 24, 8 + 24 + 5, 3, 3, 5, 8, False)
    assert [layer.name for layer in work.layers] == ["stem", "deep", "point", "sum", "pool", "logits"]
    assert work.macs == 864 + 144 + 192 + 12
    assert work.flash_bytes == 82 + 45 + 31 + 5 + 5 + 37 + 5
    assert found["stem"].bytes_moved() == 82 + 36 + 36
    assert found["stem"].intensity() == pytest.approx(1728 / 154)
    assert found["stem"].intensity(batch=10) == pytest.approx(17_280 / (82 + 720))


def test_a_convolution_of_one_channel_is_no_depthwise_one() -> None:
    assert [layer.kind for layer in work_of(topology("tiny")).layers[:3]] == ["conv", "pointwise", "depthwise"]
    kinds = [layer.kind for layer in work_of(topology("mlperf-tiny-kws")).layers]
    assert kinds == ["conv", *["depthwise", "pointwise"] * 4, "pool", "dense"]


def test_floats_and_single_widths_by_hand() -> None:
    found = {layer.name: layer for layer in work_of(by_hand(), FLOAT).layers}
    assert (found["stem"].flash_bytes, found["stem"].input_bytes, found["stem"].floats) == (4 * 76, 4 * 48, True)
    mixed = work_of(by_hand(), Recipe(8, 8).with_layer("deep", weights=2, activations=4))
    found = {layer.name: layer for layer in mixed.layers}
    assert (found["deep"].weight_bits, found["deep"].activation_bits, found["deep"].output_bytes) == (2, 4, 24)
    assert (found["deep"].input_bytes, found["point"].input_bytes) == (48, 24)  # what the one stores the other reads
    float_weights = {layer.name: layer.floats for layer in work_of(by_hand(), Recipe("float16", 8)).layers}
    assert float_weights["stem"]
    assert not float_weights["pool"]


@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
def test_torchs_own_counter_agrees(name: str) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from explorer.engine.nn.torch_module import GraphModule

    graph = topology(name)
    module = GraphModule(graph).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(torch.zeros(1, *graph.input_shape))
    work = work_of(graph)
    assert counter.get_total_flops() == 2 * work.macs
    extra = sum(layer.operations for layer in work.layers if layer.kind in ("add", "pool", "relu"))
    assert work.operations == counter.get_total_flops() + extra


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_mlperf_tiny_networks_have_their_published_size(name: str) -> None:
    published_macs, published_parameters, normed_channels = PUBLISHED[name]
    work = work_of(topology(name))
    assert work.macs == published_macs == macs(topology(name))
    assert work.parameters + 4 * normed_channels == published_parameters


def test_the_mlperf_tiny_networks_answer_what_they_are_asked() -> None:
    assert [topology(name).classes for name in sorted(PUBLISHED)] == [640, 10, 12, 2]
    with pytest.raises(ExplorerError, match="no network 'resnet'; choose one of tiny, small"):
        topology("resnet")


@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
@pytest.mark.parametrize("recipe", [FLOAT, INT8, Recipe(4, 8), Recipe(3, 5)], ids=str)
def test_layers_add_up_to_the_flash_image(name: str, recipe: Recipe) -> None:
    bits = 32 if recipe == FLOAT else int(recipe.weights)
    work = work_of(topology(name), recipe)
    assert work.flash_bytes == flash_bytes(topology(name), bits)
    assert work.parameters == sum(cost.weights + cost.biases for cost in layer_costs(topology(name)))


def test_the_image_that_is_flashed_has_the_bytes_counted() -> None:
    network = shipped("tiny")
    recipe = Recipe(4, 8).with_layer("stem", weights=8)
    assert len(flash_image(NetworkQuantizer(network).quantize(recipe))) == work_of(network.graph, recipe).flash_bytes


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(TOPOLOGIES)), st.integers(2, 16), st.integers(2, 16), st.integers(1, 64))
def test_fewer_bits_move_fewer_bytes_and_larger_batches_more_per_byte(
    name: str, weights: int, activations: int, batch: int
) -> None:
    graph = topology(name)
    narrow, wide = work_of(graph, Recipe(weights, activations)), work_of(graph, Recipe(16, 16))
    assert narrow.bytes_moved(batch) <= wide.bytes_moved(batch)
    assert (narrow.macs, narrow.operations) == (wide.macs, wide.operations)
    for layer in narrow.layers:
        assert layer.intensity(batch) >= layer.intensity(1) > 0
        most = layer.operations / (layer.input_bytes + layer.output_bytes)
        assert layer.intensity(batch) < most or layer.flash_bytes == 0


def test_columns_are_the_layers() -> None:
    work = work_of(topology("tiny"))
    columns = work.columns
    assert columns is work.columns
    assert columns.macs.sum() == work.macs
    assert columns.flash_bytes.sum() + work.input_flash_bytes == work.flash_bytes
    np.testing.assert_array_equal(
        columns.flash_bytes + 3 * columns.activation_bytes, [layer.bytes_moved(3) for layer in work.layers]
    )
    assert [LAYER_KINDS[kind] for kind in columns.kinds] == [layer.kind for layer in work.layers]


def test_what_was_counted_is_kept() -> None:
    first = work_of(topology("tiny"), Recipe(7, 7))
    assert work_of(topology("tiny"), Recipe(7, 7)) is first  # an equal graph, built anew
    assert work_of(topology("tiny"), Recipe(7, 8)) is not first


def test_a_network_no_device_runs_is_a_sentence() -> None:
    graph = Graph("odd", (1, 4, 4), (ReLU("a", "input"), BatchNorm("b", "a"), Dense("logits", "b", 2)))
    with pytest.raises(ExplorerError, match="'b' does not follow a convolution"):
        work_of(graph)
