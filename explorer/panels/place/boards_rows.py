"""Board rows: what was measured on boards, and what is predicted for them without having seen them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from explorer.engine.deployment.measurements import family, published
from explorer.engine.deployment.predictor import predict_load
from explorer.engine.deployment.profile import Profile
from explorer.engine.deployment.validation import LEVEL, Score, boards_left_out, networks_left_out
from explorer.engine.deployment.workload import workload
from explorer.engine.nn.graph import Graph
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.place.log_axis import number


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One board with one software, running one network.

    Parameters
    ----------
    board, software
        As printed.
    measured_ms
        Published; None where nobody published it.
    predicted_ms, low_ms, high_ms
        Predicted without that result, with its interval; None where the board cannot run it.
    extrapolation
        Whether nothing like it was measured elsewhere.
    sentence
        All that in words, with what it rests on.
    """

    board: str
    software: str
    measured_ms: float | None
    predicted_ms: float | None
    low_ms: float | None
    high_ms: float | None
    extrapolation: bool
    sentence: str

    @property
    def error_factor(self) -> float | None:
        """How many times too long or too short the prediction is."""
        if self.measured_ms is None or self.predicted_ms is None:
            return None
        return math.exp(abs(math.log(self.predicted_ms / self.measured_ms)))

    @property
    def inside(self) -> bool | None:
        """Whether what was measured lies in the interval; None where nothing was measured."""
        if self.measured_ms is None or self.low_ms is None or self.high_ms is None:
            return None
        return self.low_ms <= self.measured_ms <= self.high_ms

    @property
    def place_ms(self) -> float:
        """By what it is sorted: measured where it was, else predicted."""
        return next((time for time in (self.measured_ms, self.predicted_ms) if time is not None), math.inf)


def published_rows(network: str, *, without_network: bool = False, board: str = "") -> tuple[BoardRow, ...]:
    """Return published results of a network, each with the prediction made without its board or without the network.

    Parameters
    ----------
    network
        Name of the topology.
    without_network
        Leave the network out on all boards, rather than the board with all networks.
    board
        Only this board, with every software on it.
    """
    scores = networks_left_out() if without_network else boards_left_out()
    chosen = [s for s in scores if s.row.network == network and (not board or s.row.chip == board)]
    return tuple(sorted(map(_scored, chosen), key=lambda row: row.place_ms))


def predicted_rows(graph: Graph, recipe: Recipe, profiles: Mapping[str, Profile]) -> tuple[BoardRow, ...]:
    """Return predictions for the devices on which nobody published this network."""
    rows = []
    load = workload(graph, recipe)
    for profile in profiles.values():
        found = predict_load(load, profile)
        if found.published is None:
            rows.append(
                BoardRow(
                    profile.title,
                    profile.software,
                    None,
                    found.latency_ms,
                    found.low_ms,
                    found.high_ms,
                    found.extrapolation,
                    f"{profile.title}, {profile.software}: {found.basis}.",
                )
            )
    return tuple(sorted(rows, key=lambda row: row.place_ms))


def boards_with_software() -> tuple[str, ...]:
    """Return the boards that were measured with more than one software, most of them first."""
    softwares: dict[str, set[str]] = {}
    for row in published():
        softwares.setdefault(row.chip, set()).add(family(row.software))
    return tuple(sorted((b for b, s in softwares.items() if len(s) > 1), key=lambda b: (-len(softwares[b]), b)))


def spread(rows: Sequence[BoardRow]) -> tuple[float, float] | None:
    """Return the shortest and the longest measured time; None where fewer than two were measured."""
    times = [row.measured_ms for row in rows if row.measured_ms is not None]
    return (min(times), max(times)) if len(times) > 1 else None


def _scored(score: Score) -> BoardRow:
    row = score.row
    details = ", ".join(part for part in (row.software, row.configuration) if part)
    if row.precision != "int8":
        details += f", {row.precision}"
    boards = len({other.chip for other in published() if other.chip != row.chip})
    if score.by_board:
        rests = _tr("predicted from {count} other boards, without this one").format(count=boards)
    else:
        rests = _tr("predicted from the other networks, on all boards")
    new = score.setting == "new ground"
    text = _tr(
        "{board}, {software}: measured {measured} ms; {rests}: {predicted} ms [{low}, {high}], {factor}× off{new}."
    )
    return BoardRow(
        row.board,
        details,
        row.latency_ms,
        score.predicted_ms,
        score.low_ms,
        score.high_ms,
        new,
        text.format(
            board=row.board,
            software=details,
            measured=number(row.latency_ms),
            rests=rests,
            predicted=number(score.predicted_ms),
            low=number(score.low_ms),
            high=number(score.high_ms),
            factor=f"{score.error_factor:.2f}",
            new=_tr(", an extrapolation: nothing like it was measured elsewhere") if new else "",
        )
        + _tr(" {level:.0f} % interval; source: {source}.").format(level=100 * LEVEL, source=row.source),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
