"""Rehearsal: what a frozen network makes of the bundled clips, computed once, so that teaching takes no time.

Old words are rehearsed on the train part; what was forgotten, and what fires falsely, is told on the evaluate part,
which nothing here learns from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import ClipSet, load_background, load_part, require_purpose
from explorer.engine.kws.frontend import CLIP, FRAMES, RATE_HZ, log_mel
from explorer.engine.kws.frontend import HOP as FRAME_HOP
from explorer.engine.kws.labels import SILENCE, UNKNOWN
from explorer.engine.kws.teaching.last_layer import last_dense, probabilities, weights_of
from explorer.engine.kws.teaching.pictures import moved, pictures_of
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import Network

HOP = 800  # samples from one result to the next in a stream, as live
SPEECH_SECONDS = 150
OTHER_WORDS = 100
_BATCH = 128
_SHIFT_FRAMES = 12

Floats = NDArray[np.floating]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Sound that nobody taught from, as features twenty times a second.

    Parameters
    ----------
    name
        What it is, said with every figure.
    times
        Sound time of each result, [n].
    features
        What the frozen layers give, [n, d].
    words
        What is said in each stretch (word, start in s, end in s), where that is known.
    """

    name: str
    times: NDArray[np.float64]
    features: NDArray[np.float32]
    words: tuple[tuple[str, float, float], ...] = ()

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return float(self.times[-1]) if len(self.times) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """Features of bundled sound for one network, and what the network said to it.

    Parameters
    ----------
    network
        The network that is taught.
    extractor
        Its frozen layers.
    features, targets
        Of the train part and running speech: [n, d], and the old answers [n, classes].
    words
        What is said in each of them.
    judged
        The evaluate part, of which `judged_features` are [m, d].
    other
        Other speech and noise, cut from the evaluate part.
    noises
        Pictures of noise that takes are varied with.
    """

    network: Network
    extractor: Extractor
    features: NDArray[np.float32]
    targets: NDArray[np.float64]
    words: tuple[str, ...]
    judged: ClipSet
    judged_features: NDArray[np.float32]
    other: Stream
    noises: NDArray[np.float32]


class Extractor:
    """The frozen layers of a network: pictures in, features of the last layer out.

    Parameters
    ----------
    network
        The network.
    """

    def __init__(self, network: Network) -> None:
        self._layer = last_dense(network.graph).source
        self._executor = Executor(network, (self._layer,))

    def features(
        self, pictures: Floats, stop: threading.Event | None = None, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Return features [n, d] of pictures [n, 98, 40].

        Raises
        ------
        ExplorerError
            When it was stopped.
        """
        found = []
        for at in range(0, len(pictures), _BATCH):
            if stop is not None and stop.is_set():
                raise ExplorerError("Teaching was stopped.")
            batch = np.asarray(pictures[at : at + _BATCH], np.float32)
            found.append(self._executor.run(batch)[self._layer].reshape(len(batch), -1))
            if progress is not None:
                progress((at + len(batch)) / len(pictures))
        return np.concatenate(found)

    def stream(
        self,
        name: str,
        samples: NDArray[np.float32],
        words: tuple[tuple[str, float, float], ...] = (),
        stop: threading.Event | None = None,
        progress: Progress | None = None,
    ) -> Stream:
        """Return the features of a stretch of sound [n], at least a second, as the live pipeline would see it."""
        frames = np.asarray(log_mel(samples), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(frames, FRAMES, axis=0)[:: HOP // FRAME_HOP]
        features = self.features(windows.swapaxes(1, 2), stop, progress)
        times = (CLIP + HOP * np.arange(len(features))) / RATE_HZ
        return Stream(name, times, features, words)


def prepare(network: Network, stop: threading.Event | None = None, progress: Progress | None = None) -> Rehearsal:
    """Return what teaching this network needs; some seconds of work, done while the word is being said.

    Raises
    ------
    ExplorerError
        When it was stopped, or the bundled clips cannot be read.
    """
    tell = progress if progress is not None else _nothing
    extractor = Extractor(network)
    learned, words = _train_pictures()
    tell(0.2)
    features = extractor.features(learned, stop, lambda done: tell(0.2 + 0.3 * done))
    targets = probabilities(weights_of(network), features)
    judged = load_part("evaluate")
    judged_features = extractor.features(_evaluate_pictures(), stop, lambda done: tell(0.5 + 0.2 * done))
    samples, said = _other_speech()
    name = "bundled speech and noise of voices that nothing learned from"
    other = extractor.stream(name, samples, said, stop, lambda done: tell(0.7 + 0.3 * done))
    return Rehearsal(network, extractor, features, targets, words, judged, judged_features, other, _noise_pictures())


@lru_cache(maxsize=1)
def _train_pictures() -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return the pictures of the train part, as they are and moved, and of running speech; and what each says."""
    part = require_purpose(load_part("train"), "train")
    random = np.random.default_rng(1)
    straight = pictures_of(part.samples.astype(np.float32) / 32768.0)
    shifts = random.integers(-_SHIFT_FRAMES, _SHIFT_FRAMES + 1, len(straight))
    shifted = np.stack([moved(picture, int(shift)) for picture, shift in zip(straight, shifts, strict=True)])
    speech = load_background()["speech"]
    starts = random.integers(0, len(speech) - CLIP, SPEECH_SECONDS)
    running = pictures_of(np.stack([speech[start : start + CLIP] for start in starts]))
    words = (*part.words, *part.words, *("running speech",) * len(running))
    return np.concatenate([straight, shifted, running]), words


@lru_cache(maxsize=1)
def _evaluate_pictures() -> NDArray[np.float32]:
    return pictures_of(load_part("evaluate").samples.astype(np.float32) / 32768.0)


@lru_cache(maxsize=1)
def _noise_pictures() -> NDArray[np.float32]:
    """Return the sounds without a voice of the train part that are loud enough to be noise, and babble."""
    part = require_purpose(load_part("train"), "train")
    quiet = [i for i, label in enumerate(part.labels) if label == SILENCE and np.abs(part.samples[i]).max() > 300]
    babble = load_background()["babble"]
    seconds = babble[: len(babble) // CLIP * CLIP].reshape(-1, CLIP)
    return pictures_of(np.concatenate([part.samples[quiet].astype(np.float32) / 32768.0, seconds]))


@lru_cache(maxsize=1)
def _other_speech() -> tuple[NDArray[np.float32], tuple[tuple[str, float, float], ...]]:
    """Lay clips of the evaluate part end to end: all other words and speech, all noise, and some keywords."""
    part = load_part("evaluate")
    keywords = [i for i, label in enumerate(part.labels) if label not in (SILENCE, UNKNOWN)]
    others = [i for i, label in enumerate(part.labels) if label in (SILENCE, UNKNOWN)]
    order = np.random.default_rng(2).permutation([*others, *keywords[:OTHER_WORDS]])
    samples = part.samples[order].astype(np.float32).reshape(-1) / np.float32(32768.0)
    said = tuple((part.words[clip], float(at), at + 1.0) for at, clip in enumerate(order))
    return samples, said


def _nothing(done: float) -> None:
    """Tell nobody how far it is."""
