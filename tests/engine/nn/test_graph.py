"""The layer graph: shapes and cost by hand, against torch, and from hostile JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.cost import flash_bytes, layer_costs, macs
from explorer.engine.nn.graph import Add, Conv, Dense, Graph, ReLU, from_json, to_json, with_classes
from explorer.engine.nn.networks import TOPOLOGIES, mlperf_tiny_kws, small, tiny


def test_published_size_of_the_mlperf_tiny_network() -> None:
    graph = mlperf_tiny_kws()
    assert macs(graph) == 2_656_768  # MLPerf Tiny's DS-CNN, counted on its published model
    assert sum(c.weights + c.biases for c in layer_costs(graph)) == 22_604


def test_three_layers_by_hand() -> None:
    graph = Graph(
        "hand",
        (1, 10, 8),
        (Conv("a", "input", 4, (3, 3), (2, 2), (1, 1), bias=True), ReLU("b", "a"), Dense("c", "b", 5)),
    )
    assert graph.shapes == {"input": (1, 10, 8), "a": (4, 5, 4), "b": (4, 5, 4), "c": (5, 1, 1)}
    costs = {c.name: c for c in layer_costs(graph)}
    assert (costs["a"].weights, costs["a"].biases, costs["a"].macs) == (36, 4, 36 * 20)
    assert (costs["c"].weights, costs["c"].biases, costs["c"].macs) == (400, 5, 400)
    # 36 and 400 codes of 5 bits: 22.5 -> 23 and 250 bytes; 9 channels x (4 + 4); input, b and c are stored, each with
    # 4 + 1 bytes; a is not, since only the ReLU reads it.
    assert flash_bytes(graph, 5) == 23 + 250 + 9 * 8 + 3 * 5
    assert flash_bytes(graph, 32) == 4 * (36 + 4 + 400 + 5)


@pytest.mark.parametrize("name", ["tiny", "small", "large", "mlperf-tiny-kws"])
def test_macs_agree_with_torchs_own_counter(name: str) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from explorer.engine.nn.torch_module import GraphModule

    graph = TOPOLOGIES[name](12)
    module = GraphModule(graph).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(torch.zeros(1, *graph.input_shape))
    assert counter.get_total_flops() == 2 * macs(graph)


def test_tiny_fits_the_books_always_on_budget() -> None:
    assert sum(c.weights + c.biases for c in layer_costs(tiny())) <= 14_000
    assert flash_bytes(tiny(), 8) <= 16_384


@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
def test_a_graph_survives_json(name: str) -> None:
    graph = TOPOLOGIES[name](12)
    again = from_json(json.loads(json.dumps(to_json(graph))))
    assert again == graph
    assert again.shapes == graph.shapes


def test_labels_are_data() -> None:
    assert with_classes(small(), 15).classes == 15
    assert with_classes(small(), 15).shapes["pool"] == small().shapes["pool"]


def test_a_layer_may_not_read_what_comes_later() -> None:
    with pytest.raises(ExplorerError, match="'b', which does not come before"):
        Graph("wrong", (1, 4, 4), (ReLU("a", "b"), ReLU("b", "a")))
    with pytest.raises(ExplorerError, match="two layers are called 'a'"):
        Graph("wrong", (1, 4, 4), (ReLU("a", "input"), ReLU("a", "a")))


def test_shapes_that_do_not_add_are_named() -> None:
    with pytest.raises(ExplorerError, match="'sum' cannot add"):
        Graph("wrong", (1, 6, 6), (Conv("c", "input", 1, (2, 2)), Add("sum", "input", "c")))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_a_damaged_layer_is_a_sentence(data: st.DataObject) -> None:
    graph = to_json(tiny())
    layer = data.draw(st.sampled_from(graph["layers"]))
    layer[data.draw(st.sampled_from(sorted(layer)))] = data.draw(json_values)
    try:
        survived = from_json(json.loads(json.dumps(graph)))
    except ExplorerError:
        return  # any other exception fails the test
    assert survived.classes > 0


@given(json_values, st.sampled_from(["name", "input_shape", "layers"]))
def test_damaged_json_is_a_sentence(value: object, key: str) -> None:
    data = to_json(small())
    data[key] = value
    try:
        survived = from_json(data)
    except ExplorerError:
        return  # any other exception fails the test
    assert isinstance(survived, Graph)


@pytest.mark.parametrize(
    ("layer", "field", "value"),
    [
        ("stem", "kernel", [0, 40]),
        ("stem", "stride", [-1, 1]),
        ("stem", "dilation", [1, 2.5]),
        ("stem", "padding", [10**6, 10**6]),  # a terabyte of activations from a file of a kilobyte
        ("stem", "channels", True),
        ("stem", "bias", 1),
        ("stem", "name", "\ud800"),
        ("pool", "axes", []),
        ("pool", "axes", ["x"]),
        ("pool", "axes", "time"),
        ("logits", "units", 0),
    ],
)
def test_numbers_no_layer_can_have_are_refused_when_read(layer: str, field: str, value: object) -> None:
    data = to_json(small())
    next(row for row in data["layers"] if row["name"] == layer)[field] = value
    with pytest.raises(ExplorerError, match="damaged"):
        from_json(json.loads(json.dumps(data)))


@pytest.mark.parametrize(("key", "value"), [("layers", []), ("input_shape", [0, 98, 40]), ("name", "\ud800")])
def test_a_graph_of_nothing_is_refused_when_read(key: str, value: object) -> None:
    with pytest.raises(ExplorerError, match="damaged"):
        from_json(to_json(small()) | {key: value})
