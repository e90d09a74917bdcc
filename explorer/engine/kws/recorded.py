"""Recordings of a folder as a set of clips, so that a person's own data serve wherever the bundled voices do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import ClipSet, Purpose
from explorer.engine.kws.frontend import CLIP, FRAME, HOP, RATE_HZ, log_mel
from explorer.engine.kws.labels import SILENCE
from explorer.engine.kws.voice import frame_levels, stretches

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.engine.kws.folders import LabelFolder, Recording

_EDGE = 0.3  # a word reaches up to where its level is this far between floor and peak
_CLOSURE_FRAMES, _SHORTEST_FRAMES = 12, 5
_SPEAKER_ENDS = "_nohash_"


def clip_set(
    folder: LabelFolder,
    purpose: Purpose = "calibrate",
    most: int = 2000,
    seed: int = 0,
    chosen: Callable[[Recording], bool] | None = None,
) -> ClipSet:
    """Read recordings of a folder as clips, with estimated edges of their words.

    Parameters
    ----------
    folder
        The folder.
    purpose
        What the clips may be used for; the user's own data may be tuned on.
    most
        At most so many, drawn at random; 2,000 are 64 MB.
    seed
        Of the draw.
    chosen
        Leaves recordings out, such as those of another split; None takes all.

    Returns
    -------
    ClipSet
        In Speech Commands the voice is the speaker's number in the file name; elsewhere it is not known.

    Raises
    ------
    ExplorerError
        If nothing is left, or nothing can be read.
    """
    wanted = [recording for recording in folder.recordings if chosen is None or chosen(recording)]
    if not wanted:
        raise ExplorerError(f"There is no recording to use in {folder.path}: choose another folder.")
    draw = np.sort(np.random.default_rng(seed).permutation(len(wanted))[:most])
    part = type(folder)(folder.path, folder.labels, tuple(wanted[i] for i in draw), folder.skipped)
    sounds, taken = [], []
    for batch, recordings in part.batches():
        sounds.append(np.clip(np.rint(batch * 32768.0), -32768, 32767).astype(np.int16))
        taken += recordings
    samples = np.concatenate(sounds)
    samples.flags.writeable = False
    edges = [
        (0.0, 0.0) if recording.label == SILENCE else word_in(sound)
        for recording, sound in zip(taken, samples, strict=True)
    ]
    voices = tuple(r.path.stem.split(_SPEAKER_ENDS)[0] if _SPEAKER_ENDS in r.path.stem else "-" for r in taken)
    return ClipSet(
        name=folder.name,
        purpose=purpose,
        samples=samples,
        labels=tuple(recording.label for recording in taken),
        words=tuple(recording.word for recording in taken),
        voices=voices,
        speakers=voices,
        start_s=np.array([start for start, _ in edges]),
        end_s=np.array([end for _, end in edges]),
        snr_db=np.full(len(taken), np.inf),
    )


def word_in(sound: NDArray[np.integer[Any]]) -> tuple[float, float]:
    """Return start and end in seconds of the loudest stretch of voice in a clip of 16-bit samples [16000].

    Levels above 30 % of the way from the floor (tenth percentile) to the peak count, pauses up to 120 ms are bridged.
    """
    levels = frame_levels(log_mel(sound.astype(np.float32) / np.float32(32768)))
    floor, peak = np.percentile(levels, 10), levels.max()
    above = levels - (floor + _EDGE * (peak - floor))
    found = stretches(above > 0, _CLOSURE_FRAMES, _SHORTEST_FRAMES)
    if not found:
        return 0.0, CLIP / RATE_HZ
    first, last = max(found, key=lambda run: float(above[run[0] : run[1]].sum()))
    middle_s = FRAME / 2 / RATE_HZ  # a frame stands for its middle
    return first * HOP / RATE_HZ + middle_s, (last - 1) * HOP / RATE_HZ + middle_s
