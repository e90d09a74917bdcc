"""A pack is complete or says what is wrong with it; an installation from it looks nowhere else."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from bootstrap import machine, pack
from bootstrap.environment import RUNTIME_LOCK, TEST_LOCK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bootstrap.computer import Computer

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def filled(computer: Computer, tmp_path: Path) -> Path:
    """A finished pack, on a computer that has not been used yet."""
    folder = tmp_path / "stick"
    assert computer.start("pack", str(folder)) == 0
    computer.ran.clear()
    computer.environments.clear()
    return folder


def only_line(capsys: Capture) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_pack_holds_wheels_locks_and_a_readme(filled: Path) -> None:
    names = {path.name for path in filled.iterdir()}
    assert names == {"wheels", RUNTIME_LOCK, TEST_LOCK, "README.txt", "pack.json"}
    assert json.loads((filled / "pack.json").read_text("utf-8"))["wheels"].keys() == {"numpy-2.whl"}
    assert "libportaudio2" in (filled / "README.txt").read_text("utf-8")


def test_a_pack_takes_the_cpu_build_where_it_can_be_had(computer: Computer, tmp_path: Path) -> None:
    computer.index_answers = True
    assert computer.start("pack", str(tmp_path / "stick")) == 0
    torch, rest = computer.commands("download")
    assert machine.TORCH_CPU_INDEX in torch
    assert rest[rest.index("--find-links") + 1] == rest[rest.index("--dest") + 1], "and keeps it"
    assert sorted(path.name for path in (tmp_path / "stick" / "wheels").iterdir()) == ["numpy-2.whl", "torch-2.whl"]


def test_an_interrupted_pack_is_no_pack(computer: Computer, filled: Path, capsys: Capture) -> None:
    computer.pip_answers = [KeyboardInterrupt()]
    assert computer.start("pack", str(filled)) == 130
    capsys.readouterr()
    assert computer.start("--from", str(filled)) == 1
    assert "no finished pack" in only_line(capsys)


def test_installing_from_a_pack_looks_nowhere_else(
    computer: Computer, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/elsewhere")
    computer.index_answers = True
    assert computer.start("--from", str(filled), "listen") == 0
    (install,) = computer.commands("-r")
    assert "--no-index" in install
    assert install[install.index("--find-links") + 1] == str(filled / "wheels")
    env = computer.environments[computer.ran.index(install)]
    assert env["PIP_CONFIG_FILE"] == os.devnull
    assert "PIP_FIND_LINKS" not in env
    assert computer.became.command[-1] == "listen"


def test_installing_from_a_pack_does_not_try_apt(computer: Computer, filled: Path, capsys: Capture) -> None:
    computer.installed_libraries.remove("libportaudio.so.2")
    assert computer.start("--from", str(filled)) == 0
    assert not computer.commands("apt-get")
    assert "apt-get install -y --no-install-recommends libportaudio2" in capsys.readouterr().err


def test_a_missing_wheel_is_named(computer: Computer, filled: Path, capsys: Capture) -> None:
    (filled / "wheels" / "numpy-2.whl").unlink()
    capsys.readouterr()
    assert computer.start("--from", str(filled)) == 1
    assert "lacks numpy-2.whl" in only_line(capsys)
    assert not computer.ran


def test_a_damaged_wheel_is_named(computer: Computer, filled: Path, capsys: Capture) -> None:
    (filled / "wheels" / "numpy-2.whl").write_bytes(b"numpy-2.whx")
    capsys.readouterr()
    assert computer.start("--from", str(filled)) == 1
    assert "numpy-2.whl" in only_line(capsys)


def test_a_pack_of_another_version_is_refused(computer: Computer, filled: Path, capsys: Capture) -> None:
    with open(filled / TEST_LOCK, "a", encoding="utf-8") as lock:
        lock.write("more==1\n")
    capsys.readouterr()
    assert computer.start("--from", str(filled)) == 1
    assert TEST_LOCK in only_line(capsys)


def test_a_pack_for_another_machine_is_refused(
    computer: Computer, filled: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_for = pack.machine_kind()
    monkeypatch.setattr(pack, "machine_kind", lambda: "Windows AMD64 cpython-311")
    capsys.readouterr()
    assert computer.start("--from", str(filled)) == 1
    line = only_line(capsys)
    assert made_for in line
    assert "Windows AMD64" in line


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": 1, "wheels": 3}', "\x00"])
def test_a_damaged_list_of_wheels_is_one_line(computer: Computer, filled: Path, capsys: Capture, text: str) -> None:
    (filled / "pack.json").write_text(text, "utf-8")
    capsys.readouterr()
    assert computer.start("--from", str(filled)) == 1
    assert "no finished pack" in only_line(capsys)


@pytest.mark.parametrize("words", [["--from"], ["pack"], ["pack", "a", "b"]])
def test_a_forgotten_folder_is_one_line(computer: Computer, words: list[str], capsys: Capture) -> None:
    assert computer.start(*words) == 1
    assert "folder" in only_line(capsys)
