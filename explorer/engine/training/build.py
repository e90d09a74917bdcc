"""From a blueprint to data and network."""

from __future__ import annotations

import threading

import torch

from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.nn.registry import shipped
from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.training.graph_learner import GraphLearner
from explorer.engine.training.keyword_parts import Tell, keyword_dataset
from explorer.engine.training.learner import Learner, SmallLearner
from explorer.engine.training.losses import cross_entropy, squared_error
from explorer.engine.training.settings import KEYWORDS_TASK, Blueprint
from explorer.engine.training.small_nets import BOOK_NET, NetSpec, SmallNet
from explorer.engine.training.tasks2d import BOOK_INPUTS, Dataset, Draw, draw

_FIRST_WEIGHTS = threading.Lock()  # torch draws them from one generator for the whole process


def make_dataset(blueprint: Blueprint, what: Draw, tell: Tell = lambda fraction, words: True) -> Dataset:
    """Return the examples of a blueprint's task.

    Parameters
    ----------
    blueprint, what
        The task, and how its examples are drawn.
    tell
        Hears how far a long drawing has come; False ends it.

    Raises
    ------
    ExplorerError
        When a part is left without examples or the folder cannot be read.
    """
    if blueprint.task == KEYWORDS_TASK:
        return keyword_dataset(blueprint.folder, what, blueprint.seed, tell)
    return draw(blueprint.task, what, blueprint.seed)


def make_learner(blueprint: Blueprint, data: Dataset) -> Learner:
    """Return the network of a blueprint with its first weights."""
    if blueprint.task == KEYWORDS_TASK:
        with _FIRST_WEIGHTS, torch.random.fork_rng(devices=[]):
            torch.manual_seed(blueprint.seed)
            module = GraphModule(TOPOLOGIES[blueprint.network](data.classes))
        if blueprint.pretrained:
            module.load_arrays(shipped(blueprint.network).arrays)
        return GraphLearner(module)
    loss = cross_entropy if data.classes else squared_error
    return SmallLearner(SmallNet(net_spec(blueprint, data), blueprint.seed), loss)


def net_spec(blueprint: Blueprint, data: Dataset) -> NetSpec:
    """Return the topology of a blueprint's small network; activations follow the settings later."""
    inputs = BOOK_INPUTS if blueprint.task == "book" else 2
    widths = (inputs, *blueprint.hidden, max(1, data.classes))
    if widths == BOOK_NET.widths:
        return BOOK_NET
    return NetSpec(
        widths,
        batch_norm=blueprint.batch_norm,
        initialisation=blueprint.initialisation,
        sigma=blueprint.sigma,
    )
