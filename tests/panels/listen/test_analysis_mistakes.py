"""Mistakes and accuracy: the numbers are those of the subcommand, every clip behind a cell can be heard."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from explorer import cli
from explorer.engine.kws import clips as clips_module
from explorer.engine.kws import evaluate as evaluate_module
from explorer.engine.kws.clips import ClipSet, load_part
from explorer.engine.kws.evaluate import accuracy_of
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.tradeoff import accuracy_at_snr
from explorer.engine.nn import registry
from explorer.engine.nn.inference import Executor
from explorer.panels.listen import accuracy_view, measuring
from explorer.panels.listen.accuracy_view import AccuracyView
from explorer.panels.listen.analysis import AnalysisView
from explorer.panels.listen.confusion_matrix import ConfusionMatrix
from explorer.panels.listen.evaluations import Evaluations, Question
from explorer.panels.listen.measuring import measure
from explorer.panels.listen.mistakes_view import MistakesView
from explorer.panels.listen.playback import Playback
from tests.panels.listen.analysis_lab import Lab, random_network


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> ClipSet:
    """Let the evaluate part have 60 clips, one of them digital silence."""
    whole = load_part("evaluate")
    rows = np.arange(0, len(whole), len(whole) // 59)[:60]
    samples = whole.samples[rows].copy()
    samples[3] = 0
    part = replace(
        whole,
        samples=samples,
        labels=tuple("silence" if i == 3 else whole.labels[r] for i, r in enumerate(rows)),
        words=tuple(whole.words[r] for r in rows),
        voices=tuple(whole.voices[r] for r in rows),
        speakers=tuple(whole.speakers[r] for r in rows),
        start_s=whole.start_s[rows],
        end_s=whole.end_s[rows],
        snr_db=whole.snr_db[rows],
    )
    for module in (measuring, evaluate_module, clips_module):
        monkeypatch.setattr(module, "load_part", lambda name: part)
    return part


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of label folders with noise in them."""
    random = np.random.default_rng(0)
    for word in ("yes", "left", "go", "cat", "_silence_"):
        (tmp_path / "set" / word).mkdir(parents=True)
        for take in range(3):
            loud = 0.0 if word == "_silence_" else 0.1
            sound = loud * random.standard_normal(16000) * np.hanning(16000)
            soundfile.write(tmp_path / "set" / word / f"{take}.wav", sound, 16000)
    (tmp_path / "set" / "yes" / "broken.wav").write_bytes(b"RIFF")
    return tmp_path / "set"


def test_clips_and_figures_agree(few: ClipSet) -> None:
    found = measure(Executor(random_network()), Question())
    counts = np.zeros((12, 12), int)
    for clip in found.heard:
        counts[LABELS.index(clip.truth), LABELS.index(clip.answer)] += 1
    assert counts.tolist() == found.accuracy.confusion
    assert len(found.heard) == 60
    assert found.heard[3].answer == "silence"  # digital silence never reaches the network


