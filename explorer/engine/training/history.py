"""The points of a live run as arrays, for curves: follows scrubs, branches and resets."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from explorer.engine.training.live import Session
from explorer.engine.training.probes import ProbeRow
from explorer.engine.training.trainer import Row

COLUMNS = tuple(f.name for f in fields(Row) if f.name != "generation")


class History:
    """A reader of a session's logs; call `read` once per frame.

    Attributes
    ----------
    generation
        Of the run that is read.
    names
        Of the weight matrices in `gradient_rms`, from input to output.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.names: tuple[str, ...] = ()
        self._rows = _Table(len(COLUMNS))
        self._probes = _Table(0)
        self._at = [0, 0]

    def read(self, session: Session) -> bool:
        """Take in what is new; True when there was something."""
        probes, self._at[1] = session.probes.since(self._at[1])  # first, so that no probe comes before its row
        rows, self._at[0] = session.rows.since(self._at[0])
        for row in rows:
            self._next(row.generation)
            if row.step <= self._rows.last:
                self._probes.cut(row.step)
            self._rows.add(row.step, [_number(getattr(row, name)) for name in COLUMNS])
        for probe in probes:
            self._add_probe(probe)
        self._probes.cut(self._rows.last + 1)  # what was probed in a future that is forgotten
        return bool(rows or probes)

    def _next(self, generation: int) -> None:
        if generation > self.generation:
            self.generation = generation
            self._rows, self._probes = _Table(len(COLUMNS)), _Table(0)

    def _add_probe(self, probe: ProbeRow) -> None:
        self._next(probe.generation)
        if probe.generation < self.generation:
            return
        if probe.names != self.names or not self._probes.width:
            self.names, self._probes = probe.names, _Table(1 + 3 * len(probe.names))
        values = [probe.step, *probe.gradient_rms, *probe.weight_rms, *probe.update_ratio]
        self._probes.add(probe.step, values)

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one field of the rows over the steps, not a number where it was not measured.

        Parameters
        ----------
        name
            One of COLUMNS: "step", "loss", "validation_accuracy", ...
        """
        return self._rows.values[:, COLUMNS.index(name)]

    @property
    def probe_step(self) -> NDArray[np.float64]:
        """Steps at which gradients were probed, [times]."""
        return self._probes.values[:, 0] if self._probes.width else np.empty(0)

    def probed(self, name: str) -> NDArray[np.float64]:
        """Return "gradient_rms", "weight_rms" or "update_ratio" as time x depth, [times, matrices]."""
        n = len(self.names)
        first = 1 + n * ("gradient_rms", "weight_rms", "update_ratio").index(name)
        return self._probes.values[:, first : first + n] if self._probes.width else np.empty((0, n))


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


class _Table:
    """Rows of numbers that grow; a row of an earlier step takes the later ones back."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._data = np.empty((1024, width))
        self._length = 0
        self._steps: list[int] = []

    def add(self, step: int, values: list[float]) -> None:
        """Append a row, after dropping those of this step and later."""
        self.cut(step)
        if self._length == len(self._data):
            self._data = np.concatenate([self._data, np.empty_like(self._data)])
        self._data[self._length] = values
        self._steps.append(step)
        self._length += 1

    @property
    def last(self) -> int:
        """Step of the last row, 0 without one."""
        return self._steps[-1] if self._steps else 0

    def cut(self, step: int) -> None:
        """Drop the rows of this step and later."""
        while self._steps and self._steps[-1] >= step:
            self._steps.pop()
        self._length = len(self._steps)

    @property
    def values(self) -> NDArray[np.float64]:
        """All rows so far."""
        return self._data[: self._length]
