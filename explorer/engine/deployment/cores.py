"""Processor cores: what is known of one before anybody has run a network on it.

Two facts carry a prediction from measured cores to others: what its instruction set does with a multiply-accumulate,
and its CoreMark per MHz, the customary measure of how much work a core does in a clock cycle (EEMBC).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Arithmetic = Literal["scalar", "packed", "vector", "array", "float", "library"]

# Multiply-accumulates in the time of a scalar one, as far as the instruction set says; "library" is floating-point
# arithmetic in software, some tens of instructions each.
MACS_PER_SCALAR_MAC: dict[Arithmetic, float] = {
    "scalar": 1,
    "packed": 2,
    "vector": 8,
    "array": 64,
    "float": 1,
    "library": 0.1,
}


@dataclass(frozen=True, slots=True)
class Core:
    """A processor core.

    Parameters
    ----------
    integer
        How it multiplies 8-bit integers: one at a time, packed in a register (SMLAD), in vectors (Helium), or in an
        array of multipliers (neural processor).
    floats
        Whether it has a floating-point unit.
    coremark_per_mhz
        As listed in `COREMARK_SOURCE`; None where no figure was found.
    """

    integer: Arithmetic
    floats: bool
    coremark_per_mhz: float | None = None


COREMARK_SOURCE = "table of cores in github.com/sochub/Level; Cortex-M0+: Arm, quoted at electronics.stackexchange.com"

CORES: dict[str, Core] = {
    "Cortex-M0+": Core("scalar", floats=False, coremark_per_mhz=2.46),
    "Cortex-M23": Core("scalar", floats=False, coremark_per_mhz=2.64),
    "Cortex-M3": Core("scalar", floats=False, coremark_per_mhz=3.45),
    "Cortex-M4": Core("packed", floats=False, coremark_per_mhz=3.54),
    "Cortex-M4F": Core("packed", floats=True, coremark_per_mhz=3.54),
    "Cortex-M33": Core("packed", floats=True, coremark_per_mhz=4.10),
    "Cortex-M7": Core("packed", floats=True, coremark_per_mhz=5.29),
    "Cortex-M55": Core("vector", floats=True, coremark_per_mhz=4.40),
    "Cortex-M85": Core("vector", floats=True, coremark_per_mhz=6.28),
    "RH850 G3KH": Core("scalar", floats=True),
    "RISC-V AX45MP": Core("packed", floats=True),
    "Syntiant Core 2 NPU": Core("array", floats=False),
    "Qualcomm Sensing Hub": Core("array", floats=False),
    "Xtensa LX7": Core("vector", floats=True, coremark_per_mhz=2.56),
}
