"""The end of the program, at any moment and in every way, with the microphone open: nothing is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.app.desktop import PATIENCE_S, ROOT, Program, display, until
from tests.virtual_microphone import VirtualMicrophone, virtual_microphone

__all__ = ["display", "virtual_microphone"]


@pytest.mark.parametrize("seed", range(8))
def test_closing_at_any_moment_leaves_nothing(
    display: str, virtual_microphone: VirtualMicrophone, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    with Program(display, tmp_path, environment=virtual_microphone.environment) as program:
        program.window()
        time.sleep(chance.uniform(0.0, 0.6))
        program.press("space")  # the microphone opens now, or the panel that does it is still being loaded
        time.sleep(chance.uniform(0.0, 0.8))
        processes = program.processes()
        assert program.close() == 0
        assert program.errors == ""
        assert not psutil.wait_procs(processes, PATIENCE_S)[1]
    # PulseAudio sees a client go when its process has
    until(lambda: "process.id" not in virtual_microphone.run("listeners"), "the microphone to be free")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_listening_in_order(
    display: str, virtual_microphone: VirtualMicrophone, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    with Program(display, tmp_path, environment=virtual_microphone.environment) as program:
        program.press("space")
        until(lambda: program.source() == "microphone", "the microphone")
        program.process.send_signal(number)
        assert program.ended() == status
        assert program.errors == ""
        assert '"microphone_allowed": true' in (program.home / "settings.json").read_text()


def test_without_a_display_the_talker_is_heard_in_the_terminal(tmp_path: Path) -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"MLSYS_EXPLORER_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "explorer"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "no display" in done.stderr
    *events, count, score = done.stdout.splitlines()
    assert len(events) > 5
    assert all(float(event.split()[0]) > 0 and event.split()[1] == "s" for event in events)
    assert count.startswith(f"{len(events)} words in ")
    assert "known keywords were recognised" in score
