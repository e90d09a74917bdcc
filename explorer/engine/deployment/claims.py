"""Claims of the book, checked: what is printed, and what the numbers of the same page or of this network say.

A claim holds, does not hold, or cannot be decided; none of the three is written down here, all are computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from explorer.engine.deployment.fit import MOBILENET_V2, MOBILENET_V2_INT8, RESNET_50, Footprint
from explorer.engine.deployment.profile import Profile
from explorer.engine.quantity import Kind, Quantity

_AS_PRINTED = 0.05  # a ratio printed with two digits is right within this share


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Parameters
    ----------
    holds
        True, False, or None where the numbers do not decide it.
    sentence
        The numbers in words.
    numbers
        The numbers themselves, with their sources.
    """

    holds: bool | None
    sentence: str
    numbers: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One printed statement and its check.

    Parameters
    ----------
    where
        Place in the book.
    printed
        What is printed there, in short.
    check
        Computes the finding from the numbers.
    """

    where: str
    printed: str
    check: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class AcceleratorRow:
    """One row of Figure 8.6: milliseconds per inference without and with an Edge TPU."""

    model: str
    desktop_ms: float
    desktop_tpu_ms: float
    embedded_ms: float
    embedded_tpu_ms: float

    @property
    def speedups(self) -> tuple[float, float]:
        """How many times faster the Edge TPU is than the desktop and than the embedded processor."""
        return self.desktop_ms / self.desktop_tpu_ms, self.embedded_ms / self.embedded_tpu_ms


# Desktop: Xeon E5-1650 v4 with a USB accelerator; embedded: four Cortex-A53 with the accelerator on the same board.
EDGE_TPU = (
    AcceleratorRow("MobileNet v1", 47, 2.2, 179, 2.2),
    AcceleratorRow("MobileNet v2", 45, 2.3, 150, 2.5),
    AcceleratorRow("Inception v1", 92, 3.6, 406, 3.9),
    AcceleratorRow("Inception v4", 792, 100, 3463, 100),
)
EDGE_TPU_LOW, EDGE_TPU_HIGH = 70.0, 100.0


def check_edge_tpu(rows: Sequence[AcceleratorRow] = EDGE_TPU) -> Finding:
    """Return how many speed-ups of the table lie where the text puts them."""
    desktop, embedded = zip(*(row.speedups for row in rows), strict=True)
    both = (*desktop, *embedded)
    inside = sum(EDGE_TPU_LOW <= each <= EDGE_TPU_HIGH for each in both)
    sentence = (
        f"{inside} of {len(both)} speed-ups of the table lie between {EDGE_TPU_LOW:g} and {EDGE_TPU_HIGH:g}×: "
        f"{min(desktop):.1f} to {max(desktop):.1f}× over the desktop processor, "
        f"{min(embedded):.1f} to {max(embedded):.1f}× over the embedded one"
    )
    numbers = tuple(
        Quantity(each, "times", Kind.DERIVED, f"Figure 8.6, {row.model}, {against} processor")
        for row in rows
        for each, against in zip(row.speedups, ("desktop", "embedded"), strict=True)
    )
    return Finding(inside == len(both), sentence, numbers)


def check_ratio(printed: float, larger: Quantity, smaller: Quantity) -> Finding:
    """Return whether a printed ratio is that of the two numbers beside it."""
    ratio = larger.value / smaller.value
    number = Quantity(ratio, "times", Kind.DERIVED, f"{larger.source} / {smaller.source}")
    sentence = f"printed {printed:,.0f}×, computed {ratio:,.0f}×"
    return Finding(abs(math.log(ratio / printed)) <= math.log1p(_AS_PRINTED), sentence, (number,))


def check_range(printed: float, least: float, most: float, smaller: Quantity) -> Finding:
    """Return whether a printed ratio is possible when the larger number is only known to lie in a range."""
    low, high = least / smaller.value, most / smaller.value
    numbers = tuple(Quantity(each, "times", Kind.DERIVED, smaller.source) for each in (low, high))
    return Finding(low <= printed <= high, f"printed {printed:,.0f}×, possible {low:,.0f} to {high:,.0f}×", numbers)


def check_int8(small: Footprint, large: Footprint, profile: Profile) -> Finding:
    """Return whether int8 alone, a quarter of the bytes, makes a network fit."""
    shrunk = large.flash_bytes.value / small.flash_bytes.value
    over = small.ram_bytes.value / profile.ram_bytes.value, small.flash_bytes.value / profile.flash_bytes.value
    fits = max(over) <= 1
    sentence = (
        f"{shrunk:.1f}× smaller, and {'it fits' if fits else 'still over'}: "
        f"{over[0]:.1f}× the RAM and {over[1]:.1f}× the flash of {profile.title}"
    )
    numbers = tuple(Quantity(each, "times", Kind.DERIVED, small.ram_bytes.source) for each in (shrunk, *over))
    return Finding(abs(shrunk - 4) <= 4 * _AS_PRINTED and not fits, sentence, numbers)


def book_claims(profiles: Mapping[str, Profile]) -> tuple[Claim, ...]:
    """Return the claims of Figure 2.3 and section 8.5 that the book's own numbers can decide.

    Parameters
    ----------
    profiles
        The shipped ones: those of Figure 2.3 among them.
    """
    cloud, mobile, tiny = (profiles[key] for key in ("v100", "iphone-11", "stm32f746"))
    figure = "Figure 2.3"
    return (
        Claim(
            figure,
            "a cloud accelerator has 4× the memory of a phone",
            lambda: check_ratio(4, cloud.ram_bytes, mobile.ram_bytes),
        ),
        Claim(
            figure,
            "a phone has 3100× the memory of a microcontroller",
            lambda: check_ratio(3100, mobile.ram_bytes, tiny.ram_bytes),
        ),
        Claim(
            figure,
            "a data centre has 1000× the storage of a phone",
            lambda: check_range(1000, 1e12, 1e15, mobile.flash_bytes),
        ),
        Claim(
            figure,
            "a phone has 64000× the storage of a microcontroller",
            lambda: check_ratio(64000, mobile.flash_bytes, tiny.flash_bytes),
        ),
        Claim(
            figure,
            "int8 makes MobileNetV2 4× smaller, which is not enough for a microcontroller",
            lambda: check_int8(MOBILENET_V2_INT8, MOBILENET_V2, tiny),
        ),
        Claim(
            figure,
            "ResNet-50 needs more memory than MobileNetV2",
            lambda: _more(RESNET_50.ram_bytes, MOBILENET_V2.ram_bytes),
        ),
        Claim("section 8.5", "the Edge TPU is 70 to 100× faster than a processor", check_edge_tpu),
    )


def _more(larger: Quantity, smaller: Quantity) -> Finding:
    sentence = f"{larger.value / 1e6:g} MB and {smaller.value / 1e6:g} MB: {larger.value / smaller.value:.2f}×"
    return Finding(larger.value > smaller.value, sentence, (larger, smaller))
