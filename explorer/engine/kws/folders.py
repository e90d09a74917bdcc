"""A folder of label folders: recordings on this disk, sorted by what is said in them.

The layout of Speech Commands (Warden 2018) and of most collections since: one folder per word, in it WAV or FLAC files
of about a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.files import LONGEST_S, read_sound, resample, system_name
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import CLIP, RATE_HZ
from explorer.engine.kws.labels import LABELS, SILENCE, UNKNOWN

BACKGROUND = "_background_noise_"
_SPECIAL = {"_silence_": SILENCE, "_unknown_": UNKNOWN}
_SOUND = (".wav", ".flac")


@dataclass(frozen=True, slots=True)
class Recording:
    """One second of a folder.

    Parameters
    ----------
    path
        The file.
    label
        The class it counts as.
    word
        Name of its folder.
    second
        Which second of the file, for background noise that is cut up; None: the one in which the word is.
    """

    path: Path
    label: str
    word: str
    second: int | None = None


@dataclass(frozen=True, slots=True)
class LabelFolder:
    """What lies in a folder of label folders.

    Parameters
    ----------
    path
        The folder.
    labels
        The classes its words were sorted into.
    recordings
        What can be read, in the order of names.
    skipped
        A sentence for every file that cannot be read; filled while reading.
    """

    path: Path
    labels: tuple[str, ...]
    recordings: tuple[Recording, ...]
    skipped: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """How figures measured on it name the set."""
        name = str(self.path.name or self.path)
        return f"recordings in {name.encode('utf-8', 'replace').decode('utf-8')}"  # a name need not be text

    def batches(self, size: int = 64) -> Iterator[tuple[NDArray[np.float32], list[Recording]]]:
        """Yield sound [n, 16000] with what it is, n <= `size`; files that cannot be read are skipped and noted.

        Raises
        ------
        ExplorerError
            When there was not a single file that can be read.
        """
        sounds: list[NDArray[np.float32]] = []
        taken: list[Recording] = []
        any_read = False
        for recording in self.recordings:
            try:
                sounds.append(_second_of(recording))
            except ExplorerError as error:
                self.skipped.append(str(error))
                continue
            any_read = True
            taken.append(recording)
            if len(taken) == size:
                yield np.stack(sounds), taken
                sounds, taken = [], []
        if taken:
            yield np.stack(sounds), taken
        if not any_read and self.skipped:
            raise ExplorerError(f"None of the files in {self.path} can be read; the first: {self.skipped[0]}")
        if not any_read:
            raise ExplorerError(f"There is no second of sound in {self.path}: its noise is shorter, give more.")


def read_label_folder(path: str | Path, labels: Sequence[str] = LABELS) -> LabelFolder:
    """List what lies in a folder of label folders; sound is read only by `LabelFolder.batches`.

    Parameters
    ----------
    path
        The folder.
    labels
        Classes of the network: a folder of one of these names is that class, `_silence_` and `_unknown_` are silence
        and unknown, `_background_noise_` is cut into seconds of silence, and any other word is unknown.

    Raises
    ------
    ExplorerError
        If it is no folder, has no folders with sound in them, or none whose name is a label.
    """
    path = Path(path)
    recordings: list[Recording] = []
    known = False
    try:
        if not path.exists():
            raise ExplorerError(f"There is no folder {path}: check the name.")
        if not path.is_dir():
            raise ExplorerError(f"{path} is a file: give a folder with one folder per word in it.")
        for folder in sorted(entry for entry in path.iterdir() if entry.is_dir() and entry.name[0] != "."):
            files = sorted(f for f in folder.iterdir() if f.suffix.lower() in _SOUND and f.name[0] != ".")
            label = _SPECIAL.get(folder.name, folder.name)
            if folder.name == BACKGROUND:
                label = SILENCE
                recordings += [r for file in files for r in _seconds(file)]
            else:
                label = label if label in labels else UNKNOWN
                recordings += [Recording(file, label, folder.name) for file in files]
            known |= bool(files) and (folder.name in labels or folder.name in (*_SPECIAL, BACKGROUND))
    except OSError as error:
        raise ExplorerError(f"{path} cannot be read ({error.strerror}): check who may read it.") from error
    if not known:
        words = ", ".join(label for label in labels if label not in (SILENCE, UNKNOWN))
        raise ExplorerError(
            f"{path} has no labels: it needs folders named after words ({words}; _silence_, _unknown_) "
            "with WAV or FLAC files in them."
        )
    return LabelFolder(path, tuple(labels), tuple(recordings))


def centred(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one second, float32 [16000]: a short clip amid zeros, of a long one the second with the most energy."""
    if len(samples) <= CLIP:
        before = (CLIP - len(samples)) // 2
        return np.pad(samples, (before, CLIP - len(samples) - before))
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    at = int(np.argmax(energy[CLIP:] - energy[:-CLIP]))
    return samples[at : at + CLIP]


def _seconds(file: Path) -> list[Recording]:
    """Return one recording per whole second of a background noise; one where its length cannot be told or believed."""
    import soundfile

    try:
        info = soundfile.info(system_name(file))
    except soundfile.SoundFileError:
        return [Recording(file, SILENCE, BACKGROUND)]  # reading it will say what is wrong
    if info.frames > LONGEST_S * info.samplerate:  # a damaged header claims any length, years included
        return [Recording(file, SILENCE, BACKGROUND)]
    return [Recording(file, SILENCE, BACKGROUND, second) for second in range(info.frames // info.samplerate)]


def _second_of(recording: Recording) -> NDArray[np.float32]:
    samples, rate_hz = read_sound(recording.path)
    if recording.second is not None:
        samples = samples[recording.second * rate_hz : (recording.second + 1) * rate_hz]
    samples = resample(samples, rate_hz)
    if abs(len(samples) - CLIP) <= RATE_HZ // 1000:  # a second at another rate comes out a few samples off
        return np.pad(samples[:CLIP], (0, max(0, CLIP - len(samples))))
    return centred(samples)
