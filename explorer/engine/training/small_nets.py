"""Small networks with every step written out: forward, then backward beside it.

Each layer computes y = f(x) and, given dL/dy, returns dL/dx and writes the gradients of its own weights.  That is all
of backpropagation: layers forward in order, then backward in reverse order.  Nothing here uses automatic
differentiation; the tests compare each layer with finite differences.

All weights lie in one long row, all biases in another, and each parameter is a view into them: an optimizer and the
probes then touch two tensors, not twenty, which is what makes thousands of steps a second possible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from explorer.engine.errors import ExplorerError
from explorer.engine.training.activations import ACTIVATIONS, Activation
from explorer.engine.training.initialisation import draw_weights

Round = Callable[[Tensor], Tensor]


def keep(x: Tensor) -> Tensor:
    """Round to the format computed in: not at all."""
    return x


@dataclass(frozen=True, slots=True)
class NetSpec:
    """Topology and first weights of a small network.

    Parameters
    ----------
    widths
        Units per layer from input to output: (2, 8, 8, 2); two numbers make a perceptron.
    activation, output_activation
        After each hidden layer, and after the last one.
    batch_norm
        Whether hidden layers are normalised before their activation.
    initialisation, sigma
        First weights; see `initialisation`.
    bias
        Whether dense layers have biases (the book's example has none); batch norm brings its own.
    """

    widths: tuple[int, ...] = (2, 8, 8, 2)
    activation: str = "tanh"
    output_activation: str = "linear"
    batch_norm: bool = False
    initialisation: str = "xavier"
    sigma: float = 1.0
    bias: bool = True


BOOK_NET = NetSpec((100, 30, 1), "relu", "relu", initialisation="he", bias=False)
"""The textbook's backpropagation example: 100 inputs, 30 hidden units, one output, ReLU after both, squared error."""


class Dense:
    """y = x W' + b.  Backward: dL/dx = dL/dy W, dL/dW = dL/dy' x, dL/db = sum over the batch of dL/dy."""

    def __init__(self, name: str, weight: Tensor, bias: Tensor | None) -> None:
        self.name, self.weight, self.bias = name, weight, bias

    def forward(self, x: Tensor, training: bool, rounding: Round) -> Tensor:
        """Return y [batch, out] of x [batch, in]."""
        self.x, self.rounded_weight = x, rounding(self.weight)
        if self.bias is None:
            return rounding(torch.mm(x, self.rounded_weight.t()))
        return rounding(torch.addmm(rounding(self.bias), x, self.rounded_weight.t()))

    def backward(self, dy: Tensor, rounding: Round) -> Tensor:
        """Write the gradients, return dL/dx."""
        _write(self.weight, rounding(torch.mm(dy.t(), self.x)))
        if self.bias is not None:
            _write(self.bias, rounding(dy.sum(0)))
        return rounding(torch.mm(dy, self.rounded_weight))


class Nonlinearity:
    """a = f(z), elementwise.  Backward: dL/dz = dL/da f'(z)."""

    def __init__(self, name: str, activation: Activation) -> None:
        self.name, self.activation = name, activation

    def forward(self, x: Tensor, training: bool, rounding: Round) -> Tensor:
        """Return f(x)."""
        self.z, self.a = x, rounding(self.activation.value(x))
        return self.a

    def backward(self, dy: Tensor, rounding: Round) -> Tensor:
        """Return dL/dz."""
        return rounding(dy * rounding(self.activation.slope(self.z, self.a)))

    def slopes(self) -> Tensor:
        """Return f'(z) of the last batch, [batch, units]: how much of an error passes."""
        return self.activation.slope(self.z, self.a)


class BatchNorm:
    """y = gamma (x - mean) / sqrt(variance + eps) + beta, mean and variance over the batch (Ioffe and Szegedy 2015).

    While not training, running averages of mean and variance take their place.
    Backward: with n = (x - mean) / sqrt(variance + eps),
    dL/dx = gamma / sqrt(variance + eps) (dL/dy - average(dL/dy) - n average(dL/dy n)).
    """

    EPS, MOMENTUM = 1e-5, 0.1

    def __init__(self, name: str, gamma: Tensor, beta: Tensor) -> None:
        self.name, self.gamma, self.beta = name, gamma, beta
        self.mean, self.variance = torch.zeros_like(gamma), torch.ones_like(gamma)

    def forward(self, x: Tensor, training: bool, rounding: Round) -> Tensor:
        """Return y [batch, units]."""
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = x.mean(0), x.var(0, correction=0)
            self.mean.lerp_(mean, self.MOMENTUM)
            self.variance.lerp_(variance * len(x) / max(1, len(x) - 1), self.MOMENTUM)
        self.batch_statistics = training
        self.scale = (variance + self.EPS).rsqrt()
        self.normal = rounding((x - mean) * self.scale)
        return rounding(self.normal * self.gamma + self.beta)

    def backward(self, dy: Tensor, rounding: Round) -> Tensor:
        """Write the gradients, return dL/dx."""
        along = (dy * self.normal).sum(0)
        _write(self.gamma, rounding(along))
        _write(self.beta, rounding(dy.sum(0)))
        if not self.batch_statistics:
            return rounding(dy * (self.gamma * self.scale))
        centred = dy - dy.mean(0) - self.normal * (along / len(dy))
        return rounding(centred * (self.gamma * self.scale))


class Dropout:
    """y = r x / (1 - p) with r = 0 for a random share p: "inverted" dropout, so that nothing changes when not training.

    The textbook scales at test time by (1 - p) instead; both give the same expectation.  Backward: the same mask.
    """

    def __init__(self, name: str, generator: torch.Generator) -> None:
        self.name, self.share, self.generator = name, 0.0, generator

    def forward(self, x: Tensor, training: bool, rounding: Round) -> Tensor:
        """Return y; x itself where nothing is dropped."""
        self.mask: Tensor | None = None
        if not training or self.share == 0:
            return x
        kept = torch.rand(x.shape, generator=self.generator) >= self.share
        self.mask = kept.to(x.dtype) / (1 - self.share)
        return rounding(x * self.mask)

    def backward(self, dy: Tensor, rounding: Round) -> Tensor:
        """Return dL/dx."""
        return dy if self.mask is None else rounding(dy * self.mask)


Layer: TypeAlias = Dense | Nonlinearity | BatchNorm | Dropout


def _write(parameter: Tensor, gradient: Tensor) -> None:
    """Put a gradient in its place in the row."""
    assert parameter.grad is not None  # given by `_lay_out`
    parameter.grad.copy_(gradient)


def _lay_out(first: dict[str, Tensor], dtype: torch.dtype, *, matrices: bool) -> tuple[Tensor, dict[str, Tensor]]:
    """Return one tensor that holds all values, and views into it by name; gradients lie alike.

    Optimizers decay what has two axes, as matrices do; therefore the row of all matrices is [1, n].
    """
    flat = torch.cat([torch.zeros(0), *(values.flatten() for values in first.values())]).to(dtype)
    row = flat[None] if matrices else flat
    row.grad = torch.zeros_like(row)
    views, begin = {}, 0
    for name, values in first.items():
        place = slice(begin, begin := begin + values.numel())
        views[name] = row.view(-1)[place].view(values.shape)
        views[name].grad = row.grad.view(-1)[place].view(values.shape)
    return row, views


class SmallNet:
    """A stack of dense layers, for two-dimensional tasks and the book's example.

    Parameters
    ----------
    spec
        Topology and initialisation.
    seed
        Of the first weights.
    dtype
        torch.float64 for comparisons with finite differences.

    Attributes
    ----------
    layers
        In execution order.
    parameters, gradients
        By "layer.role": "dense1.weight", "norm1.gamma", ...; views into the rows.
    weight_row, vector_row
        All matrices as one [1, n] row, all biases and batch norm parameters as one [n]; their `.grad` likewise.
    activations
        Output of each layer for the last batch.
    rounding
        Applied after each operation; `keep` for none.
    """

    def __init__(self, spec: NetSpec, seed: int, dtype: torch.dtype = torch.float32) -> None:
        if len(spec.widths) < 2 or min(spec.widths) < 1:
            raise ExplorerError(f"A network of widths {spec.widths} has no layer: give at least one unit each.")
        self.spec = spec
        self.rounding: Round = keep
        self.noise = torch.Generator()
        generator = torch.Generator().manual_seed(seed)
        matrices: dict[str, Tensor] = {}
        vectors: dict[str, Tensor] = {}
        last = len(spec.widths) - 1
        for i, (fan_in, fan_out) in enumerate(zip(spec.widths, spec.widths[1:], strict=False), start=1):
            first = draw_weights(spec.initialisation, fan_out, fan_in, spec.sigma, generator)
            matrices[f"dense{i}.weight"] = first
            if spec.batch_norm and i < last:
                vectors[f"norm{i}.gamma"] = torch.ones(fan_out, dtype=torch.float64)
                vectors[f"norm{i}.beta"] = torch.zeros(fan_out, dtype=torch.float64)
            elif spec.bias:
                vectors[f"dense{i}.bias"] = torch.zeros(fan_out, dtype=torch.float64)
        self.weight_row, matrices = _lay_out(matrices, dtype, matrices=True)
        self.vector_row, vectors = _lay_out(vectors, dtype, matrices=False)
        self.parameters = matrices | vectors
        self.gradients = {name: p.grad for name, p in self.parameters.items() if p.grad is not None}
        self.layers: list[Layer] = []
        for i in range(1, last + 1):
            self._add_stage(i, last)
        self.activations: dict[str, Tensor] = {}

    def _add_stage(self, i: int, last: int) -> None:
        p = self.parameters
        self.layers.append(Dense(f"dense{i}", p[f"dense{i}.weight"], p.get(f"dense{i}.bias")))
        if f"norm{i}.gamma" in p:
            self.layers.append(BatchNorm(f"norm{i}", p[f"norm{i}.gamma"], p[f"norm{i}.beta"]))
        if i < last:
            self.layers.append(Nonlinearity(f"act{i}", ACTIVATIONS[self.spec.activation]))
            self.layers.append(Dropout(f"drop{i}", self.noise))
        elif self.spec.output_activation != "linear":
            self.layers.append(Nonlinearity(f"act{i}", ACTIVATIONS[self.spec.output_activation]))

    def forward(self, x: Tensor, training: bool = False) -> Tensor:
        """Return outputs [batch, outputs] of inputs [batch, inputs], keeping what backward needs."""
        x = self.rounding(x)
        for layer in self.layers:
            x = self.activations[layer.name] = layer.forward(x, training, self.rounding)
        return x

    def backward(self, d_outputs: Tensor) -> Tensor:
        """Write all gradients from dL/d outputs; return dL/d inputs."""
        d = self.rounding(d_outputs)
        for layer in reversed(self.layers):
            d = layer.backward(d, self.rounding)
        return d

    def buffers(self) -> dict[str, Tensor]:
        """Return what is not trained but belongs to the network: running means and variances."""
        norms = [layer for layer in self.layers if isinstance(layer, BatchNorm)]
        return {f"{n.name}.{role}": getattr(n, role) for n in norms for role in ("mean", "variance")}

    def set_activation(self, name: str) -> None:
        """Change the nonlinearity of the hidden layers; weights stay."""
        for layer in self.layers[:-1]:
            if isinstance(layer, Nonlinearity):
                layer.activation = ACTIVATIONS[name]

    def set_dropout(self, share: float) -> None:
        """Change which share of hidden units is dropped, 0..1."""
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.share = share
