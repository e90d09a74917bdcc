"""Measuring: accuracy on a set by the functions of `mlsys-explorer evaluate`, with what each clip was taken for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.clips import ClipSet, load_part
from explorer.engine.kws.evaluate import BATCH, Accuracy, evaluate, evaluate_part
from explorer.engine.kws.folders import LabelFolder, Recording, read_label_folder
from explorer.engine.kws.labels import SILENCE
from explorer.engine.kws.stream import Scorer
from explorer.engine.kws.tradeoff import noisy_batches
from explorer.panels.listen.evaluations import Question

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """A clip and what it was taken for.

    Parameters
    ----------
    truth, answer
        Labels.
    name
        Word and voice, or word and file.
    place
        Its row in the bundled part, or its recording in a folder.
    """

    truth: str
    answer: str
    name: str
    place: int | Recording

    def sound(self) -> NDArray[np.float32]:
        """Return the second, float32 [16000].

        Raises
        ------
        ExplorerError
            When the file cannot be read any more.
        """
        if isinstance(self.place, int):
            return np.asarray(load_part("evaluate").samples[self.place] / np.float32(32768.0), np.float32)
        folder = LabelFolder(self.place.path.parent, (self.truth,), (self.place,))
        return np.asarray(next(folder.batches(1))[0][0], np.float32)


@dataclass(frozen=True, slots=True)
class Measured:
    """An accuracy, and each clip behind it.

    Parameters
    ----------
    accuracy
        The figures.
    heard
        Every clip with what it was taken for, in the order of the set.
    """

    accuracy: Accuracy
    heard: tuple[Heard, ...]

    def cell(self, truth: str, answer: str) -> list[Heard]:
        """Return the clips of one cell of the confusion matrix."""
        return [clip for clip in self.heard if clip.truth == truth and clip.answer == answer]


class _Listener:
    """A scorer that remembers its answers."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.answers: list[int] = []

    @property
    def labels(self) -> Sequence[str]:
        return self._scorer.labels

    def scores(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        scores = self._scorer.scores(pictures)
        self.answers += scores.argmax(1).tolist()
        return scores


def measure(
    scorer: Scorer, question: Question, progress: Progress | None = None, stop: threading.Event | None = None
) -> Measured:
    """Measure, by the same functions as `mlsys-explorer evaluate`, and keep what each clip was taken for.

    Parameters
    ----------
    scorer
        The network, ready to run.
    question
        On what.
    progress
        Called with the number of clips done.
    stop
        Ends it early; the figures are then those of the clips done.

    Raises
    ------
    ExplorerError
        When the folder cannot be used.
    """
    listener = _Listener(scorer)
    labels = tuple(scorer.labels)
    if question.folder is not None:
        folder = read_label_folder(question.folder, labels)
        taken: list[tuple[Recording, bool]] = []
        watched = _Watched(folder, taken)
        accuracy = evaluate(listener, watched, folder.name, progress, stop)
        heard = [
            Heard(r.label, _answer(labels, a, mute), f"{r.word} · {r.path.name}", r)
            for (r, mute), a in zip(taken, listener.answers, strict=False)
        ]
        return Measured(accuracy, tuple(heard))
    clips = load_part("evaluate")
    if question.snr_db is None:
        accuracy = evaluate_part(listener, "evaluate", progress, stop)
    else:
        name = f"{clips.name}, pink noise at {question.snr_db:g} dB"
        accuracy = evaluate(listener, _noisy(clips, question.snr_db, labels), name, progress, stop)
    truth = clips.labels_for(labels)
    mute = np.logical_not(clips.samples.any(axis=1)).tolist()
    heard = [Heard(truth[i], _answer(labels, a, mute[i]), _name(clips, i), i) for i, a in enumerate(listener.answers)]
    return Measured(accuracy, tuple(heard))


def _name(clips: ClipSet, index: int) -> str:
    voice = clips.voices[index]
    return clips.words[index] if voice == "-" else f"{clips.words[index]} · {voice}"


def _noisy(clips: ClipSet, snr_db: float, known: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], Sequence[str]]]:
    """Yield what `accuracy_at_snr` measures, one batch at a time: all at once would take 64 MB."""
    truth = clips.labels_for(known)
    for at in range(0, len(clips), BATCH):
        sounds = clips.samples[at : at + BATCH].astype(np.float32) / np.float32(32768.0)
        yield from noisy_batches(sounds, truth[at : at + BATCH], snr_db, "pink", seed=at)


class _Watched:
    """The batches of a folder, noting which recordings came and which of them are digital silence."""

    def __init__(self, folder: LabelFolder, taken: list[tuple[Recording, bool]]) -> None:
        self._folder = folder
        self._taken = taken

    def __iter__(self) -> Iterator[tuple[NDArray[np.float32], list[str]]]:
        for sounds, recordings in self._folder.batches():
            self._taken += zip(recordings, np.logical_not(sounds.any(axis=1)).tolist(), strict=True)
            yield sounds, [recording.label for recording in recordings]


def _answer(labels: Sequence[str], answer: int, mute: bool) -> str:
    """Return the label; digital silence never reaches the network, as in `scores_of`."""
    return SILENCE if mute and SILENCE in labels else labels[answer]
