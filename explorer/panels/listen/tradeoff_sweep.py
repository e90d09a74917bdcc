"""Sweeps: the threshold moved over a labelled stretch of sound, and what each place gives."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explorer.engine.kws.clips import load_part, require_purpose
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.labelled_stream import make_stream, scores_of_stream
from explorer.engine.kws.labels import taught_label
from explorer.engine.kws.review import score_labelled
from explorer.engine.kws.tradeoff import Point, score_knobs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.engine.audio.source import Span
    from explorer.engine.kws.memory import Remembered
    from explorer.engine.kws.scoring import StreamScore
    from explorer.engine.nn.network import Network

STREAM_S = 600.0
"""Length of the made stream: 300 words, heard by a small network in some seconds."""
EVERY_S, SNR_DB = 2.0, 20.0
COARSE = tuple(round(0.3 + 0.05 * i, 2) for i in range(15))
"""Thresholds tried on the sound of this session, whose every trial decides five minutes anew."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Scores of a labelled stream, on which every knob can be tried.

    Parameters
    ----------
    times, scores
        Of each result: seconds [n], probabilities [n, classes].
    spans
        What is said in it.
    labels
        Meaning of the scores.
    hop_ms
        Time between results.
    """

    times: NDArray[np.float64]
    scores: NDArray[np.float32]
    spans: tuple[Span, ...]
    labels: tuple[str, ...]
    hop_ms: float

    def judge(self, settings: DecisionSettings) -> StreamScore:
        """Score these knobs."""
        return score_knobs(self.times, self.scores, self.spans, self.labels, self.hop_ms, settings)


@dataclass(frozen=True, slots=True)
class Answer:
    """A sweep, and what it was made for.

    Parameters
    ----------
    points
        One per threshold.
    settings
        The knobs at which it was made.
    recorded
        The stream, for the next sweep; None for the sound of this session.
    fingerprint
        Of the network.
    """

    points: list[Point]
    settings: DecisionSettings
    recorded: Recorded | None
    fingerprint: str


def record(network: Network, seconds: float, hop_ms: float, stop: threading.Event | None = None) -> Recorded:
    """Make the labelled stream from the calibrate part and score it with a network, as far as `stop` lets it."""
    from explorer.engine.nn.inference import Executor

    clips = require_purpose(load_part("calibrate"), "calibrate")
    samples, spans = make_stream(clips, seconds, EVERY_S, SNR_DB)
    spans = tuple(replace(span, label=taught_label(span.label, span.word, network.labels)) for span in spans)
    times, scores = scores_of_stream(Executor(network), samples, round(hop_ms * 16), stop)
    return Recorded(times, scores, spans, network.labels, hop_ms)


def judge_remembered(
    remembered: Remembered, spans: tuple[Span, ...], settings: DecisionSettings, stop: threading.Event
) -> StreamScore | None:
    """Score knobs on what was heard in this session; None once a newer question was asked."""
    return None if stop.is_set() else score_labelled(remembered, settings, spans)
