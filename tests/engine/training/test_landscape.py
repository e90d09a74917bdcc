"""The landscape: exact on a quadratic, exact at the network's own place, honest about how much of the path it shows."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job
from explorer.engine.training.build import make_learner
from explorer.engine.training.landscape import (
    Floats,
    Heights,
    NetworkLoss,
    Plane,
    pca_plane,
    project,
    random_plane,
    reach_of,
    refine,
)
from explorer.engine.training.live import Session
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.tasks2d import Dataset
from explorer.engine.training.trainer import State, Trainer
from explorer.engine.training.view import View


def quadratic(vector: Floats) -> float:
    """1/2 (v0^2 + 4 v1^2 + 9 v2^2)."""
    return float(0.5 * (vector**2 * np.array([1.0, 4.0, 9.0])).sum())


HALVES = st.integers(-6, 6).map(lambda i: i / 2)
AXES = Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), "random")


def trained(task: str = "circles", steps: int = 60, **settings: object) -> tuple[Trainer, list[State]]:
    trainer = Trainer(Blueprint(task, (8, 8), batch_norm=bool(settings.pop("norm", False))), Settings(**settings))  # type: ignore[arg-type]
    states = []
    for step in range(steps):
        trainer.step()
        if step % 5 == 4:
            states.append(trainer.state())
    return trainer, states


def network_loss(trainer: Trainer) -> NetworkLoss:
    return NetworkLoss(trainer.blueprint, trainer.settings, trainer.data, trainer.state().tensors)


def test_golden_heights_of_a_quadratic() -> None:
    *_, last = refine(quadratic, AXES, 2.0, 5)
    assert last.sides.tolist() == [-2, -1, 0, 1, 2]
    for row, b in enumerate(last.sides):
        for column, a in enumerate(last.sides):
            assert last.losses[row, column] == 0.5 * (a**2 + 4 * b**2)


@pytest.mark.parametrize("settings", [{}, {"norm": True}, {"precision": "bf16"}, {"dropout": 0.5}])
def test_the_middle_is_the_loss_of_the_network_exactly(settings: dict[str, object]) -> None:
    trainer, _ = trained(**settings)  # type: ignore[arg-type] # names are those of Settings
    loss_at = network_loss(trainer)
    exact = trainer.learner.loss(trainer.data.train_x, trainer.data.train_y)
    for heights in refine(loss_at, random_plane(loss_at.parameters), 1.0, 5):
        middle = len(heights.sides) // 2
        assert heights.losses[middle, middle] == exact


def test_a_keyword_network_with_batch_norm_is_exact_too() -> None:
    generator = torch.Generator().manual_seed(1)
    pictures = torch.randint(0, 256, (250, 98, 40), generator=generator, dtype=torch.uint8)
    words = torch.arange(250) % 12
    data = Dataset(pictures, words, pictures[:1], words[:1], pictures[:1], words[:1], 12)
    blueprint = Blueprint("kws", network="tiny")
    learner = make_learner(blueprint, data)
    loss_at = NetworkLoss(blueprint, Settings(), data, learner.tensors())
    (heights,) = refine(loss_at, random_plane(loss_at.parameters), 1.0, 3)
    assert len(loss_at.y) == 84  # every third
    assert heights.losses[1, 1] == learner.loss(loss_at.x, loss_at.y)
    assert len(np.unique(heights.losses)) == 9


def test_one_altered_weight_changes_the_height() -> None:
    trainer, _ = trained()
    loss_at = network_loss(trainer)
    vector = loss_at.vector()
    before = loss_at(vector)
    vector[0] += 0.5
    assert loss_at(vector) != before


def test_the_trained_network_is_left_alone() -> None:
    trainer, _ = trained()
    before = [w.clone() for w in trainer.learner.trained]
    loss_at = network_loss(trainer)
    for _ in refine(loss_at, random_plane(loss_at.parameters), finest=3):
        pass
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.learner.trained, strict=True))


def test_each_unit_moves_by_as_much_as_its_own_weights_are_long() -> None:
    parameters = {"w": np.random.default_rng(1).normal(0, 2, (5, 3)), "b": np.ones(5), "k": np.ones((2, 3, 1, 4))}
    plane = random_plane(parameters, seed=4)
    for direction in (plane.first, plane.second):
        w, b, k = direction[:15].reshape(5, 3), direction[15:20], direction[20:].reshape(2, 12)
        assert np.linalg.norm(w, axis=1) == pytest.approx(np.linalg.norm(parameters["w"], axis=1))
        assert np.linalg.norm(k, axis=1) == pytest.approx([np.sqrt(12)] * 2)
        assert not b.any()
    assert not np.allclose(plane.first, plane.second)
    assert np.array_equal(plane.first, random_plane(parameters, seed=4).first)
    assert not np.array_equal(plane.first, random_plane(parameters, seed=5).first)


def test_grids_grow_and_keep_what_they_had() -> None:
    grids = list(refine(quadratic, AXES, 1.0, 9))
    assert [len(grid.sides) for grid in grids] == [3, 5, 9]
    assert [grid.computed for grid in grids] == [9, 25, 81]
    assert np.array_equal(grids[2].losses[::4, ::4], grids[0].losses)
    asked = []
    list(refine(lambda v: asked.append(tuple(v)) or 0.0, AXES, 1.0, 9))  # type: ignore[func-returns-value] # noted
    assert len(asked) == len(set(asked)) == 81


def test_it_runs_in_a_job_and_can_be_cancelled() -> None:
    started = threading.Event()

    def slow(vector: Floats) -> float:
        started.set()
        threading.Event().wait(0.02)
        return quadratic(vector)

    def work(stop: threading.Event, put: object) -> None:
        for heights in refine(slow, AXES, 1.0, 33, stop):
            put(heights)  # type: ignore[operator] # Mailbox.put

    job: Job[Heights] = Job(work, "landscape")
    job.start()
    assert started.wait(10)
    assert job.stop(2)
    assert job.error is None
    newest = job.updates.take()
    assert newest is None or newest.computed < 33**2


@given(st.lists(st.tuples(HALVES, HALVES), min_size=2, max_size=8))
def test_a_path_in_the_plane_is_seen_whole(places: list[tuple[float, float]]) -> None:
    path = [AXES.at(a, b) for a, b in places]
    seen = project(path, AXES)
    assert seen.places == pytest.approx(np.array(places), abs=1e-9)
    moved = any(place != places[0] for place in places)
    assert seen.length_share == pytest.approx(1.0 if moved else 0.0)


def test_a_path_outside_the_plane_is_not_seen_and_half_is_half() -> None:
    outside = [np.array([0, 0, z]) for z in (3.0, 2.0, 0.0)]
    assert project(outside, AXES).length_share == 0
    slanted = [np.array([z, 0, z]) for z in (3.0, 2.0, 0.0)]
    assert project(slanted, AXES).length_share == pytest.approx(np.sqrt(0.5))
    assert project(slanted, AXES).variance_share == pytest.approx(0.5)
    assert project([np.zeros(3)] * 3, AXES).variance_share == 0


def test_directions_need_not_be_orthogonal() -> None:
    skewed = Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([1.0, 1.0, 0]), "random")
    seen = project([skewed.at(0.5, -2.0), np.zeros(3)], skewed)
    assert seen.places[0] == pytest.approx([0.5, -2.0])
    assert seen.variance_share == pytest.approx(1)


def test_the_plane_of_the_path_shows_more_of_it_than_a_random_one() -> None:
    trainer, states = trained()
    loss_at = network_loss(trainer)
    path = [loss_at.vector(state.tensors) for state in states]
    assert np.array_equal(path[-1], loss_at.vector(trainer.state().tensors))
    by_path, by_chance = project(path, pca_plane(path)), project(path, random_plane(loss_at.parameters))
    assert by_path.variance_share > 0.9
    assert by_chance.variance_share < 0.3
    assert np.abs(by_path.places).max() == pytest.approx(1)
    assert reach_of(by_path) == pytest.approx(1.1)
    assert by_path.places[-1] == pytest.approx([0, 0], abs=1e-9)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ExplorerError, match="cannot be halved"):
        next(refine(quadratic, AXES, 1.0, 10))
    with pytest.raises(ExplorerError, match="hardly begun"):
        pca_plane([np.ones(3)] * 5)


def test_the_path_of_a_live_session_lies_on_its_landscape() -> None:
    session = Session(Blueprint("circles", (8,)), Settings(learning_rate=0.3), speed=math.inf)
    job: Job[View] = Job(session.work, "session")
    job.start()
    session.play()
    while len(session.states) < 10:
        time.sleep(0.001)
    session.pause()
    view: View | None = None
    while view is None or view.mode != "paused" or view.step == 0:
        view = job.updates.take() or view
        time.sleep(0.001)
    states = session.states
    assert job.stop(5)
    loss_at = NetworkLoss(view.blueprint, view.settings, view.data, states[-1].tensors)
    path = [loss_at.vector(state.tensors) for state in states]
    plane = pca_plane(path)
    seen = project(path, plane)
    (heights,) = refine(loss_at, plane, reach_of(seen), 3)
    assert heights.losses[1, 1] == loss_at(path[-1])
    assert loss_at(path[0]) > loss_at(path[-1])
    assert seen.variance_share > 0.8
