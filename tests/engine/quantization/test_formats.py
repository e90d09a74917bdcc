"""Bit fields against numpy's and torch's own floats."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.formats import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    FORMATS,
    FloatFormat,
    IntegerFormat,
    from_bfloat16_codes,
    round_to,
    to_bfloat16_codes,
)

any_float = st.floats(width=64, allow_nan=False)


def numpy_code(value: float, dtype: type) -> int:
    with np.errstate(over="ignore", under="ignore"):
        return int(np.array(value, dtype).view(f"u{np.dtype(dtype).itemsize}"))


@given(any_float)
def test_codes_are_numpys(value: float) -> None:
    assert FLOAT32.encode(value)[0] == numpy_code(value, np.float32)
    assert FLOAT16.encode(value)[0] == numpy_code(value, np.float16)


@given(st.floats(width=32, allow_nan=False))
def test_bfloat16_codes_are_torchs(value: float) -> None:
    wanted = torch.tensor(value, dtype=torch.float32).to(torch.bfloat16).view(torch.int16).item()
    wanted = int(wanted) & 0xFFFF
    assert BFLOAT16.encode(value)[0] == wanted
    assert to_bfloat16_codes(np.array([value], np.float32))[0] == wanted


@given(st.integers(0, 2**16 - 1))
def test_every_half_precision_code_survives(code: int) -> None:
    for number in (FLOAT16, BFLOAT16):
        value = number.decode(code)
        if not math.isnan(value):
            assert number.encode(value) == (code, "exact")
    wanted = np.array(code, np.uint16).view(np.float16)
    assert FLOAT16.decode(code) == wanted or math.isnan(wanted)


def test_a_third_in_half_precision_by_hand() -> None:
    code, outcome = FLOAT16.encode(1 / 3)
    assert (f"{code:016b}", outcome) == ("0011010101010101", "rounded")
    sign, exponent, mantissa = (code >> f.first & (1 << f.bits) - 1 for f in FLOAT16.fields)
    assert (sign, exponent - FLOAT16.bias, mantissa) == (0, -2, 341)
    assert FLOAT16.decode(code) == (1 + 341 / 1024) / 4


def test_ranges_and_gaps_as_data_sheets_have_them() -> None:
    assert FLOAT16.largest == 65504
    assert FLOAT16.smallest == 2**-24
    assert FLOAT32.largest == float(np.finfo(np.float32).max)
    assert FLOAT32.smallest_normal == float(np.finfo(np.float32).tiny)
    assert FLOAT32.gap(1.0) == float(np.finfo(np.float32).eps)
    assert (FLOAT16.gap(2048), FLOAT16.gap(1.0), BFLOAT16.gap(1.0)) == (2, 2**-10, 2**-7)
    int8 = IntegerFormat("int8", 8, 0.5, -128)
    assert (int8.lowest, int8.largest, int8.gap(3)) == (0, 127.5, 0.5)


def test_what_does_not_fit_says_so() -> None:
    assert FLOAT16.encode(70000) == (0x7C00, "overflow")
    assert FLOAT16.encode(65519)[1] == "rounded"  # still nearer to the largest
    assert FLOAT16.encode(1e-9) == (0, "underflow")
    assert FLOAT16.encode(1e-6)[1] == "underflow"  # subnormal: bits are lost
    int4 = FORMATS["int4"]
    assert int4.encode(100) == (7, "overflow")
    assert int4.encode(-8) == (8, "exact")
    assert int4.encode(0.4) == (0, "underflow")
    assert int4.encode(-math.inf) == (8, "overflow")
    with pytest.raises(ExplorerError, match="NaN"):
        int4.encode(math.nan)
    with pytest.raises(ExplorerError, match="no code"):
        int4.decode(16)


@given(st.integers(0, 15), st.floats(0.01, 10), st.integers(-8, 7))
def test_every_integer_code_survives(code: int, scale: float, zero: int) -> None:
    number = IntegerFormat("int4", 4, scale, zero)
    assert number.encode(number.decode(code))[0] == code


def test_flipping_a_bit_of_a_float_does_what_its_field_says() -> None:
    toy = FloatFormat("e4m3", 4, 3)
    code = toy.encode(1.5)[0]
    assert toy.decode(code ^ 1 << 7) == -1.5
    assert toy.decode(code ^ 1 << 3) == 0.75  # the exponent's lowest bit was set
    assert toy.decode(code ^ 1) == 1.625


def test_arrays_are_rounded_as_torch_does_it() -> None:
    x = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    np.testing.assert_array_equal(round_to(x, "bfloat16"), torch.from_numpy(x).to(torch.bfloat16).float().numpy())
    np.testing.assert_array_equal(round_to(x, "float16"), torch.from_numpy(x).half().float().numpy())
    np.testing.assert_array_equal(from_bfloat16_codes(to_bfloat16_codes(x)), round_to(x, "bfloat16"))
    with pytest.raises(ExplorerError, match="65504"):
        round_to(np.array([1e5], np.float32), "float16")
