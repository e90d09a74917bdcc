"""The layer graph: a network as plain data, from which the torch module, the ONNX graph and the cost derive.

A graph is a tuple of layers in execution order.  Each layer names the layers it reads; the input is called "input".
Activations are (channels, time, frequency), as in the keyword spotting literature; a batch axis comes in front of them.
Only layers that a microcontroller runs are here: convolution (also depthwise), batch norm that folds into it,
ReLU, add, average pool and dense.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from math import prod
from typing import Any, Literal, TypeAlias

from explorer.engine.errors import ExplorerError

Shape: TypeAlias = tuple[int, int, int]
Axis = Literal["time", "frequency"]


@dataclass(frozen=True, slots=True)
class Conv:
    """Two-dimensional convolution; `groups` equal to the input channels makes it depthwise.

    Parameters
    ----------
    name, source
        Name of this layer and of the one it reads.
    channels
        Output channels.
    kernel, stride, padding, dilation
        As (time, frequency).
    groups
        Number of channel groups that do not see each other.
    bias
        Whether a bias is added; before a batch norm it would be redundant.
    """

    name: str
    source: str
    channels: int
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    bias: bool = False


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """Batch normalisation (Ioffe and Szegedy 2015): per channel y = gamma (x - mean) / sqrt(variance + eps) + beta."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class ReLU:
    """Rectified linear unit, max(0, x)."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Add:
    """Sum of two activations; an axis of length 1 in `other` is broadcast (BC-ResNet, Kim et al. 2021)."""

    name: str
    source: str
    other: str


@dataclass(frozen=True, slots=True)
class AveragePool:
    """Mean over whole axes, which stay with length 1."""

    name: str
    source: str
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class Dense:
    """Fully connected layer on the flattened activation, with bias; the last one gives the logits."""

    name: str
    source: str
    units: int


Layer: TypeAlias = Conv | BatchNorm | ReLU | Add | AveragePool | Dense
# Limits for graphs of unknown origin, far above every network here: a small file must not ask for terabytes.
_MOST_LAYERS, _LARGEST_NUMBER, _LARGEST_ACTIVATION = 1000, 1 << 16, 1 << 24
LAYER_TYPES: dict[str, type] = {t.__name__: t for t in (Conv, BatchNorm, ReLU, Add, AveragePool, Dense)}


@dataclass(frozen=True, slots=True)
class Graph:
    """A network's topology, checked when made.

    Parameters
    ----------
    name
        Name of the topology.
    input_shape
        (channels, time, frequency) of one example.
    layers
        In execution order; each reads the input or an earlier layer.

    Raises
    ------
    ExplorerError
        When a name is used twice or a layer reads one that does not come before it.
    """

    name: str
    input_shape: Shape
    layers: tuple[Layer, ...]
    shapes: dict[str, Shape] = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shapes: dict[str, Shape] = {"input": self.input_shape}
        for layer in self.layers:
            if layer.name in shapes:
                raise ExplorerError(f"Network {self.name}: two layers are called {layer.name!r}; rename one.")
            missing = [s for s in sources(layer) if s not in shapes]
            if missing:
                raise ExplorerError(
                    f"Network {self.name}: layer {layer.name!r} reads {missing[0]!r}, which does not come before it."
                )
            shapes[layer.name] = _output_shape(layer, [shapes[s] for s in sources(layer)])
        object.__setattr__(self, "shapes", shapes)
        object.__setattr__(self, "_hash", hash((self.name, self.input_shape, self.layers)))

    def __hash__(self) -> int:
        return self._hash  # kept: a graph is part of many cache keys, and its layers are many

    @property
    def output(self) -> str:
        """Name of the last layer, whose output is the network's."""
        return self.layers[-1].name

    @property
    def classes(self) -> int:
        """Number of outputs."""
        return prod(self.shapes[self.output])

    def __getitem__(self, name: str) -> Layer:
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def readers(self, name: str) -> tuple[Layer, ...]:
        """Return the layers that read `name`."""
        return tuple(layer for layer in self.layers if name in sources(layer))

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every array the network needs, by "layer.role"."""
        found: dict[str, tuple[int, ...]] = {}
        for layer in self.layers:
            match layer:
                case Conv():
                    into = self.shapes[layer.source][0] // layer.groups
                    found[f"{layer.name}.weight"] = (layer.channels, into, *layer.kernel)
                    if layer.bias:
                        found[f"{layer.name}.bias"] = (layer.channels,)
                case BatchNorm():
                    for role in ("gamma", "beta", "mean", "variance"):
                        found[f"{layer.name}.{role}"] = (self.shapes[layer.source][0],)
                case Dense():
                    found[f"{layer.name}.weight"] = (layer.units, prod(self.shapes[layer.source]))
                    found[f"{layer.name}.bias"] = (layer.units,)
                case _:
                    pass
        return found


def sources(layer: Layer) -> tuple[str, ...]:
    """Return the names of the activations a layer reads."""
    return (layer.source, layer.other) if isinstance(layer, Add) else (layer.source,)


def _output_shape(layer: Layer, inputs: list[Shape]) -> Shape:
    channels, time, frequency = inputs[0]
    match layer:
        case Conv():
            if channels % layer.groups or layer.channels % layer.groups:
                raise ExplorerError(f"Layer {layer.name!r}: {layer.groups} groups do not divide its channels.")
            spans = [
                (size + 2 * p - d * (k - 1) - 1) // s + 1
                for size, k, s, p, d in zip(
                    (time, frequency), layer.kernel, layer.stride, layer.padding, layer.dilation, strict=True
                )
            ]
            if min(spans) < 1:
                raise ExplorerError(f"Layer {layer.name!r}: its kernel is larger than its input.")
            return layer.channels, spans[0], spans[1]
        case Add():
            for a, b in zip(inputs[0], inputs[1], strict=True):
                if b not in (a, 1):
                    raise ExplorerError(f"Layer {layer.name!r} cannot add {inputs[1]} to {inputs[0]}.")
            return inputs[0]
        case AveragePool():
            return channels, 1 if "time" in layer.axes else time, 1 if "frequency" in layer.axes else frequency
        case Dense():
            return layer.units, 1, 1
        case _:
            return inputs[0]


def with_classes(graph: Graph, classes: int) -> Graph:
    """Return the same topology with another number of outputs: labels are data, not a constant."""
    last = graph.layers[-1]
    if not isinstance(last, Dense):
        raise ExplorerError(f"Network {graph.name} does not end in a dense layer; its labels cannot be changed.")
    return replace(graph, layers=(*graph.layers[:-1], replace(last, units=classes)))


def to_json(graph: Graph) -> dict[str, Any]:
    """Return the graph as plain JSON data."""
    layers = [
        {"type": type(layer).__name__, **{f.name: getattr(layer, f.name) for f in fields(layer)}}
        for layer in graph.layers
    ]
    return {"name": graph.name, "input_shape": list(graph.input_shape), "layers": layers}


def _check_values(layer: Layer) -> None:
    """Raise ValueError or TypeError when a layer of unknown origin holds what no layer can have."""
    numbers: list[object] = []
    match layer:
        case Conv():
            pairs = (layer.kernel, layer.stride, layer.dilation, layer.padding)
            if any(len(pair) != 2 for pair in pairs) or not isinstance(layer.bias, bool):
                raise ValueError(f"the numbers of {layer.name!r}")
            least_padding = [p + 1 for p in layer.padding]  # the one number that may be 0
            numbers = [layer.channels, layer.groups, *layer.kernel, *layer.stride, *layer.dilation, *least_padding]
        case Dense():
            numbers = [layer.units]
        case AveragePool():
            if layer.axes not in (("time",), ("frequency",), ("time", "frequency"), ("frequency", "time")):
                raise ValueError(f"the axes of {layer.name!r}")
        case _:
            pass
    if not all(type(n) is int and 1 <= n <= _LARGEST_NUMBER for n in numbers):
        raise ValueError(f"the numbers of {layer.name!r}")
    if not all(isinstance(name, str) and name.isidentifier() for name in (layer.name, *sources(layer))):
        raise ValueError(f"the name {layer.name!a}")


def from_json(data: object) -> Graph:
    """Rebuild a graph from JSON data of unknown origin.

    Raises
    ------
    ExplorerError
        When anything in it is missing, unknown or of the wrong type.
    """
    try:
        if not isinstance(data, dict):
            raise TypeError("not an object")
        layers = []
        for row in data["layers"]:
            kind = LAYER_TYPES[row["type"]]
            values = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items() if k != "type"}
            layers.append(kind(**values))
            _check_values(layers[-1])
        channels, time, frequency = (int(n) for n in data["input_shape"])
        name = str(data["name"])
        if not layers or len(layers) > _MOST_LAYERS or not name.isprintable():
            raise ValueError(f"{len(layers)} layers")
        graph = Graph(name, (channels, time, frequency), tuple(layers))
        if not all(1 <= prod(shape) <= _LARGEST_ACTIVATION for shape in graph.shapes.values()):
            raise ValueError("an activation is empty or too large")
        return graph
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError) as error:
        raise ExplorerError(
            f"The layer graph in this file is damaged ({error}); use a file this program wrote."
        ) from error
