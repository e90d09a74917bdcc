"""What a moving bit slider costs the window: delay until an estimate is painted, frames, memory, nothing left over."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.main_window import MainWindow

EVENTS_PER_S = 60
SINGLE_MOVES = 25
SINGLE_EVERY_MS = 450  # a hand that looks before it moves on


def measure_slider(width: int, height: int, seconds: float) -> dict[str, Any]:
    """Open the window on Squeeze, move one layer's slider now and then, then 60 times a second; return what it cost.

    Every move goes to a setting that was not measured before, so that nothing is answered from memory.

    Parameters
    ----------
    width, height
        Size of the window in pixels.
    seconds
        How long the slider moves 60 times a second.
    """
    import psutil
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QWidget

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
    window.start("squeeze")
    panel = _panel(window)
    session, process = panel.session, psutil.Process()
    found: dict[str, Any] = {"width": width, "height": height}
    delays_ms: list[float] = []
    resident: list[int] = []
    moves = _settings(())
    mark: dict[str, float] = {}

    class Painted(QObject):
        """Note when the panel paints an estimate of the setting that was asked for."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            inside = event.type() == QEvent.Type.Paint and isinstance(watched, QWidget) and panel.isAncestorOf(watched)
            shown = session.current is not None and session.current.recipe == session.recipe
            if inside and "moved" in mark and shown:
                delays_ms.append(1000 * (time.perf_counter() - mark.pop("moved")))
            return False

    painted = Painted()

    def move() -> None:
        layer, bits = next(moves)
        panel.layers.strip.widthChosen.emit(layer, bits)

    def single() -> None:
        mark["moved"] = time.perf_counter()
        move()
        if len(delays_ms) >= SINGLE_MOVES:
            one.stop()
            mark.pop("moved")
            window.clock.forget_times()
            mark["began"] = time.perf_counter()
            many.start(round(1000 / EVENTS_PER_S))

    def drag() -> None:
        move()
        found["events"] = found.get("events", 0) + 1
        resident.append(process.memory_info().rss)
        if time.perf_counter() - mark["began"] >= seconds:
            many.stop()
            found["gui_ms_per_frame"] = {"median": window.clock.busy_ms(50), "p99": window.clock.busy_ms(99)}
            found["frame_gap_ms"] = {"median": window.clock.gap_ms(50), "p99": window.clock.gap_ms(99)}
            found["events_per_s"] = found["events"] / (time.perf_counter() - mark["began"])
            mark["let_go"] = time.perf_counter()
            rest.start(5)

    def ready() -> None:
        nonlocal moves
        if session.steps is not None and session.float_result is not None and not session.problem:
            start.stop()
            moves = _settings(tuple(session.steps.weights))
            one.start(SINGLE_EVERY_MS)

    def settled() -> None:
        if session.current is not None and session.current.recipe == session.recipe:
            rest.stop()
            found["answered_after_last_event_ms"] = 1000 * (time.perf_counter() - mark["let_go"])
            window.close()

    start, one, many, rest = QTimer(), QTimer(), QTimer(), QTimer()
    for timer, slot in ((start, ready), (one, single), (many, drag), (rest, settled)):
        timer.timeout.connect(slot)
    app.installEventFilter(painted)
    window.closed.connect(app.quit)
    start.start(20)
    QTimer.singleShot(round((seconds + 120) * 1000), window.close)  # whatever happens, this ends
    app.exec()
    app.removeEventFilter(painted)
    if "answered_after_last_event_ms" not in found:
        raise ExplorerError("The window did not get through the drag within two minutes: nothing was measured.")
    tenth = max(1, len(resident) // 10)
    found["event_to_painted_ms"] = {
        "median": statistics.median(delays_ms),
        "p90": statistics.quantiles(delays_ms, n=10)[-1],
        "count": len(delays_ms),
    }
    found["resident_mb"] = resident[-1] / 1e6
    found["resident_growth"] = statistics.median(resident[-tenth:]) / statistics.median(resident[tenth : 2 * tenth])
    return found | {"display": os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY") or "default"}


def _settings(layers: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Yield moves of single sliders that never lead to the same setting twice: a reflected Gray code in base 6."""
    widths = (8, 7, 6, 5, 4, 3)
    at, direction = [0] * len(layers), [1] * len(layers)
    place = 0
    while place < len(layers):
        step = at[place] + direction[place]
        if 0 <= step < len(widths):
            at[place] = step
            yield layers[place], widths[step]
            place = 0
        else:
            direction[place] = -direction[place]
            place += 1


def _panel(window: MainWindow) -> Any:
    return window.panel("squeeze")
