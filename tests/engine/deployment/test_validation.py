"""Errors of predictions made without what they are compared with: the aims, the coverage, and that nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.deployment import fitting, validation
from explorer.engine.deployment.measurements import Measurement, published
from explorer.engine.deployment.validation import (
    SETTINGS,
    Score,
    boards_left_out,
    datasheet_gap,
    networks_left_out,
    stretch,
    summaries,
)

KEPT = (
    "fit_without", "boards_left_out", "networks_left_out", "stretch", "_quantile_without", "datasheet_gap",
)  # fmt: skip


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """Forget what was computed, before and after."""

    def forget() -> None:
        for name in KEPT:
            getattr(validation, name).cache_clear()

    forget()
    yield
    forget()


def test_known_software_on_a_new_microcontroller() -> None:
    known, *_ = summaries()
    assert known.count == 36
    assert known.median <= 1.25
    assert known.worst <= 2.0


def test_a_new_network_on_known_microcontrollers() -> None:
    found = {each.group: each for each in summaries()}["network left out, microcontrollers"]
    assert found.count == 50
    assert found.median <= 1.5


def test_intervals_set_without_the_left_out_cover_most_of_it() -> None:
    found = summaries()
    assert sum(each.count for each in found) == 2 * len(published())
    for each in found:  # nine in ten are wanted; groups of seven to fifty can miss that by chance
        assert each.covered / each.count >= 0.8
    assert sum(each.covered for each in found) / sum(each.count for each in found) >= 0.9


def test_each_prediction_carries_the_interval_that_is_counted() -> None:
    for score in (*boards_left_out(), *networks_left_out()):
        assert score.low_ms < score.predicted_ms < score.high_ms
        assert score.covered == (score.low_ms <= score.row.latency_ms <= score.high_ms)
    counted = sum(score.covered for score in (*boards_left_out(), *networks_left_out()))
    assert counted == sum(each.covered for each in summaries())


def test_what_was_never_measured_is_less_sure() -> None:
    spread = {
        setting: min(s.spread for s in boards_left_out() if s.setting == setting)
        for setting in ("another board", "new ground")
    }
    assert spread["new ground"] > 2 * spread["another board"]
    assert all(stretch(setting) > 1 for setting in SETTINGS)


@pytest.mark.parametrize("chip", ["NUCLEO-H7A3ZI", "EK-RA8D1"])
def test_a_board_left_out_has_no_influence(chip: str, monkeypatch: pytest.MonkeyPatch, nothing_kept: None) -> None:
    """Ten times slower results of a board leave the predictions for it as they were, and move those for others."""

    def predictions() -> dict[Measurement, float]:
        named = {replace(s.row, latency_ms=1.0): s.predicted_ms for s in boards_left_out()}
        assert len(named) == len(boards_left_out())
        return named

    before = predictions()
    slower = tuple(replace(r, latency_ms=10 * r.latency_ms) if r.chip == chip else r for r in published())
    for name in KEPT:
        getattr(validation, name).cache_clear()
    monkeypatch.setattr(validation, "published", lambda: slower)
    after = predictions()
    for row, predicted in before.items():
        if row.chip == chip:
            assert after[row] == pytest.approx(predicted, rel=1e-9)
    assert any(abs(after[row] / before[row] - 1) > 0.1 for row in before if row.chip != chip)


def test_a_network_left_out_has_no_influence(monkeypatch: pytest.MonkeyPatch, nothing_kept: None) -> None:
    before = [s.predicted_ms for s in networks_left_out() if s.row.network == "mlperf-tiny-ic"]
    slower = tuple(
        replace(r, latency_ms=10 * r.latency_ms) if r.network == "mlperf-tiny-ic" else r for r in published()
    )
    for name in KEPT:
        getattr(validation, name).cache_clear()
    monkeypatch.setattr(validation, "published", lambda: slower)
    after = [s.predicted_ms for s in networks_left_out() if s.row.network == "mlperf-tiny-ic"]
    assert after == pytest.approx(before, rel=1e-9)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_the_errors_do_not_hang_on_the_priors(
    factor: float, monkeypatch: pytest.MonkeyPatch, nothing_kept: None
) -> None:
    """With every spread of the priors halved or doubled, predictions are as good as they were."""
    for name, (mean, spread) in fitting._PRIORS.items():
        monkeypatch.setitem(fitting._PRIORS, name, (mean, factor * spread))
    known = [s.error_factor for s in boards_left_out() if s.setting == "another board"]
    networks = [s.error_factor for s in networks_left_out() if validation.is_microcontroller(s.row)]
    assert median(known) <= 1.25
    assert max(known) <= 2
    assert median(networks) <= 1.5


def test_error_factors_do_not_care_about_the_direction() -> None:
    row = replace(published()[0], latency_ms=10.0)
    assert Score(row, "another board", True, 20.0, 0.5).error_factor == pytest.approx(2.0)
    assert Score(row, "another board", True, 5.0, 0.5).error_factor == pytest.approx(2.0)
    assert Score(row, "another board", True, 5.0, 0.5).strain == pytest.approx(0.6931 / 0.5, rel=1e-3)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=60))
def test_the_conformal_quantile_covers_nine_in_ten(values: list[float]) -> None:
    found = validation._conformal(values)
    assert found in values
    assert sum(value <= found for value in values) >= 0.9 * len(values)
    if len(values) < 9:  # too few for nine in ten of n + 1
        assert found == max(values)


def test_data_sheets_promise_several_times_what_boards_reach() -> None:
    gap = datasheet_gap()
    assert gap.count >= 40
    assert 2 < gap.median < 6
    assert gap.high > 2 * gap.median
