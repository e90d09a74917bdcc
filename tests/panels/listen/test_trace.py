"""The arrays behind the live picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.kws.decision import Decider, DecisionSettings
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.pipeline import Hop
from explorer.panels.listen.strips import WAVE_LEVEL, WAVE_ROWS, score_columns, wave_columns
from explorer.panels.listen.trace import Ring, Trace


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9)), max_size=30), st.integers(1, 12))
def test_a_ring_keeps_the_last_rows_under_their_numbers(steps: list[tuple[int, int]], capacity: int) -> None:
    ring = Ring(capacity, (), np.int64)
    known: dict[int, int] = {}
    at = 0
    for gap, count in steps:
        at += gap
        rows = np.arange(at, at + count) + 1000
        ring.put(at, rows)
        known |= dict(zip(range(at, at + count), rows.tolist(), strict=True))
        at += count
    wanted = [known.get(i, 0) if at - capacity <= i < at else 0 for i in range(at + 3)]
    assert ring.get(0, at + 3).tolist() == wanted


def result(index: int, scores: np.ndarray[tuple[int], np.dtype[np.float32]], decider: Decider) -> Hop:
    time_s = (index + 1) * 0.05
    decision = decider.push(time_s, scores)
    return Hop(
        index, (index + 1) * 800, time_s, scores, decision.averaged, decision.leading, LABELS,
        -30.0, 0.1, False, decision.event, 0.0, 0.0, 0.0, 0.0, 0.0, "test",
    )  # fmt: skip


@given(st.integers(1, 90), st.floats(50, 1000), st.integers(0, 2**32 - 1))
def test_averaging_again_gives_what_other_knobs_would_have_given_live(count: int, average_ms: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.dirichlet(np.ones(len(LABELS)), count).astype(np.float32)
    now, other = DecisionSettings(), DecisionSettings(average_ms=average_ms)
    live, again = Trace(LABELS), Trace(LABELS)
    deciders = Decider(LABELS, 50.0, other), Decider(LABELS, 50.0, now)
    for i, row in enumerate(rows):
        live.add_hop(result(i, row, deciders[0]))
        again.add_hop(result(i, row, deciders[1]))
    again.average_again(other, [0.0])
    np.testing.assert_allclose(again.leading(again.now_s, count)[0], live.leading(live.now_s, count)[0], atol=1e-6)


def test_sound_and_frames_stand_where_they_were_heard() -> None:
    trace = Trace(LABELS)
    trace.add_sound(0, np.concatenate([np.zeros(1600), 0.5 * np.ones(160), np.zeros(1440)]).astype(np.float32))
    assert trace.extents(0.2, 20).argmax(0)[1] == 10  # the column of 0.10 to 0.11 s
    frames = np.zeros((16, 40), np.uint8)
    frames[9] = 200  # a frame from 0.09 to 0.12 s, its middle at 0.105 s
    trace.add_frames(0, frames)
    assert trace.frames(0.2, 20)[10].tolist() == [200] * 40


def test_what_was_cleared_is_gone() -> None:
    trace = Trace(LABELS)
    trace.add_sound(0, np.ones(1600, np.float32))
    trace.clear()
    assert np.isnan(trace.extents(0.1, 10)).all()  # no silence: nothing at all


def test_the_waveform_is_drawn_on_a_square_root_scale() -> None:
    columns = wave_columns(np.array([[-0.25, 0.25], [0.0, 0.0], [-1.0, 1.0]], np.float32))
    heights = (columns == WAVE_LEVEL).sum(1)
    assert heights[2] == WAVE_ROWS
    assert abs(heights[0] - WAVE_ROWS / 2) <= 2
    assert heights[1] in (1, 2)


def test_scores_are_drawn_in_the_order_asked_for() -> None:
    scores = np.array([[0.0, 1.0, 0.5]], np.float32)
    assert score_columns(scores, [2, 0, 1]).tolist() == [[128, 0, 255]]
