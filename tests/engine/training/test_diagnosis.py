"""Diagnosis: healthy runs get none, each rule fires on what it is for, and on nothing where it does not apply."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from explorer.engine.jobs import Job
from explorer.engine.training.diagnosis import RULES, Finding, Illness, Rule, diagnose
from explorer.engine.training.evidence import DataFacts, Evidence, data_facts, evidence_of, observe
from explorer.engine.training.live import Session
from explorer.engine.training.probes import Detail, Histogram, ProbeRow
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.tasks2d import Draw, draw
from explorer.engine.training.trainer import Row, Score, Trainer
from explorer.engine.training.view import View

FACTS = DataFacts(classes=2, largest_share=0.5, shared=0, validation=300, test=500)


RARE = Score(loss=0.2, accuracy=0.95, recall=(0.99, 0.2, float("nan")), count=300)


def rows(loss: float = 0.3, validation: float = 0.9, test: float = 0.9, accuracy: float = 0.9) -> list[Row]:
    return [Row(0, i, loss, accuracy, loss, accuracy, 0.1, 0.3, validation, 0.3, test) for i in range(1, 41)]


def probe(gradients: list[float], weights: float = 0.35, ratio: float = 0.001, step: int = 5) -> ProbeRow:
    n = len(gradients)
    names = tuple(f"dense{i + 1}.weight" for i in range(n))
    return ProbeRow(0, step, names, np.array(gradients), np.full(n, weights), np.full(n, ratio))


def detail(dead: float = 0.0, saturated: float = 0.0, zeros: int = 0) -> Detail:
    histogram = Histogram(np.linspace(-12, 4, 41), np.zeros(40, np.int64), zeros, 100)
    units = {"act1": 0.0}
    gradients = {"dense1.weight": histogram, "dense2.weight": histogram}
    return Detail(0, 40, gradients, {}, {}, {"act1": dead}, {"act1": saturated}, units, None)


def evidence(settings: Settings | None = None, **parts: object) -> Evidence:
    base = Evidence(Blueprint("circles", (8,)), settings or Settings(), rows(), [probe([0.01, 0.01])], detail(), FACTS)
    return replace(base, **parts)  # type: ignore[arg-type] # names are those of Evidence


def illnesses(e: Evidence) -> list[Illness]:
    return [finding.rule.illness for finding in diagnose(e)]


@pytest.mark.parametrize("task", ["circles", "xor", "moons", "blobs", "regression"])
def test_a_healthy_run_has_no_findings(task: str) -> None:
    assert diagnose(observe(Trainer(Blueprint(task, (8, 8)), Settings()), 200)) == []


def test_a_run_of_numbers_that_are_all_right_has_no_findings() -> None:
    assert illnesses(evidence()) == []


@pytest.mark.parametrize(
    ("illness", "settings", "parts"),
    [
        (Illness.DIVERGING, {}, {"rows": rows(loss=1.5)}),
        (Illness.DIVERGING, {}, {"stopped": "the loss is no finite number"}),
        (Illness.LEAKAGE, {}, {"data": replace(FACTS, shared=30)}),
        (Illness.IMBALANCE, {}, {"data": replace(FACTS, largest_share=0.95), "validation": RARE}),
        (Illness.UNDERFLOW, {"precision": "fp16"}, {"detail": detail(zeros=50)}),
        (Illness.DEAD_RELU, {"activation": "relu"}, {"detail": detail(dead=0.7)}),
        (Illness.BAD_INITIALISATION, {}, {"probes": [probe([0.01, 0.01], weights=0.05)]}),
        (Illness.BAD_INITIALISATION, {}, {"probes": [probe([0.01, 0.01], weights=2.0)]}),
        (Illness.VANISHING, {}, {"probes": [probe([1e-5, 0.01])]}),
        (Illness.EXPLODING, {}, {"probes": [probe([1.1, 0.01])]}),
        (Illness.SATURATION, {}, {"rows": rows(loss=0.7), "detail": detail(saturated=0.6)}),
        (Illness.LARGE_STEPS, {}, {"probes": [probe([0.01, 0.01], ratio=0.2)]}),
        (Illness.LABEL_NOISE, {}, {"rows": rows(validation=0.7, test=0.9)}),
    ],
)
def test_each_rule_fires_alone_on_what_it_is_for(
    illness: Illness, settings: dict[str, object], parts: dict[str, object]
) -> None:
    assert illnesses(evidence(Settings(**settings), **parts)) == [illness]  # type: ignore[arg-type] # as above


def test_overfitting_is_a_gap_after_the_best_validation_loss() -> None:
    learned = rows(accuracy=1.0, validation=0.8, test=0.8)
    risen = [*learned, replace(learned[-1], step=41, validation_loss=0.5)]
    assert illnesses(evidence(rows=learned)) == []
    assert illnesses(evidence(rows=risen)) == [Illness.OVERFITTING]


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"precision": "fp32"}, {"detail": detail(zeros=50)}),  # zeros, but not FP16's
        (
            {"activation": "relu"},
            {"rows": rows(loss=0.7), "detail": detail(saturated=0.6)},
        ),  # a zero half is its nature
        ({"activation": "tanh"}, {"rows": rows(loss=0.01), "detail": detail(saturated=0.6)}),  # sure, and right
        (
            {"precision": "fp16", "activation": "relu"},
            {"detail": detail(dead=0.4, zeros=45)},
        ),  # explained by dead units
        ({}, {"rows": rows(validation=0.89, test=0.92)}),  # within chance
        ({}, {"blueprint": Blueprint("kws"), "rows": rows(validation=0.7, test=0.9)}),  # its parts differ by design
        ({}, {"rows": rows(loss=9.0)[:5]}),  # too early to tell
        ({}, {"probes": [probe([0.01, 0.01], weights=0.05, step=500)]}),  # these are the first weights no more
        ({}, {"probes": [probe([0.01, 0.01], weights=0.05, ratio=0.099, step=10)]}),  # moved too far already
        ({}, {"probes": [probe([0.0, 0.0])]}),  # no error at all is no ratio
        ({}, {"validation": RARE}),  # a class that is not rare in training
        ({}, {"probes": [], "rows": [], "detail": None, "data": None}),  # nothing known yet
    ],
)
def test_no_rule_fires_where_it_does_not_apply(settings: dict[str, object], parts: dict[str, object]) -> None:
    assert illnesses(evidence(Settings(**settings), **parts)) == []  # type: ignore[arg-type] # as above


def test_a_finding_says_number_threshold_and_rule() -> None:
    (finding,) = diagnose(evidence(probes=[probe([1e-5, 0.01])]))
    assert finding.value == pytest.approx(1e-3)
    assert "1 / 1,000, below 1 / 100: hardly any of the error reaches the first layer" in finding.sentence
    (stopped,) = diagnose(evidence(stopped="x"))
    assert math.isinf(stopped.value)
    assert "no number" in stopped.sentence


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.illness.name)
def test_a_finding_fits_in_two_lines_of_the_smallest_window(rule: Rule) -> None:
    for value in (4.77e-5, 0.9, 123.0) if rule.unit == "ratio" else (0.123, 1.0):
        sentence = Finding(rule, value).sentence
        assert len(f"{rule.illness.value} – {sentence}") <= 170
        assert "e-" not in sentence
        assert "e+" not in sentence


def test_every_illness_has_a_rule_with_a_source() -> None:
    assert {rule.illness for rule in RULES} == set(Illness)
    assert all(rule.source and rule.look and rule.formula for rule in RULES)


def test_data_facts_count_what_is_shared_and_how_classes_are_spread() -> None:
    spoilt = data_facts(draw("circles", Draw(leak=0.25, imbalance=0.9), 1))
    assert spoilt.shared == round(0.25 * spoilt.validation)
    assert 0.85 < spoilt.largest_share < 0.95
    clean = data_facts(draw("blobs", Draw(), 1))
    assert (clean.classes, clean.shared) == (3, 0)
    assert clean.largest_share == pytest.approx(1 / 3, abs=0.05)
    assert data_facts(draw("regression", Draw(), 1)).largest_share == 0


def test_observing_leaves_the_run_as_it_was_and_can_be_stopped() -> None:
    plain, watched = Trainer(Blueprint(), Settings()), Trainer(Blueprint(), Settings())
    for _ in range(20):
        plain.step()
    observe(watched, 20)
    assert all(np.array_equal(a, b) for a, b in zip(plain.learner.trained, watched.learner.trained, strict=True))
    stop = threading.Event()
    stop.set()
    assert observe(watched, 20, stop).rows == []


@pytest.mark.parametrize(("rate", "expected"), [(3.0, [Illness.DIVERGING]), (0.1, [])])
def test_a_live_session_is_diagnosed_as_a_run_of_its_own(rate: float, expected: list[Illness]) -> None:
    session = Session(Blueprint("regression", (16, 16)), Settings(learning_rate=rate), speed=math.inf)
    job: Job[View] = Job(session.work, "session")
    job.start()
    session.play()
    view: View | None = None
    while view is None or (view.mode == "playing" and view.step < 100) or view.step == 0:
        view = job.updates.take() or view
        time.sleep(0.001)
    assert job.stop(5)
    evidence_now = evidence_of(view, session.rows.since(0)[0], session.probes.since(0)[0], data_facts(view.data))
    assert [finding.rule.illness for finding in diagnose(evidence_now)] == expected


def test_keyword_networks_have_relu_whatever_is_set_and_many_layers_per_activation() -> None:
    keywords = Blueprint("kws")
    assert illnesses(evidence(blueprint=keywords, detail=detail(dead=0.7))) == [Illness.DEAD_RELU]
    names = [f"conv{i}.weight" for i in range(5)]
    few_zeros, many_zeros = detail(dead=0.2, zeros=40), detail(zeros=60)
    for seen, expected in ((few_zeros, []), (many_zeros, [Illness.UNDERFLOW])):
        gradients = dict.fromkeys(names, seen.gradients["dense1.weight"])
        wider = evidence(Settings(precision="fp16"), blueprint=keywords, detail=replace(seen, gradients=gradients))
        assert illnesses(wider) == expected
