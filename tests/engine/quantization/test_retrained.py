"""Retrained networks: each fits the network it comes from, and brings back what rounding alone loses."""

from __future__ import annotations

import dataclasses

import pytest

from explorer.engine.errors import ExplorerError
from explorer.engine.nn import weights
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization import retrained as module
from explorer.engine.quantization.anytime import Evaluator
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.packing import flash_image
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe, Width
from explorer.engine.quantization.retrained import RETRAINED, retrained

TRAINED = [(name, width) for name, widths in RETRAINED.items() for width in widths]


@pytest.mark.parametrize(("name", "width"), TRAINED)
def test_training_for_a_width_brings_back_what_rounding_loses(name: str, width: Width, clips: EvaluationSet) -> None:
    taught = retrained(name, width)
    assert taught is not None
    assert taught.graph == shipped(name).graph
    assert taught.labels == shipped(name).labels
    recipe = Recipe(width, 8)
    rounded, trained = NetworkQuantizer(shipped(name)), NetworkQuantizer(taught)
    evaluator = Evaluator(rounded, clips)
    exact, before, after = (
        evaluator.float_result(),
        evaluator.measure(recipe),
        Evaluator(trained, clips).measure(recipe),
    )
    assert before is not None
    assert after is not None
    if before.compared_with(exact).high < 0:  # rounding alone lost something
        assert after.compared_with(before).low > 0
    else:
        assert after.compared_with(exact).high >= 0
    assert len(flash_image(trained.quantize(recipe))) == len(flash_image(rounded.quantize(recipe)))


@pytest.mark.parametrize(("name", "width"), TRAINED)
def test_the_card_states_the_width_and_what_was_measured_at_it(name: str, width: Width, clips: EvaluationSet) -> None:
    taught = retrained(name, width)
    assert taught is not None
    assert taught.card["weight_bits"] == width
    assert taught.card["activation_bits"] == 8
    measured = Evaluator(NetworkQuantizer(taught), clips).measure(Recipe(width, 8))
    assert measured is not None
    row = taught.card["accuracy"]["synthetic"]
    low, high = measured.interval  # of 300 of the card's 1,000 clips
    assert low <= row["accuracy"] <= high


def test_what_was_not_trained_is_not_there() -> None:
    assert retrained("tiny", 8) is None
    assert retrained("large", 4) is None


def test_a_file_of_another_width_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(path: object) -> Network:
        return dataclasses.replace(weights.load(path), card={"weight_bits": 5})  # type: ignore[arg-type]

    name, width = TRAINED[0]
    monkeypatch.setattr(module, "load", other)
    retrained.cache_clear()
    try:
        with pytest.raises(ExplorerError, match="was not trained for"):
            retrained(name, width)
    finally:
        retrained.cache_clear()
