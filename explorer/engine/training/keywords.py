"""The keyword task: which pictures make an epoch, and on which sets a network is judged while it trains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import INPUT_CENTRE, INPUT_SCALE
from explorer.engine.kws.labels import LABELS, SILENCE, UNKNOWN
from explorer.engine.training.augment import Augmentation, augment
from explorer.engine.training.pictures import (
    HELD_OUT_NOISES,
    Pictures,
    bundled_pictures,
    draw,
    join,
    load_archive,
    load_noises,
    load_recordings,
    noise_clips,
    official_proportions,
    running_speech,
    silence,
)

UNKNOWN_PER_EPOCH, SILENCE_PER_EPOCH, NOISE_BANK = 6000, 3000, 6000
BUNDLED_REPEATS, SPEECH_SECONDS = 3, 600  # a thousand synthetic clips among forty thousand human ones would drown


class KeywordTask:
    """Speech Commands keywords from pictures, recordings and the bundled training voices.

    Parameters
    ----------
    folder
        Holds word folders (`clips/` or itself) with `_background_noise_`, and optionally `logmel.npz`.
    augmentation
        How the pictures are changed each time they are seen.
    bundled
        Whether the training part of the bundled synthetic voices is learned too.

    Attributes
    ----------
    validation
        Human voices to judge on, pictures and recordings apart.
    sounds
        The recordings themselves, [n, 16000] with labels, by split.
    """

    def __init__(self, folder: Path, augmentation: Augmentation, *, bundled: bool = True) -> None:
        if not folder.is_dir():
            raise ExplorerError(f"There is no folder {folder}; give a Speech Commands folder with --data.")
        self.augmentation = augmentation
        sounds = folder / "clips" if (folder / "clips").is_dir() else folder
        noises = load_noises(sounds)
        heard = {k: v for k, v in noises.items() if k not in HELD_OUT_NOISES}
        unheard = {k: v for k, v in noises.items() if k in HELD_OUT_NOISES} or noises
        train: list[Pictures] = []
        speech: tuple[Pictures, ...] = ()
        if bundled:
            speech = running_speech(SPEECH_SECONDS, 13)
            train += [bundled_pictures()] * BUNDLED_REPEATS + [speech[0]]
        self.validation: dict[str, Pictures] = {}
        self.sounds: dict[str, tuple[NDArray[np.int16], NDArray[np.int64]]] = load_recordings(sounds)
        quiet = silence(unheard, 400, 7, "silence from held-out noises")
        for part, (clips, labels) in self.sounds.items():
            pictures = Pictures(f"recordings, {part}", draw(clips.astype(np.float32) / 32768), labels)
            if part == "train":
                train.append(pictures)
            else:
                self.validation["recordings"] = official_proportions(pictures, quiet, 7, "human recordings, validation")
        if (folder / "logmel.npz").exists():
            archive = load_archive(folder / "logmel.npz")
            train.append(archive["train"][0])
            self.validation["pictures"] = official_proportions(
                archive["val"][0], quiet, 7, "human pictures, validation"
            )
        everything = join("training", *train)
        self.keywords = everything.take(np.flatnonzero(everything.label > LABELS.index(UNKNOWN)))
        self.unknown = everything.take(np.flatnonzero(everything.label == LABELS.index(UNKNOWN)))
        bank = draw(noise_clips(heard, NOISE_BANK, 11))
        self.noise = torch.from_numpy(np.concatenate([bank, *(p.grey for p in speech)]))
        quiet_bundled = everything.take(np.flatnonzero(everything.label == LABELS.index(SILENCE)))
        self.silence = join("silence", Pictures("noise", bank, np.zeros(len(bank), np.int64)), quiet_bundled)

    def _epoch_size(self) -> tuple[int, int]:
        return min(UNKNOWN_PER_EPOCH, len(self.unknown)), min(SILENCE_PER_EPOCH, len(self.silence))

    def steps(self, batch: int) -> int:
        """Return the number of whole batches in an epoch."""
        return (len(self.keywords) + sum(self._epoch_size())) // batch

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield network inputs (B, 1, T, F) and labels (B,): all keywords, some unknown words, some silence."""
        rng = np.random.default_rng((seed, epoch))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        unknown, quiet = self._epoch_size()
        parts = join(
            "epoch",
            self.keywords,
            self.unknown.take(rng.choice(len(self.unknown), unknown, replace=False)),
            self.silence.take(rng.choice(len(self.silence), quiet, replace=False)),
        )
        order = rng.permutation(len(parts))
        for start in range(0, len(order) - batch + 1, batch):
            chosen = parts.take(order[start : start + batch])
            x, y = augment(
                torch.from_numpy(chosen.grey),
                torch.from_numpy(chosen.label),
                self.noise,
                self.augmentation,
                LABELS.index(UNKNOWN),
                generator,
            )
            yield _as_input(x), y

    def validate(self, module: nn.Module) -> dict[str, tuple[int, int]]:
        """Return (correct, total) on pictures and recordings apart."""
        return {name: (correct(module, pictures), len(pictures)) for name, pictures in self.validation.items()}


def _as_input(grey: Tensor) -> Tensor:
    scaled = ((grey - INPUT_CENTRE) / INPUT_SCALE)[:, None]
    return scaled.contiguous(memory_format=torch.channels_last)


def correct(module: nn.Module, pictures: Pictures, batch: int = 100) -> int:
    """Return how many pictures a network classifies rightly."""
    right = 0
    for start in range(0, len(pictures), batch):
        x = _as_input(torch.from_numpy(pictures.grey[start : start + batch]).float())
        guess = module(x).argmax(1).numpy()
        right += int((guess == pictures.label[start : start + batch]).sum())
    return right
