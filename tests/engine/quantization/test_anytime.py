"""Estimates that narrow, stop, are found again, and start in the middle of the network."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import wilson
from explorer.engine.kws.evaluate import scores_of
from explorer.engine.kws.folders import read_label_folder
from explorer.engine.nn.inference import Executor
from explorer.engine.quantization import fake
from explorer.engine.quantization.anytime import Estimate, Evaluator, KeptActivations, chunks
from explorer.engine.quantization.evaluation_set import EvaluationSet, folder_set, stratified_order
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe


@given(st.lists(st.integers(0, 5), min_size=1, max_size=300))
def test_every_beginning_of_the_order_is_in_proportion(drawn: list[int]) -> None:
    labels = np.array(drawn)
    order = stratified_order(labels)
    assert sorted(order) == list(range(len(labels)))
    for label in set(drawn):
        seen = np.cumsum(labels[order] == label)
        share = seen[-1] * np.arange(1, len(labels) + 1) / len(labels)
        assert np.abs(seen - share).max() <= 1 + len(set(drawn))


def test_an_early_estimate_is_unbiased() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 400)
    right = rng.random(400) < np.array([0.9, 0.5, 0.7, 0.2])[labels]
    early = [right[stratified_order(labels, seed)[:40]].mean() for seed in range(400)]
    assert np.mean(early) == pytest.approx(right.mean(), abs=4 * np.std(early) / 20)


def test_estimates_come_early_and_narrow(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    reports: list[Estimate] = []
    result = Evaluator(quantizer, clips).measure(Recipe(4, 8), reports.append)
    assert result is reports[-1]
    assert [r.done for r in reports] == [20, 50, 100, 200, 300]
    assert [r.complete for r in reports] == [False] * 4 + [True]
    widths = [high - low for low, high in (r.interval for r in reports)]
    assert widths[-1] < widths[0] / 2
    assert result.interval == wilson(int(result.right.sum()), 300)
    for report in reports:  # every answer stays as it was
        np.testing.assert_array_equal(report.answers, result.answers[: report.done])
    assert result.table().accuracy == result.accuracy


def test_the_float_result_is_the_evaluators_of_the_live_network(
    quantizer: NetworkQuantizer, clips: EvaluationSet
) -> None:
    result = Evaluator(quantizer, clips).float_result()
    wanted = Executor(quantizer.network).logits(clips.pictures).argmax(1)
    wanted[clips.digital_silence] = 0
    np.testing.assert_array_equal(result.answers, wanted)


def test_changing_a_late_layer_runs_only_what_comes_after(
    quantizer: NetworkQuantizer, clips: EvaluationSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps_run: list[int] = []
    advance = fake.FakeQuantized.advance

    def counted(self: fake.FakeQuantized, state: fake.State, first: int, end: int, *more: object) -> fake.State:
        steps_run.append(end - first)
        return advance(self, state, first, end, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(fake.FakeQuantized, "advance", counted)
    evaluator, alone = Evaluator(quantizer, clips), Evaluator(quantizer, clips)
    late = "s4b3_mix"
    whole = len(quantizer.steps.order)
    for bits, parts in ((2, whole), (3, 13), (5, 13)):
        steps_run.clear()
        recipe = Recipe(8, 8).with_layer(late, weights=bits)
        found = evaluator.measure(recipe, focus=late)
        assert sum(steps_run) == parts * len(chunks(len(clips)))
        wanted = alone.measure(recipe)
        assert found is not None
        assert wanted is not None
        np.testing.assert_array_equal(found.answers, wanted.answers)
    # another width before the layer: what was kept is of no use, and is not used
    one_grid = Recipe(8, 8).with_layer("stem", activations=2)
    for changed in (Recipe(6, 8), one_grid, Recipe(8, 8, per_channel=False), Recipe(8, 8, pruned=0.4)):
        changed = changed.with_layer(late, weights=5)
        found, wanted = evaluator.measure(changed, focus=late), alone.measure(changed)
        assert found is not None
        assert wanted is not None
        np.testing.assert_array_equal(found.answers, wanted.answers)


def test_a_finished_result_is_found_again(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    evaluator = Evaluator(quantizer, clips)
    assert evaluator.known(Recipe(4, 8)) is None
    first = evaluator.measure(Recipe(4, 8))
    reports: list[Estimate] = []
    assert evaluator.measure(Recipe(4, 8), reports.append) is first
    assert reports == [first]
    assert evaluator.known(Recipe(4, 7)) is None


def test_a_stopped_measurement_leaves_nothing(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    evaluator, stop = Evaluator(quantizer, clips), threading.Event()
    reports: list[Estimate] = []

    def stop_after_two(estimate: Estimate) -> None:
        reports.append(estimate)
        if len(reports) == 2:
            stop.set()

    assert evaluator.measure(Recipe(5, 8), stop_after_two, stop) is None
    assert len(reports) == 2
    assert evaluator.known(Recipe(5, 8)) is None


def test_two_settings_are_compared_on_the_clips_both_have(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    evaluator = Evaluator(quantizer, clips)
    exact, reports = evaluator.float_result(), list[Estimate]()
    worse = evaluator.measure(Recipe(2, 8, per_channel=False), reports.append)
    assert worse is not None
    found = worse.compared_with(exact)
    assert found.clips == 300
    assert found.difference == pytest.approx(worse.accuracy - exact.accuracy)
    assert found.distinct
    assert found.high < 0
    assert reports[0].compared_with(exact).clips == 20
    half = EvaluationSet("half", clips.pictures[:9], clips.labels[:9], clips.digital_silence[:9], clips.classes)
    with pytest.raises(ExplorerError, match="one set"):
        worse.compared_with(Evaluator(quantizer, half).float_result())


def test_kept_activations_stay_within_their_bytes() -> None:
    import torch

    kept = KeptActivations(limit_bytes=1000)
    state = {"a": torch.zeros(100)}  # 400 bytes
    for chunk in range(4):
        kept.put("first layer", chunk, state)
    assert kept.bytes == 800
    assert [kept.get("first layer", chunk) is not None for chunk in range(4)] == [True, True, False, False]
    kept.put("other layer", 0, state)  # what belongs to another prefix makes room, the oldest first
    assert kept.bytes == 800
    assert kept.get("first layer", 0) is None
    assert kept.get("first layer", 1) is state


def test_the_room_for_kept_activations_is_kept_to(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    evaluator = Evaluator(quantizer, clips, kept_bytes=3 * 2**20)
    usual = Evaluator(quantizer, clips)
    for name in ("s1b1_in", "s1b2_time", "s3b1_in"):
        recipe = Recipe(8, 8).with_layer(name, weights=3)
        small, large = evaluator.measure(recipe, focus=name), usual.measure(recipe)
        assert evaluator.kept.bytes <= 3 * 2**20
        assert small is not None
        assert large is not None
        np.testing.assert_array_equal(small.answers, large.answers)


def test_labels_of_network_and_clips_must_be_the_same(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    classes = (*clips.classes[:-1], "other")
    other = EvaluationSet("other", clips.pictures, clips.labels, clips.digital_silence, classes)
    with pytest.raises(ExplorerError, match="labels"):
        Evaluator(quantizer, other)
    with pytest.raises(ExplorerError, match="no clip"):
        EvaluationSet("none", clips.pictures[:0], clips.labels[:0], clips.digital_silence[:0], clips.classes)


def test_a_chosen_folder_serves_as_the_set(quantizer: NetworkQuantizer, tmp_path: object) -> None:
    from pathlib import Path

    import soundfile

    assert isinstance(tmp_path, Path)
    rng = np.random.default_rng(0)
    sounds = {"yes": rng.standard_normal(16_000) * 0.1, "_silence_": np.zeros(16_000), "tree": rng.random(16_000)}
    for word, sound in sounds.items():
        (tmp_path / word).mkdir()
        soundfile.write(tmp_path / word / "a.wav", sound, 16_000)
    clips = folder_set(read_label_folder(tmp_path, quantizer.network.labels))
    result = Evaluator(quantizer, clips).float_result()
    assert sorted(clips.classes[i] for i in clips.labels) == ["silence", "unknown", "yes"]
    assert clips.name == f"recordings in {tmp_path.name}, n = 3"
    silence = [clips.classes[i] for i in clips.labels].index("silence")
    assert result.answers[silence] == 0
    folder = read_label_folder(tmp_path, quantizer.network.labels)
    live = np.concatenate([scores_of(Executor(quantizer.network), s).argmax(1) for s, _ in folder.batches()])
    assert sorted(live) == sorted(result.answers)
