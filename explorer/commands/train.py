"""`mlsys-explorer train`: train a network with the project's own loop, resumable, reproducible from a seed."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import threading
from dataclasses import replace
from pathlib import Path

from explorer.commands import _train_toy as train_toy
from explorer.engine.errors import ExplorerError

NORM_BATCHES = 60  # enough for a mean, in a few seconds


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("train", help="train a network from data on this disk, or on a small task")
    parser.add_argument(
        "--task", choices=["kws", *train_toy.TASKS], default="kws", help="what to learn: kws, the ten keywords"
    )
    parser.add_argument("--data", type=Path, help="for kws: folder of word folders, with or without logmel.npz")
    parser.add_argument("--network", default="tiny", choices=["tiny", "small", "large"])
    parser.add_argument("--run", type=Path, help="folder for the checkpoint; a run found there is resumed")
    parser.add_argument("--out", type=Path, help="where the weights go at the end (NAME.safetensors and NAME.json)")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch", type=int, help="examples per step: 100, or 32 in small tasks")
    parser.add_argument("--rate", type=float, help="highest learning rate; 0.1 for kws")
    parser.add_argument("--weight-decay", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--masks", choices=["none", "light", "full"], default="full", help="stripes hidden in training")
    parser.add_argument("--teacher", type=Path, help="weights or checkpoint folder of a large network to learn from")
    parser.add_argument("--init", type=Path, help="weights to start from, as for a further run at a lower rate")
    parser.add_argument(
        "--wbits", metavar="B", help="train for weights of 2 to 16 bits, ternary or binary, one scale per channel"
    )
    parser.add_argument("--without-bundled", action="store_true", help="leave the bundled synthetic voices out")
    parser.add_argument("--note", default="", help="a sentence for the model card, such as how a run was interrupted")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    train_toy.add_options(parser)
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, printing a line per epoch; Ctrl+C keeps the last whole epoch."""
    if arguments.task != "kws":
        return train_toy.run(arguments)
    if arguments.data is None:
        raise ExplorerError("The keywords are learned from recordings: give a Speech Commands folder with --data.")
    arguments.batch = 100 if arguments.batch is None else arguments.batch
    arguments.rate = 0.1 if arguments.rate is None else arguments.rate
    _check(arguments)
    from explorer.engine.runtime import prepare_torch

    prepare_torch(arguments.threads)
    import torch

    from explorer.engine.kws.labels import LABELS
    from explorer.engine.nn.network import Network
    from explorer.engine.nn.networks import TOPOLOGIES
    from explorer.engine.nn.torch_module import GraphModule
    from explorer.engine.nn.weights import load, save
    from explorer.engine.quantization.recipe import parse_width
    from explorer.engine.training.augment import Augmentation
    from explorer.engine.training.card import build_card, lineage
    from explorer.engine.training.distillation import load_teacher
    from explorer.engine.training.keywords import KeywordTask
    from explorer.engine.training.loop import EpochReport, Recipe, Run
    from explorer.engine.training.quantization_aware import (
        measure_norms,
        measured_on_grid,
        settle_on_grid,
        train_on_grid,
    )

    width = parse_width(arguments.wbits) if arguments.wbits else None
    recipe = Recipe(
        epochs=arguments.epochs,
        batch=arguments.batch,
        peak_rate=arguments.rate,
        weight_decay=arguments.weight_decay,
        seed=arguments.seed,
    )
    masks = {"none": ((0, 0), (0, 0)), "light": ((1, 10), (1, 2)), "full": ((2, 15), (2, 3))}[arguments.masks]
    augmentation = replace(Augmentation(), time_masks=masks[0], band_masks=masks[1])
    task = KeywordTask(arguments.data, augmentation, bundled=not arguments.without_bundled)
    torch.manual_seed(arguments.seed)
    module = GraphModule(TOPOLOGIES[arguments.network](12))
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # missing in torch's stubs
    before: tuple[str, ...] = ()
    if arguments.init:
        start = load(arguments.init)
        if start.graph != module.graph:
            raise ExplorerError(f"{arguments.init} is another network than {arguments.network}: give its weights.")
        module.load_arrays(start.arrays)
        before = start.lineage
    if width is not None:
        train_on_grid(module, width)
    teacher = (arguments.teacher.stem, load_teacher(arguments.teacher)) if arguments.teacher else None
    session = Run(module, task, recipe, arguments.run, teacher)
    if session.resume():
        print(f"resumed after epoch {session.epoch}", file=sys.stderr)

    def report(done: EpochReport) -> None:
        scores = "  ".join(f"{name} {100 * right / total:.2f} %" for name, (right, total) in done.validation.items())
        print(
            f"epoch {done.epoch}/{recipe.epochs}  loss {done.loss:.4f}  {scores}  {done.seconds:.0f} s",
            file=sys.stderr,
            flush=True,
        )

    stop = threading.Event()
    try:
        session.train(stop, report)
    except KeyboardInterrupt:
        kept = f"epochs 1 to {session.epoch} are kept in {arguments.run}" if arguments.run else "nothing is kept"
        print(f"stopped; {kept}", file=sys.stderr)
        return 130
    if arguments.out:
        module.load_state_dict(session.average.average)
        made = (*before, *lineage(session.history, recipe.seed, width))
        if width is not None:
            batches = task.batches(recipe.epochs, recipe.batch, recipe.seed)
            measure_norms(module, (x for x, _ in itertools.islice(batches, NORM_BATCHES)))
            settle_on_grid(module)
        network = Network(arguments.network, module.graph, module.arrays(), LABELS, lineage=made)
        scorer = None if width is None else measured_on_grid(network, width)
        card = build_card(network, task, session, _command(arguments), arguments.note, scorer)
        if width is not None:
            card |= {"weight_bits": width, "activation_bits": 8}
        save(Network(network.name, network.graph, network.arrays, LABELS, lineage=made, card=card), arguments.out)
    if arguments.json:
        last = session.history[-1]
        print(json.dumps({"final_loss": last.loss, "validation": last.validation, "epochs": last.epoch}))
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Refuse numbers that no training run can have."""
    for name, low in (("epochs", 1), ("batch", 1), ("threads", 1), ("seed", 0), ("rate", 0), ("weight_decay", 0)):
        value = getattr(arguments, name)
        if not low <= value < math.inf:
            raise ExplorerError(f"--{name.replace('_', '-')} is {value:g}: give {low} or more.")


def _command(arguments: argparse.Namespace) -> str:
    """Return the command that repeats the run, without the folders of this machine."""
    words = ["mlsys-explorer train --task kws --data DIR", f"--network {arguments.network}"]
    words += [f"--epochs {arguments.epochs} --batch {arguments.batch} --rate {arguments.rate:g}"]
    words += [f"--weight-decay {arguments.weight_decay:g} --masks {arguments.masks} --seed {arguments.seed}"]
    if arguments.init:
        words.append(f"--init {arguments.init.name}")
    if arguments.teacher:
        words.append(f"--teacher {arguments.teacher.name}")
    if arguments.wbits:
        words.append(f"--wbits {arguments.wbits}")
    return " ".join(words)
