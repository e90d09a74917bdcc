"""Diagnosis: rules of thumb that name what is wrong with a run, each with its threshold, formula and source.

A rule is no theorem.  It fires where a number that the probes show is beyond a threshold that practice has found, and
says so; whoever reads it looks at the picture it points to.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from explorer.engine.training.evidence import Evidence
from explorer.engine.training.sampling import standard_error
from explorer.engine.training.settings import KEYWORDS_TASK
from explorer.engine.training.tasks2d import BOOK_INPUTS


class Illness(Enum):
    """What can be wrong; the value is its name."""

    DIVERGING = "diverging"
    LEAKAGE = "leakage between splits"
    IMBALANCE = "class imbalance"
    UNDERFLOW = "FP16 underflow"
    DEAD_RELU = "dead ReLUs"
    BAD_INITIALISATION = "bad initialisation"
    VANISHING = "vanishing gradients"
    EXPLODING = "exploding gradients"
    SATURATION = "saturated units"
    LARGE_STEPS = "steps too large"
    LABEL_NOISE = "label noise"
    OVERFITTING = "overfitting"


@dataclass(frozen=True, slots=True)
class Rule:
    """A number, a threshold, and what it means to be beyond it.

    Parameters
    ----------
    illness
        What the rule finds.
    formula
        What is computed, to be read aloud.
    threshold
        The rule fires beyond it: above, or below where `fires_below`.
    unit
        How number and threshold are printed: "ratio", "share", or "points" (of accuracy).
    meaning
        What follows, as the end of a sentence.
    look
        Where it is seen.
    source
        Who found it; the threshold itself is assumed.
    measure
        The number from the evidence; None where the rule does not apply.
    """

    illness: Illness
    formula: str
    threshold: float
    unit: str
    meaning: str
    look: str
    source: str
    measure: Callable[[Evidence], float | None]
    fires_below: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired.

    Parameters
    ----------
    rule
        Which.
    value
        The number beyond the threshold.
    """

    rule: Rule
    value: float

    @property
    def sentence(self) -> str:
        """The finding in one line."""
        rule, side = self.rule, "below" if self.rule.fires_below else "above"
        number, threshold = _printed(self.value, rule.unit), _printed(rule.threshold, rule.unit)
        return f"rule of thumb: {rule.formula} is {number}, {side} {threshold}: {rule.meaning}"


def diagnose(evidence: Evidence) -> list[Finding]:
    """Return the rules that fire, the most serious first; none for a run that looks healthy."""
    found = []
    for rule in RULES:
        value = rule.measure(evidence)
        if value is not None and (value < rule.threshold if rule.fires_below else value > rule.threshold):
            found.append(Finding(rule, value))
    return found


