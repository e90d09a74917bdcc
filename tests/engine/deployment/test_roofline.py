"""The roofline: three layers by hand, and what batch and precision do to the dots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.deployment.cost import INT8, LayerWork, Work, work_of
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.roofline import Roof, dots, layer_seconds, operations_of, roof_of
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.networks import TOPOLOGIES, topology
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.quantization.recipe import FLOAT, Recipe


def roof(peak: float, bandwidth: float) -> Roof:
    return Roof(
        "by hand", Quantity(peak, "OP/s", Kind.ASSUMED, "test"), Quantity(bandwidth, "bytes/s", Kind.ASSUMED, "test")
    )


def three_layers() -> Work:
    return Work(
        "three",
        INT8,
        (
            LayerWork("conv", "conv", 100, 5000, 10_000, 100, 200, 200, 8, 8, False),  # 20 operations a byte
            LayerWork("dense", "dense", 1000, 1000, 2000, 1000, 100, 10, 8, 8, False),
            LayerWork("add", "add", 0, 0, 100, 5, 200, 95, 0, 8, False),  # a third of an operation a byte
        ),
        5,
    )


def test_three_layers_by_hand() -> None:
    device = roof(1e6, 1e5)  # a million operations and a hundred thousand bytes a second: ridge at 10
    assert device.ridge == 10
    conv, dense, add = dots(three_layers(), device)
    assert (conv.intensity, conv.attainable_per_s, conv.bound) == (20, 1e6, "compute")
    assert conv.least_s == pytest.approx(0.01)
    assert dense.bound == "memory"
    assert dense.attainable_per_s == pytest.approx(1e5 * 2000 / 1110)
    assert dense.least_s == pytest.approx(1110 / 1e5)  # waiting for memory: bytes over bandwidth
    assert add.bound == "memory"
    assert add.intensity == pytest.approx(1 / 3)
    assert add.least_s == pytest.approx(300 / 1e5)


def test_a_batch_moves_the_dense_layer_over_the_ridge() -> None:
    device = roof(1e6, 1e5)
    alone, many = dots(three_layers(), device)[1], dots(three_layers(), device, batch=100)[1]
    assert many.intensity == pytest.approx(200_000 / (1000 + 100 * 110))
    assert (alone.bound, many.bound) == ("memory", "compute")
    assert many.least_s / 100 < alone.least_s


def test_fewer_bits_move_every_dot_to_the_right() -> None:
    device, graph = roof(1e9, 1e8), topology("tiny")
    floats, bytes_, nibbles = (dots(work_of(graph, r), device) for r in (FLOAT, INT8, Recipe(4, 4)))
    for wide, narrow, narrower in zip(floats, bytes_, nibbles, strict=True):
        assert wide.intensity < narrow.intensity < narrower.intensity or wide.name == "logits"


def test_the_line_has_its_corner_at_the_ridge() -> None:
    device = roof(1e6, 1e5)
    assert device.line(0.1, 1000) == ((0.1, 1e4), (10, 1e6), (1000, 1e6))
    assert device.line(20, 40) == ((20, 1e6), (40, 1e6))


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(sorted(TOPOLOGIES)),
    st.floats(1e3, 1e15),
    st.floats(1e3, 1e13),
    st.integers(1, 256),
)
def test_no_dot_is_above_its_roof_and_the_table_says_the_same(
    name: str, peak: float, bandwidth: float, batch: int
) -> None:
    device, work = roof(peak, bandwidth), work_of(topology(name))
    found = dots(work, device, batch)
    assert all(dot.attainable_per_s <= min(peak, dot.intensity * bandwidth) for dot in found)
    table = layer_seconds(work.columns, [peak / 2, peak / 4], [bandwidth, bandwidth], batch)
    np.testing.assert_allclose(table[0], [dot.least_s for dot in found], rtol=1e-9)
    assert (table[1] >= table[0]).all()
    assert (table[1] <= 2 * table[0] * (1 + 1e-9)).all()


def test_the_roof_of_a_profile_is_twice_its_macs() -> None:
    profile = shipped()["stm32f746"]
    device = roof_of(profile, "int8")
    assert device.peak.value == 2 * profile.peak_macs_per_s["int8"].value
    assert device.bandwidth is profile.bandwidth_bytes_per_s
    assert device.peak.source.endswith(profile.peak_macs_per_s["int8"].source)


def test_another_precisions_peak_is_never_taken() -> None:
    profile = shipped()["stm32f746"]
    with pytest.raises(ExplorerError, match="no roof at int4: emulated, stored in 4 bits"):
        roof_of(profile, "int4")
    with pytest.raises(ExplorerError, match="no roof at bfloat16: not supported"):
        roof_of(profile, "bfloat16")
    with pytest.raises(ExplorerError, match="lacks the memory bandwidth"):
        roof_of(replace(profile, bandwidth_bytes_per_s=None), "int8")


def test_the_interval_is_doubled_too() -> None:
    macs = Quantity(3.0, "MAC/s", Kind.MEASURED, "here", 2.0, 4.0, 7)
    assert operations_of(macs) == Quantity(6.0, "OP/s", Kind.MEASURED, "two operations a MAC; here", 4.0, 8.0, 7)
