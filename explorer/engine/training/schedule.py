"""Learning rate schedules: how large a step is at which point of a run."""

from __future__ import annotations

import math

from explorer.engine.errors import ExplorerError


def warmup_cosine(step: int, steps: int, peak: float, warmup_steps: int) -> float:
    """Return the learning rate of one step: linear warm-up, then a cosine to zero (Loshchilov and Hutter 2017).

    Parameters
    ----------
    step
        0 .. steps - 1.
    steps
        Length of the whole run.
    peak
        Highest learning rate.
    warmup_steps
        Steps of linear rise before it.
    """
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / max(1, steps - warmup_steps)))


SCHEDULES = ("constant", "step", "cosine", "warm-up")
STEP_FACTOR, STEP_PARTS = 0.1, 3


def scheduled_rate(kind: str, step: int, peak: float, steps: int, warmup_steps: int = 0) -> float:
    """Return the learning rate of one step under a named schedule.

    Parameters
    ----------
    kind
        "constant"; "step": a tenth after each third of the run; "cosine": down to zero, after a warm-up if there is
        one; "warm-up": linear rise, then constant.
    step
        0 for the first; a run that goes on after `steps` keeps the last rate.
    peak
        Highest learning rate.
    steps, warmup_steps
        Length of the whole run and of the rise, in steps.
    """
    at = min(step, steps - 1)
    match kind:
        case "constant":
            return peak
        case "step":
            return peak * STEP_FACTOR ** (STEP_PARTS * at // steps)
        case "cosine":
            return warmup_cosine(at, steps, peak, warmup_steps)
        case "warm-up":
            return peak * min(1.0, (step + 1) / max(1, warmup_steps))
    raise ExplorerError(f"There is no schedule {kind!r}: choose {', '.join(SCHEDULES)}.")
