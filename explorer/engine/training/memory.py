"""Memory of training: weights, gradients, what the optimizer remembers, and activations kept for going back.

Inference needs the first alone and two layers of activations; training keeps all four, and the last grows with the
batch (textbook, chapter "AI Training").  Predicted from shapes; measured from the tensors that are really there.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from explorer.engine.nn.graph import Add, AveragePool, BatchNorm, Conv, Dense, ReLU
from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.training.graph_learner import GraphLearner, as_input
from explorer.engine.training.learner import Learner, SmallLearner
from explorer.engine.training.optimizers import numbers_per_weight
from explorer.engine.training.small_nets import SmallNet
from explorer.engine.training.trainer import Trainer

_FLOAT = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that one training step needs at once.

    Parameters
    ----------
    weights, gradients, optimizer, activations
        The four parts; activations are those that going back needs.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """All four together."""
        return self.weights + self.gradients + self.optimizer + self.activations

    def quantities(self, kind: Kind, source: str) -> dict[str, Quantity]:
        """Return the four parts with unit and source."""
        parts = ("weights", "gradients", "optimizer", "activations")
        return {name: Quantity(getattr(self, name), "bytes", kind, source) for name in parts}


def predict(learner: Learner, optimizer: str, batch: int) -> Memory:
    """Return what a step should need, from the shapes alone.

    Parameters
    ----------
    learner
        Whose network.
    optimizer
        Name; Adam remembers two numbers for each weight, SGD none.
    batch
        Examples per step.
    """
    weights = _FLOAT * sum(p.numel() for p in learner.parameters.values())
    per_example = _small_activations(learner.net) if isinstance(learner, SmallLearner) else 0
    if isinstance(learner, GraphLearner):
        per_example = _graph_activations(learner.module)
    return Memory(weights, weights, weights * numbers_per_weight(optimizer), _FLOAT * per_example * batch)


def _small_activations(net: SmallNet) -> int:
    """Return numbers kept per example: each dense layer's input, each nonlinearity's output."""
    spec = net.spec
    hidden = sum(spec.widths[1:-1])
    kept = spec.widths[0] + hidden * (2 + spec.batch_norm)  # inputs of layers; z beside a; normalised values
    return kept + (0 if spec.output_activation == "linear" else 2 * spec.widths[-1])


def _graph_activations(module: GraphModule) -> int:
    """Return numbers kept per example by torch: inputs of convolutions, norms and dense layers, outputs of ReLUs."""
    shapes, kept = module.graph.shapes, set()
    for layer in module.graph.layers:
        match layer:
            case Conv() | BatchNorm() | Dense():
                kept.add(layer.source)
            case ReLU():
                kept.add(layer.name)
            case Add() | AveragePool():
                pass  # their slope does not depend on the values
    return sum(prod(shapes[name]) for name in kept) + module.graph.classes  # and log softmax


def measure(trainer: Trainer) -> Memory:
    """Return the bytes of the tensors that are there after a step, activations by one more forward pass.

    For keyword networks torch reports each tensor it keeps for going back; parameters among them are left out.
    """
    learner = trainer.learner
    weights = sum(p.nbytes for p in learner.trained)
    gradients = sum(p.grad.nbytes for p in learner.trained if p.grad is not None)
    remembered = sum(t.nbytes for name, t in trainer.optimizer.state().items() if name != "steps")
    before = {name: value.clone() for name, value in learner.tensors().items()}
    count = min(trainer.settings.batch, len(trainer.data.train_y))
    x, y = trainer.data.train_x[:count].clone(), trainer.data.train_y[:count]  # a slice would hold the whole
    if isinstance(learner, SmallLearner):
        learner.net.forward(x, training=True)
        kept = [value for layer in learner.net.layers for value in vars(layer).values() if _is_activation(value)]
    elif isinstance(learner, GraphLearner):
        kept = _saved_by_torch(learner.module, x, y)
    activations = _unique_bytes(kept, learner.parameters)
    with torch.no_grad():
        for name, value in learner.tensors().items():
            value.copy_(before[name])  # batch norm's averages have moved
    return Memory(weights, gradients, remembered, activations)


def _is_activation(value: object) -> bool:
    return isinstance(value, Tensor) and value.ndim == 2


def _unique_bytes(tensors: list[Tensor], parameters: dict[str, Tensor]) -> int:
    """Return the bytes behind tensors, shared storage counted once and that of parameters not at all."""
    known = {p.untyped_storage().data_ptr() for p in parameters.values()}
    return sum(
        {s.data_ptr(): s.nbytes() for t in tensors if (s := t.untyped_storage()).data_ptr() not in known}.values()
    )


def _saved_by_torch(module: GraphModule, x: Tensor, y: Tensor) -> list[Tensor]:
    """Return the tensors that torch keeps of one forward pass for the backward pass."""
    saved: list[Tensor] = []

    def note(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    module.train()
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        torch.nn.functional.cross_entropy(module(as_input(x)), y)
    return saved
