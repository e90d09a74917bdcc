"""Which activations are alive at the same time: the memory a device needs beside the weights."""

from __future__ import annotations

from math import prod

from explorer.engine.nn.graph import BatchNorm, Graph, ReLU, sources


def peak_activations(graph: Graph) -> tuple[int, str]:
    """Return the largest number of activations that must be kept at once, and the layer at which that is.

    A layer's output is kept until its last reader has run; while a layer runs, its inputs and its output are both
    there.  Batch norm is folded and ReLU done in place, as on a device: they take the place of what they read.

    Parameters
    ----------
    graph
        The topology.

    Returns
    -------
    count, layer
        Numbers stored, the input included, and the name of the layer that needs them.
    """
    place: dict[str, str] = {"input": "input"}
    for layer in graph.layers:
        in_place = isinstance(layer, ReLU | BatchNorm) and len(graph.readers(layer.source)) == 1
        place[layer.name] = place[layer.source] if in_place else layer.name
    last_use: dict[str, int] = {}
    for index, layer in enumerate(graph.layers):
        for source in sources(layer):
            last_use[place[source]] = index
        last_use.setdefault(place[layer.name], index)
    sizes = {name: prod(graph.shapes[name]) for name in set(place.values())}
    alive, most = {"input"}, (sizes["input"], "input")
    for index, layer in enumerate(graph.layers):
        alive.add(place[layer.name])
        most = max(most, (sum(sizes[name] for name in alive), layer.name), key=lambda found: found[0])
        alive = {name for name in alive if last_use[name] > index}
    return most
