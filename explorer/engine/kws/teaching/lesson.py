"""A lesson: one to four words taught from a few takes, and what it won and cost, told before anybody publishes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import rate_interval, wilson
from explorer.engine.kws.decision import DecisionSettings, decide_all
from explorer.engine.kws.frontend import CLIP
from explorer.engine.kws.labels import SILENCE, UNKNOWN
from explorer.engine.kws.teaching.last_layer import Fit, Floats, probabilities, start_weights, with_weights
from explorer.engine.kws.teaching.pictures import pictures_of, varied
from explorer.engine.kws.teaching.rehearsal import HOP, Progress, Rehearsal, Stream
from explorer.engine.kws.teaching.takes import Take
from explorer.engine.nn.network import LEARNED_HERE, LEARNED_SYNTHETIC, Network

MOST_WORDS = 4
FEWEST_TAKES = 2
VARIANTS = 24  # pictures learned from each take
WORD_IMPORTANCE = 0.3  # of one word, where all rehearsed sound together has 1
_BACKGROUND_IMPORTANCE = 0.1
_HOP_MS = HOP / 16.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How often a take was recognised by a network taught without it.

    Parameters
    ----------
    word
        The word.
    hits, takes
        How many, of how many.
    scores
        What each left-out take was scored for its word.
    """

    word: str
    hits: int
    takes: int
    scores: tuple[float, ...]

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the share."""
        return wilson(self.hits, self.takes)


@dataclass(frozen=True, slots=True)
class Fired:
    """How often new words were reported in sound in which nobody said them.

    Parameters
    ----------
    sound
        What was listened to.
    events
        Reports of new words.
    seconds
        Length of the sound, the word itself left out.
    """

    sound: str
    events: int
    seconds: float

    @property
    def per_hour(self) -> tuple[float, float]:
        """95 % interval of the reports per hour."""
        return rate_interval(self.events, self.seconds / 3600.0)


@dataclass(frozen=True, slots=True)
class Lost:
    """A clip of an old word that was recognised before and is not any more.

    Parameters
    ----------
    clip
        Its place in the evaluate part.
    word, voice
        What it says, and who.
    answer
        What it is taken for now.
    """

    clip: int
    word: str
    voice: str
    answer: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The same clips before and after, paired.

    Parameters
    ----------
    set_name
        What was measured on.
    clips, before, after
        Number of clips, and how many were recognised before and after.
    lost
        Recognised before and not after.
    gained
        How many the other way round.
    """

    set_name: str
    clips: int
    before: int
    after: int
    lost: tuple[Lost, ...]
    gained: int


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What came of teaching.

    Parameters
    ----------
    network
        The network with the words, ready to be published.
    words
        What was taught.
    left_out, fired, forgotten
        What it won and cost.
    threshold
        Score that counts as recognised.
    seconds
        How long it took, from the takes to here.
    """

    network: Network
    words: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    fired: tuple[Fired, ...]
    forgotten: Forgotten
    threshold: float
    seconds: float


def teach(
    rehearsal: Rehearsal,
    words: Mapping[str, Sequence[Take]],
    settings: DecisionSettings | None = None,
    background: NDArray[np.float32] | None = None,
    live: Stream | None = None,
    seed: int = 0,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
) -> Lesson:
    """Teach words to the network of a rehearsal.

    Parameters
    ----------
    rehearsal
        The network and what it rehearses.
    words
        Takes by word; a word that the network knows is adapted to these takes.
    settings
        The knobs in force, by which it is judged whether a word is recognised.
    background
        The room without anybody speaking, float32 [n]; what the network said to it, it shall go on saying.
    live
        The last minutes of live sound, in which nobody said the words.
    seed
        Of the variations.
    stop, progress
        Ends it; is told the share done.

    Raises
    ------
    ExplorerError
        When there is no word, too many, too few takes of one, or it was stopped.
    """
    began_s = time.perf_counter()
    _check(words)
    settings = settings or DecisionSettings()
    network = rehearsal.network
    labels = (*network.labels, *(word for word in words if word not in network.labels))
    lesson = _Material(rehearsal, words, labels, background, seed, stop)
    tell = progress if progress is not None else (lambda done: None)
    tell(0.4)
    weights = lesson.solve(stop)
    left_out = []
    for word in words:
        left_out.append(lesson.leave_each_out(word, weights, settings.threshold, stop))
        tell(0.4 + 0.5 * len(left_out) / len(words))
    streams = [stream for stream in (rehearsal.other, live) if stream is not None and stream.seconds > 0.0]
    return Lesson(
        network=with_weights(network, weights, labels, _lineage(words)),
        words=tuple(words),
        left_out=tuple(left_out),
        fired=tuple(fired(weights, labels, tuple(words), stream, settings) for stream in streams),
        forgotten=forgotten(rehearsal, weights, labels),
        threshold=settings.threshold,
        seconds=time.perf_counter() - began_s,
    )


class _Material:
    """Everything that is fitted, with the rows of each take known, so that one can be left out."""

    def __init__(
        self,
        rehearsal: Rehearsal,
        words: Mapping[str, Sequence[Take]],
        labels: tuple[str, ...],
        background: NDArray[np.float32] | None,
        seed: int,
        stop: threading.Event | None,
    ) -> None:
        random = np.random.default_rng(seed)
        room = _seconds(background)
        room_pictures = pictures_of(room)
        noises = np.concatenate([rehearsal.noises, room_pictures])
        kept = np.array([word not in words for word in rehearsal.words])
        takes = [(word, take) for word, several in words.items() for take in several]
        pictures = pictures_of(np.stack([take.samples for _, take in takes]))
        new = rehearsal.extractor.features(varied(pictures, VARIANTS, noises, random), stop)
        self.labels = labels
        self.words = tuple(word for word, _ in takes)
        self.straight = new[::VARIANTS]
        parts = [(rehearsal.features[kept], _wider(rehearsal.targets[kept], labels), 1.0)]
        if len(room):
            said = rehearsal.extractor.features(room_pictures, stop)
            old = probabilities(start_weights(rehearsal.network, rehearsal.network.labels), said)
            parts.append((said, _wider(old, labels), _BACKGROUND_IMPORTANCE))
        truth = np.eye(len(labels))[[labels.index(word) for word in self.words]]
        self._first = sum(len(part[0]) for part in parts)
        features = np.concatenate([*(part[0] for part in parts), new])
        targets = np.concatenate([*(part[1] for part in parts), np.repeat(truth, VARIANTS, axis=0)])
        self._rest = np.concatenate([np.full(len(part[0]), part[2] / len(part[0])) for part in parts])
        self.fit = Fit(features, targets, start_weights(rehearsal.network, labels))

    def rows_of(self, take: int) -> slice:
        """Return the rows that vary one take."""
        return slice(self._first + take * VARIANTS, self._first + (take + 1) * VARIANTS)

    def importance(self, without: int | None = None) -> Floats:
        """Return the importance of every row; a take that is left out has none, and the others share its part."""
        share = np.zeros(len(self.words))
        for word in set(self.words):
            members = [i for i, name in enumerate(self.words) if name == word and i != without]
            share[members] = WORD_IMPORTANCE / max(1, len(members))
        return np.concatenate([self._rest, np.repeat(share / VARIANTS, VARIANTS)])

    def solve(self, stop: threading.Event | None = None) -> Floats:
        """Return the last layer, taught with all takes."""
        return np.asarray(self.fit.solve(self.importance()[None], stop=stop)[0])

    def leave_each_out(self, word: str, weights: Floats, threshold: float, stop: threading.Event | None) -> LeftOut:
        """Teach once without each take of a word, and judge each by the network that does not know it."""
        at = self.labels.index(word)
        members = [i for i, name in enumerate(self.words) if name == word]
        without = self.fit.solve(np.stack([self.importance(take) for take in members]), weights, stop)
        scores = tuple(
            float(probabilities(own, self.straight[take : take + 1])[0, at])
            for take, own in zip(members, without, strict=True)
        )
        return LeftOut(word, sum(score >= threshold for score in scores), len(members), scores)


def fired(
    weights: Floats, labels: tuple[str, ...], words: tuple[str, ...], stream: Stream, settings: DecisionSettings
) -> Fired:
    """Return how often these words are reported in a stream, where nobody says them."""
    scores = probabilities(weights, stream.features).astype(np.float32)
    events = decide_all(stream.times, scores, settings, labels, _HOP_MS)
    said = [(start_s, end_s) for word, start_s, end_s in stream.words if word in words]
    false = [
        event
        for event in events
        if event.label in words and not any(start_s <= event.time_s <= end_s + 1.0 for start_s, end_s in said)
    ]
    seconds = stream.seconds - sum(end_s - start_s + 1.0 for start_s, end_s in said)
    return Fired(stream.name, len(false), max(0.0, seconds))


def forgotten(rehearsal: Rehearsal, weights: Floats, labels: tuple[str, ...]) -> Forgotten:
    """Return what became of the evaluate part's clips, each compared with itself."""
    clips, old = rehearsal.judged, rehearsal.network.labels
    kept = [i for i, word in enumerate(clips.words) if clips.labels[i] != UNKNOWN or word not in labels]
    truth = [clips.labels_for(old)[i] for i in kept]
    features = rehearsal.judged_features[kept]
    zero = np.asarray(~clips.samples[kept].any(1), np.bool_)
    before = _answers(start_weights(rehearsal.network, old), features, old, zero)
    after = _answers(weights, features, labels, zero)
    lost = [
        Lost(clip, clips.words[clip], clips.voices[clip], now)
        for clip, true, then, now in zip(kept, truth, before, after, strict=True)
        if then == true != now
    ]
    right = [[answer == true for answer, true in zip(answers, truth, strict=True)] for answers in (before, after)]
    return Forgotten(
        set_name=f"{clips.name}, {clips.voice_count} voices",
        clips=len(kept),
        before=sum(right[0]),
        after=sum(right[1]),
        lost=tuple(lost),
        gained=sum(now and not then for then, now in zip(*right, strict=True)),
    )


