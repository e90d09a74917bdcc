"""Batch norm folded into the convolution before it: what is deployed, and what is quantized.

With s = gamma / sqrt(variance + eps):  weight' = s weight,  bias' = beta - s mean  (Jacob et al. 2018, section 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from explorer.engine.nn.graph import Add, BatchNorm, Conv, Graph, Layer

EPSILON = 1e-5


def fold_batch_norm(
    graph: Graph, arrays: Mapping[str, NDArray[np.float32]]
) -> tuple[Graph, dict[str, NDArray[np.float32]]]:
    """Return the same function without batch norm layers.

    A batch norm is folded when it alone reads a convolution, which holds for every network of the family; any other
    stays as it is.
    """
    norms = _norms(graph)
    gone = {norm.name for norm in norms.values()}
    values: dict[str, NDArray[np.float32]] = {}
    for layer in graph.layers:
        if layer.name in gone:
            continue
        own = {name: a for name, a in arrays.items() if name.rsplit(".", 1)[0] == layer.name}
        if isinstance(layer, Conv) and layer.name in norms:
            norm = norms[layer.name].name
            gamma, beta, mean, variance = (
                arrays[f"{norm}.{role}"].astype(np.float64) for role in ("gamma", "beta", "mean", "variance")
            )
            scale = gamma / np.sqrt(variance + EPSILON)
            weight = arrays[f"{layer.name}.weight"] * scale[:, None, None, None]
            before = own.get(f"{layer.name}.bias", np.zeros(layer.channels, np.float32))
            own = {
                f"{layer.name}.weight": weight.astype(np.float32),
                f"{layer.name}.bias": (beta + scale * (before - mean)).astype(np.float32),
            }
        values |= own
    return folded_graph(graph), values


def folded_graph(graph: Graph) -> Graph:
    """Return the topology that `fold_batch_norm` leaves: without batch norm, with biases in its place."""
    norms = _norms(graph)
    renamed = {norm.name: name for name, norm in norms.items()}
    layers: list[Layer] = []
    for layer in graph.layers:
        if layer.name in renamed:
            continue
        layer = replace(layer, source=renamed.get(layer.source, layer.source))
        if isinstance(layer, Add):
            layer = replace(layer, other=renamed.get(layer.other, layer.other))
        if isinstance(layer, Conv) and layer.name in norms:
            layer = replace(layer, bias=True)
        layers.append(layer)
    return Graph(graph.name, graph.input_shape, tuple(layers))


def _norms(graph: Graph) -> dict[str, BatchNorm]:
    """Return the batch norms that can be folded, by the convolution that takes each in."""
    return {
        layer.source: layer
        for layer in graph.layers
        if isinstance(layer, BatchNorm)
        and isinstance(_layer(graph, layer.source), Conv)
        and len(graph.readers(layer.source)) == 1
    }


def _layer(graph: Graph, name: str) -> Layer | None:
    return next((layer for layer in graph.layers if layer.name == name), None)
