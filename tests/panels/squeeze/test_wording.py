"""Words beside the figures: what they were measured on, and what rounding did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.anytime import Estimate
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.engine.quantization.retrained import retrained
from explorer.panels.squeeze import wording
from explorer.panels.squeeze.layer_plot import weight_picture


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((), "clips; interval"),
        (("marvin",), "clips, none of “marvin”; interval"),
        (("a", "b", "c"), "none of 3 words;"),
    ],
)
def test_words_that_no_clip_says_are_named(clips: EvaluationSet, more: tuple[str, ...], told: str) -> None:
    taught = replace(clips, classes=(*clips.classes, *more))
    estimate = Estimate(FLOAT, np.zeros(len(taught), np.int16), taught)
    assert told in wording.measured_on(estimate)


def test_the_thread_names_the_set_in_few_words(clips: EvaluationSet) -> None:
    named = replace(clips, name="recordings in words, n = 200, 40 voices; interval over clips")
    assert wording.short_set(Estimate(FLOAT, np.zeros(len(named), np.int16), named)) == "recordings in words, n = 200"


def test_weights_that_lie_on_their_grid_are_said_to() -> None:
    taught = retrained("tiny", "ternary")
    assert taught is not None
    recipe = Recipe("ternary", 8)
    assert "already" in weight_picture(NetworkQuantizer(taught), recipe, "head").sentence
    assert "quantization noise" in weight_picture(NetworkQuantizer(shipped("tiny")), recipe, "head").sentence
