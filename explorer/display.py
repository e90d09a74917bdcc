"""Whether a window can be shown here, asked before Qt is: Qt ends the process when the answer is no."""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import socket
import sys
from collections.abc import Mapping


def why_no_window(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> str | None:
    """Return one sentence that says why no window can be shown, None when one can.

    Parameters
    ----------
    environment
        Variables of the process; an explicit QT_QPA_PLATFORM is taken at its word.
    platform
        As in `sys.platform`; only Linux and its relatives can be without a display.
    """
    variables = os.environ if environment is None else environment
    if platform in ("win32", "darwin"):
        return None
    try:
        importlib.import_module("PySide6.QtGui")
    except ImportError as error:  # most often a library of the system: "libEGL.so.1: cannot open shared object file"
        return f"Qt cannot be loaded ({error})."
    if variables.get("QT_QPA_PLATFORM"):
        return None
    display = variables.get("DISPLAY", "")
    if variables.get("WAYLAND_DISPLAY"):
        return None
    if not display:
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    if not _answers(display):
        return f"the display {display} does not answer."
    try:
        ctypes.CDLL("libxcb-cursor.so.0")  # what Qt's X11 plugin needs and most often lacks
    except OSError:
        return "Qt needs the library libxcb-cursor0 (Debian, Ubuntu: apt-get install libxcb-cursor0)."
    return None


def _answers(display: str) -> bool:
    """Whether an X server listens; displays of other machines are believed."""
    match = re.fullmatch(r"(?:unix)?:(\d{1,5})(?:\.\d+)?", display)
    if match is None:
        return True
    number = int(match.group(1))
    for address in (f"\0/tmp/.X11-unix/X{number}", f"/tmp/.X11-unix/X{number}"):
        with socket.socket(socket.AF_UNIX) as local:
            local.settimeout(1.0)
            if local.connect_ex(address) == 0:
                return True
    with socket.socket() as remote:
        remote.settimeout(1.0)
        return number < 59_000 and remote.connect_ex(("127.0.0.1", 6000 + number)) == 0
