"""The workbench: one state, replaced; everybody hears of every change in the same order; a drag undoes as one."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.audio.ring import History
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import LEARNED_HERE, LEARNED_SYNTHETIC, Network
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.recipe import Recipe
from explorer.shelf import Shelf
from explorer.workbench import State, Workbench


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_update_replaces_the_state_and_tells_the_old_and_the_new() -> None:
    bench, heard = Workbench(), []
    start = bench.state
    bench.subscribe(lambda old, new: heard.append((old, new)))
    bench.update(network="small", seed=3)
    assert bench.state == replace(start, network="small", seed=3)
    assert heard == [(start, bench.state)]
    assert start.network == "tiny"


def test_an_update_to_the_same_value_is_no_change() -> None:
    bench, heard = Workbench(), []
    bench.subscribe(lambda old, new: heard.append(new))
    bench.update(network=bench.state.network)
    assert not heard
    assert not bench.can_undo


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError):
        Workbench().update(netwrok="small")


def test_who_has_unsubscribed_hears_nothing_more() -> None:
    bench, heard = Workbench(), []
    stop = bench.subscribe(lambda old, new: heard.append(new))
    stop()
    stop()
    bench.update(seed=1)
    assert not heard


def test_a_subscriber_that_updates_does_not_mix_up_the_order_for_the_next() -> None:
    bench, heard = Workbench(), []

    def follow(old: State, new: State) -> None:
        if new.network == "small" and new.seed == 0:
            bench.update(seed=7)

    bench.subscribe(follow)
    bench.subscribe(lambda old, new: heard.append((new.network, new.seed)))
    bench.update(network="small")
    assert heard == [("small", 0), ("small", 7)]


def test_a_subscriber_that_fails_does_not_stop_later_changes() -> None:
    bench, heard = Workbench(), []

    def fail(old: State, new: State) -> None:
        if new.seed == 1:
            raise ValueError("no")

    bench.subscribe(fail)
    bench.subscribe(lambda old, new: heard.append(new.seed))
    with pytest.raises(ValueError, match="no"):
        bench.update(seed=1)
    bench.update(seed=2)
    assert heard == [2]


def test_another_thread_is_refused() -> None:
    bench, errors = Workbench(), []

    def work() -> None:
        try:
            bench.update(seed=1)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert bench.state.seed == 0


def test_a_drag_is_one_step_and_two_presses_are_two() -> None:
    clock = Clock()
    bench = Workbench(clock=clock)
    for place in range(20):
        clock.now_s += 0.033
        bench.update(decision=replace(bench.state.decision, threshold=0.5 + place / 100))
    clock.now_s += 5.0
    bench.update(decision=replace(bench.state.decision, threshold=0.9))
    bench.undo()
    assert bench.state.decision.threshold == pytest.approx(0.69)
    bench.undo()
    assert bench.state == State()
    assert not bench.can_undo
    bench.redo()
    bench.redo()
    assert bench.state.decision.threshold == pytest.approx(0.9)


def test_two_knobs_moved_at_once_are_two_steps() -> None:
    clock = Clock()
    bench = Workbench(clock=clock)
    bench.update(decision=replace(bench.state.decision, threshold=0.5))
    bench.update(decision=replace(bench.state.decision, average_ms=100.0))
    bench.undo()
    assert bench.state.decision.threshold == 0.5
    assert bench.state.decision.average_ms == State().decision.average_ms


def test_a_change_after_undo_forgets_what_was_taken_back() -> None:
    clock = Clock()
    bench = Workbench(clock=clock)
    bench.update(seed=1)
    bench.undo()
    bench.update(seed=2)
    assert not bench.can_redo
    bench.undo()
    assert bench.state.seed == 0


def test_reset_returns_to_the_start_state_and_can_be_undone() -> None:
    bench = Workbench(State(seed=5))
    bench.update(network="large", noise_kind="babble")
    bench.reset()
    assert bench.state == State(seed=5)
    bench.undo()
    assert bench.state.network == "large"


steps = st.lists(
    st.one_of(
        st.tuples(st.just("seed"), st.integers(0, 5)),
        st.tuples(st.just("network"), st.sampled_from(["tiny", "small"])),
        st.tuples(st.just("wait"), st.floats(0.0, 2.0)),
        st.tuples(st.just("undo"), st.none()),
        st.tuples(st.just("redo"), st.none()),
    ),
    max_size=40,
)


@given(steps)
def test_undoing_everything_always_leads_back_and_redoing_forward(script: list[tuple[str, Any]]) -> None:
    clock = Clock()
    bench = Workbench(clock=clock)
    for name, value in script:
        if name == "wait":
            clock.now_s += value
        elif name == "undo":
            bench.undo()
        elif name == "redo":
            bench.redo()
        else:
            bench.update(**{name: value})
    while bench.can_redo:
        bench.redo()
    last, count = bench.state, 0
    while bench.can_undo:
        bench.undo()
        count += 1
    assert bench.state == State()
    for _ in range(count):
        bench.redo()
    assert bench.state == last


def taught(name: str = "tiny", shift: float = 0.01) -> Network:
    """Give the shipped network with one weight moved, as training would."""
    network = shipped(name)
    arrays = dict(network.arrays)
    arrays["logits.bias"] = arrays["logits.bias"] + np.float32(shift)
    return replace(network, arrays=arrays, lineage=(*network.lineage, f"{LEARNED_HERE.partition(',')[0]}: test"))


def test_version_one_is_the_shipped_network() -> None:
    bench = Workbench()
    assert bench.active is shipped("tiny")
    assert bench.active.badge == ""


def test_what_is_published_is_the_active_network_until_undone() -> None:
    clock = Clock()
    bench, heard = Workbench(clock=clock), []
    bench.subscribe(lambda old, new: heard.append((old.network_version, new.network_version)))
    first = bench.publish(taught())
    clock.now_s += 1.0
    second = bench.publish(taught(shift=0.02))
    assert heard == [(1, 2), (2, 3)]
    assert bench.active is second
    assert (second.version, second.badge) == (3, LEARNED_HERE)
    bench.undo()
    assert bench.active is first
    bench.undo()
    assert bench.active is shipped("tiny")
    bench.redo()
    assert bench.active is first


def test_figures_of_the_model_card_do_not_go_with_what_was_learned() -> None:
    assert shipped("tiny").card
    assert not Workbench().publish(taught()).card


def test_one_step_returns_to_the_shipped_network_and_undo_comes_back() -> None:
    bench = Workbench()
    learned = bench.publish(taught())
    bench.return_to_shipped()
    assert bench.active is shipped("tiny")
    bench.undo()
    assert bench.active is learned


def test_each_network_comes_back_in_the_version_that_was_looked_at_last() -> None:
    bench = Workbench()
    learned = bench.publish(taught())
    bench.update(network="small")
    assert bench.active is shipped("small")
    bench.update(network="tiny")
    assert bench.active is learned


def test_publishing_a_network_of_another_name_changes_to_it() -> None:
    bench = Workbench()
    learned = bench.publish(taught("small"))
    assert (bench.state.network, bench.active) == ("small", learned)


def test_reset_erases_what_was_learned_and_undo_does_not_bring_it_back() -> None:
    bench = Workbench()
    bench.publish(taught())
    bench.update(seed=4)
    bench.reset()
    bench.undo()
    assert bench.state.seed == 4
    assert bench.active is shipped("tiny")
    with pytest.raises(ExplorerError, match="tiny v2 is not in memory any more"):
        bench.shelf.get("tiny", 2)
    assert bench.publish(taught()).version == 3  # a number never stands for two networks


def test_a_state_with_a_version_that_is_not_in_memory_takes_version_one() -> None:
    bench = Workbench()
    bench.replace_state(State(seed=9, network_version=7))
    assert (bench.state.seed, bench.state.network_version) == (9, 1)


def test_only_so_many_versions_are_kept_and_those_an_undo_needs_the_longest() -> None:
    shelf = Shelf(kept=3)
    versions = [shelf.put(taught(shift=0.001 * i), wanted={("tiny", 2)}).version for i in range(6)]
    assert versions == [2, 3, 4, 5, 6, 7]
    assert [v for v in versions if shelf.holds("tiny", v)] == [2, 6, 7]


def test_another_thread_cannot_publish() -> None:
    bench, errors = Workbench(), []

    def publish() -> None:
        try:
            bench.publish(taught())
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=publish)
    thread.start()
    thread.join()
    assert errors
    assert bench.active is shipped("tiny")


def test_the_badge_follows_from_the_lineage() -> None:
    network = shipped("tiny")
    synthetic = replace(network, lineage=(*network.lineage, f"{LEARNED_SYNTHETIC}: marvin, 8 takes"))
    assert synthetic.badge == LEARNED_SYNTHETIC
    both = replace(synthetic, lineage=(*synthetic.lineage, "learned here: 8 takes"))
    assert both.badge == LEARNED_HERE
    assert replace(network, version=2).badge == LEARNED_HERE  # who says nothing gets the more careful one


def test_sound_that_was_calibrated_on_can_be_erased() -> None:
    workbench = Workbench()
    history = History(60.0)
    history.append(np.full(16_000 * 12, 0.1, np.float32))
    workbench.sound.lend(history)
    number = workbench.sound.keep_minute().number
    workbench.update(live_calibration=number)
    workbench.update(precision=Recipe(4))
    workbench.erase_heard()
    assert workbench.state.live_calibration == 0
    assert workbench.state.precision == Recipe(4)
    workbench.undo()
    workbench.redo()
    assert workbench.state.live_calibration == 0
    workbench.update(live_calibration=number)  # it is not kept any more
    assert workbench.state.live_calibration == 0
