"""Ramps: tables from a byte to a colour whose lightness grows evenly, so that no false edges appear.

Colours are mixed in OKLab (B. Ottosson, "A perceptual color space for image processing", 2020), where equal
steps look equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

# linear sRGB -> cone response -> Lab, both matrices from the source above
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

MAGMA_LIKE = ("#0b0d14", "#2a1450", "#6a1f74", "#b0346f", "#ee6a5c", "#fdb378", "#fcf6c4")
"""Night, violet, magenta, orange, pale yellow: loud is bright.  For dark surfaces."""
INK = ("#ffffff", "#14181d")
"""White paper to ink: loud is dark.  For white surfaces."""
HEAT_DARK = ("#12171d", "#0f3a4a", "#15707a", "#43ad93", "#a9dda0", "#f6fbdc")
"""Surface to pale green, for scores between 0 and 1 on dark."""
HEAT_LIGHT = ("#ffffff", "#cfe3ee", "#6fb0d2", "#0072b2", "#00395e", "#001a33")
"""Paper to deep blue, for scores between 0 and 1 on white."""


def ramp(anchors: Sequence[str], steps: int = 256) -> npt.NDArray[np.uint8]:
    """Give a table of `steps` colours through the anchors, with evenly growing (or falling) lightness.

    Parameters
    ----------
    anchors
        Colours as "#rrggbb", from the smallest value to the largest; their lightness must be monotone.
    steps
        Number of colours.

    Returns
    -------
    table
        `[steps, 4]` uint8 RGBA, opaque.
    """
    lab = to_oklab(np.array([_parse(anchor) for anchor in anchors]))
    # an anchor's place in the table is where its lightness is: equal steps in value, equal steps in lightness
    place = (lab[:, 0] - lab[0, 0]) / (lab[-1, 0] - lab[0, 0])
    position = np.linspace(0.0, 1.0, steps)
    mixed = np.stack([np.interp(position, place, lab[:, axis]) for axis in range(3)], axis=1)
    table = np.full((steps, 4), 255, np.uint8)
    table[:, :3] = np.clip(np.rint(_from_oklab(mixed) * 255), 0, 255).astype(np.uint8)
    return table


def to_oklab(srgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn sRGB (`[n, 3]`, 0 to 1) into OKLab: lightness 0 to 1, green-red, blue-yellow."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _CONES.T) @ _LAB.T)


def _from_oklab(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_CONES).T
    linear = np.clip(linear, 0.0, 1.0)
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055))


def _parse(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
