"""What is heard of a second through the front end and through the grid of the input."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import log_mel
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.hearing import hear, input_grid, on_grid
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe


@pytest.fixture(scope="module")
def quantizer() -> NetworkQuantizer:
    return NetworkQuantizer(shipped("tiny"))


@pytest.fixture(scope="module")
def word() -> NDArray[np.float32]:
    part = load_part("calibrate")
    return np.asarray(part.samples[part.labels.index("yes")] / 32768, np.float32)


def test_fewer_bits_of_the_input_are_farther_from_the_picture(
    quantizer: NetworkQuantizer,
    word: NDArray[np.float32],
) -> None:
    picture = log_mel(word)
    errors = []
    for bits in (2, 3, 4, 8):
        coarse = on_grid(picture, input_grid(quantizer, Recipe(layer_activations=(("input", bits),))))
        assert len(np.unique(coarse)) <= 2**bits
        errors.append(float(np.abs(coarse - picture).mean()))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1.0  # eight bits are grey levels
    np.testing.assert_array_equal(on_grid(picture, "float32"), picture.astype(np.float32))


def test_the_grid_is_the_one_the_squeezed_network_uses(quantizer: NetworkQuantizer) -> None:
    recipe = Recipe(3, 5, activation_calibration="percentile", pruned=0.3)
    whole = quantizer.quantize(recipe).grids["input"]
    assert isinstance(whole, Grid)
    assert input_grid(quantizer, recipe) == whole


def test_three_sounds_and_their_answers(quantizer: NetworkQuantizer, word: NDArray[np.float32]) -> None:
    executor = Executor(quantizer.network)
    fine = hear(word, executor, quantizer, Recipe(4, 8))
    assert fine.sound.picture.shape == (98, 257)
    assert fine.picture.picture.shape == fine.coarse.picture.shape == (98, 40)
    assert (fine.width, fine.sound.samples.shape) == (8, (16_000,))
    assert fine.sound.label == executor.labels[int(executor.scores(log_mel(word)[None])[0].argmax())]
    assert fine.picture.label == fine.sound.label
    assert fine.coarse.score == pytest.approx(fine.sound.score, abs=0.1)
    rough = hear(word, executor, quantizer, Recipe(layer_activations=(("input", 2),)))
    assert rough.levels <= 4
    assert rough.sound.score == fine.sound.score

    def likeness(heard: NDArray[np.float32]) -> float:
        return float(np.corrcoef(log_mel(heard).ravel(), fine.picture.picture.ravel())[0, 1])

    assert likeness(rough.coarse.samples) < likeness(fine.coarse.samples) - 0.02  # it can be heard


def test_damaged_sound_is_refused(quantizer: NetworkQuantizer) -> None:
    with pytest.raises(ExplorerError, match="damaged"):
        hear(np.full(16_000, np.nan, np.float32), Executor(quantizer.network), quantizer, Recipe())
