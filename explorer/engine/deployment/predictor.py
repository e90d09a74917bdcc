"""How fast a network runs on a device nobody ran it on, and how sure that is.

    time = sum over layers of max(compute, memory) + overhead

On cores of which some were measured, compute comes from the fitted cycles per multiply-accumulate (`fitting`), and the
interval from how well published results are predicted without them (`validation`).  On all others it is the roofline
of the data sheet: at best that, and as much longer as published boards took longer than theirs; or of a machine that
was measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from explorer.engine.deployment.cores import CORES, Arithmetic
from explorer.engine.deployment.fitting import KERNELS, NOMINAL_CLOCK_MHZ, Rates, Setup
from explorer.engine.deployment.measurements import Measurement, family, published
from explorer.engine.deployment.precision import precisions_of, recipe_of, runs_as
from explorer.engine.deployment.profile import Profile, Support
from explorer.engine.deployment.validation import Setting, datasheet_gap, fit_without, stretch
from explorer.engine.deployment.workload import Workload, workload
from explorer.engine.nn.graph import Graph
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import Width

# What calling one kernel takes on a device with an operating system, where its profile does not say; a third of it to
# three times as much is allowed for.
OVERHEAD_S, OVERHEAD_FACTOR = 5e-6, 3.0
# Kernels over a roof that was measured with the same library: usual, best and worst.  Assumed: seven networks on one
# machine took 0.3 to 1.5 times theirs: weights that stay in the cache are faster than the memory, which is the roof.
MEASURED_GAP, MEASURED_BEST, MEASURED_WORST = 1.5, 0.2, 4.0
UNPACKING = 1.2  # opening weights below 8 bits, assumed: nobody published it

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LayerTime:
    """Where the time of one layer goes, milliseconds."""

    name: str
    compute_ms: float
    memory_ms: float
    overhead_ms: float

    @property
    def total_ms(self) -> float:
        """Arithmetic and memory overlap; the overhead comes on top."""
        return max(self.compute_ms, self.memory_ms) + self.overhead_ms


@dataclass(frozen=True, eq=False)
class Prediction:
    """How long one inference takes, with its interval and what it rests on.

    Parameters
    ----------
    latency_ms, low_ms, high_ms
        Predicted milliseconds for the whole batch and the 90 % interval around it; None when not supported.  Beside a
        published result the prediction is the one made without any result of that board.
    basis
        What it rests on, as printed.
    kind
        Derived, or assumed where an assumption of ours decides.
    extrapolation
        Whether nothing like it was measured: software, precision or core.
    supported, reason
        Whether the device runs this precision, and how or why not.
    precision
        What the device computes in, as profiles name it.
    published
        What was measured for this network, board and software, where somebody did.
    times
        [3, layers] compute, memory and overhead, milliseconds.
    names
        Of the layers.
    """

    latency_ms: float | None
    low_ms: float | None
    high_ms: float | None
    basis: str
    kind: Kind
    extrapolation: bool
    supported: bool
    reason: str
    precision: str
    published: Measurement | None
    times: Floats
    names: tuple[str, ...]

    @property
    def layers(self) -> tuple[LayerTime, ...]:
        """The time of each layer, in order; together they are `latency_ms`."""
        return tuple(LayerTime(n, *map(float, t)) for n, t in zip(self.names, self.times.T, strict=True))

    @property
    def error_factor(self) -> float | None:
        """Predicted over published time: 1.2 is a fifth too long; None where nothing was published."""
        if self.published is None or self.latency_ms is None:
            return None
        return self.latency_ms / self.published.latency_ms


def predict(graph: Graph, profile: Profile, weight_bits: Width, activation_bits: Width, batch: int = 1) -> Prediction:
    """Return how long a network takes on a device.

    Parameters
    ----------
    graph
        The network.
    profile
        The device.
    weight_bits, activation_bits
        As recipes have them: 1 to 16, 32 for float, or the name of a format.
    batch
        Inputs at a time; the time is that of the whole batch.

    Raises
    ------
    ExplorerError
        When a width is none that weights or activations can have.
    """
    recipe = recipe_of(weight_bits, activation_bits)
    return predict_load(workload(graph, recipe), profile, batch)


def predict_load(load: Workload, profile: Profile, batch: int = 1) -> Prediction:
    """Return how long the work of a network takes on a device; see `predict`.

    Where layers have widths of their own the device must run every one of them.
    """
    emulated, base = False, ""
    for precision in reversed(precisions_of(load.recipe)):  # that of most layers last
        support, why = profile.support(precision)
        carrier = runs_as(profile, precision)
        if carrier is None:
            return _not_supported(precision, why)
        emulated, base = emulated or support is Support.EMULATED, carrier
    reason = f"{support.value}: {why}"
    storage = _storage(precision, base) if emulated or precision == "int16" else ""
    arithmetic = _arithmetic(profile, base)
    if arithmetic is not None:
        setup = Setup(profile.core, arithmetic, family(profile.software), load.network, storage=storage)
        return _fitted(load, profile, setup, precision, reason, batch)
    if base not in profile.peak_macs_per_s:
        return _not_supported(precision, f"{why}; how fast that is, nobody states")
    return _roofline(load, profile, base, storage, precision, reason, batch)


def find_published(profile: Profile, network: str, precision: str) -> Measurement | None:
    """Return the ordinary published result for a network on this very board with this very software."""
    chip = profile.board.removesuffix("-Q")
    for row in published():
        if (
            (row.chip, row.network, row.precision) == (chip, network, precision)
            and family(row.software) == family(profile.software)
            and not row.configuration
        ):
            return row
    return None


@lru_cache(maxsize=1024)
def operations_per_s(profile: Profile) -> Quantity | None:
    """Return how fast a device computes a spectrum: operations a second outside networks, None where nothing is known.

    Nobody published a front end alone.  It is taken to run as depthwise convolutions do, one number after the other and
    two operations per MAC: in integers, or where only the data sheet is known in float32.
    """
    core, clock_mhz = CORES.get(profile.core), _clock_mhz(profile)
    if core is not None and clock_mhz is not None and core.integer != "array":
        setup = Setup(profile.core, "scalar", family(profile.software), "front end")
        cycles = math.exp(fit_without().rates(setup).log_cycles[KERNELS.index("depthwise")])
        source = f"as depthwise convolutions without packed products, {cycles:.3g} cycles per MAC; fitted, not measured"
        return Quantity(2e6 * clock_mhz / cycles, "OP/s", Kind.ASSUMED, source)
    peak = profile.peak_macs_per_s.get("float32")
    if peak is None or (core is not None and core.integer == "array"):
        return None
    gap = datasheet_gap()
    source = f"float32 peak of the data sheet / {gap.median:.3g}, as published boards reach; not measured"
    return Quantity(2 * peak.value / gap.median, "OP/s", Kind.ASSUMED, source)


def _fitted(load: Workload, profile: Profile, setup: Setup, precision: str, reason: str, batch: int) -> Prediction:
    clock_mhz = _clock_mhz(profile)
    assert clock_mhz is not None
    same_widths = load.recipe.weights == load.recipe.activations and not setup.storage
    row = find_published(profile, setup.network, precision) if same_widths else None
    without = "" if row is None else row.chip
    knowledge = _knowledge(setup, profile.board.removesuffix("-Q"), without)
    cycles = np.exp(knowledge.rates.log_cycles)
    compute_ms = batch * load.macs * cycles[load.kernels] / (1e3 * clock_mhz)
    overhead_ms = np.full(len(load.names), batch * cycles[-1] / (1e3 * clock_mhz))
    times = np.array([compute_ms, _memory_ms(load, profile, batch), overhead_ms])
    layer_ms = np.maximum(times[0], times[1])
    total_ms = float(layer_ms.sum() + overhead_ms.sum())
    share = np.bincount(load.kernels, layer_ms, minlength=len(cycles)) / total_ms
    share[-1] = float(overhead_ms.sum()) / total_ms
    factor = math.exp(knowledge.stretch * knowledge.rates.spread(share))
    low_ms, high_ms = total_ms / factor, total_ms * factor
    new = knowledge.new_ground or bool(setup.storage) or setup.arithmetic == "library" or batch > 1
    interval = f"{_digits(total_ms)} ms [{_digits(low_ms)}, {_digits(high_ms)}]"
    source = f"{knowledge.boards} board{'s' * (knowledge.boards != 1)}"
    if row is not None:
        basis = (
            f"measured, published: {row.source}: {_digits(row.latency_ms)} ms; predicted from {source}, "
            f"without this one: {interval}"
        )
    else:
        how = f"extrapolated from {source}, {knowledge.missing}" if new else f"predicted from {source}"
        basis = f"{how}: {interval}; this network has never run on this board"
    kind = Kind.ASSUMED if setup.storage or setup.arithmetic == "library" else Kind.DERIVED
    return Prediction(total_ms, low_ms, high_ms, basis, kind, new, True, reason, precision, row, times, load.names)


@dataclass(frozen=True, slots=True, eq=False)
class _Knowledge:
    """What published results say about a setup.

    Parameters
    ----------
    rates
        Cycles per MAC.
    stretch
        Stated spreads that the interval reaches to each side.
    new_ground
        Whether software and precision were never measured together on a core of this kind.
    boards
        How many boards speak for it.
    missing
        What none of them has.
    """

    rates: Rates
    stretch: float
    new_ground: bool
    boards: int
    missing: str


@lru_cache(maxsize=4096)
def _knowledge(setup: Setup, chip: str, without: str) -> _Knowledge:
    """Return what results of all boards, or of all but one, say about a setup on a board."""
    rows = [row for row in published() if row.chip != without]
    wants_float = setup.arithmetic in ("float", "library")
    alike = [row for row in rows if (row.precision == "float32") == wants_float]
    kin = [row for row in alike if family(row.software) == setup.software]
    applying: list[Setting] = []
    if not any(row.chip == chip for row in kin):
        applying.append("another board" if kin else "new ground")
    if not any(row.network == setup.network for row in kin or rows):
        applying.append("new ground" if setup.arithmetic == "array" else "another network")
    missing = f"none with {setup.software}" if not kin else "none at this precision or batch"
    return _Knowledge(
        rates=fit_without(frozenset({without} - {""})).rates(setup),
        stretch=max((stretch(setting) for setting in applying), default=stretch("another board")),
        new_ground=not kin,
        boards=len({row.chip for row in kin or alike}),
        missing=missing,
    )


def _roofline(
    load: Workload, profile: Profile, base: str, storage: str, precision: str, reason: str, batch: int
) -> Prediction:
    measured, published_gap = profile.peak_macs_per_s[base].kind is Kind.MEASURED, datasheet_gap()
    usual, worst = (MEASURED_GAP, MEASURED_WORST) if measured else (published_gap.median, published_gap.high)
    unpacking = UNPACKING if storage else 1.0
    compute_ms = 1e3 * batch * unpacking * load.macs / profile.peak_macs_per_s[base].value
    given = profile.layer_overhead_s
    overhead_ms = np.full(len(load.names), 1e3 * (OVERHEAD_S if given is None else given.value))
    roof = np.array([compute_ms, _memory_ms(load, profile, batch)])
    roof_ms, overheads_ms = float(roof.max(axis=0).sum()), float(overhead_ms.sum())
    times = np.vstack([usual * roof, overhead_ms])
    total_ms = usual * roof_ms + overheads_ms
    low_ms = roof_ms * (MEASURED_BEST if measured else 1.0) + overheads_ms / OVERHEAD_FACTOR
    high_ms = worst * roof_ms + overheads_ms * OVERHEAD_FACTOR
    why = (
        f"its measured roof, of which kernels are assumed to take {_digits(usual)} times the time"
        if measured
        else f"the data sheet, as published boards are {_digits(usual)} times slower than their data sheets"
    )
    basis = (
        f"extrapolated from {why}: {_digits(total_ms)} ms [{_digits(low_ms)}, {_digits(high_ms)}]; "
        "this network has never run on this board"
    )
    return Prediction(
        total_ms, low_ms, high_ms, basis, Kind.ASSUMED, True, True, reason, precision, None, times, load.names
    )


def _memory_ms(load: Workload, profile: Profile, batch: int) -> Floats:
    """Return [layers] the time to move weights once and activations for each input."""
    if profile.bandwidth_bytes_per_s is None:
        return np.zeros(len(load.names))
    moved = load.weight_bytes + batch * load.activation_bytes
    return np.asarray(1e3 * moved / profile.bandwidth_bytes_per_s.value, np.float64)


def _clock_mhz(profile: Profile) -> float | None:
    """Return the clock in which the cycles of a core are counted: of one core results were published without."""
    rows = [row for row in published() if row.core == profile.core]
    if rows and all(row.clock_mhz is None for row in rows):
        return NOMINAL_CLOCK_MHZ
    return None if profile.clock_mhz is None else profile.clock_mhz.value


def _arithmetic(profile: Profile, base: str) -> Arithmetic | None:
    """Return what carries out the products of a core that the fit knows, None where it knows nothing of it."""
    core = CORES.get(profile.core)
    if core is None or _clock_mhz(profile) is None:
        return None
    if base == "library":
        return None if core.integer == "array" else "library"
    if base in ("int8", "int16"):
        return core.integer
    return "float" if base == "float32" else None


def _storage(precision: str, base: str) -> str:
    if base in ("float32", "library"):
        return ""  # a conversion beside the multiply, within the spread of the fit
    return "wide" if precision == "int16" else "unpacking"


def _not_supported(precision: str, why: str) -> Prediction:
    return Prediction(
        None, None, None, f"not supported: {why}", Kind.DERIVED, False, False, f"not supported: {why}", precision,
        None, np.zeros((3, 0)), (),
    )  # fmt: skip


def _digits(value: float) -> str:
    """Write a number with three digits, as a person would."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"
