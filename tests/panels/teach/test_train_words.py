"""The words and colours in which a run is told."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.training.activations import ACTIVATIONS
from explorer.engine.training.initialisation import INITIALISATIONS
from explorer.engine.training.optimizers import OPTIMIZERS
from explorer.engine.training.precision import PRECISIONS
from explorer.engine.training.schedule import SCHEDULES
from explorer.engine.training.settings import KEYWORD_NETWORKS, TASKS
from explorer.panels.teach import wording
from explorer.panels.teach.depth_time import HIGHEST, LOWEST, colors_of


def test_every_name_of_the_engine_has_words() -> None:
    assert set(wording.tasks()) == set(TASKS)
    assert set(wording.activations()) == set(ACTIVATIONS)
    assert set(wording.optimizers()) == set(OPTIMIZERS)
    assert set(wording.initialisations()) == set(INITIALISATIONS)
    assert set(wording.schedules()) == set(SCHEDULES)
    assert set(wording.precisions()) == set(PRECISIONS)
    assert set(wording.networks()) == set(KEYWORD_NETWORKS)


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (0.5, 1.0, ("50", "%")),
        (1.0, 8000.0, ("1 / 8,000", "")),
        (0.0, 1.0, ("0", "%")),
        (2.0, 1.0, ("200", "%")),
        (50.0, 1.0, ("× 50", "")),
        (0.0, 0.0, ("0", "%")),
        (float("nan"), 1.0, ("–", "")),
    ],
)
def test_the_share_that_reaches_the_first_layer_in_words(first: float, last: float, shown: tuple[str, str]) -> None:
    assert wording.reach(first, last) == shown


def test_colours_grow_brighter_with_the_gradient_and_clamp_at_both_ends() -> None:
    values = 10.0 ** np.linspace(LOWEST, HIGHEST, 50)
    brightness = colors_of(values)[:, :3].astype(int).sum(1)
    assert (np.diff(brightness) >= 0).all()
    assert brightness[-1] > 4 * brightness[0]
    ends = colors_of(np.array([0.0, 1e-30, 1e9, np.inf, np.nan]))
    assert (ends[0] == ends[1]).all()
    assert (ends[2] == ends[3]).all()
    assert (ends[3] == ends[4]).all()
