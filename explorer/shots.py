"""Pictures of the real window, for looking at: every panel, every theme, every size that must be right.

A picture is also written blurred by 8 px: the primary picture must still be its strongest shape.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from explorer.main_window import MainWindow
    from explorer.panels.base import Panel

BLUR_PX = 8


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a theme at a size in pixels."""

    theme: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """The middle of the file's name."""
        return f"{self.theme}-{self.width}x{self.height}"


SHOTS = (
    Shot("dark", 1280, 720),
    Shot("light", 1280, 720),
    Shot("projector", 1280, 720),
    Shot("projector", 1920, 1080),
    Shot("light", 1024, 768),
    Shot("dark", 3840, 2160),
)


def take_shots(
    folder: Path, panel: str | None = None, seconds: float = 6.0, shots: Iterable[Shot] = SHOTS
) -> list[Path]:
    """Run the window once per picture, from the start state with its seed, and write what it shows.

    Parameters
    ----------
    folder
        Where the pictures go; made if need be.
    panel
        Key of one panel; None takes all.
    seconds
        How long a window runs before its picture is taken.
    shots
        Themes and sizes.

    Returns
    -------
    The files written, "listen-dark-1280x720.png" and "listen-dark-1280x720-blurred.png" for each.

    Raises
    ------
    ExplorerError
        When there is no such panel, or the folder cannot be written.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from explorer.panels.registry import panel_classes

    classes = panel_classes()
    wanted = [c for c in classes if panel is None or c.key == panel]
    if not wanted:
        raise ExplorerError(f"There is no panel {panel!r}: choose one of {', '.join(c.key for c in classes)}.")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    written: list[Path] = []
    for shot in shots:
        for chosen in wanted:
            image = _take(classes, chosen.key, shot, seconds)
            written.append(_write(image, folder / f"{chosen.key}-{shot.name}.png"))
            written.append(_write(blurred(image), folder / f"{chosen.key}-{shot.name}-blurred.png"))
    app.processEvents()
    return written


def blurred(image: QImage, radius_px: float = BLUR_PX) -> QImage:
    """Return the picture as somebody sees it from the last row, or without glasses.

    Parameters
    ----------
    image
        The picture; the radius is in its own pixels.
    radius_px
        Standard deviation of the Gaussian, in pixels.
    """
    import numpy as np
    from PySide6.QtGui import QImage

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height, stride = plain.width(), plain.height(), plain.bytesPerLine()
    pixels = np.frombuffer(plain.constBits(), np.uint8).reshape(height, stride)[:, : 3 * width]
    blur = pixels.reshape(height, width, 3).astype(np.float32)
    reach = round(3 * radius_px)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius_px) ** 2).astype(np.float32)
    weights /= weights.sum()
    for axis in (0, 1):  # a Gaussian is one blur down and one across
        size = blur.shape[axis]
        padded = np.pad(blur, [(reach, reach) if a == axis else (0, 0) for a in range(3)], mode="edge")
        blur = sum(w * padded.take(range(k, k + size), axis) for k, w in enumerate(weights))
    content = np.ascontiguousarray(blur.round().astype(np.uint8))
    return QImage(content.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _take(classes: tuple[type[Panel], ...], panel: str, shot: Shot, seconds: float) -> QImage:
    """Run a window of its own, with empty settings, and grab it."""
    from PySide6.QtCore import QEventLoop, QTimer

    from explorer.faults import Faults
    from explorer.main_window import MainWindow
    from explorer.settings import Settings

    with tempfile.TemporaryDirectory(prefix="mlsys-explorer-") as home:
        window: MainWindow = MainWindow(
            classes, Settings(Path(home) / "settings.json"), Faults(Path(home) / "log.txt"), shot.theme
        )
        try:
            window.resize(shot.width, shot.height)
            window.show()
            window.start(panel)
            window.resize(shot.width, shot.height)  # a window system may have had other ideas
            loop = QEventLoop()
            QTimer.singleShot(round(1000 * seconds), loop.quit)
            loop.exec()
            return window.grab().toImage()
        finally:
            window.close()
            window.faults.close()
            window.deleteLater()


def _write(image: QImage, path: Path) -> Path:
    from explorer.files import write_atomically
    from explorer.panels.base import png_bytes

    write_atomically(path, png_bytes(image))
    return path
