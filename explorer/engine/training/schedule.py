"""Learning rate schedules: how large a step is at which point of a run."""

from __future__ import annotations

import math


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
