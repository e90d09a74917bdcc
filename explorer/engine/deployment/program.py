"""The whole program on a device: sound in, word out, and what each part takes in flash, RAM and operations.

"16 KB" (book section 5.2) is the network's weights alone.  Beside them a device holds the runtime that interprets the
network, the arena of activations, the picture of the last second, the sound that is being turned into its next column,
and tables.  `Program.left_out` is that list.

Assumptions, one for all: sound is 16 bit; tables are 16-bit fixed point; the spectrum is worked on in float32; the
picture is kept in the width of the network's input; the code of front end and decision layer, some kilobytes, is not
counted, since nobody here has compiled it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log2, prod

from explorer.engine.deployment.cost import INT8, activation_bytes, work_of
from explorer.engine.deployment.fit import TF_LITE_MICRO, Runtime
from explorer.engine.deployment.memory_plan import InPlace, Planner, memory_plan
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.frontend import BANDS, FFT, FRAME, HOP, RATE_HZ, mel_triangles
from explorer.engine.nn.graph import Graph
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import Recipe
from explorer.engine.quantization.steps import INPUT

DECISIONS_PER_S = 20.0  # as Listen decides
SAMPLE_BYTES = TABLE_BYTES = 2
FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """How sound becomes the network's input, frame by frame.

    Parameters
    ----------
    name
        As printed.
    frame, hop, fft
        Samples looked at, samples from one frame to the next, samples transformed.
    bands, mel_weights
        Bands, and weights above zero in their triangles.
    coefficients
        Cosine coefficients kept of each frame (MFCC); 0 for log-mel.
    kind, source
        Where these numbers come from.
    """

    name: str
    frame: int
    hop: int
    fft: int
    bands: int
    mel_weights: int
    coefficients: int
    kind: Kind
    source: str

    @property
    def frames_per_s(self) -> float:
        """Frames that one second of sound brings."""
        return RATE_HZ / self.hop

    def operations_per_frame(self) -> dict[str, int]:
        """Return what a frame costs by step; a logarithm counts as one, though it takes some tens of cycles."""
        return {
            "window": self.frame,
            "transform": transform_operations(self.fft),
            "power": 3 * (self.fft // 2 + 1),
            "bands": 2 * self.mel_weights,
            "logarithm": self.bands,
            "cosine transform": 2 * self.bands * self.coefficients,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the program.

    Parameters
    ----------
    name
        "network", "activations", "runtime", "features", "sound", "tables" or "decision".
    flash_bytes, ram_bytes
        What it takes; None where it takes nothing.
    operations_per_s
        What it computes in a second of sound; None where nothing.
    """

    name: str
    flash_bytes: Quantity | None = None
    ram_bytes: Quantity | None = None
    operations_per_s: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """Everything on the device.

    Parameters
    ----------
    network, runtime
        Names.
    parts
        The stack, the network first.
    """

    network: str
    runtime: Runtime
    parts: tuple[Part, ...]

    @property
    def flash_bytes(self) -> Quantity:
        """All that is flashed."""
        return _total([(part.name, part.flash_bytes) for part in self.parts], "bytes")

    @property
    def ram_bytes(self) -> Quantity:
        """All that is kept in RAM."""
        return _total([(part.name, part.ram_bytes) for part in self.parts], "bytes")

    @property
    def operations_per_s(self) -> Quantity:
        """All that is computed in a second of sound."""
        return _total([(part.name, part.operations_per_s) for part in self.parts], "OP/s")

    @property
    def left_out(self) -> tuple[Part, ...]:
        """What "16 KB" does not count: every part with bytes except the network's own flash."""
        return tuple(
            Part(part.name, None if part.name == "network" else part.flash_bytes, part.ram_bytes)
            for part in self.parts
            if part.ram_bytes or (part.flash_bytes and part.name != "network")
        )

    def __getitem__(self, name: str) -> Part:
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)


def transform_operations(samples: int) -> int:
    """Return additions and multiplications of a real Fourier transform of 2^n samples.

    Done as a complex radix-2 transform of half the length, whose n/4 log2(n/2) butterflies take ten operations each,
    and n/4 pairs of values that are taken apart with fourteen (Press et al., Numerical Recipes, section 12.3).
    """
    return round(samples / 4 * log2(samples / 2)) * 10 + samples // 4 * 14


def front_end_of(graph: Graph) -> FrontEnd | None:
    """Return what makes a network's input from sound; None for networks that look at pictures."""
    triangles = int((mel_triangles() > 0).sum())
    if graph.input_shape[0] == 1 and graph.input_shape[2] == BANDS:
        source = "the front end of this program: 30 ms every 10 ms, 40 bands"
        return FrontEnd("log-mel", FRAME, HOP, FFT, BANDS, triangles, 0, Kind.DERIVED, source)
    if graph.input_shape == (1, 49, 10):
        source = "30 ms every 20 ms follows from 49 frames a second; 40 bands below 4 kHz are assumed"
        return FrontEnd("MFCC", FRAME, 2 * HOP, FFT, BANDS, triangles, 10, Kind.ASSUMED, source)
    return None


