"""Diagnosing: keep of a live run what the rules of thumb ask for, and ask them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.engine.training.diagnosis import Finding
    from explorer.engine.training.evidence import DataFacts
    from explorer.engine.training.live import Session
    from explorer.engine.training.probes import ProbeRow
    from explorer.engine.training.trainer import Row
    from explorer.engine.training.view import View

KEPT_ROWS, KEPT_PROBES = 100, 20


class Diagnosis:
    """The newest rows and probes of a run, its first probe, and facts about its data."""

    def __init__(self) -> None:
        self._rows: deque[Row] = deque(maxlen=KEPT_ROWS)
        self._probes: deque[ProbeRow] = deque(maxlen=KEPT_PROBES)
        self._first_probe: ProbeRow | None = None
        self._read = [0, 0]
        self._facts: tuple[object, DataFacts] | None = None

    def findings(self, run: Session, view: View) -> list[Finding]:
        """Return the rules that fire on a run at the moment of a view, the most serious first."""
        from explorer.engine.training.diagnosis import diagnose
        from explorer.engine.training.evidence import Evidence, data_facts

        self._gather(run, view.generation)
        rows = [row for row in self._rows if row.step <= view.step]
        if not rows:
            return []
        probes = [probe for probe in self._probes if probe.step <= view.step]
        if self._first_probe is not None:
            probes.insert(0, self._first_probe)
        if self._facts is None or self._facts[0] is not view.data:
            self._facts = (view.data, data_facts(view.data))
        evidence = Evidence(
            view.blueprint,
            view.settings,
            rows,
            probes,
            view.detail,
            self._facts[1],
            validation=view.scores.get("validation"),
            stopped=view.why if view.mode == "ended" and "finite" in view.why else "",
        )
        return diagnose(evidence)

    def _gather(self, run: Session, generation: int) -> None:
        """Take in what is new, and forget what belongs to a run before."""
        rows, self._read[0] = run.rows.since(self._read[0])
        probes, self._read[1] = run.probes.since(self._read[1])
        if self._rows and self._rows[-1].generation != generation:
            self._rows.clear()
            self._probes.clear()
            self._first_probe = None
        self._rows.extend(row for row in rows if row.generation == generation)
        for probe in probes:
            if probe.generation == generation:
                self._first_probe = self._first_probe or probe
                self._probes.append(probe)
