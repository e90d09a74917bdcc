"""Claims of section 7.4, splits of the data, simulated."""

from __future__ import annotations

import threading

import numpy as np

from explorer.engine.deployment.claims import Finding
from explorer.engine.training.claim import Claim, derived, go_on, measured
from explorer.engine.training.sampling import leak_gain, mean_interval, selection_inflation
from explorer.engine.training.splits import (
    FEATURES,
    SEEN,
    TAKES,
    Parts,
    Pitfall,
    Plan,
    Recordings,
    accuracy,
    record,
    split,
)


def check_leak(stop: threading.Event, leaked: float = 0.02, printed_gain: float = 0.2, worlds: int = 40) -> Finding:
    """Return whether training on a share of the test examples can raise test accuracy as printed (F4).

    The nearest neighbour remembers every example: nothing profits more from a leak.  It is tried on examples that have
    nothing in common, and on voices recorded four times, where one leaked take gives the other three away.
    """
    gains: dict[str, list[float]] = {"alone": [], "four takes": []}
    errors = []
    for world in range(worlds):
        go_on(stop)
        generator = np.random.default_rng(world)
        train, voices = record(generator, 200), record(generator, 300)
        alone = voices.take(np.arange(0, len(voices.label), TAKES))
        for name, test in (("alone", alone), ("four takes", voices)):
            known = test.take(generator.permutation(len(test.label))[: round(leaked * len(test.label))])
            more = Recordings(*(np.concatenate(pair) for pair in zip(train.columns, known.columns, strict=True)))
            before, after = (accuracy(fitted, test, np.eye(FEATURES)) for fitted in (train, more))
            gains[name].append(after - before)
            if test is alone:
                errors.append(1 - before)
    (gain, low, high), (takes, takes_low, takes_high) = (mean_interval(np.array(each)) for each in gains.values())
    bound = leak_gain(leaked, 1 - float(np.mean(errors)))
    sentence = (
        f"{leaked:.0%} leaked change an accuracy of {1 - np.mean(errors):.0%} by {100 * gain:+.2f} points "
        f"[{100 * low:+.2f}, {100 * high:+.2f}], leak × error is {100 * bound:.2f}; with four takes of each voice by "
        f"{100 * takes:+.2f} [{100 * takes_low:+.2f}, {100 * takes_high:+.2f}]"
    )
    numbers = (
        measured(gain, "fraction", "nearest neighbour, unrelated examples", low, high, worlds),
        measured(takes, "fraction", "nearest neighbour, four takes a voice", takes_low, takes_high, worlds),
        derived(bound, "fraction", "leak × error"),
    )
    return Finding(max(high, takes_high) >= printed_gain, sentence, numbers)


def check_selection(
    stop: threading.Event, models: int = 5, examples: int = 100, believed: float = 0.99, true: float = 0.39
) -> Finding:
    """Return whether the best of several models, chosen on the test set, can look as printed: far above `true` (F5)."""
    go_on(stop)
    best = np.random.default_rng(1).binomial(examples, true, (20_000, models)).max(1) / examples
    often = float((best >= believed).mean())
    expected = selection_inflation(models, true, examples)
    sentence = (
        f"the best of {models} models that are right {true:.0%} of the time looks "
        f"{100 * (best.mean() - true):.1f} points better on {examples} examples (formula {100 * expected:.1f}); it "
        f"reached {believed:.0%} in {often:.2%} of 20,000"
    )
    numbers = (
        measured(float(best.mean() - true), "fraction", "binomial scores", *mean_interval(best - true)[1:], len(best)),
        derived(expected, "fraction", "expected best × standard error"),
    )
    return Finding(often > 0.01, sentence, numbers)


