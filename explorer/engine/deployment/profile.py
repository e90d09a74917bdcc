"""A profile: one place a network can run, as numbers that each say where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, get_args

from explorer.engine.deployment.cores import CORES
from explorer.engine.quantity import Quantity

Tier = Literal["cloud", "edge", "mobile", "tiny"]
TIERS: tuple[Tier, ...] = get_args(Tier)

# Weights and activations share the format; "int8" is what every accelerator and kernel library means by it.
PRECISIONS = ("float32", "float16", "bfloat16", "int16", "int8", "int4", "int2", "binary")


class Support(Enum):
    """How a device runs one precision; never by borrowing the peak of another."""

    NATIVE = "native"
    EMULATED = "emulated"
    NOT_SUPPORTED = "not supported"


@dataclass(frozen=True, slots=True)
class Price:
    """What a device or an hour of it costs, on a day.

    Parameters
    ----------
    amount
        In `unit` "USD" (bought once) or "USD/h" (rented); the currency is that of the unit.
    date
        ISO date on which it was read: prices age.
    """

    amount: Quantity
    date: str

    @property
    def per_hour(self) -> bool:
        """Whether it is rented rather than bought."""
        return self.amount.unit.endswith("/h")


@dataclass(frozen=True, slots=True)
class Profile:
    """One place a network can run: processor, memories, software, power and price.

    Parameters
    ----------
    key
        Stem of its file; names it on the command line.
    title
        As printed.
    tier
        Cloud, edge, mobile or tiny.
    core
        Processor core or accelerator, as published results name it: "Cortex-M4F".
    software
        Inference software: the same board is three times slower with another one.
    board
        Name in published results, or empty when nobody published one.
    supply
        Voltage and boundary of its power figures, in words.
    radios
        What can leave the device, in words: "Wi-Fi 4", "Bluetooth LE".
    clock_mhz
        Of the core, MHz.
    ram_bytes, flash_bytes
        Where activations live, and where the program and its weights do (flash; disk where there is no flash).
    bandwidth_bytes_per_s
        To the memory that holds the weights.
    peak_macs_per_s
        Precision -> multiply-accumulates a second that the arithmetic units could do; only what is published or
        follows from the instruction set is listed.
    emulated
        Precision -> how it runs all the same ("unpacked to int8 first").  What is in neither mapping does not run.
    layer_overhead_s
        Fixed time per layer: interpreter, or kernel launch.
    active_power_w, idle_power_w
        While it computes, and between inferences with memory kept.
    battery_wh
        Of the battery it has, watt hours.
    price
        With its date.
    """

    key: str
    title: str
    tier: Tier
    core: str
    software: str
    clock_mhz: Quantity | None
    ram_bytes: Quantity
    flash_bytes: Quantity
    bandwidth_bytes_per_s: Quantity | None = None
    peak_macs_per_s: Mapping[str, Quantity] = field(default_factory=dict, hash=False)
    emulated: Mapping[str, str] = field(default_factory=dict, hash=False)
    layer_overhead_s: Quantity | None = None
    active_power_w: Quantity | None = None
    idle_power_w: Quantity | None = None
    battery_wh: Quantity | None = None
    price: Price | None = None
    board: str = ""
    supply: str = ""
    radios: tuple[str, ...] = ()

    def support(self, precision: str) -> tuple[Support, str]:
        """Return how this device runs a precision, and why, in a few words."""
        if precision in self.peak_macs_per_s:
            return Support.NATIVE, self.peak_macs_per_s[precision].source
        if precision in self.emulated:
            return Support.EMULATED, self.emulated[precision]
        core = CORES.get(self.core)
        if core is not None and not self.peak_macs_per_s and not self.emulated:  # a profile that says no more than that
            if precision == "int8":
                return Support.NATIVE, f"{self.core}: {core.integer} arithmetic"
            if precision == "float32":
                unit = "has a floating-point unit" if core.floats else "has none: every product is a library call"
                return Support.NATIVE if core.floats else Support.EMULATED, f"{self.core} {unit}"
        known = ", ".join((*self.peak_macs_per_s, *self.emulated))
        if core is None and not known:
            return Support.NOT_SUPPORTED, f"nothing is known of a {self.core}: list what it has under [peak]"
        return (
            Support.NOT_SUPPORTED,
            f"{self.title} has no {precision} units and no kernels; it has {known or 'int8, float32'}",
        )

    def quantities(self) -> dict[str, Quantity]:
        """Return every number of the profile by name, for the table of sources."""
        found = {
            name: value
            for name in (
                "clock_mhz", "ram_bytes", "flash_bytes", "bandwidth_bytes_per_s", "layer_overhead_s",
                "active_power_w", "idle_power_w", "battery_wh",
            )
            if (value := getattr(self, name)) is not None
        }  # fmt: skip
        found |= {f"peak_macs_per_s.{precision}": value for precision, value in self.peak_macs_per_s.items()}
        if self.price is not None:
            found["price"] = self.price.amount
        return found
