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
from explorer.engine.training.probes import ProbeRow, Probes
from explorer.engine.training.settings import Blueprint, Change, Settings, changed, check, check_blueprint
from explorer.engine.training.snapshots import Snapshots
from explorer.engine.training.trainer import Diverged, Row, State, Trainer
from explorer.engine.training.view import View, Viewer

PACE_STEPS_PER_S = 100.0
"""Default speed: a two-dimensional task of 2,000 steps takes 20 s, long enough to be talked about."""
_LOOK_S = 0.02
_LONGEST_DEBT_S = 0.1
_FRAMES_PER_S = 30.0
_SHARE_OF_TIME = 0.08  # of the training thread, at most, for views
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
        self._head = 0
        self._over, self._why = False, ""
        self._next_step_s = 0.0
        self._newest_scrub = 0
        self._trainer: Trainer | None = None
        self._recorded: tuple[Trainer, Snapshots] | None = None  # changed together: read from other threads

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
        return tuple(self._trainer.changes) if self._trainer else self._first_changes

    @property
    def states(self) -> tuple[State, ...]:
        """The snapshots of this run, oldest first: the path it has taken."""
        return self._recorded[1].states if self._recorded else ()

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

    # ---- the job ----

    def work(self, stop: threading.Event, put: Callable[[View], None]) -> None:
        """Train until `stop` is set; `put` receives views."""
        self._stop = stop
        self._begin(Trainer(self._blueprint, self._settings, self._first_changes))
        next_view_s, seen = 0.0, -1
        while not stop.is_set():
            obeyed = self._obey()
            stepped = self._advance()
            now = time.monotonic()
            due = obeyed or (stepped and now >= next_view_s) or (not self._playing and seen != self._step)
            if due:
                put(self._viewer.view(self._head, self._mode, self._why))
                seen = self._step
                cost = time.monotonic() - now
                next_view_s = now + max(1 / _FRAMES_PER_S, cost / _SHARE_OF_TIME)
            elif not stepped:
                self._rest()

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
                self._why = str(error)
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
            self._one_step()
            self._next_step_s += 1 / self._speed
            now = time.monotonic()
            if self._next_step_s > now or now - began > 1 / _FRAMES_PER_S:
                break
        return True

    def _one_step(self) -> None:
        """Make a step, and keep what it brought."""
        trainer = self._running
        self._viewer.before_step()
        try:
            row = trainer.step()
        except Diverged as error:
            self._end(str(error))
            return
        self._head = trainer.step_number
        self.rows.append(row)
        probe = self._watch.take()
        if probe is not None:
            self.probes.append(probe)
        if self._snapshots.wants(self._head):
            self._snapshots.keep(trainer.state())
        if trainer.ended:
            self._end(trainer.ended)

    def _end(self, why: str) -> None:
        self._playing, self._over, self._why = False, True, why

    def _go_on(self) -> None:
        """Take back that the run has ended, and what was said."""
        self._over, self._why = False, ""

    @property
    def _running(self) -> Trainer:
        assert self._trainer is not None  # set before anything is obeyed
        return self._trainer

    @property
    def _step(self) -> int:
        return self._running.step_number

    @property
    def _mode(self) -> str:
        if self._playing:
            return "playing"
        return "ended" if self._over else "paused"

    def _begin(self, trainer: Trainer) -> None:
        trainer.generation = self._generation
        self._trainer = trainer
        self._watch = Probes(trainer)
        self._snapshots = Snapshots(self._memory_bytes)
        self._snapshots.keep(trainer.state())
        self._recorded = trainer, self._snapshots
        self._viewer = Viewer(trainer, self._watch)
        self._head = 0
        self._go_on()

    def _branch(self) -> None:
        """Forget what came after the present step."""
        if self._step < self._head:
            self._snapshots.forget_after(self._step)
            self._running.forget_changes_from(self._step)
            self._head = self._step

    def _do_play(self) -> None:
        self._branch()
        if self._running.ended:
            self._running.change(patience=0)
            self._settings = self._running.settings
        self._go_on()
        self._playing = True
        self._next_step_s = time.monotonic()

    def _do_pause(self) -> None:
        self._playing = False

    def _do_step_once(self) -> None:
        self._branch()
        self._playing = False
        self._go_on()
        self._one_step()

    def _do_set_speed(self, steps_per_s: float) -> None:
        self._speed = steps_per_s
        self._next_step_s = time.monotonic()

    def _do_change(self, values: dict[str, Any]) -> None:
        self._branch()
        self._go_on()
        try:
            self._running.change(**values)
        except ExplorerError:
            self._settings = self._running.settings
            raise

    def _do_reset(self, blueprint: Blueprint, settings: Settings | None) -> None:
        try:
            trainer = Trainer(blueprint, settings or self._running.settings)
        except ExplorerError:
            self._blueprint, self._settings = self._running.blueprint, self._running.settings
            raise
        self._generation += 1
        self._begin(trainer)

    def _do_scrub(self, step: int) -> None:
        """Go to the snapshot before a step and from there on, exactly as it was."""
        self._playing = False
        self._go_on()
        trainer = self._running
        target = min(max(0, step), self._head)
        if target == trainer.step_number:
            return
        trainer.restore(self._snapshots.at_or_before(max(0, target - 1)))  # one step at least: it leaves gradients
        while trainer.step_number < target and self._newest_scrub == step and not self._stop.is_set():
            self._viewer.before_step(closely=trainer.step_number == target - 1)
            trainer.step()
        self._watch.take()  # nothing that is read again
        if target == self._head:
            trainer.apply_due_changes()
        self._settings = trainer.settings

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
        if self._recorded is None:
            return []
        trainer, snapshots = self._recorded
        states = snapshots.states
        chosen = states[:: max(1, -(-len(states) // most))]
        return [(state.step, trainer.learner.value_in(state.tensors, name, index)) for state in chosen]
