"""The shipped tiny network, some of the evaluation clips, and a network small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import log_mel
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense, Graph, ReLU
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.evaluation_set import EvaluationSet, stratified_order
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.runtime import prepare_torch

CLIPS = 300


@pytest.fixture(scope="session")
def quantizer() -> NetworkQuantizer:
    prepare_torch(1)
    made = NetworkQuantizer(shipped("tiny"))
    made.calibrate()
    return made


@pytest.fixture(scope="session")
def clips() -> EvaluationSet:
    """Return the first 300 clips of the bundled set in its own order."""
    part, classes = load_part("evaluate"), shipped("tiny").labels
    labels = np.array([classes.index(label) for label in part.labels])
    order = stratified_order(labels)[:CLIPS]
    sounds = part.samples[order]
    pictures = np.stack([log_mel(s.astype(np.float32) / 32768) for s in sounds]).astype(np.float32)
    return EvaluationSet("300 bundled clips", pictures, labels[order], np.asarray(~sounds.any(1)), classes)


@pytest.fixture(scope="session")
def pictures(clips: EvaluationSet) -> NDArray[np.float32]:
    return clips.pictures


def small_network(seed: int = 0, scale: float = 1.0) -> Network:
    """Return a network with every kind of step: depthwise and dense, a skip, a pool over one axis, a lone ReLU."""
    graph = Graph(
        "small",
        (1, 98, 40),
        (
            Conv("stem", "input", 4, (3, 3), (4, 4), (1, 1), bias=True),
            ReLU("stem_relu", "stem"),
            Conv("deep", "stem_relu", 4, (3, 1), (1, 1), (2, 0), (2, 1), groups=4),
            AveragePool("mean", "deep", ("frequency",)),
            Add("join", "deep", "mean"),
            ReLU("late", "join"),
            Add("both", "join", "late"),
            Add("skip", "both", "stem_relu"),
            AveragePool("pool", "skip", ("time", "frequency")),
            Dense("logits", "pool", 3),
        ),
    )
    rng = np.random.default_rng(seed)
    arrays = {
        name: (scale * rng.standard_normal(shape)).astype(np.float32)
        for name, shape in graph.parameter_shapes().items()
    }
    return Network("small", graph, arrays, ("a", "b", "c"))
