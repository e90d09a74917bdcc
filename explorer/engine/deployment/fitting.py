"""The fitted model of speed: clock cycles per multiply-accumulate, as a product of effects learned from measurements.

    time = (sum over layers of cycles(kernel) x MAC + layers x cycles(layer)) / clock

The logarithm of cycles(kernel) is a sum of effects: of the kernel, of the core's arithmetic and CoreMark, of the core
itself, of the software and its kernels, of the network's shapes.  Each effect has a Gaussian prior; measurements move
it as far as they say something about it (hierarchical, "partial pooling": Gelman and Hill 2007, chapter 12), and an
effect that nobody measured stays what the prior says, with its whole uncertainty.  So a new board, a new network and
new software widen an interval by themselves.  Solved by Gauss-Newton; the spread comes from the curvature (Laplace).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from explorer.engine.deployment.cores import CORES, MACS_PER_SCALAR_MAC, Arithmetic

Floats: TypeAlias = NDArray[np.float64]
Effect: TypeAlias = tuple[str, ...]

# Kinds of computation with a speed of their own, and the fixed cost of calling one.  A convolution that sees fewer
# than four channels at once (the first of most networks) is counted as depthwise: neither can use packed products.
KERNELS = ("conv", "pointwise", "depthwise", "dense", "layer")
NOMINAL_CLOCK_MHZ = 1000.0  # where the clock is not published; only the unit of its "cycles"
NOISE = 0.06  # of one measurement, as a share of it
_DAMPING = 0.6  # undamped, kernels that share a network's time swing against each other
_MIDDLE_COREMARK = 3.54  # Cortex-M4F
# Priors: mean and standard deviation of an effect on the logarithm of cycles.  Means are what the instruction set says;
# standard deviations are round numbers, the same for all boards and networks.
_PRIORS: dict[str, tuple[float, float]] = {
    "cycles": (math.log(5.0), 1.0),  # two loads, a multiply, an add and a share of the loop
    "layer": (math.log(3000.0), 1.0),  # cycles for calling one kernel
    "coremark": (1.0, 0.2),  # cycles fall as CoreMark per MHz rises
    "core": (0.0, 0.15),
    "core without coremark": (0.0, 0.3),
    "software": (0.0, 0.4),
    "software kernel": (0.0, 0.3),
    "software layer": (0.0, 1.0),
    "network": (0.0, 0.2),
    "software network": (0.0, 0.15),
    "array network": (0.0, 0.6),  # how well a network's shapes fill an array of multipliers
    "configuration": (0.0, 0.4),
    "unpacking": (math.log(1.2), 0.2),  # weights below 8 bits, opened before each product
    "wide": (0.0, 0.3),  # 16-bit integers on units for packed 16-bit products
}
_KERNEL_PRIORS = {"conv": (0.0, 0.2), "pointwise": (0.0, 0.2), "depthwise": (0.5, 0.5), "dense": (0.0, 0.4)}
_ARITHMETIC_SPREAD: dict[Arithmetic, float] = {
    "scalar": 0.3, "packed": 0.5, "vector": 0.5, "array": 2.0, "float": 0.4, "library": 0.5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setup:
    """Where and how a network runs, as far as speed depends on it.

    Parameters
    ----------
    core
        Name in `CORES`.
    arithmetic
        What carries out its products.
    software
        Family of the inference software, without version.
    network
        Topology.
    configuration
        As published; empty is the ordinary one.
    storage
        "", or "unpacking" or "wide", when numbers are not stored as the arithmetic wants them.
    """

    core: str
    arithmetic: Arithmetic
    software: str
    network: str
    configuration: str = ""
    storage: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One measured run.

    Parameters
    ----------
    setup
        Where and how.
    work
        [kernels] MAC of each kernel; of the last one, the number of layers.
    cycles
        Measured clock cycles of one inference.
    """

    setup: Setup
    work: Floats
    cycles: float


def prior(effect: Effect) -> tuple[float, float]:
    """Return mean and standard deviation of an effect before any measurement."""
    if effect[0] == "kernel":
        return _KERNEL_PRIORS[effect[1]]
    if effect[0] == "arithmetic":
        arithmetic: Arithmetic = effect[1]  # type: ignore[assignment] # made by `effects`
        return -math.log(MACS_PER_SCALAR_MAC[arithmetic]), _ARITHMETIC_SPREAD[arithmetic]
    return _PRIORS[effect[0]]


