"""What a keyword network learns from: log-mel pictures with labels, and the noise that is mixed into them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.files import system_name
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import BANDS, CLIP, FRAMES, RATE_HZ, log_mel
from explorer.engine.kws.labels import KEYWORDS, LABELS, SILENCE, UNKNOWN, label_of

HELD_OUT_NOISES = ("exercise_bike", "running_tap")
"""Background recordings that training never hears; validation silence and noise are cut from them."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Labelled log-mel pictures.

    Parameters
    ----------
    name
        What they are, as printed beside an accuracy.
    grey
        uint8 [n, FRAMES, BANDS].
    label
        Index into LABELS, [n].
    """

    name: str
    grey: NDArray[np.uint8]
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.label)

    def take(self, index: NDArray[np.int64]) -> Pictures:
        """Return the pictures at these positions."""
        return Pictures(self.name, self.grey[index], self.label[index])


def join(name: str, *parts: Pictures) -> Pictures:
    """Return several sets as one."""
    return Pictures(name, np.concatenate([p.grey for p in parts]), np.concatenate([p.label for p in parts]))


def draw(clips: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the pictures of one-second clips, float [n, CLIP] in -1..1, as uint8 [n, FRAMES, BANDS]."""
    out = np.empty((len(clips), FRAMES, BANDS), np.uint8)
    for i, clip in enumerate(clips):
        out[i] = np.rint(log_mel(np.asarray(clip, np.float32))).astype(np.uint8)
    return out


def official_split(file_name: str) -> str:
    """Return "train", "val" or "test" by the rule of Speech Commands: a hash of the speaker decides.

    Source: the data set's README (Warden 2018): sha1 of the name before "_nohash_", modulo 2^27, as per cent;
    below 10 validation, below 20 test.
    """
    speaker = file_name.rsplit("/", 1)[-1].split("_nohash_")[0]
    value = int(hashlib.sha1(speaker.encode()).hexdigest(), 16) % 2**27 * (100.0 / (2**27 - 1))
    return "val" if value < 10 else "test" if value < 20 else "train"


def load_archive(path: Path) -> dict[str, tuple[Pictures, list[str]]]:
    """Return {"train", "val"} pictures and their words from a `logmel.npz` archive (x, word, split).

    Raises
    ------
    ExplorerError
        When the archive lacks an array or has another shape.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            x, word, split = archive["x"], archive["word"], archive["split"]
    except (OSError, EOFError, KeyError, ValueError, TypeError, BadZipFile) as error:
        raise ExplorerError(f"{path} is not an archive of log-mel pictures (x, word, split): {error}.") from error
    if x.dtype != np.uint8 or x.shape[1:] != (FRAMES, BANDS):
        raise ExplorerError(f"{path}: pictures must be uint8 [n, {FRAMES}, {BANDS}], found {x.dtype} {x.shape}.")
    if not word.shape == split.shape == (len(x),):
        raise ExplorerError(f"{path}: {len(x)} pictures, but {len(word)} words and {len(split)} splits; draw it again.")
    found = {}
    for part in ("train", "val"):
        chosen = np.flatnonzero((split == part) & (word != "_background_noise_"))
        labels = np.array([LABELS.index(label_of(w)) for w in word[chosen]], np.int64)
        found[part] = Pictures(f"pictures, {part}", x[chosen], labels), [str(w) for w in word[chosen]]
    return found


def load_recordings(
    folder: Path, wanted: Callable[[str], int] | None = None
) -> dict[str, tuple[NDArray[np.int16], NDArray[np.int64]]]:
    """Return {"train", "val"} one-second recordings [n, CLIP] and labels from a folder of word folders.

    Clips shorter than a second are centred and padded, longer ones cut; the official test speakers are left out.

    Parameters
    ----------
    folder
        Holds a folder for each word.
    wanted
        How many recordings of a word are enough, in each part; None takes all.

    Raises
    ------
    ExplorerError
        When a file is no sound, or not at 16 kHz.
    """
    clips: dict[str, list[NDArray[np.int16]]] = {"train": [], "val": []}
    labels: dict[str, list[int]] = {"train": [], "val": []}
    for word in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("_")):
        left = dict.fromkeys(clips, wanted(word.name)) if wanted else {}
        for file in sorted([*word.glob("*.wav"), *word.glob("*.flac")]):
            part = official_split(file.name)
            if part == "test" or left.get(part) == 0:
                continue
            if left:
                left[part] -= 1
            clips[part].append(_one_second(_first_channel(file, "int16")))
            labels[part].append(LABELS.index(label_of(word.name)))
    return {p: (np.stack(clips[p]), np.array(labels[p], np.int64)) for p in clips if clips[p]}


def _one_second(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    samples = samples[:CLIP]
    before = (CLIP - len(samples)) // 2
    return np.pad(samples, (before, CLIP - len(samples) - before))


def _first_channel(file: Path, dtype: str) -> NDArray[Any]:
    import soundfile

    try:
        samples, rate_hz = soundfile.read(system_name(file), dtype=dtype, always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise ExplorerError(f"{file} is not a sound file that can be read: take it out of the folder.") from error
    if rate_hz != RATE_HZ:
        raise ExplorerError(f"{file}: {rate_hz} Hz; training recordings must be at {RATE_HZ} Hz.")
    return np.asarray(samples[:, 0])


def load_noises(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the long background recordings of a folder's `_background_noise_`, by name, -1..1.

    Raises
    ------
    ExplorerError
        When there is none, or one is no sound, not at 16 kHz, or not longer than a second.
    """
    where = folder / "_background_noise_"
    files = sorted([*where.glob("*.wav"), *where.glob("*.flac")])
    if not files:
        raise ExplorerError(f"{where} holds no background noise; choose a Speech Commands folder.")
    noises = {}
    for file in files:
        noises[file.stem] = noise = _first_channel(file, "float32")
        if len(noise) <= CLIP:
            seconds = len(noise) / RATE_HZ
            raise ExplorerError(f"{file}: {seconds:g} s; seconds are cut from background noise, give a longer one.")
    return noises


