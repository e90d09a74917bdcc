"""A run that a person plays with, in its thread: every command does what it says, soon, and exactly."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job
from explorer.engine.training.history import History
from explorer.engine.training.live import Session
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.trainer import Trainer
from explorer.engine.training.view import MAP_SIZE, View

FAST = Settings(learning_rate=0.02, optimizer="adam")
PATIENCE_S = 20.0


class Player:
    """A session in its job, and the newest view of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.job: Job[View] = Job(session.work, "training under test")
        self.view: View | None = None
        self.history = History()

    def look(self) -> View | None:
        self.history.read(self.session)
        self.view = self.job.updates.take() or self.view
        assert self.job.error is None
        return self.view

    def until(self, what: Callable[[View], bool]) -> View:
        """Wait for a view of which something is true."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            view = self.look()
            if view is not None and what(view):
                self.history.read(self.session)
                return view
            time.sleep(0.002)
        raise AssertionError(
            f"it never came to that; last: {self.view and (self.view.mode, self.view.step, self.view.why)}"
        )

    def at(self, step: int) -> View:
        return self.until(lambda view: view.step == step and view.mode != "playing")


@pytest.fixture
def play() -> Iterator[Callable[..., Player]]:
    players: list[Player] = []

    def start(blueprint: Blueprint = Blueprint(), settings: Settings = FAST, **more: float) -> Player:  # noqa: B008 - frozen
        player = Player(Session(blueprint, settings, **{"speed": math.inf, **more}))  # type: ignore[arg-type]
        players.append(player)
        player.job.start()
        return player

    yield start
    stopped = [player.job.stop() for player in players]
    assert all(stopped)


def same(a: View, b: View) -> bool:
    return all(np.array_equal(a.weights[name], b.weights[name]) for name in a.weights)


def run_to(player: Player, step: int) -> View:
    """Let it run, then take it to a step exactly."""
    player.session.play()
    player.until(lambda view: view.step >= step)
    player.session.pause()
    player.session.scrub(step)
    return player.at(step)


def test_it_stands_until_it_is_told_to_play_and_stops_when_told(play: Callable[..., Player]) -> None:
    player = play()
    assert player.until(lambda view: True).mode == "paused"
    player.session.play()
    assert player.until(lambda view: view.step > 50).mode == "playing"
    player.session.pause()
    stood = player.until(lambda view: view.mode == "paused")
    time.sleep(0.05)
    assert player.at(stood.step).head == stood.step


def test_single_steps(play: Callable[..., Player]) -> None:
    player = play()
    for _ in range(3):
        player.session.step_once()
    view = player.at(3)
    direct = Trainer(Blueprint(), FAST)
    rows = [direct.step() for _ in range(3)]
    assert player.history.column("loss").tolist() == [row.loss for row in rows]
    assert np.array_equal(view.weights["dense1.weight"], direct.learner.parameters["dense1.weight"].numpy())


def test_a_view_shows_what_was_learned(play: Callable[..., Player]) -> None:
    player = play(Blueprint("circles", (8, 4)))
    view = run_to(player, 800)
    assert view.decision_map is not None
    assert view.decision_map.shape == (MAP_SIZE, MAP_SIZE, 2)
    np.testing.assert_allclose(view.decision_map.sum(2), 1, atol=1e-5)
    middle, corner = view.decision_map[32, 32, 0], view.decision_map[2, 2, 0]
    assert middle > 0.9
    assert corner < 0.1
    assert {name: maps.shape for name, maps in view.unit_maps.items()} == {
        "act1": (8, MAP_SIZE, MAP_SIZE),
        "act2": (4, MAP_SIZE, MAP_SIZE),
    }
    assert view.units["act2"].shape == (4,)
    assert view.gradients["dense2.weight"].shape == (4, 8)
    assert set(view.scores) == {"train", "validation", "test"}
    assert view.scores["test"].accuracy > 0.9
    assert view.measured is not None
    assert view.measured == view.predicted
    assert view.detail is not None


def test_a_changed_setting_acts_and_is_logged(play: Callable[..., Player]) -> None:
    player = play()
    run_to(player, 40)
    player.session.change(learning_rate=0.0)
    player.session.play()
    player.until(lambda view: view.step > 60)
    player.session.pause()
    view = player.until(lambda view: view.mode == "paused")
    player.session.scrub(41)
    assert same(player.at(41), view)
    assert [(c.step, c.name, c.value) for c in player.session.changes] == [(40, "learning_rate", 0.0)]


def test_the_log_repeats_the_session(play: Callable[..., Player]) -> None:
    first = play()
    run_to(first, 30)
    first.session.change(activation="relu", noise=0.2)
    run_to(first, 55)
    again = Trainer(Blueprint(), FAST, first.session.changes)
    rows = [again.step() for _ in range(55)]
    assert first.history.column("loss")[:55].tolist() == [row.loss for row in rows]


def test_any_past_step_can_be_seen_again(play: Callable[..., Player]) -> None:
    player = play()
    direct = Trainer(Blueprint(), FAST)
    run_to(player, 150)
    for step in (137, 0, 20, 149, 150):
        player.session.scrub(step)
        view = player.at(step)
        if step < direct.step_number:
            direct = Trainer(Blueprint(), FAST)
        while direct.step_number < step:
            direct.step()
        assert np.array_equal(view.weights["dense2.weight"], direct.learner.parameters["dense2.weight"].numpy())
        assert view.head >= 150


def test_playing_on_from_the_past_forgets_the_future(play: Callable[..., Player]) -> None:
    player = play()
    run_to(player, 100)
    before = player.history.column("loss")[:50].copy()
    player.session.scrub(50)
    player.at(50)
    player.session.change(learning_rate=0.0)
    player.session.step_once()
    view = player.at(51)
    assert view.head == 51
    assert player.history.column("step").tolist() == list(range(1, 52))
    assert player.history.column("loss")[:50].tolist() == before.tolist()
    assert player.history.probe_step.max() <= 51


def test_a_reset_begins_again_from_the_same_weights(play: Callable[..., Player]) -> None:
    player = play()
    first = player.until(lambda view: view.step == 0)
    run_to(player, 40)
    player.session.reset()
    again = player.until(lambda view: view.generation == 1 and view.step == 0)
    assert same(first, again)
    player.session.step_once()
    player.at(1)
    assert player.history.column("step").tolist() == [1]
    player.session.reset(Blueprint("xor", (3,), seed=5))
    assert player.until(lambda view: view.generation == 2).weights["dense1.weight"].shape == (3, 2)


def test_a_diverged_run_says_where_and_can_be_taken_back_and_mended(play: Callable[..., Player]) -> None:
    player = play(Blueprint("regression", (8,)), Settings(activation="relu"))
    run_to(player, 30)
    player.session.change(learning_rate=1e6)
    player.session.play()
    ended = player.until(lambda view: view.mode == "ended")
    assert f"stopped at step {ended.step + 1}" in ended.why
    player.session.scrub(25)
    assert player.at(25).why == ""
    player.session.change(learning_rate=0.05)
    player.session.play()
    mended = player.until(lambda view: view.step > ended.step + 50)
    assert mended.mode == "playing"
    assert math.isfinite(player.history.column("loss")[-1])


def test_early_stopping_pauses_and_play_goes_on(play: Callable[..., Player]) -> None:
    settings = replace(FAST, learning_rate=0.05, label_noise=0.4, count=60, patience=5)
    player = play(Blueprint("moons", (32,)), settings)
    player.session.play()
    ended = player.until(lambda view: view.mode == "ended")
    assert ended.why.startswith(f"Early stopping at step {ended.step}")
    player.session.play()
    assert player.until(lambda view: view.step > ended.step + 200).mode == "playing"


def test_the_speed_is_kept(play: Callable[..., Player]) -> None:
    player = play(speed=50)
    player.session.play()
    began = player.until(lambda view: view.step > 0)
    start = time.monotonic()
    end = player.until(lambda view: view.step >= began.step + 25)
    assert (end.step - began.step) / (time.monotonic() - start) == pytest.approx(50, rel=0.4)
    player.session.set_speed(math.inf)
    player.until(lambda view: view.step > end.step + 300)
    with pytest.raises(ExplorerError, match="leads nowhere"):
        player.session.set_speed(0)


def test_values_no_run_can_have_are_refused_at_once(play: Callable[..., Player]) -> None:
    player = play()
    for rate in (-1.0, math.inf):
        with pytest.raises(ExplorerError, match="learning rate"):
            player.session.change(learning_rate=rate)
    with pytest.raises(ExplorerError, match="no task 'mnist'"):
        player.session.reset(Blueprint("mnist"))
    assert player.session.settings == FAST
    assert player.session.blueprint == Blueprint()


def test_data_that_cannot_be_drawn_is_told_and_the_run_goes_on(play: Callable[..., Player]) -> None:
    player = play()
    player.session.change(count=2, validation_share=0.01)
    view = player.until(lambda view: view.why != "")
    assert "give at least one each" in view.why
    assert view.mode == "paused"
    assert player.session.settings == FAST
    player.session.step_once()
    assert player.at(1).settings == FAST


def test_points_drawn_by_hand_appear_in_the_next_view(play: Callable[..., Player]) -> None:
    player = play()
    before = player.until(lambda view: True).data
    player.session.change(points=((0.25, 0.5, 1),))
    view = player.until(lambda view: view.data is not before)
    assert view.data.train_x[-1].tolist() == [0.25, 0.5]


def test_snapshots_stay_within_their_budget_and_every_step_within_reach(play: Callable[..., Player]) -> None:
    player = play(memory_mib=0.05)
    whole = play()
    for each in (player, whole):
        run_to(each, 400)
    assert player.session._recorded is not None
    snapshots = player.session._recorded.snapshots
    assert snapshots.bytes <= 0.05 * 2**20
    assert snapshots.bytes == sum(state.bytes for state in snapshots.states)
    assert snapshots.interval > 10
    for each in (player, whole):
        each.session.scrub(123)
    assert same(player.at(123), whole.at(123))


def test_the_history_of_one_weight(play: Callable[..., Player]) -> None:
    player = play()
    view = run_to(player, 100)
    history = dict(player.session.weight_history("dense2.weight", 9))
    assert history[100] == view.weights["dense2.weight"].flat[9]
    assert 0 in history
    steps = [state.step for state in player.session.states]
    assert steps[:3] == [0, 10, 20]
    assert sorted(steps) == steps
    bias = dict(player.session.weight_history("dense1.bias", 2))
    assert bias[100] == view.weights["dense1.bias"][2]


def test_two_sessions_side_by_side_do_not_touch_each_other(play: Callable[..., Player]) -> None:
    alone = run_to(play(), 60)
    one, two = play(), play(Blueprint("xor"), replace(FAST, dropout=0.3))
    two.session.play()
    assert same(run_to(one, 60), alone)


def test_the_gradients_over_depth_and_time(play: Callable[..., Player]) -> None:
    player = play(settings=replace(FAST, probe_every=5))
    run_to(player, 50)
    h = player.history
    assert h.names == ("dense1.weight", "dense2.weight", "dense3.weight")
    assert h.probe_step[:10].tolist() == list(range(5, 51, 5))
    assert h.probed("gradient_rms").shape == (len(h.probe_step), 3)
    assert (h.probed("update_ratio") > 0).all()
    player.session.change(probe_every=0)
    head = player.at(50).head
    assert head >= 50
    player.session.step_once()
    assert player.at(51).detail is None
    assert player.history.probe_step.max() == 50
    player.session.scrub(50)
    assert player.at(50).detail is not None
