"""Claims: every verdict is computed, and another input gives another verdict."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch

from explorer.engine.deployment.claims import Finding
from explorer.engine.jobs import Job
from explorer.engine.training.claim import Cancelled, Claim, check_agreement
from explorer.engine.training.claims import CLAIMS, check_all
from explorer.engine.training.claims_data import (
    check_common_splits,
    check_leak,
    check_selection,
    check_shares,
    check_time,
)
from explorer.engine.training.claims_frameworks import check_resnet, check_square, resnet_parameters
from explorer.engine.training.claims_learning import (
    check_direction,
    check_dropout,
    check_early_stopping,
    check_loss_slope,
    check_sigma,
    check_slopes,
    check_xavier,
)
from explorer.engine.training.claims_systems import (
    attention,
    check_bounds,
    check_data_parallel,
    check_h100,
    check_intensity,
    conv,
    dense,
)

GO = threading.Event()
Check = Callable[[], Finding]
CHANGED: dict[str, tuple[Check, Check]] = {
    "F1": (check_resnet, lambda: check_resnet(60e6)),
    "F4": (lambda: check_leak(GO), lambda: check_leak(GO, printed_gain=0.001)),
    "F5": (lambda: check_selection(GO), lambda: check_selection(GO, examples=2)),
    "F6": (lambda: check_time(GO), lambda: check_time(GO, shuffled=True)),
    "F6b": (lambda: check_common_splits(GO), lambda: check_common_splits(GO, common=False)),
    "F7": (check_xavier, lambda: check_xavier(printed=0.005)),
    "F8": (lambda: check_sigma(GO), lambda: check_sigma(GO, 0.09, ("tanh",))),
    "F9": (check_intensity, lambda: check_intensity(at_one=1.0, at_128=113.5)),
    "F10": (check_slopes, lambda: check_slopes("sigmoid", "tanh")),
    "F11": (
        check_bounds,
        lambda: check_bounds((conv("", 56, 64, 3, depthwise=True), dense("", 500, 1000, 256), attention("", 512, 256))),
    ),
    "F14": (check_data_parallel, lambda: check_data_parallel(1e9)),
    "F15": (check_direction, lambda: check_direction(-1.0)),
    "F16": (check_loss_slope, lambda: check_loss_slope(extra_factor=False)),
    "F17": (check_shares, lambda: check_shares((0.6, 0.6))),
    "F18": (lambda: check_early_stopping(GO), lambda: check_early_stopping(GO, noise=0.0)),
    "F19": (lambda: check_dropout(GO), lambda: check_dropout(GO, inverted=False)),
    "F20": (check_h100, lambda: check_h100(printed_tflops=30.0)),
    "F21": (check_square, lambda: check_square(lambda x, axis=None: np.sum(x, axis))),
}


@pytest.mark.parametrize("key", CHANGED)
def test_another_input_changes_the_verdict(key: str) -> None:
    as_printed, changed = (check() for check in CHANGED[key])
    assert as_printed.holds is False
    assert changed.holds is True


def test_statements_that_agree_are_no_contradiction() -> None:
    assert check_agreement((("a", "1", "2"), ("b", "1", "1"))).sentence == "a: “1” and “2”"
    assert check_agreement((("a", "1", "2"),)).holds is False
    assert check_agreement((("b", "1", "1"),)).holds is True


def test_every_claim_of_chapters_six_and_seven_is_there_and_its_check_is_the_one_tested() -> None:
    listed = [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21]
    assert [int(claim.key.strip("Fb")) for claim in CLAIMS] == listed
    assert {claim.key for claim in CLAIMS} - set(CHANGED) == {"F2", "F3", "F13"}  # the book against itself
    assert all(re.match(r"(Fig\. )?[67]\.", claim.section) for claim in CLAIMS)


def test_the_list_gives_what_the_checks_give() -> None:
    found = {claim.key: finding for claim, finding in check_all(threading.Event())}
    assert list(found) == [claim.key for claim in CLAIMS]
    for key, (as_printed, _) in CHANGED.items():
        assert found[key].sentence == as_printed().sentence
    assert all(finding.numbers for finding in found.values())


def test_numbers_of_the_facts() -> None:
    """Published and hand-computed figures that the checks must come to."""
    assert resnet_parameters((3, 4, 6, 3)) == 25_557_032
    assert resnet_parameters((3, 8, 36, 3)) == 60_192_808
    assert "1.00 and 113.5" in check_intensity().sentence
    assert "92.5" in check_intensity().sentence
    per_element = {shape: shape.macs / shape.elements for shape in (conv("", 56, 64, 3), conv("", 56, 64, 3, True))}
    assert list(per_element.values()) == pytest.approx([263.8, 4.49], abs=0.05)
    assert (lambda s: s.macs / s.elements)(attention("", 128, 64)) == 32
    assert check_square().sentence.startswith(
        "for differences 0.5, −2, 3, 1 it gives 98.0625, the squared error is 14.25"
    )
    assert "100% and 120%" in check_shares().sentence


def test_a_leak_adds_about_leak_times_error_and_more_with_near_duplicates() -> None:
    alone, takes, bound = check_leak(GO, leaked=0.2).numbers
    assert alone.low is not None
    assert alone.high is not None
    assert alone.low < bound.value * 1.3
    assert alone.high > bound.value * 0.7
    assert takes.value > 1.5 * alone.value


def test_torchs_dropout_is_inverted_as_ours_is() -> None:
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(100, (1,), generator=generator)))
        assert float(torch.dropout(torch.ones(100_000), 0.4, True).mean()) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_a_check_that_takes_long_looks_at_the_stop_event(claim: Claim) -> None:
    stop = threading.Event()
    stop.set()
    began = time.perf_counter()
    if claim.way in ("simulation", "training"):
        with pytest.raises(Cancelled):
            claim.check(stop)
        assert time.perf_counter() - began < 1
    else:
        assert claim.check(stop).sentence


def test_checks_run_in_a_job_and_end_when_asked() -> None:
    def work(stop: threading.Event, put: Callable[[tuple[Claim, Finding]], None]) -> None:
        for result in check_all(stop):
            put(result)
            if result[0].key == "F2":
                stop.wait(10)

    job: Job[tuple[Claim, Finding]] = Job(work, "claims")
    job.start()
    while job.updates.dropped < 1:
        time.sleep(0.001)
    assert job.stop(5)
    assert job.error is None
    newest = job.updates.take()
    assert newest is not None
    assert newest[0].key == "F2"
