"""Recorder: writes what is heard into a file, only while the user asks for it, and deletes it on request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.source import RATE_HZ
from explorer.engine.errors import ExplorerError


class Recorder:
    """A recording on disk, in 16 bits at 16 kHz.

    Attributes
    ----------
    path
        The file of the last recording that still exists; None without one.
    trouble
        A sentence when writing failed, else empty.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self.trouble = ""
        self._file: Any = None
        self._samples = 0

    @property
    def recording(self) -> bool:
        """Whether sound is being written now."""
        return self._file is not None

    @property
    def seconds(self) -> float:
        """Length of the recording so far."""
        return self._samples / RATE_HZ

    def start(self, path: Path) -> None:
        """Begin to write into `path`.

        Raises
        ------
        ExplorerError
            If the file cannot be written.
        """
        import soundfile

        self.stop()
        try:
            self._file = soundfile.SoundFile(path, "w", RATE_HZ, 1, "PCM_16", format="WAV")
        except (OSError, soundfile.SoundFileError) as error:
            raise ExplorerError(f"{path} cannot be written: choose another folder.") from error
        self.path, self.trouble, self._samples = path, "", 0

    def write(self, samples: NDArray[np.float32]) -> None:
        """Add samples [n] while recording; a full disk ends the recording and is told."""
        if self._file is None:
            return
        try:
            self._file.write(samples)
        except (OSError, RuntimeError):
            self.stop()
            self.trouble = f"Recording stopped after {self.seconds:.0f} s: {self.path} cannot be written any more."
            return
        self._samples += len(samples)

    def stop(self) -> None:
        """End the recording; the file stays."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except (OSError, RuntimeError):
                self.trouble = f"The end of {self.path} could not be written: the disk is full."

    def delete(self) -> None:
        """End the recording and delete its file.

        Raises
        ------
        ExplorerError
            If the file cannot be deleted.
        """
        self.stop()
        if self.path is not None:
            try:
                self.path.unlink(missing_ok=True)
            except OSError as error:
                raise ExplorerError(f"{self.path} cannot be deleted ({error.strerror}): delete it by hand.") from error
        self.path, self._samples = None, 0
