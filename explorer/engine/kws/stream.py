"""What goes through the live pipeline, and what it needs from a network and a noise fader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.engine.audio.source import SourceKind
    from explorer.engine.kws.decision import Event


class Scorer(Protocol):
    """What turns pictures into scores: an `explorer.engine.nn.inference.Executor`."""

    @property
    def labels(self) -> Sequence[str]:
        """Meaning of the scores."""

    def scores(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities [n, classes] of log-mel pictures [n, 98, 40] in grey levels."""


class Mixer(Protocol):
    """What adds noise: an `explorer.engine.audio.noise.NoiseFader`."""

    speech_dbfs: float | None

    def mix(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the next samples [n] with noise in them."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One result and how it came about.

    Parameters
    ----------
    index
        Counts results since the pipeline was made.
    end_sample, time_s
        End of the second it looked at, in samples and seconds on the pipeline's time axis.
    scores, averaged
        Scores of this second, float32 [classes], and as averaged by the decision layer.
    leading
        Index of the label that leads after averaging.
    labels
        Meaning of the scores.
    level_dbfs, peak, clipped
        Of the hop's sound as the network got it: root mean square, highest magnitude, whether it hit full scale.
    event
        The word reported with this result, if any.
    arrived_s, read_s, features_done_s, network_done_s, decided_s
        `time.perf_counter()` when the last block had come, was held by this thread, and after each step.
    source
        Name of the source.
    """

    index: int
    end_sample: int
    time_s: float
    scores: NDArray[np.float32]
    averaged: NDArray[np.float64]
    leading: int
    labels: tuple[str, ...]
    level_dbfs: float
    peak: float
    clipped: bool
    event: Event | None
    arrived_s: float
    read_s: float
    features_done_s: float
    network_done_s: float
    decided_s: float
    source: str


@dataclass(frozen=True, slots=True)
class Columns:
    """New frames of the log-mel picture.

    Parameters
    ----------
    first_frame
        Number of the first; frame i begins i x 10 ms after the start of the time axis.
    frames
        Grey levels, uint8 [k, 40].
    """

    first_frame: int
    frames: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Seam:
    """A place on the time axis where another source begins.

    Parameters
    ----------
    time_s
        Where.
    source, kind
        Name and kind of what begins.
    """

    time_s: float
    source: str
    kind: SourceKind
