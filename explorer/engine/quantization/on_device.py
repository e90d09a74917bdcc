"""On a device: the bytes it would flash, the time a kernel takes, and the bits its accumulators need.

Three things that are often taken for one: fewer bits always shrink storage; they change time only where a machine has a
kernel for them; and the sums need more bits than what is summed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from explorer.engine.quantization.accumulators import (
    Accumulators,
    Overflowed,
    accumulator_bits,
    in_integers,
    overflowed,
)
from explorer.engine.quantization.calibration import Calibration, calibration_pictures
from explorer.engine.quantization.export import to_onnx
from explorer.engine.quantization.packing import flash_image, sparse_bytes
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.engine.quantization.timing import KernelTime, has_kernel, inference_time

CLIPS = 8
RUNS = 200
ACCUMULATORS = (32, 24, 16)
"""Widths of accumulators that processors for signals have."""


@dataclass(frozen=True, slots=True)
class OnDevice:
    """What one setting takes.

    Parameters
    ----------
    dense_bytes, sparse_bytes
        Of the flash image with pruned weights stored, and left out with an index in their place; the second is None
        where nothing is pruned.
    onnx_bytes
        Of the exported file, with the description of its nodes.
    float_time
        One second of sound through the float network, on this machine.
    own_time
        The same through the setting's own widths; None where this machine has no kernel for them.
    pruned_time
        The same through the float network with the same weights set to zero; None where nothing is pruned.
    accumulators, narrow
        Bits of the sums, and what happens with fewer; None where the widths are not for integers.
    """

    dense_bytes: int
    sparse_bytes: int | None
    onnx_bytes: int
    float_time: KernelTime
    own_time: KernelTime | None
    pruned_time: KernelTime | None
    accumulators: Accumulators | None
    narrow: Overflowed | None


def on_device(
    quantizer: NetworkQuantizer,
    recipe: Recipe,
    calibration: Calibration | None,
    bits: int,
    report: Callable[[float, str], None],
    stop: threading.Event | None = None,
) -> OnDevice:
    """Measure what a setting takes.

    Parameters
    ----------
    quantizer
        The network.
    recipe, calibration
        The setting, and the statistics of its activations.
    bits
        Width of the accumulators that are tried.
    report
        Called with the share that is done, and what is done next.
    stop
        Ends the measurement.

    Raises
    ------
    ExplorerError
        When it was stopped, or the recipe does not fit the network.
    """
    report(0.0, "counting bytes")
    quantized = quantizer.quantize(recipe, calibration)
    model = to_onnx(quantized)
    dense, sparse = len(flash_image(quantized)), sparse_bytes(quantized) if recipe.pruned else None
    sums = narrow = None
    if in_integers(quantized):
        report(0.1, "adding in integers")
        pictures = calibration_pictures()
        few = pictures[:: max(1, len(pictures) // CLIPS)][:CLIPS]
        sums, narrow = accumulator_bits(quantized, few), overflowed(quantized, few, bits)
    report(0.5, "timing float32")
    float_time = inference_time(to_onnx(quantizer.quantize(FLOAT)), RUNS, stop)
    report(0.7, "timing this setting")
    own_time = inference_time(model, RUNS, stop) if has_kernel(quantized) and recipe != FLOAT else None
    pruned_time = None
    if recipe.pruned:
        zeros = replace(FLOAT, pruned=recipe.pruned, pruning=recipe.pruning)
        pruned_time = inference_time(to_onnx(quantizer.quantize(zeros)), RUNS, stop)
    return OnDevice(dense, sparse, len(model), float_time, own_time, pruned_time, sums, narrow)
