"""Activation functions, their slopes, and what the product of slopes leaves of an error after many layers.

Backpropagation multiplies the error by one slope per layer.  The sigmoid's is at most 0.25, so that six layers pass
at most 0.25^6 = 0.00024; ReLU's is 0 or 1 (book, sections 7.2.4 and 7.8).

In numpy, to be drawn and stepped through without torch; `activations` holds the same functions as networks train with
them, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAK = 0.01  # slope of the leaky ReLU below zero
SATURATED = 0.05  # a unit is saturated where its slope is below this part of the steepest, as in the probes

_erf = np.frompyfunc(erf, 1, 1)


@dataclass(frozen=True, slots=True)
class Activation:
    """A function applied to each unit, with its slope.

    Parameters
    ----------
    name
        Its name in the book.
    formula, slope_formula
        Both as one would read them aloud.
    value, slope
        Elementwise, any shape.
    steepest
        Largest slope there is.
    """

    name: str
    formula: str
    slope_formula: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    steepest: float


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * x))  # the same as 1 / (1 + e^-x), and never overflows


def _gaussian_share(x: Array) -> Array:
    """Return the share of a normal distribution that lies below x."""
    return 0.5 * (1 + np.asarray(_erf(x / sqrt(2)), dtype=np.float64))


def _gelu_slope(x: Array) -> Array:
    return _gaussian_share(x) + x * np.exp(-0.5 * np.minimum(x * x, 1400)) / sqrt(2 * pi)


ACTIVATIONS: dict[str, Activation] = {
    a.name: a
    for a in (
        Activation(
            "sigmoid",
            "1 / (1 + e^-x)",
            "s (1 - s)",
            _sigmoid,
            lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
            0.25,
        ),
        Activation("tanh", "(e^x - e^-x) / (e^x + e^-x)", "1 - tanh(x)^2", np.tanh, lambda x: 1 - np.tanh(x) ** 2, 1.0),
        Activation(
            "relu",
            "max(0, x)",
            "1 where x > 0, else 0",
            lambda x: np.maximum(x, 0.0),
            lambda x: (x > 0).astype(np.float64),
            1.0,
        ),
        Activation(
            "leaky_relu",
            "x where x > 0, else 0.01 x",
            "1 where x > 0, else 0.01",
            lambda x: np.where(x > 0, x, LEAK * x),
            lambda x: np.where(x > 0, 1.0, LEAK),
            1.0,
        ),
        Activation(
            "gelu",
            "x P(x), where P is the share of a normal distribution below x",
            "P(x) + x p(x)",
            lambda x: x * _gaussian_share(x),
            _gelu_slope,
            1.1289,  # at x = sqrt(2)
        ),
        Activation("linear", "x", "1", lambda x: x, np.ones_like, 1.0),
    )
}


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """An activation over a range, with its derivative.

    Parameters
    ----------
    x, value, slope
        Each [points].
    steepest
        Largest slope seen in the range.
    """

    x: Array
    value: Array
    slope: Array
    steepest: float


def curve(name: str, low: float = -6.0, high: float = 6.0, points: int = 241) -> Curve:
    """Return the activation and its slope between `low` and `high`."""
    activation = ACTIVATIONS[name]
    x = np.linspace(low, high, points)
    slope = activation.slope(x)
    return Curve(x, activation.value(x), slope, float(slope.max()))


@dataclass(frozen=True, slots=True, eq=False)
class SlopeProduct:
    """What remains of an error of 1 on its way back, slopes alone (weights of 1).

    Parameters
    ----------
    inputs, slopes
        What each layer receives and how steep it is there, [layers]; the first is nearest to the input.
    products
        Product of the slopes from the last layer back to this one, [layers]; products[0] reaches the first layer.
    at_most
        The same where every layer stands at its steepest point, [layers].
    """

    inputs: Array
    slopes: Array
    products: Array
    at_most: Array


def slope_product(names: Sequence[str], x: float) -> SlopeProduct:
    """Follow one number through a chain of activations and multiply the slopes on the way back.

    Parameters
    ----------
    names
        One activation per layer.
    x
        What the first layer receives.
    """
    inputs, slopes = [], []
    h = np.array(x, dtype=np.float64)
    for name in names:
        inputs.append(float(h))
        slopes.append(float(ACTIVATIONS[name].slope(h)))
        h = ACTIVATIONS[name].value(h)
    steepest = np.array([ACTIVATIONS[name].steepest for name in names])
    back = np.array(slopes)
    return SlopeProduct(np.array(inputs), back, np.cumprod(back[::-1])[::-1], np.cumprod(steepest[::-1])[::-1])