def check_time(stop: threading.Event, shuffled: bool = False, worlds: int = 20) -> Finding:
    """Return whether the first 70 % train and the last 30 % test let the future into training (F6)."""
    at_random = Plan(frozenset({Pitfall.TIME_IGNORED}), shares=(0.7, 0.0, 0.3))
    in_order = Plan(shares=at_random.shares)
    shares, random_shares = [], []
    for world in range(worlds):
        go_on(stop)
        generator = np.random.default_rng(world)
        data = record(generator, 100)
        shares.append(_newer_than_the_test(data, split(data, at_random if shuffled else in_order, generator)))
        random_shares.append(_newer_than_the_test(data, split(data, at_random, generator)))
    mean, low, high = mean_interval(np.array(shares))
    sentence = (
        f"{mean:.0%} of the training examples are newer than the oldest test example of their word; "
        f"a random cut has {np.mean(random_shares):.0%}"
    )
    return Finding(mean > 0, sentence, (measured(mean, "fraction", "recorded worlds", low, high, worlds),))


def check_common_splits(stop: threading.Event, common: bool = True, worlds: int = 120) -> Finding:
    """Return whether comparing two models on the same test examples is biased, or scatters more than otherwise (F6b).

    Parameters
    ----------
    stop
        Ends the check.
    common
        Whether the same examples are on trial, or separate ones for each model.
    worlds
        How many comparisons.
    """
    same, own = [], []
    for world in range(worlds):
        go_on(stop)
        generator = np.random.default_rng(world)
        models = generator.normal(0, 1, (2, FEATURES, SEEN))
        train, one, other, truth = (record(generator, groups, 0.0, 0.0) for groups in (60, 40, 40, 200))
        on_one, on_other, right = ([accuracy(train, x, model) for model in models] for x in (one, other, truth))
        same.append(on_one[0] - on_one[1] - (right[0] - right[1]))
        own.append(on_one[0] - on_other[1] - (right[0] - right[1]))
    bias, low, high = mean_interval(np.array(same if common else own))
    ratio = float(np.std(same) / np.std(own))
    sentence = (
        f"the measured difference of two models is off by {100 * bias:+.1f} points "
        f"[{100 * low:+.1f}, {100 * high:+.1f}] on average; on common "
        f"examples it scatters {ratio:.2f} times as much as on separate ones"
    )
    numbers = (
        measured(bias, "fraction", "nearest neighbour, two projections", low, high, worlds),
        derived(ratio, "times", "SD on common examples over SD on separate ones"),
    )
    return Finding(not low <= 0 <= high or (ratio > 1) is common, sentence, numbers)


def check_shares(train: tuple[float, float] = (0.6, 0.8), validation: float = 0.2, test: float = 0.2) -> Finding:
    """Return whether the printed parts add up to all data at both ends of the range (F17)."""
    sums = [share + validation + test for share in train]
    sentence = f"the parts add up to {sums[0]:.0%} and {sums[1]:.0%}"
    numbers = tuple(derived(total, "fraction", "training + validation + test") for total in sums)
    return Finding(all(abs(total - 1) < 1e-9 for total in sums), sentence, numbers)


def _newer_than_the_test(data: Recordings, parts: Parts) -> float:
    """Return the share of training examples recorded after the first test example of their word."""
    newer = []
    for word in (0, 1):
        train, test = (data.group[part][data.label[part] == word] for part in (parts.train, parts.test))
        newer.append(train > test.min())
    return float(np.concatenate(newer).mean())


CLAIMS = (
    Claim("F4", "7.4.2.2", "2 % of leaked test data raise the accuracy by up to 20 %", "simulation", check_leak),
    Claim(
        "F5",
        "7.4.2.4",
        "choosing among five architectures on the test set gives 99 %, and 60 % less in use",
        "simulation",
        check_selection,
    ),
    Claim(
        "F6b",
        "7.4.2.5",
        "the same splits for all models bias their comparison",
        "simulation",
        check_common_splits,
    ),
    Claim(
        "F6",
        "7.4.2.7",
        "training on the first 70 % and testing on the last 30 % contaminates training",
        "simulation",
        check_time,
    ),
    Claim(
        "F17",
        "7.4.1",
        "60 to 80 % for training, 20 % for validation, 20 % for the test",
        "arithmetic",
        lambda stop: check_shares(),
    ),
)
