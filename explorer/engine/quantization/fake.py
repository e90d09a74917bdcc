"""Fake quantization: a network of any widths computed in float32, every number lying on its grid.

What runs through the network are codes minus zero point, held in float32, and not the real numbers they stand for.
The scales are multiplied into the weights beforehand, (s_in s_w / s_out) W, so that after each step only a rounding and
a clamp are left, both in place, and the clamp does the ReLU too.  torch's own fake-quantize operators give the same
values and take several times as long.  Inside, the axes are (frequency, time) and channels lie next to each other in
memory, so that a mean over the bands and its broadcast back are runs of neighbouring numbers.  This module needs torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from explorer.engine.kws.frontend import network_input
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense, ReLU, Shape
from explorer.engine.nn.inference import softmax
from explorer.engine.quantization.anytime import StopSignal
from explorer.engine.quantization.quantized import Grid, QuantizedNetwork
from explorer.engine.quantization.quantizer import Codes
from explorer.engine.quantization.recipe import Format
from explorer.engine.quantization.steps import INPUT, Step

State: TypeAlias = dict[str, Tensor]
_DTYPE = {"float16": torch.float16, "bfloat16": torch.bfloat16}
_AXES = ("frequency", "time")


class Stopped(Exception):
    """The run was asked to end before it was done."""


class FakeQuantized:
    """A quantized network ready to run; scores pictures as an `Executor` does.

    Parameters
    ----------
    quantized
        The network on its grids.
    """

    def __init__(self, quantized: QuantizedNetwork) -> None:
        self.quantized = quantized
        self.labels = quantized.network.labels
        self._order = quantized.steps.order
        self._last_reader = {source: i for i, step in enumerate(self._order) for source in step.sources}
        self._weights: dict[str, tuple[Tensor, Tensor | None]] = {}
        for step in self._order:
            if step.has_weights:
                self._weights[step.name] = self._scaled(step)

    def logits(self, pictures: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return logits [n, classes] of log-mel pictures [n, 98, 40] in grey levels."""
        return self.finish(self.begin(pictures))

    def scores(self, pictures: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return probabilities [n, classes] of log-mel pictures [n, 98, 40] in grey levels."""
        return softmax(self.logits(pictures))

    def activations(self, pictures: NDArray[np.floating], names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return what steps store, as real numbers [n, channels, time, frequency], by step name (or "input")."""
        found: dict[str, NDArray[np.float32]] = {}

        def keep(name: str, value: Tensor) -> None:
            if name in names:
                real = value.reshape(len(value), *swapped(self.quantized.steps.stored_shape(name))) * self._scale(name)
                found[name] = real.transpose(2, 3).contiguous().numpy()

        state = self.begin(pictures)
        keep(INPUT, state[INPUT])
        self.finish(state, seen=keep)
        return found

    def begin(self, pictures: NDArray[np.floating]) -> State:
        """Return the state before the first step: the pictures [n, 98, 40] on the input's grid."""
        with torch.inference_mode():
            x = torch.from_numpy(network_input(pictures)).transpose(1, 2)[:, None] / self._scale(INPUT)
            x = x.contiguous(memory_format=torch.channels_last)
            return {INPUT: _store(x, self.quantized.grids[INPUT], relu=False)}

    def advance(
        self,
        state: State,
        first: int,
        stop_before: int,
        stop: StopSignal | None = None,
        seen: Callable[[str, Tensor], None] | None = None,
    ) -> State:
        """Run steps and return the state after them: the activations that later steps read.

        Parameters
        ----------
        state
            The state before step number `first`; it is not changed.
        first, stop_before
            Numbers of the first step to run and of the one after the last.
        stop
            Looked at before every step, which takes a few milliseconds at most.
        seen
            Called with name and result of every step.

        Raises
        ------
        Stopped
            When `stop` was set.
        """
        values = dict(state)
        with torch.inference_mode():
            for number in range(first, stop_before):
                if stop is not None and stop.is_set():
                    raise Stopped
                step = self._order[number]
                result = _store(self._compute(step, values), self.quantized.grids[step.name], step.relu)
                values[step.name] = result
                if seen is not None:
                    seen(step.name, result)
                for source in set(step.sources):
                    if self._last_reader[source] <= number:
                        del values[source]
        return values

    def finish(
        self,
        state: State,
        first: int = 0,
        stop: StopSignal | None = None,
        seen: Callable[[str, Tensor], None] | None = None,
    ) -> NDArray[np.float32]:
        """Run all steps from number `first` on and return the logits [n, classes], as real numbers."""
        last = self._order[-1].name
        values = self.advance(state, first, len(self._order), stop, seen)
        return np.asarray((values[last] * self._scale(last)).numpy(), np.float32)

    def _scale(self, name: str) -> float:
        grid = self.quantized.grids[name]
        return 1.0 if isinstance(grid, str) else grid.scale

    def _scaled(self, step: Step) -> tuple[Tensor, Tensor | None]:
        """Return weights and bias that take input codes to output codes, before rounding."""
        into, out = self._scale(step.sources[0]), self._scale(step.name)
        weight = self.quantized.weights[step.name]
        if isinstance(weight, Codes):
            scale = np.broadcast_to(weight.scale.astype(np.float64) * into / out, len(weight.codes))
            numbers = weight.centred * scale.reshape(-1, *([1] * (weight.codes.ndim - 1)))
        else:
            numbers = weight.astype(np.float64) * into / out
        tensor = torch.from_numpy(numbers.astype(np.float32))
        if tensor.ndim == 4:
            tensor = tensor.transpose(2, 3).contiguous(memory_format=torch.channels_last)
        bias = self.quantized.bias_values(step.name)
        return tensor, None if bias is None else torch.from_numpy((bias / np.float64(out)).astype(np.float32))

    def _compute(self, step: Step, values: State) -> Tensor:
        """Return the step's result in units of its output grid, before rounding; a new tensor."""
        h = values[step.sources[0]]
        ratio = self._scale(step.sources[0]) / self._scale(step.name)
        match step.layer:
            case Conv() as conv:
                weight, bias = self._weights[step.name]
                return F.conv2d(
                    h, weight, bias, conv.stride[::-1], conv.padding[::-1], conv.dilation[::-1], conv.groups
                )
            case Dense():
                weight, bias = self._weights[step.name]
                return F.linear(h.transpose(2, 3).flatten(1), weight, bias)
            case Add():
                other = self._scale(step.sources[1]) / self._scale(step.name)
                return torch.add(values[step.sources[1]] * other, h, alpha=ratio)
            case AveragePool() as pool:
                # summed in the order of memory (batch, frequency, time, channels), which is several times faster
                axes = [1 + _AXES.index(axis) for axis in pool.axes]
                total = h.permute(0, 2, 3, 1).sum(axes, keepdim=True).permute(0, 3, 1, 2)
                return total.mul_(ratio * total[0].numel() / h[0].numel())
            case ReLU():
                return h * ratio


def swapped(shape: Shape) -> Shape:
    """Return (channels, time, frequency) as (channels, frequency, time), and back."""
    channels, a, b = shape
    return channels, b, a


def _store(x: Tensor, grid: Grid | Format, relu: bool) -> Tensor:
    """Put a fresh result on its grid, in place; the ReLU is the lower end of the clamp."""
    if isinstance(grid, Grid):
        low = grid.lowest - grid.zero_point
        return x.round_().clamp_(max(low, 0) if relu else low, grid.highest - grid.zero_point)
    if relu:
        x.relu_()
    return x if grid == "float32" else x.to(_DTYPE[grid]).float()
