"""The program as a process: signals, closing at any moment, files on the command line."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# The program with one small panel, whose background work never ends by itself.
PROGRAM = """
import sys, types
registry = types.ModuleType("explorer.panels.registry")
def panel_classes():
    from explorer.panels.base import Panel
    class Probe(Panel):
        key, title, icon = "probe", "Probe", "ear"
        def start(self):
            def work(stop, put, report):
                while not stop.wait(0.002):
                    put(1)
            self.context.background.start("work", work, heavy=False)
            print("started", flush=True)
    return (Probe,)
registry.panel_classes, registry.panel_class, registry.module_names = panel_classes, lambda name: None, tuple
sys.modules["explorer.panels.registry"] = registry
from explorer.cli import main
sys.exit(main())
"""


def start(*arguments: str, home: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MLSYS_EXPLORER_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def errors_of(process: subprocess.Popen[str]) -> str:
    try:
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    harmless = "This plugin does not support propagateSizeHints()"
    return "\n".join(line for line in errors.splitlines() if line != harmless)


@pytest.mark.parametrize("seed", range(5))
def test_closing_after_a_random_time_ends_well(explorer_home: Path, seed: int) -> None:
    seconds = random.Random(seed).uniform(0.0, 0.4)
    process = start("--quit-after", f"{seconds:.3f}", home=explorer_home)
    assert errors_of(process) == ""
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_without_a_traceback(explorer_home: Path, number: signal.Signals) -> None:
    process = start(home=explorer_home)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(number)
    assert errors_of(process) == ""
    assert process.returncode == 128 + number
    assert (explorer_home / "settings.json").exists()  # closed as by hand, with everything remembered


def test_a_panel_that_does_not_exist_is_one_line(explorer_home: Path) -> None:
    process = start("--panel", "nowhere", home=explorer_home)
    assert errors_of(process) == "There is no panel 'nowhere': choose one of probe."
    assert process.returncode == 2


def test_a_damaged_state_on_the_command_line_does_not_stop_the_window(explorer_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mlstate"
    path.write_bytes(b"\x80\x04 a pickle")
    process = start("--state", str(path), "--quit-after", "0.1", home=explorer_home)
    assert errors_of(process) == ""
    assert process.returncode == 0
