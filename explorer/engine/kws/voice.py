"""Voice activity: where in the sound somebody speaks, and why a stretch of voice was no event.

Everything here compares a level with a noise floor, a low percentile of the recent level.  It cannot tell a voice from
a slammed door; it is used to place the edges of a word that was recognised, and to say why none was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.decision import DecisionSettings, keyword_indices
from explorer.engine.kws.frontend import GREY_PER_NEPER, HOP, RATE_HZ

if TYPE_CHECKING:
    from explorer.engine.kws.stream import Hop

FRAME_STEP_S = HOP / RATE_HZ
FLOOR_PERCENTILE = 15.0
MARGIN_DB = 9.0  # a voice stands this far above the floor
QUIET_DBFS = -50.0  # a voice whose loudest 50 ms stay below this is too quiet
SHORTEST_VOICE_S = 0.25
_LOUD_BANDS = 10
_GREY_PER_DB = GREY_PER_NEPER * np.log(10.0) / 10.0
_CLOSURE_S = 0.12  # the silence inside a "t" or "p" does not end a word
_LONGEST_WORD_S = 1.0
_SHORTEST_WORD_S = 0.08


def frame_levels(frames: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return the level of log-mel frames [n, bands] in dB on an arbitrary zero: the mean of the ten loudest bands."""
    loudest = np.partition(frames, -_LOUD_BANDS, axis=1)[:, -_LOUD_BANDS:]
    return np.asarray(loudest.mean(1) / _GREY_PER_DB, np.float32)


def stretches(active: NDArray[np.bool_], closure: int, shortest: int) -> list[tuple[int, int]]:
    """Return runs of true as (first, past the last), gaps up to `closure` bridged, runs below `shortest` left out."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    joined: list[list[int]] = []
    for first, last in edges.reshape(-1, 2).tolist():
        if joined and first - joined[-1][1] <= closure:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return [(first, last) for first, last in joined if last - first >= shortest]


def word_edges(
    levels: NDArray[np.float32], first_frame_s: float, rise_s: float
) -> tuple[float | None, float | None]:
    """Estimate where the word lies that a network became sure of at `rise_s`.

    Parameters
    ----------
    levels
        Levels of frames as `frame_levels` gives them, [n], some seconds up to the decision: the more, the better
        the floor.
    first_frame_s
        Sound time at which the first of them begins.
    rise_s
        First result that named the word.

    Returns
    -------
    start_s, end_s
        Edges of the last stretch of voice that began before `rise_s`, at most a second before; None each where
        nothing is to be seen, `end_s` also where the voice goes on.
    """
    if not len(levels):
        return None, None
    floor = float(np.percentile(levels, FLOOR_PERCENTILE))
    found = stretches(
        levels > floor + MARGIN_DB, round(_CLOSURE_S / FRAME_STEP_S), round(_SHORTEST_WORD_S / FRAME_STEP_S)
    )
    # a frame is 30 ms long and stands for its middle
    middle_s = first_frame_s + 0.015
    for first, last in reversed(found):
        start_s, end_s = middle_s + first * FRAME_STEP_S, middle_s + last * FRAME_STEP_S
        if start_s < rise_s:
            if rise_s - end_s > _LONGEST_WORD_S:
                break
            # less than 50 ms of quiet after it: whether it ended is not known yet
            ended = last + 0.05 / FRAME_STEP_S <= len(levels)
            return max(start_s, rise_s - _LONGEST_WORD_S), end_s if ended else None
    return None, None


def explain(hops: Sequence[Hop], settings: DecisionSettings) -> str | None:
    """Say why the last stretch of voice was no event: "too quiet", or "closest: go 0.41, needs 0.70".

    Parameters
    ----------
    hops
        The newest results, ten seconds or so, oldest first.
    settings
        The knobs that were in force.

    Returns
    -------
    str or None
        None while there is nothing to explain: no voice of at least 250 ms in the last seconds, a voice that
        ended less than half a second ago, or one that did become an event.
    """
    if len(hops) < 2:
        return None
    hop_s = hops[-1].time_s - hops[-2].time_s
    levels = np.array([hop.level_dbfs for hop in hops])
    floor = float(np.percentile(levels, FLOOR_PERCENTILE))
    runs = stretches(levels > floor + MARGIN_DB, round(0.2 / hop_s), max(1, round(SHORTEST_VOICE_S / hop_s)))
    if not runs:
        return None
    first, last = runs[-1]
    quiet_s = (len(hops) - last) * hop_s
    if not 0.5 <= quiet_s <= 3.0:
        return None
    heard = hops[first : last + round(0.5 / hop_s)]
    if any(hop.event for hop in heard):
        return None
    if levels[first:last].max() < QUIET_DBFS:
        return "too quiet"
    best, word = 0.0, ""
    for hop in heard:
        keywords = keyword_indices(hop.labels)
        at = int(keywords[hop.averaged[keywords].argmax()])
        if hop.averaged[at] >= best:
            best, word = float(hop.averaged[at]), hop.labels[at]
    if best >= settings.threshold:
        return f"{word} {best:.2f}, but too soon after the last word"
    return f"closest: {word} {best:.2f}, needs {settings.threshold:.2f}"
