"""Optimizers, each beside its formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor


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
