"""The model card: what a network was made from, how, and how good it is on which sets, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.clips import load_part
from explorer.engine.kws.evaluate import Accuracy, accuracy_of, evaluate_part
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.robustness import robustness
from explorer.engine.kws.stream import Scorer
from explorer.engine.machine import machine_name
from explorer.engine.nn.cost import flash_bytes, macs
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import Network
from explorer.engine.quantization.recipe import Width
from explorer.engine.training.keywords import KeywordTask
from explorer.engine.training.loop import EpochReport, Run
from explorer.engine.training.pictures import Pictures

DATA = (
    "Google Speech Commands v0.02 (P. Warden, arXiv:1804.03209, 2018), CC BY 4.0, without the speakers of its test "
    "split: log-mel pictures of all ten keywords and of part of the other words, and about 4,000 recordings, of which "
    "only a handful say yes, no, on, off or stop; and the bundled synthetic voices, part train."
)


def lineage(history: Sequence[EpochReport], seed: int, width: Width | None = None) -> tuple[str, ...]:
    """Return how a network came to be, in words: its phases with and without a teacher, and for which weights."""
    phases: list[tuple[str | None, int, int]] = []
    for report in history:
        if phases and phases[-1][0] == report.teacher:
            phases[-1] = (report.teacher, phases[-1][1], report.epoch)
        else:
            phases.append((report.teacher, report.epoch, report.epoch))
    return tuple(
        f"epochs {first}-{last}, seed {seed}"
        + (f", weights on a grid of {width} bits" if isinstance(width, int) else f", {width} weights" if width else "")
        + (f", taught by {teacher}" if teacher else "")
        for teacher, first, last in phases
    )


def build_card(
    network: Network, task: KeywordTask, run: Run, command: str, note: str = "", executor: Scorer | None = None
) -> dict[str, Any]:
    """Measure a finished network and return its card.

    Parameters
    ----------
    network
        What is shipped: the averaged weights.
    task
        Holds the human validation sets.
    run
        The training run, for recipe and history.
    command
        What was typed.
    note
        What else a reader must know, in a sentence or two.
    executor
        What computes the scores that are measured; None for the float network.
    """
    executor = executor or Executor(network)
    last = run.history[-1]
    return {
        "name": network.name,
        "task": "twelve classes: silence, unknown, " + ", ".join(LABELS[2:]),
        "data": DATA,
        "data_licence": "CC BY 4.0",
        "weights_licence": "CC BY 4.0",
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "note": note,
        "machine": machine_name(),
        "recipe": asdict(run.recipe) | {"augmentation": asdict(task.augmentation)},
        "lineage": list(network.lineage),
        "final_loss": last.loss,
        "parameters_folded": network.parameters,
        "macs": macs(network.graph),
        "flash_bytes_8_bit": flash_bytes(network.graph, 8),
        "flash_bytes_float32": flash_bytes(network.graph, 32),
        "accuracy": {
            **{name: human_accuracy(executor, pictures) for name, pictures in task.validation.items()},
            "synthetic": synthetic_accuracy(executor),
        },
        "robustness": robustness_rows(executor, task),
    }


def human_accuracy(executor: Scorer, pictures: Pictures) -> dict[str, Any]:
    """Return accuracy, interval and per-class recall on a validation set of human voices."""
    answers = classify(executor.scores, pictures.grey)
    confusion = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(confusion, (pictures.label, answers), 1)
    return _row(accuracy_of(confusion, LABELS, pictures.name))


def synthetic_accuracy(executor: Scorer) -> dict[str, Any]:
    """Return accuracy on the evaluate part of the bundled voices; never mixed with a human figure."""
    return _row(evaluate_part(executor, "evaluate"))


def robustness_rows(executor: Scorer, task: KeywordTask) -> dict[str, Any]:
    """Return what becomes of words that are moved or in noise, and of sounds that are no word; human and synthetic."""
    rows: dict[str, Any] = {}
    if "val" in task.sounds:
        clips, labels = task.sounds["val"]
        human = clips.astype(np.float32) / 32768
        rows["human recordings, validation"] = robustness(executor, human, [LABELS[i] for i in labels])
    bundled = load_part("evaluate")
    rows[bundled.name] = robustness(executor, bundled.samples.astype(np.float32) / 32768, bundled.labels)
    return {name: {key: asdict(row) for key, row in found.items()} for name, found in rows.items()}


def classify(
    scores: Callable[[NDArray[np.float32]], NDArray[np.float32]], grey: NDArray[np.uint8], batch: int = 100
) -> NDArray[np.int64]:
    """Return the answer for each picture."""
    parts = [scores(grey[i : i + batch].astype(np.float32)).argmax(1) for i in range(0, len(grey), batch)]
    return np.concatenate(parts)


def _row(result: Accuracy) -> dict[str, Any]:
    return {
        "set": result.set_name,
        "accuracy": result.accuracy,
        "low": result.low,
        "high": result.high,
        "clips": result.clips,
        "recall": {label: one.recall for label, one in result.per_class.items()},
    }
