"""A network as every panel sees it: topology, weights, labels and where it came from, never changed once made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.graph import Graph, to_json

FRONT_END = "log-mel 98x40, 0-4000 Hz"
LEARNED_SYNTHETIC = "learned from synthetic voices"
LEARNED_HERE = "learned here, human accuracy unknown"
"""Badges of a network that was changed here; a step of its lineage begins with one of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """An immutable snapshot of a trained network.

    Parameters
    ----------
    name
        Name of the family member: tiny, small, large.
    graph
        Its topology.
    arrays
        Parameters by "layer.role"; made read-only here.
    labels
        What the outputs mean, one per class: twelve as shipped, more once words are taught.
    version
        Counts the versions a person has seen, shown as "v7".
    front_end
        Which front end its input comes from.
    lineage
        How it came to be, oldest first: "trained, seed 1", "learned from synthetic voices: marvin, 8 takes", ...
    card
        The model card's data: figures, recipe, licence; empty for networks changed here.
    fingerprint
        Hash of topology, weights and labels: the key of every cache.

    Raises
    ------
    ExplorerError
        When arrays are missing, left over, of the wrong shape, not finite or no variance, or the labels do not match.
    """

    name: str
    graph: Graph
    arrays: Mapping[str, NDArray[np.float32]]
    labels: tuple[str, ...]
    version: int = 1
    front_end: str = FRONT_END
    lineage: tuple[str, ...] = ()
    card: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        wanted = self.graph.parameter_shapes()
        if len(self.labels) != self.graph.classes or len(set(self.labels)) != len(self.labels):
            raise ExplorerError(
                f"Network {self.name} has {len(self.labels)} labels for {self.graph.classes} outputs: name each once."
            )
        if set(wanted) != set(self.arrays):
            odd = sorted(set(wanted) ^ set(self.arrays))[0]
            raise ExplorerError(
                f"Network {self.name}: the weights do not fit the topology (at {odd}); take matching files."
            )
        digest = hashlib.sha256(json.dumps([to_json(self.graph), self.labels]).encode())
        arrays: dict[str, NDArray[np.float32]] = {}
        for name in sorted(wanted):
            array = np.array(self.arrays[name], dtype=np.float32, order="C")
            if array.shape != wanted[name]:
                raise ExplorerError(
                    f"Network {self.name}: {name} has shape {array.shape}, but {wanted[name]} is needed; "
                    "take files that belong together."
                )
            if not np.isfinite(array).all():
                raise ExplorerError(
                    f"Network {self.name}: {name} holds numbers that are not finite; take another file."
                )
            if name.endswith(".variance") and (array < 0).any():
                raise ExplorerError(f"Network {self.name}: {name} holds a variance below zero; take another file.")
            array.flags.writeable = False
            arrays[name] = array
            digest.update(name.encode() + array.tobytes())
        object.__setattr__(self, "arrays", MappingProxyType(arrays))
        object.__setattr__(self, "fingerprint", digest.hexdigest())

    @property
    def badge(self) -> str:
        """What must stand beside every figure of a network changed in the window; empty for one as shipped."""
        if any(step.startswith(LEARNED_HERE.partition(",")[0]) for step in self.lineage):
            return LEARNED_HERE
        if any(step.startswith(LEARNED_SYNTHETIC) for step in self.lineage):
            return LEARNED_SYNTHETIC
        return LEARNED_HERE if self.version > 1 else ""

    @property
    def title(self) -> str:
        """Its name as shipped, "tiny", and with its version once it was changed: "tiny v7"."""
        return f"{self.name} v{self.version}" if self.badge else self.name

    @property
    def parameters(self) -> int:
        """Number of parameters once batch norm is folded: weights and one bias per output channel."""
        return sum(a.size for name, a in self.arrays.items() if name.rsplit(".", 1)[1] in ("weight", "bias", "beta"))
