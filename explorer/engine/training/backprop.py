"""Backpropagation, one product at a time: forward values, then the error's way back, finite differences beside.

L_i = W_i A_(i-1),  A_i = f(L_i),  loss = sum (A_n - y)^2 (book, section 7.2.4).  Back to front every product is a
matrix times a vector; front to back it would be a matrix times a matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.training.slopes import ACTIVATIONS
from explorer.engine.training.variance import he_variance

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DenseChain:
    """A fully connected network without biases, as in the book's example 100 -> 30 -> 1.

    Parameters
    ----------
    weights
        W_1 .. W_n, each [units out, units in].
    activations
        Name of f in each layer.
    """

    weights: tuple[Array, ...]
    activations: tuple[str, ...]

    def __post_init__(self) -> None:
        fits = all(a.shape[0] == b.shape[1] for a, b in pairwise(self.weights))
        if not fits or len(self.activations) != len(self.weights):
            raise ExplorerError("The layers do not fit together: each needs as many inputs as the one before gives.")

    @staticmethod
    def draw(sizes: Sequence[int], activation: str = "relu", last: str = "linear", seed: int = 1) -> DenseChain:
        """Return a network with He's initialisation; `sizes` counts the units from input to output."""
        generator = np.random.default_rng(seed)
        pairs = list(pairwise(sizes))
        weights = tuple(generator.normal(0, np.sqrt(he_variance(n)), (o, n)) for n, o in pairs)
        return DenseChain(weights, (activation,) * (len(pairs) - 1) + (last,))


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One line of the calculation.

    Parameters
    ----------
    name
        What is computed: "L1", "A1", "loss", "dloss/dL2", ...
    of
        The value that a gradient belongs to, "L2" in "dloss/dL2"; empty in the forward pass.
    direction
        "forward", or "backward".
    formula
        With the names of its parts.
    words
        The same, to be read aloud.
    shapes
        "(30, 100) times (100,) gives (30,)".
    value
        The result.
    multiplications
        How many it costs.
    """

    name: str
    of: str
    direction: Literal["forward", "backward"]
    formula: str
    words: str
    shapes: str
    value: Array
    multiplications: int


def steps(net: DenseChain, x: Array, y: Array) -> list[Step]:
    """Return the whole calculation in order: forward to the loss, then back to the first layer's weights.

    Parameters
    ----------
    net
        The network.
    x, y
        One example: input [n_0] and target [n_last].
    """
    values = forward(net, x, y)
    return _forward_steps(net, values) + _backward_steps(net, values, y)


def forward(net: DenseChain, x: Array, y: Array, instead: dict[str, Array] | None = None) -> dict[str, Array]:
    """Return every value of the forward pass by name; those in `instead` are put in the place of what was computed."""
    values = {"A0": x} | {f"W{i}": w for i, w in enumerate(net.weights, 1)} | (instead or {})
    for i, name in enumerate(net.activations, 1):
        values.setdefault(f"L{i}", values[f"W{i}"] @ values[f"A{i - 1}"])
        values.setdefault(f"A{i}", ACTIVATIONS[name].value(values[f"L{i}"]))
    values["loss"] = np.array(np.sum((values[f"A{len(net.weights)}"] - y) ** 2))
    return values


def finite_differences(net: DenseChain, x: Array, y: Array, of: str, step: float = 1e-5) -> Array:
    """Return the gradient of the loss with respect to the value named `of`, by moving each of its entries a little.

    (loss(v + step) - loss(v - step)) / (2 step): two forward passes for every entry, where backpropagation needs about
    as much as two for all entries together.

    Parameters
    ----------
    net, x, y
        As for `steps`.
    of
        "W1", "L2", "A0", ...
    step
        Too large cuts the curve short, too small drowns in rounding.
    """
    around = forward(net, x, y)[of]
    gradient = np.empty_like(around)
    for index in np.ndindex(around.shape):
        losses = []
        for move in (step, -step):
            moved = around.copy()
            moved[index] += move
            losses.append(float(forward(net, x, y, {of: moved})["loss"]))
        gradient[index] = (losses[0] - losses[1]) / (2 * step)
    return gradient


def order_costs(sizes: Sequence[int]) -> tuple[int, int]:
    """Return multiplications for the error at the input, back to front and front to back.

    Back to front every W^T multiplies a vector.  Front to back the Jacobian of all inputs is carried along: a matrix
    times a matrix per layer, unless there is one input only.  Slopes cost one multiplication a unit, or one per unit
    and input.
    """
    pairs = list(pairwise(sizes))
    back = sum(n * o + o for n, o in pairs)
    first_in, first_out = pairs[0]
    front = first_in * first_out + sum(o * n * first_in + o * first_in for n, o in pairs[1:]) + sizes[-1] * first_in
    return back, front


def _forward_steps(net: DenseChain, values: dict[str, Array]) -> list[Step]:
    lines = []
    for i, f in enumerate(net.activations, 1):
        w, before, total = values[f"W{i}"], values[f"A{i - 1}"], values[f"L{i}"]
        words = f"the weights of layer {i} times what the layer before gave"
        lines.append(_product(f"L{i}", "", f"L{i} = W{i} A{i - 1}", words, w, before, total, w.size, "forward"))
        lines.append(
            Step(
                f"A{i}",
                "",
                "forward",
                f"A{i} = {f}(L{i})",
                f"{f} of each sum: {ACTIVATIONS[f].formula}",
                f"{total.shape} stays {total.shape}",
                values[f"A{i}"],
                0,
            )
        )
    n = len(net.weights)
    out = values[f"A{n}"]
    words = "the squared distance from the target, summed"
    lines.append(
        Step(
            "loss",
            "",
            "forward",
            f"loss = sum (A{n} - y)^2",
            words,
            f"{out.shape} gives one number",
            values["loss"],
            out.size,
        )
    )
    return lines


def _backward_steps(net: DenseChain, values: dict[str, Array], y: Array) -> list[Step]:
    n = len(net.weights)
    error = 2 * (values[f"A{n}"] - y)
    words = "twice the distance from the target"
    shape = f"{error.shape} stays {error.shape}"
    lines = [Step(f"dloss/dA{n}", f"A{n}", "backward", f"2 (A{n} - y)", words, shape, error, error.size)]
    for i in range(n, 0, -1):
        f, w, before = net.activations[i - 1], values[f"W{i}"], values[f"A{i - 1}"]
        error = error * ACTIVATIONS[f].slope(values[f"L{i}"])
        words = f"the error of each unit times the slope of its {f}: {ACTIVATIONS[f].slope_formula}"
        shape = f"{error.shape} times {error.shape}, unit by unit, stays {error.shape}"
        formula = f"dloss/dA{i} * {f}'(L{i})"
        lines.append(Step(f"dloss/dL{i}", f"L{i}", "backward", formula, words, shape, error, error.size))
        words = "the error of each unit times each of its inputs: the gradient has the shape of the weights"
        outer = np.outer(error, before)
        formula = f"dloss/dL{i} A{i - 1}^T"
        lines.append(_product(f"dloss/dW{i}", f"W{i}", formula, words, error[:, None], before[None], outer, w.size))
        words = "the error goes back along the weights: the turned weights times the error"
        back = w.T @ error
        formula = f"W{i}^T dloss/dL{i}"
        lines.append(_product(f"dloss/dA{i - 1}", f"A{i - 1}", formula, words, w.T, error, back, w.size))
        error = back
    return lines


def _product(
    name: str,
    of: str,
    formula: str,
    words: str,
    left: Array,
    right: Array,
    value: Array,
    multiplications: int,
    direction: Literal["forward", "backward"] = "backward",
) -> Step:
    shapes = f"{left.shape} times {right.shape} gives {value.shape}"
    return Step(name, of, direction, formula, words, shapes, value, multiplications)