@lru_cache(maxsize=4096)
def program_of(
    graph: Graph,
    recipe: Recipe = INT8,
    runtime: Runtime = TF_LITE_MICRO,
    decisions_per_s: float = DECISIONS_PER_S,
    planner: Planner = "by size",
    in_place: InPlace = "nothing",
) -> Program:
    """Return the stack from sound to word; kept, so that asking again takes microseconds.

    Parameters
    ----------
    graph, recipe
        Network and precision.
    runtime
        One of `explorer.engine.deployment.fit.RUNTIMES`.
    decisions_per_s
        How often the network looks.
    planner, in_place
        Choices of the memory plan.

    Raises
    ------
    ExplorerError
        When a batch norm cannot be folded.
    """
    work, plan = work_of(graph, recipe), memory_plan(graph, recipe, planner, in_place)
    weights = _bytes(work.flash_bytes, f"packed weights, scales and biases of {graph.name}, {recipe}")
    rate = decisions_per_s * work.operations
    parts = [
        Part(
            "network",
            weights,
            None if runtime.maps_weights else weights,
            Quantity(rate, "OP/s", Kind.DERIVED, f"{work.operations:,} operations x {decisions_per_s:g} a second"),
        ),
        Part(
            "activations",
            ram_bytes=_bytes(
                plan.ram_bytes, f"arena, placed {planner}, in place: {in_place}; most at {plan.peak_step}"
            ),
        ),
        Part("runtime", runtime.flash_bytes, runtime.ram_bytes),
    ]
    front_end = front_end_of(graph)
    if front_end is not None:
        parts += _sound_parts(graph, recipe, front_end, decisions_per_s)
    return Program(graph.name, runtime, tuple(parts))


def _sound_parts(graph: Graph, recipe: Recipe, front_end: FrontEnd, decisions_per_s: float) -> list[Part]:
    picture = activation_bytes(prod(graph.input_shape), recipe.activations_of(INPUT))
    samples = front_end.frame + front_end.hop
    tables = front_end.frame + front_end.fft + front_end.mel_weights + front_end.bands * front_end.coefficients
    per_frame = sum(front_end.operations_per_frame().values())
    average = DecisionSettings().average_ms / 1000
    kept = max(1, round(average * decisions_per_s))
    per_s = front_end.frames_per_s
    return [
        Part(
            "features", ram_bytes=_bytes(picture, f"the last picture, {graph.input_shape[1:]} numbers", front_end.kind)
        ),
        Part(
            "sound",
            ram_bytes=_bytes(
                SAMPLE_BYTES * samples + FLOAT_BYTES * front_end.fft,
                f"a frame and the hop that comes in, {samples} samples x 2 bytes; spectrum, {front_end.fft} x 4 bytes",
                front_end.kind,
            ),
            operations_per_s=Quantity(
                per_s * per_frame,
                "OP/s",
                front_end.kind,
                f"{front_end.name}: {per_frame:,} operations x {per_s:g} frames a second; {front_end.source}",
            ),
        ),
        Part(
            "tables",
            _bytes(
                TABLE_BYTES * tables,
                f"window, turning factors, bands and cosines, {tables} numbers x 2 bytes",
                front_end.kind,
            ),
        ),
        Part(
            "decision",
            ram_bytes=_bytes(
                FLOAT_BYTES * kept * graph.classes,
                f"scores of the last {average * 1000:g} ms, {kept} x {graph.classes} numbers x 4 bytes",
            ),
            operations_per_s=Quantity(
                decisions_per_s * kept * graph.classes,
                "OP/s",
                Kind.DERIVED,
                f"{kept * graph.classes} additions x {decisions_per_s:g} a second",
            ),
        ),
    ]


def _bytes(value: int, source: str, kind: Kind = Kind.DERIVED) -> Quantity:
    return Quantity(float(value), "bytes", kind, source)


def _total(parts: list[tuple[str, Quantity | None]], unit: str) -> Quantity:
    counted = [(name, quantity) for name, quantity in parts if quantity is not None]
    names = ", ".join(name for name, _ in counted)
    assumed = any(quantity.kind is Kind.ASSUMED for _, quantity in counted)
    kind = Kind.ASSUMED if assumed else Kind.DERIVED
    return Quantity(sum(quantity.value for _, quantity in counted), unit, kind, f"sum of {names}")
