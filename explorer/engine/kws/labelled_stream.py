"""A labelled stream: words at known places in noise, on which knobs are tuned and trade-offs drawn.

One-second clips say how often a network is right when it is asked.  A stream says what a listener lives with: words it
missed, words it made up, and how long it took.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.colours import around, loop
from explorer.engine.audio.source import Span
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_background
from explorer.engine.kws.frontend import CLIP, FRAMES, RATE_HZ, log_mel
from explorer.engine.kws.frontend import HOP as FRAME_HOP
from explorer.engine.kws.labels import SILENCE, UNKNOWN
from explorer.engine.kws.levels import active_rms

if TYPE_CHECKING:
    from explorer.engine.audio.noise import NoiseKind
    from explorer.engine.kws.stream import Scorer

SPEECH_RMS = 0.05  # -26 dBFS, the active level of every word
UNKNOWN_SHARE = 0.25
PAUSE_SHARE = 0.1  # places at which nobody speaks
JITTER_S = 0.3
_LEAD_S, _TAIL_S = 0.05, 0.1
_BATCH = 64


class Words(Protocol):
    """Words cut to one second, with the place of the word in it: bundled clips or recordings of a folder."""

    @property
    def samples(self) -> NDArray[np.int16]:
        """Sound [clips, 16000]."""

    @property
    def labels(self) -> Sequence[str]:
        """The class of each."""

    @property
    def words(self) -> Sequence[str]:
        """What each says."""

    @property
    def start_s(self) -> NDArray[np.float64]:
        """First sound of each word, in seconds of its clip."""

    @property
    def end_s(self) -> NDArray[np.float64]:
        """Last sound of each word."""


def make_stream(
    clips: Words,
    seconds: float,
    every_s: float = 2.0,
    snr_db: float = 20.0,
    noise: NoiseKind = "pink",
    seed: int = 0,
) -> tuple[NDArray[np.float32], tuple[Span, ...]]:
    """Speak words of a set into noise, one every `every_s`, give or take 0.3 s.

    Keywords and, once in four, words the network does not know; one place in ten stays empty.  Every word has the same
    active level, so the signal-to-noise ratio (whole band, 0 to 8 kHz) is exact.

    Parameters
    ----------
    clips
        The words; those labelled silence are left out.
    seconds
        Length.
    every_s
        Mean time from one word to the next, at least 1.2 s.
    snr_db
        Active speech over noise.
    noise
        babble, white, pink, hum, or off.
    seed
        Of order, places and noise.

    Returns
    -------
    samples
        float32 [16000 * seconds].
    spans
        What is said where, in order of time.

    Raises
    ------
    ExplorerError
        If there is no keyword among the clips, or the words would overlap.
    """
    if every_s < 1.2:
        raise ExplorerError(f"A word every {every_s:g} s would speak over the one before: give 1.2 s or more.")
    random = np.random.default_rng(seed)
    keywords = [i for i, label in enumerate(clips.labels) if label not in (SILENCE, UNKNOWN)]
    others = [i for i, label in enumerate(clips.labels) if label == UNKNOWN]
    if not keywords:
        raise ExplorerError("There is no keyword in this set: choose one with the network's words in it.")
    samples = noise_of(noise, round(seconds * RATE_HZ), seed) * np.float32(SPEECH_RMS * 10 ** (-snr_db / 20))
    spans = []
    decks = {True: _deck(keywords, random), False: _deck(others, random)}
    for place in range(int(seconds / every_s)):
        pause, known = random.random() < PAUSE_SHARE, random.random() >= UNKNOWN_SHARE or not others
        jitter_s = random.uniform(-1, 1) * min(JITTER_S, every_s / 2 - 0.55)
        if pause:
            continue
        clip = next(decks[known])
        sound, first, last = _cut(clips, clip)
        at = round((every_s * (place + 0.5) + jitter_s) * RATE_HZ) - first
        if at < 0 or at + len(sound) > len(samples):
            continue
        samples[at : at + len(sound)] += sound
        start_s, end_s = (at + first) / RATE_HZ, (at + last) / RATE_HZ
        spans.append(Span(str(clips.labels[clip]), start_s, end_s, str(clips.words[clip])))
    return np.clip(samples, -1.0, 1.0), tuple(spans)


def scores_of_stream(
    executor: Scorer, samples: NDArray[np.float32], hop: int = 800, stop: threading.Event | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return times [n] and scores [n, classes] of a stream, as the live pipeline would have them, many at a time.

    Parameters
    ----------
    executor
        The network.
    samples
        float32, at least one second.
    hop
        Samples from one result to the next, a multiple of 160.
    stop
        Looked at after every batch; what was scored until then is returned.
    """
    pictures = np.lib.stride_tricks.sliding_window_view(log_mel(samples), FRAMES, axis=0)[:: hop // FRAME_HOP]
    scores = []
    for at in range(0, len(pictures), _BATCH):
        scores.append(executor.scores(np.ascontiguousarray(pictures[at : at + _BATCH].swapaxes(1, 2), np.float32)))
        if stop is not None and stop.is_set():
            break
    done = np.concatenate(scores)
    return (CLIP + hop * np.arange(len(done))) / RATE_HZ, done


def noise_of(kind: NoiseKind, n: int, seed: int) -> NDArray[np.float32]:
    """Return `n` samples of noise with root mean square 1; zeros for "off"."""
    if kind == "off":
        return np.zeros(n, np.float32)
    if kind == "babble":
        babble = load_background()["babble"]
        babble = babble / np.float32(np.sqrt(np.mean(np.square(babble))))
    else:
        babble = loop(kind, seed)
    start = int(np.random.default_rng((seed, 1)).integers(len(babble)))
    return around(babble, start, n)


def _deck(cards: list[int], random: np.random.Generator) -> Any:
    """Deal clips in random order, every one before any comes again."""
    while cards:
        yield from random.permutation(cards).tolist()


def _cut(clips: Words, clip: int) -> tuple[NDArray[np.float32], int, int]:
    """Return a clip cut to its word with soft edges at the stream's level, and first and last sound in it."""
    start, end = round(float(clips.start_s[clip]) * RATE_HZ), round(float(clips.end_s[clip]) * RATE_HZ)
    first, last = max(0, start - round(_LEAD_S * RATE_HZ)), min(CLIP, end + round(_TAIL_S * RATE_HZ))
    sound = clips.samples[clip].astype(np.float32) / np.float32(32768)
    level = active_rms(sound[None, start:end])[0]
    sound = sound[first:last] * np.float32(SPEECH_RMS / level if level > 0 else 0.0)
    for edge in (sound[: start - first], sound[end - first :][::-1]):
        edge *= np.linspace(0.0, 1.0, len(edge), dtype=np.float32)
    return sound, start - first, end - first
