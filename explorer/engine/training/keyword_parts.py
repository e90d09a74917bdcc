"""Keyword pictures for a live run, in three parts by speaker; drawn once, with progress, and few enough to begin soon.

Long trainings from a folder use `keywords.KeywordTask`, which varies every picture; here a run can be watched from the
start, and a picture is the same each time it is seen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part, require_purpose
from explorer.engine.kws.labels import KEYWORDS, LABELS, UNKNOWN
from explorer.engine.training.pictures import (
    HELD_OUT_NOISES,
    Pictures,
    draw,
    join,
    load_archive,
    load_noises,
    load_recordings,
    silence,
)
from explorer.engine.training.tasks2d import Dataset, Draw

Tell = Callable[[float, str], bool]
"""Takes the fraction done and a few words; returns False when the work is no longer wanted."""

_HELD_SHARE = 0.2
_MOST_JUDGED = 200  # clips looked at during a run: a second look costs more than a step
_PER_KEYWORD, _PER_OTHER_WORD, _MOST_UNKNOWN, _SILENT = 150, 20, 6000, 200
_CHUNK = 50
_parts: dict[str, tuple[Pictures, Pictures, Pictures]] = {}
_drawing = threading.Lock()


def keyword_dataset(folder: str, what: Draw, seed: int, tell: Tell) -> Dataset:
    """Return pictures of keywords in three parts; of `what`, label noise and leakage count, the rest is for points.

    Parameters
    ----------
    folder
        A Speech Commands folder; empty for the training part of the bundled voices.
    what, seed
        How the data are spoilt, and the seed of it.
    tell
        Hears how far the drawing has come.

    Raises
    ------
    ExplorerError
        When the folder cannot be used, or `tell` returned False.
    """
    with _drawing:
        if folder not in _parts:
            _parts[folder] = _folder_parts(Path(folder), tell) if folder else _bundled_parts(tell)
    train, validation, test = _parts[folder]
    validation, test = _few(validation, seed), _few(test, seed)
    x, y = torch.from_numpy(train.grey), torch.from_numpy(train.label)
    held_x, held_y = torch.from_numpy(validation.grey), torch.from_numpy(validation.label)
    leaked = round(what.leak * len(held_y))
    if leaked:
        held_x, held_y = torch.cat([held_x[leaked:], x[:leaked]]), torch.cat([held_y[leaked:], y[:leaked]])
    y, held_y = _mislabelled(y, what.label_noise, seed), _mislabelled(held_y, what.label_noise, seed + 1)
    test_x, test_y = torch.from_numpy(test.grey), torch.from_numpy(test.label)
    return Dataset(x, y, held_x, held_y, test_x, test_y, len(LABELS))


def _mislabelled(y: Tensor, share: float, seed: int) -> Tensor:
    """Return labels of which a random share names another class."""
    rng = np.random.default_rng((seed, 5))
    wrong = rng.random(len(y)) < share
    other = torch.from_numpy(np.where(wrong, rng.integers(1, len(LABELS), len(y)), 0))
    return (y + other) % len(LABELS)


def _few(pictures: Pictures, seed: int) -> Pictures:
    """Return at most as many as may be looked at during a run."""
    order = np.random.default_rng((seed, 6)).permutation(len(pictures))
    return pictures.take(order[:_MOST_JUDGED])


def _drawn(clips: NDArray[np.int16], tell: Tell, begin: float, end: float) -> NDArray[np.uint8]:
    """Return the pictures of clips, telling the fraction from `begin` to `end`."""
    parts = []
    for first in range(0, len(clips), _CHUNK):
        if not tell(begin + (end - begin) * first / len(clips), "drawing pictures"):
            raise ExplorerError("The pictures were not drawn to the end, as was asked: begin again to draw them.")
        parts.append(draw(clips[first : first + _CHUNK].astype(np.float32) / 32768))
    return np.concatenate(parts)


def _bundled_parts(tell: Tell) -> tuple[Pictures, Pictures, Pictures]:
    """Return the bundled training voices split by voice, so that nobody is heard in two parts.

    Clips in which nobody speaks are split evenly.  The parts for calibration and evaluation are left alone.
    """
    clips = require_purpose(load_part("train"), "train")
    labels = np.array([LABELS.index(label) for label in clips.labels], np.int64)
    pictures = Pictures(clips.name, _drawn(clips.samples, tell, 0, 1), labels)
    keys = [voice if voice != "-" else f"- {i % 10}" for i, voice in enumerate(clips.voices)]
    voices = np.random.default_rng(0).permutation(sorted(set(keys)))
    part_of = {voice: min(2, int(i / (len(voices) * _HELD_SHARE))) for i, voice in enumerate(voices)}
    part = np.array([part_of[key] for key in keys])
    test, validation, train = (pictures.take(np.flatnonzero(part == p)) for p in range(3))
    return train, validation, test


def _folder_parts(folder: Path, tell: Tell) -> tuple[Pictures, Pictures, Pictures]:
    """Return a Speech Commands folder's training speakers, and its validation speakers in two halves."""
    if not folder.is_dir():
        raise ExplorerError(f"There is no folder {folder}; choose a Speech Commands folder.")
    sounds = folder / "clips" if (folder / "clips").is_dir() else folder
    noises = load_noises(sounds)
    held_noises = {k: v for k, v in noises.items() if k in HELD_OUT_NOISES} or noises
    heard = {k: v for k, v in noises.items() if k not in HELD_OUT_NOISES} or noises
    found: dict[str, list[Pictures]] = {"train": [], "val": []}
    for part, (clips, labels) in load_recordings(sounds, _wanted).items():
        ends = (0.0, 0.8) if part == "train" else (0.8, 1.0)
        found[part].append(Pictures(part, _drawn(clips, tell, *ends), labels))
    if (folder / "logmel.npz").exists():
        for part, (pictures, _) in load_archive(folder / "logmel.npz").items():
            found[part].append(_without_most_unknown(pictures))
    if not found["train"] or not found["val"]:
        raise ExplorerError(f"{folder} holds no words to train with or none to judge with: choose another folder.")
    train = join("training", *found["train"], silence(heard, _SILENT, 7, "silence"))
    held = join("validation", *found["val"], silence(held_noises, _SILENT // 4, 7, "silence"))
    order = np.random.default_rng(0).permutation(len(held))
    return train, held.take(order[: len(held) // 2]), held.take(order[len(held) // 2 :])


def _wanted(word: str) -> int:
    """Return how many recordings of a word are enough."""
    return _PER_KEYWORD if word in KEYWORDS else _PER_OTHER_WORD


def _without_most_unknown(pictures: Pictures) -> Pictures:
    """Return pictures with at most so many unknown words, which would drown the others."""
    unknown = np.flatnonzero(pictures.label == LABELS.index(UNKNOWN))
    known: NDArray[Any] = np.flatnonzero(pictures.label != LABELS.index(UNKNOWN))
    some = np.random.default_rng(0).permutation(unknown)[:_MOST_UNKNOWN]
    return pictures.take(np.sort(np.concatenate([known, some])))
