"""Evaluations: accuracy of networks on sets, measured in the background, kept by the network's fingerprint."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.background import Background, Task
    from explorer.engine.nn.network import Network
    from explorer.panels.listen.measuring import Measured


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be measured.

    Parameters
    ----------
    folder
        Folder of label folders; None: the part "evaluate" of the bundled voices.
    snr_db
        Pink noise added at this ratio; None: as recorded.
    """

    folder: str | None = None
    snr_db: float | None = None


class Evaluations:
    """Measure what the views ask for, once, and tell them.

    Parameters
    ----------
    background
        Where the measuring runs, in turn with other heavy work.
    """

    def __init__(self, background: Background) -> None:
        self._background = background
        self._known: dict[tuple[str, Question], Measured] = {}
        self._failed: dict[tuple[str, Question], str] = {}
        self._tasks: dict[tuple[str, Question], Task] = {}
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Call `changed` when something was measured or failed."""
        self._listeners.append(changed)

    def get(self, network: Network, question: Question) -> Measured | None:
        """Return what is known."""
        return self._known.get((network.fingerprint, question))

    def error(self, network: Network, question: Question) -> str:
        """Return why it could not be measured; empty when it was not tried or is under way."""
        return self._failed.get((network.fingerprint, question), "")

    def progress(self, network: Network, question: Question) -> float | None:
        """Return the share done; None while it waits for other work or is not under way."""
        task = self._tasks.get((network.fingerprint, question))
        return None if task is None else task.progress[0]

    def ask(self, network: Network, *questions: Question) -> None:
        """Measure what is not known yet; what failed before is tried again."""
        for question in questions:
            key = (network.fingerprint, question)
            if key not in self._known and key not in self._tasks:
                self._failed.pop(key, None)
                self._tasks[key] = self._start(network, question)

    def stop(self) -> None:
        """Ask everything under way to end: the newest request wins."""
        for task in self._tasks.values():
            task.stop()
        self._tasks.clear()

    def _start(self, network: Network, question: Question) -> Task:
        key = (network.fingerprint, question)

        def work(
            stop: threading.Event, put: Callable[[Any], None], report: Callable[[float | None, str], None]
        ) -> None:
            from explorer.engine.kws.clips import load_part
            from explorer.engine.nn.inference import Executor
            from explorer.panels.listen.measuring import measure

            total = len(load_part("evaluate")) if question.folder is None else None

            def progress(done: int) -> None:
                report(done / total if total else None, f"{done} clips")

            found = measure(Executor(network), question, progress, stop)
            if not stop.is_set():
                put(found)

        def update(found: Measured) -> None:
            self._known[key] = found

        def end(error: BaseException | None) -> None:
            if self._tasks.get(key) is task:
                del self._tasks[key]
            if error is not None and key not in self._known:
                self._failed[key] = str(error)
            for changed in tuple(self._listeners):
                changed()

        noise = "" if question.snr_db is None else f", {question.snr_db:g} dB"
        task = self._background.start(f"Accuracy of {network.name}{noise}", work, update, end)
        return task
