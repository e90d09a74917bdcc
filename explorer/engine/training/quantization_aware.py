"""Quantization-aware training: the network feels its grid while it learns.

Forward, every weight is put on the grid that it will be stored on; backward, rounding counts as the identity
(straight-through estimator; Bengio, Leonard and Courville 2013).  What is trained are the real numbers behind the grid,
so that many small steps can add up to one code.

Each output channel has a ruler of its own, symmetric, from its largest weight.  Batch norm stays in place while
training: folding multiplies a channel by one number, which moves its ruler by the same factor and leaves the codes as
they are, so that what was trained is what `NetworkQuantizer` stores.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.quantizer import TERNARY_THRESHOLD
from explorer.engine.quantization.recipe import Recipe, Width


def on_grid(weight: Tensor, width: Width) -> Tensor:
    """Return the weights as they are stored: the nearest values on each output channel's own grid.

    Parameters
    ----------
    weight
        (channels, ...), any real numbers.
    width
        2 to 16 bits, "ternary" (Li, Zhang and Liu 2016) or "binary" (Rastegari et al. 2016).

    Raises
    ------
    ExplorerError
        When training for that width makes no sense.
    """
    rows = weight.flatten(1)
    size = rows.abs()
    if width == "ternary":
        beyond = size > TERNARY_THRESHOLD * size.mean(1, keepdim=True)
        alpha = (size * beyond).sum(1, keepdim=True) / beyond.sum(1, keepdim=True).clamp(min=1)
        values = rows.sign() * beyond * alpha
    elif width == "binary":
        values = torch.where(rows < 0, -1.0, 1.0) * size.mean(1, keepdim=True)
    elif isinstance(width, int) and width >= 2:
        highest = 2 ** (width - 1) - 1
        scale = size.amax(1, keepdim=True).clamp(min=torch.finfo(weight.dtype).tiny) / highest
        values = (rows / scale).round().clamp(-highest, highest) * scale
    else:
        raise ExplorerError(f"No network is trained for weights of {width!r}: choose 2 to 16 bits, ternary or binary.")
    return values.view_as(weight)


class StraightThrough(nn.Module):
    """Weights on their grid, whose gradient passes as if they were not.

    Parameters
    ----------
    width
        As for `on_grid`.
    """

    def __init__(self, width: Width) -> None:
        super().__init__()
        self.width = width

    def forward(self, weight: Tensor) -> Tensor:
        """Return the values on the grid; the gradient goes to `weight` unchanged."""
        return weight + (on_grid(weight.detach(), self.width) - weight).detach()


def train_on_grid(module: GraphModule, width: Width) -> None:
    """Make every convolution and dense layer of a network compute with weights on a grid, from now on.

    Raises
    ------
    ExplorerError
        When training for that width makes no sense.
    """
    for unit in module.units.values():
        if isinstance(unit, nn.Conv2d | nn.Linear):
            on_grid(unit.weight.detach(), width)
            parametrize.register_parametrization(unit, "weight", StraightThrough(width))


@torch.no_grad()
def measure_norms(module: GraphModule, batches: Iterable[Tensor]) -> None:
    """Measure mean and variance of every batch norm anew, for the weights as they are now.

    One weight that crosses to the next code moves its channel's statistics at once, and averaged weights never ran: the
    running means lag behind both (Izmailov et al. 2018, section 3.2, for averaged weights).

    Parameters
    ----------
    module
        The network, its weights settled; left in evaluation mode.
    batches
        Training inputs (B, 1, T, F); each counts the same.
    """
    norms = [unit for unit in module.units.values() if isinstance(unit, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    module.train()
    for x in batches:
        module(x)
    module.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def settle_on_grid(module: GraphModule) -> None:
    """Put every layer's weights on their grid for good: what is shipped.

    A recipe of the same width finds the same grid again and changes nothing; and activations are calibrated on the
    network as it will run, since the real numbers behind the grid belong to none.
    """
    for unit in module.units.values():
        if parametrize.is_parametrized(unit, "weight"):
            parametrize.remove_parametrizations(unit, "weight", leave_parametrized=True)


def measured_on_grid(network: Network, width: Width) -> FakeQuantized:
    """Return what a retrained network is measured as: its weights at that width, its activations at 8 bits."""
    return FakeQuantized(NetworkQuantizer(network).quantize(Recipe(width, 8)))
