"""A take: one second of sound with one word in it, said once, good enough to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.files import read_sound, resample
from explorer.engine.audio.level import CLIP, dbfs, rms
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.folders import centred
from explorer.engine.kws.frontend import CLIP as SECOND
from explorer.engine.kws.frontend import RATE_HZ
from explorer.engine.kws.labels import SILENCE, UNKNOWN
from explorer.engine.kws.voice import QUIET_DBFS

LONGEST_S, SHORTEST_S = 1.0, 0.12
CLIPPED_SAMPLES = 3  # a single sample at full scale may be an accident of the converter
LONGEST_NAME = 20
SHAPES = ("●", "▲", "■", "★")
"""Names for words that nobody needs to type: for exhibits."""
_EDGE = round(0.03 * RATE_HZ)
_LOUD = round(0.05 * RATE_HZ)


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One utterance of a word.

    Parameters
    ----------
    samples
        The second that is learned from, float32 [16000], -1..1; the word with the room around it.
    start_s, end_s
        First and last sound of the word in it.
    origin
        Where it comes from: "microphone", "file" or "synthetic".
    """

    samples: NDArray[np.float32]
    start_s: float
    end_s: float
    origin: str

    def trimmed(self) -> NDArray[np.float32]:
        """Return the word alone, silence around it cut, to be heard."""
        first = max(0, round(self.start_s * RATE_HZ) - _EDGE)
        return self.samples[first : min(SECOND, round(self.end_s * RATE_HZ) + _EDGE)]

    @property
    def level_dbfs(self) -> float:
        """Level of the loudest 50 ms, in dBFS."""
        return loudest_dbfs(self.samples)


def loudest_dbfs(samples: NDArray[np.float32]) -> float:
    """Return the level of the loudest 50 ms of samples [n], in dBFS."""
    whole = samples[: len(samples) // _LOUD * _LOUD].reshape(-1, _LOUD)
    return max((dbfs(rms(block)) for block in whole), default=dbfs(rms(samples)))


def fault(voice: NDArray[np.float32]) -> str:
    """Return what is wrong with the sound of an utterance [n], in a sentence that says what to do; else empty."""
    if np.count_nonzero(np.abs(voice) >= CLIP) >= CLIPPED_SAMPLES:
        return "Too loud, it was clipped: move away a little or turn the microphone down."
    if loudest_dbfs(voice) < QUIET_DBFS:
        return "Too quiet: come closer to the microphone."
    length_s = len(voice) / RATE_HZ
    if length_s > LONGEST_S:
        return f"{length_s:.1f} s is too long for one word: say it once, then pause."
    return ""


def check_name(name: str, taken: Sequence[str] = ()) -> str:
    """Return the name of a word, tidied.

    Parameters
    ----------
    name
        What the user typed, or a shape.
    taken
        Names of the other words of this lesson.

    Raises
    ------
    ExplorerError
        When it is empty, too long, cannot be printed, means something else, or is there twice.
    """
    tidy = " ".join(name.split())
    if not tidy:
        raise ExplorerError("The word has no name: type one or choose a shape.")
    if len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise ExplorerError(f"A word's name has at most {LONGEST_NAME} letters on one line: choose a shorter one.")
    if tidy.casefold() in (SILENCE, UNKNOWN):
        raise ExplorerError(f"“{tidy}” already stands for everything that is no word: choose another name.")
    if tidy.casefold() in (other.casefold() for other in taken):
        raise ExplorerError(f"There is a word “{tidy}” in this lesson already: choose another name.")
    return tidy


def take_of(second: NDArray[np.float32], start_s: float, end_s: float, origin: str) -> Take:
    """Return a take that owns a read-only copy of its second [16000]."""
    samples = np.array(second, np.float32)
    samples.flags.writeable = False
    return Take(samples, start_s, end_s, origin)


def takes_of_file(path: Path) -> list[Take]:
    """Return the utterances in a sound file: one of a file of about a second, several of a longer recording.

    Raises
    ------
    ExplorerError
        When it cannot be read, or nothing in it is good enough; the sentence says why.
    """
    from explorer.engine.kws.teaching.collector import Collector

    samples, rate_hz = read_sound(path)
    samples = resample(samples, rate_hz)
    if len(samples) <= 1.3 * SECOND:
        second = centred(samples)
        problem = fault(second[np.abs(second) > 0.0] if second.any() else second)
        if problem and "too long" not in problem:
            raise ExplorerError(f"{path.name}: {problem}")
        start_s, end_s = _edges(second)
        return [take_of(second, start_s, end_s, "file")]
    collector = Collector(wanted=1000, background_s=0.3, origin="file")
    collector.push(samples)
    collector.push(np.zeros(SECOND, np.float32))
    if not collector.takes:
        raise ExplorerError(f"{path.name}: {collector.problem or 'no word stands out of its background.'}")
    return collector.takes


def _edges(second: NDArray[np.float32]) -> tuple[float, float]:
    """Return where the sound of a second [16000] is within 30 dB of its loudest 10 ms."""
    power = np.square(second, dtype=np.float64).reshape(-1, 160).mean(1)
    loud = np.flatnonzero(power >= power.max() * 1e-3)
    return float(loud[0]) / 100.0, float(loud[-1] + 1) / 100.0
