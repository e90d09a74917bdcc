"""The keyword task: what it learns from, what it is judged on, and what it must never touch."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from explorer.engine.errors import ExplorerError
from explorer.engine.kws import clips
from explorer.engine.kws.labels import LABELS, UNKNOWN
from explorer.engine.nn.network import Network
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.engine.nn.torch_module import GraphModule
from explorer.engine.training.augment import Augmentation
from explorer.engine.training.card import build_card, lineage
from explorer.engine.training.keywords import KeywordTask
from explorer.engine.training.loop import EpochReport, Recipe, Run
from explorer.engine.training.pictures import load_archive, official_split

SPEAKERS = {"train": "0a7c2a8d", "val": "0d82fd99", "test": "022cd682"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Speech Commands folder of tones: one speaker of each official split."""
    root = tmp_path_factory.mktemp("speech-commands")
    rng = np.random.default_rng(0)
    assert {name: official_split(f"{speaker}_nohash_0.wav") for name, speaker in SPEAKERS.items()} == {
        name: name for name in SPEAKERS
    }
    for number, word in enumerate(("yes", "no", "marvin", "left")):
        (root / word).mkdir()
        for speaker in SPEAKERS.values():
            for take in range(12):
                t = np.arange(rng.integers(12_000, 18_000)) / 16_000
                tone = 0.3 * np.sin(2 * np.pi * (300 + 400 * number) * t) + 0.01 * rng.standard_normal(len(t))
                soundfile.write(root / word / f"{speaker}_nohash_{take}.wav", tone, 16_000)
    (root / "_background_noise_").mkdir()
    for name in ("white", "running_tap"):
        soundfile.write(root / "_background_noise_" / f"{name}.wav", 0.05 * rng.standard_normal(48_000), 16_000)
    return root


@pytest.fixture(scope="module")
def task(folder: Path) -> KeywordTask:
    return KeywordTask(folder, Augmentation())


def test_the_evaluate_part_is_never_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = clips.load_part

    def watched(part: str) -> clips.ClipSet:
        asked.append(part)
        return real(part)

    monkeypatch.setattr(clips, "load_part", watched)
    task = KeywordTask(folder, Augmentation())
    next(task.batches(0, 50, 1))
    assert set(asked) == {"train"}


def test_training_refuses_the_evaluate_part(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    real = clips.load_part
    monkeypatch.setattr(clips, "load_part", lambda part: real("evaluate"))
    with pytest.raises(ExplorerError, match="evaluate"):
        KeywordTask(folder, Augmentation())


def test_speakers_of_the_official_test_are_left_out(task: KeywordTask) -> None:
    sounds = {name: len(labels) for name, (_, labels) in task.sounds.items()}
    assert sounds == {"train": 48, "val": 48}


def test_validation_has_the_official_proportions(task: KeywordTask) -> None:
    counts = np.bincount(task.validation["recordings"].label, minlength=12)
    assert counts[2:].sum() == 36  # yes, no and left, twelve each
    assert counts[LABELS.index(UNKNOWN)] == 4  # a tenth, rounded up
    assert counts[LABELS.index("silence")] == 4


def test_epochs_differ_and_repeat(task: KeywordTask) -> None:
    first = [x for x, _ in task.batches(0, 40, 1)][:2]
    again = [x for x, _ in task.batches(0, 40, 1)][:2]
    other = [x for x, _ in task.batches(1, 40, 1)][:2]
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    assert first[0].shape == (40, 1, 98, 40)
    assert -2 <= float(first[0].min()) <= float(first[0].max()) < 2


def test_a_folder_without_noise_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "data" / "yes").mkdir(parents=True)
    with pytest.raises(ExplorerError, match="no background noise"):
        KeywordTask(tmp_path / "data", Augmentation())
    with pytest.raises(ExplorerError, match="no folder"):
        KeywordTask(tmp_path / "nowhere", Augmentation())


@pytest.mark.parametrize(
    ("place", "seconds", "rate_hz", "said"),
    [
        ("yes/a_nohash_0.wav", 0.0, 0, "a_nohash_0.wav is not a sound file"),
        ("_background_noise_/hum.wav", 0.0, 0, "hum.wav is not a sound file"),
        ("_background_noise_/hum.wav", 3.0, 44_100, "hum.wav: 44100 Hz"),
        ("_background_noise_/hum.wav", 0.5, 16_000, "hum.wav: 0.5 s"),
    ],
)
def test_sound_that_cannot_be_learned_from_is_named(
    tmp_path: Path, place: str, seconds: float, rate_hz: int, said: str
) -> None:
    hiss = np.random.default_rng(0).uniform(-0.1, 0.1, 20_000)
    for name in ("yes/b_nohash_0.wav", "_background_noise_/hiss.wav", place):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        soundfile.write(tmp_path / name, hiss, 16_000)
    if rate_hz:
        soundfile.write(tmp_path / place, np.zeros(round(seconds * rate_hz)), rate_hz)
    else:
        (tmp_path / place).write_text("text")
    with pytest.raises(ExplorerError, match=said):
        KeywordTask(tmp_path, Augmentation(), bundled=False)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"text"])
def test_an_archive_of_pictures_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "logmel.npz").write_bytes(content)
    with pytest.raises(ExplorerError, match=r"logmel\.npz is not an archive"):
        load_archive(tmp_path / "logmel.npz")


def test_an_archive_whose_arrays_do_not_fit_each_other_is_named(tmp_path: Path) -> None:
    x, word = np.zeros((3, 98, 40), np.uint8), np.array(["yes", "no"])
    np.savez(tmp_path / "logmel.npz", x=x, word=word, split=np.array(["train", "val"]))
    with pytest.raises(ExplorerError, match="3 pictures"):
        load_archive(tmp_path / "logmel.npz")


def test_the_card_tells_human_and_synthetic_apart(task: KeywordTask) -> None:
    module = GraphModule(TOPOLOGIES["small"](12))
    network = Network("small", module.graph, module.arrays(), LABELS, lineage=("epochs 1-1, seed 1",))
    run = Run(module, task, Recipe())
    run.history.append(EpochReport(1, 2.0, 0.1, {}, 1.0, None))
    card = json.loads(json.dumps(build_card(network, task, run, "mlsys-explorer train")))
    assert set(card["accuracy"]) == {"recordings", "synthetic"}
    assert card["accuracy"]["recordings"]["set"] == "human recordings, validation"
    assert card["accuracy"]["synthetic"]["clips"] == 1000
    assert "synthetic" in card["accuracy"]["synthetic"]["set"]
    for row in card["accuracy"].values():
        assert row["low"] <= row["accuracy"] <= row["high"]
    assert "Speech Commands v0.02" in card["data"]
    assert "CC BY 4.0" in card["data_licence"]
    human = card["robustness"]["human recordings, validation"]
    assert {"white noise, 0 dB", "digital silence", "other speech"} <= set(human)


def test_lineage_names_the_phases() -> None:
    history = [EpochReport(i, 1.0, 0.1, {}, 1.0, "large" if i > 2 else None) for i in range(1, 5)]
    assert lineage(history, 7) == ("epochs 1-2, seed 7", "epochs 3-4, seed 7, taught by large")


def test_a_stopped_run_keeps_the_last_whole_epoch(task: KeywordTask, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    run = Run(GraphModule(TOPOLOGIES["small"](12)), task, Recipe(epochs=1), tmp_path)
    run.train(stop, lambda report: None)
    assert run.epoch == 0
    assert not (tmp_path / "checkpoint.safetensors").exists()
