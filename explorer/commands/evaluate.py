"""`mlsys-explorer evaluate`: accuracy of a network on a folder of label folders, or on the bundled voices."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.engine.kws.evaluate import Accuracy
    from explorer.engine.kws.robustness import Row
    from explorer.engine.nn.inference import Executor


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("evaluate", help="accuracy on a folder of label folders, or on the bundled voices")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="folder with one folder per word (yes, no, ..., _silence_, _unknown_) of WAV or FLAC files",
    )
    what.add_argument("--bundled", action="store_true", help="the bundled synthetic voices kept for evaluation")
    parser.add_argument("--network", default="tiny", help="tiny, small or large (default: %(default)s)")
    parser.add_argument(
        "--conditions",
        action="store_true",
        help="also shifted, softer and in noise, and false accepts of tones, hum, other speech (at most 2,000 clips)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; progress goes to standard error."""
    from explorer.engine.kws.evaluate import evaluate_folder, evaluate_part
    from explorer.engine.kws.folders import read_label_folder
    from explorer.engine.nn.inference import Executor
    from explorer.engine.nn.registry import shipped

    executor = Executor(shipped(arguments.network))
    skipped: list[str] = []
    if arguments.bundled:
        result = evaluate_part(executor, progress=_progress)
    else:
        folder = read_label_folder(arguments.folder, executor.labels)
        skipped = folder.skipped
        result = evaluate_folder(executor, folder, progress=_progress)
    conditions = _conditions(executor, arguments.folder) if arguments.conditions else None
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    for sentence in skipped:
        print(f"skipped: {sentence}", file=sys.stderr)
    if arguments.json:
        rows = {} if conditions is None else {"conditions": {name: asdict(row) for name, row in conditions.items()}}
        print(json.dumps(as_json(result, arguments.network, len(skipped)) | rows))
    else:
        _print(result, arguments.network)
        for name, row in (conditions or {}).items():
            interval = f"[{100 * row.low:.1f}, {100 * row.high:.1f}]"
            print(f"{name:24} {row.kind:14} {100 * row.value:5.1f} % {interval:14} n = {row.count}")
    return 0


def as_json(result: Accuracy, network: str, skipped: int) -> dict[str, Any]:
    """Return the result under stable keys; shares are fractions."""
    return {
        "accuracy": result.accuracy,
        "low": result.low,
        "high": result.high,
        "clips": result.clips,
        "mean_recall": result.mean_recall,
        "per_class": {
            label: {"recall": one.recall, "precision": one.precision, "clips": one.clips}
            for label, one in result.per_class.items()
        },
        "confusion": result.confusion,
        "labels": list(result.labels),
        "set": result.set_name,
        "network": network,
        "skipped": skipped,
    }


def _conditions(executor: Executor, folder: Path | None) -> dict[str, Row]:
    """Measure the rows of the model card on the folder, or on the bundled voices."""
    import numpy as np

    from explorer.engine.kws.clips import load_part
    from explorer.engine.kws.folders import read_label_folder
    from explorer.engine.kws.recorded import clip_set
    from explorer.engine.kws.robustness import robustness

    if folder is None:
        clips = load_part("evaluate")
    else:
        clips = clip_set(read_label_folder(folder, executor.labels), purpose="evaluate")
    return robustness(executor, clips.samples.astype(np.float32) / np.float32(32768), clips.labels)


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} clips", end="", file=sys.stderr, flush=True)


def _print(result: Accuracy, network: str) -> None:
    percent = [f"{100 * value:.1f}" for value in (result.accuracy, result.low, result.high)]
    print(f"{network}: {percent[0]} % [{percent[1]}, {percent[2]}] of {result.clips} clips, {result.set_name}")
    print(f"mean recall of the classes: {100 * result.mean_recall:.1f} %")
    print(f"{'':10}{'clips':>7}{'recall':>9}{'precision':>11}   most often taken for")
    for i, (label, one) in enumerate(result.per_class.items()):
        others = sorted(
            ((count, other) for j, (other, count) in enumerate(zip(result.labels, result.confusion[i], strict=True))
             if j != i and count),
            reverse=True,
        )
        mistaken = ", ".join(f"{other} ({count})" for count, other in others[:3])
        print(f"{label:10}{one.clips:>7}{_share(one.recall):>9}{_share(one.precision):>11}   {mistaken}")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
