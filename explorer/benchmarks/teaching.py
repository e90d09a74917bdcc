"""What a run that trains live costs the window: time per frame, pace, delay until pause, step and change are seen."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.main_window import MainWindow

ASKED_STEPS_PER_S = 1000.0
SETTLE_S = 2.0
COMMANDS = 20  # of each kind
EVERY_MS = 250


def measure_teaching(width: int, height: int, seconds: float) -> dict[str, Any]:
    """Open the window on Teach, train spirals at 1,000 steps per second, then pause, step and change; return the cost.

    Parameters
    ----------
    width, height
        Size of the window in pixels.
    seconds
        How long frames are measured.
    """
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from explorer.faults import Faults
    from explorer.main_window import MainWindow
    from explorer.panels.registry import panel_classes
    from explorer.settings import Settings

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    window = MainWindow((), Settings(), Faults(), "dark")
    window.resize(width, height)
    window.show()
    window.add_panels(panel_classes())
    window.start("teach")
    panel = _panel(window)
    panel.choose_view("train")
    session = panel.session
    found: dict[str, Any] = {"width": width, "height": height, "asked_steps_per_s": ASKED_STEPS_PER_S}
    mark: dict[str, float] = {}
    delays_ms: dict[str, list[float]] = {"pause": [], "step": [], "change": []}
    waiting: dict[str, Callable[[], bool]] = {}

    def ready() -> None:
        if session.view is not None:
            start.stop()
            session.set_speed(ASKED_STEPS_PER_S)
            session.play()
            QTimer.singleShot(round(1000 * SETTLE_S), begin)

    def begin() -> None:
        window.clock.forget_times()
        mark.update(began=time.perf_counter(), step=session.view.step)
        QTimer.singleShot(round(1000 * seconds), end)

    def end() -> None:
        spent = time.perf_counter() - mark["began"]
        found["steps_per_s"] = (session.view.step - mark["step"]) / spent
        found["gui_ms_per_frame"] = {"median": window.clock.busy_ms(50), "p99": window.clock.busy_ms(99)}
        found["frame_gap_ms"] = {"median": window.clock.gap_ms(50), "p99": window.clock.gap_ms(99)}
        commands.start(EVERY_MS)

    def command() -> None:
        """Change the rate while it plays, pause, make one step; each once the one before is seen."""
        if waiting:
            return
        kind = min(delays_ms, key=lambda name: (len(delays_ms[name]), ("change", "pause", "step").index(name)))
        if len(delays_ms[kind]) >= COMMANDS:
            commands.stop()
            window.close()
            return
        mark["asked"] = time.perf_counter()
        if kind == "change":
            rate = 0.05 if session.settings.learning_rate > 0.07 else 0.1
            session.change(learning_rate=rate)
            waiting[kind] = lambda: session.view.settings.learning_rate == rate
        elif kind == "pause":
            session.pause()
            waiting[kind] = lambda: session.view.mode == "paused"
        else:
            wanted = session.view.step + 1
            session.step_once()
            waiting[kind] = lambda: session.view.step == wanted

    def look(now_s: float) -> None:
        for kind, seen in tuple(waiting.items()):
            if seen():
                waiting.clear()
                delays_ms[kind].append(1000 * (time.perf_counter() - mark["asked"]))
                if kind == "step":
                    session.play()

    start, commands = QTimer(), QTimer()
    start.timeout.connect(ready)
    commands.timeout.connect(command)
    window.clock.add(None, on_frame=look)
    window.closed.connect(app.quit)
    start.start(20)
    QTimer.singleShot(round((seconds + 120) * 1000), window.close)  # whatever happens, this ends
    app.exec()
    if len(delays_ms["step"]) < COMMANDS:
        raise ExplorerError("The window did not get through the run within two minutes: nothing was measured.")
    for kind, each in delays_ms.items():
        found[f"{kind}_seen_ms"] = {"median": statistics.median(each), "worst": max(each), "count": len(each)}
    return found | {"display": os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY") or "default"}


def _panel(window: MainWindow) -> Any:
    return window.panel("teach")
