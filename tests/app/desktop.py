"""A virtual desktop for tests: a display of the test's own, the program on it, keys, pictures, and a sure end."""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import psutil
import pytest
from PySide6.QtGui import QImage

ROOT = Path(__file__).parents[2]
WITNESS = Path(__file__).with_name("witness.py")
PROGRAMS = ("Xvfb", "xdotool")
PATIENCE_S = 40.0
"""How long anything may take on a loaded machine before the test gives up; not a promise about speed."""

GRAB = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
assert app.primaryScreen().grabWindow(int(sys.argv[1])).save(sys.argv[2])
"""

T = TypeVar("T")


def until(look: Callable[[], T | None], what: str, seconds: float = PATIENCE_S) -> T:
    """Ask until the answer is neither None nor false, and return it."""
    end_s = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end_s, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)
    return found


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent, padded to the size of XEvent."""

    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 24),
    ]


def ask_to_close(display: str, window: int) -> None:
    """Send what a window manager sends when the cross of a window is pressed: WM_DELETE_WINDOW."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XInternAtom.restype = ctypes.c_ulong
    connection = ctypes.c_void_p(x.XOpenDisplay(display.encode()))
    assert connection, f"the display {display} does not answer"
    protocols, delete = (x.XInternAtom(connection, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    message = _ClientMessage(type=33, window=window, message_type=protocols, format=32)
    message.data[0] = delete
    x.XSendEvent(connection, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
    x.XCloseDisplay(connection)


@contextmanager
def virtual_display(width: int = 1440, height: int = 900) -> Iterator[str]:
    """Run an X server on a free display and yield its name, ":7"."""
    # -noreset: else it refuses whoever comes just after the last program has gone
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        assert select.select([read], [], [], PATIENCE_S)[0], "the X server does not start"
        yield ":" + os.read(read, 16).decode().strip()
    finally:
        os.close(read)
        server.terminate()
        server.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A virtual display for the whole run; for root on Linux it is a failure when that cannot be."""
    linux = sys.platform.startswith("linux")
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if not linux or (missing and os.geteuid() != 0):
        pytest.skip("no virtual display on this platform")
    if missing:
        pytest.fail(f"{', '.join(missing)} not found; apt-get install -y --no-install-recommends xvfb xdotool")
    with virtual_display() as name:
        yield name


class Program:
    """The program as a user starts it, in a process of its own.

    Parameters
    ----------
    display
        Name of the X server.
    folder
        An empty folder: settings, event log, what the program prints.
    arguments
        What stands after the program's name.
    environment
        Variables, those of this process by default; the display is added.
    witnessed
        Whether a witness inside answers `look`; without it the program is `python -m explorer`, untouched.
    """

    def __init__(
        self,
        display: str,
        folder: Path,
        arguments: Sequence[str] = (),
        environment: dict[str, str] | None = None,
        *,
        witnessed: bool = False,
    ) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.log = folder / "events.jsonl"
        self._errors = folder / "stderr.txt"
        variables = dict(os.environ if environment is None else environment)
        for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
            variables.pop(name, None)
        paths = [path for path in (variables.get("PYTHONPATH"), str(ROOT)) if path]
        variables |= {"DISPLAY": display, "MLSYS_EXPLORER_HOME": str(self.home), "PYTHONPATH": os.pathsep.join(paths)}
        self._display = display
        program = [str(WITNESS)] if witnessed else ["-m", "explorer"]
        self.started_s = time.monotonic()
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *program, "--log-events", str(self.log), *arguments],
                cwd=folder,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if witnessed else subprocess.DEVNULL,
                stderr=errors,
                text=True,
            )
        self._window = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    @property
    def errors(self) -> str:
        """What the program wrote on standard error so far."""
        return self._errors.read_text()

    # -- what is seen ----------------------------------------------------------------------------------------------

    def window(self) -> str:
        """Wait for the window and return its number."""
        if not self._window:
            self._window = until(self._find_window, "the window")
        return self._window

    def _find_window(self) -> str:
        assert self.process.poll() is None, f"the program has ended with {self.process.returncode}: {self.errors}"
        return self._xdotool("search", "--onlyvisible", "--name", "Listen – ML Systems Explorer", check=False).strip()

    def lines(self, kind: str = "") -> list[dict[str, Any]]:
        """Return the lines of the event log, of one kind or all."""
        if not self.log.exists():
            return []
        complete = self.log.read_text().rpartition("\n")[0].splitlines()
        return [line for line in map(json.loads, complete) if not kind or line["kind"] == kind]

    def words(self) -> list[str]:
        """Return the words heard since the source that is heard now began."""
        lines = self.lines()
        begin_s = max((line["time_s"] for line in lines if line["kind"] == "source"), default=0.0)
        return [line["label"] for line in lines if line["kind"] == "word" and line["time_s"] >= begin_s]

    def source(self) -> str:
        """Return the kind of source that is heard now."""
        sources = self.lines("source")
        return str(sources[-1]["source"]) if sources else ""

    def look(self) -> list[dict[str, Any]]:
        """Return what a screen reader finds in the window; only with a witness."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("look\n")
        self.process.stdin.flush()
        while True:
            line = self.process.stdout.readline()
            assert line, f"the program has ended: {self.errors}"
            answer = json.loads(line)
            if answer != "started":
                found: list[dict[str, Any]] = answer
                return found

    def said(self, name: str) -> str:
        """Return the value, else the description, of the visible widget with this accessible name."""
        for widget in self.look():
            if widget.get("name") == name:
                return str(widget.get("value") or widget.get("description") or "")
        raise AssertionError(f"no {name!r} in the window: {[w.get('name') for w in self.look()]}")

    def reads(self, text: str) -> bool:
        """Whether `text` can be read anywhere in the window."""
        return any(text in str(widget.get(part, "")) for widget in self.look() for part in ("name", "value", "text"))

    def picture(self, path: Path) -> np.ndarray:
        """Take a picture of the window, bytes [rows, columns, 3]."""
        subprocess.run(
            [sys.executable, "-c", GRAB, self.window(), str(path)],
            env={**os.environ, "DISPLAY": self._display, "QT_QPA_PLATFORM": "xcb"},
            check=True,
            timeout=PATIENCE_S,
        )
        image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888)
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

    # -- what the user does ------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press and let go of keys, one after the other."""
        self._xdotool("windowfocus", "--sync", self.window())
        self._xdotool("key", *keys)

    def click(self, x: int, y: int) -> None:
        """Press the left button at a place of the screen."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def click_on(self, name: str) -> None:
        """Press the visible widget with this accessible name, as a mouse does, once it is there."""
        named = until(lambda: [seen for seen in self.look() if seen.get("name") == name], f"{name!r} in the window")
        x, y, width, height = named[0]["place"]
        self.click(x + width // 2, y + height // 2)

    def close(self) -> int:
        """Close the window as the cross in its frame does, and return the exit status."""
        ask_to_close(self._display, int(self.window()))
        return self.ended()

    def ended(self) -> int:
        """Wait for the end and return the exit status."""
        return self.process.wait(PATIENCE_S)

    def _xdotool(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self._display},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def processes(self) -> list[psutil.Process]:
        """Return the processes of the program that run."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]
