"""Magnitude pruning: the smallest weights become zero (Han et al. 2015, "Learning both Weights and Connections").

Zeros do not make a dense kernel faster, and stored densely they take as many bytes as any other code.  Bytes are saved
only by a format that leaves them out, and that pays for saying where the others are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.recipe import PruningKind

INDEX_BITS = 4
_LONGEST_GAP = 2**INDEX_BITS - 1


def keep_mask(weight: NDArray[np.float32], share: float, kind: PruningKind) -> NDArray[np.bool_]:
    """Return which weights stay: all but the given share with the smallest magnitudes.

    Parameters
    ----------
    weight
        A layer's weights, output channels first.
    share
        Share to be pruned, 0 to below 1; rounded down to whole weights or channels.
    kind
        "weights" prunes one by one, "channels" whole output channels, by the sum of their magnitudes (Li et al. 2017).

    Raises
    ------
    ExplorerError
        When the share is out of range.
    """
    if not 0 <= share < 1:
        raise ExplorerError(f"{share} of the weights cannot be pruned; choose 0 to below 1.")
    size = np.abs(weight).reshape(len(weight), -1)
    score = size.sum(1) if kind == "channels" else size.ravel()
    keep = np.ones(score.size, np.bool_)
    # a stable sort: among equals the first go, so that the same share always prunes the same weights
    keep[np.argsort(score, kind="stable")[: int(share * score.size)]] = False
    if kind == "channels":
        return np.broadcast_to(keep.reshape(-1, *([1] * (weight.ndim - 1))), weight.shape)
    return keep.reshape(weight.shape)


def relative_indices(kept: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the entries of the sparse format lie, and the gap before each.

    Each entry is a weight with the number of zeros since the one before, in `INDEX_BITS` bits; where more zeros follow
    each other than that can count, an entry that is itself zero is put in (Han et al. 2016, "Deep Compression",
    figure 2).

    Parameters
    ----------
    kept
        Which weights are not zero, in storage order.

    Returns
    -------
    positions, gaps
        Of all entries, fillers included.
    """
    positions: list[int] = []
    last = -1
    for at in np.flatnonzero(kept):
        while at - last - 1 > _LONGEST_GAP:
            last += _LONGEST_GAP + 1
            positions.append(last)
        positions.append(int(at))
        last = int(at)
    found = np.array(positions, np.int64)
    return found, np.diff(found, prepend=-1) - 1


def positions_of(gaps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions that gaps stand for: the inverse of `relative_indices`."""
    return np.asarray(np.cumsum(gaps + 1) - 1, np.int64)