def _printed(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "no number"
    match unit:
        case "share":
            return f"{100 * value:.0f} %"
        case "points":
            return f"{100 * value:.0f} points"
    if 0 < value < 0.05:  # "1 / 20,000" can be read aloud, "5e-05" cannot
        return f"1 / {float(f'{1 / value:.2g}'):,.0f}"
    return f"{float(f'{value:.2g}'):,g}"


def _loss_over_guessing(e: Evidence) -> float | None:
    return math.inf if e.stopped else e.loss_over_guessing


def _first_over_last(e: Evidence) -> float | None:
    """Return the gradient's size in the first layer over that in the last; None where no error arrives at all."""
    gradients = e.recent("gradient_rms")
    if e.stopped or gradients is None or len(gradients) < 2 or gradients[-1] == 0:
        return None
    return float(gradients[0] / gradients[-1])


def _update_ratio(e: Evidence) -> float | None:
    ratios = e.recent("update_ratio")
    return None if e.stopped or ratios is None else float(ratios.max())


def _weights_over_xavier(e: Evidence) -> float | None:
    """Return how far the worst layer's first weights are from Xavier's spread, as a factor of at least 1."""
    first = e.first_probe
    if first is None or e.data is None or e.blueprint.task == KEYWORDS_TASK:
        return None
    if e.stopped or first.update_ratio.max() * first.step > 0.5:  # these are the first weights no more
        return None
    inputs = BOOK_INPUTS if e.blueprint.task == "book" else 2
    widths = (inputs, *e.blueprint.hidden, max(1, e.data.classes))
    worst = 1.0
    for rms, n_in, n_out in zip(first.weight_rms, widths, widths[1:], strict=False):
        gain = float(rms) * math.sqrt((n_in + n_out) / 2)
        worst = max(worst, gain, 1 / gain if gain > 0 else math.inf)
    return worst


def _dead(e: Evidence) -> float | None:
    if e.detail is None or e.activation not in ("relu", "leaky_relu"):
        return None
    return max(e.detail.dead.values(), default=None)


def _saturated(e: Evidence) -> float | None:
    """Return the largest share of saturated units while little has been learned; a network that knows may be sure."""
    loss = e.loss_over_guessing
    if e.detail is None or e.activation not in ("sigmoid", "tanh") or loss is None or loss < 0.5:
        return None
    return max(e.detail.saturated.values(), default=None)


def _underflow(e: Evidence) -> float | None:
    """Return the largest share of a layer's gradients that are exactly 0, beyond those that silent units explain."""
    if e.detail is None or e.settings.precision != "fp16":
        return None
    dead = [0.0, *e.detail.dead.values(), 0.0]  # inputs and outputs are always awake
    if len(dead) != len(e.detail.gradients) + 1:  # not one activation behind each matrix: the worst may explain any
        dead = [max(dead)] * (len(e.detail.gradients) + 1)
    shares = []
    for histogram, before, behind in zip(e.detail.gradients.values(), dead, dead[1:], strict=False):
        explained = 1 - (1 - before) * (1 - behind)
        shares.append(histogram.zeros / max(1, histogram.total) - explained)
    return max(shares, default=None)


def _leaked(e: Evidence) -> float | None:
    return None if e.data is None else e.data.shared / max(1, e.data.validation)


def _test_over_validation(e: Evidence) -> float | None:
    """Return test minus validation accuracy in classes; None where it is within three standard errors.

    None for keywords too: their parts hold other shares of silence and unknown words, so the two may differ anyway.
    """
    row = e.judged
    if row is None or e.data is None or not e.data.classes or e.blueprint.task == KEYWORDS_TASK:
        return None
    assert row.validation_accuracy is not None  # `judged` says so
    assert row.test_accuracy is not None
    gap = row.test_accuracy - row.validation_accuracy
    n, m = e.data.validation, e.data.test
    pooled = (n * row.validation_accuracy + m * row.test_accuracy) / (n + m)
    chance = math.hypot(standard_error(pooled, n), standard_error(pooled, m))
    return gap if abs(gap) > 3 * chance else None


def _imbalanced(e: Evidence) -> float | None:
    """Return by how much validation accuracy exceeds the mean recall, where one class fills the training data."""
    if e.validation is None or e.data is None or e.data.largest_share < 0.8:
        return None
    recalls = [recall for recall in e.validation.recall if not math.isnan(recall)]
    return e.validation.accuracy - sum(recalls) / len(recalls)


def _train_over_validation(e: Evidence) -> float | None:
    """Return training minus validation accuracy once the validation loss has passed its best by a tenth."""
    row, losses = e.judged, [r.validation_loss for r in e.rows if r.validation_loss is not None]
    if row is None or row.validation_accuracy is None or losses[-1] < 1.1 * min(losses):
        return None
    return e.rows[-1].accuracy_smoothed - row.validation_accuracy


RULES: tuple[Rule, ...] = (
    Rule(
        Illness.DIVERGING,
        "the smoothed loss over the loss of guessing",
        2.0,
        "ratio",
        "each step overshoots; lower the learning rate and start again",
        "loss curve",
        "book, section 7.5.1; without momentum a step diverges above 2 / curvature",
        _loss_over_guessing,
    ),
    Rule(
        Illness.LEAKAGE,
        "the share of validation examples that were trained on",
        0.01,
        "share",
        "it tells what is remembered, not what is known",
        "validation against test curve",
        "book, section 7.4.2; Kaufman et al. (2012), Leakage in data mining",
        _leaked,
    ),
    Rule(
        Illness.IMBALANCE,
        "validation accuracy minus the mean recall of the classes",
        0.1,
        "points",
        "answering the frequent one always looks good",
        "recall of each class",
        "book, section 7.4.2; He and Garcia (2009), Learning from imbalanced data",
        _imbalanced,
    ),
    Rule(
        Illness.UNDERFLOW,
        "the share of a layer's gradients that are exactly 0 in FP16",
        0.3,
        "share",
        "below 6 · 10⁻⁸ FP16 holds nothing; scale the loss",
        "gradient histograms",
        "Micikevicius et al. (2018), Mixed precision training",
        _underflow,
    ),
    Rule(
        Illness.DEAD_RELU,
        "the share of a layer's units that no example wakes",
        0.6,
        "share",
        "their slope is 0, and nothing can teach them",
        "dead units",
        "book, section 7.8; Lu et al. (2019), Dying ReLU and initialization",
        _dead,
    ),
    Rule(
        Illness.BAD_INITIALISATION,
        "the first weights' distance from Xavier's spread, as a factor,",
        3.0,
        "ratio",
        "signals shrink or swell from layer to layer",
        "first column of the depth x time map",
        "book, section 7.9; Glorot and Bengio (2010)",
        _weights_over_xavier,
    ),
    Rule(
        Illness.VANISHING,
        "the gradient's RMS in the first layer over the last",
        0.01,
        "ratio",
        "hardly any of the error reaches the first layer",
        "depth x time map",
        "book, section 7.8; Glorot and Bengio (2010)",
        _first_over_last,
        fires_below=True,
    ),
    Rule(
        Illness.EXPLODING,
        "the gradient's RMS in the first layer over the last",
        100.0,
        "ratio",
        "the error grows on its way back",
        "depth x time map",
        "book, section 7.9; Pascanu et al. (2013)",
        _first_over_last,
    ),
    Rule(
        Illness.SATURATION,
        "the share of a layer's units with a slope below 5 % of the steepest",
        0.5,
        "share",
        "the loss is high, and they let no error pass",
        "saturated units",
        "book, section 7.8; Glorot and Bengio (2010)",
        _saturated,
    ),
    Rule(
        Illness.LARGE_STEPS,
        "the update over the weights, RMS,",
        0.1,
        "ratio",
        "about 0.001 is usual; the weights jump",
        "update-to-weight ratio",
        "A. Karpathy, CS231n course notes",
        _update_ratio,
    ),
    Rule(
        Illness.LABEL_NOISE,
        "accuracy on checked examples minus validation accuracy",
        0.1,
        "points",
        "the network is better than its labels; check them",
        "test above validation curve",
        "Northcutt et al. (2021), Pervasive label errors in test sets",
        _test_over_validation,
    ),
    Rule(
        Illness.OVERFITTING,
        "training minus validation accuracy",
        0.1,
        "points",
        "examples are learned by heart; stop earlier, or regularise",
        "training against validation curve",
        "book, section 7.7",
        _train_over_validation,
    ),
)
"""All rules, the most serious first."""
