"""Evaluations: accuracy of networks on sets, measured in the background, kept by the network's fingerprint."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.clips import ClipSet, load_part
from explorer.engine.kws.evaluate import BATCH, Accuracy, evaluate, evaluate_part
from explorer.engine.kws.folders import LabelFolder, Recording, read_label_folder
from explorer.engine.kws.labels import SILENCE
from explorer.engine.kws.stream import Scorer
from explorer.engine.kws.tradeoff import noisy_batches

if TYPE_CHECKING:
    from explorer.background import Background, Task
    from explorer.engine.nn.network import Network

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be measured.

    Parameters
    ----------
    folder
        Folder of label folders; None: the part "evaluate" of the bundled voices.
    snr_db
        Pink noise added at this ratio; None: as recorded.
    """

    folder: str | None = None
    snr_db: float | None = None


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
    """An accuracy, and each clip behind it."""

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
        accuracy = evaluate(listener, _noisy(clips, question.snr_db), name, progress, stop)
    mute = np.logical_not(clips.samples.any(axis=1)).tolist()
    heard = [
        Heard(clips.labels[i], _answer(labels, a, mute[i]), _name(clips, i), i) for i, a in enumerate(listener.answers)
    ]
    return Measured(accuracy, tuple(heard))


def _name(clips: ClipSet, index: int) -> str:
    voice = clips.voices[index]
    return clips.words[index] if voice == "-" else f"{clips.words[index]} · {voice}"


def _noisy(clips: ClipSet, snr_db: float) -> Iterator[tuple[NDArray[np.float32], Sequence[str]]]:
    """Yield what `accuracy_at_snr` measures, one batch at a time: all at once would take 64 MB."""
    for at in range(0, len(clips), BATCH):
        sounds = clips.samples[at : at + BATCH].astype(np.float32) / np.float32(32768.0)
        yield from noisy_batches(sounds, clips.labels[at : at + BATCH], snr_db, "pink", seed=at)


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


class Evaluations:
    """Measure what the views ask for, once, and tell them.

    Parameters
    ----------
    background
        Where the measuring runs, in turn with other heavy work.
    """

    def __init__(self, background: Background) -> None:
        self._background = background
        self._known: dict[tuple[str, Question], Measured] = {}
        self._failed: dict[tuple[str, Question], str] = {}
        self._tasks: dict[tuple[str, Question], Task] = {}
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Call `changed` when something was measured or failed."""
        self._listeners.append(changed)

    def get(self, network: Network, question: Question) -> Measured | None:
        """Return what is known."""
        return self._known.get((network.fingerprint, question))

    def error(self, network: Network, question: Question) -> str:
        """Return why it could not be measured; empty when it was not tried or is under way."""
        return self._failed.get((network.fingerprint, question), "")

    def progress(self, network: Network, question: Question) -> float | None:
        """Return the share done; None while it waits for other work or is not under way."""
        task = self._tasks.get((network.fingerprint, question))
        return None if task is None else task.progress[0]

    def ask(self, network: Network, *questions: Question) -> None:
        """Measure what is not known yet; what failed before is tried again."""
        for question in questions:
            key = (network.fingerprint, question)
            if key not in self._known and key not in self._tasks:
                self._failed.pop(key, None)
                self._tasks[key] = self._start(network, question)

    def stop(self) -> None:
        """Ask everything under way to end: the newest request wins."""
        for task in self._tasks.values():
            task.stop()
        self._tasks.clear()

    def _start(self, network: Network, question: Question) -> Task:
        key = (network.fingerprint, question)

        def work(
            stop: threading.Event, put: Callable[[Any], None], report: Callable[[float | None, str], None]
        ) -> None:
            from explorer.engine.nn.inference import Executor

            total = len(load_part("evaluate")) if question.folder is None else None

            def progress(done: int) -> None:
                report(done / total if total else None, f"{done} clips")

            found = measure(Executor(network), question, progress, stop)
            if not stop.is_set():
                put(found)

        def update(found: Measured) -> None:
            self._known[key] = found

        def end(error: BaseException | None) -> None:
            if self._tasks.get(key) is task:
                del self._tasks[key]
            if error is not None and key not in self._known:
                self._failed[key] = str(error)
            for changed in tuple(self._listeners):
                changed()

        noise = "" if question.snr_db is None else f", {question.snr_db:g} dB"
        task = self._background.start(f"Accuracy of {network.name}{noise}", work, update, end)
        return task
