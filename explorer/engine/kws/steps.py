"""The front end step by step: what becomes of one second of sound, picture after picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.frontend import (
    BANDS,
    CLIP,
    FFT,
    FRAME,
    FRAMES,
    GREY_OFFSET,
    GREY_PER_NEPER,
    HIGHEST_HZ,
    HOP,
    POWER_FLOOR,
    RATE_HZ,
    frames_of,
    grey,
    hann,
    mel_triangles,
    power_spectrum,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step.

    Parameters
    ----------
    values
        What comes out of it; every array by the name of what is drawn.
    caption
        What happens, in one sentence.
    formula
        The same as a formula, with the numbers used here.
    shape
        Shape of its output in words.
    """

    values: dict[str, NDArray[np.floating[Any]]]
    caption: str
    formula: str
    shape: str


def stages(samples: NDArray[np.floating[Any]], frame: int = FRAMES // 2) -> dict[str, Stage]:
    """Return the steps from sound to picture, in order, following one frame closely.

    Parameters
    ----------
    samples
        One second at 16 kHz, [16000].
    frame
        The frame that is followed through window, spectrum and bands, 0 to 97.

    Returns
    -------
    dict
        samples, frame, spectrum, triangles, bands, log, picture.

    Raises
    ------
    ValueError
        When it is not one second, or there is no such frame.
    """
    if len(samples) != CLIP or not 0 <= frame < FRAMES:
        raise ValueError(f"need {CLIP} samples and a frame of 0 to {FRAMES - 1}, got {len(samples)} and {frame}")
    sound = np.asarray(samples, np.float64)
    frames = frames_of(sound)
    power = power_spectrum(frames)
    energy = power @ mel_triangles()
    picture = grey(energy)
    seconds = np.arange(CLIP) / RATE_HZ
    hertz = np.arange(FFT // 2 + 1) * RATE_HZ / FFT
    return {
        "samples": Stage(
            {"time_s": seconds, "samples": sound},
            "One second of air pressure, as numbers.",
            f"x[n], n = 0 ... {CLIP - 1}, {RATE_HZ:,} per second",
            f"{CLIP:,} samples",
        ),
        "frame": Stage(
            {
                "time_s": seconds[frame * HOP : frame * HOP + FRAME],
                "samples": frames[frame].copy(),
                "window": hann(),
                "windowed": frames[frame] * hann(),
            },
            f"Cut into {FRAMES} overlapping frames of 30 ms, one every 10 ms; each fades in and out with a Hann "
            "window, so that its edges do not ring.",
            f"w[n] = 0.5 - 0.5 cos(2 pi n / {FRAME}); frame t holds x[{HOP} t + n]",
            f"{FRAMES} frames x {FRAME} samples",
        ),
        "spectrum": Stage(
            {"hertz": hertz, "power_db": 10.0 * np.log10(power[frame] + 1e-10)},
            "How much power the frame has at each frequency.",
            f"P[k] = |sum w[n] x[n] exp(-2 pi i k n / {FFT})|^2, one k every {RATE_HZ / FFT:g} Hz",
            f"{FRAMES} frames x {FFT // 2 + 1} frequencies",
        ),
        "triangles": Stage(
            {"hertz": hertz, "weights": mel_triangles().T.copy()},
            f"{BANDS} triangles from 0 to {HIGHEST_HZ:g} Hz, narrow below and wide above, as the ear resolves.",
            "mel(f) = 1127 ln(1 + f / 700); corners at equal steps of mel",
            f"{FFT // 2 + 1} frequencies x {BANDS} bands",
        ),
        "bands": Stage(
            {"energy": energy[frame].copy()},
            "The power under each triangle: 257 numbers become 40.",
            "E[b] = sum over k of P[k] triangle[k, b]",
            f"{FRAMES} frames x {BANDS} bands",
        ),
        "log": Stage(
            {"grey": picture[frame].copy()},
            "The logarithm, because loudness is felt in ratios; scaled to grey levels.",
            f"g = {GREY_PER_NEPER:g} ln(E + {POWER_FLOOR:g}) + {GREY_OFFSET:g}, kept within 0 to 255",
            f"{FRAMES} frames x {BANDS} bands",
        ),
        "picture": Stage(
            {"picture": picture},
            f"All {FRAMES} frames side by side: the picture the network looks at.",
            "input = (g - 128) / 64",
            f"{FRAMES} x {BANDS} = {FRAMES * BANDS:,} numbers",
        ),
    }
