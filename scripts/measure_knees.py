"""Measure how few bits a network can lose, on human voices: the knees of weights and activations, training included.

    python scripts/measure_knees.py DIR [--network tiny small]

DIR is a Speech Commands folder with `logmel.npz`; what is measured are its validation pictures in the official
proportions (10 keywords, 10 % unknown, 10 % silence), whose speakers nobody was trained on.  Activations are calibrated
on the bundled synthetic voices, part "calibrate".
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from explorer.engine.kws.labels import LABELS
from explorer.engine.machine import machine_name
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.anytime import Evaluator
from explorer.engine.quantization.evaluation_set import EvaluationSet, stratified_order
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe, Width
from explorer.engine.quantization.retrained import retrained
from explorer.engine.runtime import prepare_torch
from explorer.engine.training.augment import Augmentation
from explorer.engine.training.keywords import KeywordTask

WEIGHT_COLUMNS: dict[str, dict[str, Any]] = {
    "per tensor, min-max": {"per_channel": False},
    "per tensor, MSE": {"per_channel": False, "weight_calibration": "mse"},
    "per channel, min-max": {},
    "per channel, MSE": {"weight_calibration": "mse"},
}
ACTIVATION_COLUMNS: dict[str, dict[str, Any]] = {
    "min-max": {},
    "min-max, symmetric": {"activations_symmetric": True},
    "percentile 99.9": {"activation_calibration": "percentile"},
    "MSE": {"activation_calibration": "mse"},
}
WEIGHT_WIDTHS: tuple[Width, ...] = (8, 7, 6, 5, 4, 3, 2, "ternary", "binary")
TRAINED_WIDTHS: tuple[Width, ...] = (4, 3, "ternary", "binary")


def main() -> int:
    """Print one table per network for weights, activations and both, and what training for the width brings back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR", help="Speech Commands folder with logmel.npz")
    parser.add_argument("--network", nargs="+", default=["tiny", "small"])
    arguments = parser.parse_args()
    prepare_torch()
    clips = validation_set(arguments.folder)
    print(f"{clips.name}; on {machine_name()}")
    for name in arguments.network:
        evaluator = Evaluator(NetworkQuantizer(shipped(name)), clips)
        print(f"\n## {name}, float: {_percent(evaluator, FLOAT)}")
        print("\nWeights alone\n\n| bits | " + " | ".join(WEIGHT_COLUMNS) + " |")
        for width in WEIGHT_WIDTHS:
            coarse = isinstance(width, str)  # the two coarsest grids have no calibration
            cells = [
                "" if coarse and "weight_calibration" in options else _percent(evaluator, Recipe(width, **options))
                for options in WEIGHT_COLUMNS.values()
            ]
            _row(width, cells)
        print("\nActivations alone\n\n| bits | " + " | ".join(ACTIVATION_COLUMNS) + " |")
        for bits in (8, 7, 6, 5, 4):
            options_of = ACTIVATION_COLUMNS.values()
            _row(bits, [_percent(evaluator, Recipe("float32", bits, **options)) for options in options_of])
        print("\nWeights per channel, activations at 8 bits\n\n| weights | rounded afterwards | trained for it |")
        for width in TRAINED_WIDTHS:
            taught = retrained(name, width)
            if taught is not None:
                recipe = Recipe(width, 8)
                with_training = _percent(Evaluator(NetworkQuantizer(taught), clips), recipe)
                _row(width, [_percent(evaluator, recipe), with_training])
    return 0


def validation_set(folder: Path) -> EvaluationSet:
    """Return the human validation pictures in the order in which they are measured."""
    pictures = KeywordTask(folder, Augmentation(), bundled=False).validation["pictures"]
    order = stratified_order(pictures.label)
    grey, silent = pictures.grey[order].astype(np.float32), np.zeros(len(order), np.bool_)
    return EvaluationSet(f"{pictures.name}, n = {len(order):,}", grey, pictures.label[order], silent, LABELS)


def _percent(evaluator: Evaluator, recipe: Recipe) -> str:
    estimate = evaluator.measure(recipe)
    assert estimate is not None  # nobody can stop it
    low, high = estimate.interval
    return f"{100 * estimate.accuracy:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _row(width: Width, cells: list[str]) -> None:
    print(f"| {width} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
