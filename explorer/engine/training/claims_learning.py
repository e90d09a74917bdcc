"""Claims of chapter 7 about how networks learn: gradients, activations, initialisation, dropout, early stopping."""

from __future__ import annotations

import threading

import numpy as np

from explorer.engine.deployment.claims import Finding
from explorer.engine.training.backprop import DenseChain, finite_differences, forward
from explorer.engine.training.bowl import Bowl
from explorer.engine.training.claim import Claim, derived, go_on, measured, near
from explorer.engine.training.sampling import mean_interval
from explorer.engine.training.slopes import curve
from explorer.engine.training.variance import propagate, xavier_variance


def check_xavier(n_in: int = 300, n_out: int = 100, printed: float = 0.01) -> Finding:
    """Return whether 2 / (n_in + n_out) is the printed number (F7)."""
    variance = xavier_variance(n_in, n_out)
    sentence = f"2 / ({n_in} + {n_out}) = {variance:.3g}, printed {printed:g}"
    return Finding(near(variance, printed), sentence, (derived(variance, "", "2 / (n_in + n_out)"),))


def check_sigma(
    stop: threading.Event, sigma: float = 0.5, activations: tuple[str, ...] = ("tanh", "relu"), depth: int = 20
) -> Finding:
    """Return whether normal weights of this SD keep signals and gradients within a factor of 100 over depth (F8)."""
    fine, parts, numbers = True, [], []
    for name in activations:
        go_on(stop)
        seen = propagate("normal", name, depth, 128, sigma)
        saturated = 0.0 if name == "relu" else float(seen.saturated[-1])  # ReLU's zero half is its nature
        fine &= 0.01 < seen.forward_gain < 100 and 0.01 < seen.backward_gain < 100 and saturated < 0.5
        part = f"{name}: signals × {seen.forward_gain:.2g}, gradients × {seen.backward_gain:.2g}"
        parts.append(part + (f", {saturated:.0%} saturated" if saturated else ""))
        source = f"{depth} layers of 128 units, {name}, SD {sigma:g}, one draw"
        numbers += [derived(seen.forward_gain, "times", source), derived(seen.backward_gain, "times", source)]
    return Finding(fine, "; ".join(parts), tuple(numbers))


def check_slopes(one: str = "tanh", other: str = "sigmoid") -> Finding:
    """Return whether the first activation's gradient is smaller than the second's, at its steepest (F10)."""
    a, b = curve(one), curve(other)
    share = float((a.slope > b.slope).mean())
    sentence = f"steepest slope: {one} {a.steepest:g}, {other} {b.steepest:g}; {one} is steeper on {share:.0%} of −6..6"
    numbers = derived(a.steepest, "", f"{one}, −6..6"), derived(b.steepest, "", f"{other}, −6..6")
    return Finding(a.steepest < b.steepest, sentence, numbers)


def check_direction(sign: float = 1.0) -> Finding:
    """Return whether a step in the gradient's direction (`sign` 1) lowers the loss, on a bowl (F15)."""
    bowl, w = Bowl((1.0, 4.0)), np.array([1.0, -0.5])
    before, after = bowl.value(w), bowl.value(w + sign * 0.1 * bowl.gradient(w))
    sentence = f"a step of 0.1 along {'+' if sign > 0 else '−'}gradient changes the loss from {before:g} to {after:g}"
    return Finding(after < before, sentence, (derived(after - before, "", "0.5 x² + 2 y² from (1, −0.5)"),))


def check_loss_slope(extra_factor: bool = True) -> Finding:
    """Return whether 2 L (NN(x) − y), with the printed factor L, is the slope of the squared error (F16)."""
    net = DenseChain.draw((5, 4, 1), "tanh", seed=3)
    generator = np.random.default_rng(3)
    x, y = generator.standard_normal(5), generator.standard_normal(1)
    values = forward(net, x, y)
    slope = float(finite_differences(net, x, y, "A2")[0])
    plain = float(2 * (values["A2"] - y)[0])
    printed = plain * (float(values["loss"]) if extra_factor else 1.0)
    sentence = f"finite differences give {slope:.4f}, 2 (NN(x) − y) gives {plain:.4f}, as printed {printed:.4f}"
    numbers = derived(slope, "", "finite differences, a net of 5-4-1"), derived(printed, "", "as printed")
    return Finding(bool(np.isclose(printed, slope, rtol=1e-4)), sentence, numbers)


