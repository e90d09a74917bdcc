"""Two executors of one graph agree, folded or not, and one altered weight is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.kws.frontend import network_input
from explorer.engine.kws.labels import LABELS
from explorer.engine.nn.folding import fold_batch_norm
from explorer.engine.nn.graph import BatchNorm
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import Network
from explorer.engine.nn.networks import TOPOLOGIES


def random_network(name: str, seed: int = 3) -> Network:
    """Return a network with random weights and lively batch norm statistics."""
    graph = TOPOLOGIES[name](12)
    rng = np.random.default_rng(seed)
    arrays = {}
    for key, shape in graph.parameter_shapes().items():
        role = key.rsplit(".", 1)[1]
        if role == "variance":
            arrays[key] = rng.uniform(0.5, 2, shape).astype(np.float32)
        elif role == "gamma":
            arrays[key] = rng.uniform(0.5, 1.5, shape).astype(np.float32)
        else:
            fan_in = max(1, int(np.prod(shape[1:])))
            arrays[key] = (rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)
    return Network(name, graph, arrays, LABELS)


@pytest.mark.parametrize("name", ["tiny", "small", "large"])
def test_onnxruntime_and_torch_agree(name: str) -> None:
    import torch

    from explorer.engine.nn.torch_module import GraphModule

    network = random_network(name)
    pictures = np.random.default_rng(0).uniform(0, 255, (8, 98, 40)).astype(np.float32)
    module = GraphModule(network.graph).eval()
    module.load_arrays(network.arrays)
    with torch.no_grad():
        wanted = module(torch.from_numpy(network_input(pictures))[:, None]).numpy()
    got = Executor(network).logits(pictures)
    scale = np.abs(wanted).max()
    np.testing.assert_allclose(got, wanted, atol=1e-4 * scale)
    np.testing.assert_allclose(Executor(network).scores(pictures).sum(1), 1, rtol=1e-5)
    for key, array in module.arrays().items():
        np.testing.assert_array_equal(array, network.arrays[key])


def test_folding_leaves_no_batch_norm_and_the_same_function() -> None:
    import torch

    from explorer.engine.nn.torch_module import GraphModule

    network = random_network("tiny")
    graph, arrays = fold_batch_norm(network.graph, network.arrays)
    assert not any(isinstance(layer, BatchNorm) for layer in graph.layers)
    x = torch.randn(4, 1, 98, 40, generator=torch.Generator().manual_seed(1))
    before, after = GraphModule(network.graph).eval(), GraphModule(graph).eval()
    before.load_arrays(network.arrays)
    after.load_arrays(arrays)
    with torch.no_grad():
        torch.testing.assert_close(after(x), before(x), rtol=1e-3, atol=1e-3)


def test_activations_are_returned_by_layer() -> None:
    network = random_network("small")
    values = Executor(network, ["stem_relu", "pool"]).run(np.full((2, 98, 40), 60.0, np.float32))
    assert values["stem_relu"].shape == (2, *network.graph.shapes["stem_relu"])
    assert values["pool"].shape == (2, *network.graph.shapes["pool"])
    assert values["stem_relu"].min() >= 0


def test_one_altered_weight_is_another_network() -> None:
    network = random_network("small")
    arrays = {k: v.copy() for k, v in network.arrays.items()}
    arrays["stem.weight"][0, 0, 0, 0] += 0.5
    other = Network("small", network.graph, arrays, LABELS)
    assert other.fingerprint != network.fingerprint
    picture = np.random.default_rng(2).uniform(0, 255, (1, 98, 40)).astype(np.float32)
    assert not np.array_equal(Executor(other).logits(picture), Executor(network).logits(picture))


def test_a_network_cannot_be_changed() -> None:
    network = random_network("small")
    with pytest.raises(ValueError, match="read-only"):
        network.arrays["stem.weight"][0] = 0
