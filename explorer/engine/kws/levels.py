"""Active level of speech: how loud the words are, pauses not counted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FRAME = 480
_MARGIN = 10 ** (-15.9 / 10)


def active_rms(sounds: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the root mean square [n] of sounds [n, samples] over their loud frames of 30 ms.

    A frame is loud when its power is at most 15.9 dB below that of the loudest; sounds shorter than a frame are taken
    whole.

    References
    ----------
    After ITU-T P.56 (2011), method B, whose margin this is, with the loudest frame in place of its iteration.
    """
    frame = min(_FRAME, sounds.shape[1])
    if frame == 0:
        return np.zeros(len(sounds))
    whole = sounds.shape[1] // frame * frame
    frames = np.asarray(sounds[:, :whole], np.float64).reshape(len(sounds), -1, frame)
    power = np.square(frames).mean(2)
    loud = power >= power.max(1, keepdims=True) * _MARGIN
    return np.asarray(np.sqrt((power * loud).sum(1) / loud.sum(1)))
