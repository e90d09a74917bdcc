"""What a live run trains: one face for small networks, written out by hand, and keyword networks, run by torch.

A learner turns a batch into a loss and gradients, and names its weights and layers, so that optimizers, probes,
snapshots and landscapes need not know which kind it is.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from explorer.engine.training.losses import Loss
from explorer.engine.training.precision import rounded
from explorer.engine.training.settings import Settings
from explorer.engine.training.small_nets import Nonlinearity, SmallNet, keep


class Learner(Protocol):
    """A network that can be trained by steps.

    Attributes
    ----------
    parameters
        Trained tensors by "layer.role", from input to output, each with its `.grad` after `loss_and_gradients`.
    trained
        The same numbers as few tensors as possible, for optimizers.
    """

    parameters: dict[str, Tensor]
    trained: list[Tensor]

    @property
    def weight_names(self) -> tuple[str, ...]:
        """Names of the matrices and kernels, from input to output."""

    def apply(self, settings: Settings) -> None:
        """Take over what concerns the network: activation, dropout, precision."""

    def seed_step(self, seed: int) -> None:
        """Fix the random numbers of the next step, as dropout draws them."""

    def loss_and_gradients(self, x: Tensor, y: Tensor, scale: float = 1.0) -> tuple[Tensor, Tensor]:
        """Return loss and outputs of a batch; leave the gradients, free of the loss scale, in the parameters."""

    def predict(self, x: Tensor) -> Tensor:
        """Return outputs in evaluation mode; nothing is kept or changed."""

    def loss(self, x: Tensor, y: Tensor) -> float:
        """Return the loss in evaluation mode."""

    def forget(self) -> None:
        """Clear gradients and activations: they belong to another step than the weights."""

    def tensors(self) -> dict[str, Tensor]:
        """Return all that makes up the network's state: what a snapshot keeps."""

    def value_in(self, tensors: dict[str, Tensor], name: str, index: int) -> float:
        """Return one number of a parameter from kept `tensors`, counted row by row."""

    def slopes(self) -> dict[str, Tensor]:
        """Return each unit's mean absolute slope over the last batch by activation layer, [units]; 1 is the largest."""

    def outputs(self) -> dict[str, Tensor]:
        """Return the last training batch's output of each layer, [batch, ...], input to output."""

    def first_not_finite(self, x: Tensor) -> str:
        """Return where numbers stop being finite on this batch: a layer, first forward and then backward."""


def where_not_finite(outputs: dict[str, Tensor], parameters: dict[str, Tensor]) -> str:
    """Return the first layer, forward and then backward, whose numbers are not finite."""
    for name, values in outputs.items():
        if not bool(torch.isfinite(values).all()):
            return f"the output of layer {name}"
    for name, parameter in reversed(parameters.items()):
        if parameter.grad is not None and not bool(torch.isfinite(parameter.grad).all()):
            return f"the gradient of layer {name.rsplit('.', 1)[0]}"
    return "the loss"


def matrix_names(parameters: dict[str, Tensor]) -> tuple[str, ...]:
    """Return the names of parameters with two axes or more."""
    return tuple(name for name, tensor in parameters.items() if tensor.ndim > 1)


class SmallLearner:
    """Train a `SmallNet`.

    Parameters
    ----------
    net
        The network.
    loss
        `losses.cross_entropy` or `losses.squared_error`.
    """

    def __init__(self, net: SmallNet, loss: Loss) -> None:
        self.net, self._loss = net, loss
        self.parameters = net.parameters
        self.trained = [row for row in (net.weight_row, net.vector_row) if row.numel()]
        self.weight_names = matrix_names(self.parameters)

    def apply(self, settings: Settings) -> None:
        """Take over activation, dropout and precision."""
        self.net.set_activation(settings.activation)
        self.net.set_dropout(settings.dropout)
        precision = settings.precision
        self.net.rounding = keep if precision == "fp32" else lambda x: rounded(x, precision)

    def seed_step(self, seed: int) -> None:
        """Fix the random numbers of dropout."""
        self.net.noise.manual_seed(seed)

    def loss_and_gradients(self, x: Tensor, y: Tensor, scale: float = 1.0) -> tuple[Tensor, Tensor]:
        """Run forward and backward."""
        outputs = self.net.forward(x, training=True)
        loss, d_outputs = self._loss(outputs, y)
        self.net.backward(d_outputs if scale == 1 else d_outputs * scale)
        if scale != 1:
            for row in self.trained:
                assert row.grad is not None  # given by SmallNet
                row.grad.mul_(1 / scale)
        return loss, outputs

    def predict(self, x: Tensor) -> Tensor:
        """Run the layers in evaluation mode, without leaving activations behind."""
        return self.look(x)[0]

    def look(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return outputs and each layer's activations in evaluation mode; those of the last batch stay in place."""
        last, self.net.activations = self.net.activations, {}
        outputs = self.net.forward(x)
        layers, self.net.activations = self.net.activations, last
        return outputs, layers

    def loss(self, x: Tensor, y: Tensor) -> float:
        """Return the loss in evaluation mode."""
        return float(self._loss(self.predict(x), y)[0])

    def forget(self) -> None:
        """Clear gradients and activations."""
        self.net.activations = {}
        for row in self.trained:
            if row.grad is not None:
                row.grad.zero_()

    def tensors(self) -> dict[str, Tensor]:
        """Return both rows of parameters, and batch norm's averages."""
        return {"weights": self.net.weight_row, "vectors": self.net.vector_row, **self.net.buffers()}

    def value_in(self, tensors: dict[str, Tensor], name: str, index: int) -> float:
        """Return one number of a parameter from kept rows."""
        parameter = self.parameters[name]
        row = tensors["weights" if parameter.ndim > 1 else "vectors"]
        return float(row.view(-1)[parameter.storage_offset() + index])

    def slopes(self) -> dict[str, Tensor]:
        """Return mean slopes over the largest slope, from the activations of the last training batch."""
        found, before = {}, ""
        for layer in self.net.layers:
            if isinstance(layer, Nonlinearity):
                a = self.net.activations[layer.name]
                slope = layer.activation.slope(self.net.activations[before], a)
                found[layer.name] = slope.abs().mean(0) / layer.activation.largest_slope
            before = layer.name
        return found

    def outputs(self) -> dict[str, Tensor]:
        """Return what each layer gave for the last training batch."""
        return self.net.activations

    def first_not_finite(self, x: Tensor) -> str:
        """Return where numbers first stopped being finite, from what the last step left."""
        return where_not_finite(self.net.activations, self.parameters)
