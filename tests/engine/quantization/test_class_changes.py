"""Class changes, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.anytime import Estimate
from explorer.engine.quantization.class_changes import class_changes
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.engine.quantization.statistics import mcnemar

WORDS = ("yes", "no", "up")


def clips(labels: list[int]) -> EvaluationSet:
    pictures = np.zeros((len(labels), 98, 40), np.float32)
    return EvaluationSet("by hand", pictures, np.array(labels), np.zeros(len(labels), np.bool_), WORDS)


def estimate(recipe: Recipe, answers: list[int], of: EvaluationSet) -> Estimate:
    return Estimate(recipe, np.array(answers, np.int16), of)


def test_the_worst_comes_first_and_what_is_lost_says_where_it_went() -> None:
    of = clips([0, 0, 0, 0, 1, 1])
    first = estimate(FLOAT, [0, 0, 0, 1, 1, 2], of)
    second = estimate(Recipe(2), [2, 2, 1, 0, 1, 1], of)
    yes, no = class_changes(first, second)
    assert (yes.label, yes.clips, yes.before, yes.after) == ("yes", 4, 0.75, 0.25)
    assert (yes.comparison.only_first, yes.comparison.only_second) == (3, 1)
    assert yes.taken_for == (("up", 2), ("no", 1))
    assert yes.comparison.p_value == mcnemar(3, 1)
    assert (no.label, no.before, no.after, no.taken_for) == ("no", 0.5, 1.0, ())


def test_only_what_both_have_done_counts() -> None:
    of = clips([0, 1, 0, 1])
    (only,) = class_changes(estimate(FLOAT, [0, 1, 0, 1], of), estimate(Recipe(2), [1], of))
    assert (only.label, only.clips, only.after) == ("yes", 1, 0.0)


def test_other_clips_are_refused() -> None:
    first, second = clips([0, 1]), clips([1, 0])
    with pytest.raises(ExplorerError, match="same clips"):
        class_changes(estimate(FLOAT, [0, 1], first), estimate(FLOAT, [0, 1], second))
