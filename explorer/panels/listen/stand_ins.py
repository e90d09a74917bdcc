"""Stand-ins: a network before there is one, and what the knobs reported before they were moved."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.decision import DecisionSettings, Event
from explorer.engine.kws.labels import LABELS, SILENCE


class NoNetwork:
    """Stands in for a network that is still being loaded: says silence."""

    labels = LABELS

    def scores(self, pictures: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return certainty of silence for each picture, [n, classes]."""
        scores = np.zeros((len(pictures), len(LABELS)), np.float32)
        scores[:, LABELS.index(SILENCE)] = 1.0
        return scores


class Ghost:
    """What was there before the last change of a knob.

    Parameters
    ----------
    settings
        The knobs before.
    events
        The words they reported in the minutes that are remembered.
    """

    def __init__(self, settings: DecisionSettings, events: list[Event]) -> None:
        self.settings = settings
        self.events = events