def check_dropout(stop: threading.Event, share: float = 0.4, inverted: bool = True, repeats: int = 200) -> Finding:
    """Return whether activations must be scaled by (1 − p) at test time (F19).

    Parameters
    ----------
    stop
        Ends the check.
    share
        Dropout's p.
    inverted
        Whether training divides by 1 − p already, as the dropout layer of this program and PyTorch's do.
    repeats
        How many batches of a thousand activations of 1 are dropped.
    """
    import torch

    from explorer.engine.training.small_nets import Dropout, keep

    layer = Dropout("dropout", torch.Generator().manual_seed(1))
    layer.share = share
    means = []
    for _ in range(repeats):
        go_on(stop)
        passed = float(layer.forward(torch.ones(1, 1000), True, keep).mean())
        means.append(passed if inverted else passed * (1 - share))
    mean, low, high = mean_interval(np.array(means))
    sentence = (
        f"of activations of 1, training passes {mean:.3f} [{low:.3f}, {high:.3f}] on average; "
        f"the printed scale at test time gives {1 - share:.3f}, none gives 1"
    )
    source = "dropout that divides by 1 − p" if inverted else "dropout that only silences"
    return Finding(abs(mean - (1 - share)) < 0.01, sentence, (measured(mean, "", source, low, high, repeats),))


def check_early_stopping(
    stop: threading.Event, first: int = 5, last: int = 15, noise: float = 1.0, worlds: int = 100, epochs: int = 80
) -> Finding:
    """Return whether training `first` to `last` epochs past the best validation loss gives a better network (F18).

    A linear model of 40 weights learns from 60 noisy examples by gradient descent in batches of 20, in many worlds at
    once; validation and test have 60 and 500 examples.
    """
    generator = np.random.default_rng(1)
    truth = generator.normal(0, 1, (worlds, 40, 1)) / np.sqrt(40)
    parts = [generator.normal(0, 1, (worlds, n, 40)) for n in (60, 60, 500)]
    targets = [x @ truth + noise * generator.normal(0, 1, (worlds, x.shape[1], 1)) for x in parts]
    w, losses = np.zeros_like(truth), []
    for _ in range(epochs + last):
        go_on(stop)
        for batch in np.split(generator.permutation(60), 3):
            x, y = parts[0][:, batch], targets[0][:, batch]
            w = w - 0.02 * 2 / len(batch) * x.transpose(0, 2, 1) @ (x @ w - y)
        losses.append([((parts[i] @ w - targets[i]) ** 2).mean((1, 2)) for i in (1, 2)])
    validation, test = np.array(losses).transpose(1, 0, 2)
    best = validation[:epochs].argmin(0)
    here = np.arange(worlds)
    later = np.mean([test[best + k, here] for k in range(first, last + 1)], axis=0)
    change, low, high = mean_interval(later / test[best, here] - 1)
    sentence = (
        f"{first} to {last} epochs past the best validation loss (epoch {np.median(best) + 1:.0f}) the test loss "
        f"has changed by {change:+.1%} [{low:+.1%}, {high:+.1%}]"
    )
    return Finding(high < 0, sentence, (measured(change, "fraction", "test loss, 100 worlds", low, high, worlds),))


CLAIMS = (
    Claim(
        "F7",
        "7.9.2",
        "Xavier: 300 inputs and 100 outputs give a variance of 0.01",
        "arithmetic",
        lambda stop: check_xavier(),
    ),
    Claim("F8", "7.9.1", "deep networks want an SD of 0.5 or more", "simulation", check_sigma),
    Claim("F10", "7.8.5", "tanh has a smaller gradient than the sigmoid", "arithmetic", lambda stop: check_slopes()),
    Claim(
        "F15",
        "7.2.3",
        "weights are moved in the direction of the gradient",
        "arithmetic",
        lambda stop: check_direction(),
    ),
    Claim(
        "F16",
        "7.2.4",
        "the slope of the squared error is 2 L (NN(x) − y)",
        "arithmetic",
        lambda stop: check_loss_slope(),
    ),
    Claim("F18", "7.7.3", "the best stop is 5 to 15 epochs past the best validation", "training", check_early_stopping),
    Claim("F19", "7.7.2", "at test time activations are scaled by 1 − p", "simulation", check_dropout),
)
