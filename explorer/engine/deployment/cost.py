"""What one inference costs, layer by layer, at any precision: multiply-accumulates, operations, bytes, flash.

Counting rule.  Layers are those a device runs: batch norm folded, a ReLU done with the layer before it.

- A MAC is one multiply and one add in a convolution or dense layer; padding is counted as if it were computed, as
  torch's FlopCounterMode does.  Nothing else has MAC.
- Operations are what data sheets count: two per MAC, one per sum of an add, one per number that a pool (or a ReLU
  on its own) reads.  Bias, and ReLU done with a layer, are not counted.
- Bytes moved are the least there can be: weights, inputs and outputs once each per inference.  What is read again
  because a cache is too small comes on top, so that a real intensity is at most the one here.
- Numbers of b bits are packed without gaps, each activation to whole bytes.  Weights count with their scales, zero
  points and biases: exactly the bytes that `explorer.engine.quantization.packing` writes to flash.
- Intensity is operations per byte moved (Williams, Waterman and Patterson, "Roofline", CACM 2009): two per MAC.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, prod
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from explorer.engine.nn.cost import layer_costs
from explorer.engine.nn.folding import folded_graph
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense, Graph
from explorer.engine.quantization.packing import image_bytes
from explorer.engine.quantization.recipe import PRESETS, Recipe, Stored, is_float, stored_bits
from explorer.engine.quantization.steps import INPUT, Step, Steps, steps_of_graph

LayerKind = Literal["conv", "depthwise", "pointwise", "dense", "pool", "add", "relu"]
LAYER_KINDS: tuple[LayerKind, ...] = get_args(LayerKind)
INT8 = PRESETS["INT8"]


@dataclass(frozen=True, slots=True)
class LayerWork:
    """What one layer costs for one input.

    Parameters
    ----------
    name
        Of the layer.
    kind
        What kind of computation it is; kernels differ in speed by kind.
    parameters
        Weights and biases.
    macs
        Multiply-accumulates.
    operations
        Two per MAC; one per sum of an add; one per number read by a pool or a ReLU.
    flash_bytes
        What it takes in flash, the scale and zero point of its output included; all of it is read once.
    input_bytes, output_bytes
        Activations it reads and writes.
    weight_bits, activation_bits
        Bits of a stored weight and of a stored output; without weights the first is 0.
    floats
        Whether it computes with floats: its input or its weights are float.
    """

    name: str
    kind: LayerKind
    parameters: int
    macs: int
    operations: int
    flash_bytes: int
    input_bytes: int
    output_bytes: int
    weight_bits: int
    activation_bits: int
    floats: bool

    def bytes_moved(self, batch: int = 1) -> int:
        """Return the bytes moved for a batch: weights once, activations once per input."""
        return self.flash_bytes + batch * (self.input_bytes + self.output_bytes)

    def intensity(self, batch: int = 1) -> float:
        """Return operations per byte moved; it rises with the batch, since weights are read once for all of it."""
        return batch * self.operations / self.bytes_moved(batch)


@dataclass(frozen=True)
class Work:
    """What one inference of a network costs at one precision.

    Parameters
    ----------
    network
        Name of the topology.
    recipe
        The precision.
    layers
        In execution order.
    input_flash_bytes
        Scale and zero point of the network's input, which belong to no layer.
    """

    network: str
    recipe: Recipe
    layers: tuple[LayerWork, ...]
    input_flash_bytes: int

    @cached_property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(layer.parameters for layer in self.layers)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates for one input."""
        return sum(layer.macs for layer in self.layers)

    @cached_property
    def operations(self) -> int:
        """Operations for one input."""
        return sum(layer.operations for layer in self.layers)

    @cached_property
    def flash_bytes(self) -> int:
        """Length of the flash image."""
        return self.input_flash_bytes + sum(layer.flash_bytes for layer in self.layers)

    def bytes_moved(self, batch: int = 1) -> int:
        """Return the bytes moved for a batch, layer by layer."""
        return sum(layer.bytes_moved(batch) for layer in self.layers)

    def intensity(self, batch: int = 1) -> float:
        """Return operations per byte moved, of the whole network."""
        return batch * self.operations / self.bytes_moved(batch)

    @cached_property
    def columns(self) -> WorkColumns:
        """The layers as arrays, made once: for formulas over many layers, devices and precisions at a time."""
        layers = self.layers
        return WorkColumns(
            kinds=np.array([LAYER_KINDS.index(layer.kind) for layer in layers]),
            macs=np.array([layer.macs for layer in layers], np.float64),
            operations=np.array([layer.operations for layer in layers], np.float64),
            flash_bytes=np.array([layer.flash_bytes for layer in layers], np.float64),
            activation_bytes=np.array([layer.input_bytes + layer.output_bytes for layer in layers], np.float64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class WorkColumns:
    """The layers of a network as arrays, each [layers].

    Parameters
    ----------
    kinds
        Index into `LAYER_KINDS`.
    macs, operations
        For one input.
    flash_bytes
        Of weights, scales and biases, read once per batch.
    activation_bytes
        Read and written for one input.
    """

    kinds: NDArray[np.int64]
    macs: NDArray[np.float64]
    operations: NDArray[np.float64]
    flash_bytes: NDArray[np.float64]
    activation_bytes: NDArray[np.float64]


@lru_cache(maxsize=256)
def steps_for_cost(graph: Graph) -> Steps:
    """Return the steps a device takes, with weights that have shapes but take no memory.

    Raises
    ------
    ExplorerError
        When a batch norm cannot be folded, which no device computes.
    """
    folded = folded_graph(graph)
    order = steps_of_graph(folded)
    zero = np.zeros((), np.float32)
    arrays = {name: np.broadcast_to(zero, shape) for name, shape in folded.parameter_shapes().items()}
    weights = {step.name: arrays[f"{step.name}.weight"] for step in order if step.has_weights}
    biases = {name: arrays[f"{name}.bias"] for name in weights if f"{name}.bias" in arrays}
    return Steps(folded, order, weights, biases)


@lru_cache(maxsize=4096)
def work_of(graph: Graph, recipe: Recipe = INT8) -> Work:
    """Return what one inference of a network costs at a precision; kept, so that asking again takes microseconds.

    Parameters
    ----------
    graph
        The topology, batch norm folded or not.
    recipe
        The precision: `PRESETS["INT8"]`, `Recipe(4, 8)`, or one with widths of single layers.

    Raises
    ------
    ExplorerError
        When a batch norm cannot be folded.
    """
    steps = steps_for_cost(graph)
    costs = {cost.name: cost for cost in layer_costs(steps.graph)}
    flash = image_bytes(steps, recipe)
    stored = {name: recipe.activations_of(name, last=name == steps.last) for name in steps.names}
    layers = []
    for step in steps.order:
        cost = costs[step.name]
        reads = [prod(steps.stored_shape(source)) for source in step.sources]
        width = recipe.weights_of(step.name) if step.has_weights else None
        layers.append(
            LayerWork(
                name=step.name,
                kind=kind_of(step, steps),
                parameters=cost.weights + cost.biases,
                macs=cost.macs,
                operations=_operations(step, cost.macs, sum(reads)),
                flash_bytes=flash[step.name],
                input_bytes=sum(
                    activation_bytes(count, stored[source]) for count, source in zip(reads, step.sources, strict=True)
                ),
                output_bytes=activation_bytes(prod(step.shape), stored[step.name]),
                weight_bits=0 if width is None else stored_bits(width),
                activation_bits=stored_bits(stored[step.name]),
                floats=not isinstance(stored[step.sources[0]], int) or (width is not None and is_float(width)),
            )
        )
    return Work(graph.name, recipe, tuple(layers), flash[INPUT])


def activation_bytes(count: int, width: Stored) -> int:
    """Return the bytes of an activation of `count` numbers: packed without gaps, whole bytes."""
    return ceil(count * stored_bits(width) / 8)


def kind_of(step: Step, steps: Steps) -> LayerKind:
    """Return what kind of computation a step is."""
    match step.layer:
        case Conv(groups=groups) if groups > 1 and groups == steps.stored_shape(step.sources[0])[0]:
            return "depthwise"
        case Conv(kernel=(1, 1), groups=1):
            return "pointwise"
        case Conv():
            return "conv"
        case Dense():
            return "dense"
        case AveragePool():
            return "pool"
        case Add():
            return "add"
        case _:
            return "relu"


def _operations(step: Step, macs: int, numbers_read: int) -> int:
    match step.layer:
        case Conv() | Dense():
            return 2 * macs
        case Add():
            return prod(step.shape)
        case _:
            return numbers_read
