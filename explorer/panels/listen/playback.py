"""Playback: a second of sound through the loudspeaker, which is closed again when it has been heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.audio.source import RATE_HZ
from explorer.engine.audio.speaker import Speaker

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TAIL_S = 0.3  # the last samples are still inside the device when the ring is empty


class Playback:
    """Play one sound at a time.

    Parameters
    ----------
    say
        Tells a sentence when nothing can be heard.
    speaker
        The loudspeaker.
    """

    def __init__(self, say: Callable[[str], None], speaker: Speaker | None = None) -> None:
        self._say = say
        self._speaker = speaker or Speaker()
        self._open = False

    def play(self, samples: NDArray[np.float32]) -> bool:
        """Play samples [n] at 16 kHz from their start; False, and a sentence, when there is no loudspeaker."""
        self.close()
        self._speaker.open()
        status = self._speaker.status()
        if not status.works:
            self._say(" ".join(part for part in (status.sentence, status.action) if part))
            return False
        self._open = True
        tail = np.zeros(round(_TAIL_S * RATE_HZ), np.float32)
        self._speaker.push(np.concatenate([np.asarray(samples, np.float32), tail]))
        return True

    @property
    def playing(self) -> bool:
        """Whether a sound is on its way."""
        return self._open

    def tick(self) -> None:
        """Close the loudspeaker once everything was played; called twice a second."""
        if self._open and self._speaker.pending_s <= 0.0:
            self.close()

    def close(self) -> None:
        """Stop at once."""
        if self._open:
            self._open = False
            self._speaker.close()
