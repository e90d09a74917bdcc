"""Spoken words for tests of the whole program: clear recorded voices in a file, as somebody would say them.

What is tested is the way from the microphone to the window, not how good a network is: the voices are those of the
calibration part that the network at hand is surest of.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import RATE_HZ
from explorer.engine.kws.pipeline import Pipeline
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped
from tests.engine.kws.scripted import Script

WORDS = ("left", "yes", "stop")
BREATH_S = 0.7
ROOM_DBFS = -62.0  # a room is never quite silent
TRIED = 8
SURE = 0.8  # averaged score: well above the threshold, so that the way through a device costs no word


@cache
def _executor() -> Executor:
    return Executor(shipped("tiny"))


def _heard(sound: NDArray[np.float32]) -> list[tuple[str, float]]:
    """Return words and scores that the live pipeline hears in sound [n]."""
    source = Script(sound)
    pipeline = Pipeline(source, _executor())
    source.open()
    while not pipeline.finished:
        pipeline.step()
    source.close()
    return [(event.label, event.score) for event in pipeline.events.since(0)[0]]


def _with_breath(clips: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return clips one after the other in a quiet room, float32 [n]."""
    breath = np.zeros(round(BREATH_S * RATE_HZ), np.float32)
    sound = np.concatenate([part for clip in clips for part in (clip, breath)])
    sound += 10 ** (ROOM_DBFS / 20) * np.random.default_rng(7).standard_normal(len(sound)).astype(np.float32)
    limited: NDArray[np.float32] = np.clip(sound, -1.0, 1.0)
    return limited


@cache
def clearest(word: str) -> NDArray[np.float32]:
    """Return the clip of a word that the live pipeline is surest of, float32 [16000]."""
    clips = load_part("calibrate")
    chosen = [clips.samples[i].astype(np.float32) / 32768 for i, label in enumerate(clips.labels) if label == word]
    found: list[tuple[float, int]] = []
    for i, clip in enumerate(chosen[:TRIED]):
        events = _heard(_with_breath([clip]))
        if len(events) == 1 and events[0][0] == word:
            found.append((events[0][1], i))
    assert found, f"no voice says {word!r} so that the network hears it"
    score, best = max(found)
    assert score >= SURE, f"the network is sure of no {word!r}: {score:.2f}"
    sound: NDArray[np.float32] = chosen[best]
    return sound


def say(path: Path, *words: str) -> Path:
    """Write a file in which these words are said, and heard when the file is listened to."""
    sound = _with_breath([clearest(word) for word in words])
    assert [label for label, _ in _heard(sound)] == list(words)
    soundfile.write(path, sound, RATE_HZ)
    return path