def coloured_noise(rng: np.random.Generator, samples: int, exponent: float) -> NDArray[np.float32]:
    """Return noise with power ~ 1 / f^exponent (0 white, 1 pink, 2 brown), RMS 0.1."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    f = np.arange(len(spectrum), dtype=float)
    f[0] = 1.0
    noise = np.fft.irfft(spectrum * f ** (-exponent / 2), samples)
    return np.asarray(0.1 * noise / np.sqrt(np.mean(noise**2)), np.float32)


def _hum_or_tone(rng: np.random.Generator) -> NDArray[np.float32]:
    """Mains hum with harmonics, or one to three steady tones: what a live spotter must not take for a word."""
    t = np.arange(CLIP) / RATE_HZ
    if rng.random() < 0.5:
        base = rng.choice([50.0, 60.0, 100.0, 120.0])
        parts = [(base * k, rng.random() / k) for k in range(1, 12)]
    else:
        parts = [
            (float(np.exp(rng.uniform(np.log(80), np.log(4000)))), rng.random()) for _ in range(rng.integers(1, 4))
        ]
    wave = sum(a * np.sin(2 * np.pi * f * t + rng.uniform(0, 6.28)) for f, a in parts)
    wave = np.asarray(wave) * (1 + rng.random() * np.sin(2 * np.pi * rng.uniform(0.2, 8) * t))
    return np.asarray(0.1 * wave / (np.sqrt(np.mean(wave**2)) + 1e-9), np.float32)


def noise_clips(noises: dict[str, NDArray[np.float32]], count: int, seed: int) -> NDArray[np.float32]:
    """Return one-second noises [count, CLIP]: cuts of recordings, coloured noise, hum, tones, near silence and zeros.

    Levels spread over 60 dB, so that nothing is learned from loudness.
    """
    rng = np.random.default_rng(seed)
    recordings = list(noises.values())
    out = np.empty((count, CLIP), np.float32)
    for i in range(count):
        draw_kind = rng.random()
        if draw_kind < 0.60 and recordings:
            sound = recordings[rng.integers(len(recordings))]
            start = rng.integers(len(sound) - CLIP)
            clip = sound[start : start + CLIP] * rng.uniform(0, 1)
        elif draw_kind < 0.78:
            clip = coloured_noise(rng, CLIP, rng.uniform(0, 2)) * 10 ** rng.uniform(-3, 0.3)
        elif draw_kind < 0.93:
            clip = _hum_or_tone(rng) * 10 ** rng.uniform(-2, 0.5) + rng.standard_normal(CLIP) * 10 ** rng.uniform(
                -5, -2
            )
        elif draw_kind < 0.97:
            clip = rng.standard_normal(CLIP) * 10 ** rng.uniform(-5, -3)
        else:
            clip = np.zeros(CLIP)
        out[i] = np.clip(clip, -1, 1)
    return out


def silence(noises: dict[str, NDArray[np.float32]], count: int, seed: int, name: str) -> Pictures:
    """Return pictures of silence as the official task defines it: background noise at a random volume."""
    rng = np.random.default_rng(seed)
    recordings = list(noises.values())
    clips = np.empty((count, CLIP), np.float32)
    for i in range(count):
        sound = recordings[rng.integers(len(recordings))]
        start = rng.integers(len(sound) - CLIP)
        clips[i] = sound[start : start + CLIP] * rng.uniform(0, 1)
    return Pictures(name, draw(clips), np.full(count, LABELS.index(SILENCE), np.int64))


def bundled_pictures() -> Pictures:
    """Return the training part of the bundled synthetic voices as pictures."""
    from explorer.engine.kws.clips import load_part, require_purpose

    part = require_purpose(load_part("train"), "train")
    labels = np.array([LABELS.index(x) for x in part.labels], np.int64)
    clips = part.samples.astype(np.float32) / 32768
    return Pictures(part.name, draw(clips), labels)


def running_speech(count: int, seed: int) -> tuple[Pictures, Pictures]:
    """Return seconds cut anywhere from the bundled speech without keywords, and from the babble; both labelled unknown.

    The speakers are those of the training part.
    """
    from explorer.engine.kws.clips import load_background

    rng = np.random.default_rng(seed)
    found = []
    for name in ("speech", "babble"):
        sound = load_background()[name]
        starts = rng.integers(0, len(sound) - CLIP, count)
        clips = np.stack([sound[start : start + CLIP] for start in starts])
        found.append(Pictures(f"bundled {name}", draw(clips), np.full(count, LABELS.index(UNKNOWN), np.int64)))
    return found[0], found[1]


def official_proportions(words: Pictures, quiet: Pictures, seed: int, name: str) -> Pictures:
    """Return keywords, and unknown words and silence at a tenth of their number each, as the official test has them."""
    rng = np.random.default_rng(seed)
    unknown = np.flatnonzero(words.label == LABELS.index(UNKNOWN))
    keywords = np.flatnonzero(words.label >= len(LABELS) - len(KEYWORDS))
    tenth = min(len(unknown), -(-len(keywords) // 10))
    some = np.sort(rng.choice(unknown, tenth, replace=False))
    return join(name, words.take(np.concatenate([keywords, some])), quiet.take(np.arange(min(tenth, len(quiet)))))
