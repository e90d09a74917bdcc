"""The words the shipped networks know, in the order of their outputs."""

from __future__ import annotations

from collections.abc import Sequence

SILENCE, UNKNOWN = "silence", "unknown"
KEYWORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
LABELS = (SILENCE, UNKNOWN, *KEYWORDS)
"""Twelve classes of Speech Commands v0.02 (Warden 2018, arXiv:1804.03209); networks may be taught others."""


def taught_label(label: str, word: str, labels: Sequence[str]) -> str:
    """Return the class of a clip for a network with these labels: a word that counted as unknown may be taught."""
    return word if label == UNKNOWN and word in labels else label


def label_of(word: str) -> str:
    """Return the class a spoken word belongs to: itself if it is a keyword, else unknown."""
    return word if word in KEYWORDS else UNKNOWN
