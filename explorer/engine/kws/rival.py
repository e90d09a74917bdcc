"""Rival: a second network that hears the same sound, and where the two disagree on a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.jobs import Log
from explorer.engine.kws.decision import Decider, DecisionSettings, Event, keyword_indices
from explorer.engine.kws.labels import SILENCE

if TYPE_CHECKING:
    from explorer.engine.kws.stream import Scorer

SLACK_S = 0.5
"""Two reports of a word at most this far apart are the same word."""


@dataclass(frozen=True, slots=True)
class Echo:
    """One result of the rival.

    Parameters
    ----------
    time_s
        End of the second it looked at, on the pipeline's time axis.
    label, score
        The keyword that leads after averaging, and its averaged score.
    event
        The word reported with this result, if any.
    """

    time_s: float
    label: str
    score: float
    event: Event | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A word that only one network reported, or that they took for different words.

    Parameters
    ----------
    time_s
        When the first of the reports came.
    first, second
        What each reported; empty for nothing.
    """

    time_s: float
    first: str
    second: str


class Rival:
    """Score and decide beside the network that listens, from the same pictures and with the same knobs.

    Parameters
    ----------
    hop_ms
        Time from one result to the next.
    kept
        How many results are kept.

    Attributes
    ----------
    echoes
        Its results, append-only.
    trouble
        Why it fails, in a sentence, while it does; empty otherwise.  The network that listens is not touched by that.
    """

    def __init__(self, hop_ms: float, kept: int) -> None:
        self.echoes: Log[Echo] = Log(kept)
        self.trouble = ""
        self._hop_ms = hop_ms
        self._wanted: Scorer | None = None
        self._scorer: Scorer | None = None
        self._decider: Decider | None = None

    def set_scorer(self, scorer: Scorer | None) -> None:
        """Let this network hear from the next hop on, or none; for one second it reports nothing."""
        self._wanted = scorer

    def reset(self, start_s: float) -> None:
        """Forget everything: another sound begins at `start_s`."""
        if self._decider is not None:
            self._decider.reset(start_s)

    def hear(self, time_s: float, picture: NDArray[np.floating[Any]], silent: bool, settings: DecisionSettings) -> None:
        """Take the picture of the second that ends at `time_s`, in the pipeline's thread.

        Parameters
        ----------
        time_s
            Sound time.
        picture
            Grey levels [98, 40].
        silent
            Whether the second is digital silence, which no network is asked about.
        settings
            The knobs in force.
        """
        wanted = self._wanted
        if wanted is not self._scorer:
            self._scorer, self.trouble = wanted, ""
            start_s = time_s - self._hop_ms / 1000.0
            self._decider = Decider(tuple(wanted.labels), self._hop_ms, start_s=start_s) if wanted else None
        if wanted is None or self._decider is None:
            return
        labels = self._decider.labels
        try:
            if silent and SILENCE in labels:
                scores = np.eye(len(labels), dtype=np.float32)[labels.index(SILENCE)]
            else:
                scores = wanted.scores(picture[None].astype(np.float32))[0]
        except Exception as error:  # noqa: BLE001 - the network that listens goes on
            self.trouble = f"The network to compare with fails: {' '.join(str(error).split()) or type(error).__name__}"
            return
        self.trouble = ""
        self._decider.settings = settings
        decision = self._decider.push(time_s, scores)
        words = keyword_indices(labels)
        leading = int(words[decision.averaged[words].argmax()])
        self.echoes.append(Echo(time_s, labels[leading], float(decision.averaged[leading]), decision.event))


def disagreements(first: Sequence[Event], second: Sequence[Event], until_s: float) -> list[Disagreement]:
    """Return where two networks' reports differ, in order of time.

    Reports of the same word at most `SLACK_S` apart agree.  Of the others, two that near each other are one
    disagreement about what was said, and the rest are words that one of them missed, or made up.

    Parameters
    ----------
    first, second
        Reports of the two networks, in order of time.
    until_s
        Reports younger than `SLACK_S` before this are left out: the other network may still answer.
    """
    mine, others = list(first), list(second)
    for event in first:
        match = next((other for other in others if other.label == event.label and _near(event, other)), None)
        if match is not None:
            mine.remove(event)
            others.remove(match)
    found: list[Disagreement] = []
    for event in mine:
        other = next((other for other in others if _near(event, other)), None)
        if other is not None:
            others.remove(other)
        begun_s = min(event.time_s, other.time_s) if other is not None else event.time_s
        found.append(Disagreement(begun_s, event.label, other.label if other is not None else ""))
    found += [Disagreement(other.time_s, "", other.label) for other in others]
    return sorted((d for d in found if d.time_s <= until_s - SLACK_S), key=lambda d: d.time_s)


def _near(a: Event, b: Event) -> bool:
    return abs(a.time_s - b.time_s) <= SLACK_S + 1e-6
