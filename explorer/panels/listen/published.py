"""Published results on twelve classes of Speech Commands, for comparison; every number with where it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A network of somebody else's.

    Parameters
    ----------
    name
        As its authors call it.
    accuracy
        Share of the official test clips of Speech Commands v0.02, twelve classes, as published.
    file_bytes
        Bytes as published; where only parameters are, one byte each.
    parameters_only
        Whether the bytes stand for parameters.
    source
        Where both numbers are.
    """

    name: str
    accuracy: float
    file_bytes: int
    parameters_only: bool
    source: str


_BC = "B. Kim et al., “Broadcasted Residual Learning for Efficient Keyword Spotting”, Interspeech 2021, table 3"
_ARM = "Arm ML-zoo, models/keyword_spotting, definition.yaml (int8 file and accuracy)"

PUBLISHED = (
    Published("BC-ResNet-1", 0.969, 9_232, True, _BC),
    Published("BC-ResNet-2", 0.978, 27_284, True, _BC),
    Published("BC-ResNet-3", 0.982, 54_168, True, _BC),
    Published("BC-ResNet-8", 0.987, 321_068, True, _BC),
    Published("DS-CNN-S", 0.9311, 47_616, False, _ARM),
    Published("DS-CNN-M", 0.9393, 186_288, False, _ARM),
    Published("DS-CNN-L", 0.9452, 503_816, False, _ARM),
    Published("MicroNet-M", 0.958, 182_000, False, _ARM),
)
"""Sorted by family; parameters of BC-ResNet counted from the authors' code."""
