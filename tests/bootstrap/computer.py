"""A pretended computer: commands are recorded instead of run, and what they would leave behind is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import NoReturn

import pytest

from bootstrap import environment, machine
from bootstrap import main as entry

REPOSITORY = Path(__file__).resolve().parent.parent.parent
Usage = namedtuple("Usage", ["total", "used", "free"])


class Became(BaseException):
    """The process has turned into another program."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.command = command
        self.env = env


class Computer:
    """A checkout in an empty folder, on a computer whose every answer a test can set."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, platform: str = "linux") -> None:
        self.root = root
        self.patch = patch
        self.ran: list[list[str]] = []
        self.environments: list[dict[str, str]] = []
        self.pip_answers: list[tuple[int, list[str]] | BaseException] = []
        self.apt_codes: list[int] = []
        self.apt_provides_ensurepip = False
        self.index_answers = False
        self.installed_libraries = set(machine.LIBRARIES)
        self.programs = {"apt-get", *machine.TEST_PROGRAMS}
        self.ensurepip = True
        self.root_user = True
        self.free_bytes = 10_000_000_000
        for name in (environment.RUNTIME_LOCK, environment.TEST_LOCK):
            shutil.copy(REPOSITORY / name, root / name)
        patch.setattr(machine, "PLATFORM", platform)
        patch.setattr(machine, "run_shown", self._run)
        patch.setattr(machine, "cpu_index_answers", lambda: self.index_answers)
        patch.setattr(machine, "_loads", lambda library: library in self.installed_libraries)
        patch.setattr(machine, "is_root", lambda: self.root_user)
        patch.setattr(machine, "_has_alsa_plugin", lambda: True)
        patch.setattr(shutil, "which", lambda name: name if name in self.programs else None)
        patch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, self.free_bytes))
        patch.setattr(environment, "_has_ensurepip", lambda: self.ensurepip)
        patch.setattr(os, "execve", self._exec)
        patch.setattr(subprocess, "call", self._call)

    @property
    def venv(self) -> environment.Environment:
        """The environment that start.py makes on this computer."""
        return environment.Environment(self.root)

    def start(self, *words: str) -> int:
        """Type `python3 start.py WORDS`; return the exit code, 0 where the program took over."""
        try:
            return entry.main(list(words), "usage", self.root)
        except Became as became:
            self.became = became
            return 0

    def commands(self, word: str) -> list[list[str]]:
        """Return the recorded commands that contain `word`."""
        return [command for command in self.ran if word in command]

    def _run(self, command: list[str], env: dict[str, str] | None = None) -> tuple[int, list[str]]:
        self.ran.append(command)
        self.environments.append(dict(env or {}))
        if command[0] == "apt-get":
            self.ensurepip = self.ensurepip or self.apt_provides_ensurepip
            return (self.apt_codes.pop(0) if self.apt_codes else 0), []
        if "venv" in command:
            self.make_venv()
        elif "pip" in command and self.pip_answers:
            answer = self.pip_answers.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer
        elif "download" in command:
            folder = Path(command[command.index("--dest") + 1])
            name = "torch-2.whl" if "--no-deps" in command else "numpy-2.whl"
            (folder / name).write_bytes(name.encode())
        return 0, []

    def make_venv(self) -> None:
        """Leave behind what `python -m venv` does."""
        venv = self.venv
        shutil.rmtree(venv.venv, ignore_errors=True)
        pip = venv.packages / "pip-1.dist-info"
        for folder in (venv.python.parent, pip):
            folder.mkdir(parents=True)
        venv.python.touch()
        (pip / "INSTALLER").touch()
        (venv.venv / "pyvenv.cfg").write_text(f"version = {sys.version_info[0]}.{sys.version_info[1]}.0\n", "utf-8")

    def _exec(self, program: str, command: list[str], env: dict[str, str]) -> NoReturn:
        assert program == command[0]
        raise Became(command, env)

    def _call(self, command: list[str], env: dict[str, str]) -> int:
        self.became = Became(command, env)
        return 7
