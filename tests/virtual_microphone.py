"""A virtual microphone for tests: a sound server of the test's own, into which sound is played.

PortAudio looks for devices once, when it is loaded, so what listens must be a process of its own that is started with
`VirtualMicrophone.environment`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("virtual_mic.sh")
PROGRAMS = ("pulseaudio", "pactl", "paplay")


@dataclass(frozen=True)
class VirtualMicrophone:
    """A running virtual microphone.

    Parameters
    ----------
    folder
        Where its server lives.
    """

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables for a process that shall hear it, those of this process included."""
        lines = self.run("env").splitlines()
        return {**os.environ, **dict(line.split("=", 1) for line in lines)}

    def run(self, *words: str) -> str:
        """Run the script and return what it prints."""
        done = subprocess.run(
            [str(SCRIPT), *words],
            env={**os.environ, "VIRTUAL_MIC_DIR": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            text=True,
        )
        assert done.returncode == 0, f"virtual_mic.sh {' '.join(words)} failed: {done.stdout}"
        return done.stdout

    def play(self, wav: Path) -> None:
        """Play a file into it; returns when it is played."""
        self.run("play", str(wav))

    @contextmanager
    def playing(self, wav: Path) -> Iterator[None]:
        """Play a file into it, beside what the test does meanwhile."""
        environment = {**os.environ, "VIRTUAL_MIC_DIR": str(self.folder)}
        player = subprocess.Popen([str(SCRIPT), "play", str(wav)], env=environment, stdin=subprocess.DEVNULL)
        try:
            yield
        finally:
            assert player.wait(60) == 0


@pytest.fixture(scope="session")
def virtual_microphone() -> Iterator[VirtualMicrophone]:
    """Start a virtual microphone once per session; for root on Linux it is a failure when that cannot be."""
    linux = sys.platform.startswith("linux")
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if not linux or (missing and os.geteuid() != 0):
        pytest.skip("no virtual microphone on this platform")
    if missing:
        pytest.fail(
            f"{', '.join(missing)} not found; apt-get install -y --no-install-recommends "
            "pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
        )
    with tempfile.TemporaryDirectory(prefix="vmic") as parent:  # short: the name of a socket has 108 characters
        microphone = VirtualMicrophone(Path(parent) / "server")
        try:
            microphone.run("start")
            yield microphone
        finally:
            microphone.run("stop")
