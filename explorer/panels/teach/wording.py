"""Wording: the engine's names in the words of the screen, and numbers in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from explorer.engine.training.settings import Blueprint, Settings
    from explorer.engine.training.view import View


def tasks() -> dict[str, str]:
    """Return the tasks by name, easiest to talk about first."""
    return {
        "spirals": _tr("Spirals"),
        "circles": _tr("Circles"),
        "xor": _tr("XOR"),
        "moons": _tr("Moons"),
        "blobs": _tr("Three blobs"),
        "regression": _tr("A hill and a hollow (values)"),
        "book": _tr("The book's 100-30-1 (values)"),
        "kws": _tr("Words: the keyword network"),
    }


def activations() -> dict[str, str]:
    """Return the activations by name."""
    return {
        "sigmoid": _tr("Sigmoid"),
        "tanh": _tr("Tanh"),
        "relu": _tr("ReLU"),
        "leaky_relu": _tr("Leaky ReLU"),
        "gelu": _tr("GELU"),
        "linear": _tr("Linear (none)"),
    }


def optimizers() -> dict[str, str]:
    """Return the optimizers by name."""
    return {
        "sgd": _tr("SGD"),
        "momentum": _tr("Momentum"),
        "nesterov": _tr("Nesterov"),
        "adagrad": _tr("Adagrad"),
        "rmsprop": _tr("RMSProp"),
        "adam": _tr("Adam"),
        "adamw": _tr("AdamW"),
    }


def initialisations() -> dict[str, str]:
    """Return the initialisations by name."""
    return {
        "xavier": _tr("Xavier"),
        "he": _tr("He"),
        "normal": _tr("Normal, sigma"),
        "constant": _tr("Constant"),
    }


def schedules() -> dict[str, str]:
    """Return the courses of the learning rate by name."""
    return {
        "constant": _tr("Constant"),
        "step": _tr("In steps"),
        "cosine": _tr("Cosine"),
        "warm-up": _tr("Warm-up"),
    }


def precisions() -> dict[str, str]:
    """Return the formats of numbers by name."""
    return {"fp32": _tr("FP32"), "bf16": _tr("BF16, emulated"), "fp16": _tr("FP16, emulated")}


def networks() -> dict[str, str]:
    """Return the keyword networks by name."""
    return {"tiny": _tr("tiny"), "small": _tr("small"), "large": _tr("large")}


def memory_parts() -> dict[str, str]:
    """Return what training keeps in memory, by name of the part."""
    return {
        "weights": _tr("weights"),
        "gradients": _tr("gradients"),
        "optimizer": _tr("optimizer"),
        "activations": _tr("activations"),
        "total": _tr("together"),
    }


def reach(first: float, last: float) -> tuple[str, str]:
    """Return how much of the last layer's gradient the first one has: a number, and its unit.

    Parameters
    ----------
    first, last
        Gradient RMS of the first and of the last weight matrix.
    """
    if not (math.isfinite(first) and math.isfinite(last)) or last == 0:
        return ("0", "%") if last == 0 and first == 0 else ("–", "")
    share = first / last
    if share == 0:
        return "0", "%"
    if share < 0.01:
        return f"1 / {1 / share:,.0f}" if share > 1e-9 else "< 1 / 10⁹", ""
    if share >= 10:
        return f"× {share:,.0f}", ""
    return f"{100 * share:.0f}", "%"


def set_up(blueprint: Blueprint, settings: Settings) -> str:
    """Return how a run is set up, in a few words."""
    optimizer = optimizers()[settings.optimizer]
    if blueprint.task == "kws":
        return f"{blueprint.network}, {optimizer} {settings.learning_rate:.3g}"
    shape = f"{len(blueprint.hidden)} × {max(blueprint.hidden)}" if blueprint.hidden else _tr("no hidden layer")
    return f"{shape} {activations()[settings.activation]}, {optimizer} {settings.learning_rate:.3g}"


def sentence(view: View, shown: str, found: str = "") -> str:
    """Return what is seen now in one sentence.

    Parameters
    ----------
    view
        The run.
    shown
        Number and unit of `reach`; empty before the first probe.
    found
        The illness that a rule of thumb finds; empty for none.
    """
    task = tasks()[view.blueprint.task]
    if view.step == 0:
        return _tr("{task}: nothing learned yet; press Space.").format(task=task)
    parts = [_tr("{task}, step {step:,}").format(task=task, step=view.step)]
    score = view.scores.get("validation")
    if score is not None:
        if view.data.classes:
            parts.append(_tr("validation accuracy {share:.0f} %").format(share=100 * score.accuracy))
        else:
            parts.append(_tr("validation R² {share:.2f}").format(share=score.accuracy))
    if view.mode == "ended" and view.why:
        return view.why
    if found:
        parts.append(_tr("by a rule of thumb: {illness}").format(illness=found))
    if shown:
        parts.append(_tr("the first layer's gradient is {share} of the last one's").format(share=shown))
    return "; ".join(parts) + "."


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
