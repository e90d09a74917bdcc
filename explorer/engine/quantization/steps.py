"""A network as the steps a device takes: batch norm folded, each ReLU done with the layer before it.

A step computes one activation and stores it; what is stored is what gets a grid.  A convolution whose output only a
ReLU reads never stores it, so the pair is one step (Jacob et al. 2018, section 2.4, "fused layers").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.folding import fold_batch_norm
from explorer.engine.nn.graph import Add, AveragePool, BatchNorm, Conv, Dense, Graph, ReLU, Shape, sources
from explorer.engine.nn.network import Network

INPUT = "input"


@dataclass(frozen=True, slots=True)
class Step:
    """One computation and the activation it stores.

    Parameters
    ----------
    name
        Of the layer, by which recipes and pictures know the step.
    layer
        What is computed; a ReLU of its own when it cannot be done with the layer before.
    relu
        Whether negative results become zero before they are stored.
    stored
        Name of the layer of the folded graph whose output is stored: the layer's own, or its ReLU's.
    sources
        Names of the steps it reads, or "input".
    shape
        (channels, time, frequency) of what is stored.
    """

    name: str
    layer: Conv | Add | AveragePool | Dense | ReLU
    relu: bool
    stored: str
    sources: tuple[str, ...]
    shape: Shape

    @property
    def has_weights(self) -> bool:
        """Whether it is a convolution or a dense layer."""
        return isinstance(self.layer, Conv | Dense)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """A network ready to be quantized.

    Parameters
    ----------
    graph
        With batch norm folded.
    order
        The steps, in execution order.
    weights, biases
        Of the steps that have them, by step name.
    """

    graph: Graph
    order: tuple[Step, ...]
    weights: Mapping[str, NDArray[np.float32]]
    biases: Mapping[str, NDArray[np.float32]]

    @property
    def last(self) -> str:
        """Name of the step that gives the logits."""
        return self.order[-1].name

    @property
    def names(self) -> dict[str, bool]:
        """All that can have a width, "input" first: True where there are weights."""
        return {INPUT: False} | {step.name: step.has_weights for step in self.order}

    def stored_shape(self, name: str) -> Shape:
        """Return the shape of what a step, or the input, holds."""
        return self.graph.input_shape if name == INPUT else self[name].shape

    def __getitem__(self, name: str) -> Step:
        for step in self.order:
            if step.name == name:
                return step
        raise KeyError(name)


def steps_of_graph(graph: Graph) -> tuple[Step, ...]:
    """Return the steps of a graph without batch norm.

    Raises
    ------
    ExplorerError
        When a batch norm is left, which no device computes.
    """
    order: list[Step] = []
    by_layer = {INPUT: INPUT}  # layer of the graph -> step that stores its output
    for layer in graph.layers:
        if isinstance(layer, BatchNorm):
            raise ExplorerError(
                f"Batch norm {layer.name!r} does not follow a convolution of its own, so it cannot be folded and the "
                "network cannot be quantized: choose another network."
            )
        if isinstance(layer, ReLU) and layer.source != INPUT and len(graph.readers(layer.source)) == 1:
            before = next(i for i, step in enumerate(order) if step.stored == layer.source)
            order[before] = replace(order[before], relu=True, stored=layer.name)
            by_layer[layer.name] = order[before].name
            continue
        reads = tuple(by_layer[source] for source in sources(layer))
        order.append(
            Step(layer.name, layer, isinstance(layer, ReLU), layer.name, reads, graph.shapes[layer.name])
        )
        by_layer[layer.name] = layer.name
    return tuple(order)


def steps_of(network: Network) -> Steps:
    """Return a network as steps."""
    graph, arrays = fold_batch_norm(network.graph, network.arrays)
    order = steps_of_graph(graph)
    weights = {step.name: arrays[f"{step.name}.weight"] for step in order if step.has_weights}
    biases = {name: arrays[f"{name}.bias"] for name in weights if f"{name}.bias" in arrays}
    return Steps(graph, order, weights, biases)
