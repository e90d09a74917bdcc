"""A run without a thread: it learns, repeats itself, goes back, changes under way, and says why it stopped."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.training.probes import Probes
from explorer.engine.training.settings import Blueprint, Change, Settings, changed
from explorer.engine.training.tasks2d import TASKS_2D, Draw, draw
from explorer.engine.training.trainer import Diverged, Row, Trainer

FAST = Settings(learning_rate=0.02, optimizer="adam")


def steps(trainer: Trainer, count: int) -> list[Row]:
    return [trainer.step() for _ in range(count)]


def weights(trainer: Trainer) -> bytes:
    return b"".join(t.numpy().tobytes() for t in trainer.learner.tensors().values())


@pytest.mark.parametrize("task", [*TASKS_2D, "regression"])
def test_each_task_is_learned(task: str) -> None:
    trainer = Trainer(Blueprint(task, (16, 16)), FAST)
    steps(trainer, 1500)
    assert trainer.judge("test").accuracy > (0.85 if task == "regression" else 0.95)


def test_the_books_network_learns() -> None:
    trainer = Trainer(Blueprint("book", (30,)), replace(FAST, activation="relu", count=6000, learning_rate=0.005))
    steps(trainer, 800)
    assert trainer.judge("test").accuracy > 0.8


def test_a_perceptron_learns_blobs_but_not_xor() -> None:
    found = {}
    for task in ("blobs", "xor"):
        trainer = Trainer(Blueprint(task, ()), FAST)
        steps(trainer, 600)
        found[task] = trainer.judge("test").accuracy
    assert found["blobs"] > 0.95
    assert found["xor"] < 0.75


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    one, two, other = (Trainer(Blueprint(seed=seed), replace(FAST, dropout=0.2)) for seed in (1, 1, 2))
    assert steps(one, 120) == steps(two, 120)
    assert weights(one) == weights(two)
    steps(other, 120)
    assert weights(other) != weights(one)


def test_probes_change_nothing() -> None:
    bare, watched = Trainer(Blueprint(), FAST), Trainer(Blueprint(), replace(FAST, probe_every=1))
    probes = Probes(watched)
    for _ in range(60):
        bare.step()
        watched.step()
        assert probes.take() is not None
        probes.detail()
    assert weights(bare) == weights(watched)


_VALUES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([0.0, 0.01, 0.1])),
    st.tuples(st.just("optimizer"), st.sampled_from(["sgd", "momentum", "adam"])),
    st.tuples(st.just("activation"), st.sampled_from(["tanh", "relu", "gelu"])),
    st.tuples(st.just("batch"), st.sampled_from([1, 32, 1000])),
    st.tuples(st.just("noise"), st.sampled_from([0.0, 0.3])),
    st.tuples(st.just("precision"), st.sampled_from(["fp32", "bf16"])),
    st.tuples(st.just("patience"), st.sampled_from([0, 1000])),
    st.tuples(st.just("momentum"), st.sampled_from([0.5, 0.9])),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 25), _VALUES), max_size=6))
def test_the_log_of_changes_repeats_a_run_byte_for_byte(wanted: list[tuple[int, tuple[str, object]]]) -> None:
    played = Trainer(Blueprint(), FAST)
    rows = []
    for step in range(26):
        for at, (name, value) in wanted:
            if at == step:
                played.change(**{name: value})
        rows.append(played.step())
    repeated = Trainer(Blueprint(), FAST, played.changes)
    assert steps(repeated, 26) == rows
    assert weights(repeated) == weights(played)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_run_taken_back_goes_on_as_it_did(optimizer: str, batch_norm: bool) -> None:
    trainer = Trainer(Blueprint(batch_norm=batch_norm), replace(FAST, optimizer=optimizer, dropout=0.1))
    steps(trainer, 37)
    kept = trainer.state()
    first = steps(trainer, 90)
    end = weights(trainer)
    trainer.restore(kept)
    assert trainer.step_number == 37
    assert steps(trainer, 90) == first
    assert weights(trainer) == end


def test_a_slider_dragged_between_two_steps_leaves_one_line_in_the_log() -> None:
    trainer = Trainer(Blueprint(), FAST)
    trainer.step()
    for rate in (0.03, 0.04, 0.05):
        trainer.change(learning_rate=rate)
    trainer.change(learning_rate=0.05)
    assert trainer.changes == [Change(1, "learning_rate", 0.05)]


def test_every_setting_takes_effect_in_the_next_step() -> None:
    different = {
        "learning_rate": 0.5, "batch": 7, "optimizer": "adam", "schedule": "cosine", "l1": 0.1, "l2": 0.1,
        "dropout": 0.5, "activation": "relu", "precision": "bf16", "noise": 0.4, "count": 100,
        "validation_share": 0.5, "label_noise": 0.5, "imbalance": 0.9, "points": ((0.0, 0.0, 1),) * 100,
    }  # fmt: skip
    start = Settings(schedule_steps=40)
    for name, value in different.items():
        plain, altered = Trainer(Blueprint(), start), Trainer(Blueprint(), start)
        steps(plain, 30)
        steps(altered, 30)
        assert weights(plain) == weights(altered)
        altered.change(**{name: value})
        steps(plain, 8)
        steps(altered, 8)
        assert weights(plain) != weights(altered), name


def test_a_rate_of_zero_moves_nothing() -> None:
    trainer = Trainer(Blueprint(), Settings(learning_rate=0.0))
    before = weights(trainer)
    steps(trainer, 10)
    assert weights(trainer) == before


@pytest.mark.parametrize("rate", [-0.1, math.inf, -math.inf, math.nan])
def test_a_rate_no_run_can_have_is_refused_and_nothing_changes(rate: float) -> None:
    trainer = Trainer(Blueprint(), Settings())
    with pytest.raises(ExplorerError, match=r"learning rate is .*: give 0 to"):
        trainer.change(learning_rate=rate)
    assert trainer.settings == Settings()
    assert trainer.changes == []


def test_names_and_values_that_do_not_exist_are_told() -> None:
    for values in (
        {"learnrate": 1},
        {"optimizer": "lamb"},
        {"batch": 0},
        {"dropout": 1.0},
        {"points": ((math.nan, 0.0, 0),)},
    ):
        with pytest.raises(ExplorerError):
            changed(Settings(), **values)
    for blueprint in (
        Blueprint("mnist"),
        Blueprint(hidden=(0,)),
        Blueprint(hidden=(4,) * 51),
        Blueprint(initialisation="luck"),
        Blueprint(sigma=math.nan),
        Blueprint(seed=-1),
        Blueprint(network="huge"),
    ):
        with pytest.raises(ExplorerError):
            Trainer(blueprint, Settings())


def test_a_loss_that_is_no_number_stops_with_step_and_layer_and_can_be_taken_back() -> None:
    trainer = Trainer(Blueprint("regression", (8,)), Settings(learning_rate=0.1, activation="relu"))
    steps(trainer, 20)
    kept = trainer.state()
    trainer.change(learning_rate=1e6)
    with pytest.raises(Diverged) as found:
        steps(trainer, 400)
    assert found.value.step == trainer.step_number + 1
    assert found.value.where.startswith(("the output of layer ", "the gradient of layer ", "the loss"))
    assert f"stopped at step {found.value.step}: {found.value.where}" in str(found.value)
    assert all(bool(torch.isfinite(p).all()) for p in trainer.learner.parameters.values())
    trainer.restore(kept)
    trainer.change(learning_rate=0.05)
    assert all(math.isfinite(row.loss) for row in steps(trainer, 50))


def test_the_first_layer_that_fails_is_named() -> None:
    trainer = Trainer(Blueprint("xor", (4, 4)), Settings())
    trainer.learner.parameters["dense2.weight"][0, 0] = math.inf
    with pytest.raises(Diverged, match="at step 1: the output of layer dense2"):
        trainer.step()


def test_one_class_only_is_learned_and_the_other_is_never_recognised() -> None:
    trainer = Trainer(Blueprint("circles", (8,)), replace(FAST, imbalance=1.0))
    assert set(trainer.data.train_y.tolist()) == {0}
    steps(trainer, 300)
    assert trainer.judge("validation").accuracy == 1.0
    assert trainer.judge("test").recall == (1.0, 0.0)
    assert math.isnan(trainer.judge("validation").recall[1])


def test_no_examples_is_told_and_the_run_goes_on_with_those_it_had() -> None:
    with pytest.raises(ExplorerError, match="to train with"):
        draw("moons", Draw(count=2, validation_share=0.01), 1)
    trainer = Trainer(Blueprint(), Settings())
    with pytest.raises(ExplorerError, match="give at least one each"):
        trainer.change(count=2, validation_share=0.01)
    assert trainer.settings == Settings()
    steps(trainer, 5)


def test_early_stopping_says_where_it_was_best_and_goes_on_when_told() -> None:
    overfitting = Settings(learning_rate=0.05, optimizer="adam", label_noise=0.4, count=60, patience=10)
    trainer = Trainer(Blueprint("moons", (64, 64)), overfitting)
    rows = []
    while not trainer.ended and trainer.step_number < 3000:
        rows.append(trainer.step())
    losses = {row.step: row.validation_loss for row in rows if row.validation_loss is not None}
    best = min(losses, key=lambda step: losses[step])
    assert trainer.step_number == best + 10 * 20
    assert f"at step {best}" in trainer.ended
    trainer.change(patience=0)
    assert not trainer.ended


def test_leakage_flatters_validation_and_not_the_test() -> None:
    found = {}
    for leak in (0.0, 1.0):
        trainer = Trainer(
            Blueprint("moons", (64, 64)), replace(FAST, leak=leak, label_noise=0.35, count=100, validation_share=0.4)
        )
        steps(trainer, 1500)
        found[leak] = trainer.judge("validation").accuracy - trainer.judge("test").accuracy
    assert found[1.0] > found[0.0] + 0.1


@pytest.mark.parametrize("task", TASKS_2D)
def test_points_are_drawn_from_the_seed_and_shares_are_kept(task: str) -> None:
    one, two = draw(task, Draw(), 3), draw(task, Draw(), 3)
    assert torch.equal(one.train_x, two.train_x)
    assert len(one.validation_y) == 120
    assert len(one.train_y) == 280
    assert float(one.train_x.abs().max()) < 1.6
    noisy = draw(task, Draw(label_noise=0.25), 3)
    assert torch.equal(noisy.train_x, one.train_x)
    flipped = float((noisy.train_y != one.train_y).float().mean())
    assert flipped == pytest.approx(0.25, abs=0.07)
    assert torch.equal(noisy.test_y, one.test_y)


def test_drawn_points_join_the_training_part() -> None:
    drawn = draw("circles", Draw(points=((0.5, -0.5, 1), (2.0, 2.0, 0))), 3)
    assert drawn.train_x[-2:].tolist() == [[0.5, -0.5], [2.0, 2.0]]
    assert drawn.train_y[-2:].tolist() == [1, 0]


def test_smoothing_by_hand() -> None:
    trainer = Trainer(Blueprint(), FAST)
    rows = steps(trainer, 3)
    expected = rows[0].loss
    for row in rows[1:]:
        expected = 0.95 * expected + 0.05 * row.loss
    assert rows[-1].loss_smoothed == pytest.approx(expected)


def test_validation_comes_when_it_is_asked_for() -> None:
    rows = steps(Trainer(Blueprint(), replace(FAST, validate_every=7)), 21)
    assert [row.step for row in rows if row.validation_loss is not None] == [7, 14, 21]


def test_every_example_is_seen_once_an_epoch() -> None:
    trainer = Trainer(Blueprint(), replace(FAST, batch=40))
    seen = [tuple(x) for _ in range(7) for x in _next_batch(trainer)]
    assert len(seen) == len(set(seen)) == 280


def _next_batch(trainer: Trainer) -> list[list[float]]:
    found: list[list[float]] = []
    real = trainer.learner.loss_and_gradients

    def spy(x: torch.Tensor, y: torch.Tensor, scale: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
        found.extend(np.asarray(x).tolist())
        return real(x, y, scale)

    trainer.learner.loss_and_gradients = spy  # type: ignore[method-assign]
    trainer.step()
    trainer.learner.loss_and_gradients = real  # type: ignore[method-assign]
    return found
