"""Optimizers, each beside its formula: how a gradient becomes a change of the weights.

Compared step by step with torch.optim in the tests.  `SGD` is the one the keyword networks are trained with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from explorer.engine.errors import ExplorerError


class Optimizer(Protocol):
    """What the loop asks of an optimizer: one step, and state that can be stored as named tensors."""

    def step(self, learning_rate: float) -> None:
        """Change the parameters by one update, from their gradients."""

    def state(self) -> dict[str, Tensor]:
        """Return the memory of past gradients, by name."""

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Take over a memory that `state` returned."""


class SGD:
    """Stochastic gradient descent with Nesterov momentum and L2 weight decay.

    g = dL/dw + decay w;  v = momentum v + g;  w = w - rate (g + momentum v), as in Sutskever et al. (2013).

    Parameters
    ----------
    parameters
        What is trained.
    momentum
        How much of the past velocity is kept, 0..1.
    weight_decay
        L2 strength; vectors (biases, batch norm) are left out, since shrinking them does not simplify a network.
    """

    def __init__(self, parameters: Sequence[Tensor], momentum: float = 0.9, weight_decay: float = 1e-3) -> None:
        self.parameters = list(parameters)
        self.momentum, self.weight_decay = momentum, weight_decay
        self.velocity = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Change the parameters by one update."""
        for w, v in zip(self.parameters, self.velocity, strict=True):
            g = w.grad
            if g is None:
                continue
            if w.ndim > 1:
                g = g.add(w, alpha=self.weight_decay)
            v.mul_(self.momentum).add_(g)
            w.sub_(g.add(v, alpha=self.momentum), alpha=learning_rate)

    def state(self) -> dict[str, Tensor]:
        """Return the velocities."""
        return {f"velocity.{i}": v for i, v in enumerate(self.velocity)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Take over velocities."""
        for i, v in enumerate(self.velocity):
            v.copy_(state[f"velocity.{i}"])


