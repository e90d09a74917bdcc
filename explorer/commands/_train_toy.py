"""`mlsys-explorer train --task spirals|...`: a small network on a small task, with what its gradients did."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.engine.training.trainer import Row, Trainer

TASKS = ("circles", "xor", "spirals", "moons", "blobs", "regression", "book")
"""Tasks of two inputs, and the book's of a hundred; kept here because listing them must not load torch."""
DEFAULT_BATCH, DEFAULT_RATE, PROBE_EVERY = 32, 0.1, 20


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what only the small tasks understand."""
    group = parser.add_argument_group("small tasks", f"for --task {', '.join(TASKS)}; --data is not needed")
    group.add_argument("--steps", type=int, default=2000, help="updates to make")
    group.add_argument("--optimizer", default="adam", help="sgd, momentum, nesterov, adagrad, rmsprop, adam or adamw")
    group.add_argument("--hidden", default="", metavar="8,8", help="widths of the hidden layers; 0 for none")
    group.add_argument("--activation", default="tanh", help="linear, sigmoid, tanh, relu, leaky_relu or gelu")
    group.add_argument("--initialisation", default="xavier", help="constant, normal, xavier or he")
    group.add_argument("--sigma", type=float, default=1.0, help="of --initialisation normal or constant")
    group.add_argument("--batch-norm", action="store_true")
    group.add_argument("--schedule", default="constant", help="constant, step, cosine or warm-up")
    group.add_argument("--dropout", type=float, default=0.0)
    group.add_argument("--l1", type=float, default=0.0)
    group.add_argument("--l2", type=float, default=0.0)
    group.add_argument("--patience", type=int, default=0, help="validations without improvement before stopping")
    group.add_argument("--precision", default="fp32", help="fp32, bf16 or fp16, the latter two emulated")
    group.add_argument("--loss-scale", type=float, default=1.0, help="for fp16; 0 adapts itself")
    group.add_argument("--noise", type=float, default=0.05, help="of the points")
    group.add_argument("--count", type=int, default=400, help="training and validation points together")
    group.add_argument("--csv", type=Path, help="where the losses of every step go")


def run(arguments: argparse.Namespace) -> int:
    """Train and print what came of it."""
    if not 1 <= arguments.steps <= 10**9:
        raise ExplorerError(f"--steps is {arguments.steps}: give 1 or more.")
    if arguments.threads < 1:
        raise ExplorerError(f"--threads is {arguments.threads}: give 1 or more.")
    from explorer.engine.runtime import prepare_torch

    prepare_torch(arguments.threads)

    from explorer.engine.training.probes import Probes
    from explorer.engine.training.settings import Blueprint, Settings
    from explorer.engine.training.trainer import Trainer

    default_hidden = "30" if arguments.task == "book" else "16,16"
    blueprint = Blueprint(
        arguments.task,
        _widths(arguments.hidden or default_hidden),
        arguments.batch_norm,
        arguments.initialisation,
        arguments.sigma,
        seed=arguments.seed,
    )
    settings = Settings(
        learning_rate=arguments.rate if arguments.rate is not None else _usual_rate(arguments.optimizer),
        batch=DEFAULT_BATCH if arguments.batch is None else arguments.batch,
        optimizer=arguments.optimizer,
        weight_decay=arguments.weight_decay,
        activation=arguments.activation,
        schedule=arguments.schedule,
        schedule_steps=arguments.steps,
        warmup_steps=arguments.steps // 20 if arguments.schedule in ("cosine", "warm-up") else 0,
        dropout=arguments.dropout,
        l1=arguments.l1,
        l2=arguments.l2,
        patience=arguments.patience,
        precision=arguments.precision,
        loss_scale=arguments.loss_scale,
        noise=arguments.noise,
        count=arguments.count,
        probe_every=min(PROBE_EVERY, arguments.steps),
    )
    trainer = Trainer(blueprint, settings)
    probes = Probes(trainer)
    rows: list[Row] = []
    gradients: dict[str, float] = {}
    began = time.perf_counter()
    while trainer.step_number < arguments.steps and not trainer.ended:
        rows.append(trainer.step())
        probe = probes.take()
        if probe is not None:
            gradients = dict(zip(probe.names, probe.gradient_rms.tolist(), strict=True))
    steps_per_s = trainer.step_number / (time.perf_counter() - began)
    train, held_out = trainer.judge("train"), trainer.judge("test")
    found: dict[str, Any] = {
        "task": arguments.task,
        "optimizer": arguments.optimizer,
        "seed": arguments.seed,
        "steps": trainer.step_number,
        "final_loss": train.loss,
        "accuracy": held_out.accuracy,
        "held_out_points": held_out.count,
        "steps_per_s": steps_per_s,
        "gradient_rms": gradients,
        "stopped": trainer.ended,
    }
    _write(arguments, trainer, rows)
    print(json.dumps(found) if arguments.json else _table(found))
    return 0


def _widths(text: str) -> tuple[int, ...]:
    try:
        widths = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ExplorerError(f"--hidden {text!r} is no list of widths: write it as 8,8.") from None
    return () if widths == (0,) else widths


def _usual_rate(optimizer: str) -> float:
    """Return a rate that suits: optimizers that divide by the size of the gradient take small ones."""
    return 0.01 if optimizer in ("rmsprop", "adam", "adamw") else DEFAULT_RATE


def _write(arguments: argparse.Namespace, trainer: Trainer, rows: list[Row]) -> None:
    """Write what was asked for: rows as CSV, the network as safetensors, or as ONNX where the name ends so."""
    from explorer.engine.training.export import onnx_bytes, rows_csv, safetensors_bytes
    from explorer.engine.training.learner import SmallLearner
    from explorer.files import write_atomically

    if arguments.csv:
        write_atomically(arguments.csv, rows_csv(rows).encode())
    if arguments.out and isinstance(trainer.learner, SmallLearner):
        to_bytes = onnx_bytes if arguments.out.suffix == ".onnx" else safetensors_bytes
        write_atomically(arguments.out, to_bytes(trainer.learner.net))


def _table(found: dict[str, Any]) -> str:
    """Return the figures line by line, gradients from the input to the output."""
    lines = []
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [f"{name}", *(f"  {layer:<24}{rms:.3e}" for layer, rms in value.items())]
        elif value != "":
            lines.append(f"{name:<26}{value:.5g}" if isinstance(value, float) else f"{name:<26}{value}")
    return "\n".join(lines)