def _answers(
    weights: Floats, features: NDArray[np.float32], labels: Sequence[str], zero: NDArray[np.bool_]
) -> list[str]:
    best = probabilities(weights, features).argmax(1)
    # digital silence never reaches the network
    return [SILENCE if mute and SILENCE in labels else labels[i] for i, mute in zip(best, zero, strict=True)]


def _wider(targets: Floats, labels: tuple[str, ...]) -> Floats:
    return np.pad(targets, ((0, 0), (0, len(labels) - targets.shape[1])))


def _seconds(background: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Cut the background into seconds that overlap by half, [n, 16000]; none where there is less than one."""
    if background is None or len(background) < CLIP:
        return np.zeros((0, CLIP), np.float32)
    starts = range(0, len(background) - CLIP + 1, CLIP // 2)
    return np.stack([background[start : start + CLIP] for start in starts])


def _check(words: Mapping[str, Sequence[Take]]) -> None:
    if not 1 <= len(words) <= MOST_WORDS:
        raise ExplorerError(f"A lesson has one to {MOST_WORDS} words, not {len(words)}: add or drop some.")
    for word, takes in words.items():
        if len(takes) < FEWEST_TAKES:
            raise ExplorerError(f"There are {len(takes)} takes of “{word}”: say it at least {FEWEST_TAKES} times.")


def _lineage(words: Mapping[str, Sequence[Take]]) -> str:
    synthetic = all(take.origin == "synthetic" for takes in words.values() for take in takes)
    badge = LEARNED_SYNTHETIC if synthetic else LEARNED_HERE.partition(",")[0]
    return f"{badge}: " + ", ".join(f"{word} from {len(takes)} takes" for word, takes in words.items())
