"""The stages of a response as rows: one event's, and the median of the last ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.engine.intervals import median_interval
from explorer.engine.kws.waterfall import Waterfall

WAIT, UNSURE, SURE, CAPTURE, FEATURES, NETWORK, DECISION, PAINT = (
    "wait for the hop",
    "network not sure yet",
    "being sure",
    "capture block",
    "features",
    "network",
    "decision",
    "painting",
)
STAGES = (WAIT, UNSURE, SURE, CAPTURE, FEATURES, NETWORK, DECISION, PAINT)
"""In the order in which they follow each other."""
QUESTION_STAGES = (FEATURES, NETWORK, SURE, PAINT)
"""Those one may guess about."""
COMPUTING = (FEATURES, NETWORK, DECISION)
"""Those too short to be seen on the axis of the whole."""


@dataclass(frozen=True, slots=True)
class Row:
    """A stage of one response, or of the median one.

    Parameters
    ----------
    start_ms, length_ms
        When, from the end of the word.
    low_ms, high_ms
        95 % interval of the length, for a median.
    count
        Responses behind it.
    """

    start_ms: float
    length_ms: float
    low_ms: float | None = None
    high_ms: float | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Response:
    """One word's answer and its stages.

    Parameters
    ----------
    label
        The word.
    waterfall
        As the pipeline measured it.
    paint_ms
        From the decision to the end of painting it; None when it was not painted or not yet.
    """

    label: str
    waterfall: Waterfall
    paint_ms: float | None

    def rows(self) -> dict[str, Row]:
        """Return the stages that were measured, by name; handing the block over belongs to "capture block"."""
        rows: dict[str, Row] = {}
        end_ms = 0.0
        for part in self.waterfall.segments():
            end_ms = part.start_ms + part.length_ms
            if part.name == "capture block" and self.waterfall.capture_block_ms is None:
                continue
            name = CAPTURE if part.name == "pick-up" else part.name
            before = rows.get(name)
            rows[name] = (
                Row(part.start_ms, part.length_ms)
                if before is None
                else Row(before.start_ms, before.length_ms + part.length_ms)
            )
        if self.paint_ms is not None:
            rows[PAINT] = Row(end_ms, self.paint_ms)
        return rows

    @property
    def total_ms(self) -> float:
        """From the end of the word to the last stage measured."""
        return max(row.start_ms + row.length_ms for row in self.rows().values())

    @property
    def longest(self) -> str:
        """The longest of the stages one may guess about."""
        rows = self.rows()
        return max((name for name in QUESTION_STAGES if name in rows), key=lambda name: rows[name].length_ms)


def median_rows(responses: Sequence[Response]) -> dict[str, Row]:
    """Return the median of each stage over several responses; a stage that one lacks lasted 0 there.

    "capture block" and "painting" are medians over the responses in which they were measured.
    """
    found: dict[str, Row] = {}
    each = [response.rows() for response in responses]
    for name in STAGES:
        having = [rows[name] for rows in each if name in rows]
        if not having:
            continue
        lengths = [row.length_ms for row in having]
        if name in (WAIT, UNSURE):
            lengths += [0.0] * (len(each) - len(having))
        length_ms, low_ms, high_ms = median_interval(lengths)
        start_ms = median_interval([row.start_ms for row in having])[0]
        found[name] = Row(start_ms, length_ms, low_ms, high_ms, len(lengths))
    return found
