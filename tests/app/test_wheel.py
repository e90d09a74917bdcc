"""`pip install .` gives a command that works from any folder, with its assets inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from tests.app.spoken import WORDS, say

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS, SUFFIX = ("Scripts", ".exe") if sys.platform == "win32" else ("bin", "")


def run(*command: str | Path, folder: Path) -> str:
    # without the checkout on the path, which a test run has put there
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the programs of an environment that holds the wheel, and the dependencies from here."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    programs = folder / "venv" / SCRIPTS
    packages = Path(
        run(
            programs / f"python{SUFFIX}",
            "-c",
            "import sysconfig; print(sysconfig.get_path('purelib'))",
            folder=folder,
        ).strip()
    )
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    python = str(programs / f"python{SUFFIX}")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, folder=folder)
    return programs


def test_the_command_names_its_version(installed: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    shown = run(installed / f"mlsys-explorer{SUFFIX}", "--version", folder=tmp_path)
    assert shown.split() == ["mlsys-explorer", project["version"]]


def test_the_command_knows_its_subcommands(installed: Path, tmp_path: Path) -> None:
    shown = run(installed / f"mlsys-explorer{SUFFIX}", "--help", folder=tmp_path)
    assert {"listen", "evaluate", "train", "bench"} <= set(shown.split())


def test_the_assets_are_inside(installed: Path, tmp_path: Path) -> None:
    code = "from explorer.engine.assets import asset_path; print(asset_path('fonts'), asset_path('clips'))"
    shown = run(installed / f"python{SUFFIX}", "-c", code, folder=tmp_path)
    for path in shown.split():
        assert path.startswith(str(installed.parent))
        assert any(Path(path).iterdir())


def test_the_command_listens_to_a_file_from_another_folder(installed: Path, tmp_path: Path) -> None:
    say(tmp_path / "words.wav", *WORDS)
    shown = run(installed / f"mlsys-explorer{SUFFIX}", "listen", "words.wav", "--json", folder=tmp_path)
    assert [event["label"] for event in json.loads(shown)["events"]] == list(WORDS)


def test_the_window_opens_from_another_folder(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    command = ("--quit-after", "8", "--log-events", "events.jsonl")
    run(installed / f"mlsys-explorer{SUFFIX}", *command, folder=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["source"] == "talker"
    assert any(line["kind"] == "word" for line in lines)
