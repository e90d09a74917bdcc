"""From a blueprint to data and network."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.labels import LABELS
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.nn.registry import shipped
from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.training.graph_learner import GraphLearner
from explorer.engine.training.learner import Learner, SmallLearner
from explorer.engine.training.losses import cross_entropy, squared_error
from explorer.engine.training.pictures import Pictures, join
from explorer.engine.training.settings import KEYWORDS_TASK, Blueprint
from explorer.engine.training.small_nets import BOOK_NET, NetSpec, SmallNet
from explorer.engine.training.tasks2d import BOOK_INPUTS, Dataset, Draw, draw

_TEST_SHARE = 0.2
_FIRST_WEIGHTS = threading.Lock()  # torch draws them from one generator for the whole process
_MOST_JUDGED = 200  # keyword clips looked at during a run: a second look costs more than a step


def make_dataset(blueprint: Blueprint, what: Draw) -> Dataset:
    """Return the examples of a blueprint's task.

    Raises
    ------
    ExplorerError
        When a part is left without examples or the folder cannot be read.
    """
    if blueprint.task == KEYWORDS_TASK:
        return _keywords(blueprint.folder, what, blueprint.seed)
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


def _keywords(folder: str, what: Draw, seed: int) -> Dataset:
    """Return pictures of keywords in three parts; of `what`, label noise and leakage count, the rest is for points."""
    parts = _bundled_parts() if not folder else _folder_parts(folder)
    train, validation, test = (_few(part, seed) if i else part for i, part in enumerate(parts))
    x, y = torch.from_numpy(train.grey), torch.from_numpy(train.label)
    held_x, held_y = torch.from_numpy(validation.grey), torch.from_numpy(validation.label)
    leaked = round(what.leak * len(held_y))
    if leaked:
        held_x, held_y = torch.cat([held_x[leaked:], x[:leaked]]), torch.cat([held_y[leaked:], y[:leaked]])
    y, held_y = _mislabelled(y, what.label_noise, seed), _mislabelled(held_y, what.label_noise, seed + 1)
    test_x, test_y = torch.from_numpy(test.grey), torch.from_numpy(test.label)
    return Dataset(x, y, held_x, held_y, test_x, test_y, len(LABELS))


def _mislabelled(y: Tensor, share: float, seed: int) -> Tensor:
    """Return labels of which a random share names another class."""
    rng = np.random.default_rng((seed, 5))
    wrong = rng.random(len(y)) < share
    other = torch.from_numpy(np.where(wrong, rng.integers(1, len(LABELS), len(y)), 0))
    return (y + other) % len(LABELS)


def _few(pictures: Pictures, seed: int) -> Pictures:
    """Return at most as many as may be looked at during a run."""
    order = np.random.default_rng((seed, 6)).permutation(len(pictures))
    return pictures.take(order[:_MOST_JUDGED])


@lru_cache(maxsize=1)
def _bundled_parts() -> tuple[Pictures, Pictures, Pictures]:
    """Return the bundled training voices split by voice, so that nobody is heard in two parts; drawn once.

    Clips in which nobody speaks are split evenly.  The parts for calibration and evaluation are left alone.
    """
    from explorer.engine.kws.clips import load_part, require_purpose
    from explorer.engine.training.pictures import bundled_pictures

    clips = require_purpose(load_part("train"), "train")
    pictures = bundled_pictures()
    keys = [voice if voice != "-" else f"- {i % 10}" for i, voice in enumerate(clips.voices)]
    voices = np.random.default_rng(0).permutation(sorted(set(keys)))
    part_of = {voice: min(2, int(i / (len(voices) * _TEST_SHARE))) for i, voice in enumerate(voices)}
    part = np.array([part_of[key] for key in keys])
    test, validation, train = (pictures.take(np.flatnonzero(part == p)) for p in range(3))
    return train, validation, test


@lru_cache(maxsize=1)
def _folder_parts(folder: str) -> tuple[Pictures, Pictures, Pictures]:
    """Return a Speech Commands folder's training and validation speakers, the latter halved; drawn once."""
    from explorer.engine.training.augment import Augmentation
    from explorer.engine.training.keywords import KeywordTask

    task = KeywordTask(Path(folder), Augmentation(), bundled=False)
    if not task.validation or not len(task.keywords):
        raise ExplorerError(f"{folder} holds no keywords to train with or none to judge with: choose another folder.")
    held = join("validation", *task.validation.values())
    order = np.random.default_rng(0).permutation(len(held))
    half = len(held) // 2
    train = join("training", task.keywords, task.unknown, task.silence)
    return train, held.take(order[:half]), held.take(order[half:])
