"""The noise fader: noise added to any source, at a chosen distance below the speech."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from explorer.engine.audio.colours import around, loop
from explorer.engine.audio.level import dbfs, rms
from explorer.engine.audio.source import RATE_HZ

if TYPE_CHECKING:
    from numpy.typing import NDArray

NoiseKind = Literal["off", "babble", "white", "pink", "hum"]
NOISES: tuple[NoiseKind, ...] = get_args(NoiseKind)

ASSUMED_SPEECH_DBFS = -26.0
"""Level taken for speech until some was heard."""

_FRAME = round(0.030 * RATE_HZ)
_MEMORY_S = 10
_MARGIN = 10 ** (-15.9 / 10)
_STANDS_OUT = 10 ** (5 / 10)
_SEAM = round(0.050 * RATE_HZ)


class NoiseFader:
    """Mix noise into a stream at a signal-to-noise ratio against the level of active speech.

    The level of the speech is `speech_dbfs` where it is known (the talker says it).  Elsewhere it is estimated as
    active speech level: the mean power of those 30 ms frames of the last 10 s that lie at most 15.9 dB below that
    mean, so that pauses do not count, and 5 dB above the quietest quarter, which is the room.  When no frame does,
    nobody spoke (a hum, a fan), and the last estimate stays.  The ratio counts the whole band, 0 to 8 kHz.

    Parameters
    ----------
    kind
        off, babble (several bundled voices at once), white, pink or hum; may be set at any time.
    snr_db
        Ratio of speech to noise; may be set at any time and takes effect within one block, without a click.
    seed
        Of the noise.

    References
    ----------
    ITU-T P.56 (2011), "Objective measurement of active speech level", method B: the margin of 15.9 dB.
    """

    def __init__(self, kind: NoiseKind = "off", snr_db: float = 20.0, seed: int = 0) -> None:
        self.kind: NoiseKind = kind
        self.snr_db = snr_db
        self.speech_dbfs: float | None = None
        self._seed = seed
        self._loops: dict[NoiseKind, NDArray[np.float32]] = {}
        self._playing: NoiseKind = "off"
        self._at = 0
        self._gain = 0.0
        self._estimate_dbfs = ASSUMED_SPEECH_DBFS
        self._frames: deque[float] = deque(maxlen=_MEMORY_S * RATE_HZ // _FRAME)
        self._partial = np.zeros(0, np.float32)

    @property
    def level_dbfs(self) -> float:
        """The speech level that counts now, known or estimated."""
        return self._estimate_dbfs if self.speech_dbfs is None else self.speech_dbfs

    def prepare(self, kind: NoiseKind) -> None:
        """Make the noise before it is needed; babble is read from the bundled sounds.

        Raises
        ------
        ExplorerError
            If the bundled sounds are missing.
        ValueError
            For a kind that does not exist.
        """
        if kind not in NOISES:
            raise ValueError(f"noise is one of {', '.join(NOISES)}, not {kind!r}")
        if kind != "off" and kind not in self._loops:
            self._loops[kind] = _babble() if kind == "babble" else loop(kind, self._seed)

    def mix(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the next samples [n] of the stream with noise in them, within -1..1."""
        self._listen(samples)
        kind = self.kind
        if kind != self._playing:
            self.prepare(kind)
            self._playing, self._gain = kind, 0.0
        if kind == "off" or not len(samples):
            return samples
        gain = 10 ** ((self.level_dbfs - self.snr_db) / 20)
        noise = around(self._loops[kind], self._at, len(samples))
        self._at += len(samples)
        noise *= np.linspace(self._gain, gain, len(samples), dtype=np.float32) if gain != self._gain else gain
        self._gain = gain
        noise += samples
        return np.clip(noise, -1.0, 1.0, out=noise)

    def _listen(self, samples: NDArray[np.float32]) -> None:
        """Keep the level of whole frames, and take the estimate from them."""
        sound = np.concatenate([self._partial, samples])
        whole = len(sound) // _FRAME
        self._partial = sound[whole * _FRAME :]
        if not whole:
            return
        frames = sound[: whole * _FRAME].reshape(whole, _FRAME)
        self._frames.extend(np.einsum("ij,ij->i", frames, frames).tolist())
        if self.kind == "off" or self.speech_dbfs is not None:
            return  # nobody asks
        active = _active_power(np.fromiter(self._frames, np.float64) / _FRAME)
        if active is not None:
            self._estimate_dbfs = dbfs(math.sqrt(active))


def _active_power(powers: NDArray[np.float64]) -> float | None:
    """Return the mean power of the frames with speech in them; None when nothing stands out of the rest."""
    room = float(np.quantile(powers, 0.25))
    active = float(powers.max())
    if active <= _STANDS_OUT * room or active == 0.0:
        return None
    for _ in range(20):  # falls from above to the level that agrees with its own threshold
        lower = float(powers[powers >= max(active * _MARGIN, _STANDS_OUT * room)].mean())
        if lower >= active * 0.999:
            break
        active = lower
    return active - room


def _babble() -> NDArray[np.float32]:
    """Return the bundled babble at root mean square 1, its end faded into its start."""
    from explorer.engine.kws.clips import load_background

    babble = np.asarray(load_background()["babble"], np.float32)
    fade = np.sin(np.linspace(0.0, np.pi / 2, _SEAM, dtype=np.float32))
    body = babble[:-_SEAM].copy()
    body[:_SEAM] = body[:_SEAM] * fade + babble[-_SEAM:] * fade[::-1]
    return body / np.float32(rms(body))
