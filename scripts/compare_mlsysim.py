"""Compare predictions with those of mlsysim 0.3.0 (mlsysbook.ai), on the published results that both can predict.

mlsysim is no dependency: install it into an environment of its own and run this there::

    python -m venv compare && compare/bin/pip install mlsysim==0.3.0
    PYTHONPATH=. compare/bin/python scripts/compare_mlsysim.py

Each result on a microcontroller is predicted without its board: here by the fit to all other boards; by mlsysim on the
device of its registry that is most like the board, its time scaled by the ratio of the clocks.  Both get the same
parameters and operations.  Neural processors are left out: its registry has none of this size.
"""

from __future__ import annotations

import math
import warnings

import mlsysim
import numpy as np
from mlsysim.models.types import CNNWorkload

from explorer.engine.deployment.cost import work_of
from explorer.engine.deployment.validation import boards_left_out, is_microcontroller
from explorer.engine.nn.networks import TOPOLOGIES

# core -> entry of the registry with the same or the most similar arithmetic, and why
NEAREST = {
    "Cortex-M4F": ("nRF52840", "the same core"),
    "Cortex-M33": ("nRF52840", "the same packed products"),
    "Cortex-M7": ("nRF52840", "the same packed products"),
    "Cortex-M0+": ("nRF52840", "the smallest core there is"),
    "Cortex-M85": ("ESP32_S3", "vectors of 8-bit products"),
    "RH850 G3KH": ("LockstepSafetyMCU_Reference", "a microcontroller for cars"),
    "RISC-V AX45MP": ("LockstepSafetyMCU_Reference", "nearest clock"),
}
PRECISION = {"int8": "int8", "float32": "fp32"}


def mlsysim_ms(core: str, clock_mhz: float, network: str, precision: str) -> float:
    """Return what mlsysim says, scaled to the clock, in milliseconds."""
    device = getattr(mlsysim.Hardware.Tiny, NEAREST[core][0])
    work = work_of(TOPOLOGIES[network]())
    model = CNNWorkload(
        name=network,
        architecture="CNN",
        parameters=mlsysim.Q_(work.parameters, "param"),
        inference_flops=mlsysim.Q_(2 * work.macs, "flop"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says when a precision falls back to another one's peak
        found = mlsysim.Engine.solve(model, device, precision=PRECISION[precision])
    return float(found.latency.to("ms").magnitude) * float(device.compute.clock_rate.to("MHz").magnitude) / clock_mhz


def main() -> None:
    """Print the errors of both, result by result and together."""
    ours, theirs, known = [], [], []
    print(f"{'core':15}{'software':20}{'':9}{'network':17}{'published':>10}{'here':>10}{'mlsysim':>10}")
    for score in boards_left_out():
        row = score.row
        if not is_microcontroller(row) or row.clock_mhz is None:
            continue
        other_ms = mlsysim_ms(row.core, row.clock_mhz, row.network, row.precision)
        ours.append(score.error_factor)
        theirs.append(math.exp(abs(math.log(other_ms / row.latency_ms))))
        known.append(score.setting == "another board")
        times = f"{row.latency_ms:10.4g}{score.predicted_ms:10.4g}{other_ms:10.4g}"
        print(f"{row.core:15}{row.software:20}{row.precision:9}{row.network:17}{times}")
    seen = np.array(known)
    for group, chosen in (("software known from another board", seen), ("new software", ~seen), ("all", seen | ~seen)):
        for name, errors in (("here", ours), ("mlsysim", theirs)):
            some = np.array(errors)[chosen]
            print(f"{group}, n = {len(some)}: {name:8} median {np.median(some):.2f}, worst {some.max():.2f}")


if __name__ == "__main__":
    main()
