"""Energy by three methods, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.deployment.energy import (
    Method,
    from_result,
    mac_picojoules,
    operations,
    power_times_time,
    published,
    read_picojoules_per_byte,
)
from explorer.engine.deployment.measurements import published as rows_published
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity


def quantity(value: float, unit: str, kind: Kind = Kind.CITED, spread: float | None = None) -> Quantity:
    if spread is None:
        return Quantity(value, unit, kind, "test")
    return Quantity(value, unit, kind, "test", low=value / spread, high=value * spread)


def test_power_times_time_by_hand() -> None:
    # 42.15 mW for 43.1872 ms is what MLPerf Tiny published as 1820.454 µJ, up to the rounding of the power
    found = power_times_time(quantity(0.04215, "W"), quantity(43.1872, "ms", spread=2.0), "processor only")
    assert found.microjoules.value == pytest.approx(1820.34, rel=1e-5)
    assert found.microjoules.value == pytest.approx(1820.454, rel=1e-3)
    assert found.microjoules.low == pytest.approx(910.17, rel=1e-5)
    assert found.microjoules.high == pytest.approx(3640.68, rel=1e-5)
    assert found.microjoules.kind is Kind.DERIVED


def test_published_rows_carry_supply_and_source() -> None:
    rows = {(row.submitter, row.board, row.network): from_result(row) for row in rows_published()}
    found = rows["syntiant", "NDP9120", "mlperf-tiny-kws"]
    assert found is not None
    assert found.microjoules.value == 31.537
    assert found.microjoules.kind is Kind.CITED
    assert "0.9V" in found.boundary
    assert "Syntiant SDK" in found.microjoules.source
    assert rows["Renesas", "EK-RA8D1", "mlperf-tiny-kws"] is None  # no energy was submitted
    assert sum(energy is not None for energy in map(from_result, rows_published())) == 23


def test_an_assumed_power_makes_an_assumed_energy() -> None:
    found = power_times_time(quantity(1.0, "W", Kind.ASSUMED), quantity(1.0, "ms"), "board")
    assert found.microjoules.kind is Kind.ASSUMED
    assert found.microjoules.value == 1000.0


def test_methods_do_not_share_an_axis_unmarked() -> None:
    measured = published(31.537, "MLPerf Tiny 1.2, Syntiant", "processor only, 0.9 V")
    other_board = published(1375.6, "MLPerf Tiny 1.2, STMicroelectronics", "processor only, 0.9 V")
    computed = power_times_time(quantity(0.00722, "W"), quantity(4.3672, "ms"), "processor only, 0.9 V")
    assert measured.comparable(other_board)
    assert not measured.comparable(computed)
    assert not measured.comparable(published(1.0, "x", "whole board"))
    assert len({each.value for each in Method}) == 3


def test_operations_by_hand() -> None:
    # 1,000,000 int8 MAC: (0.2 + 0.1) pJ each = 0.3 µJ; 32,768 bytes from 32 KiB: 2.5 pJ/B = 0.08192 µJ
    arithmetic, movement = operations(1_000_000, "int8", [(32_768, 32 * 1024)])
    assert arithmetic.microjoules.value == pytest.approx(0.3)
    assert movement.microjoules.value == pytest.approx(0.08192)
    assert mac_picojoules("float32") == pytest.approx(4.6)
    assert mac_picojoules("float16") == pytest.approx(1.5)


def test_a_far_memory_costs_more() -> None:
    sizes = [1, 8 * 1024, 8 * 1024 + 1, 1024 * 1024, 1024 * 1024 + 1]
    assert [read_picojoules_per_byte(size) for size in sizes] == [1.25, 1.25, 2.5, 12.5, 160.0]


def test_an_unlisted_precision_borrows_no_number() -> None:
    with pytest.raises(ExplorerError, match="int4"):
        mac_picojoules("int4")


@given(st.floats(1e-6, 1e3), st.floats(1e-3, 1e5), st.floats(1.0, 10.0))
def test_twice_the_time_is_twice_the_energy(watts: float, milliseconds: float, factor: float) -> None:
    power = quantity(watts, "W")
    once = power_times_time(power, quantity(milliseconds, "ms"), "x").microjoules.value
    longer = power_times_time(power, quantity(milliseconds * factor, "ms"), "x").microjoules.value
    assert longer == pytest.approx(once * factor)
