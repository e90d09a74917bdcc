"""Work beside the interface: newest wins, nothing is lost from a log, and a thread always ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.jobs import Job, Log, Mailbox


def test_a_mailbox_holds_the_newest_and_counts_the_rest() -> None:
    box: Mailbox[int] = Mailbox()
    for n in range(5):
        box.put(n)
    assert box.take() == 4
    assert box.take() is None
    assert box.dropped == 4


@given(st.lists(st.integers(0, 7), max_size=60), st.integers(1, 20))
def test_a_log_gives_each_reader_everything_once(steps: list[int], limit: int) -> None:
    log: Log[int] = Log(limit)
    count = at = 0
    seen: list[int] = []
    for step in steps:
        for _ in range(min(step, limit)):
            log.append(count)
            count += 1
        new, at = log.since(at)
        seen += new
    assert seen == list(range(count))


def test_a_cleared_log_goes_on_counting() -> None:
    log: Log[str] = Log()
    log.append("old")
    log.clear()
    log.append("new")
    assert log.since(0) == (["new"], 2)
    assert log.since(1) == (["new"], 2)


def test_a_job_stops_when_asked() -> None:
    def work(stop: threading.Event, put: Callable[[int], None]) -> None:
        while not stop.wait(0.01):
            put(1)

    job: Job[int] = Job(work, "test")
    job.start()
    assert job.running
    deadline = time.monotonic() + 5
    while job.updates.take() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert time.monotonic() < deadline
    assert job.stop()
    assert not job.running


def test_an_error_is_kept_for_whoever_started_the_job() -> None:
    def work(stop: threading.Event, put: Callable[[int], None]) -> None:
        raise ValueError("no such file")

    job: Job[int] = Job(work, "test")
    job.start()
    job.stop()
    assert isinstance(job.error, ValueError)