def test_the_number_is_that_of_the_subcommand(
    lab: Lab, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    network = lab.session.network
    monkeypatch.setattr(registry, "shipped", lambda name: network)
    assert cli.main(["evaluate", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    lab.context.workbench.update(evaluation_folder=str(folder))
    view = MistakesView(lab.context, lab.session, Evaluations(lab.context.background))
    lab.show(view)
    lab.finish(view)
    rows = view.csv_rows()
    assert [list(row[1:]) for row in rows[1:]] == told["confusion"]
    assert view.accuracy.text() == f"{100 * told['accuracy']:.1f}"
    assert f"n = {told['clips']}" in view.set_name.text()
    assert f"{100 * told['low']:.1f}" in view.set_name.text()
    assert "recordings in set" in view.set_name.text()


def test_one_altered_weight_alters_what_depends_on_it(few: ClipSet) -> None:
    network = random_network()
    arrays = {name: array.copy() for name, array in network.arrays.items()}
    arrays["logits.bias"][5] += 1e6
    other = replace(network, arrays=arrays)
    first, second = (measure(Executor(n), Question()).accuracy.confusion for n in (network, other))
    assert first != second
    assert network.fingerprint != other.fingerprint


def test_noise_is_that_of_the_engine(few: ClipSet) -> None:
    executor = Executor(random_network())
    sounds = few.samples.astype(np.float32) / np.float32(32768)
    ((_, expected),) = accuracy_at_snr(executor, sounds, few.labels, (5.0,), "x")
    assert measure(executor, Question(snr_db=5.0)).accuracy.confusion == expected.confusion


def test_pressing_a_cell_lists_its_clips_and_plays_one(lab: Lab, few: ClipSet) -> None:
    heard: list[np.ndarray] = []

    class Ear(Playback):
        def play(self, samples: np.ndarray) -> bool:
            heard.append(samples)
            return True

    view = MistakesView(lab.context, lab.session, Evaluations(lab.context.background), Ear(lab.says.append))
    lab.show(view)
    assert view.box.state() == "estimating"
    lab.finish(view)
    matrix = view.matrix
    place = matrix._rect(*matrix._cursor).center().toPoint()
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
    said, taken = matrix.cursor_cell()
    assert said != taken  # the commonest mistake is open first
    assert view.clips.count() > 0
    assert f"“{said}” heard as “{taken}”: {view.clips.count()}" == view.cell.text()
    QTest.mouseClick(view.play, Qt.MouseButton.LeftButton)
    assert lab.session.network is not None
    measured = view.evaluations.get(lab.session.network, view.question())
    assert measured is not None
    expected = measured.cell(said, taken)[0]
    assert np.array_equal(heard[0], expected.sound())
    QTest.keyClick(matrix, Qt.Key.Key_Right)
    assert matrix.cursor_cell() == (said, LABELS[LABELS.index(taken) + 1])
    assert matrix.accessibleDescription().startswith(f"“{said}” heard as")


def test_choosing_a_folder_measures_anew_and_an_unusable_one_is_a_sentence(
    lab: Lab, few: ClipSet, tmp_path: Path
) -> None:
    view = MistakesView(lab.context, lab.session, Evaluations(lab.context.background))
    lab.show(view)
    lab.finish(view)
    assert "bundled synthetic voices" in view.set_name.text()
    lab.context.workbench.update(evaluation_folder=str(tmp_path))
    assert view.accuracy.text() == "–"  # an old number is never shown as the new one
    lab.finish(view)
    assert view.box.state() == "failed"
    assert "has no labels" in view.box.text()
    QTest.mouseClick(view.bundled, Qt.MouseButton.LeftButton)
    assert view.matrix.isVisible()


def test_what_is_known_is_not_measured_again(lab: Lab, few: ClipSet) -> None:
    kept = Evaluations(lab.context.background)
    network = random_network()
    view = MistakesView(lab.context, lab.session, kept)
    lab.show(view)
    kept.ask(network, Question())
    started = list(lab.context.background.tasks)
    assert len(started) == 1  # the view asked for the same
    lab.finish(view)
    kept.ask(network, Question())
    assert list(lab.context.background.tasks) == []


def test_what_nobody_waits_for_any_more_is_stopped(lab: Lab, few: ClipSet) -> None:
    analysis = AnalysisView(lab.context, lab.session)
    lab.qtbot.addWidget(analysis)
    lab.context.workbench.subscribe(analysis.on_state)
    network = random_network(1)
    analysis.evaluations.ask(network, Question())
    task = lab.context.background.tasks[0]
    lab.context.workbench.update(network="small")
    assert task.stopping
    lab.context.background.close()
    assert analysis.evaluations.get(network, Question()) is None
    analysis.shutdown()


def test_precision_and_recall_stand_with_their_interval(lab: Lab) -> None:
    matrix = ConfusionMatrix()
    lab.qtbot.addWidget(matrix)
    matrix.set_accuracy(accuracy_of(np.array([[8, 2], [4, 6]]), ("yes", "no"), "by hand"))
    assert matrix.cell_text(0, 1) == "“yes” heard as “no”: 2 of 10"
    assert matrix.cell_text(0, 2).startswith("Recall of “yes”: 8 of 10, 95 % interval 49.0 to 94.3")
    assert matrix.cell_text(2, 0).startswith("Precision of “yes”: 8 of 12")
    assert matrix.cell_text(2, 2).startswith("Accuracy: 14 of 20")


@pytest.fixture
def accuracy(lab: Lab, few: ClipSet, monkeypatch: pytest.MonkeyPatch) -> AccuracyView:
    """Give the accuracy view, all ratios measured, with random networks as the shipped ones."""
    card = {
        "accuracy": {"pictures": {"accuracy": 0.96, "low": 0.95, "high": 0.97, "clips": 4445, "set": "human pictures"}}
    }
    networks = {name: replace(random_network(0, name), card=card) for name in ("tiny", "small", "large")}
    monkeypatch.setattr(accuracy_view, "shipped", networks.__getitem__)
    lab.session.network = networks["tiny"]
    view = AccuracyView(lab.context, lab.session, Evaluations(lab.context.background))
    lab.show(view)
    lab.finish(view)
    return view


def test_accuracy_in_noise_has_a_point_per_ratio(lab: Lab, accuracy: AccuracyView) -> None:
    rows = accuracy.csv_rows()
    assert len(rows) == 6
    assert [dot.y for dot in accuracy.noise_dots.dots()] == [100 * float(str(row[2])) for row in rows[1:]]
    assert "n = 60" in accuracy.note.text()
    assert all(dot.low is not None for dot in accuracy.noise_dots.dots())


def test_human_and_synthetic_are_two_numbers_cited_and_measured(lab: Lab, accuracy: AccuracyView) -> None:
    accuracy.choice.set_key("bytes")
    accuracy._on_choice()
    lab.finish(accuracy)
    assert accuracy.bytes.isVisible()
    tiny = [row for row in accuracy.csv_rows() if row[0] == "tiny"]
    assert [row[3] for row in tiny] == ["cited", "measured"]
    assert tiny[0][2] == 0.96
    assert tiny[0][1] == tiny[1][1]
    hollow = {dot.words: dot.hollow for dot in accuracy.bytes.dots()}
    assert hollow["tiny 96.0"]
    assert hollow["BC-ResNet-1"]
    assert [dot.hollow for dot in accuracy.bytes.dots() if dot.words.startswith("large")] == [True, False]
