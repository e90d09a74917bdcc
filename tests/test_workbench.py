"""The workbench: one state, replaced; everybody hears of every change in the same order; a drag undoes as one."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
