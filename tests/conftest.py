"""Every test starts with empty settings and leaves no thread, no timer and no window behind.

A skipped test is a test that did not run: only the skips listed in `ALLOWED_SKIPS` pass, by platform.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import threading
import traceback
import weakref
from typing import TYPE_CHECKING, Any

# An explicit platform wins; without one nothing appears on the screen of whoever runs the tests.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

# Who runs the tests -> patterns of test ids that may be skipped there. The end-to-end tests need a virtual display
# and a virtual microphone: Linux programs, which start.py can install for root alone.
ALLOWED_SKIPS: dict[str, tuple[str, ...]] = {
    "darwin": (r"^tests/app/", r"^tests/engine/audio/test_virtual_microphone\.py"),
    "win32": (
        r"^tests/app/",
        r"^tests/engine/audio/test_virtual_microphone\.py",
        r"::test_one_installation_at_a_time$",
    ),
    "linux": (r"^tests/app/", r"^tests/engine/audio/test_virtual_microphone\.py"),
    "linux root": (),
}


def skip_is_allowed(nodeid: str) -> bool:
    """Say whether the test `nodeid` may be skipped here."""
    here = "linux root" if sys.platform == "linux" and os.geteuid() == 0 else sys.platform
    return any(re.search(pattern, nodeid) for pattern in ALLOWED_SKIPS.get(here, ()))


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail") or skip_is_allowed(report.nodeid):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped and is not in ALLOWED_SKIPS (tests/conftest.py): {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(autouse=True)
def explorer_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty folder for settings and recordings instead of the user's own."""
    home = tmp_path / "explorer-home"
    home.mkdir()
    monkeypatch.setenv("MLSYS_EXPLORER_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail the test that leaves a thread running, and name the thread."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(0.5)  # one that was told to stop may need a moment for its last lines
    names = [thread.name for thread in left if thread.is_alive()]
    assert not names, f"threads still running: {names}"


@pytest.fixture(autouse=True)
def no_leaked_qt(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test that leaves a timer running or a top-level widget, and say where the timer was started.

    Torn down after pytest-qt has closed the widgets that the test handed to `qtbot`.
    """
    if "PySide6.QtWidgets" not in sys.modules and "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication

    started: list[tuple[weakref.ref[QTimer], str]] = []
    start = QTimer.start

    def remember_and_start(timer: QTimer, *args: Any) -> None:
        started.append((weakref.ref(timer), "".join(traceback.format_stack(limit=4)[:-1])))
        start(timer, *args)

    monkeypatch.setattr(QTimer, "start", remember_and_start)
    before = {id(widget) for widget in QApplication.topLevelWidgets()}
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def new_widgets() -> list[str]:
        return [repr(w) for w in QApplication.topLevelWidgets() if id(w) not in before]

    def running_timers() -> list[str]:
        return [place for ref, place in started if (timer := ref()) is not None and _is_active(timer)]

    if new_widgets() or running_timers():
        gc.collect()  # what only a reference cycle keeps is garbage, not a leak
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    widgets, timers = new_widgets(), running_timers()
    assert not timers, "timers still running, started here:\n" + "\n".join(timers)
    assert not widgets, f"top-level widgets left behind: {widgets}"


def _is_active(timer: Any) -> bool:
    import shiboken6

    return bool(shiboken6.isValid(timer) and timer.isActive())
