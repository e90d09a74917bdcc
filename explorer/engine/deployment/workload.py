"""The work of a network as speed depends on it: multiply-accumulates and bytes of each layer, by kind of kernel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from explorer.engine.deployment.cores import CORES, Arithmetic
from explorer.engine.deployment.cost import INT8, LayerWork, steps_for_cost, work_of
from explorer.engine.deployment.fitting import KERNELS, NOMINAL_CLOCK_MHZ, Run, Setup
from explorer.engine.deployment.measurements import Measurement, family
from explorer.engine.nn.graph import Conv, Graph
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.quantization.recipe import Recipe

_FEW_CHANNELS = 4  # one register of packed 8-bit numbers


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """The layers of a network, one inference at a time.

    Parameters
    ----------
    network, recipe
        Name of the topology, and the precision.
    names
        Of the layers.
    kernels
        [layers] index into `KERNELS`.
    macs
        [layers] multiply-accumulates; a sum or a mean counts one for each number it reads.
    weight_bytes, activation_bytes
        [layers] bytes read once per batch, and moved for each input.
    """

    network: str
    recipe: Recipe
    names: tuple[str, ...]
    kernels: NDArray[np.int64]
    macs: NDArray[np.float64]
    weight_bytes: NDArray[np.float64]
    activation_bytes: NDArray[np.float64]

    def by_kernel(self) -> NDArray[np.float64]:
        """Return [kernels] the MAC of each kind; of the last one, "layer", the number of layers."""
        found = np.asarray(np.bincount(self.kernels, self.macs, minlength=len(KERNELS)), np.float64)
        found[-1] = len(self.names)
        return found


@lru_cache(maxsize=4096)
def workload(graph: Graph, recipe: Recipe = INT8) -> Workload:
    """Return the work of a network at a precision.

    Raises
    ------
    ExplorerError
        When a batch norm cannot be folded.
    """
    work = work_of(graph, recipe)
    steps = steps_for_cost(graph)
    narrow = {
        step.name
        for step in steps.order
        if isinstance(step.layer, Conv) and steps.stored_shape(step.sources[0])[0] // step.layer.groups < _FEW_CHANNELS
    }
    columns = work.columns
    # what was published holds for the network as it was
    is_itself = graph.name not in TOPOLOGIES or graph == TOPOLOGIES[graph.name]()
    return Workload(
        network=graph.name if is_itself else f"{graph.name}, changed",
        recipe=recipe,
        names=tuple(layer.name for layer in work.layers),
        kernels=np.array([KERNELS.index(_kernel(layer, layer.name in narrow)) for layer in work.layers]),
        macs=np.where(columns.macs > 0, columns.macs, columns.operations),
        weight_bytes=columns.flash_bytes,
        activation_bytes=columns.activation_bytes,
    )


def _kernel(layer: LayerWork, narrow: bool) -> str:
    # sums and means take one number after the other, as a depthwise convolution does
    return layer.kind if layer.kind in KERNELS and not narrow else "depthwise"


@lru_cache(maxsize=1024)
def run_of(row: Measurement) -> Run:
    """Return a published measurement as the fit takes it."""
    arithmetic: Arithmetic = "float" if row.precision == "float32" else CORES[row.core].integer
    setup = Setup(row.core, arithmetic, family(row.software), row.network, row.configuration)
    clock_mhz = row.clock_mhz or NOMINAL_CLOCK_MHZ
    return Run(setup, workload(TOPOLOGIES[row.network]()).by_kernel(), row.latency_ms * 1e3 * clock_mhz)
