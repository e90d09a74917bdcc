"""Break -> Look here -> Mend: ways to make a network fail, each really trained, and the one change that mends it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from explorer.engine.training.diagnosis import Illness
from explorer.engine.training.settings import Blueprint, Settings


@dataclass(frozen=True, slots=True)
class Preset:
    """One way to fail.

    Parameters
    ----------
    key
        Short name for commands and tests.
    title
        On the button.
    illness
        What the diagnosis finds when it is broken, and no longer when it is mended.
    blueprint, settings
        The broken run.
    broken
        What was set, in a sentence.
    look
        Where it is seen, in a sentence.
    mend
        The one change, in a sentence.
    mended_settings, mended_blueprint
        The change as values.
    steps
        After so many steps it is to be seen.
    restart
        Whether a mended setting comes too late for the weights there are.
    """

    key: str
    title: str
    illness: Illness
    blueprint: Blueprint
    settings: Settings
    broken: str
    look: str
    mend: str
    mended_settings: dict[str, Any] = field(default_factory=dict)
    mended_blueprint: dict[str, Any] = field(default_factory=dict)
    steps: int = 400
    restart: bool = False

    @property
    def needs_restart(self) -> bool:
        """Whether the mended run starts from new weights: the old ones are lost, or were the illness."""
        return self.restart or bool(self.mended_blueprint)

    def mended(self) -> tuple[Blueprint, Settings]:
        """Return blueprint and settings of the mended run."""
        return replace(self.blueprint, **self.mended_blueprint), replace(self.settings, **self.mended_settings)


PRESETS: tuple[Preset, ...] = (
    Preset(
        "deep-sigmoid",
        "Deep sigmoid",
        Illness.VANISHING,
        Blueprint("circles", (16,) * 6),
        Settings(activation="sigmoid", learning_rate=0.1),
        "Six layers of sigmoids multiply six slopes of at most 0.25.",
        "The depth x time map: its first rows are dark.",
        "Change the sigmoids to ReLU: their slope is 1 where they are awake.",
        {"activation": "relu"},
        steps=600,
    ),
    Preset(
        "rate-x30",
        "Learning rate × 30",
        Illness.DIVERGING,
        Blueprint("regression", (16, 16)),
        Settings(learning_rate=3.0, probe_every=1),  # it lasts a dozen steps
        "The learning rate is 3, thirty times what works here.",
        "The loss curve: it climbs, step by step, until it is no number.",
        "Lower the learning rate to 0.1 and start again: these weights are lost.",
        {"learning_rate": 0.1},
        restart=True,
    ),
    Preset(
        "bad-initialisation",
        "Bad initialisation",
        Illness.BAD_INITIALISATION,
        Blueprint("circles", (16,) * 5, initialisation="normal", sigma=0.03),
        Settings(learning_rate=0.1),
        "All weights start near zero: each layer passes an eighth of the signal.",
        "The depth x time map: dark from the first step on; the loss stays at guessing.",
        "Start with Xavier's spread, which depends on the width.",
        mended_blueprint={"initialisation": "xavier"},
        steps=500,
    ),
    Preset(
        "dead-relu",
        "Dead ReLUs",
        Illness.DEAD_RELU,
        Blueprint("circles", (24, 24)),
        Settings(activation="relu", learning_rate=3.0),
        "The first steps are so large that whole layers fall below zero for every example.",
        "The depth x time map: black, all gradients are exactly 0.",
        "Start with batch norm: it centres each unit's sums, so that examples lie on both sides of zero.",
        mended_blueprint={"batch_norm": True},
    ),
    Preset(
        "fp16-underflow",
        "FP16 underflow",
        Illness.UNDERFLOW,
        Blueprint("circles", (8,) * 8),
        Settings(activation="sigmoid", learning_rate=0.02, optimizer="adam", batch=512, count=1000, precision="fp16"),
        "Eight sigmoids in FP16: below 6 · 10⁻⁸ the first layers' gradients become exactly 0.",
        "The depth x time map: the first rows are black; the loss stays at guessing.",
        "Scale the loss (0 adapts by itself): nothing is rounded to 0. That eight sigmoids shrink gradients remains.",
        {"loss_scale": 0.0},
    ),
    Preset(
        "label-noise",
        "Label noise",
        Illness.LABEL_NOISE,
        Blueprint("circles", (32, 32)),
        Settings(activation="relu", learning_rate=0.3, label_noise=0.3, count=1000),
        "Three in ten training and validation labels are wrong.",
        "Training and validation stay low; fresh, rightly labelled points are known much better.",
        "Correct the labels.",
        {"label_noise": 0.0},
        steps=500,
    ),
    Preset(
        "leakage",
        "Leakage",
        Illness.LEAKAGE,
        Blueprint("moons", (32, 32)),
        Settings(
            activation="relu",
            learning_rate=0.01,
            optimizer="adam",
            leak=0.9,
            noise=0.35,
            count=150,
            validation_share=0.4,
        ),
        "Nine in ten validation points were trained on.",
        "Validation follows training, while fresh points are known much worse.",
        "Keep the parts apart.",
        {"leak": 0.0},
        steps=500,
    ),
    Preset(
        "imbalance",
        "Class imbalance",
        Illness.IMBALANCE,
        Blueprint("moons", (8,)),
        Settings(imbalance=0.95, noise=0.2, count=1000),
        "Of the second class 19 in 20 points are missing.",
        "Validation accuracy is high, the second class's recall low; a test with equal classes shows it.",
        "Collect both classes equally.",
        {"imbalance": 0.0},
    ),
)
"""In the order of the row."""
