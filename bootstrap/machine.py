"""What the set-up does to the machine outside .venv: commands, shared libraries, system packages."""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLATFORM: str = sys.platform

# PyTorch's own index has the CPU build of torch; the plain Linux build on PyPI brings 5 GB of CUDA.
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"

# What the wheels of Qt and sounddevice expect a Linux system to have: shared library -> Debian package.
LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libportaudio.so.2": "libportaudio2",
}

# The virtual display and the virtual microphone of the end-to-end tests: program -> Debian package.
TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "pulseaudio": "pulseaudio",
    "pactl": "pulseaudio-utils",
}
ALSA_PULSE_PLUGIN = "alsa-lib/libasound_module_pcm_pulse.so"

SECONDS_BETWEEN_SIGNS_OF_LIFE = 15


def say(text: str) -> None:
    """Tell the user something, on stderr: stdout belongs to the program, whose JSON stays alone on it."""
    print(f"start.py: {text}", file=sys.stderr, flush=True)


def run_shown(command: list[str], env: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
    """Run a command and show its newest line with the seconds it has taken so far.

    Parameters
    ----------
    command
        Program and arguments.
    env
        The whole environment of the program; None for the present one.

    Returns
    -------
    tuple
        Exit code, and all lines that the program wrote on stdout and stderr.
    """
    start_s = told_s = time.monotonic()
    live = sys.stderr.isatty()
    width = shutil.get_terminal_size().columns - 1
    lines: list[str] = []
    process = subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        for line in _lines_or_silence(process.stdout):
            if line:
                lines.append(line)
            now_s = time.monotonic()
            shown = f"  {now_s - start_s:4.0f} s  {lines[-1] if lines else 'starting'}"
            if live:
                print(f"\r{shown[:width]:{width}}", end="", file=sys.stderr, flush=True)
            elif _is_step(line) or now_s - told_s > SECONDS_BETWEEN_SIGNS_OF_LIFE:
                print(shown[:160], file=sys.stderr, flush=True)
                told_s = now_s
    except BaseException:  # an impatient user as well: the command must not go on alone
        process.terminate()
        raise
    finally:
        process.wait()
        if live:
            print(f"\r{'':{width}}\r", end="", file=sys.stderr, flush=True)
    return process.returncode, lines


def _is_step(line: str) -> bool:
    return line.startswith(("Collecting", "Downloading", "Installing", "Get:", "Setting up"))


def _lines_or_silence(stream: IO[str] | None) -> Iterator[str]:
    """Yield the lines of a stream as they come, and an empty one for every second without any."""
    assert stream is not None
    arrived: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        with stream:
            for line in stream:
                arrived.put(line.strip())
        arrived.put(None)

    # a thread because Windows has no other way to wait for a pipe with a time limit
    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = arrived.get(timeout=1.0)
        except queue.Empty:
            line = ""
        if line is None:
            return
        yield line


def cpu_index_answers(limit_s: float = 5.0) -> bool:
    """Say whether PyTorch's index of CPU builds answers within `limit_s` seconds, name look-up included."""
    import urllib.request

    answers: list[bool] = []

    def ask() -> None:
        with contextlib.suppress(OSError, ValueError):
            request = urllib.request.Request(f"{TORCH_CPU_INDEX}/torch/", method="HEAD")
            with urllib.request.urlopen(request, timeout=limit_s) as response:
                answers.append(response.status == 200)

    # A thread because a name look-up knows no time limit; daemon because nobody waits for a late answer.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(limit_s)
    return answers == [True]


def missing_libraries() -> list[str]:
    """Name the Debian packages of the shared libraries that the system's loader does not find."""
    return [package for library, package in LIBRARIES.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_test_packages() -> list[str]:
    """Name the Debian packages that the end-to-end tests need and this system lacks."""
    missing = [package for program, package in TEST_PROGRAMS.items() if shutil.which(program) is None]
    return missing if _has_alsa_plugin() else [*missing, "libasound2-plugins"]


def _has_alsa_plugin() -> bool:
    folders = ("lib", "lib/*", "lib64")
    return any(True for folder in folders for _ in Path("/usr").glob(f"{folder}/{ALSA_PULSE_PLUGIN}"))


def is_root() -> bool:
    """Say whether system packages can be installed without asking for a password."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def provide_packages(packages: list[str], purpose: str, may_install: bool = True) -> bool:
    """Install Debian packages where that needs no question; else print the command and go on.

    Parameters
    ----------
    packages
        Names of the missing packages.
    purpose
        What is missing without them, as the start of a sentence.
    may_install
        False to print the command in any case.

    Returns
    -------
    bool
        True if the packages are installed now.
    """
    if not packages:
        return True
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        say(f"{purpose}; install what Debian calls {' '.join(packages)} with your system's package manager")
        return False
    if is_root() and may_install:
        say(f"{purpose}: installing {' '.join(packages)} with apt-get")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        update = ["apt-get", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "update"]
        # Where the package lists are absent or old the first try fails at once; then they are fetched.
        if run_shown(install, env)[0] == 0:
            return True
        if run_shown(update, env)[0] == 0 and run_shown(install, env)[0] == 0:
            return True
        say("apt-get could not do it, going on with what works")
    say(f"{purpose}; the command that brings it: {'' if is_root() else 'sudo '}{' '.join(install)}")
    return False
