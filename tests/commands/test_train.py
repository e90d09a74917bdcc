"""The training command: what it refuses before it loads anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from explorer import cli
from explorer.engine.assets import asset_path
from explorer.engine.nn.weights import load
from explorer.engine.training import keywords


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--epochs", "0"),
        ("--batch", "-1"),
        ("--threads", "0"),
        ("--seed", "-1"),
        ("--rate", "nan"),
        ("--rate", "inf"),
        ("--weight-decay", "-1"),
    ],
)
def test_numbers_no_run_can_have_are_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--data", "nowhere", option, value]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"{option} is {value}: give ")


def speech_commands(root: Path) -> Path:
    """Make a small Speech Commands folder of tones."""
    rng = np.random.default_rng(0)
    for word in ("yes", "marvin"):
        (root / word).mkdir(parents=True)
        for take in range(40):
            tone = 0.3 * np.sin(np.arange(16_000) * (0.2 if word == "yes" else 0.4))
            tone += 0.01 * rng.standard_normal(16_000)
            soundfile.write(root / word / f"{'0a7c2a8d' if take % 4 else '0d82fd99'}_nohash_{take}.wav", tone, 16_000)
    (root / "_background_noise_").mkdir()
    soundfile.write(root / "_background_noise_" / "white.wav", 0.05 * rng.standard_normal(48_000), 16_000)
    return root


def test_a_further_run_starts_from_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "NOISE_BANK", 60)
    monkeypatch.setattr(keywords, "SILENCE_PER_EPOCH", 40)
    data, out = speech_commands(tmp_path / "data"), tmp_path / "again.safetensors"
    start = asset_path("models/small.safetensors")
    given = ["train", "--data", str(data), "--network", "small", "--without-bundled", "--epochs", "1", "--batch", "40"]
    assert cli.main([*given, "--rate", "0", "--init", str(start), "--out", str(out)]) == 0
    before, after = load(start), load(out)
    for name in before.arrays:
        if name.endswith(("weight", "gamma")):  # at a rate of 0 only the statistics move
            np.testing.assert_array_equal(after.arrays[name], before.arrays[name])
    assert after.lineage == (*before.lineage, "epochs 1-1, seed 1")
    assert "--init small.safetensors" in after.card["command"]


def test_weights_of_another_network_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = speech_commands(tmp_path / "data")
    start = str(asset_path("models/small.safetensors"))
    given = ["train", "--data", str(data), "--network", "tiny", "--without-bundled", "--init", start]
    assert cli.main(given) == 2
    assert "is another network than tiny" in capsys.readouterr().err
