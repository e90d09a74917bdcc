"""The bundled synthetic word: for those without a microphone."""

from __future__ import annotations

import csv

import numpy as np

from explorer.engine.assets import asset_path
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import CLIP, RATE_HZ
from explorer.engine.kws.teaching.takes import Take, take_of

WORD = "marvin"
VOICES = ("kal-word", "rms-word")


def synthetic_takes(voice: str = VOICES[0], word: str = WORD) -> list[Take]:
    """Return the takes of a bundled word by one virtual voice, which nothing is judged by.

    Raises
    ------
    ExplorerError
        When the files are missing or damaged.
    """
    import soundfile

    damaged = f"The bundled word “{word}” is damaged: install the program again."
    with asset_path(f"words/{word}.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    try:
        sound, rate_hz = soundfile.read(asset_path(f"words/{word}.flac"), dtype="float32")
    except soundfile.LibsndfileError as error:
        raise ExplorerError(damaged) from error
    if rate_hz != RATE_HZ or np.shape(sound) != (len(rows) * CLIP,):
        raise ExplorerError(damaged)
    seconds = np.asarray(sound, np.float32).reshape(-1, CLIP)
    return [
        take_of(second, float(row["start_s"]), float(row["end_s"]), "synthetic")
        for second, row in zip(seconds, rows, strict=True)
        if row["voice"] == voice
    ]
