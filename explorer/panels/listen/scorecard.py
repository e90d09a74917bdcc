"""The book's specification of keyword spotting as a scorecard: what it asks for, what was measured, passed or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.engine.intervals import median_interval
from explorer.engine.kws.frontend import BANDS, FFT, FRAME, FRAMES, RATE_HZ, mel_triangles
from explorer.engine.kws.scoring import StreamScore
from explorer.engine.nn.cost import flash_bytes, macs
from explorer.engine.nn.liveness import peak_activations
from explorer.engine.nn.network import Network
from explorer.engine.quantity import Kind, Quantity
from explorer.panels.listen.cards import human_figures

ACCURACY, RESPONSE_MS, BUDGET_BYTES, CLOCK_MHZ = 0.98, 200.0, 16_384, 300.0
"""Section 5.2: 98 %, 200 ms, 16 KB, "a few hundred MHz" (300 is our reading of it)."""
SECTION = "5.2"


class Verdict(Enum):
    """What a row comes to."""

    PASSED = "passed"
    NOT_PASSED = "not passed"
    UNKNOWN = "not measured yet"
    IMPOSSIBLE = "cannot be measured here"
    NO_LIMIT = "no limit given"


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement.

    Parameters
    ----------
    key
        "accuracy", "response", "size", "false alarms", "clock" or "power".
    value
        What was measured, derived or cited; None where there is nothing.
    verdict
        Passed or not.
    """

    key: str
    value: Quantity | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Memory that "16 KB" does not count.

    Parameters
    ----------
    key
        "weights" (counted), "activations", "features", "sound", "tables".
    count
        Bytes.
    formula
        How it comes about.
    counted
        Whether the specification counts it.
    """

    key: str
    count: int
    formula: str
    counted: bool = False


def scorecard(network: Network, responses_ms: Sequence[float], stream: StreamScore | None, hop_ms: float) -> list[Row]:
    """Judge a network by the specification.

    Parameters
    ----------
    network
        The network in use.
    responses_ms
        From the end of a word to its answer, as measured here, one per word.
    stream
        How labelled sound was recognised; None when none was heard.
    hop_ms
        Time between two looks of the network.
    """
    return [
        accuracy_row(network),
        _response_row(responses_ms),
        _at_most(
            "size",
            float(flash_bytes(network.graph)),
            "bytes",
            BUDGET_BYTES,
            "weights packed to 8 bits, scales, zero points, int32 biases",
        ),
        _false_alarm_row(stream),
        _at_most(
            "clock",
            macs(network.graph) * 1000.0 / hop_ms / 1e6,
            "MHz",
            CLOCK_MHZ,
            f"{macs(network.graph):,} multiply-accumulates x {1000 / hop_ms:g} per second, one per cycle",
        ),
        Row("power", None, Verdict.IMPOSSIBLE),
    ]


def accuracy_row(network: Network) -> Row:
    """Judge accuracy on human voices alone, by the card's larger set; synthetic voices never pass it."""
    figures = human_figures(network.card)
    if not figures:
        return Row("accuracy", None, Verdict.UNKNOWN)
    best = figures[0]
    value = Quantity(
        best.accuracy,
        "fraction",
        Kind.CITED,
        f"model card of {network.name}: {best.set_name}",
        best.low,
        best.high,
        best.clips,
    )
    return Row("accuracy", value, Verdict.PASSED if best.accuracy >= ACCURACY else Verdict.NOT_PASSED)


def memory_beside(network: Network) -> list[LeftOut]:
    """Return what a device needs beside the weights, in bytes, at 8 bits an activation."""
    activations, layer = peak_activations(network.graph)
    weights = flash_bytes(network.graph)
    used = int((mel_triangles() > 0).sum())
    return [
        LeftOut("weights", weights, f"{weights:,} bytes: the file that is flashed", counted=True),
        LeftOut("activations", activations, f"most kept at once, at {layer}: {activations:,} numbers x 1 byte"),
        LeftOut("features", FRAMES * BANDS, f"{FRAMES} frames x {BANDS} bands x 1 byte"),
        LeftOut(
            "sound",
            2 * FRAME + 4 * FFT,
            f"one frame, {FRAME} samples x 2 bytes, and its spectrum, {FFT} numbers x 4 bytes",
        ),
        LeftOut(
            "tables", 2 * FRAME + 2 * used, f"window, {FRAME} numbers, and mel triangles, {used} numbers, x 2 bytes"
        ),
    ]


def second_of_sound_bytes() -> int:
    """Return what a second of 16-bit sound takes, for a device that keeps sound and not features."""
    return 2 * RATE_HZ


def _response_row(responses_ms: Sequence[float]) -> Row:
    if not responses_ms:
        return Row("response", None, Verdict.UNKNOWN)
    middle, low, high = median_interval(list(responses_ms))
    value = Quantity(
        middle,
        "ms",
        Kind.MEASURED,
        "median from the end of the word to the decision; device and display not measured",
        low,
        high,
        len(responses_ms),
    )
    return Row("response", value, Verdict.PASSED if middle <= RESPONSE_MS else Verdict.NOT_PASSED)


def _at_most(key: str, value: float, unit: str, limit: float, source: str) -> Row:
    return Row(
        key, Quantity(value, unit, Kind.DERIVED, source), Verdict.PASSED if value <= limit else Verdict.NOT_PASSED
    )


def _false_alarm_row(stream: StreamScore | None) -> Row:
    if stream is None or not stream.exposure_s:
        return Row("false alarms", None, Verdict.UNKNOWN)
    low, high = stream.false_alarm_interval
    value = Quantity(
        stream.false_alarms_per_hour,
        "per hour",
        Kind.MEASURED,
        f"{stream.false_alarms} in {stream.exposure_s / 60:.1f} min of labelled sound",
        low,
        high,
        stream.words,
    )
    return Row("false alarms", value, Verdict.NO_LIMIT)
