"""Race in the background: every optimizer from one start on one surface, the newest request wins."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.background import Background, Report, Task
    from explorer.engine.training.race import Runner, Surface

ENTRANTS = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What a race is run on.

    Parameters
    ----------
    surface
        "ravine", "saddle" or "noise".
    strength
        Condition of the ravine, or noise of each gradient.
    start
        Where all begin; None takes the surface's own.
    rate
        Everybody's learning rate; None lets each have the best of ten.
    """

    surface: str
    strength: float
    start: tuple[float, float] | None
    rate: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """As far as it has been run: the request, its surface, and the runners in the order of `OPTIMIZERS`."""

    asked: Asked
    surface: Surface
    runners: tuple[Runner, ...]


class RaceDesk:
    """Runs races and hands each part of the result on.

    Parameters
    ----------
    background
        Where they run.
    on_news
        Called in the interface's thread with what is known of the newest request.
    on_problem
        Called with a sentence when it could not be run.
    """

    def __init__(
        self, background: Background, on_news: Callable[[Race], None], on_problem: Callable[[str], None]
    ) -> None:
        self._background = background
        self._on_news, self._on_problem = on_news, on_problem
        self._asked: Asked | None = None
        self._task: Task | None = None

    @property
    def running(self) -> bool:
        """Whether a race is under way."""
        return self._task is not None

    def ask(self, asked: Asked) -> None:
        """Run this race, unless it is the one that was asked for last."""
        if asked == self._asked:
            return
        self.stop()
        self._asked = asked

        def work(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
            from explorer.engine.runtime import prepare_torch

            prepare_torch()
            from explorer.engine.training import race

            surface = make_surface(asked)
            runners: list[Runner] = []
            put(Race(asked, surface, ()))
            rates = race.RATES if asked.rate is None else (asked.rate,)
            for runner in race.race(surface, rates=rates, stop=stop):
                runners.append(runner)
                put(Race(asked, surface, tuple(runners)))
                report(len(runners) / ENTRANTS, runner.optimizer)

        def update(found: Race) -> None:
            if found.asked == self._asked:
                self._on_news(found)

        def end(error: BaseException | None) -> None:
            if self._asked == asked:
                self._task = None
                if error is not None:
                    self._asked = None
                    self._on_problem(str(error))

        title = QCoreApplication.translate("Teach", "Optimizer race")
        self._task = self._background.start(title, work, update, end, heavy=False)

    def stop(self) -> None:
        """End the race under way."""
        if self._task is not None:
            self._task.stop()
        self._task, self._asked = None, None


def make_surface(asked: Asked) -> Surface:
    """Return the surface that was asked for.

    Raises
    ------
    ExplorerError
        When a number is outside what the surface allows.
    """
    from explorer.engine.training import race

    match asked.surface:
        case "ravine":
            surface = race.ravine(asked.strength)
        case "noise":
            surface = race.noisy(asked.strength)
        case "saddle":
            surface = race.saddle()
        case _:
            raise ExplorerError(f"There is no surface {asked.surface!r}: choose ravine, saddle or noise.")
    return surface if asked.start is None else dataclasses.replace(surface, start=asked.start)
