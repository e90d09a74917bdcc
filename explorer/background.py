"""Work in the background that a person can see and stop: one heavy job at a time, the next waits in the open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from explorer.engine.jobs import Job

Report = Callable[[float | None, str], None]
"""Tells progress from any thread: the fraction done (None when unknown) and a few words."""
Work = Callable[[threading.Event, Callable[[Any], None], Report], None]
"""Runs in a thread with a stop event, `put` for newest values, and `report`."""


class Task:
    """One piece of work as the foot of the window shows it.

    Attributes
    ----------
    title
        What it does, in words.
    progress
        Fraction done and a few words, as last reported.
    heavy
        Whether it takes turns with other heavy tasks.
    """

    def __init__(
        self,
        title: str,
        work: Work,
        on_update: Callable[[Any], None] | None,
        on_end: Callable[[BaseException | None], None] | None,
        heavy: bool,
    ) -> None:
        self.title = title
        self.heavy = heavy
        self.progress: tuple[float | None, str] = (None, "")
        self._on_update = on_update
        self._on_end = on_end
        self.started = False
        self._cancelled = False
        self._job: Job[Any] = Job(lambda stop, put: work(stop, put, self._report), f"background: {title}")

    @property
    def stopping(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._cancelled

    def stop(self) -> None:
        """Ask it to stop; it leaves the list when it has."""
        self._cancelled = True
        self._job.ask_stop()

    def _report(self, fraction: float | None, words: str) -> None:
        self.progress = (fraction, words)  # one assignment: a reader sees the old pair or the new one

    def _start(self) -> None:
        self.started = True
        self._job.start()

    def _poll(self) -> bool:
        """Deliver what is new in the interface's thread; True when the task is over."""
        over = self._cancelled if not self.started else not self._job.running
        update = self._job.updates.take()
        if update is not None and self._on_update is not None:
            self._on_update(update)
        return over

    def _end(self) -> None:
        if self._on_end is not None:
            self._on_end(self._job.error)

    def _join(self) -> bool:
        return self._job.stop()


class Background:
    """Start tasks, let heavy ones take turns, deliver their results once per frame."""

    def __init__(self) -> None:
        self._tasks: list[Task] = []
        self._closed = False

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Running and waiting tasks, oldest first."""
        return tuple(self._tasks)

    def start(
        self,
        title: str,
        work: Work,
        on_update: Callable[[Any], None] | None = None,
        on_end: Callable[[BaseException | None], None] | None = None,
        *,
        heavy: bool = True,
    ) -> Task:
        """Start `work`, or let it wait while another heavy task runs.

        Parameters
        ----------
        title
            What the foot of the window calls it.
        work
            Runs in its own thread and looks at its stop event at least every 100 ms.
        on_update
            Gets the newest value that the work put, at most once per frame, in the interface's thread.
        on_end
            Gets None, or the error that ended the work, in the interface's thread.
        heavy
            Whether it would slow other heavy work down, and so takes turns.
        """
        task = Task(title, work, on_update, on_end, heavy)
        self._tasks.append(task)
        self._start_next()
        return task

    def poll(self) -> None:
        """Deliver updates and ends; called by the frame clock."""
        for task in tuple(self._tasks):
            if task._poll():
                self._tasks.remove(task)
                self._start_next()
                task._end()

    def close(self) -> bool:
        """Stop everything and wait for it; nothing starts afterwards.  True when nothing is left running."""
        self._closed = True
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.stop()
        return min([task._join() for task in tasks], default=True)

    def _start_next(self) -> None:
        for task in self._tasks:
            busy = task.heavy and any(t.heavy and t.started for t in self._tasks)
            if not task.started and not task.stopping and not busy and not self._closed:
                task._start()
