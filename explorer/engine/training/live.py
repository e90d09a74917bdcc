"""A training run that a person plays with: play, pause, single steps, speed, changes, and back to any step.

The session's work runs in a `Job`.  Commands may be given from any thread; they take effect before the next step.  What
it finds is read from `rows` and `probes`, which hold every point, and from the newest `View`, made at display rate.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Log
from explorer.engine.training.probes import ProbeRow
from explorer.engine.training.recorded_run import RecordedRun
from explorer.engine.training.settings import Blueprint, Change, Settings, changed, check, check_blueprint
from explorer.engine.training.trainer import Row, State, Trainer
from explorer.engine.training.view import View

PACE_STEPS_PER_S = 100.0
"""Default speed: a two-dimensional task of 2,000 steps takes 20 s, long enough to be talked about."""
_LOOK_S = 0.02
_LONGEST_DEBT_S = 0.1
_FRAMES_PER_S = 30.0
_SHARE_OF_TIME = 0.08  # of the training thread, at most, for views
_LONGEST_BLIND_S = 1.0  # a first look at a keyword network takes a second; nobody is to wait twelve for the next
_KEPT_POINTS = 1_000_000


class Session:
    """One run under control.  Two sessions know nothing of each other.

    Parameters
    ----------
    blueprint, settings
        What is trained and how.
    memory_mib
        Budget for snapshots.
    speed
        Steps per second; `math.inf` for as many as the machine makes.
    changes
        A log of changes to be repeated.

    Attributes
    ----------
    rows, probes
        What each step brought; see `history.History` for a reader that follows scrubs and resets.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        settings: Settings,
        *,
        memory_mib: float = 128,
        speed: float = PACE_STEPS_PER_S,
        changes: Iterable[Change] = (),
    ) -> None:
        self.rows: Log[Row] = Log(_KEPT_POINTS)
        self.probes: Log[ProbeRow] = Log(_KEPT_POINTS)
        self._blueprint, self._settings = check_blueprint(blueprint), check(settings)
        self._first_changes = tuple(changes)
        self._memory_bytes = int(memory_mib * 2**20)
        self._speed = speed
        self._wake = threading.Condition()
        self._commands: deque[Callable[[], None]] = deque()
        self._playing = False
        self._generation = 0
        self._next_step_s = 0.0
        self._newest_scrub = 0
        self._recorded: RecordedRun | None = None

    # ---- commands, from any thread ----

    @property
    def settings(self) -> Settings:
        """The settings as last asked for."""
        return self._settings

    @property
    def blueprint(self) -> Blueprint:
        """The blueprint as last asked for."""
        return self._blueprint

    @property
    def changes(self) -> tuple[Change, ...]:
        """The log of changes of this run."""
        return tuple(self._recorded.trainer.changes) if self._recorded else self._first_changes

    @property
    def states(self) -> tuple[State, ...]:
        """The snapshots of this run, oldest first: the path it has taken."""
        return self._recorded.snapshots.states if self._recorded else ()

    def play(self) -> None:
        """Go on; from a past step, what came after it is forgotten."""
        self._ask(self._do_play)

    def pause(self) -> None:
        """Stand still after the step under way."""
        self._ask(self._do_pause)

    def step_once(self) -> None:
        """Make one step, and stand still."""
        self._ask(self._do_step_once)

    def set_speed(self, steps_per_s: float) -> None:
        """Change the speed; `math.inf` for as fast as possible.

        Raises
        ------
        ExplorerError
            When it is not above zero.
        """
        if not steps_per_s > 0:
            raise ExplorerError(
                f"A speed of {steps_per_s:g} steps per second leads nowhere: pause, or give more than 0."
            )
        self._ask(lambda: self._do_set_speed(steps_per_s))

    def change(self, **values: Any) -> None:
        """Change settings before the next step.

        Raises
        ------
        ExplorerError
            When a value is none that a run can have; nothing has changed then.
        """
        self._settings = changed(self._settings, **values)
        self._ask(lambda: self._do_change(values))

    def reset(self, blueprint: Blueprint | None = None, settings: Settings | None = None) -> None:
        """Begin again with new weights from the blueprint's seed; the log of changes is empty then.

        Raises
        ------
        ExplorerError
            When the blueprint or the settings cannot be used; the old run goes on then.
        """
        new_blueprint = check_blueprint(blueprint or self._blueprint)
        self._settings = check(settings or self._settings)
        self._blueprint = new_blueprint
        self._ask(lambda: self._do_reset(new_blueprint, settings))

    def scrub(self, step: int) -> None:
        """Show the run as it was after a step, and stand still there."""
        self._newest_scrub = step
        self._ask(lambda: self._do_scrub(step))

    def _ask(self, command: Callable[[], None]) -> None:
        with self._wake:
            self._commands.append(command)
            self._wake.notify()

    def weight_history(self, name: str, index: int, most: int = 200) -> list[tuple[int, float]]:
        """Return (step, value) of one weight from the snapshots up to the newest step.

        Parameters
        ----------
        name
            Of a parameter, "dense1.weight".
        index
            Position in it, counted row by row.
        most
            How many points at most.
        """
        return self._recorded.weight_history(name, index, most) if self._recorded else []

    # ---- the job ----

    def work(
        self,
        stop: threading.Event,
        put: Callable[[View], None],
        report: Callable[[float | None, str], None] = lambda fraction, words: None,
    ) -> None:
        """Train until `stop` is set; `put` receives views, `report` the progress of drawing many examples."""
        self._stop, self._report = stop, report
        try:
            self._begin(Trainer(self._blueprint, self._settings, self._first_changes, self._tell))
        except ExplorerError:
            if stop.is_set():
                return
            raise
        next_view_s, seen = 0.0, -1
        while not stop.is_set():
            obeyed = self._obey()
            stepped = not obeyed and self._advance()  # a command is shown before the next steps are made
            now = time.monotonic()
            due = obeyed or (stepped and now >= next_view_s) or (not self._playing and seen != self._run.step)
            if due:
                put(self._run.view(self._playing))
                seen = self._run.step
                pause_s = max(1 / _FRAMES_PER_S, (time.monotonic() - now) / _SHARE_OF_TIME)
                next_view_s = now + min(_LONGEST_BLIND_S, pause_s)
            elif not stepped:
                self._rest()

    @property
    def _run(self) -> RecordedRun:
        assert self._recorded is not None  # begun before anything is obeyed
        return self._recorded

    def _tell(self, fraction: float, words: str) -> bool:
        self._report(fraction, words)
        return not self._stop.is_set()

    def _begin(self, trainer: Trainer) -> None:
        trainer.generation = self._generation
        self._recorded = RecordedRun(trainer, self.rows, self.probes, self._memory_bytes)

    def _rest(self) -> None:
        """Wait for a command, or until the next step is due."""
        wait_s = _LOOK_S
        if self._playing:
            wait_s = min(wait_s, max(0.0, self._next_step_s - time.monotonic()))
        with self._wake:
            if not self._commands:
                self._wake.wait(wait_s)

    def _obey(self) -> bool:
        """Carry out what was asked; a command that cannot be carried out is told and changes nothing."""
        obeyed = False
        while self._commands:
            command = self._commands.popleft()
            obeyed = True
            try:
                command()
            except ExplorerError as error:
                self._run.why = str(error)
        return obeyed

    def _advance(self) -> bool:
        """Make the steps that are due, at most for a display frame; True when there was one."""
        if not self._playing:
            return False
        began = time.monotonic()
        if began < self._next_step_s:
            return False
        self._next_step_s = max(self._next_step_s, began - _LONGEST_DEBT_S)
        while self._playing and not self._commands and not self._stop.is_set():
            self._run.advance()
            self._playing = not self._run.over
            self._next_step_s += 1 / self._speed
            now = time.monotonic()
            if self._next_step_s > now or now - began > 1 / _FRAMES_PER_S:
                break
        return True

    def _do_play(self) -> None:
        stopped_early = self._run.trainer.ended
        self._run.go_on()
        if stopped_early:
            self._run.change(patience=0)
            self._settings = self._run.trainer.settings
        self._playing = True
        self._next_step_s = time.monotonic()

    def _do_pause(self) -> None:
        self._playing = False

    def _do_step_once(self) -> None:
        self._playing = False
        self._run.go_on()
        self._run.advance()

    def _do_set_speed(self, steps_per_s: float) -> None:
        self._speed = steps_per_s
        self._next_step_s = time.monotonic()

    def _do_change(self, values: dict[str, Any]) -> None:
        try:
            self._run.change(**values)
        except ExplorerError:
            self._settings = self._run.trainer.settings
            raise

    def _do_reset(self, blueprint: Blueprint, settings: Settings | None) -> None:
        current = self._run.trainer
        try:
            trainer = Trainer(blueprint, settings or current.settings, tell=self._tell)
        except ExplorerError:
            self._blueprint, self._settings = current.blueprint, current.settings
            raise
        self._generation += 1
        self._begin(trainer)

    def _do_scrub(self, step: int) -> None:
        self._playing = False
        self._run.go_to(step, lambda: self._newest_scrub == step and not self._stop.is_set())
        self._settings = self._run.trainer.settings
