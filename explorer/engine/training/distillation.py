"""Distillation: a large network's opinions as soft targets for a small one (Hinton, Vinyals and Dean 2015)."""

from __future__ import annotations

from pathlib import Path

import torch

from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.nn.weights import load


def load_teacher(path: Path) -> GraphModule:
    """Return the network in a weights file, ready to give opinions.

    Raises
    ------
    ExplorerError
        When the file cannot be used; see `weights.load`.
    """
    network = load(path)
    module = GraphModule(network.graph)
    module.load_arrays(network.arrays)
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # missing in torch's stubs
    return module.eval()