class _Memory:
    """Tensors shaped like the parameters, by name and number: what most optimizers remember of past gradients.

    Parameters
    ----------
    parameters
        What is trained.
    names
        What is remembered of each.
    """

    def __init__(self, parameters: Sequence[Tensor], *names: str) -> None:
        self.parameters = list(parameters)
        self.memory = {name: [torch.zeros_like(p) for p in self.parameters] for name in names}
        self.steps = 0

    def each(self) -> Iterator[tuple[Tensor, ...]]:
        """Yield weights, gradient and memories of each parameter that has a gradient."""
        for w, *kept in zip(self.parameters, *self.memory.values(), strict=True):
            if w.grad is not None:
                yield w, w.grad, *kept

    def state(self) -> dict[str, Tensor]:
        """Return the memory by name, and how many steps it has seen."""
        kept = {f"{name}.{i}": t for name, tensors in self.memory.items() for i, t in enumerate(tensors)}
        return kept | {"steps": torch.tensor(self.steps)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Take over a memory that `state` returned."""
        for name, tensors in self.memory.items():
            for i, tensor in enumerate(tensors):
                tensor.copy_(state[f"{name}.{i}"])
        self.steps = int(state["steps"])


class GradientDescent(_Memory):
    """Stochastic gradient descent: w = w - rate g, with g = dL/dw over a batch (Robbins and Monro 1951)."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        super().__init__(parameters)

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Go against the gradient."""
        for w, g in self.each():
            w.sub_(g, alpha=learning_rate)


class Momentum(_Memory):
    """Momentum: v = momentum v + g;  w = w - rate v (Polyak 1964): a ball that keeps rolling along a valley."""

    def __init__(self, parameters: Sequence[Tensor], momentum: float = 0.9) -> None:
        super().__init__(parameters, "velocity")
        self.momentum = momentum

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Add the gradient to the velocity and move by it."""
        for w, g, v in self.each():
            v.mul_(self.momentum).add_(g)
            w.sub_(v, alpha=learning_rate)


class Nesterov(_Memory):
    """Nesterov momentum: v = momentum v + g;  w = w - rate (g + momentum v) (Sutskever et al. 2013): it looks ahead."""

    def __init__(self, parameters: Sequence[Tensor], momentum: float = 0.9) -> None:
        super().__init__(parameters, "velocity")
        self.momentum = momentum

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Add the gradient to the velocity and move by where it is about to be."""
        for w, g, v in self.each():
            v.mul_(self.momentum).add_(g)
            w.sub_(g.add(v, alpha=self.momentum), alpha=learning_rate)


class Adagrad(_Memory):
    """Adagrad: s = s + g^2;  w = w - rate g / (sqrt(s) + eps) (Duchi et al. 2011): rare directions step further."""

    EPS = 1e-10

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        super().__init__(parameters, "squares")

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Divide each gradient by the size of all those before."""
        for w, g, s in self.each():
            s.addcmul_(g, g)
            w.addcdiv_(g, s.sqrt().add_(self.EPS), value=-learning_rate)


class RMSProp(_Memory):
    """RMSProp: s = decay s + (1 - decay) g^2;  w = w - rate g / (sqrt(s) + eps) (Hinton 2012): Adagrad that forgets."""

    EPS = 1e-8

    def __init__(self, parameters: Sequence[Tensor], decay: float = 0.99) -> None:
        super().__init__(parameters, "squares")
        self.decay = decay

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Divide each gradient by its recent size."""
        for w, g, s in self.each():
            s.mul_(self.decay).addcmul_(g, g, value=1 - self.decay)
            w.addcdiv_(g, s.sqrt().add_(self.EPS), value=-learning_rate)


class Adam(_Memory):
    """Adam (Kingma and Ba 2015): momentum, divided by the recent size of the gradient.

    m = b1 m + (1 - b1) g;  s = b2 s + (1 - b2) g^2;  w = w - rate m' / (sqrt(s') + eps), where m' = m / (1 - b1^t) and
    s' = s / (1 - b2^t) make up for starting at zero.
    """

    EPS = 1e-8

    def __init__(self, parameters: Sequence[Tensor], momentum: float = 0.9, decay: float = 0.999) -> None:
        super().__init__(parameters, "mean", "squares")
        self.momentum, self.decay = momentum, decay

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move by the mean gradient over its size."""
        self.steps += 1
        mean_share, square_share = 1 - self.momentum**self.steps, 1 - self.decay**self.steps
        for w, g, m, s in self.each():
            m.lerp_(g, 1 - self.momentum)
            s.mul_(self.decay).addcmul_(g, g, value=1 - self.decay)
            size = s.sqrt().div_(math.sqrt(square_share)).add_(self.EPS)
            w.addcdiv_(m, size, value=-learning_rate / mean_share)


class AdamW(Adam):
    """AdamW: first w = w - rate decay w, then Adam, so that decay is not divided (Loshchilov and Hutter 2019).

    Vectors (biases, batch norm) are not decayed.
    """

    def __init__(self, parameters: Sequence[Tensor], momentum: float = 0.9, weight_decay: float = 0.01) -> None:
        super().__init__(parameters, momentum)
        self.weight_decay = weight_decay

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Shrink the matrices, then move as Adam does."""
        for w in self.parameters:
            if w.ndim > 1:
                w.mul_(1 - learning_rate * self.weight_decay)
        super().step(learning_rate)


OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
"""All of them, as chosen by a person."""


def make_optimizer(name: str, parameters: Sequence[Tensor], momentum: float, weight_decay: float) -> Optimizer:
    """Return an optimizer with an empty memory; those without momentum or decay of their own ignore them."""
    match name:
        case "sgd":
            return GradientDescent(parameters)
        case "momentum":
            return Momentum(parameters, momentum)
        case "nesterov":
            return Nesterov(parameters, momentum)
        case "adagrad":
            return Adagrad(parameters)
        case "rmsprop":
            return RMSProp(parameters)
        case "adam":
            return Adam(parameters, momentum)
        case "adamw":
            return AdamW(parameters, momentum, weight_decay)
    raise ExplorerError(f"There is no optimizer {name!r}: choose {', '.join(OPTIMIZERS)}.")


def numbers_per_weight(name: str) -> int:
    """Return how many numbers an optimizer remembers for each weight: 0 for SGD, 2 for Adam."""
    one = make_optimizer(name, [torch.zeros(1)], 0.9, 0.0)
    return len(one.state()) - 1  # but for the count of steps
