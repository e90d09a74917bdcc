"""The start and the end of the program with a window: order matters in both."""

from __future__ import annotations

import faulthandler
import importlib
import importlib.util
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from explorer.main_window import MainWindow


FIRST_PANEL = "listen"
OTHERS_AFTER_MS, IMPORT_EVERY_MS = 400, 20


def torch_before_qt(platform: str = sys.platform) -> bool:
    """Load torch now where it could not be loaded after Qt; True when it was.

    On Windows, torch 2.9 and later fails with "WinError 1114 ... c10.dll" once Qt's libraries are in the process
    (pytorch issue 166628).  Elsewhere it is loaded when something first needs it: it would double the time to the
    first window.
    """
    if platform != "win32" or importlib.util.find_spec("torch") is None:
        return False
    importlib.import_module("torch")
    return True


def until_painted(app: QApplication, window: MainWindow, limit_s: float = 0.3) -> None:
    """Let the window system show the window; one that starts minimised is never shown, so not for ever."""
    from PySide6.QtCore import QEventLoop

    end_s = time.monotonic() + limit_s
    handle = window.windowHandle()
    while not handle.isExposed() and time.monotonic() < end_s:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
    app.processEvents()


def add_panels(window: MainWindow, *, at_once: bool) -> None:
    """Give the window its panels: all of them now, or the first now and the others while it already listens.

    Importing them takes half a second, in which nobody would be heard; they come one by one, a frame or two apart.
    """
    from PySide6.QtCore import QTimer

    from explorer.panels.registry import module_names, panel_class, panel_classes

    first = panel_class(FIRST_PANEL)
    if at_once or first is None:
        window.add_panels(panel_classes())
        return
    window.add_panels((first,))
    waiting = iter(module_names())

    def add_next() -> None:
        if window.is_closed:
            return
        name = next(waiting, None)
        if name is None:
            window.add_panels(panel for panel in panel_classes() if panel.key not in window.panel_classes)
        else:
            panel_class(name)
            QTimer.singleShot(IMPORT_EVERY_MS, window, add_next)

    QTimer.singleShot(OTHERS_AFTER_MS, window, add_next)


def _log_events(window: MainWindow, path: Path) -> None:
    """Write the words that the window shows into a file."""
    from explorer.event_log import EventLog
    from explorer.panels.listen.panel import ListenPanel

    listen = window.panel(ListenPanel.key)
    assert isinstance(listen, ListenPanel)
    log = EventLog(path)
    log.follow(listen.session, listen.session.pipeline.seams)

    def write(now_s: float) -> None:
        trouble = log.poll()
        if trouble is not None:
            window.notify(trouble, mood="bad")

    window.clock.add(None, on_frame=write)
    window.closed.connect(log.close)


def run(
    state: Path | None = None,
    panel: str | None = None,
    theme: str | None = None,
    quit_after_s: float | None = None,
    log_events: Path | None = None,
) -> int:
    """Open the window and return when it is closed.

    Parameters
    ----------
    state
        A state file to open with.
    panel
        Key of the panel in front; None takes the one of last time.
    theme
        "dark", "light" or "projector", for this time only.
    quit_after_s
        Close the window by itself after so many seconds.
    log_events
        A file to which every word that is shown is added; see `explorer.event_log`.

    Returns
    -------
    The exit status: 0, or 130 after Ctrl+C, 143 after a request to terminate.

    Raises
    ------
    ExplorerError
        When there is no such panel, or the event log cannot be written.
    """
    torch_before_qt()
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from explorer.engine.errors import ExplorerError
    from explorer.faults import Faults
    from explorer.main_window import MainWindow
    from explorer.settings import Settings

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("ML Systems Explorer")
    app.setDesktopFileName("mlsys-explorer")
    faults = Faults()
    status = 0
    window: MainWindow | None = None

    def interrupted(number: int = signal.SIGINT) -> None:
        nonlocal status
        status = 128 + number

    def on_signal(number: int, frame: FrameType | None) -> None:
        interrupted(number)

    def close_if_interrupted(now_s: float) -> None:
        if status and window is not None:
            window.close()

    faults.install(interrupted)
    if not faulthandler.is_enabled() and sys.stderr is not None:
        faulthandler.enable()
    # A signal only leaves a mark, which the clock finds within a frame: closing the window in the handler would, before
    # the event loop runs, quit a loop that has not begun.
    old_handlers = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        window = MainWindow((), Settings(), faults, theme or "")
        window.closed.connect(app.quit)
        window.clock.add(None, on_frame=close_if_interrupted)
        window.show()
        until_painted(app, window)  # the panels take as long to load as the window did: they come into it
        usual = panel is None and state is None and window.settings.values.panel in ("", FIRST_PANEL)
        add_panels(window, at_once=not usual)
        if panel is not None and panel not in window.panel_classes:
            raise ExplorerError(f"There is no panel {panel!r}: choose one of {', '.join(window.panel_classes)}.")
        if not window.is_closed:  # by an impatient hand
            window.start(panel or "")
            if state is not None:
                window.files.open_state(state)
            if log_events is not None:
                _log_events(window, log_events)
            if quit_after_s is not None:
                QTimer.singleShot(round(1000 * quit_after_s), window.close)
            app.exec()
    finally:
        if window is not None:
            window.close()
            window.deleteLater()
            app.processEvents()
        faults.close()
        for number, handler in old_handlers.items():
            signal.signal(number, handler)
    return status
