"""Sound files: WAV, FLAC and what else libsndfile reads, of any rate, channels and depth, as mono samples."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.audio.paced import PacedSource
from explorer.engine.audio.source import RATE_HZ
from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

LOWEST_HZ, HIGHEST_HZ = 4_000, 384_000
LONGEST_S = 3600
_MOST_CHUNKS = 1000  # a real file has a handful before its sound
_UNKNOWN_LENGTH = 0x7FFFFF00  # who writes into a pipe puts 0x7FFFFFFF or 0xFFFFFFFF, give or take a header


def read_sound(path: str | Path) -> tuple[NDArray[np.float32], int]:
    """Return all samples of a file, mixed to mono, and its rate.

    Parameters
    ----------
    path
        A WAV, FLAC, AIFF or Ogg file: 8 to 32 bits or float, any number of channels (their mean is taken),
        4 to 384 kHz, at most an hour.

    Returns
    -------
    samples
        float32 [n], -1..1; a float file that goes beyond is clipped.
    rate_hz
        Samples per second as the file says.

    Raises
    ------
    ExplorerError
        If it is missing, a folder, empty, cut short, without samples, no sound, of an absurd rate, or has
        samples that are not numbers.
    """
    path = Path(path)
    with _open(path) as file:
        rate_hz = int(file.samplerate)
        blocks = list(_mono_blocks(file, path))
    return np.concatenate(blocks), rate_hz


def system_name(path: Path) -> str | bytes:
    """Return a path as libsndfile takes it: elsewhere than on Windows as bytes, which need not be text."""
    return str(path) if sys.platform == "win32" else os.fsencode(path)


def resample(samples: NDArray[np.float32], from_hz: int) -> NDArray[np.float32]:
    """Return samples [n] of another rate at 16 kHz (soxr, quality HQ: pass band to 0.91 of Nyquist)."""
    if from_hz == RATE_HZ:
        return samples
    import soxr

    resampled: NDArray[np.float32] = soxr.resample(samples, from_hz, RATE_HZ, quality="HQ")
    return resampled


class FileSource(PacedSource):
    """Play a sound file as if it were spoken now.

    Parameters
    ----------
    path
        The file; it is read and checked at once, and kept at 16 kHz (an hour takes 230 MB).
    paced
        False: as fast as it is read.
    loop
        Begin again at the end, without a gap.

    Raises
    ------
    ExplorerError
        As `read_sound`.
    """

    def __init__(self, path: str | Path, paced: bool = True, loop: bool = False) -> None:
        path = Path(path)
        super().__init__("file", path.name, paced)
        self.path = path
        self.loop = loop
        self._samples = _read_at_16_khz(path)
        self._at = 0

    @property
    def duration_s(self) -> float:
        """Length of the file in seconds."""
        return len(self._samples) / RATE_HZ

    def _take(self, n: int) -> NDArray[np.float32]:
        if self.loop:
            at = np.arange(self._at, self._at + n) % len(self._samples)
            self._at = int(at[-1] + 1) if n else self._at
            return self._samples[at]
        taken = self._samples[self._at : self._at + n].copy()
        self._at += len(taken)
        return taken


def _read_at_16_khz(path: Path) -> NDArray[np.float32]:
    """Decode and resample in steps of a second: an hour at 192 kHz is never in memory at its own rate."""
    with _open(path) as file:
        if file.samplerate == RATE_HZ:
            return np.concatenate(list(_mono_blocks(file, path)))
        import soxr

        stream = soxr.ResampleStream(file.samplerate, RATE_HZ, 1, dtype="float32", quality="HQ")
        pieces = [stream.resample_chunk(block) for block in _mono_blocks(file, path)]
        pieces.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
        return np.concatenate(pieces)


def _open(path: Path) -> Any:
    """Open with libsndfile, after the questions whose answers it would not put in plain words."""
    import soundfile

    try:
        if path.is_dir():
            raise ExplorerError(f"{path} is a folder: choose a sound file in it.")
        if not path.exists():
            raise ExplorerError(f"There is no file {path}: check the name.")
        size = path.stat().st_size
        if size == 0:
            raise ExplorerError(f"{path} is empty (0 bytes): choose another file.")
        missing = _missing_bytes(path, size)
    except OSError as error:
        raise ExplorerError(f"{path} cannot be read ({error.strerror}): check who may read it.") from error
    try:
        file = soundfile.SoundFile(system_name(path))
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: headerless sound, told by its name
        sentence = f"{path} is not a sound file that can be read: give a WAV or FLAC file."
        raise ExplorerError(sentence) from error
    try:
        if not LOWEST_HZ <= file.samplerate <= HIGHEST_HZ:
            raise ExplorerError(
                f"{path} says it has {file.samplerate:,} samples per second; 4,000 to 384,000 can be read: "
                "check how it was made."
            )
        if file.frames == 0:
            raise ExplorerError(f"{path} has no samples in it: choose another file.")
        if missing:
            raise ExplorerError(f"{path} is cut short, {missing:,} bytes are missing: copy it again.")
        if file.frames > LONGEST_S * file.samplerate and not _length_unknown(file):
            raise ExplorerError(f"{path} is longer than an hour: cut it into pieces.")
    except ExplorerError:
        file.close()
        raise
    return file


def _length_unknown(file: Any) -> bool:
    return bool(file.frames >= _UNKNOWN_LENGTH)


def _mono_blocks(file: Any, path: Path) -> Iterator[NDArray[np.float32]]:
    """Yield the sound in steps of a second, mixed to mono and checked."""
    import soundfile

    read = 0
    while True:
        try:
            block = file.read(file.samplerate, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise ExplorerError(f"{path} is damaged after {read / file.samplerate:.1f} s: copy it again.") from error
        if not len(block):
            break
        mono = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
        if not np.isfinite(mono).all():
            at_s = read / file.samplerate
            raise ExplorerError(f"{path} has samples that are not numbers, about {at_s:.1f} s: export again.")
        read += len(block)
        if read > LONGEST_S * file.samplerate:
            raise ExplorerError(f"{path} is longer than an hour: cut it into pieces.")
        yield np.clip(mono, -1.0, 1.0)
    if read < file.frames and not _length_unknown(file):
        raise ExplorerError(
            f"{path} is cut short, {(file.frames - read) / file.samplerate:.1f} s are missing: copy it again."
        )


def _missing_bytes(path: Path, size: int) -> int:
    """Return how many bytes a RIFF file promises and does not have; libsndfile passes over it in silence."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return 0
        at = 12
        for _ in range(_MOST_CHUNKS):  # a damaged file may be gigabytes of empty ones
            if at + 8 > size:
                break
            file.seek(at)
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                return 0 if length >= _UNKNOWN_LENGTH else max(0, at + 8 + length - size)
            at += 8 + length + length % 2
    return 0
