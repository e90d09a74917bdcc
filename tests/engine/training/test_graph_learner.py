"""Keyword networks trained step by step: probes, formats, snapshots, memory; on the bundled training voices."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from explorer.engine.errors import ExplorerError
from explorer.engine.kws import clips
from explorer.engine.kws.labels import LABELS, SILENCE
from explorer.engine.nn.registry import shipped
from explorer.engine.training import keyword_parts
from explorer.engine.training.graph_learner import GraphLearner
from explorer.engine.training.live import Session
from explorer.engine.training.memory import measure, predict
from explorer.engine.training.probes import Probes
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.trainer import Diverged, Trainer
from explorer.engine.training.view import Viewer

TINY = Blueprint("kws", network="tiny")
QUICK = Settings(learning_rate=0.003, batch=16, optimizer="adam", validate_every=10**6, probe_every=1)


def learner_of(trainer: Trainer) -> GraphLearner:
    assert isinstance(trainer.learner, GraphLearner)
    return trainer.learner


def weights(trainer: Trainer) -> bytes:
    return b"".join(t.numpy().tobytes() for t in trainer.learner.tensors().values())


def test_only_the_training_part_is_asked_for_and_no_voice_is_in_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = clips.load_part

    def watched(part: clips.Purpose) -> clips.ClipSet:
        asked.append(part)
        return real(part)

    monkeypatch.setattr(keyword_parts, "load_part", watched)
    fractions: list[float] = []

    def tell(fraction: float, words: str) -> bool:
        fractions.append(fraction)
        return True

    parts = keyword_parts._bundled_parts(tell)
    assert fractions == sorted(fractions)
    assert len(fractions) == 20
    assert set(asked) == {"train"}
    spoken = [part.grey[part.label != LABELS.index(SILENCE)] for part in parts]  # digital silence is always the same
    grey = [{picture.tobytes() for picture in pictures} for pictures in spoken]
    assert not grey[0] & grey[1]
    assert not grey[0] & grey[2]
    assert sum(len(part) for part in parts) == len(real("train"))
    assert min(len(part) for part in parts) > 100


def test_it_learns() -> None:
    trainer = Trainer(replace(TINY, network="small"), replace(QUICK, batch=64))
    losses = [trainer.step().loss for _ in range(20)]
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


def test_a_run_repeats_itself_and_is_the_same_when_watched() -> None:
    bare, watched = Trainer(TINY, replace(QUICK, probe_every=0)), Trainer(TINY, QUICK)
    probes = Probes(watched)
    viewer = Viewer(watched, probes)
    for _ in range(5):
        bare.step()
        viewer.before_step(closely=True)
        watched.step()
        assert probes.take() is not None
        viewer.look_closer()
    assert weights(bare) == weights(watched)


def test_a_state_brings_everything_back() -> None:
    trainer = Trainer(TINY, replace(QUICK, dropout=0.2))
    trainer.step()
    kept = trainer.state()
    first = [trainer.step() for _ in range(3)]
    end = weights(trainer)
    trainer.restore(kept)
    assert [trainer.step() for _ in range(3)] == first
    assert weights(trainer) == end
    history = trainer.learner.value_in(kept.tensors, "logits.bias", 4)
    assert history == float(kept.tensors["units.logits.bias"][4])


def test_probes_name_every_kernel_from_input_to_output() -> None:
    trainer = Trainer(TINY, QUICK)
    probes = Probes(trainer)
    learner_of(trainer).watched = True
    trainer.step()
    row = probes.take()
    assert row is not None
    assert row.names[0] == "stem.weight"
    assert row.names[-1] == "logits.weight"
    gradient = trainer.learner.parameters["s1b1_in.weight"].grad
    assert gradient is not None
    at = row.names.index("s1b1_in.weight")
    assert row.gradient_rms[at] == pytest.approx(float(gradient.square().mean().sqrt()), rel=1e-4)
    detail = probes.detail()
    assert "stem_relu" in detail.dead
    assert all(h.total > 0 for h in detail.activations.values())
    assert 0.1 < detail.slope["stem_relu"] < 0.9


def test_pretrained_starts_from_the_shipped_network() -> None:
    trainer = Trainer(replace(TINY, pretrained=True), QUICK)
    assert torch.equal(trainer.learner.parameters["stem.weight"], torch.tensor(shipped("tiny").arrays["stem.weight"]))
    assert trainer.judge("validation").accuracy > 0.8


def test_memory_predicted_from_shapes_is_what_torch_keeps() -> None:
    trainer = Trainer(TINY, QUICK)
    trainer.step()
    predicted, measured = predict(trainer.learner, "adam", 16), measure(trainer)
    assert (measured.weights, measured.gradients, measured.optimizer) == (
        predicted.weights, predicted.gradients, predicted.optimizer,
    )  # fmt: skip
    assert measured.activations == pytest.approx(predicted.activations, rel=0.01)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_sixteen_bits_keep_exact_master_weights(precision: str) -> None:
    exact, rounded = Trainer(TINY, QUICK), Trainer(TINY, replace(QUICK, precision=precision, loss_scale=128))
    losses = exact.step().loss, rounded.step().loss
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    masters = rounded.learner.parameters["logits.weight"]
    assert not torch.equal(masters, masters.to(torch.bfloat16).float())


def test_the_layer_that_fails_first_is_named_and_the_averages_survive() -> None:
    trainer = Trainer(TINY, QUICK)
    trainer.step()
    with torch.no_grad():
        trainer.learner.parameters["s2b1_mix.weight"].fill_(float("inf"))
    with pytest.raises(Diverged, match="at step 2: the output of layer s2b1_mix "):
        trainer.step()


def test_label_noise_and_leakage_reach_the_keywords() -> None:
    clean, noisy = (Trainer(TINY, replace(QUICK, label_noise=share)).data for share in (0.0, 0.3))
    flipped = float((clean.train_y != noisy.train_y).float().mean())
    assert flipped == pytest.approx(0.3, abs=0.06)
    leaked = Trainer(TINY, replace(QUICK, leak=0.5)).data
    known = {picture.numpy().tobytes() for picture in leaked.train_x}
    again = sum(picture.numpy().tobytes() in known for picture in leaked.validation_x)
    assert again == pytest.approx(len(leaked.validation_y) / 2, abs=5)


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="no folder"):
        Trainer(replace(TINY, folder=str(tmp_path / "nowhere")), QUICK)


def test_drawing_ends_when_it_is_no_longer_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_parts, "_parts", {})
    asked: list[float] = []

    def tell(fraction: float, words: str) -> bool:
        asked.append(fraction)
        return len(asked) < 3

    with pytest.raises(ExplorerError, match="not drawn to the end"):
        Trainer(TINY, QUICK, tell=tell)
    assert len(asked) == 3
    assert keyword_parts._parts == {}


def test_a_session_that_is_stopped_while_it_draws_ends_without_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_parts, "_parts", {})
    session = Session(TINY, QUICK)
    told: list[str] = []
    stop = threading.Event()

    def report(fraction: float | None, words: str) -> None:
        told.append(words)
        stop.set()

    session.work(stop, lambda view: None, report)
    assert told == ["drawing pictures"]


def test_a_folder_of_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_parts, "_PER_KEYWORD", 6)
    monkeypatch.setattr(keyword_parts, "_SILENT", 8)
    rng = np.random.default_rng(0)
    for word in ("yes", "no", "marvin"):
        (tmp_path / word).mkdir()
        for speaker in ("0a7c2a8d", "0d82fd99", "022cd682"):  # of the training, validation and test split
            for take in range(10):
                sound = 0.1 * rng.standard_normal(16_000)
                soundfile.write(tmp_path / word / f"{speaker}_nohash_{take}.wav", sound, 16_000)
    (tmp_path / "_background_noise_").mkdir()
    soundfile.write(tmp_path / "_background_noise_" / "white.wav", 0.05 * rng.standard_normal(48_000), 16_000)
    trainer = Trainer(replace(TINY, folder=str(tmp_path)), QUICK)
    assert len(trainer.data.train_y) == 6 + 6 + 10 + 8
    assert len(trainer.data.validation_y) + len(trainer.data.test_y) == 6 + 6 + 10 + 2
    assert trainer.step().loss > 0
