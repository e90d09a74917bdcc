"""Preparing: what must be made before a recipe can be measured, step by step, in the job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.quantization.anytime import Evaluator
from explorer.engine.quantization.calibration import Calibration
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.quantized import NetworkQuantizer

Loader = Callable[[str, int], Network]
"""Gives a network by name and version."""
SetMaker = Callable[[tuple[str, ...]], EvaluationSet]
"""Gives the clips for the labels of a network."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What the job has made so far.

    Parameters
    ----------
    quantizer
        The network.
    calibration
        Statistics of its activations; None while they are being gathered.
    stage
        What is being made now, in words; empty when all is ready.
    """

    quantizer: NetworkQuantizer
    calibration: Calibration | None
    stage: str


def make_evaluator(
    quantizer: NetworkQuantizer,
    folder: str | None,
    make_set: SetMaker,
    tell: Callable[[Prepared], None],
    unwanted: threading.Event,
) -> Evaluator:
    """Return what measures a network, telling how far it is; takes seconds, so it runs in the job.

    Raises
    ------
    ExplorerError
        When the clips cannot be read, or nobody wants it any more (`unwanted`).
    """

    def go_on(calibration: Calibration | None, stage: str) -> None:
        if unwanted.is_set():
            raise ExplorerError("Another network was chosen.")
        tell(Prepared(quantizer, calibration, stage))

    from explorer.engine.kws.folders import read_label_folder
    from explorer.engine.quantization.evaluation_set import folder_set
    from explorer.engine.runtime import prepare_torch

    network = quantizer.network
    go_on(None, "Calibrating on clips that are never reported")
    calibration = quantizer.calibrate()
    go_on(calibration, "Drawing the pictures of the evaluation clips")
    clips = make_set(network.labels) if folder is None else folder_set(read_label_folder(folder, network.labels))
    go_on(calibration, "Loading torch")
    prepare_torch(1)
    go_on(calibration, "")
    return Evaluator(quantizer, clips)
