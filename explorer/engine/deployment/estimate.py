"""Will it fit, will it be fast enough, what does it draw: one network at one precision on one device.

A published measurement is taken where there is one for this very network, board and software; the prediction stays
beside it.  Memory is that of the whole program: arena, runtime, picture, sound, tables (`program`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from explorer.engine.deployment.cores import COREMARK_SOURCE, CORES
from explorer.engine.deployment.cost import INT8
from explorer.engine.deployment.duty import duty
from explorer.engine.deployment.energy import Energy, Method, operations, power_times_time, published
from explorer.engine.deployment.fit import TENSORFLOW, TF_LITE, TF_LITE_MICRO, Runtime
from explorer.engine.deployment.measurements import Measurement
from explorer.engine.deployment.placement import Option
from explorer.engine.deployment.predictor import Prediction, operations_per_s, predict_load
from explorer.engine.deployment.profile import Profile, Tier
from explorer.engine.deployment.program import DECISIONS_PER_S, Program, program_of
from explorer.engine.deployment.scenario import Scenario, option
from explorer.engine.deployment.validation import LEVEL
from explorer.engine.deployment.workload import Workload, workload
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import RATE_HZ
from explorer.engine.nn.graph import Graph
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import Recipe

# What interprets a network where: a microcontroller has no operating system, a data centre has room for everything.
RUNTIME_OF_TIER: dict[Tier, Runtime] = {
    "tiny": TF_LITE_MICRO,
    "mobile": TF_LITE,
    "edge": TF_LITE,
    "cloud": TENSORFLOW,
}


@dataclass(frozen=True, eq=False)
class Estimate:
    """One network at one precision on one device.

    Parameters
    ----------
    network, profile, recipe
        What, where, in how many bits.
    decisions_per_s
        How often it decides.
    prediction
        Time with interval and what it rests on.
    latency
        Milliseconds: published for this very network, board and software, else predicted; None where it cannot run.
    ram, flash
        Bytes of the whole program.
    energy
        Of one inference: published, else power x time; None where neither is known.
    least_energy
        Of the arithmetic and of the data movement alone, a floor; the weights and the largest layer's activations are
        taken to lie in one memory that just holds them.
    front_end_share
        Share of the time that turning sound into pictures takes; None for networks that look at pictures, and where
        nothing is known of the processor.
    """

    network: str
    profile: Profile
    recipe: Recipe
    decisions_per_s: float
    prediction: Prediction
    latency: Quantity | None
    ram: Quantity
    flash: Quantity
    energy: Energy | None
    least_energy: tuple[Energy, Energy]
    front_end_share: Quantity | None

    @property
    def ram_over(self) -> float:
        """RAM needed over RAM there; above 1 it does not fit."""
        return self.ram.value / self.profile.ram_bytes.value

    @property
    def flash_over(self) -> float:
        """Flash needed over flash there; above 1 it does not fit."""
        return self.flash.value / self.profile.flash_bytes.value

    @property
    def fits(self) -> bool:
        """Whether program, weights and activations have room."""
        return self.ram_over <= 1 and self.flash_over <= 1

    @property
    def room(self) -> str:
        """Whether it fits, or what is missing and by how much, in words."""
        missing = [
            f"{name} over by {need.value - have.value:,.0f} bytes ({need.value / have.value:.3g} times what is there)"
            for name, need, have in (
                ("RAM", self.ram, self.profile.ram_bytes),
                ("flash", self.flash, self.profile.flash_bytes),
            )
            if need.value > have.value
        ]
        return "; ".join(missing) or "fits"

    @property
    def real_time_factor(self) -> Quantity | None:
        """Share of the time that deciding takes, front end included; above 1 it does not keep up."""
        time, front = self.latency, self.front_end_share
        if time is None:
            return None
        rest = 0.0 if front is None else front.value

        def at(milliseconds: float | None) -> float | None:
            return None if milliseconds is None else duty(milliseconds, self.decisions_per_s) + rest

        words = "" if front is None else f" + {front.value:.2g} for the front end"
        source = f"{time.value:.4g} ms x {self.decisions_per_s:g} a second{words}"
        kind = Kind.ASSUMED if Kind.ASSUMED in (time.kind, front.kind if front else time.kind) else Kind.DERIVED
        return Quantity(duty(time.value, self.decisions_per_s) + rest, "", kind, source, at(time.low), at(time.high))

    @property
    def sources(self) -> dict[str, Quantity]:
        """Every number of the answer by name, each with its kind and source."""
        named = {
            "latency": self.latency,
            "ram": self.ram,
            "flash": self.flash,
            "energy": None if self.energy is None else self.energy.microjoules,
            "energy of arithmetic, at least": self.least_energy[0].microjoules,
            "energy of data movement, at least": self.least_energy[1].microjoules,
            "front end": self.front_end_share,
            "real-time factor": self.real_time_factor,
            "CoreMark": _coremark(self.profile),
        }
        found = {name: quantity for name, quantity in named.items() if quantity is not None}
        return found | {f"profile: {name}": value for name, value in self.profile.quantities().items()}


def as_option(found: Estimate, scenario: Scenario) -> Option | None:
    """Return an estimate as something to choose from; None where the network cannot run or nobody knows how fast."""
    if found.latency is None:
        return None
    energy = found.energy if found.energy is not None and found.energy.method is Method.PUBLISHED else None
    return option(
        found.profile,
        found.network,
        found.prediction.precision,
        found.latency,
        round(found.ram.value),
        round(found.flash.value),
        scenario,
        energy,
        front_end_share=0.0 if found.front_end_share is None else found.front_end_share.value,
    )


def graph_of(network: str) -> Graph:
    """Return the topology of a network that ships, or of MLPerf Tiny.

    Raises
    ------
    ExplorerError
        When there is none of this name; the sentence lists those there are.
    """
    if network not in TOPOLOGIES:
        raise ExplorerError(f"There is no network {network!r}; choose one of {', '.join(TOPOLOGIES)}.")
    return TOPOLOGIES[network]()


def estimate(
    network: Graph | str, profile: Profile, recipe: Recipe = INT8, decisions_per_s: float = DECISIONS_PER_S
) -> Estimate:
    """Return what a network needs and how long it takes on a device.

    Parameters
    ----------
    network
        A topology, or the name of one.
    profile
        The device.
    recipe
        Its precision: `INT8`, `Recipe(4, 8)`, or one with widths of single layers.
    decisions_per_s
        How often it decides, for the real-time factor.

    Raises
    ------
    ExplorerError
        When there is no such network, when a batch norm in it cannot be folded, or when it would decide more often than
        samples of sound arrive.
    """
    if not 0 < decisions_per_s <= RATE_HZ:
        raise ExplorerError(
            f"{decisions_per_s:g} decisions per second cannot be: choose above 0 and at most {RATE_HZ:,}."
        )
    graph = graph_of(network) if isinstance(network, str) else network
    load, program = _demand(graph, recipe, RUNTIME_OF_TIER[profile.tier], decisions_per_s)
    prediction = predict_load(load, profile)
    latency = _latency(prediction)
    return Estimate(
        network=load.network,
        profile=profile,
        recipe=recipe,
        decisions_per_s=decisions_per_s,
        prediction=prediction,
        latency=latency,
        ram=program.ram,
        flash=program.flash,
        energy=None if latency is None else _energy(profile, prediction.published, latency),
        least_energy=_least_energy(load, prediction.precision),
        front_end_share=_front_end_share(profile, program.sound_operations_per_s),
    )


@dataclass(frozen=True, slots=True)
class _Totals:
    """The sums of a program, formed once."""

    ram: Quantity
    flash: Quantity
    sound_operations_per_s: float | None


@lru_cache(maxsize=4096)
def _demand(graph: Graph, recipe: Recipe, runtime: Runtime, decisions_per_s: float) -> tuple[Workload, _Totals]:
    """Return what does not depend on the device, kept per network and precision."""
    program = program_of(graph, recipe, runtime, decisions_per_s)
    return workload(graph, recipe), _Totals(program.ram_bytes, program.flash_bytes, _sound_operations(program))


def _sound_operations(program: Program) -> float | None:
    """Return operations a second of the front end; None for networks that look at pictures."""
    found = [part.operations_per_s.value for part in program.parts if part.name == "sound" and part.operations_per_s]
    return found[0] if found else None


def _latency(prediction: Prediction) -> Quantity | None:
    row = prediction.published
    if row is not None:
        return Quantity(row.latency_ms, "ms", Kind.CITED, f"measured, published: {row.source}")
    if prediction.latency_ms is None:
        return None
    source = f"{prediction.basis}; {LEVEL:.0%} interval"
    return Quantity(prediction.latency_ms, "ms", prediction.kind, source, prediction.low_ms, prediction.high_ms)


def _energy(profile: Profile, row: Measurement | None, latency: Quantity) -> Energy | None:
    if row is not None and row.energy_uj is not None:
        return published(row.energy_uj, row.source, row.notes or profile.supply)
    if profile.active_power_w is None:
        return None
    return power_times_time(profile.active_power_w, latency, profile.supply)


@lru_cache(maxsize=4096)
def _least_energy(load: Workload, precision: str) -> tuple[Energy, Energy]:
    """Return the floor of arithmetic and of data movement; narrow integers are computed in 8 bits."""
    wide = {"float32": "float32", "float16": "float16", "bfloat16": "float16"}
    weights, activations = float(load.weight_bytes.sum()), float(load.activation_bytes.sum())
    held = round(weights + float(load.activation_bytes.max(initial=0.0)))
    moved = round(weights + activations)
    return operations(round(float(load.macs.sum())), wide.get(precision, "int8"), [(moved, held)])


def _coremark(profile: Profile) -> Quantity | None:
    core = CORES.get(profile.core)
    if core is None or core.coremark_per_mhz is None:
        return None
    return Quantity(core.coremark_per_mhz, "per MHz", Kind.CITED, COREMARK_SOURCE)


def _front_end_share(profile: Profile, operations: float | None) -> Quantity | None:
    rate = None if operations is None else operations_per_s(profile)
    if operations is None or rate is None:
        return None
    source = f"{operations:,.0f} operations a second of {rate.value:.3g}; {rate.source}"
    return Quantity(operations / rate.value, "", rate.kind, source)
