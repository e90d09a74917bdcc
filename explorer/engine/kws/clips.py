"""The bundled clips: one-second words of synthesized voices, each part with a purpose it keeps.

What a part may be used for travels with its samples. Accuracy measured on clips that were also
trained, calibrated or searched on says nothing, so whoever does one of these asks
`require_purpose` first, and the evaluate part is refused there.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.engine.assets import asset_path
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.labels import taught_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Purpose = Literal["train", "calibrate", "evaluate"]

CLIP_SAMPLES = 16_000
CLIP_RATE_HZ = 16_000
"""Every bundled clip is one second long, in samples and samples per second."""

_NOT_SPOKEN = "-"
# clips may always serve a purpose that comes later than their own, never an earlier one
_ORDER: tuple[Purpose, ...] = ("train", "calibrate", "evaluate")


@dataclass(frozen=True, slots=True)
class ClipSet:
    """Labelled one-second clips and the one purpose they may serve.

    Parameters
    ----------
    name
        What the clips are, for every figure measured on them: "bundled synthetic voices, evaluate".
    purpose
        What they may be used for.
    samples
        Sound, [clips, 16000] at 16 kHz; read-only.
    labels
        Class of each clip: "silence", "unknown" or the keyword.
    words
        What is said in each clip; in "silence" the kind of sound.
    voices
        Virtual voice of each clip (a speaker at one pitch and vocal-tract length); "-" where nobody speaks.
    speakers
        Person whose recordings the voice was built from; "-" where nobody speaks.
    start_s, end_s
        First and last sound of the word, in seconds of the clip, [clips]; both 0 where nobody speaks.
        Running speech fills its clip.
    snr_db
        Word over background noise in dB, [clips]; infinite where no noise was added.
    """

    name: str
    purpose: Purpose
    samples: NDArray[np.int16]
    labels: tuple[str, ...]
    words: tuple[str, ...]
    voices: tuple[str, ...]
    speakers: tuple[str, ...]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    snr_db: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.labels)

    def labels_for(self, known: Sequence[str]) -> tuple[str, ...]:
        """Return the class of each clip for a network that knows these words: it may know some "unknown" ones."""
        return tuple(taught_label(label, word, known) for label, word in zip(self.labels, self.words, strict=True))

    @property
    def voice_count(self) -> int:
        """How many virtual voices speak; clips of one voice are no independent evidence."""
        return len(set(self.voices) - {_NOT_SPOKEN})

    @property
    def speaker_count(self) -> int:
        """How many people's recordings the voices were built from."""
        return len(set(self.speakers) - {_NOT_SPOKEN})


def require_purpose(clips: ClipSet, purpose: Purpose) -> ClipSet:
    """Give the clips back if they may be used for `purpose`; refuse them otherwise.

    Training calls it with "train", calibration and every search for a setting with "calibrate". Clips
    made for training may also calibrate; clips made for evaluation serve nothing else.

    Raises
    ------
    ExplorerError
        If the clips are kept for something else.
    """
    if _ORDER.index(clips.purpose) > _ORDER.index(purpose):
        raise ExplorerError(
            f"The clips “{clips.name}” are kept for “{clips.purpose}” and must not be used to {purpose}: "
            f"choose the part made for it."
        )
    return clips


@lru_cache(maxsize=3)
def load_part(part: Purpose) -> ClipSet:
    """Read one part of the bundled clips; read once, then kept.

    Raises
    ------
    ExplorerError
        If the part is missing or its sound does not fit its table.
    """
    rows = _table(f"clips/{part}.tsv")
    sound = _sound(f"clips/{part}.flac")
    if len(sound) != len(rows) * CLIP_SAMPLES:
        raise ExplorerError(f"The bundled clips of “{part}” are damaged: install the program again.")
    return ClipSet(
        name=f"bundled synthetic voices, {part}",
        purpose=part,
        samples=sound.reshape(-1, CLIP_SAMPLES),
        labels=tuple(row["label"] for row in rows),
        words=tuple(row["word"] for row in rows),
        voices=tuple(row["voice"] for row in rows),
        speakers=tuple(row["speaker"] for row in rows),
        start_s=_column(rows, "start_s"),
        end_s=_column(rows, "end_s"),
        snr_db=_column(rows, "snr_db"),
    )


def load_background() -> dict[str, NDArray[np.float32]]:
    """Read the bundled background sound, by the voices of the train part.

    Returns
    -------
    dict
        "speech", a minute of sentences in which no keyword can be heard, and "babble", half a minute of
        eight such talkers at once; full scale 1, 16 kHz.

    Raises
    ------
    ExplorerError
        If it is missing or its sound does not fit its table.
    """
    sound = _sound("clips/background.flac").astype(np.float32) / np.float32(32768)
    found = {}
    for row in _table("clips/background.tsv"):
        first, samples = int(row["first_sample"]), int(row["samples"])
        if first + samples > len(sound):
            raise ExplorerError("The bundled background sound is damaged: install the program again.")
        found[row["name"]] = sound[first : first + samples]
    return found


def _table(relative: str) -> list[dict[str, str]]:
    with asset_path(relative).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def _sound(relative: str) -> NDArray[np.int16]:
    import soundfile

    try:
        sound, rate_hz = soundfile.read(asset_path(relative), dtype="int16")
    except soundfile.LibsndfileError as error:
        raise ExplorerError(f"The program's file {relative} is damaged: install the program again.") from error
    if rate_hz != CLIP_RATE_HZ or sound.ndim != 1:
        raise ExplorerError(f"The program's file {relative} is damaged: install the program again.")
    sound.flags.writeable = False
    return np.asarray(sound, dtype=np.int16)


def _column(rows: list[dict[str, str]], name: str) -> NDArray[np.float64]:
    values = np.array([float(row[name]) for row in rows])
    values.flags.writeable = False
    return values
