"""`mlsys-explorer quantize` as scripts use it: stable keys, agreeing numbers, sentences for what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from explorer.cli import main
from explorer.engine.intervals import wilson
from explorer.engine.nn.cost import flash_bytes
from explorer.engine.nn.registry import shipped


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two words and silence, four clips each."""
    path = tmp_path_factory.mktemp("words")
    rng = np.random.default_rng(0)
    for word in ("yes", "no", "_silence_"):
        (path / word).mkdir()
        for i in range(4):
            sound = np.zeros(16_000) if word == "_silence_" else 0.1 * rng.standard_normal(16_000)
            soundfile.write(path / word / f"{i}.wav", sound, 16_000)
    return path


def test_json_alone_on_standard_output(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = tmp_path / "tiny.onnx"
    arguments = ["--network", "tiny", "--wbits", "8", "--abits", "8", "--evaluate", str(folder), "--json"]
    assert main(["quantize", *arguments, "--export", str(exported)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["clips"] == 12
    assert found["set"].startswith("recordings in")
    assert (found["low"], found["high"]) == wilson(round(12 * found["accuracy"]), 12)
    assert found["file_bytes"] == flash_bytes(shipped("tiny").graph, 8)
    assert found["export_bytes"] == exported.stat().st_size
    assert found["recipe"]["weights"] == 8
    stem = found["layers"][0]
    assert (stem["name"], stem["weight_bits"], stem["activation_bits"]) == ("stem", 8, 8)
    assert 20 < stem["sqnr_db"] < 60


def test_thirty_two_bits_are_the_float_network(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quantize", "--wbits", "32", "--abits", "32", "--evaluate", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agreement"] == 1
    assert found["accuracy"] == found["float_accuracy"]
    assert found["file_bytes"] == flash_bytes(shipped("tiny").graph, 32)
    assert {layer["sqnr_db"] for layer in found["layers"]} == {None}  # nothing was lost: no number in JSON


def test_knobs_reach_the_layers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--wbits", "4", "--per", "tensor", "--layer", "stem=8", "--layer", "head=ternary", "--prune", "0.5"]
    assert main(["quantize", *arguments, "--calibration", "mse", "--evaluate", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    bits = {layer["name"]: layer["weight_bits"] for layer in found["layers"]}
    assert (bits["stem"], bits["head"], bits["logits"]) == (8, "ternary", 4)
    assert found["recipe"] | {"pruned": 0.5, "per_channel": False, "weight_calibration": "mse"} == found["recipe"]
    assert found["sparse_bytes"] > 0


def test_weights_trained_for_their_width_are_taken_on_demand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for more in ([], ["--retrained"]):
        arguments = ["--wbits", "ternary", "--evaluate", str(folder), "--json"]
        assert main(["quantize", *arguments, *more]) == 0
        found.append(json.loads(capsys.readouterr().out))
    rounded, trained = found
    assert (rounded["retrained"], trained["retrained"]) == (False, True)
    assert trained["file_bytes"] == rounded["file_bytes"]
    assert trained["float_accuracy"] == rounded["float_accuracy"]  # both are compared with what was shipped
    stem, lost = trained["layers"][0], rounded["layers"][0]
    assert stem["sqnr_db"] > lost["sqnr_db"] + 40  # these weights lie on their grid already


def test_the_text_names_set_interval_and_bytes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quantize", "--evaluate", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "of 12 clips, recordings in" in text
    assert f"flashed: {flash_bytes(shipped('tiny').graph, 8):,} bytes" in text
    assert "exact McNemar p = " in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--wbits", "7", "--retrained"], "for 7."),
        (["--wbits", "17"], "cannot have 17 bits"),
        (["--wbits", "many"], "'many' is no width"),
        (["--abits", "binary"], "cannot have 'binary' bits"),
        (["--abits", "1"], "cannot have 1 bits"),
        (["--layer", "stem"], "NAME=BITS"),
        (["--layer", "attention=4"], "'attention', which this network lacks"),
        (["--prune", "1"], "cannot be pruned"),
        (["--prune", "nan"], "cannot be pruned"),
        (["--export", "tiny.tflite"], "must end in"),
        (["--network", "huge"], "no network 'huge'"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_measured(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quantize", *arguments]) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
