"""Event log: the words that the window showed, one JSON object per line, for exhibits, lectures and tests.

It is written only when it was asked for on the command line, and holds words and times, never sound.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.engine.jobs import Log
    from explorer.engine.kws.decision import Event
    from explorer.engine.kws.stream import Seam

UNSEEN_AFTER_S = 1.0
"""A word that was not painted this long after it was decided is written as not shown: the picture stood still."""


class Listening(Protocol):
    """What the log follows: a session that hears words and knows when each had been painted."""

    def subscribe(self, heard: Callable[[Event], None]) -> None:
        """Call `heard` with every word as it is reported."""

    def painted_s(self, event: Event) -> float | None:
        """Return `time.perf_counter()` when the picture with this word had been painted; None before."""


class EventLog:
    """Write a line for every source that begins and for every word, once it was painted.

    Each line has "kind", "time_s" (seconds of sound since the window began to listen) and "clock" (UTC, when the line
    was written).  "source" lines add "source" ("talker", "microphone", "file", "synthetic") and "name"; "word" lines
    add "label", "start_s", "score" and "shown_ms": from the arrival of the last sample that the decision used to the
    end of the painting; null where the word was not painted, because the picture stood still.

    Parameters
    ----------
    path
        The file; lines are added to one that exists.
    clock
        Seconds, rising, the clock of `Listening.painted_s`.

    Raises
    ------
    ExplorerError
        If the file cannot be written.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.perf_counter) -> None:
        self._path = path
        self._clock = clock
        self._session: Listening | None = None
        self._seams: Log[Seam] | None = None
        self._seams_read = 0
        self._waiting: deque[Event] = deque()
        try:
            self._file: TextIO | None = path.open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise ExplorerError(
                f"The event log {path} cannot be written ({error.strerror}): choose another file."
            ) from error

    def follow(self, session: Listening, seams: Log[Seam]) -> None:
        """Write what this session hears from now on, and every source of `seams`, where it began."""
        self._session, self._seams = session, seams
        session.subscribe(self._waiting.append)

    def poll(self) -> str | None:
        """Write what is new; return a sentence when the file cannot be written any more, else None."""
        if self._session is None or self._seams is None or self._file is None:
            return None
        seams, self._seams_read = self._seams.since(self._seams_read)
        lines: list[dict[str, Any]] = [
            {"kind": "source", "time_s": round(seam.time_s, 3), "source": seam.kind, "name": seam.source}
            for seam in seams
        ]
        while self._waiting and (line := self._word(self._session, self._waiting[0])) is not None:
            lines.append(line)
            self._waiting.popleft()
        try:
            for line in lines:
                self._file.write(json.dumps(line | {"clock": datetime.now(UTC).isoformat()}) + "\n")
        except OSError as error:
            self.close()
            return f"The event log ends here: {self._path} cannot be written any more ({error.strerror})."
        return None

    def close(self) -> None:
        """End the log; the file stays."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                return  # a full disk was told when the line was written

    def _word(self, session: Listening, event: Event) -> dict[str, Any] | None:
        """Return the line of a word; None while it may still be painted."""
        painted_s, waterfall = session.painted_s(event), event.waterfall
        if waterfall is None:  # decided again with other knobs: it was never waited for
            shown_ms = None
        elif painted_s is not None:
            shown_ms = round(1000.0 * (painted_s - waterfall.arrived_s), 2)
        elif self._clock() - waterfall.decided_s < UNSEEN_AFTER_S:
            return None
        else:
            shown_ms = None
        return {
            "kind": "word",
            "time_s": round(event.time_s, 3),
            "label": event.label,
            "start_s": round(event.start_s, 3),
            "score": round(event.score, 4),
            "shown_ms": shown_ms,
        }
