"""The clips that accuracy is measured on, as pictures in a fixed shuffled order.

The order is stratified: every beginning of it holds the classes in nearly the proportions of the whole, so that an
early estimate is unbiased and its variance small.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.folders import LabelFolder
from explorer.engine.kws.frontend import log_mel
from explorer.engine.kws.labels import SILENCE

ORDER_SEED = 7


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSet:
    """Labelled pictures.

    Parameters
    ----------
    name
        What they are, as printed beside every figure.
    pictures
        Grey levels [n, 98, 40].
    labels
        Index of the true class, [n].
    digital_silence
        Which clips are all zeros: those never reach the network, live or here, and count as silence, [n].
    classes
        Names of the classes.
    key
        Hash of all this, for caches.

    Raises
    ------
    ExplorerError
        When there is no clip.
    """

    name: str
    pictures: NDArray[np.float32]
    labels: NDArray[np.int64]
    digital_silence: NDArray[np.bool_]
    classes: tuple[str, ...]
    key: str = field(init=False)

    def __post_init__(self) -> None:
        if len(self.labels) == 0:
            raise ExplorerError(f"There is no clip in “{self.name}”: choose another set.")
        digest = hashlib.sha256(np.ascontiguousarray(self.pictures).tobytes() + self.labels.tobytes())
        object.__setattr__(self, "key", digest.hexdigest())

    def __len__(self) -> int:
        return len(self.labels)

    def answers(self, logits: NDArray[np.float32], first: int) -> NDArray[np.int64]:
        """Return the answers to the clips from number `first` on, of which these are the logits."""
        found = np.asarray(logits.argmax(1), np.int64)
        if SILENCE in self.classes:
            found[self.digital_silence[first : first + len(found)]] = self.classes.index(SILENCE)
        return found


def stratified_order(labels: NDArray[np.int64], seed: int = ORDER_SEED) -> NDArray[np.int64]:
    """Return a shuffled order in which every beginning holds each class in proportion, give or take a clip.

    The i-th of a class's n shuffled clips is due at (i + u) / n of the whole, u drawn once for each class.
    """
    rng = np.random.default_rng(seed)
    due = np.empty(len(labels))
    for label in np.unique(labels):
        of_class = rng.permutation(np.flatnonzero(labels == label))
        due[of_class] = (np.arange(len(of_class)) + rng.random()) / len(of_class)
    return np.argsort(due, kind="stable")


@lru_cache(maxsize=2)
def bundled_set(classes: tuple[str, ...]) -> EvaluationSet:
    """Return the evaluate part of the bundled voices; its pictures are drawn once.

    Raises
    ------
    ExplorerError
        When a label is none of the network's.
    """
    clips = load_part("evaluate")
    name = f"{clips.name}, n = {len(clips)}, {clips.voice_count} voices; interval over clips, not over speakers"
    sounds = clips.samples.astype(np.float32) / 32768
    silent = np.asarray(~clips.samples.any(1), np.bool_)
    return _ordered(name, np.stack([log_mel(sound) for sound in sounds]), clips.labels_for(classes), silent, classes)


def folder_set(folder: LabelFolder) -> EvaluationSet:
    """Return the recordings in a folder of label folders."""
    pictures: list[NDArray[np.float32]] = []
    labels: list[str] = []
    silent: list[bool] = []
    for sounds, taken in folder.batches():
        pictures += [np.asarray(log_mel(sound), np.float32) for sound in sounds]
        labels += [recording.label for recording in taken]
        silent += [not sound.any() for sound in sounds]
    return _ordered(f"{folder.name}, n = {len(labels)}", np.stack(pictures), labels, np.array(silent), folder.labels)


def _ordered(
    name: str,
    pictures: NDArray[np.floating],
    labels: Sequence[str],
    silent: NDArray[np.bool_],
    classes: tuple[str, ...],
) -> EvaluationSet:
    missing = sorted(set(labels) - set(classes))
    if missing:
        raise ExplorerError(f"The network does not know “{missing[0]}”: choose a set with labels it has.")
    number = np.array([classes.index(label) for label in labels], np.int64)
    order = stratified_order(number)
    return EvaluationSet(name, pictures[order].astype(np.float32), number[order], silent[order], classes)
