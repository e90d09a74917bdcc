"""A run with its record: points, snapshots and probes, so that it can be looked at, taken back and gone on from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.engine.jobs import Log
from explorer.engine.training.probes import ProbeRow, Probes
from explorer.engine.training.snapshots import Snapshots
from explorer.engine.training.trainer import Diverged, Row, State, Trainer
from explorer.engine.training.view import View, Viewer


class RecordedRun:
    """One trainer and everything that is kept of its steps.

    Parameters
    ----------
    trainer
        At step 0.
    rows, probes
        Where points go.
    memory_bytes
        Budget for snapshots.

    Attributes
    ----------
    head
        How far the run has been; below it lies its past.
    over, why
        Whether it has ended, and the sentence that says why, or why something was refused.
    """

    def __init__(self, trainer: Trainer, rows: Log[Row], probes: Log[ProbeRow], memory_bytes: int) -> None:
        self.trainer = trainer
        self.head = 0
        self.over, self.why = False, ""
        self.snapshots = Snapshots(memory_bytes)
        self.snapshots.keep(trainer.state())
        self._rows, self._probe_rows = rows, probes
        self._probes = Probes(trainer)
        self._viewer = Viewer(trainer, self._probes)

    @property
    def step(self) -> int:
        """Where the run stands."""
        return self.trainer.step_number

    def advance(self) -> None:
        """Make a step and keep what it brought; a run that cannot go on is over."""
        self._viewer.before_step()
        try:
            row = self.trainer.step()
        except Diverged as error:
            self.over, self.why = True, str(error)
            return
        self.head = self.step
        self._rows.append(row)
        probe = self._probes.take()
        if probe is not None:
            self._probe_rows.append(probe)
        if self.snapshots.wants(self.head):
            self.snapshots.keep(self.trainer.state())
        if self.trainer.ended:
            self.over, self.why = True, self.trainer.ended

    def go_on(self) -> None:
        """Forget what came after the present step, and that the run was over."""
        self.over, self.why = False, ""
        if self.step < self.head:
            self.snapshots.forget_after(self.step)
            self.trainer.forget_changes_from(self.step)
            self.head = self.step

    def change(self, **values: Any) -> None:
        """Change settings before the next step.

        Raises
        ------
        ExplorerError
            When a value is none that a run can have.
        """
        self.go_on()
        self.trainer.change(**values)

    def go_to(self, step: int, goes_on: Callable[[], bool]) -> None:
        """Be as after a step that was made: from the snapshot before it, exactly as it was.

        Parameters
        ----------
        step
            0 .. head; what lies outside is taken as the nearer end.
        goes_on
            Asked before each step; False leaves the run where it is by then.
        """
        self.over, self.why = False, ""
        trainer, target = self.trainer, min(max(0, step), self.head)
        if target == self.step:
            return
        trainer.restore(self.snapshots.at_or_before(max(0, target - 1)))  # one step at least: it leaves gradients
        while trainer.step_number < target and goes_on():
            self._viewer.before_step(closely=trainer.step_number == target - 1)
            trainer.step()
        self._probes.take()  # what is repeated has been recorded
        if target == self.head:
            trainer.apply_due_changes()

    def view(self, playing: bool) -> View:
        """Return the run as it is now."""
        mode = "playing" if playing else "ended" if self.over else "paused"
        return self._viewer.view(self.head, mode, self.why)

    def weight_history(self, name: str, index: int, most: int) -> list[tuple[int, float]]:
        """Return (step, value) of one weight from the snapshots; see `Session.weight_history`."""
        states: tuple[State, ...] = self.snapshots.states
        chosen = states[:: max(1, -(-len(states) // most))]
        return [(state.step, self.trainer.learner.value_in(state.tensors, name, index)) for state in chosen]
