"""Break -> Look here -> Mend: every preset really trains, its diagnosis fires, and stops firing when mended."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from explorer.engine.training.diagnosis import Finding, Illness, diagnose
from explorer.engine.training.evidence import Evidence, observe
from explorer.engine.training.presets import PRESETS, Preset
from explorer.engine.training.trainer import Trainer

SEEDS = (1, 2, 3)  # of seeds 1..10 all ten fire and all ten are mended, for every preset
BY_KEY = {preset.key: preset for preset in PRESETS}


@cache
def broken_and_mended(key: str, seed: int) -> tuple[Evidence, Evidence]:
    preset = BY_KEY[key]
    trainer = Trainer(replace(preset.blueprint, seed=seed), preset.settings)
    broken = observe(trainer, preset.steps)
    if preset.needs_restart:
        blueprint, settings = preset.mended()
        trainer = Trainer(replace(blueprint, seed=seed), settings)
    else:
        trainer.change(**preset.mended_settings)
    return broken, observe(trainer, preset.steps)


def found(evidence: Evidence, illness: Illness) -> Finding | None:
    return next((finding for finding in diagnose(evidence) if finding.rule.illness is illness), None)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_the_diagnosis_fires_and_stops_when_mended(preset: Preset, seed: int) -> None:
    broken, mended = broken_and_mended(preset.key, seed)
    finding = found(broken, preset.illness)
    assert finding is not None
    assert finding.sentence.startswith("rule of thumb: ")
    assert found(mended, preset.illness) is None


@pytest.mark.parametrize("key", ["deep-sigmoid", "bad-initialisation", "dead-relu", "fp16-underflow"])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_did_not_learn_learns(key: str, seed: int) -> None:
    broken, mended = broken_and_mended(key, seed)
    assert broken.judged is not None
    assert mended.judged is not None
    assert (mended.judged.test_accuracy or 0) > (broken.judged.test_accuracy or 1) + 0.1


def test_the_diverging_run_stops_and_the_mended_one_learns() -> None:
    broken, mended = broken_and_mended("rate-x30", 1)
    assert "no finite number" in broken.stopped
    assert not mended.stopped
    assert mended.judged is not None
    assert (mended.judged.test_accuracy or 0) > 0.4  # R^2


@pytest.mark.parametrize(
    ("key", "believed_is_too_good"), [("leakage", True), ("imbalance", True), ("label-noise", False)]
)
def test_spoilt_data_deceives_in_its_direction(key: str, believed_is_too_good: bool) -> None:
    judged = broken_and_mended(key, 1)[0].judged
    assert judged is not None
    assert judged.validation_accuracy is not None
    assert judged.test_accuracy is not None
    assert (judged.validation_accuracy > judged.test_accuracy + 0.05) is believed_is_too_good


def test_each_mend_is_one_change() -> None:
    for preset in PRESETS:
        assert len(preset.mended_settings) + len(preset.mended_blueprint) == 1
        assert preset.mended() != (preset.blueprint, preset.settings)
    assert len({preset.illness for preset in PRESETS}) == len(PRESETS) == 8
