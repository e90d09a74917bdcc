"""Grids by hand, and bit for bit as torch has them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.quantizer import (
    Scheme,
    binary,
    encode,
    fake_quantize,
    grid_for,
    quantize,
    ternary,
)


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_eight_values_on_a_three_bit_grid_by_hand() -> None:
    x = array(-3, -1.5, -0.5, 0, 0.4, 0.5, 1.5, 2.9)
    codes = encode(x, array(-3), array(3), Scheme(3))
    assert codes.scale[0] == 1  # 3 steps to each side
    assert codes.codes.tolist() == [-3, -2, 0, 0, 0, 0, 2, 3]  # halves go to the even neighbour
    assert codes.values.tolist() == [-3, -2, 0, 0, 0, 0, 2, 3]


def test_an_affine_grid_by_hand() -> None:
    # -1 to 2 in 3 steps of 1: codes -2 -1 0 1, and zero is the code -1
    codes = encode(array(-1, 0, 0.6, 2, 5), array(-1), array(2), Scheme(2, symmetric=False))
    assert (codes.scale[0], codes.zero_point[0]) == (1, -1)
    assert codes.codes.tolist() == [-2, -1, 0, 1, 1]
    assert codes.values.tolist() == [-1, 0, 1, 2, 2]
    assert codes.centred.tolist() == [-1, 0, 1, 2, 2]


@given(
    seed=st.integers(0, 2**31),
    bits=st.integers(1, 16),
    symmetric=st.booleans(),
    magnitude=st.floats(-7, 7),
    cut=st.floats(0.1, 1.5),
)
def test_fake_quantization_is_torchs_bit_for_bit(
    seed: int, bits: int, symmetric: bool, magnitude: float, cut: float
) -> None:
    rng = np.random.default_rng(seed)
    x = (rng.standard_normal((3, 4, 5)) * 10**magnitude + rng.standard_normal() * 10**magnitude).astype(np.float32)
    scheme = Scheme(max(bits, 1 + symmetric), symmetric, per_channel=True)
    ends = (np.float32(cut) * x.reshape(3, -1).min(1), np.float32(cut) * x.reshape(3, -1).max(1))
    scale, zero = grid_for(*ends, scheme)
    t = torch.from_numpy(x)
    limits = (scheme.lowest, scheme.highest)
    wanted = torch.fake_quantize_per_channel_affine(t, torch.from_numpy(scale), torch.from_numpy(zero), 0, *limits)
    np.testing.assert_array_equal(fake_quantize(x, scale, zero, *limits), wanted.numpy())
    wanted = torch.fake_quantize_per_tensor_affine(t, float(scale[0]), int(zero[0]), *limits)
    np.testing.assert_array_equal(fake_quantize(x, scale[:1], zero[:1], *limits), wanted.numpy())


@pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated:DeprecationWarning")
@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.parametrize("symmetric", [True, False])
def test_scales_are_those_of_torchs_observers(bits: int, symmetric: bool) -> None:
    from torch.ao.quantization.observer import MinMaxObserver, PerChannelMinMaxObserver

    x = np.random.default_rng(bits).standard_normal((6, 3, 3)).astype(np.float32) * 3 + 1
    x[2] = np.abs(x[2])  # a channel of one sign: its range is widened to hold zero
    scheme = Scheme(bits, symmetric)
    kind = "symmetric" if symmetric else "affine"
    common = {"dtype": torch.qint8, "quant_min": scheme.lowest, "quant_max": scheme.highest}
    per_tensor = MinMaxObserver(qscheme=getattr(torch, f"per_tensor_{kind}"), **common)
    per_channel = PerChannelMinMaxObserver(qscheme=getattr(torch, f"per_channel_{kind}"), **common)
    rows = x.reshape(6, -1)
    for observer, low, high in (
        (per_tensor, rows.min()[None], rows.max()[None]),
        (per_channel, rows.min(1), rows.max(1)),
    ):
        observer(torch.from_numpy(x))
        scale, zero = observer.calculate_qparams()
        got_scale, got_zero = grid_for(low, high, scheme)
        np.testing.assert_array_equal(got_scale, scale.numpy())
        np.testing.assert_array_equal(got_zero, zero.numpy())


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=30), st.integers(2, 16), st.booleans())
def test_no_value_moves_by_more_than_half_a_step_and_zero_stays(
    values: list[float], bits: int, symmetric: bool
) -> None:
    x = array(*values, 0.0)
    codes = encode(x, x.min()[None], x.max()[None], Scheme(bits, symmetric))
    # an affine zero point is rounded too, so that the far end may lie half a step beyond the grid
    limit = codes.scale[0] * (0.5 if symmetric else 1.0) + 1e-5 * np.abs(x).max()
    assert (np.abs(codes.values - x) <= limit).all()
    assert codes.values[-1] == 0
    again = encode(codes.values, codes.values.min()[None], codes.values.max()[None], Scheme(bits, symmetric))
    assert len(np.unique(again.codes)) <= len(np.unique(codes.codes))


def test_a_dead_channel_borrows_a_scale_and_stays_zero() -> None:
    x = np.zeros((2, 4), np.float32)
    x[1] = (1, -2, 0.5, 2)
    codes = encode(x, x.min(1), x.max(1), Scheme(8, per_channel=True))
    assert codes.scale[0] == codes.scale[1] == np.float32(2 / 127)
    assert not codes.values[0].any()
    nothing = encode(np.zeros(3, np.float32), array(0), array(0), Scheme(4, symmetric=False))
    assert nothing.values.tolist() == [0, 0, 0]


@pytest.mark.parametrize("value", [0.3, -0.3, 1e-30, 3e38])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_weights_that_are_all_equal_are_kept(value: float, bits: int) -> None:
    x = np.full(5, value, np.float32)
    for symmetric in (True, False):
        kept = encode(x, x.min()[None], x.max()[None], Scheme(bits, symmetric)).values
        np.testing.assert_allclose(kept, x, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nothing_that_is_not_finite_gets_a_code(bad: float) -> None:
    x = array(1, bad)
    for refuse in (
        lambda: encode(x, array(-1), array(1), Scheme(8)),
        lambda: ternary(x, per_channel=False),
        lambda: binary(x, per_channel=False),
        lambda: grid_for(array(bad), array(1), Scheme(8)),
    ):
        with pytest.raises(ExplorerError, match="finite"):
            refuse()


@pytest.mark.parametrize(("bits", "symmetric"), [(0, False), (17, False), (1, True), (17, True), (-3, True)])
def test_there_is_no_grid_of_such_a_width(bits: int, symmetric: bool) -> None:
    with pytest.raises(ExplorerError, match="does not exist"):
        Scheme(bits, symmetric)


def test_values_far_outside_end_at_the_ends() -> None:
    codes = quantize(array(3e38, -3e38), array(1e-30), np.zeros(1, np.int32), -7, 7)
    assert codes.tolist() == [7, -7]


def test_ternary_by_hand() -> None:
    # mean |x| = 1, threshold 0.7: -2 and 1.5 lie beyond it, their mean magnitude is 1.75
    codes = ternary(array(-2, 1.5, 0.5, 0), per_channel=False)
    assert codes.codes.tolist() == [-1, 1, 0, 0]
    assert codes.values.tolist() == [-1.75, 1.75, 0, 0]
    assert not ternary(array(0, 0), per_channel=False).values.any()


def test_binary_by_hand_with_one_alpha_per_channel() -> None:
    codes = binary(np.array([[1, -3], [0, 0.5]], np.float32), per_channel=True)
    assert codes.values.tolist() == [[2, -2], [0.25, 0.25]]
    assert codes.bits == 1
