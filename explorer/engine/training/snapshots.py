"""Snapshots: states of a run kept within a memory budget, so that one can go back to any of its steps.

Between two snapshots a run repeats itself exactly, so a state is found by going on from the one before it.  When the
budget is full every second snapshot is dropped and the interval doubles: the whole run stays within reach.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.engine.training.trainer import State

FIRST_INTERVAL = 10


class Snapshots:
    """States of one run, by step.

    Parameters
    ----------
    budget_bytes
        Most memory for them together; the first and the newest are kept in any case.

    Attributes
    ----------
    interval
        Steps between two snapshots.
    bytes
        Memory taken.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.interval = FIRST_INTERVAL
        self.bytes = 0
        self._states: dict[int, State] = {}

    @property
    def states(self) -> tuple[State, ...]:
        """All states, in the order of steps."""
        return tuple(state for _, state in sorted(self._states.copy().items()))  # read from other threads too

    def wants(self, step: int) -> bool:
        """Whether the state after this step belongs into the collection."""
        return step % self.interval == 0

    def keep(self, state: State) -> None:
        """Take in a state; thin out the others when the budget is full."""
        if state.step in self._states:
            self.bytes -= self._states[state.step].bytes
        self._states[state.step] = state
        self.bytes += state.bytes
        newest = state.step
        while self.bytes > self.budget_bytes and self.interval <= newest:
            self.interval *= 2
            self._drop(lambda step: step % self.interval != 0 and step != newest)

    def at_or_before(self, step: int) -> State:
        """Return the newest state not after a step; there is always that of step 0."""
        return self._states[max(kept for kept in self._states if kept <= step)]

    def forget_after(self, step: int) -> None:
        """Drop the states of a future that is not going to be."""
        self._drop(lambda kept: kept > step)

    def _drop(self, unwanted: Callable[[int], bool]) -> None:
        kept = {step: state for step, state in self._states.items() if not unwanted(step)}
        self.bytes -= sum(state.bytes for step, state in self._states.items() if step not in kept)
        self._states = kept
