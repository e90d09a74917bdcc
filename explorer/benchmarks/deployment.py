"""How fast estimates are, and how far predicted times are from published ones."""

from __future__ import annotations

import statistics
import time
from typing import Any

from explorer.engine.deployment.estimate import estimate, graph_of
from explorer.engine.deployment.precision import recipe_of
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.validation import LEVEL, boards_left_out, datasheet_gap, stretch, summaries
from explorer.engine.quantization.recipe import Recipe

COMBINATIONS = 1000
REPETITIONS = 7
# every width of a whole number of bits, the floats, and some of different widths
RECIPES: tuple[Recipe, ...] = (
    *(recipe_of(bits, 8) for bits in range(1, 17)),
    *(recipe_of(width, width) for width in ("float32", "float16", "bfloat16", 16, 4)),
)


def estimate_times(network: str = "tiny") -> dict[str, float]:
    """Measure estimates of a network on all shipped profiles at all precisions.

    Parameters
    ----------
    network
        Name of a topology.

    Returns
    -------
    Milliseconds: of the first round, in which the model is fitted, validated and the network counted; of 1,000
    combinations afterwards, median and longest of the rounds; and of all profiles at one precision, as a slider needs.
    """
    graph = graph_of(network)
    profiles = tuple(shipped().values())
    combinations = [(profile, recipe) for recipe in RECIPES for profile in profiles]
    combinations = (combinations * (COMBINATIONS // len(combinations) + 1))[:COMBINATIONS]

    def round_ms(chosen: list[Any]) -> float:
        began = time.perf_counter()
        for profile, recipe in chosen:
            estimate(graph, profile, recipe)
        return 1e3 * (time.perf_counter() - began)

    first = round_ms(combinations)
    rounds = [round_ms(combinations) for _ in range(REPETITIONS)]
    one_precision = [round_ms([(profile, RECIPES[7]) for profile in profiles]) for _ in range(REPETITIONS)]
    return {
        "combinations": float(len(combinations)),
        "profiles": float(len(profiles)),
        "precisions": float(len(RECIPES)),
        "first_ms": first,
        "median_ms": statistics.median(rounds),
        "longest_ms": max(rounds),
        "all_profiles_ms": statistics.median(one_precision),
    }


def prediction_errors() -> dict[str, Any]:
    """Compare predictions with published results that had no part in them.

    Returns
    -------
    Per group of results: their number, median and worst error factor, and how many lay in the interval stated
    beforehand; how far intervals are stretched; the gap to data sheets; and each board that was left out.
    """
    gap = datasheet_gap()
    return {
        "level": LEVEL,
        "groups": {
            each.group: {"n": each.count, "median": each.median, "worst": each.worst, "covered": each.covered}
            for each in summaries()
        },
        "stretch": {setting: stretch(setting) for setting in ("another board", "another network", "new ground")},
        "data_sheet_gap": {"n": gap.count, "median": gap.median, "high": gap.high},
        "boards": {
            f"{score.row.board}, {score.row.software}, {score.row.precision}, {score.row.network}"
            f"{', ' + score.row.configuration if score.row.configuration else ''}": {
                "published_ms": score.row.latency_ms,
                "predicted_ms": score.predicted_ms,
                "low_ms": score.low_ms,
                "high_ms": score.high_ms,
                "setting": score.setting,
            }
            for score in boards_left_out()
        },
    }
