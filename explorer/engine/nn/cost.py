"""What a network costs, layer by layer: parameters, multiply-accumulates, bytes.

Counting rule: batch norm folded; a MAC is one multiply and one add in a convolution or dense layer; bias, ReLU, add and
pooling are not counted, as is usual for this task (and as torch's FlopCounterMode has it, at two operations a MAC).
Bytes are what a device would flash: packed codes, scales, zero points, int32 biases.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod

from explorer.engine.nn.graph import BatchNorm, Conv, Dense, Graph, ReLU

SCALE_BYTES, BIAS_BYTES, ZERO_POINT_BYTES = 4, 4, 1


@dataclass(frozen=True, slots=True)
class LayerCost:
    """The cost of one layer.

    Parameters
    ----------
    name
        Of the layer.
    weights, biases
        Numbers stored.
    channels
        Output channels, each with a scale of its own where scales are per channel.
    macs
        Multiply-accumulates for one input.
    outputs
        Numbers it writes.
    """

    name: str
    weights: int
    biases: int
    channels: int
    macs: int
    outputs: int


def layer_costs(graph: Graph) -> tuple[LayerCost, ...]:
    """Return the cost of every layer that remains once batch norm is folded, in order."""
    shapes = graph.parameter_shapes()
    normed = {layer.source for layer in graph.layers if isinstance(layer, BatchNorm)}
    found = []
    for layer in graph.layers:
        if isinstance(layer, BatchNorm):
            continue
        outputs = prod(graph.shapes[layer.name])
        if isinstance(layer, Conv | Dense):
            weights = prod(shapes[f"{layer.name}.weight"])
            channels = graph.shapes[layer.name][0]
            has_bias = isinstance(layer, Dense) or layer.bias or layer.name in normed
            positions = 1 if isinstance(layer, Dense) else prod(graph.shapes[layer.name][1:])
            found.append(
                LayerCost(layer.name, weights, channels if has_bias else 0, channels, weights * positions, outputs)
            )
        else:
            found.append(LayerCost(layer.name, 0, 0, 0, 0, outputs))
    return tuple(found)


def macs(graph: Graph) -> int:
    """Return the multiply-accumulates for one input."""
    return sum(c.macs for c in layer_costs(graph))


def flash_bytes(graph: Graph, bits: int = 8) -> int:
    """Return the bytes a device would flash with weights of `bits`, one scale per output channel.

    Weights are packed layer by layer to whole bytes; each channel adds a float32 scale and an int32 bias; each
    activation that is stored adds a scale and an 8-bit zero point.  A layer that only a ReLU reads is computed together
    with it and never stored.  32 bits means float: 4 bytes a number, no scales.  The image itself is written by
    `explorer.engine.quantization.packing`, and a test says that it is this long.
    """
    costs = layer_costs(graph)
    if bits == 32:
        return sum(4 * (c.weights + c.biases) for c in costs)
    fused = sum(
        isinstance(layer, ReLU) and layer.source != "input" and len(graph.readers(layer.source)) == 1
        for layer in graph.layers
    )
    stored = len(costs) - fused + 1  # every step's output, and the input
    packed = sum(ceil(c.weights * bits / 8) + SCALE_BYTES * c.channels + BIAS_BYTES * c.biases for c in costs)
    return packed + stored * (SCALE_BYTES + ZERO_POINT_BYTES)
