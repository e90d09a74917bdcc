"""Initialisation: how large the first weights are, which decides whether signals survive a deep network.

Xavier keeps the variance through linear or tanh layers in both directions: variance 2 / (fan in + fan out) (Glorot and
Bengio 2010).  He keeps it through ReLU, which halves it: variance 2 / fan in (He et al. 2015).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.engine.errors import ExplorerError

INITIALISATIONS = ("constant", "normal", "xavier", "he")


def standard_deviation(kind: str, fan_in: int, fan_out: int, sigma: float = 1.0) -> float:
    """Return the spread of the first weights; 0 for "constant", where all units stay alike.

    Parameters
    ----------
    kind
        One of INITIALISATIONS.
    fan_in, fan_out
        Units before and behind the weights.
    sigma
        The spread of "normal", whatever the width.
    """
    match kind:
        case "constant":
            return 0.0
        case "normal":
            return sigma
        case "xavier":
            return math.sqrt(2 / (fan_in + fan_out))
        case "he":
            return math.sqrt(2 / fan_in)
    raise ExplorerError(f"There is no initialisation {kind!r}: choose {', '.join(INITIALISATIONS)}.")


def draw_weights(kind: str, fan_out: int, fan_in: int, sigma: float, generator: torch.Generator) -> Tensor:
    """Return first weights [fan_out, fan_in] in double precision; "constant" sets every weight to sigma."""
    spread = standard_deviation(kind, fan_in, fan_out, sigma)
    if kind == "constant":
        return torch.full((fan_out, fan_in), sigma, dtype=torch.float64)
    return spread * torch.randn(fan_out, fan_in, generator=generator, dtype=torch.float64)
