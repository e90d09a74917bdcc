"""Weight averaging: the mean of the last weights generalises better than the last one (Izmailov et al. 2018)."""

from __future__ import annotations

import torch
from torch import nn


class WeightAverage:
    """Exponential moving average of a module's parameters and batch norm statistics.

    average = decay average + (1 - decay) weights, where decay grows from 0 to `decay` so that the start is forgotten.
    """

    def __init__(self, module: nn.Module, decay: float = 0.999) -> None:
        self.decay = decay
        self.updates = 0
        self.average = {k: v.detach().clone() for k, v in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Take in the weights after one more step."""
        self.updates += 1
        decay = min(self.decay, self.updates / (self.updates + 10))
        for name, value in module.state_dict().items():
            kept = self.average[name]
            if value.is_floating_point():
                kept.lerp_(value, 1 - decay)
            else:
                kept.copy_(value)
