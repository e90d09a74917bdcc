"""Class changes: which words a setting loses and gains, each with its interval, and what they are taken for now.

An accuracy that hardly moves can hide a word that is lost and another that is won: so each word is looked at, on
the same clips.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.anytime import Estimate
from explorer.engine.quantization.statistics import Comparison, compare


@dataclass(frozen=True, slots=True)
class ClassChange:
    """What became of one class.

    Parameters
    ----------
    label
        Its word.
    before, after
        Share of its clips that were recognised.
    comparison
        The two, paired.
    taken_for
        What the clips that were lost are taken for now, with how many, commonest first.
    """

    label: str
    before: float
    after: float
    comparison: Comparison
    taken_for: tuple[tuple[str, int], ...]

    @property
    def clips(self) -> int:
        """Number of its clips."""
        return self.comparison.clips


def class_changes(first: Estimate, second: Estimate) -> list[ClassChange]:
    """Return the change of each class from the first setting to the second, the greatest loss first.

    Classes without a clip among those that both have done are left out.

    Raises
    ------
    ExplorerError
        When the two were not measured on the same clips.
    """
    if first.evaluation_set.key != second.evaluation_set.key:
        raise ExplorerError("Two settings can only be compared on the same clips: measure both on one set.")
    done = min(first.done, second.done)
    labels, words = first.evaluation_set.labels[:done], first.evaluation_set.classes
    right_before, right_after = first.right[:done], second.right[:done]
    found: list[ClassChange] = []
    for index, word in enumerate(words):
        own = labels == index
        if not own.any():
            continue
        lost = own & right_before & ~right_after
        taken = Counter(words[answer] for answer in second.answers[:done][lost])
        paired = compare(right_before[own], right_after[own])
        shares = float(right_before[own].mean()), float(right_after[own].mean())
        ranked = tuple(sorted(taken.items(), key=lambda item: (-item[1], item[0])))
        found.append(ClassChange(word, *shares, paired, ranked))
    return sorted(found, key=lambda change: (change.comparison.difference, change.label))
