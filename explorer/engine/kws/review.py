"""Judging what is remembered: labelled stretches are scored, of the others only an upper bound can be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.engine.kws.scoring import HIT_UNTIL_S, LATE_UNTIL_S, StreamScore, Watch, score_stream, watch

if TYPE_CHECKING:
    from explorer.engine.audio.source import Span
    from explorer.engine.kws.decision import DecisionSettings, Event
    from explorer.engine.kws.memory import Remembered

_EPSILON_S = 1e-6


def _sides(remembered: Remembered, labelled: bool) -> list[tuple[float, float]]:
    """Return begin and end on the time axis of the stretches that are, or are not, labelled."""
    hop_s = remembered.hop_ms / 1000.0
    return [
        (float(remembered.times[rows.start]) - hop_s, float(remembered.times[rows.stop - 1]))
        for stretch, rows in remembered.parts()
        if stretch.labelled == labelled
    ]


def _within(sides: list[tuple[float, float]], start_s: float, end_s: float) -> bool:
    return any(a - _EPSILON_S <= start_s and end_s <= b + _EPSILON_S for a, b in sides)


def score_labelled(
    remembered: Remembered, settings: DecisionSettings, spans: Sequence[Span]
) -> StreamScore | None:
    """Score the labelled stretches with these knobs; None when there are none.

    Words at the edges, of which not everything is remembered or not everything was heard yet, do not count, nor do
    the reports of them.
    """
    sides = _sides(remembered, labelled=True)
    if not sides:
        return None
    events = [event for event in remembered.decide(settings, place=False) if _within(sides, event.time_s, event.time_s)]
    near = [s for s in spans if any(s.start_s <= b and s.end_s + LATE_UNTIL_S >= a for a, b in sides)]
    known = [span for span in near if _within(sides, span.start_s, span.end_s + HIT_UNTIL_S)]
    at_edges = [span for span in near if not _within(sides, span.start_s, span.end_s + HIT_UNTIL_S)]
    judged = [event for event in events if not any(_of(event, span) for span in at_edges)]
    return score_stream(judged, known, sum(b - a for a, b in sides))


def _of(event: Event, span: Span) -> bool:
    """Whether an event reports this very word."""
    return event.label == span.label and span.start_s <= event.time_s <= span.end_s + LATE_UNTIL_S


def watch_unlabelled(remembered: Remembered, settings: DecisionSettings) -> Watch:
    """Count the reports in the stretches about which nothing is known."""
    sides = _sides(remembered, labelled=False)
    events = [event for event in remembered.decide(settings, place=False) if _within(sides, event.time_s, event.time_s)]
    return watch(len(events), sum(b - a for a, b in sides))
