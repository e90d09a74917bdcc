"""The fitted model: what measurements teach it, and that what nobody measured stays as uncertain as it was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.engine.deployment.fitting import KERNELS, NOISE, Fit, Run, Setup, effects, prior

M4 = Setup("Cortex-M4F", "packed", "some software", "net")
POINTWISE = np.array([0.0, 1e6, 0.0, 0.0, 0.0])
MIXED = np.array([3e6, 1e6, 2e5, 1e4, 12.0])


def cycles(fit: Fit, setup: Setup, work: np.ndarray) -> float:
    return float((work * np.exp(fit.rates(setup).log_cycles)).sum())


def test_without_measurements_the_model_says_what_the_priors_say() -> None:
    rates = Fit([Run(M4, POINTWISE, 1e6)]).rates(Setup("RH850 G3KH", "scalar", "other software", "other net"))
    kernel = KERNELS.index("pointwise")
    expected = effects(Setup("RH850 G3KH", "scalar", "other software", "other net"), "pointwise")
    unseen = [e for e in expected if e not in effects(M4, "pointwise")]
    assert ("software", "other software") in unseen
    # all it could learn from one run on another core is the base; the rest keeps its whole spread
    assert rates.covariance[kernel, kernel] >= sum(prior(e)[1] ** 2 for e in unseen)


def test_a_measured_run_is_reproduced_and_its_spread_shrinks() -> None:
    run = Run(M4, MIXED, 7.5e6)
    fit = Fit([run])
    assert cycles(fit, M4, MIXED) == pytest.approx(7.5e6, rel=0.02)
    share = MIXED * np.exp(fit.rates(M4).log_cycles) / cycles(fit, M4, MIXED)
    assert fit.rates(M4).spread(share) < 2 * NOISE
    elsewhere = Setup("Cortex-M7", "packed", "some software", "net")
    assert fit.rates(elsewhere).spread(share) > 1.5 * fit.rates(M4).spread(share)


def test_software_twice_as_slow_on_one_board_is_expected_to_be_slower_on_another() -> None:
    on_m4 = [Run(Setup("Cortex-M4F", "packed", s, "net"), MIXED, c) for s, c in (("quick", 4e6), ("slow", 8e6))]
    on_m7 = [Run(Setup("Cortex-M7", "packed", "quick", "net"), MIXED, 2.5e6)]
    fit = Fit([*on_m4, *on_m7])
    slow, quick = (cycles(fit, Setup("Cortex-M7", "packed", s, "net"), MIXED) for s in ("slow", "quick"))
    assert 1.6 < slow / quick < 2.05


def test_a_world_made_by_the_model_is_recovered() -> None:
    """Times made from known effects: a board that was left out is predicted within its stated spread."""
    rng = np.random.default_rng(3)
    truth = {("software", "a"): 0.3, ("software", "b"): -0.3, ("cycles",): 1.6, ("layer",): 8.0, ("coremark",): 1.0}
    cores = ("Cortex-M0+", "Cortex-M3", "Cortex-M4F", "Cortex-M33", "Cortex-M7")
    setups = [
        Setup(core, "scalar" if core in ("Cortex-M0+", "Cortex-M3") else "packed", software, f"net {n}")
        for core in cores for software in "ab" for n in range(4)
    ]  # fmt: skip
    works = [10 ** rng.uniform(3, 6, len(KERNELS)) for _ in range(4)]
    for work in works:
        work[-1] = 12

    def run(setup: Setup) -> Run:
        work = works[int(setup.network[-1])]
        logs = np.array([
            sum(c * truth.get(e, prior(e)[0]) for e, c in effects(setup, k).items()) for k in KERNELS
        ])  # fmt: skip
        return Run(setup, work, float((work * np.exp(logs)).sum() * math.exp(0.03 * rng.standard_normal())))

    runs = [run(setup) for setup in setups]
    fit = Fit([r for r in runs if r.setup.core != "Cortex-M33"])
    for left_out in (r for r in runs if r.setup.core == "Cortex-M33"):
        rates = fit.rates(left_out.setup)
        each = left_out.work * np.exp(rates.log_cycles)
        error = abs(math.log(each.sum() / left_out.cycles))
        assert error < 2.5 * rates.spread(each / each.sum())
        assert error < math.log(1.3)
