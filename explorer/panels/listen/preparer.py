"""Preparer: slow things (a network, a file of an hour, a babble of voices) made beside the interface."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from explorer.engine.jobs import Job


class Preparer:
    """Run functions in threads of their own and hand over what they return; of one kind only the newest counts."""

    def __init__(self) -> None:
        self._wanted: dict[str, tuple[Job[Any], Callable[[Any], None], Callable[[BaseException], None]]] = {}
        self._running: list[Job[Any]] = []

    def ask(
        self,
        kind: str,
        make: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Start `make`; one of the two others hears of it in `poll`, unless a newer request of the kind came.

        Parameters
        ----------
        kind
            What is made: "network", "source", ...
        make
            Runs in its own thread.
        done, failed
            Run in the thread that polls, with the result or with the error.
        """

        def work(stop: threading.Event, put: Callable[[Any], None]) -> None:
            put((make(),))

        job: Job[Any] = Job(work, f"prepare {kind}")
        self._wanted[kind] = (job, done, failed)
        self._running.append(job)
        job.start()

    def forget(self, kind: str) -> None:
        """Let the request of a kind come to nothing."""
        self._wanted.pop(kind, None)

    def busy(self, kind: str) -> bool:
        """Whether something of this kind is being made."""
        return kind in self._wanted

    def poll(self) -> None:
        """Hand over what is ready; called by the frame clock."""
        if not self._running:
            return
        self._running = [job for job in self._running if job.running]
        for kind, (job, done, failed) in tuple(self._wanted.items()):
            if job.running:
                continue
            del self._wanted[kind]
            made = job.updates.take()
            if made is not None:
                done(made[0])
            elif job.error is not None:
                failed(job.error)

    def close(self) -> None:
        """Wait for what is under way and drop it."""
        self._wanted.clear()
        for job in self._running:
            job.stop(10.0)
        self._running.clear()
