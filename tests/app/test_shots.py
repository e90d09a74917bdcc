"""Pictures of the window: one per theme and size, each with a blurred one, from a window that really ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout

from explorer.engine.errors import ExplorerError
from explorer.panels import registry
from explorer.panels.base import Context, Panel
from explorer.shots import SHOTS, Shot, blurred, take_shots

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

frames: list[int] = []


class Counter(Panel):
    """A panel that counts its frames."""

    key = "counter"
    title = "Counter"
    icon = "ear"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        frames.append(0)
        QVBoxLayout(self).addWidget(QLabel("picture"))

    def on_frame(self, now_s: float) -> None:
        frames[-1] += 1


def test_each_theme_and_size_is_written_sharp_and_blurred(
    qtbot: QtBot, tmp_path: Path, explorer_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "panel_classes", lambda: (Counter,))
    frames.clear()
    shots = (Shot("dark", 900, 640), Shot("light", 1300, 700))
    folder = tmp_path / "new" / "folder"
    written = take_shots(folder, seconds=0.5, shots=shots)
    assert [path.name for path in written] == [
        "counter-dark-900x640.png",
        "counter-dark-900x640-blurred.png",
        "counter-light-1300x700.png",
        "counter-light-1300x700-blurred.png",
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in written)
    for path, (width, height) in zip(written, [(900, 640)] * 2 + [(1300, 700)] * 2, strict=True):
        image = QImage(str(path))
        assert (image.width(), image.height()) == (width, height)
    assert len(frames) == 2
    assert min(frames) >= 3
    assert not list(explorer_home.iterdir())  # the user's own settings are neither read nor written


def test_a_panel_that_does_not_exist_is_named(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "panel_classes", lambda: (Counter,))
    with pytest.raises(ExplorerError, match="counter"):
        take_shots(tmp_path, "nowhere")


def test_the_sizes_that_must_be_right_are_all_there() -> None:
    sizes = {(shot.theme, shot.width, shot.height) for shot in SHOTS}
    assert {("dark", 1280, 720), ("light", 1280, 720), ("projector", 1280, 720)} <= sizes
    assert {("projector", 1920, 1080), ("light", 1024, 768), ("dark", 3840, 2160)} <= sizes


def levels(image: QImage) -> np.ndarray:
    """Give the red channel, rows by columns."""
    return np.array([[image.pixelColor(x, y).red() for x in range(image.width())] for y in range(image.height())])


def test_the_blur_is_a_gaussian_that_keeps_the_light() -> None:
    image = QImage(61, 61, QImage.Format.Format_RGB32)
    image.fill(QColor(0, 0, 0))
    for x in range(61):
        image.setPixelColor(x, 30, QColor(255, 255, 255))
    soft = levels(blurred(image, 4.0))
    column = soft[:, 30].astype(float)
    assert column.sum() == pytest.approx(255, abs=12)  # rounded to whole levels at each place
    distance = np.arange(61) - 30
    expected = 255 * np.exp(-0.5 * (distance / 4.0) ** 2) / (4.0 * np.sqrt(2 * np.pi))
    assert np.abs(column - expected).max() <= 1.0
    assert np.ptp(soft[30]) == 0


def test_a_plain_picture_stays_plain() -> None:
    image = QImage(33, 20, QImage.Format.Format_RGB32)
    image.fill(QColor(90, 20, 10))
    assert np.ptp(levels(blurred(image))) == 0
    assert levels(blurred(image))[0, 0] == 90
