"""Trade-offs: what a threshold buys and costs, and what noise costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.source import Span
from explorer.engine.kws.decision import DecisionSettings, decide_all
from explorer.engine.kws.evaluate import BATCH, Accuracy, evaluate
from explorer.engine.kws.labelled_stream import noise_of
from explorer.engine.kws.levels import active_rms
from explorer.engine.kws.scoring import StreamScore, score_stream

if TYPE_CHECKING:
    from explorer.engine.audio.noise import NoiseKind
    from explorer.engine.kws.stream import Scorer

THRESHOLDS = tuple(round(0.3 + 0.02 * i, 2) for i in range(36))  # 0.30 to 1.00


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the trade-off curve.

    Parameters
    ----------
    settings
        The knobs.
    score
        What they gave.
    present
        Whether these are the knobs in force.
    """

    settings: DecisionSettings
    score: StreamScore
    present: bool


def sweep(
    score: Callable[[DecisionSettings], StreamScore | None],
    settings: DecisionSettings,
    thresholds: Sequence[float] = THRESHOLDS,
) -> list[Point]:
    """Return one point per threshold, the present one among them, in order of the threshold.

    Parameters
    ----------
    score
        Judges knobs on a labelled stretch: `Pipeline.score`, or a closure over `score_knobs`.
    settings
        The knobs in force; only the threshold is moved, and the re-arm level where it must follow.
    thresholds
        Where to look.
    """
    points = []
    for threshold in sorted({*thresholds, settings.threshold}):
        moved = settings.adjusted(threshold=threshold)
        judged = score(moved)
        if judged is not None:
            points.append(Point(moved, judged, threshold == settings.threshold))
    return points


def score_knobs(
    times: NDArray[np.float64],
    scores: NDArray[np.floating[Any]],
    spans: Sequence[Span],
    labels: Sequence[str],
    hop_ms: float,
    settings: DecisionSettings,
) -> StreamScore:
    """Judge knobs on the scores of a labelled stream that begins at 0 s."""
    events = decide_all(times, scores, settings, labels, hop_ms)
    return score_stream(events, spans, float(times[-1]) if len(times) else 0.0)


def accuracy_at_snr(
    executor: Scorer,
    sounds: NDArray[np.floating[Any]],
    labels: Sequence[str],
    snrs_db: Sequence[float],
    set_name: str,
    noise: NoiseKind = "pink",
    seed: int = 0,
) -> list[tuple[float, Accuracy]]:
    """Return accuracy with noise mixed in at each ratio.

    Parameters
    ----------
    executor
        The network.
    sounds
        Seconds of sound, -1..1, [n, 16000].
    labels
        What is said in each.
    snrs_db
        Ratios of active speech to noise over the whole band, 0 to 8 kHz.
    set_name
        Name of the set; the noise is added to it in the results.
    noise, seed
        Which noise; every clip gets another part of it, at every ratio the same.
    """
    rows = []
    for snr_db in snrs_db:
        batches = noisy_batches(sounds, labels, snr_db, noise, seed)
        rows.append((snr_db, evaluate(executor, batches, f"{set_name}, {noise} noise at {snr_db:g} dB")))
    return rows


def noisy_batches(
    sounds: NDArray[np.floating[Any]], labels: Sequence[str], snr_db: float, noise: NoiseKind, seed: int = 0
) -> list[tuple[NDArray[np.float32], Sequence[str]]]:
    """Return the sounds in batches with noise in them; seconds of digital silence stay as they are."""
    batches = []
    for at in range(0, len(sounds), BATCH):
        block = np.asarray(sounds[at : at + BATCH], np.float32)
        added = noise_of(noise, block.size, seed + at).reshape(block.shape)
        gain = active_rms(block) * 10 ** (-snr_db / 20)
        noisy = np.clip(block + gain[:, None].astype(np.float32) * added, -1.0, 1.0)
        batches.append((noisy, labels[at : at + BATCH]))
    return batches
