"""Activations: the nonlinearity after each layer, with its slope, which is what backpropagation multiplies by.

Through L layers the error is multiplied by L slopes; the largest slope of a sigmoid is 0.25, so six of them let at
most 0.25^6 = 0.02 % pass (textbook, chapter "AI Training", activation functions).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

LEAK = 0.01
"""Slope of the leaky ReLU below zero."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A function of one number and its derivative.

    Parameters
    ----------
    name
        As chosen by a person.
    value
        a = f(z), elementwise.
    slope
        df/dz from z and a = f(z); some are cheaper from a.
    largest_slope
        The most that one such layer passes of an error.
    """

    name: str
    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor, Tensor], Tensor]
    largest_slope: float


def _gelu_slope(z: Tensor, a: Tensor) -> Tensor:
    """Return Phi(z) + z phi(z), with Phi and phi the normal distribution and its density."""
    return 0.5 * (1 + torch.erf(z / math.sqrt(2))) + z * torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation("linear", lambda z: z, lambda z, a: torch.ones_like(z), 1.0),
        Activation("sigmoid", torch.sigmoid, lambda z, a: a * (1 - a), 0.25),
        Activation("tanh", torch.tanh, lambda z, a: 1 - a * a, 1.0),
        Activation("relu", torch.relu, lambda z, a: (z > 0).to(z.dtype), 1.0),
        Activation(
            "leaky_relu",
            lambda z: torch.nn.functional.leaky_relu(z, LEAK),
            lambda z, a: torch.where(z > 0, 1.0, LEAK).to(z.dtype),
            1.0,
        ),
        Activation("gelu", torch.nn.functional.gelu, _gelu_slope, 1.1289),
    )
}
"""All of them by name; "linear" is none: stacked linear layers stay one line."""
