"""Keyword networks as something to be trained step by step, with torch's automatic differentiation."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.kws.frontend import INPUT_CENTRE, INPUT_SCALE
from explorer.engine.nn.graph import ReLU
from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.training.learner import matrix_names, where_not_finite
from explorer.engine.training.precision import rounded
from explorer.engine.training.settings import Settings


class _RoundBothWays(torch.autograd.Function):
    """Round values going forward and gradients coming back to a number format."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, precision: str) -> Tensor:
        ctx.precision = precision  # type: ignore[attr-defined] # a context may carry anything
        return rounded(x, precision)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *grads: Tensor) -> tuple[Tensor, None]:
        return rounded(grads[0], ctx.precision), None  # type: ignore[attr-defined]


class GraphLearner:
    """Train a keyword network, a `GraphModule`, with torch's automatic differentiation.

    Inputs are log-mel pictures in grey levels, uint8 [batch, frames, bands].  Precision rounds each layer's output and
    its gradient.  Dropout acts before the last layer.

    Parameters
    ----------
    module
        The network.
    """

    def __init__(self, module: GraphModule) -> None:
        self.module: GraphModule = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # not in the stubs
        self.parameters: dict[str, Tensor] = dict(module.units.named_parameters())
        self.trained: list[Tensor] = list(self.parameters.values())
        self.weight_names = matrix_names(self.parameters)
        self.watched = False
        self._precision, self._dropout = "fp32", 0.0
        self._noise = torch.Generator()
        self._kept: dict[str, Tensor] = {}

    def apply(self, settings: Settings) -> None:
        """Take over dropout and precision; the activation of these networks is ReLU."""
        self._precision, self._dropout = settings.precision, settings.dropout

    def seed_step(self, seed: int) -> None:
        """Fix the random numbers of dropout."""
        self._noise.manual_seed(seed)

    def loss_and_gradients(self, x: Tensor, y: Tensor, scale: float = 1.0) -> tuple[Tensor, Tensor]:
        """Run forward, and backward by torch; with 16 bits on rounded copies of the weights."""
        self.module.train()
        exact = [p.detach().clone() for p in self.trained] if self._precision != "fp32" else []
        with torch.no_grad():
            for p, _ in zip(self.trained, exact, strict=False):
                p.copy_(rounded(p, self._precision))
        for p in self.trained:
            p.grad = None
        outputs = self._forward(as_input(x), training=True)
        loss = F.cross_entropy(outputs, y)
        (loss * scale).backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            for p, master in zip(self.trained, exact, strict=False):
                p.copy_(master)
                if p.grad is not None:
                    p.grad = rounded(p.grad, self._precision).div_(scale)
            if not exact and scale != 1:
                for p in self.trained:
                    if p.grad is not None:
                        p.grad.div_(scale)
        return loss.detach(), outputs.detach()

    def _forward(self, x: Tensor, training: bool) -> Tensor:
        """Run the graph, rounding and dropping where asked; keep outputs for the probes when watched."""
        handles = []
        if self._precision != "fp32":
            handles += [unit.register_forward_hook(self._round) for unit in self.module.units.values()]
        if training and self._dropout:
            handles.append(self.module.units[self.module.graph.output].register_forward_pre_hook(self._drop))
        try:
            if not (training and self.watched):
                self._kept = {}
                return self.module.forward(x)
            values = self.module.activations(x, keep=lambda name: True)
            self._kept = {name: value.detach() for name, value in values.items()}
            return values[self.module.graph.output]
        finally:
            for handle in handles:
                handle.remove()

    def _round(self, unit: nn.Module, inputs: Any, y: Tensor) -> Any:
        return _RoundBothWays.apply(y, self._precision)  # type: ignore[no-untyped-call]

    def _drop(self, unit: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        kept = torch.rand(inputs[0].shape, generator=self._noise) >= self._dropout
        return (inputs[0] * kept / (1 - self._dropout),)

    def predict(self, x: Tensor) -> Tensor:
        """Run in evaluation mode, a hundred pictures at a time."""
        self.module.eval()
        with torch.no_grad():
            parts = [self._predict_part(x[i : i + 100]) for i in range(0, len(x), 100)]
        return torch.cat(parts)

    def _predict_part(self, x: Tensor) -> Tensor:
        last, self._kept = self._kept, {}
        outputs = self._forward(as_input(x), training=False)
        self._kept = last
        return outputs

    def loss(self, x: Tensor, y: Tensor) -> float:
        """Return the loss in evaluation mode."""
        return float(F.cross_entropy(self.predict(x), y))

    def forget(self) -> None:
        """Clear gradients and activations."""
        self._kept = {}
        for p in self.trained:
            p.grad = None

    def tensors(self) -> dict[str, Tensor]:
        """Return parameters and batch norm's averages."""
        return dict(self.module.state_dict())

    def value_in(self, tensors: dict[str, Tensor], name: str, index: int) -> float:
        """Return one number of a parameter from a kept state."""
        return float(tensors[f"units.{name}"].flatten()[index])

    def slopes(self) -> dict[str, Tensor]:
        """Return how often each channel was let pass by its ReLU, over examples and places, [channels]."""
        relus = [layer.name for layer in self.module.graph.layers if isinstance(layer, ReLU)]
        return {name: (self._kept[name] > 0).float().mean((0, 2, 3)) for name in relus if name in self._kept}

    def outputs(self) -> dict[str, Tensor]:
        """Return what each layer gave for the last watched batch."""
        return {name: value for name, value in self._kept.items() if name != "input"}

    def first_not_finite(self, x: Tensor) -> str:
        """Return where numbers first stop being finite; the batch runs once more, since not every step is watched."""
        before = {name: value.clone() for name, value in self.module.state_dict().items()}
        self.watched = True
        with torch.no_grad():
            self._forward(as_input(x), training=True)
        self.module.load_state_dict(before)
        return where_not_finite(self.outputs(), self.parameters)


def as_input(grey: Tensor) -> Tensor:
    """Return network inputs (B, 1, T, F) of pictures in grey levels."""
    scaled = ((grey.float() - INPUT_CENTRE) / INPUT_SCALE)[:, None]
    return scaled.contiguous(memory_format=torch.channels_last)
