"""Formulas of chance, each against a simulation or a value by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.training.sampling import (
    examples_needed,
    expected_best,
    leak_gain,
    mean_interval,
    selection_inflation,
    standard_error,
    unstratified_sd,
)


def test_the_standard_error_is_the_spread_of_many_validation_sets() -> None:
    measured = np.random.default_rng(1).binomial(200, 0.8, 20_000) / 200
    assert standard_error(0.8, 200) == pytest.approx(measured.std(), rel=0.02)


def test_the_books_validation_sizes_by_hand() -> None:
    """p = 0.9: +- 5.9 points with 100 examples, +- 1.9 with 1000."""
    assert 1.96 * standard_error(0.9, 100) == pytest.approx(0.0588, abs=1e-4)
    assert 1.96 * standard_error(0.9, 1000) == pytest.approx(0.0186, abs=1e-4)
    assert examples_needed(0.5, 0.01) == 9604


@given(st.floats(0.05, 0.95), st.floats(0.005, 0.2))
def test_as_many_examples_as_needed_give_the_width_asked_for(accuracy: float, half: float) -> None:
    n = examples_needed(accuracy, half)
    assert 1.96 * standard_error(accuracy, n) <= half * 1.0001
    assert n <= 1 or 1.9599 * standard_error(accuracy, n - 1) > half * 0.999


@pytest.mark.parametrize(("candidates", "expected"), [(1, 0.0), (2, 0.5642), (5, 1.1630), (100, 2.5076)])
def test_the_best_of_several(candidates: int, expected: float) -> None:
    """Tabulated means of the largest of n normal numbers."""
    assert expected_best(candidates) == pytest.approx(expected, abs=1e-4)


def test_the_best_of_five_is_inflated_as_predicted() -> None:
    scores = np.random.default_rng(2).binomial(100, 0.5, (20_000, 5)) / 100
    assert selection_inflation(5, 0.5, 100) == pytest.approx(scores.max(1).mean() - 0.5, abs=0.001)


def test_the_share_of_a_class_in_a_random_part() -> None:
    labels = (np.arange(100) < 40).astype(float)
    generator = np.random.default_rng(3)
    shares = [generator.permutation(labels)[:30].mean() for _ in range(5000)]
    assert unstratified_sd(0.4, 30, 100) == pytest.approx(np.std(shares), rel=0.04)
    assert unstratified_sd(0.4, 100, 100) == 0


def test_leaked_examples_gain_at_most_the_error() -> None:
    assert leak_gain(0.02, 0.7) == pytest.approx(0.006)
    right = np.random.default_rng(4).random(10_000) < 0.7
    with_leak = right.copy()
    with_leak[:200] = True  # remembered
    assert with_leak.mean() - right.mean() == pytest.approx(leak_gain(0.02, 0.7), abs=0.002)


def test_the_interval_of_a_mean() -> None:
    mean, low, high = mean_interval(np.array([1.0, 2, 3, 4]))
    assert mean == 2.5
    assert high - mean == pytest.approx(mean - low) == pytest.approx(1.96 * 1.29099 / 2, abs=1e-4)
    assert mean_interval(np.array([1.0]))[1:] == (-np.inf, np.inf)
