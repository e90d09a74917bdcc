"""Robustness: the same words moved, softened and in noise, and sounds that are no word at all.

A network is trained and judged on clips that are cut to the word.  Live, the word lies anywhere in the second, there is
noise, and most of what is heard is not a word; these are the rows that say what becomes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.intervals import wilson
from explorer.engine.kws.decision import keyword_indices
from explorer.engine.kws.evaluate import BATCH, evaluate, scores_of
from explorer.engine.kws.frontend import CLIP, RATE_HZ
from explorer.engine.kws.labelled_stream import noise_of
from explorer.engine.kws.labels import UNKNOWN
from explorer.engine.kws.levels import active_rms
from explorer.engine.kws.tradeoff import noisy_batches

if TYPE_CHECKING:
    from explorer.engine.audio.noise import NoiseKind
    from explorer.engine.kws.stream import Scorer

FALSE_ACCEPT = 0.7  # a single second scored this high for a keyword would begin an event
SHIFTS_MS = (-200, -100, 100, 200)
SNRS_DB = (20.0, 10.0, 0.0)
NOISES: tuple[NoiseKind, ...] = ("babble", "white", "pink")
_PLACES = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One condition.

    Parameters
    ----------
    kind
        "accuracy": share recognised.  "false accepts": share of seconds without a keyword that were scored
        `FALSE_ACCEPT` or more for one.
    value, low, high
        The share with its 95 % Wilson interval.
    count
        Seconds of sound behind it.
    """

    kind: str
    value: float
    low: float
    high: float
    count: int


def robustness(
    executor: Scorer, sounds: NDArray[np.floating[Any]], labels: Sequence[str], seed: int = 0
) -> dict[str, Row]:
    """Measure accuracy under changes, and false accepts on sounds that are no keyword.

    Parameters
    ----------
    executor
        The network.
    sounds
        Seconds of sound, -1..1, [n, 16000].
    labels
        What is said in each; those that are unknown words also serve, joined and cut anywhere, as other speech.
    seed
        Of noises and cuts.
    """
    sounds = np.asarray(sounds, np.float32)
    rows = {"as recorded": _accuracy(executor, sounds, labels)}
    for shift_ms in SHIFTS_MS:
        name = f"{abs(shift_ms)} ms {'late' if shift_ms > 0 else 'early'}"
        rows[name] = _accuracy(executor, shifted(sounds, shift_ms), labels)
    for gain_db in (-20, -40):
        rows[f"{-gain_db} dB softer"] = _accuracy(executor, sounds * np.float32(10 ** (gain_db / 20)), labels)
    for noise in NOISES:
        for snr_db in SNRS_DB:
            batches = noisy_batches(sounds, labels, snr_db, noise, seed)
            rows[f"{noise} noise, {snr_db:g} dB"] = _row(executor, batches)
    time_s = np.arange(CLIP) / RATE_HZ
    tones = [0.1 * np.sin(2 * np.pi * hz * time_s) for hz in np.geomspace(100, 4000, _PLACES)]
    for name, other in (
        ("tones, 100 to 4000 Hz", np.array(tones)),
        ("hum", 0.05 * _noise("hum", seed)),
        ("white noise", 0.05 * _noise("white", seed)),
        ("pink noise", 0.05 * _noise("pink", seed)),
        ("babble", 0.05 * _noise("babble", seed)),
        ("digital silence", np.zeros((1, CLIP))),
        ("other speech", other_speech(sounds, labels, seed)),
    ):
        if len(other):
            rows[name] = _false_accepts(executor, np.asarray(other, np.float32))
    return rows


def shifted(sounds: NDArray[np.float32], shift_ms: float) -> NDArray[np.float32]:
    """Return sounds [n, 16000] moved later by `shift_ms`, or earlier if negative; zeros move in."""
    shift = round(shift_ms * RATE_HZ / 1000)
    padded = np.pad(sounds, ((0, 0), (max(0, shift), max(0, -shift))))
    start = max(0, -shift)
    return padded[:, start : start + sounds.shape[1]]


def other_speech(sounds: NDArray[np.float32], labels: Sequence[str], seed: int) -> NDArray[np.float32]:
    """Return seconds of running speech without a keyword: unknown words joined, and cut where no word begins.

    As many seconds as there are unknown words; none, [0, 16000], without any.
    """
    unknown = sounds[[label == UNKNOWN for label in labels]]
    unknown = unknown[unknown.any(1)]
    if len(unknown) < 2:
        return np.zeros((0, CLIP), np.float32)
    random = np.random.default_rng(seed)
    level = active_rms(unknown)
    # the middle 0.7 s of each: pauses as short as in running speech
    edge = round(0.15 * RATE_HZ)
    words = (unknown * (0.05 / level)[:, None])[:, edge:-edge]
    speech = words[random.permutation(len(words))].reshape(-1)
    starts = random.integers(0, max(1, len(speech) - CLIP), len(unknown))
    return np.stack([speech[at : at + CLIP] for at in starts]).astype(np.float32)


def _noise(kind: NoiseKind, seed: int) -> NDArray[np.float32]:
    return noise_of(kind, _PLACES * CLIP, seed).reshape(_PLACES, CLIP)


def _accuracy(executor: Scorer, sounds: NDArray[np.float32], labels: Sequence[str]) -> Row:
    batches = [(sounds[at : at + BATCH], labels[at : at + BATCH]) for at in range(0, len(sounds), BATCH)]
    return _row(executor, batches)


def _row(executor: Scorer, batches: list[tuple[NDArray[np.float32], Sequence[str]]]) -> Row:
    result = evaluate(executor, batches, "condition")
    return Row("accuracy", result.accuracy, result.low, result.high, result.clips)


def _false_accepts(executor: Scorer, sounds: NDArray[np.float32]) -> Row:
    keywords = keyword_indices(tuple(executor.labels))
    accepted = int((scores_of(executor, sounds)[:, keywords].max(1) >= FALSE_ACCEPT).sum())
    return Row("false accepts", accepted / len(sounds), *wilson(accepted, len(sounds)), len(sounds))
