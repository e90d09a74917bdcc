from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.audio.ring import History, Ring
from explorer.engine.audio.source import RATE_HZ

blocks = st.lists(st.integers(0, 40), max_size=30)


def numbered(start: int, n: int) -> np.ndarray:
    return np.arange(start, start + n, dtype=np.float32)


@given(capacity=st.integers(1, 30), sizes=blocks, n=st.integers(0, 30))
def test_the_latest_samples_are_those_of_an_endless_tape(capacity: int, sizes: list[int], n: int) -> None:
    ring, tape = Ring(capacity), np.zeros(capacity, np.float32)
    for size in sizes:
        block = numbered(len(tape), size)
        ring.write(block, 0.0)
        tape = np.concatenate([tape, block])
    n = min(n, capacity)
    assert ring.written == sum(sizes)
    np.testing.assert_array_equal(ring.latest(n), tape[len(tape) - n :])


@given(capacity=st.integers(1, 30), sizes=blocks, data=st.data())
def test_reading_by_index_gives_the_tape_or_an_error(capacity: int, sizes: list[int], data: st.DataObject) -> None:
    ring, total = Ring(capacity), sum(sizes)
    at = 0
    for size in sizes:
        ring.write(numbered(at, size), 0.0)
        at += size
    start = data.draw(st.integers(-2, total + 2))
    n = data.draw(st.integers(0, capacity + 2))
    if start >= 0 and start + n <= total and n <= capacity and total - start <= capacity:
        np.testing.assert_array_equal(ring.read(start, n), numbered(start, n))
    else:
        with pytest.raises(LookupError):
            ring.read(start, n)


@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_every_sample_knows_the_write_it_came_with(sizes: list[int]) -> None:
    ring, came, ends = Ring(1000), [], []
    for number, size in enumerate(sizes):
        ring.write(numbered(0, size), 10.0 + number, float(number))
        came += [10.0 + number] * size
        ends += [len(came)] * size
    assert [ring.arrival_s(i) for i in range(ring.written)] == came
    assert [ring.write_of(i)[0] for i in range(ring.written)] == ends
    assert [ring.write_of(i)[2] for i in range(ring.written)] == [a - 10.0 for a in came]


def test_arrival_times_of_ten_seconds_of_blocks_are_kept_and_older_ones_refused() -> None:
    ring = Ring()
    for number in range(6000):
        ring.write(np.zeros(160, np.float32), float(number))
    newest_ten_seconds = ring.written - 160_000
    assert ring.arrival_s(newest_ten_seconds) == 5000.0
    assert ring.arrival_s(ring.written - 1) == 5999.0
    for index in (-1, 0, ring.written):
        with pytest.raises(LookupError):
            ring.arrival_s(index)


def test_a_window_is_a_view_and_cannot_be_written() -> None:
    ring = Ring(8)
    ring.write(numbered(0, 11), 0.0)
    window = ring.latest(8)
    assert not window.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        window[0] = 1.0
    with pytest.raises(ValueError, match="8 samples"):
        ring.latest(9)


def test_each_write_is_reported_once() -> None:
    ring = Ring(100)
    ring.write(numbered(0, 3), 1.0)
    ring.write(numbered(0, 4), 2.0, 0.5)
    assert ring.writes_since(0) == ([(3, 1.0, None), (7, 2.0, 0.5)], 2)
    ring.write(numbered(0, 1), 3.0)
    assert ring.writes_since(2) == ([(8, 3.0, None)], 3)


@given(sizes=st.lists(st.integers(0, 700), max_size=20), data=st.data())
def test_history_remembers_sound_to_the_last_bit_and_says_what_is_gone(sizes: list[int], data: st.DataObject) -> None:
    history, codes = History(seconds=0.05), np.zeros(0, np.int16)  # 800 samples
    for size in sizes:
        block = np.arange(len(codes), len(codes) + size).astype(np.int16) * 7
        history.append(block.astype(np.float32) / np.float32(32768))
        codes = np.concatenate([codes, block])
    first = max(0, len(codes) - 800)
    assert (history.first_index, history.end_index) == (first, len(codes))
    start = data.draw(st.integers(-50, len(codes) + 5))
    n = data.draw(st.integers(0, 900))
    if start + n > 0 and (start + n > len(codes) or (n > 0 and max(0, start) < first)):
        with pytest.raises(LookupError):
            history.clip(start, n)
        return
    expected = np.concatenate([np.zeros(50, np.int16), codes])[start + 50 : start + 50 + n] / 32768
    np.testing.assert_array_equal(history.clip(start, n), expected.astype(np.float32))


def test_history_keeps_five_minutes_in_ten_megabytes() -> None:
    history = History()
    assert history.capacity == 300 * RATE_HZ
    assert history._samples.nbytes < 10e6


def test_clear_forgets_and_goes_on_counting() -> None:
    history = History(seconds=1)
    history.append(np.full(500, 0.5, np.float32))
    history.clear()
    assert (history.first_index, history.end_index) == (500, 500)
    assert not history._samples.any()
    with pytest.raises(LookupError, match="only 500 to 500"):
        history.clip(400, 100)
    history.append(np.full(3, 0.25, np.float32))
    np.testing.assert_array_equal(history.clip(500, 3), np.full(3, 0.25, np.float32))


def test_history_clips_what_is_louder_than_full_scale() -> None:
    history = History(seconds=1)
    history.append(np.array([1.5, -1.5, 1.0], np.float32))
    np.testing.assert_allclose(history.clip(0, 3), [32767 / 32768, -1.0, 32767 / 32768])
