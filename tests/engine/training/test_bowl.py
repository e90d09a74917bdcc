"""The bowl: the path is the closed form, and the rule 2 (1 + momentum) / curvature is what the path does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.training.bowl import Behaviour, Bowl, behaviour, best_settings, descend, rate_limit

CURVATURE = st.floats(0.1, 10)
MOMENTUM = st.floats(0, 0.95)


def closed_form(curvature: float, start: float, rate: float, momentum: float, step: int) -> float:
    """Position after `step` steps, as the power of a 2 x 2 matrix."""
    matrix = np.array([[1 - rate * curvature, -rate * momentum], [curvature, momentum]])
    return float((np.linalg.matrix_power(matrix, step) @ [start, 0.0])[0])


@given(CURVATURE, CURVATURE, st.floats(0.01, 0.3), MOMENTUM, st.floats(-3, 3), st.floats(0.5, 3))
def test_the_path_is_the_closed_form(a: float, b: float, rate: float, momentum: float, x: float, y: float) -> None:
    path = descend(Bowl((a, b)), (x, y), rate, momentum, 20).points
    last = len(path) - 1
    exact = [closed_form(a, x, rate, momentum, last), closed_form(b, y, rate, momentum, last)]
    assert path[last] == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_golden_values_by_hand() -> None:
    """Curvature 2, rate 0.25: every step halves w. 4, 2, 1; heights w^2 = 16, 4, 1."""
    down = descend(Bowl((2.0,)), (4.0,), 0.25, 0, 2)
    assert down.points[:, 0].tolist() == [4, 2, 1]
    assert down.losses.tolist() == [16, 4, 1]


@given(CURVATURE, st.floats(0.05, 0.95) | st.floats(1.05, 1.9), MOMENTUM)
def test_the_rule_says_what_the_path_does(curvature: float, share: float, momentum: float) -> None:
    """On either side of the limit: below it the ball comes to rest, above it it leaves."""
    rate = share * rate_limit(curvature, momentum)
    down = descend(Bowl((curvature,)), (1.0,), rate, momentum, 600)
    if share > 1:
        assert behaviour(curvature, rate, momentum) is down.observed is Behaviour.DIVERGES
        assert down.arrived_at is None
    else:
        assert behaviour(curvature, rate, momentum) in (Behaviour.CREEPS, Behaviour.OSCILLATES)
        assert down.arrived_at is not None


@pytest.mark.parametrize(
    ("rate", "what"),
    [
        (0.0, Behaviour.STANDS),
        (0.3, Behaviour.CREEPS),
        (0.7, Behaviour.OSCILLATES),
        (1.0, Behaviour.SWINGS),
        (1.1, Behaviour.DIVERGES),
        (-0.1, Behaviour.DIVERGES),
    ],
)
def test_every_behaviour_has_its_rate(rate: float, what: Behaviour) -> None:
    down = descend(Bowl((2.0,)), (1.0,), rate, 0, 60)
    assert down.observed is what
    assert down.expected == (what,)


def test_a_ravine_is_limited_by_its_steepest_wall() -> None:
    down = descend(Bowl((1.0, 25.0)), (1.0, 1.0), 0.081, 0, 200)
    assert down.expected == (Behaviour.CREEPS, Behaviour.DIVERGES)
    assert down.observed is Behaviour.DIVERGES


def test_momentum_arrives_sooner_in_a_ravine() -> None:
    bowl = Bowl((1.0, 100.0))
    rate, momentum = best_settings(bowl)
    plain, heavy = (
        descend(bowl, (1.0, 1.0), 2 / 101, 0, 1000).arrived_at,
        descend(bowl, (1.0, 1.0), rate, momentum, 1000).arrived_at,
    )
    assert plain is not None
    assert heavy is not None
    assert heavy < plain / 3


@given(CURVATURE, CURVATURE, st.floats(0.5, 2.0), st.floats(0.0, 0.99))
def test_no_other_settings_shrink_the_worst_axis_more(a: float, b: float, factor: float, other: float) -> None:
    from explorer.engine.training.bowl import spectral_radius

    rate, momentum = best_settings(Bowl((a, b)))
    best = max(spectral_radius(c, rate, momentum) for c in (a, b))
    # rounding under the root matters where the two eigenvalues meet
    assert best <= max(spectral_radius(c, rate * factor, other) for c in (a, b)) + 1e-6


@pytest.mark.parametrize("rate", [float("inf"), float("nan")])
def test_a_rate_that_is_no_number_is_refused(rate: float) -> None:
    with pytest.raises(ExplorerError, match="learning rate"):
        descend(Bowl((1.0,)), (1.0,), rate)


def test_momentum_of_one_and_a_wrong_start_are_refused() -> None:
    with pytest.raises(ExplorerError, match="Momentum"):
        descend(Bowl((1.0,)), (1.0,), 0.1, 1.0)
    with pytest.raises(ExplorerError, match="2 finite numbers"):
        descend(Bowl((1.0, 2.0)), (1.0,), 0.1)
    with pytest.raises(ExplorerError, match="curvatures"):
        Bowl((1.0, -1.0))
