"""A person trains a network and looks at the loss around it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.engine.errors import ExplorerError
from explorer.engine.training.landscape import FINEST
from explorer.panels.teach.surface_view import SurfaceView
from explorer.panels.teach.surface_work import MOST_STATES, thinned
from tests.panels.teach.train_bench import Bench, made_bench
from tests.panels.teach.views_bench import rgb


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_bench(qtbot) as made:
        made.fast()
        yield made


def surface_view(bench: Bench) -> SurfaceView:
    bench.panel.choose_view("surface")
    bench.frame()
    view = bench.panel.views.view("surface")
    assert isinstance(view, SurfaceView)
    return view


def drawn(bench: Bench, view: SurfaceView) -> None:
    """Wait until the finest grid is there."""
    bench.until(lambda: not bench.context.background.tasks and view.surface is not None)
    assert view.surface is not None
    assert view.surface.heights.computed == FINEST**2


def test_empty_then_the_path_and_the_loss_of_the_very_network(bench: Bench) -> None:
    view = surface_view(bench)
    assert view.state.isVisible()
    assert "No path yet" in view.describe()
    bench.train_to(200)
    QTest.mouseClick(view.again, Qt.MouseButton.LeftButton)
    drawn(bench, view)
    assert view.surface is not None
    assert view.map.isVisible()
    path = view.map.tracks()[0].places
    assert len(path) == len(view.surface.wanted.states)
    assert path[-1] == pytest.approx((0, 0), abs=1e-9)  # the newest network is the middle of the picture
    middle = FINEST // 2
    examples = bench.view.data
    learner_loss = view.surface.heights.losses[middle, middle]
    from explorer.engine.training.landscape import NetworkLoss

    newest = bench.session.run.states[-1]
    loss_at = NetworkLoss(bench.view.blueprint, bench.view.settings, examples, newest.tensors)
    assert learner_loss == pytest.approx(loss_at(loss_at.vector()))
    assert f"{100 * view.surface.projection.length_share:.0f} % of the path's length" in view.describe()
    assert f"loss {learner_loss:.4g}" in view.map.value_words(view.map.place_of(0, 0))


def test_planes_differ_and_going_on_is_told(bench: Bench) -> None:
    bench.train_to(200)
    view = surface_view(bench)  # drawn by itself, since there is a path
    drawn(bench, view)
    assert view.surface is not None
    first, random_share = view.surface.heights.losses.copy(), view.surface.projection.length_share
    QTest.mouseClick(view.other, Qt.MouseButton.LeftButton)
    bench.until(lambda: view.surface is not None and view.surface.wanted.seed == 2)
    drawn(bench, view)
    assert not np.array_equal(view.surface.heights.losses, first)
    view.choose_kind("pca")
    bench.until(lambda: view.surface is not None and view.surface.wanted.kind == "pca")
    drawn(bench, view)
    assert view.surface.projection.length_share > random_share
    bench.train_to(bench.view.head + 100)
    assert view.behind() > 0
    assert "steps further" in view.describe()
    bench.session.rebuild(seed=5)
    bench.until(lambda: view.surface is None)
    assert not view.map.isVisible()


def test_losses_that_are_no_numbers_are_told(bench: Bench) -> None:
    bench.train_to(200)
    view = surface_view(bench)
    drawn(bench, view)
    assert view.surface is not None
    heights = view.surface.heights
    lost = dataclasses.replace(heights, losses=np.full_like(heights.losses, np.inf))
    view.surface = dataclasses.replace(view.surface, heights=lost)
    assert view.describe().startswith("No loss in this plane is a finite number")
    view.map.show_ground(view._ground(view.surface))
    assert (view.map.picture()[..., :3] == rgb("surface")).all()
    assert "loss –" in view.map.value_words(view.map.place_of(0, 0))


def test_what_was_chosen_comes_back(bench: Bench) -> None:
    view = surface_view(bench)
    assert view.save_state() == {}
    view.restore_state({"kind": "pca", "seed": 4})
    assert view.save_state() == {"kind": "pca", "seed": 4}
    for wrong in ({"kind": "flat"}, {"seed": -1}, {"seed": True}):
        with pytest.raises(ExplorerError):
            view.restore_state(wrong)


def test_a_long_path_is_thinned_and_keeps_its_ends() -> None:
    states: Any = tuple(range(1000))  # anything that can be counted
    kept: Any = thinned(states)
    assert len(kept) == MOST_STATES
    assert (kept[0], kept[-1]) == (0, 999)
