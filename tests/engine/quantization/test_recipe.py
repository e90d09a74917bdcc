"""Recipes survive JSON, and whatever does not is refused in a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import (
    FLOAT,
    FORMATS,
    PRESETS,
    STORY,
    Recipe,
    from_json,
    is_float,
    parse_width,
    to_json,
)

weight_widths = st.one_of(st.integers(1, 16), st.sampled_from([*FORMATS, "ternary", "binary"]))
activation_widths = st.one_of(st.integers(2, 16), st.sampled_from(FORMATS))
recipes = st.builds(
    Recipe,
    weight_widths,
    activation_widths,
    st.dictionaries(st.text(), weight_widths, max_size=3).map(lambda d: tuple(d.items())),
    st.dictionaries(st.text(), activation_widths, max_size=3).map(lambda d: tuple(d.items())),
    per_channel=st.booleans(),
    weights_symmetric=st.booleans(),
    activations_symmetric=st.booleans(),
    weight_calibration=st.sampled_from(["minmax", "percentile", "mse"]),
    percentile=st.floats(51, 100),
    pruned=st.floats(0, 0.99),
    pruning=st.sampled_from(["weights", "channels"]),
)


@given(recipes)
def test_a_recipe_survives_json(recipe: Recipe) -> None:
    again = from_json(json.loads(json.dumps(to_json(recipe))))
    assert again == recipe
    assert again.key == recipe.key
    assert hash(again) == hash(recipe)


@pytest.mark.parametrize(
    "damage",
    [
        [],
        None,
        {"weights": 17},
        {"weights": 0},
        {"weights": True},
        {"weights": 4.0},
        {"weights": "int4"},
        {"activations": 1},
        {"activations": "ternary"},
        {"layer_weights": [["stem", 4]]},
        {"layer_weights": {"stem": None}},
        {"per_channel": 1},
        {"weight_calibration": "entropy"},
        {"percentile": 20},
        {"percentile": "99"},
        {"pruned": 1.0},
        {"pruned": float("nan")},
        {"pruning": "heads"},
        {"bits": 4},
        {"network": 7},
    ],
)
def test_a_damaged_recipe_is_refused(damage: object) -> None:
    with pytest.raises(ExplorerError) as caught:
        from_json(damage)
    assert str(caught.value)[0].isupper()
    assert str(caught.value).endswith(".")


def test_a_recipe_for_another_network_is_refused(quantizer: NetworkQuantizer) -> None:
    with pytest.raises(ExplorerError, match="another network"):
        quantizer.quantize(Recipe(8, network="0123456789"))
    assert quantizer.quantize(Recipe(8, network=quantizer.network.fingerprint))
    with pytest.raises(ExplorerError, match="'attention', which this network lacks"):
        quantizer.quantize(FLOAT.with_layer("attention", weights=4))
    with pytest.raises(ExplorerError, match="'pool', which this network lacks"):
        quantizer.quantize(FLOAT.with_layer("pool", weights=4))  # it exists, but has no weights


def test_widths_of_single_layers_win() -> None:
    recipe = Recipe(4, 5).with_layer("stem", weights=8).with_layer("stem", activations=6).with_layer("logits", 2)
    assert (recipe.weights_of("stem"), recipe.weights_of("head"), recipe.weights_of("logits")) == (8, 4, 2)
    assert (recipe.activations_of("stem"), recipe.activations_of("head")) == (6, 5)
    assert recipe.activations_of("logits", last=True) == 8  # logits are compared, not computed with
    assert recipe.with_layer("logits", activations=3).activations_of("logits", last=True) == 3
    assert Recipe(4, "float32").activations_of("logits", last=True) == "float32"


def test_one_bit_is_binary() -> None:
    assert Recipe(1) == Recipe("binary")


@pytest.mark.parametrize(
    ("text", "width"),
    [("4", 4), (" 16", 16), ("32", "float32"), ("float", "float32"), ("BF16", "bfloat16"), ("Ternary", "ternary")],
)
def test_widths_as_people_type_them(text: str, width: object) -> None:
    assert parse_width(text) == width


def test_a_word_is_no_width() -> None:
    with pytest.raises(ExplorerError, match="'four' is no width"):
        parse_width("four")


def test_presets_and_story() -> None:
    names = [str(recipe) for recipe in PRESETS.values()]
    assert names == ["w32a32", "w16fa16f", "wb16fab16f", "w8a8 per channel", "w4a4 per channel"]
    naive, mended = STORY["naive"], STORY["own ruler per channel"]
    assert (naive.weights, naive.per_channel) == (mended.weights, not mended.per_channel)
    assert len(STORY) == 6
    assert [is_float(r.weights) for r in STORY.values()] == [True, False, False, False, False, False]
