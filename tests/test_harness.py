"""The rules of conftest.py hold: a test run with a leak, a stray skip, a warning or a Qt log line fails."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent

PREAMBLE = """
import threading, time, warnings
import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QWidget
kept = []
"""

# Test -> (its body, text that the run must show for it)
FAULTS = {
    "skip": ("pytest.skip('why not')", "test_skip was skipped and is not in ALLOWED_SKIPS"),
    "thread": ("threading.Thread(target=time.sleep, args=(2,), name='leaky').start()", "threads still running"),
    "timer": ("kept.append(QTimer()); kept[-1].start(1000)", "timers still running, started here"),
    "window": ("kept.append(QWidget())", "top-level widgets left behind"),
    "warning": ("warnings.warn('careful')", "UserWarning: careful"),
    "qt_log": ("qWarning('something is wrong')", "QtWarningMsg: something is wrong"),
}
GOOD = {
    "window_closed": "w = QWidget(); qtbot.addWidget(w); w.show()",
    "window_dropped": "w = QWidget(); w.itself = w",
    "timer_dropped": "t = QTimer(); t.start(1000)",
    "timer_of_a_window": "w = QWidget(); qtbot.addWidget(w); t = QTimer(w); t.setInterval(9); t.start()",
    "thread_joined": "t = threading.Thread(target=time.sleep, args=(0.01,)); t.start(); t.join()",
    "home": "import os, pathlib; assert not list(pathlib.Path(os.environ['MLSYS_EXPLORER_HOME']).iterdir())",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says about a project with our conftest.py and tests that misbehave."""
    folder = tmp_path_factory.mktemp("misbehaving")
    (folder / "tests").mkdir()
    shutil.copy(TESTS.parent / "pyproject.toml", folder)
    shutil.copy(TESTS / "conftest.py", folder / "tests")
    bodies = {name: body for name, (body, _) in FAULTS.items()} | GOOD
    tests = [f"def test_{name}(qtbot):\n    {body}\n" for name, body in bodies.items()]
    (folder / "tests" / "test_them.py").write_text(PREAMBLE + "\n".join(tests), "utf-8")
    (folder / "tests" / "test_unwanted.py").write_text(
        "import pytest\npytest.importorskip('nobody_has_this')\n", "utf-8"
    )
    command = [sys.executable, "-m", "pytest", "--continue-on-collection-errors", "-v", "-p", "no:cacheprovider"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 1
    return done.stdout


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_the_run(report: str, name: str) -> None:
    assert re.search(rf"^(FAILED|ERROR) tests/test_them.py::test_{name}\b", report, re.MULTILINE)
    assert FAULTS[name][1] in report


@pytest.mark.parametrize("name", GOOD)
def test_good_behaviour_passes(report: str, name: str) -> None:
    assert re.search(rf"^tests/test_them.py::test_{name} PASSED", report, re.MULTILINE)
    assert not re.search(rf"^(FAILED|ERROR) tests/test_them.py::test_{name}\b", report, re.MULTILINE)


def test_a_file_that_skips_itself_fails_the_run(report: str) -> None:
    assert "tests/test_unwanted.py was skipped and is not in ALLOWED_SKIPS" in report
