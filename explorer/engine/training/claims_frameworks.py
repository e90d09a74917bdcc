"""Claims of chapter 6, AI frameworks, checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.engine.deployment.claims import Finding
from explorer.engine.training.claim import Claim, check_agreement, derived, near

BOTTLENECKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks per stage of the residual networks made of bottlenecks, by number of layers (He et al. 2016, table 1)."""


def resnet_parameters(blocks: tuple[int, ...], classes: int = 1000) -> int:
    """Return the parameters of a residual network of bottlenecks, batch norm's two per channel included.

    A bottleneck is 1x1, 3x3, 1x1 convolutions without bias, the last four times as wide; the first of a stage has a
    fourth on its short cut (He et al. 2016).
    """
    total = 7 * 7 * 3 * 64 + 2 * 64
    channels = 64
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        for i in range(count):
            total += channels * width + 9 * width * width + 4 * width * width + 2 * (width + width + 4 * width)
            if i == 0:
                total += channels * 4 * width + 2 * 4 * width
            channels = 4 * width
    return total + channels * classes + classes


def check_resnet(printed_parameters: float = 25e6, more_layers_than: int = 150) -> Finding:
    """Return whether any of the networks with so many layers has the printed number of parameters (F1)."""
    counts = {layers: resnet_parameters(blocks) for layers, blocks in BOTTLENECKS.items()}
    deep = {layers: count for layers, count in counts.items() if layers > more_layers_than}
    holds = any(near(count, printed_parameters) for count in deep.values())
    closest = min(counts, key=lambda layers: abs(counts[layers] - printed_parameters))
    listed = ", ".join(f"ResNet-{layers} has {count:,}" for layers, count in counts.items())
    sentence = f"{listed}; {printed_parameters:,.0f} is nearest to ResNet-{closest}"
    return Finding(
        holds,
        sentence,
        tuple(derived(count, "parameters", f"layer by layer, ResNet-{layers}") for layers, count in counts.items()),
    )


def check_square(
    square: Callable[..., Any] = np.square, printed: Callable[[Any], Any] = lambda difference: difference**2
) -> Finding:
    """Return whether `square(printed(difference), axis=1)` runs, and is the squared error it stands for (F21).

    Parameters
    ----------
    square
        Stands in for TensorFlow's, which is not installed here and has no axis either.
    printed
        What is handed to it.
    """
    difference = np.array([[0.5, -2.0], [3.0, 1.0]])
    right, got = (difference**2).sum(), np.asarray(square(printed(difference))).sum()
    try:
        square(difference, axis=1)
        takes_axis = True
    except TypeError:
        takes_axis = False
    sentence = (
        f"for differences 0.5, −2, 3, 1 it gives {got:g}, the squared error is {right:g}; "
        f"square {'takes' if takes_axis else 'refuses'} an axis"
    )
    numbers = derived(float(got), "", "as printed, numpy"), derived(float(right), "", "sum of squares")
    return Finding(bool(got == right) and takes_axis, sentence, numbers)


CLAIMS = (
    Claim(
        "F1",
        "6.2",
        "a residual network of more than 150 layers has 25 million parameters",
        "arithmetic",
        lambda stop: check_resnet(),
    ),
    Claim(
        "F2",
        "6.3.1, 6.8",
        "TensorFlow Lite Micro needs no dynamic memory allocation",
        "the book against itself",
        lambda stop: check_agreement(
            (("who manages memory", "no dynamic allocation", "managed dynamically by the interpreter"),)
        ),
    ),
    Claim(
        "F3",
        "6.8, 6.9",
        "what TensorFlow Lite and Lite Micro can do",
        "the book against itself",
        lambda stop: check_agreement(
            (
                ("arithmetic of Lite Micro", "floating point", "native quantization"),
                ("training in Lite", "no", "select operations"),
                ("base memory of Lite Micro", "20 KB", "20 KB"),
            )
        ),
    ),
    Claim(
        "F21",
        "Fig. 6.8",
        "square(difference**2, axis=1) is the squared error",
        "arithmetic",
        lambda stop: check_square(),
    ),
)
