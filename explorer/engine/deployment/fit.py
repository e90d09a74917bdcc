"""Does it fit?  Memory and flash of a network with its runtime, against what a device has: Figure 2.3 of the book.

Activations need memory that can be written (RAM), weights and program need memory that keeps them (flash, storage);
they are two limits, and a network can miss either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.engine.deployment.cost import INT8, work_of
from explorer.engine.deployment.memory_plan import memory_plan
from explorer.engine.deployment.profile import Profile
from explorer.engine.nn.graph import Graph
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import Recipe

_FIGURE = "Machine Learning Systems, Figure 2.3 (J. Lin et al. 2023)"
_RUNTIMES = "Machine Learning Systems, Figures 6.14 to 6.16"


def _bytes(value: float, kind: Kind, source: str) -> Quantity:
    return Quantity(value, "bytes", kind, source)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a network needs: RAM for its activations, flash for its weights."""

    name: str
    ram_bytes: Quantity
    flash_bytes: Quantity


@dataclass(frozen=True, slots=True)
class Runtime:
    """The software that runs a network, and what it needs for itself.

    Parameters
    ----------
    name
        As printed.
    ram_bytes, flash_bytes
        Base memory footprint and base binary.
    operators
        Kinds of layers it can run.
    needs_system
        Whether it runs only on an operating system, which no microcontroller here has.
    maps_weights
        Whether weights are read where they lie in flash; otherwise they are copied to RAM.
    """

    name: str
    ram_bytes: Quantity
    flash_bytes: Quantity
    operators: int
    needs_system: bool
    maps_weights: bool


def _runtime(name: str, ram: float, flash: float, operators: int, *, system: bool, maps: bool) -> Runtime:
    size = _bytes(ram, Kind.CITED, _RUNTIMES), _bytes(flash, Kind.CITED, _RUNTIMES)
    return Runtime(name, *size, operators, system, maps)


TENSORFLOW = _runtime("TensorFlow", 5e6, 3e6, 1400, system=True, maps=False)
TF_LITE = _runtime("TensorFlow Lite", 300e3, 100e3, 130, system=True, maps=True)
TF_LITE_MICRO = _runtime("TensorFlow Lite Micro", 20e3, 10e3, 50, system=False, maps=True)
RUNTIMES = (TENSORFLOW, TF_LITE, TF_LITE_MICRO)


def _figure(name: str, ram: float, flash: float) -> Footprint:
    return Footprint(name, _bytes(ram, Kind.CITED, _FIGURE), _bytes(flash, Kind.CITED, _FIGURE))


RESNET_50 = _figure("ResNet-50", 7.2e6, 102e6)
MOBILENET_V2 = _figure("MobileNetV2", 6.8e6, 13.6e6)
MOBILENET_V2_INT8 = _figure("MobileNetV2 int8", 1.7e6, 3.4e6)
RESNET_50_INT8 = Footprint(
    "ResNet-50 int8",
    _bytes(RESNET_50.ram_bytes.value / 4, Kind.DERIVED, f"a quarter of float32; {_FIGURE}"),
    _bytes(RESNET_50.flash_bytes.value / 4, Kind.DERIVED, f"a quarter of float32; {_FIGURE}"),
)
BOOK_NETWORKS = (RESNET_50, RESNET_50_INT8, MOBILENET_V2, MOBILENET_V2_INT8)


def footprint(name: str, graph: Graph, recipe: Recipe = INT8) -> Footprint:
    """Return what one of our own networks needs: its memory plan, and its packed weights with their scales."""
    return Footprint(
        name,
        _bytes(memory_plan(graph, recipe).ram_bytes, Kind.DERIVED, "memory plan: buffers with lifetimes"),
        _bytes(work_of(graph, recipe).flash_bytes, Kind.DERIVED, "packed codes, scales, zero points, biases"),
    )


@dataclass(frozen=True, slots=True)
class Fit:
    """One network with one runtime on one device.

    Parameters
    ----------
    network, runtime, profile
        What, with what, where.
    ram_bytes, flash_bytes
        Needed, network and runtime together; in RAM also the weights where the runtime copies them.
    ram_over, flash_over
        Needed over available; above 1 it does not fit.
    """

    network: Footprint
    runtime: Runtime
    profile: Profile
    ram_bytes: float
    flash_bytes: float
    ram_over: float
    flash_over: float

    @property
    def lacks_system(self) -> bool:
        """Whether the runtime needs an operating system that is not there."""
        return self.runtime.needs_system and self.profile.tier == "tiny"

    @property
    def fits(self) -> bool:
        """Whether it can run there."""
        return self.ram_over <= 1 and self.flash_over <= 1 and not self.lacks_system

    @property
    def obstacle(self) -> str:
        """What stands in the way, the largest first; empty when nothing does."""
        found = [
            (over, f"{name} over by {over:,.1f}×")
            for name, over in (("RAM", self.ram_over), ("flash", self.flash_over))
            if over > 1
        ]
        sentences = [sentence for _, sentence in sorted(found, reverse=True)]
        return "; ".join((["needs an operating system"] if self.lacks_system else []) + sentences)


def fit(network: Footprint, runtime: Runtime, profile: Profile) -> Fit:
    """Return whether a network with its runtime fits a device, and by how much it does not."""
    ram = network.ram_bytes.value + runtime.ram_bytes.value
    ram += 0 if runtime.maps_weights else network.flash_bytes.value
    flash = network.flash_bytes.value + runtime.flash_bytes.value
    have_ram, have_flash = profile.ram_bytes.value, profile.flash_bytes.value
    return Fit(network, runtime, profile, ram, flash, ram / have_ram, flash / have_flash)


def fit_table(
    networks: Iterable[Footprint], runtime: Runtime, profiles: Iterable[Profile]
) -> tuple[tuple[Fit, ...], ...]:
    """Return the fit explorer: one row per network, one column per device."""
    columns = tuple(profiles)
    return tuple(tuple(fit(network, runtime, profile) for profile in columns) for network in networks)
