"""Accuracy of a network on labelled seconds: overall with its interval, per class, and what is taken for what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import wilson
from explorer.engine.kws.clips import Purpose, load_part
from explorer.engine.kws.folders import LabelFolder
from explorer.engine.kws.frontend import log_mel
from explorer.engine.kws.labels import SILENCE
from explorer.engine.kws.stream import Scorer

BATCH = 64


@dataclass(frozen=True, slots=True)
class ClassAccuracy:
    """How well one class is told from the others.

    Parameters
    ----------
    recall
        Share of its clips that were recognised; None without clips.
    precision
        Share of the clips taken for it that were it; None when none was taken for it.
    clips
        Number of its clips.
    """

    recall: float | None
    precision: float | None
    clips: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy on one set, which it names.

    Parameters
    ----------
    accuracy, low, high
        Share of the clips that were recognised, with its 95 % Wilson interval over clips (not over speakers).
    clips
        Number of clips.
    mean_recall
        Mean of the classes' recalls, each class counting alike however many clips it has.
    per_class
        Recall, precision and clips by label.
    confusion
        Counts: one row per true label, one column per answer, in the order of `labels`.
    labels
        The classes.
    set_name
        What was measured on.
    """

    accuracy: float
    low: float
    high: float
    clips: int
    mean_recall: float
    per_class: dict[str, ClassAccuracy]
    confusion: list[list[int]]
    labels: tuple[str, ...]
    set_name: str


def accuracy_of(confusion: NDArray[np.int64], labels: Sequence[str], set_name: str) -> Accuracy:
    """Return what a table of counts [true, answered] says.

    Raises
    ------
    ExplorerError
        When the table is empty: without a clip there is no accuracy.
    """
    clips = int(confusion.sum())
    if clips == 0:
        raise ExplorerError(f"There is no clip in “{set_name}”: choose another set.")
    right, true, answered = confusion.diagonal(), confusion.sum(1), confusion.sum(0)
    per_class = {
        label: ClassAccuracy(
            recall=float(right[i] / true[i]) if true[i] else None,
            precision=float(right[i] / answered[i]) if answered[i] else None,
            clips=int(true[i]),
        )
        for i, label in enumerate(labels)
    }
    low, high = wilson(int(right.sum()), clips)
    present = true > 0
    return Accuracy(
        accuracy=float(right.sum() / clips),
        low=low,
        high=high,
        clips=clips,
        mean_recall=float((right[present] / true[present]).mean()),
        per_class=per_class,
        confusion=confusion.tolist(),
        labels=tuple(labels),
        set_name=set_name,
    )


def scores_of(executor: Scorer, sounds: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return scores [n, classes] of seconds of sound [n, 16000]; digital silence never reaches the network, as live."""
    labels = tuple(executor.labels)
    scores = np.zeros((len(sounds), len(labels)), np.float32)
    for at in range(0, len(sounds), BATCH):
        block = np.asarray(sounds[at : at + BATCH], np.float32)
        pictures = np.stack([log_mel(sound) for sound in block]).astype(np.float32)
        scores[at : at + BATCH] = executor.scores(pictures)
    if SILENCE in labels:
        scores[~sounds.any(1)] = np.eye(len(labels), dtype=np.float32)[labels.index(SILENCE)]
    return scores


def evaluate(
    executor: Scorer,
    batches: Iterable[tuple[NDArray[np.floating[Any]], Sequence[str]]],
    set_name: str,
    progress: Callable[[int], None] | None = None,
    stop: threading.Event | None = None,
) -> Accuracy:
    """Measure accuracy on batches of (sound [n, 16000], labels).

    Parameters
    ----------
    executor
        The network; an answer is the label with the highest score.
    batches
        Seconds of sound, -1..1, with their labels.
    set_name
        Name of the set, kept in the result.
    progress
        Called with the number of clips done.
    stop
        Looked at after every batch; what was measured until then is returned.

    Raises
    ------
    ExplorerError
        When a label is none of the network's, or there was no clip.
    """
    labels = tuple(executor.labels)
    place = {label: i for i, label in enumerate(labels)}
    confusion = np.zeros((len(labels), len(labels)), np.int64)
    done = 0
    for sounds, truth in batches:
        missing = sorted(set(truth) - set(labels))
        if missing:
            raise ExplorerError(f"The network does not know “{missing[0]}”: choose a set with labels it has.")
        answers = scores_of(executor, sounds).argmax(1)
        np.add.at(confusion, ([place[label] for label in truth], answers), 1)
        done += len(truth)
        if progress is not None:
            progress(done)
        if stop is not None and stop.is_set():
            break
    return accuracy_of(confusion, labels, set_name)


def evaluate_part(
    executor: Scorer,
    part: Purpose = "evaluate",
    progress: Callable[[int], None] | None = None,
    stop: threading.Event | None = None,
) -> Accuracy:
    """Measure accuracy on a part of the bundled voices."""
    clips = load_part(part)
    sounds = (clips.samples[at : at + BATCH].astype(np.float32) / 32768.0 for at in range(0, len(clips), BATCH))
    truth = clips.labels_for(executor.labels)
    labels = (truth[at : at + BATCH] for at in range(0, len(clips), BATCH))
    name = f"{clips.name}, n = {len(clips)}, {clips.voice_count} voices; interval over clips, not over speakers"
    return evaluate(executor, zip(sounds, labels, strict=True), name, progress, stop)


def evaluate_folder(
    executor: Scorer,
    folder: LabelFolder,
    progress: Callable[[int], None] | None = None,
    stop: threading.Event | None = None,
) -> Accuracy:
    """Measure accuracy on a folder of label folders."""
    batches = ((sounds, [recording.label for recording in taken]) for sounds, taken in folder.batches(BATCH))
    return evaluate(executor, batches, folder.name, progress, stop)
