"""What the window costs: start-up, memory, time of the interface's thread, delay from sound to paint."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.main_window import MainWindow


def measure_window(width: int, height: int, seconds: float) -> dict[str, Any]:
    """Open the window with the talker, let it run, and return what it cost.

    Times count from the start of this process, so this is called first of all in a process of its own.

    Parameters
    ----------
    width, height
        Size of the window in pixels.
    seconds
        How long it is watched after it has settled for two seconds.
    """
    import psutil

    process = psutil.Process()
    born = process.create_time()
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from explorer.app import add_panels, until_painted
    from explorer.faults import Faults
    from explorer.main_window import MainWindow
    from explorer.settings import Settings

    # The order of `app.run`: the window is painted before the panels are loaded.
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    window = MainWindow((), Settings(), Faults(), "dark")
    window.resize(width, height)
    window.show()
    until_painted(app, window)
    found: dict[str, Any] = {"width": width, "height": height, "first_window_s": time.time() - born}
    add_panels(window, at_once=False)
    window.start("listen")
    mark: dict[str, float] = {}

    def listening() -> None:
        if len(_session(window).hops_since(0)[0]) > 0:
            wait.stop()
            found["listening_s"] = time.time() - born
            QTimer.singleShot(2000, begin)

    def begin() -> None:
        window.clock.forget_times()
        mark["wall"], mark["cpu"] = time.perf_counter(), time.process_time()
        QTimer.singleShot(round(seconds * 1000), end)

    def end() -> None:
        wall = time.perf_counter() - mark["wall"]
        found["share_of_one_core"] = (time.process_time() - mark["cpu"]) / wall
        found["gui_ms_per_frame"] = {"median": window.clock.busy_ms(50), "p99": window.clock.busy_ms(99)}
        found["frame_gap_ms"] = {"median": window.clock.gap_ms(50), "p99": window.clock.gap_ms(99)}
        found["resident_mb"] = process.memory_info().rss / 1e6
        found["torch_loaded"] = "torch" in sys.modules
        delays = sorted(_session(window).paint_delays_ms())
        if delays:
            found["callback_to_paint_ms"] = {
                "median": delays[len(delays) // 2],
                "p99": delays[int(len(delays) * 0.99)],
                "count": len(delays),
            }
        window.close()

    wait = QTimer()
    wait.timeout.connect(listening)
    window.closed.connect(app.quit)
    wait.start(10)
    QTimer.singleShot(round((seconds + 60) * 1000), window.close)  # whatever happens, this ends
    app.exec()
    if "share_of_one_core" not in found:
        raise ExplorerError("The window did not begin to listen within a minute: nothing was measured.")
    return found | {"display": os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY") or "default"}


def _session(window: MainWindow) -> Any:
    return window.panel("listen").session  # type: ignore[attr-defined] # the listen panel's own
