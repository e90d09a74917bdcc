"""Descent in words: what the rule says, what the path did, and who arrived first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.engine.training.bowl import Behaviour, Bowl, Descent, rate_limit
from explorer.panels.teach import wording
from explorer.panels.teach.descent_board import BoardRow

if TYPE_CHECKING:
    from explorer.engine.training.race import Runner

ORDER = (Behaviour.STANDS, Behaviour.CREEPS, Behaviour.OSCILLATES, Behaviour.SWINGS, Behaviour.DIVERGES)
"""From the calmest to the wildest: the wildest axis decides."""


def behaviours() -> dict[Behaviour, str]:
    """Return what a descent does, in words."""
    return {
        Behaviour.STANDS: _tr("stands still"),
        Behaviour.CREEPS: _tr("converges from one side"),
        Behaviour.OSCILLATES: _tr("converges, swinging from wall to wall"),
        Behaviour.SWINGS: _tr("swings for ever"),
        Behaviour.DIVERGES: _tr("diverges"),
    }


def brief() -> dict[Behaviour, str]:
    """Return what a descent does, in a word or two."""
    return {
        Behaviour.STANDS: _tr("stands still"),
        Behaviour.CREEPS: _tr("creeps in"),
        Behaviour.OSCILLATES: _tr("swings in"),
        Behaviour.SWINGS: _tr("swings for ever"),
        Behaviour.DIVERGES: _tr("diverges"),
    }


def expected(descent: Descent) -> Behaviour:
    """Return what the rule says of all axes together."""
    return max(descent.expected, key=ORDER.index)


def bowl_sentence(bowl: Bowl, rate: float, momentum: float, descent: Descent) -> str:
    """Say what the rule expects, what happened, and whether they agree."""
    words, rule = behaviours(), expected(descent)
    steepest = max(bowl.curvatures)
    limit = rate_limit(steepest, momentum)
    count = len(descent.points) - 1
    relation = "<" if rate < limit else ">" if rate > limit else "="
    factor = "2" if momentum == 0 else f"2 (1 + {momentum:.2f})"
    told = _tr("η {rate:.3g} {relation} {factor} / λ = {limit:.3g}: the rule says {rule}.").format(
        rate=rate, relation=relation, factor=factor, limit=limit, rule=f"“{words[rule]}”"
    )
    if descent.observed is rule:
        seen = _tr("So it did")
    else:
        seen = _tr("In these {count} steps it “{seen}”; more would show the rest").format(
            count=count, seen=words[descent.observed]
        )
    if descent.arrived_at is not None and rule in (Behaviour.CREEPS, Behaviour.OSCILLATES):
        end = _tr("0.1 % of the way left after {steps} steps").format(steps=descent.arrived_at)
    else:
        end = _tr("loss {first:.3g} → {last:.3g} in {count} steps").format(
            first=descent.losses[0], last=descent.losses[-1], count=count
        )
    return f"{told} {seen}: {end}."


def bowl_rows(bowl: Bowl, rate: float, momentum: float, descent: Descent) -> list[BoardRow]:
    """Return the rule axis by axis, and what was seen."""
    words = brief()
    rows = []
    for index, (curvature, each) in enumerate(zip(bowl.curvatures, descent.expected, strict=True), 1):
        name = _tr("axis {index}").format(index=index) if len(bowl.curvatures) > 1 else _tr("rule")
        note = _tr("η λ = {product:.3g}; converges below {limit:.3g}").format(
            product=rate * curvature, limit=2 * (1 + momentum)
        )
        rows.append(BoardRow(name, words[each], note))
    agree = descent.observed is expected(descent)
    mark = "✓" if agree else "…"
    note = _tr("from the path alone, {count} steps").format(count=len(descent.points) - 1)
    return [*rows, BoardRow(_tr("seen {mark}").format(mark=mark), words[descent.observed], note)]


def ranked(runners: Sequence[Runner]) -> list[Runner]:
    """Return the runners in order of arrival, those that did not arrive last, the closest first."""
    return sorted(runners, key=lambda r: (r.arrived_at is None, r.arrived_at or 0, r.rest))


def race_rows(runners: Sequence[Runner], looks: dict[str, tuple[str, int]]) -> list[BoardRow]:
    """Return the order of arrival; `looks` gives colour and shape of each optimizer."""
    names, rows = wording.optimizers(), []
    for runner in ranked(runners):
        role, mark = looks[runner.optimizer]
        if runner.arrived_at is not None:
            told = _tr("step {steps}").format(steps=runner.arrived_at)
        elif runner.rest == float("inf"):
            told = _tr("left the picture")
        else:
            told = _tr("{rest:.2g} away").format(rest=runner.rest)
        rows.append(BoardRow(names[runner.optimizer], f"{told} · η {runner.rate:g}", role=role, mark=mark))
    return rows


def race_sentence(runners: Sequence[Runner], surface: str, entrants: int) -> str:
    """Say who arrived first, and who did not."""
    names = wording.optimizers()
    order = [runner for runner in ranked(runners) if runner.arrived_at is not None]
    late = [names[runner.optimizer] for runner in ranked(runners) if runner.arrived_at is None]
    ground = {"ravine": _tr("in the ravine"), "saddle": _tr("on the saddle"), "noise": _tr("in the noise")}[surface]
    if len(runners) < entrants:
        return _tr("{count} of {all} optimizers have run {ground}.").format(
            count=len(runners), all=entrants, ground=ground
        )
    if not order:
        return _tr("Nobody arrives {ground} in 300 steps at this rate.").format(ground=ground)
    told = _tr("{name} arrives first {ground}, after {steps} steps at η = {rate:g}").format(
        name=names[order[0].optimizer], ground=ground, steps=order[0].arrived_at, rate=order[0].rate
    )
    if len(order) > 1:
        told += _tr("; {name} last, after {steps}").format(name=names[order[-1].optimizer], steps=order[-1].arrived_at)
    if late:
        told += _tr("; not in 300 steps: {names}").format(names=", ".join(late))
    return told + "."


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
