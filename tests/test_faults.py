"""Faults of the program: from any thread into the log, one sentence each, and never a second problem."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from explorer.engine.errors import ExplorerError
from explorer.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def faults(explorer_home: Path) -> Iterator[Faults]:
    """Give a record that is closed at the end."""
    made = Faults()
    yield made
    made.close()


def fail(text: str) -> None:
    raise ValueError(text)


def record(faults: Faults, text: str) -> None:
    try:
        fail(text)
    except ValueError as error:
        faults.record(type(error), error, error.__traceback__)


def told(faults: Faults) -> list[str]:
    return faults.sentences.since(0)[0]


def test_a_fault_in_every_frame_is_told_once_and_does_not_fill_the_disk(faults: Faults) -> None:
    for _ in range(10_000):
        record(faults, "again")
    assert len(told(faults)) == 1
    assert "test_faults.py line" in told(faults)[0]
    assert str(faults.path) in told(faults)[0]
    assert list(faults.counts.values()) == [10_000]
    log = faults.path.read_text("utf-8")
    assert log.count("Traceback") == 14  # the 1st, 2nd, 4th ... 8192nd
    assert "time 8192" in log


def test_a_problem_of_the_users_is_its_own_sentence_and_returns_after_a_pause(explorer_home: Path) -> None:
    now_s = 100.0
    faults = Faults(now_s=lambda: now_s)
    error = ExplorerError("The microphone is gone: plug it in.")
    for _ in range(100):
        now_s += 0.03
        faults.record(ExplorerError, error, None)
    assert told(faults) == ["The microphone is gone: plug it in."]
    now_s += 10
    faults.record(ExplorerError, error, None)
    assert len(told(faults)) == 2
    faults.close()


def test_every_thread_is_heard_and_the_hooks_are_given_back(faults: Faults) -> None:
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    interrupted: list[int] = []
    faults.install(lambda: interrupted.append(1))
    thread = threading.Thread(target=fail, args=("in a thread",), name="worker")
    thread.start()
    thread.join()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    class Grumbler:
        def __del__(self) -> None:
            raise RuntimeError("while forgotten")

    Grumbler()
    faults.close()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == hooks
    assert interrupted == [1]
    log = faults.path.read_text("utf-8")
    assert "worker" in log
    assert "in a thread" in log
    assert "while forgotten" in log
    assert len(told(faults)) == 2


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file" / "log.txt", tmp_path):
        faults = Faults(path)
        record(faults, "x")
        faults.write("y")
        assert len(told(faults)) == 1
        faults.close()
    assert capsys.readouterr().err == ""
