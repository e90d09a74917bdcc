"""Faults of the program itself: written to a log file, told in one sentence, never a traceback on the screen."""

from __future__ import annotations

import logging
import logging.handlers
import math
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Log
from explorer.files import user_folder

PAUSE_S = 2.0
_LOG_BYTES = 500_000


class Faults:
    """Record what goes wrong in any thread; the window asks `since` for sentences to show.

    Parameters
    ----------
    path
        The log file; kept below half a megabyte, one older copy beside it.
    now_s
        Seconds that only grow.

    Attributes
    ----------
    sentences
        One sentence for each new fault.  The same fault in the same place is told once and then only counted.
    """

    def __init__(self, path: Path | None = None, now_s: Callable[[], float] = time.monotonic) -> None:
        self.path = path if path is not None else user_folder() / "log.txt"
        self.sentences: Log[str] = Log(limit=1000)
        self._now_s = now_s
        self._told_s: dict[str, float] = {}
        self.counts: dict[tuple[str, str, int], int] = {}
        self._lock = threading.Lock()
        self._logger = logging.Logger("explorer", logging.INFO)
        self._hooks: tuple[Any, Any, Any] | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handler: logging.Handler = logging.handlers.RotatingFileHandler(
                self.path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True, errors="replace"
            )
        except OSError:  # a folder that cannot be written must not stop the start
            handler = logging.NullHandler()
        handler.handleError = _forget  # type: ignore[method-assign]  # a full disk is no reason for another fault
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s: %(message)s"))
        self._logger.addHandler(handler)

    def record(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Write the fault to the log, and queue a sentence if it is new."""
        if isinstance(error, ExplorerError):
            self._record_sentence(str(error))
            return
        last = traceback.extract_tb(trace)[-1:] or [traceback.FrameSummary("?", 0, "?")]
        place = (kind.__name__, last[0].filename, last[0].lineno or 0)
        with self._lock:
            self.counts[place] = count = self.counts.get(place, 0) + 1
        if count & (count - 1):  # the 1st, 2nd, 4th, 8th...: a fault in every frame must not fill the disk
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        self._logger.error("fault, time %d\n%s", count, text)
        if count == 1:
            where = f"{Path(place[1]).name} line {place[2]}"
            self.sentences.append(
                f"Something went wrong inside the program ({kind.__name__}, {where}). "
                f"You can go on; the details are in {self.path}."
            )

    def _record_sentence(self, sentence: str) -> None:
        """Tell a problem of the user's; one that comes again and again without a pause is told once."""
        now_s = self._now_s()
        with self._lock:
            last_s = self._told_s.get(sentence, -math.inf)
            self._told_s[sentence] = now_s
        if now_s - last_s > PAUSE_S:
            self.sentences.append(sentence)
            self._logger.warning("%s", sentence)

    def write(self, message: str) -> None:
        """Write a line to the log that nobody needs to see now."""
        self._logger.info("%s", message)

    def install(self, interrupted: Callable[[], None]) -> None:
        """Take over the hooks of all threads; Ctrl+C calls `interrupted`."""

        def on_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                interrupted()
            else:
                self.record(kind, error, trace)

        def on_thread_fault(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None:
                self.record(args.exc_type, args.exc_value, args.exc_traceback)

        def on_unraisable(args: sys.UnraisableHookArgs) -> None:
            if args.exc_value is not None:
                self.record(args.exc_type, args.exc_value, args.exc_traceback)

        self._hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook, threading.excepthook, sys.unraisablehook = on_fault, on_thread_fault, on_unraisable

    def close(self) -> None:
        """Give the hooks back and close the log."""
        if self._hooks is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
            self._hooks = None
        for handler in tuple(self._logger.handlers):
            handler.close()


def _forget(record: logging.LogRecord) -> None:
    """Take the place of the traceback that logging would print."""
