"""Small random graphs with branches: every kind of layer, every way to read what came before."""

from __future__ import annotations

from hypothesis import strategies as st

from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense, Graph, Layer, ReLU, Shape


@st.composite
def graphs(draw: st.DrawFn, most_layers: int = 8) -> Graph:
    """Draw a graph of a few layers that ends in a dense one."""
    layers: list[Layer] = []
    shape: Shape = (draw(st.integers(1, 3)), draw(st.integers(2, 6)), draw(st.integers(2, 6)))
    shapes = {"input": shape}
    for index in range(draw(st.integers(1, most_layers - 1))):
        name, source = f"l{index}", draw(st.sampled_from(sorted(shapes)))
        channels = shapes[source][0]
        same = [other for other in sorted(shapes) if shapes[other] == shapes[source]]
        layer: Layer
        match draw(st.sampled_from(["conv", "depthwise", "add", "relu", "pool"])):
            case "conv":
                stride = draw(st.integers(1, 2))
                layer = Conv(name, source, draw(st.integers(1, 6)), (3, 3), (stride, stride), (1, 1), bias=True)
            case "depthwise":
                layer = Conv(name, source, channels, (3, 1), padding=(1, 0), groups=channels)
            case "add":
                layer = Add(name, source, draw(st.sampled_from(same)))
            case "relu":
                layer = ReLU(name, source)
            case _:
                layer = AveragePool(name, source, ("time",))
        layers.append(layer)
        shapes[name] = Graph("part", shape, tuple(layers)).shapes[name]
    layers.append(Dense("logits", draw(st.sampled_from(sorted(shapes))), 2))
    return Graph("random", shape, tuple(layers))
