"""Losses: how wrong the outputs are, as one number, and its derivative, where backpropagation starts.

Each returns (loss, d loss / d outputs); both are means over the batch.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def cross_entropy(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return -log softmax(logits)[label]; its derivative is softmax - one-hot.

    Parameters
    ----------
    logits
        Outputs, [batch, classes].
    labels
        Right classes, [batch].
    """
    log_p = torch.log_softmax(logits, 1)
    d = log_p.exp()
    d.scatter_add_(1, labels[:, None], torch.full_like(d, -1.0))  # one per row: at its label
    return torch.nn.functional.nll_loss(log_p, labels), d.div_(labels.numel())


def squared_error(outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean of (output - target)^2; its derivative is 2 (output - target) over the count.

    Parameters
    ----------
    outputs, targets
        [batch, outputs].
    """
    error = outputs - targets
    return error.square().mean(), error * (2 / error.numel())
