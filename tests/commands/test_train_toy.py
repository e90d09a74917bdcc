"""Small tasks in the terminal: what is printed, written and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from explorer import cli
from explorer.commands import _train_toy as train_toy
from explorer.engine.training.settings import TASKS, Blueprint, Settings
from explorer.engine.training.trainer import Trainer


def trained(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert cli.main(["train", "--json", *words]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_tasks_offered_are_those_there_are() -> None:
    assert (*train_toy.TASKS, "kws") == TASKS


def test_json_has_the_promised_keys_and_repeats_itself(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--task", "circles", "--steps", "600", "--seed", "4"]
    one, two = trained(capsys, *words), trained(capsys, *words)
    assert {"final_loss", "accuracy", "steps_per_s", "gradient_rms"} <= set(one)
    gradients = one["gradient_rms"]
    assert isinstance(gradients, dict)
    assert list(gradients) == ["dense1.weight", "dense2.weight", "dense3.weight"]
    assert isinstance(one["accuracy"], float)
    assert one["accuracy"] > 0.95
    one.pop("steps_per_s")
    two.pop("steps_per_s")
    assert one == two


def test_figures_are_those_of_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    found = trained(
        capsys, "--task", "moons", "--steps", "50", "--optimizer", "momentum", "--hidden", "5", "--rate", "0.2"
    )
    trainer = Trainer(
        Blueprint("moons", (5,)),
        Settings(learning_rate=0.2, optimizer="momentum", schedule_steps=50, weight_decay=1e-3),
    )
    for _ in range(50):
        trainer.step()
    assert found["final_loss"] == trainer.judge("train").loss
    assert found["accuracy"] == trainer.judge("test").accuracy


def test_a_deep_sigmoid_shows_dark_first_layers(capsys: pytest.CaptureFixture[str]) -> None:
    deep = ["--task", "spirals", "--steps", "10", "--hidden", "8,8,8,8,8,8", "--optimizer", "sgd", "--activation"]
    ratio = {}
    for activation in ("sigmoid", "relu"):
        gradients = trained(capsys, *deep, activation)["gradient_rms"]
        assert isinstance(gradients, dict)
        ratio[activation] = gradients["dense1.weight"] / gradients["dense7.weight"]
    assert ratio["sigmoid"] < 1e-3 < ratio["relu"]


def test_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "--task",
        "xor",
        "--steps",
        "20",
        "--csv",
        str(tmp_path / "run.csv"),
        "--out",
        str(tmp_path / "net.safetensors"),
    ]
    trained(capsys, *words)
    assert len((tmp_path / "run.csv").read_text().splitlines()) == 21
    assert load_file(tmp_path / "net.safetensors")["dense1.weight"].shape == (16, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--steps", "0"], "--steps is 0"),
        (["--threads", "0"], "--threads is 0"),
        (["--seed", "-1"], "the seed -1"),
        (["--rate", "-1"], "learning rate is -1"),
        (["--rate", "inf"], "learning rate is inf"),
        (["--batch", "0"], "batch is 0"),
        (["--hidden", "wide"], "'wide' is no list of widths"),
        (["--optimizer", "lamb"], "no optimizer 'lamb'"),
        (["--count", "1"], "count is 1: give 2"),
        (["--rate", "1e6", "--optimizer", "sgd", "--activation", "relu"], "Training stopped at step"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", "--task", "circles", "--steps", "30", *words]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert said in output.err
    assert len(output.err.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    assert cli.main(["train", "--task", "xor", "--steps", "5", "--csv", str(tmp_path / "run" / "rows.csv")]) == 2
    assert "rows.csv" in capsys.readouterr().err


def test_keywords_still_need_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train"]) == 2
    assert "give a Speech Commands folder with --data" in capsys.readouterr().err
