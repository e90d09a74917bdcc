"""The event log: words and sources as lines of JSON, each when it was painted."""

from __future__ import annotations

import errno
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Log
from explorer.engine.kws.decision import Event
from explorer.engine.kws.stream import Seam
from explorer.engine.kws.waterfall import Waterfall
from explorer.event_log import EventLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMES = Waterfall(
    word_end_s=None,
    word_end_known=False,
    time_s=2.0,
    capture_block_ms=None,
    wait_for_hop_ms=None,
    pick_up_ms=0.0,
    features_ms=0.0,
    network_ms=0.0,
    decision_ms=0.0,
    averaging_ms=0.0,
    arrived_s=100.0,
    decided_s=100.01,
)
WORD = Event("left", 2.0, 1.4, 0.87654, 1.9, TIMES)


class Session:
    """Hears what the test tells it."""

    def __init__(self) -> None:
        self.painted: dict[Event, float] = {}
        self.hear: list[Callable[[Event], None]] = []

    def subscribe(self, heard: Callable[[Event], None]) -> None:
        self.hear.append(heard)

    def painted_s(self, event: Event) -> float | None:
        return self.painted.get(event)


class Bench:
    """A log that follows a session, at a time that the test sets."""

    def __init__(self, path: Path) -> None:
        self.path, self.now_s = path, 100.02
        self.session, self.seams = Session(), Log[Seam]()
        self.log = EventLog(path, lambda: self.now_s)
        self.log.follow(self.session, self.seams)

    def hear(self, event: Event) -> None:
        (heard,) = self.session.hear
        heard(event)

    def lines(self) -> list[dict[str, Any]]:
        assert self.log.poll() is None
        return [json.loads(line) for line in self.path.read_text().splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "events.jsonl")
    yield made
    made.log.close()


def test_a_word_is_written_when_it_was_painted(bench: Bench) -> None:
    bench.hear(WORD)
    assert bench.lines() == []
    bench.session.painted[WORD] = 100.025
    (line,) = bench.lines()
    assert line.pop("clock").endswith("+00:00")
    assert line == {
        "kind": "word",
        "time_s": 2.0,
        "label": "left",
        "start_s": 1.4,
        "score": 0.8765,
        "shown_ms": 25.0,
    }
    assert bench.lines() == [line | {"clock": bench.lines()[0]["clock"]}]  # once


def test_a_word_behind_a_frozen_picture_is_written_as_not_shown(bench: Bench) -> None:
    bench.hear(WORD)
    bench.now_s = 101.5
    (line,) = bench.lines()
    assert (line["label"], line["shown_ms"]) == ("left", None)


def test_words_keep_their_order(bench: Bench) -> None:
    second = replace(WORD, label="yes")
    for event in (WORD, second):
        bench.hear(event)
    bench.session.painted[second] = 100.02
    assert bench.lines() == []
    bench.session.painted[WORD] = 100.03
    assert [line["label"] for line in bench.lines()] == ["left", "yes"]


def test_a_source_that_begins_is_a_line(bench: Bench) -> None:
    bench.seams.append(Seam(3.25, "Desk microphone", "microphone"))
    (line,) = bench.lines()
    assert (line["kind"], line["time_s"], line["source"], line["name"]) == (
        "source",
        3.25,
        "microphone",
        "Desk microphone",
    )


def test_lines_are_added_to_a_log_that_exists(bench: Bench) -> None:
    bench.seams.append(Seam(0.0, "talker", "talker"))
    bench.lines()
    bench.log.close()
    again = Bench(bench.path)
    again.seams.append(Seam(0.0, "tone", "synthetic"))
    assert [line["source"] for line in again.lines()] == ["talker", "synthetic"]
    again.log.close()


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match=r"nowhere.*choose another file"):
        EventLog(tmp_path / "nowhere" / "events.jsonl")


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_ends_the_log_and_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda *_, **__: FullDisk())
    bench = Bench(tmp_path / "events.jsonl")
    bench.seams.append(Seam(0.0, "talker", "talker"))
    assert "cannot be written any more (No space left on device)" in str(bench.log.poll())
    bench.seams.append(Seam(1.0, "tone", "synthetic"))
    assert bench.log.poll() is None