def effects(setup: Setup, kernel: str) -> dict[Effect, float]:
    """Return the effects on the logarithm of cycles of one kernel, each with its coefficient."""
    if kernel == "layer":
        return {("layer",): 1.0, ("software layer", setup.software): 1.0}
    found: dict[Effect, float] = {
        ("cycles",): 1.0,
        ("kernel", kernel): 1.0,
        ("arithmetic", setup.arithmetic): 1.0,
        ("software", setup.software): 1.0,
        ("software kernel", setup.software, kernel): 1.0,
        ("network", setup.network): 1.0,
        ("software network", setup.software, setup.network): 1.0,
    }
    if setup.arithmetic == "array":
        found["array network", setup.software, setup.network] = 1.0
    core = CORES[setup.core]
    if core.coremark_per_mhz is None:
        found["core without coremark", setup.core] = 1.0
    else:
        found["core", setup.core] = 1.0
        found["coremark",] = -math.log(core.coremark_per_mhz / _MIDDLE_COREMARK)
    if setup.configuration:
        found["configuration", setup.configuration] = 1.0
    if setup.storage:
        found[setup.storage,] = 1.0
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Cycles per MAC of each kernel of a setup.

    Parameters
    ----------
    log_cycles
        [kernels] logarithm of cycles per MAC, of the last one per layer.
    covariance
        [kernels, kernels] of them, before noise.
    """

    log_cycles: Floats
    covariance: Floats

    def spread(self, share: Floats) -> float:
        """Return the standard deviation of the logarithm of a time to which kernels contribute these shares."""
        return math.sqrt(float(share @ self.covariance @ share) + NOISE**2)


class Fit:
    """The effects, as a set of runs leaves them.

    Parameters
    ----------
    runs
        Measured runs; what is not among them cannot have an influence.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        names = {effect for run in runs for kernel in KERNELS for effect in effects(run.setup, kernel)}
        self.index = {effect: i for i, effect in enumerate(sorted(names))}
        expected, spread = np.array([prior(effect) for effect in self.index]).T
        design = np.zeros((len(runs), len(KERNELS), len(self.index)))
        for i, run in enumerate(runs):
            for j, kernel in enumerate(KERNELS):
                for effect, coefficient in effects(run.setup, kernel).items():
                    design[i, j, self.index[effect]] = coefficient
        work = np.array([run.work for run in runs])
        measured = np.log([run.cycles for run in runs])
        self.values: Floats = expected.copy()
        for _ in range(50):
            cycles = work * np.exp(design @ self.values)
            total = cycles.sum(axis=1)
            slopes = (cycles / total[:, None])[:, None, :] @ design
            slopes = slopes[:, 0, :]
            curvature = slopes.T @ slopes / NOISE**2 + np.diag(spread**-2.0)
            pull = slopes.T @ (measured - np.log(total)) / NOISE**2 - (self.values - expected) / spread**2
            step = np.linalg.solve(curvature, pull)
            self.values += _DAMPING * step
            if np.abs(step).max() < 1e-5:
                break
        self._curvature = curvature

    @cached_property
    def covariance(self) -> Floats:
        """[effects, effects] how sure the effects are."""
        return np.linalg.inv(self._curvature)

    def rates(self, setup: Setup) -> Rates:
        """Return cycles per MAC for a setup; an effect never measured keeps its prior and its whole spread."""
        known = np.zeros((len(KERNELS), len(self.index)))
        log_cycles = np.zeros(len(KERNELS))
        unknown: dict[Effect, Floats] = {}
        for j, kernel in enumerate(KERNELS):
            for effect, coefficient in effects(setup, kernel).items():
                if effect in self.index:
                    known[j, self.index[effect]] = coefficient
                else:
                    log_cycles[j] += coefficient * prior(effect)[0]
                    unknown.setdefault(effect, np.zeros(len(KERNELS)))[j] = coefficient
        covariance = known @ self.covariance @ known.T
        for effect, coefficients in unknown.items():
            covariance += prior(effect)[1] ** 2 * np.outer(coefficients, coefficients)
        return Rates(log_cycles + known @ self.values, covariance)
