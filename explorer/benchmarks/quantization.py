"""What a bit slider costs, against the same drag with torch.ao's fake-quantize modules on the same clips.

The reference is given every favour: its activation ranges are calibrated beforehand, its weights are rounded once for
each setting, it runs without gradients, in the batch size that suits it best, in the same process.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from explorer.engine.kws.frontend import network_input
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.anytime import Estimate, Evaluator
from explorer.engine.quantization.calibration import INPUT_RANGE, calibration_pictures
from explorer.engine.quantization.evaluation_set import bundled_set
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe
from explorer.engine.quantization.steps import INPUT, Steps

DRAG_BITS = (7, 6, 5, 4, 3)
LATE_LAYERS = 8  # of the layers with weights, this one from the end is dragged
_BATCH = 100
_AXES = {"time": 2, "frequency": 3}


class TorchAoNetwork:
    """The same network on torch.ao's `FakeQuantize` modules: weights per channel symmetric, activations 8 bits affine.

    Parameters
    ----------
    steps
        The network with batch norm folded.
    """

    def __init__(self, steps: Steps) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "torch.ao.quantization is deprecated", DeprecationWarning)
            from torch.ao.quantization import FakeQuantize, MinMaxObserver, PerChannelMinMaxObserver

            fake_quantize: Any = FakeQuantize  # torch.ao has no types

            self._steps = steps
            self._biases = {name: torch.tensor(bias) for name, bias in steps.biases.items()}
            self._exact = {name: torch.tensor(weight) for name, weight in steps.weights.items()}
            self._weights = dict(self._exact)
            self._new_weight_quantizer: Callable[[int], Any] = lambda bits: fake_quantize(
                observer=PerChannelMinMaxObserver,
                quant_min=1 - 2 ** (bits - 1),
                quant_max=2 ** (bits - 1) - 1,
                dtype=torch.qint8,
                qscheme=torch.per_channel_symmetric,
                ch_axis=0,
            )
            self._stored = {
                name: fake_quantize(
                    observer=MinMaxObserver,
                    quant_min=-128,
                    quant_max=127,
                    dtype=torch.qint8,
                    qscheme=torch.per_tensor_affine,
                )
                for name in steps.names
            }

    def calibrate(self, pictures: NDArray[np.float32]) -> None:
        """Let the observers of the activations see the calibration clips once."""
        for module in self._stored.values():
            module.disable_fake_quant()
        self._stored[INPUT](torch.tensor(INPUT_RANGE))
        self.logits(pictures)
        for module in self._stored.values():
            module.enable_fake_quant()
            module.disable_observer()

    def quantize_weights(self, bits: dict[str, int]) -> None:
        """Round the weights of layers to so many bits."""
        with warnings.catch_warnings(), torch.no_grad():
            warnings.filterwarnings("ignore", "torch.ao.quantization is deprecated", DeprecationWarning)
            for name, width in bits.items():
                self._weights[name] = self._new_weight_quantizer(width)(self._exact[name])

    def logits(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits [n, classes] of pictures in grey levels."""
        with torch.no_grad():
            values: dict[str, Tensor] = {
                INPUT: self._stored[INPUT](torch.from_numpy(network_input(pictures))[:, None])
            }
            for step in self._steps.order:
                x = values[step.sources[0]]
                match step.layer:
                    case Conv() as c:
                        weight, bias = self._weights[step.name], self._biases.get(step.name)
                        y = F.conv2d(x, weight, bias, c.stride, c.padding, c.dilation, c.groups)
                    case Dense():
                        y = F.linear(x.flatten(1), self._weights[step.name], self._biases[step.name])
                    case Add():
                        y = x + values[step.sources[1]]
                    case AveragePool() as pool:
                        y = x.mean([_AXES[axis] for axis in pool.axes], keepdim=True)
                    case _:
                        y = x
                values[step.name] = self._stored[step.name](F.relu(y) if step.relu else y)
            return np.asarray(values[self._steps.last].numpy())


def drag_cost(network: str = "tiny") -> dict[str, float]:
    """Drag the weights' slider, then one late layer's, here and with torch.ao, and compare.

    Parameters
    ----------
    network
        Name of a shipped network.

    Returns
    -------
    Medians over the drag in milliseconds; ratios of medians, ours first; how often both give the same answer.
    """
    quantizer = NetworkQuantizer(shipped(network))
    quantizer.calibrate()
    clips = bundled_set(quantizer.network.labels)
    evaluator = Evaluator(quantizer, clips)
    reference = TorchAoNetwork(quantizer.steps)
    reference.calibrate(calibration_pictures())
    layers = tuple(quantizer.steps.weights)
    late = layers[-LATE_LAYERS]
    base = Recipe(8, 8)
    evaluator.measure(base, focus=late)  # what a person sees before the drag, and what is kept for it
    reference.quantize_weights(dict.fromkeys(layers, 8))
    _answers(reference, clips.pictures)

    first_ms: list[float] = []
    full_ms: list[float] = []
    reference_ms: list[float] = []
    same: list[float] = []
    for bits in DRAG_BITS:
        first, full, estimate = _measured(evaluator, Recipe(bits, 8), None)
        began = time.perf_counter()
        reference.quantize_weights(dict.fromkeys(layers, bits))
        answers = _answers(reference, clips.pictures)
        reference_ms.append(1e3 * (time.perf_counter() - began))
        answers[clips.digital_silence] = estimate.answers[clips.digital_silence]
        first_ms.append(first)
        full_ms.append(full)
        same.append(float((answers == estimate.answers).mean()))
    late_ms: list[float] = []
    reference_late_ms: list[float] = []
    reference.quantize_weights(dict.fromkeys(layers, 8))
    for bits in DRAG_BITS:
        late_ms.append(_measured(evaluator, base.with_layer(late, weights=bits), late)[1])
        began = time.perf_counter()
        reference.quantize_weights({late: bits})
        _answers(reference, clips.pictures)
        reference_late_ms.append(1e3 * (time.perf_counter() - began))
    median = statistics.median
    return {
        "clips": float(len(clips)),
        "first_estimate_ms": median(first_ms),
        "full_ms": median(full_ms),
        "one_late_layer_ms": median(late_ms),
        "torch_ao_full_ms": median(reference_ms),
        "torch_ao_one_late_layer_ms": median(reference_late_ms),
        "first_estimate_times_sooner": median(reference_ms) / median(first_ms),
        "full_times_faster": median(reference_ms) / median(full_ms),
        "one_late_layer_times_faster": median(reference_late_ms) / median(late_ms),
        "same_answers": median(same),
        "kept_mib": evaluator.kept.bytes / 2**20,
    }


def _measured(evaluator: Evaluator, recipe: Recipe, focus: str | None) -> tuple[float, float, Estimate]:
    """Return milliseconds until the first and the complete estimate, and that estimate."""
    at_ms: list[float] = []
    began = time.perf_counter()
    estimate = evaluator.measure(recipe, lambda _: at_ms.append(1e3 * (time.perf_counter() - began)), focus=focus)
    assert estimate is not None  # nobody can stop it
    return at_ms[0], at_ms[-1], estimate


def _answers(reference: TorchAoNetwork, pictures: NDArray[np.float32]) -> NDArray[np.int64]:
    parts = [reference.logits(pictures[i : i + _BATCH]).argmax(1) for i in range(0, len(pictures), _BATCH)]
    return np.concatenate(parts)
