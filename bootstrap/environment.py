"""The virtual environment of a checkout: made once, filled from the lock files, marked when complete."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import os
import shutil
import sys
from typing import TYPE_CHECKING

from bootstrap import machine
from bootstrap.machine import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNTIME_LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"
NEEDED_BYTES = 2_500_000_000
PYTHON_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


class SetupError(Exception):
    """One sentence for the user: what is wrong and what to do."""


class Environment:
    """The virtual environment `.venv` of a checkout.

    Parameters
    ----------
    root
        Folder of the checkout.
    wheels
        Folder with all wheels, to install from it and from nowhere else; None for pip's own sources.
    """

    def __init__(self, root: Path, wheels: Path | None = None) -> None:
        self.root = root
        self.wheels = wheels
        self.venv = root / ".venv"
        windows = machine.PLATFORM == "win32"
        self.python = self.venv / ("Scripts/python.exe" if windows else "bin/python")
        self.packages = self.venv / ("Lib" if windows else f"lib/python{PYTHON_VERSION}") / "site-packages"

    def stamp(self, lock: str) -> Path:
        """File that is written last, once everything in the lock file is installed."""
        return self.venv / f"{lock}.installed"

    def fingerprint(self, lock: str) -> str:
        """Text that changes with the lock file and with the Python that runs start.py."""
        digest = hashlib.sha256((self.root / lock).read_bytes()).hexdigest()
        return f"{sys.implementation.cache_tag} {machine.PLATFORM} {digest}\n"

    def has(self, lock: str) -> bool:
        """Say whether everything in the lock file is installed."""
        try:
            return self.stamp(lock).read_text("utf-8") == self.fingerprint(lock) and self.python.exists()
        except FileNotFoundError:
            return False

    def provide(self, *locks: str) -> None:
        """Install what the lock files name and is not there yet; an interrupted installation goes on.

        Raises
        ------
        SetupError
            When the disk is too full, .venv cannot be made or pip fails.
        """
        with self._alone():
            missing = [lock for lock in locks if not self.has(lock)]
            if missing:
                self.make()
            for lock in missing:
                if lock == RUNTIME_LOCK and self.wheels is None:
                    self._install_torch()
                count = sum("==" in line for line in self._lines(lock))
                say(f"installing the {count} packages of {lock}")
                self.pip("install", "-r", str(self.root / lock), "-c", str(self.root / RUNTIME_LOCK))
                self.stamp(lock).write_text(self.fingerprint(lock), "utf-8")

    def make(self) -> None:
        """Make an empty .venv, or take over the one of an interrupted installation.

        Raises
        ------
        SetupError
            When the disk is too full or this Python makes no virtual environments.
        """
        whole = self._is_whole()
        if not self.has(RUNTIME_LOCK):
            self._check_space(whole)
        if whole:
            say(f"going on with {self.venv}")
            self._drop_half_installed()
            return
        require_ensurepip(may_install=self.wheels is None)
        if self.venv.exists():
            say(f"{self.venv} is unfinished or of another Python: making it anew")
        say(f"setting up in {self.venv}: about 1.3 GB, a few minutes, once")
        code, lines = machine.run_shown([sys.executable, "-m", "venv", "--clear", str(self.venv)])
        if code != 0:
            raise SetupError(f"{self.venv} could not be made: {reason(lines)}")

    def pip(self, command: str, *arguments: str) -> None:
        """Run a command of the environment's pip; all it writes goes to .venv/pip.log.

        Raises
        ------
        SetupError
            When pip fails; with pip's reason.
        """
        env = dict(os.environ)
        options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        if self.wheels is not None:  # only that folder counts, whatever pip is configured to look at
            env = {name: value for name, value in env.items() if not name.startswith("PIP_")}
            env["PIP_CONFIG_FILE"] = os.devnull
            options += ["--no-index", "--find-links", str(self.wheels.resolve())]
        code, lines = machine.run_shown([str(self.python), "-m", "pip", command, *options, *arguments], env)
        log = self.venv / "pip.log"
        with open(log, "a", encoding="utf-8") as handle:
            handle.write("\n".join([f"# pip {command} {' '.join(arguments)}", *lines, ""]))
        if code != 0:
            raise SetupError(
                f"pip {command} failed: {reason(lines)}; once mended, start again: what is there is kept"
                f" (all that pip said: {log})"
            )

    def torch_requirement(self) -> str:
        """Return torch with its locked version, like "torch==2.13.0"."""
        return next(line for line in self._lines(RUNTIME_LOCK) if line.startswith("torch=="))

    def _lines(self, lock: str) -> list[str]:
        return (self.root / lock).read_text("utf-8").splitlines()

    def _install_torch(self) -> None:
        if machine.PLATFORM != "linux":
            return  # elsewhere the plain build is the CPU build; it comes with the other packages
        torch = self.torch_requirement()
        if machine.cpu_index_answers():
            say(f"installing {torch}, CPU build, from {machine.TORCH_CPU_INDEX}")
            try:
                # without dependencies: those on this index are old versions
                self.pip("install", "--no-deps", "--index-url", machine.TORCH_CPU_INDEX, torch)
            except SetupError as error:
                say(f"{error}; trying pip's own sources")
            else:
                return
        else:
            say(f"{machine.TORCH_CPU_INDEX} does not answer: torch comes from pip's own sources")
        say(f"installing {torch} (if that is the CUDA build: 5 GB)")
        self.pip("install", torch, "-c", str(self.root / RUNTIME_LOCK))

    def _check_space(self, whole: bool) -> None:
        free_bytes = shutil.disk_usage(self.root).free
        if whole and free_bytes < NEEDED_BYTES:  # part of it lies in .venv already
            free_bytes += sum(path.lstat().st_size for path in self.venv.rglob("*"))
        if free_bytes < NEEDED_BYTES:
            raise SetupError(
                f"{NEEDED_BYTES / 1e9:.1f} GB are needed in {self.root}, {free_bytes / 1e9:.1f} GB are free:"
                " make room and start again"
            )

    def _is_whole(self) -> bool:
        try:
            config = (self.venv / "pyvenv.cfg").read_text("utf-8")
        except FileNotFoundError:
            return False
        of_this_python = f"version = {PYTHON_VERSION}." in config and self.python.exists()
        # installing pip is the last step of making a virtual environment
        return of_this_python and any(self.packages.glob("pip-*.dist-info/INSTALLER"))

    def _drop_half_installed(self) -> None:
        # pip writes INSTALLER after a package's files; one that was cut short would count as installed
        for info in self.packages.glob("*.dist-info"):
            if not (info / "INSTALLER").exists():
                shutil.rmtree(info)
        for left_over in self.packages.glob("~*"):
            shutil.rmtree(left_over, ignore_errors=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one start.py install at a time; a second one waits (Windows refuses it by itself)."""
        with open(self.root / ".venv.lock", "w", encoding="utf-8") as handle:
            with contextlib.suppress(ImportError):
                import fcntl

                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    say("another start.py is installing, waiting for it")
                    fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def reason(lines: list[str]) -> str:
    """Pick from a command's output the line that says why it failed."""
    if any("No space left on device" in line for line in lines):
        return "the disk is full"
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it said nothing"])[-1]


def require_ensurepip(may_install: bool) -> None:
    """Make sure that this Python can make an environment with pip in it; Debian splits that off.

    Raises
    ------
    SetupError
        When it cannot; with the command that helps.
    """
    if _has_ensurepip():
        return
    package = f"python{PYTHON_VERSION}-venv"
    if machine.PLATFORM == "linux":
        machine.provide_packages([package], "ensurepip is missing", may_install)
        if _has_ensurepip():
            return
    raise SetupError(f"{sys.executable} lacks ensurepip and cannot make .venv: run apt-get install {package}")


def _has_ensurepip() -> bool:
    importlib.invalidate_caches()  # apt-get may have brought it since the last look
    return importlib.util.find_spec("ensurepip") is not None
