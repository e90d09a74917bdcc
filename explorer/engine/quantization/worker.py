"""The quantization job: the newest request wins, nothing queues, and idle time fills the sensitivity matrix."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Log
from explorer.engine.quantization.anytime import Estimate, Evaluator
from explorer.engine.quantization.calibration import Calibration
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.engine.quantization.sensitivity import WIDTHS, Cell, Mode, matrix

REST_S = 0.3
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known about a request.

    Parameters
    ----------
    generation
        Number of the request; an answer to an older one is to be dropped.
    estimate
        Partial or complete result; None when the request failed.
    problem
        Why it failed, in a sentence.
    """

    generation: int
    estimate: Estimate | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    generation: int
    recipe: Recipe
    focus: str | None
    calibration: Calibration | None


class QuantizationWorker:
    """Measure recipes in a `Job`, one network and one set of clips for its whole life.

    `ask` may be called as often as a slider moves, from any thread; `work` is what the job runs.

    Parameters
    ----------
    prepare
        Makes the evaluator, in the job's thread: drawing pictures and calibrating take a second.
    rest_s
        How long nothing must have been asked before sensitivity matrices are filled (`fill`).

    Attributes
    ----------
    cells
        Cells of sensitivity matrices, as they are measured; the recipe of its estimate says which cell it is.
    """

    def __init__(self, prepare: Callable[[], Evaluator], rest_s: float = REST_S) -> None:
        self.cells: Log[Cell] = Log()
        self._prepare = prepare
        self._wanted: tuple[tuple[Mode, Recipe], ...] = ()
        self._rest_s = rest_s
        self._changed = threading.Condition()
        self._waiting: _Request | None = None
        self._generation = 0
        self._ended: threading.Event | None = None

    def ask(self, recipe: Recipe, focus: str | None = None, calibration: Calibration | None = None) -> int:
        """Ask for a recipe in place of whatever was asked before, and return the number of the request.

        Parameters
        ----------
        recipe
            What is to be measured.
        focus
            The layer that is being changed.
        calibration
            Statistics of the activations; None for the bundled calibration clips.
        """
        with self._changed:
            self._generation += 1
            self._waiting = _Request(self._generation, recipe, focus, calibration)
            self._changed.notify()
            return self._generation

    def fill(self, modes: Sequence[Mode], recipe: Recipe = FLOAT) -> None:
        """Fill these sensitivity matrices, one after the other, while nothing is asked; none ends that.

        Parameters
        ----------
        modes
            Which matrices.
        recipe
            Kind of grid and calibration of their cells.
        """
        self._wanted = tuple((mode, recipe) for mode in modes)  # one assignment: the job sees the old or the new one

    def is_set(self) -> bool:
        """Say whether the measurement under way is to end: something newer waits, or the job is to stop."""
        return self._waiting is not None or (self._ended is not None and self._ended.is_set())

    def work(self, stop: threading.Event, put: Callable[[Answer], None]) -> None:
        """Answer requests until `stop` is set; `put` receives every partial result."""
        self._ended = stop
        evaluator = self._prepare()
        idle_since = time.monotonic()
        filled: dict[tuple[Mode, Recipe], Iterator[Cell | None]] = {}
        while not stop.is_set():
            request = self._take()
            if request is not None:
                self._answer(evaluator, request, put)
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= self._rest_s:
                self._fill_one(evaluator, filled)

    def _take(self) -> _Request | None:
        """Return the request that waits; none after a while without one."""
        with self._changed:
            if self._waiting is None:
                self._changed.wait(_LOOK_S)
            request, self._waiting = self._waiting, None
            return request

    def _answer(self, evaluator: Evaluator, request: _Request, put: Callable[[Answer], None]) -> None:
        try:
            evaluator.measure(
                request.recipe,
                lambda estimate: put(Answer(request.generation, estimate)),
                self,
                request.focus,
                request.calibration,
            )
        except ExplorerError as error:
            put(Answer(request.generation, None, str(error)))

    def _fill_one(self, evaluator: Evaluator, filled: dict[tuple[Mode, Recipe], Iterator[Cell | None]]) -> None:
        """Measure one cell of the first wanted matrix that is not full."""
        for wanted in self._wanted:
            if wanted not in filled:
                filled[wanted] = self._cells(evaluator, *wanted)
            for cell in filled[wanted]:
                if cell is not None:
                    self.cells.append(cell)
                return

    def _cells(self, evaluator: Evaluator, mode: Mode, recipe: Recipe) -> Iterator[Cell | None]:
        """Yield the cells of a matrix once each; None when one was interrupted, and later is taken up again."""
        cells = len(evaluator.quantizer.steps.weights) * len(WIDTHS)
        done: set[tuple[str, object]] = set()
        while len(done) < cells:
            for cell in matrix(evaluator, mode, recipe=recipe, stop=self):
                if (cell.layer, cell.bits) not in done:
                    done.add((cell.layer, cell.bits))
                    yield cell
            if len(done) < cells:
                yield None
