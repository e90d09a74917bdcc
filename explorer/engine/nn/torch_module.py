"""The layer graph as a torch module, for training, probing and any-bit quantization.

Imported only when a job needs torch (it costs a second and 200 MB).  The module is a plain interpreter of the graph:
one torch layer per graph layer with parameters, under the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.nn.graph import Add, AveragePool, BatchNorm, Conv, Dense, Graph, ReLU, sources

_NORM_ROLES = {"gamma": "weight", "beta": "bias", "mean": "running_mean", "variance": "running_var"}
_AXIS = {"time": 2, "frequency": 3}


class GraphModule(nn.Module):
    """Run a `Graph` with torch; parameters start as PyTorch's defaults, convolutions and dense layers as He's.

    Parameters
    ----------
    graph
        The topology.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self.units = nn.ModuleDict()
        for layer in graph.layers:
            match layer:
                case Conv():
                    into = graph.shapes[layer.source][0]
                    self.units[layer.name] = nn.Conv2d(
                        into,
                        layer.channels,
                        layer.kernel,
                        layer.stride,
                        layer.padding,
                        layer.dilation,
                        layer.groups,
                        bias=layer.bias,
                    )
                case BatchNorm():
                    self.units[layer.name] = nn.BatchNorm2d(graph.shapes[layer.source][0])
                case Dense():
                    self.units[layer.name] = nn.Linear(prod(graph.shapes[layer.source]), layer.units)
                case _:
                    pass
        for unit in self.units.values():
            if isinstance(unit, nn.Conv2d):
                nn.init.kaiming_normal_(unit.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, classes) for log-mel pictures (B, 1, time, frequency)."""
        return self.activations(x)[self.graph.output]

    def activations(self, x: Tensor, keep: Callable[[str], bool] | None = None) -> dict[str, Tensor]:
        """Run the network and return activations by layer name.

        Parameters
        ----------
        x
            Pictures (B, 1, time, frequency).
        keep
            Which layers to keep; by default only the output, so that memory is freed as the run goes on.
        """
        values: dict[str, Tensor] = {"input": x}
        last_reader = {s: layer.name for layer in self.graph.layers for s in sources(layer)}
        for layer in self.graph.layers:
            h = values[layer.source]
            match layer:
                case ReLU():
                    y = F.relu(h)
                case Add():
                    y = h + values[layer.other]
                case AveragePool():
                    y = h.mean([_AXIS[a] for a in layer.axes], keepdim=True)
                case Dense():
                    y = self.units[layer.name](h.flatten(1))
                case _:
                    y = self.units[layer.name](h)
            values[layer.name] = y
            for source in sources(layer):
                if last_reader[source] == layer.name and not (keep and keep(source)):
                    del values[source]
        return values

    def load_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over parameters by "layer.role"; shapes have been checked by the weights file."""
        with torch.no_grad():
            for name, target in self._targets().items():
                target.copy_(torch.from_numpy(np.array(arrays[name], dtype=np.float32)))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return a copy of all parameters by "layer.role"."""
        return {name: t.detach().cpu().numpy().astype(np.float32, copy=True) for name, t in self._targets().items()}

    def _targets(self) -> dict[str, Tensor]:
        found = {}
        for name in self.graph.parameter_shapes():
            layer, role = name.rsplit(".", 1)
            found[name] = getattr(self.units[layer], _NORM_ROLES.get(role, role))
        return found
