"""What the network hears of a second: the sound, its log-mel picture, and the picture on its grid, made audible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import INPUT_CENTRE, INPUT_SCALE, frames_of, grey, log_mel, network_input
from explorer.engine.kws.frontend import power_spectrum as spectrum_of_frames
from explorer.engine.kws.resynthesis import resynthesize
from explorer.engine.nn.inference import Executor
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer
from explorer.engine.quantization.quantizer import fake_quantize
from explorer.engine.quantization.recipe import FLOAT, Recipe, Stored
from explorer.engine.quantization.steps import INPUT


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One of the three sounds.

    Parameters
    ----------
    picture
        Grey levels, frames by rows: the spectrum [98, 257] of the sound itself, or log-mel bands [98, 40].
    samples
        The sound at 16 kHz; of a picture, a sound with this picture.
    label, score
        What the network answers.
    """

    picture: NDArray[np.float32]
    samples: NDArray[np.float32]
    label: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """A second of sound as it is, as the front end gives it, and as the input's grid keeps it.

    Parameters
    ----------
    sound
        The sound, and the network's answer to it.
    picture
        Its log-mel picture made audible, and the answer to that sound, played to the network again.
    coarse
        The picture on the grid made audible, and the answer when the network reads that (all else in float).
    width
        Of the input.
    levels
        How many different grey levels are left in the picture.
    """

    sound: Heard
    picture: Heard
    coarse: Heard
    width: Stored
    levels: int


def bundled_second(word: str, take: int) -> tuple[NDArray[np.float32], int, int]:
    """Return a bundled voice saying a word, which one it is, and how many there are; read from a file the first time.

    The clips are those that may be calibrated on: the bits are moved while one listens.

    Parameters
    ----------
    word
        A keyword.
    take
        Which voice, the one with least noise first; after the last comes the first again.
    """
    part = load_part("calibrate")
    voices = [i for i, label in enumerate(part.labels) if label == word]
    voices.sort(key=lambda i: -part.snr_db[i])
    place = take % len(voices)
    return np.asarray(part.samples[voices[place]] / 32768, np.float32), place, len(voices)


def input_grid(quantizer: NetworkQuantizer, recipe: Recipe) -> Grid | str:
    """Return the grid that a recipe gives the network's input, or the name of its float format."""
    alone = replace(recipe, weights=FLOAT.weights, layer_weights=(), pruned=0.0)
    return quantizer.quantize(alone).grids[INPUT]


def on_grid(picture: NDArray[np.floating[Any]], grid: Grid | str) -> NDArray[np.float32]:
    """Return a picture as it reaches a network whose input lies on `grid`; a float format changes nothing to be heard.

    Parameters
    ----------
    picture
        Grey levels [frames, bands].
    grid
        Of the network's input.
    """
    if isinstance(grid, str):
        return np.asarray(picture, np.float32)
    scale, zero = np.array([grid.scale], np.float32), np.array([grid.zero_point], np.int32)
    coarse = fake_quantize(network_input(picture), scale, zero, grid.lowest, grid.highest)
    return np.asarray(coarse * INPUT_SCALE + INPUT_CENTRE, np.float32)


def hear(samples: NDArray[np.float32], executor: Executor, quantizer: NetworkQuantizer, recipe: Recipe) -> Hearing:
    """Let the network hear a second of sound three times; takes about a tenth of a second.

    Parameters
    ----------
    samples
        One second at 16 kHz, [16000].
    executor
        The float network.
    quantizer, recipe
        The same network, and the recipe whose grid the input lies on.

    Raises
    ------
    ExplorerError
        When the sound holds numbers that are not finite.
    """
    mel = np.asarray(log_mel(samples), np.float32)
    coarse = on_grid(mel, input_grid(quantizer, recipe))
    sounds = [resynthesize(mel), resynthesize(coarse)]
    again = np.asarray(log_mel(sounds[0]), np.float32)
    scores = executor.scores(np.stack([mel, again, coarse]))
    best = scores.argmax(1)
    answers = [(executor.labels[i], float(row[i])) for i, row in zip(best, scores, strict=True)]
    spectrum = np.asarray(grey(spectrum_of_frames(frames_of(samples))), np.float32)
    return Hearing(
        Heard(spectrum, samples, *answers[0]),
        Heard(mel, sounds[0], *answers[1]),
        Heard(coarse, sounds[1], *answers[2]),
        recipe.activations_of(INPUT),
        len(np.unique(coarse)),
    )
