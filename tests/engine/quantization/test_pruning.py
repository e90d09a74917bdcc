"""The smallest go first, whole channels too, and their places survive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.pruning import INDEX_BITS, keep_mask, positions_of, relative_indices
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe


def test_the_smallest_magnitudes_go() -> None:
    weight = np.array([[0.1, -0.9], [-0.2, 0.5]], np.float32)
    assert keep_mask(weight, 0.5, "weights").tolist() == [[False, True], [False, True]]
    assert keep_mask(weight, 0.5, "channels").tolist() == [[True, True], [False, False]]
    assert keep_mask(weight, 0.0, "weights").all()
    assert keep_mask(np.zeros((2, 2), np.float32), 0.75, "weights").sum() == 1  # all alike: still the share asked for


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_no_such_share(share: float) -> None:
    with pytest.raises(ExplorerError, match="cannot be pruned"):
        keep_mask(np.ones((2, 2), np.float32), share, "weights")


@given(st.lists(st.booleans(), max_size=200), st.integers(0, 60))
def test_places_survive_the_sparse_format(kept: list[bool], hole: int) -> None:
    mask = np.array([*kept, *[False] * hole, True], np.bool_)
    positions, gaps = relative_indices(mask)
    assert gaps.min() >= 0
    assert gaps.max() < 2**INDEX_BITS
    assert positions_of(gaps).tolist() == positions.tolist()
    assert set(np.flatnonzero(mask)) <= set(positions)
    assert len(positions) == mask.sum() + sum(not mask[p] for p in positions)


def test_a_gap_longer_than_four_bits_by_hand() -> None:
    kept = np.zeros(41, np.bool_)
    kept[[0, 40]] = True
    positions, gaps = relative_indices(kept)
    assert positions.tolist() == [0, 16, 32, 40]  # two fillers, each after the 15 zeros that 4 bits can count
    assert gaps.tolist() == [0, 15, 15, 7]


def test_pruning_comes_before_rounding_and_is_counted_once(quantizer: NetworkQuantizer) -> None:
    quantized = quantizer.quantize(Recipe(4, 8, pruned=0.6))
    for name, exact in quantizer.steps.weights.items():
        values, kept = quantized.weight_values(name), quantized.kept[name]
        assert not values[~kept].any()
        assert kept.sum() == exact.size - int(0.6 * exact.size)
        assert np.abs(exact[kept]).min() >= np.abs(exact[~kept]).max()


def test_a_pruned_channel_is_silent_but_no_logit_is_pruned(quantizer: NetworkQuantizer) -> None:
    quantized = quantizer.quantize(Recipe(8, "float32", pruned=0.5, pruning="channels"))
    gone = ~quantized.kept["head"].reshape(48, -1)[:, 0]
    assert gone.sum() == 24
    assert not quantized.biases["head"][gone].any()
    assert quantized.kept["logits"].all()
