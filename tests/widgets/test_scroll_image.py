from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.helpers import picture, record, show, wear
from widgets import tokens
from widgets.scroll_image import ScrollImage

Columns = npt.NDArray[np.uint8]


@given(chunks=st.lists(st.integers(1, 9), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_what_is_in_view_is_the_end_of_what_came_in(qapp: QApplication, chunks: list[int], seed: int) -> None:
    image = ScrollImage(3, 7)
    columns = np.random.default_rng(seed).integers(0, 256, (sum(chunks), 3), dtype=np.uint8)
    start = 0
    for length in chunks:
        image.append(columns[start : start + length])
        start += length
    expected = np.zeros((7, 3), np.uint8)
    shown = columns[-7:]
    expected[7 - len(shown) :] = shown
    assert (image.view() == expected).all()
    image.deleteLater()


def test_a_past_moment_replaces_the_picture_and_sound_goes_on_from_there(qapp: QApplication) -> None:
    image = ScrollImage(2, 4)
    image.append(_ramp(9, 2))
    image.set_columns(_ramp(2, 2) + 100)
    assert image.view()[:, 0].tolist() == [0, 0, 100, 102]
    image.append(_ramp(1, 2) + 50)
    assert image.view()[:, 0].tolist() == [0, 100, 102, 50]
    image.clear()
    assert not image.view().any()
    image.deleteLater()


def test_the_newest_column_is_at_the_right_edge_and_low_rows_at_the_bottom(qtbot: QtBot) -> None:
    image = ScrollImage(4, 10)
    show(qtbot, image, 100, 40)
    columns = np.zeros((1, 4), np.uint8)
    columns[0, 0] = 255
    image.append(columns)
    drawn = picture(image)
    loud = QColor.fromRgb(*tokens.current().log_mel_lut[255, :3].tolist())
    quiet = QColor.fromRgb(*tokens.current().log_mel_lut[0, :3].tolist())
    assert drawn.pixelColor(95, 35) == loud
    assert drawn.pixelColor(95, 5) == quiet
    assert drawn.pixelColor(85, 35) == quiet
    image.append(np.zeros((3, 4), np.uint8))
    assert picture(image).pixelColor(65, 35) == loud


def test_a_byte_has_one_colour_for_ever(qtbot: QtBot) -> None:
    image = ScrollImage(2, 4)
    show(qtbot, image, 80, 40)
    image.append(np.full((4, 2), 90, np.uint8))
    alone = picture(image).pixelColor(10, 10)
    image.append(np.full((2, 2), 255, np.uint8))
    assert picture(image).pixelColor(10, 10) == alone  # no levels that adjust themselves


def test_the_colours_follow_the_theme(qtbot: QtBot) -> None:
    image = ScrollImage(2, 4)
    show(qtbot, image, 80, 40)
    image.append(np.full((4, 2), 255, np.uint8))
    assert picture(image).pixelColor(40, 20).lightness() > 180
    wear("light")
    assert picture(image).pixelColor(40, 20).lightness() < 60


def test_pictures_below_each_other_share_one_time_axis(qtbot: QtBot) -> None:
    heat = ScrollImage(2, 10, lut="heat_lut", row_labels=("silence", "unknown"))
    mel = ScrollImage(40, 10)
    mel.set_label_width(heat.label_width())
    for image in (heat, mel):
        show(qtbot, image, 300, 100)
    assert heat.picture_rect().left() == mel.picture_rect().left() > 0
    pressed = record(mel.columnPressed)
    left, width = mel.picture_rect().left(), mel.picture_rect().width()
    for share in (0.01, 0.55, 0.999):
        place = QPoint(round(left + share * width), 20)
        QTest.mouseClick(mel, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseClick(mel, Qt.MouseButton.LeftButton, pos=QPoint(2, 20))
    assert pressed == [0, 5, 9]


@pytest.mark.parametrize(("name", "height"), [("dark", 720), ("projector", 1080)])
def test_labels_have_room_for_their_words(qtbot: QtBot, name: str, height: int) -> None:
    wear(name, height)
    words = ("silence", "unknown", "yes", "left")
    image = ScrollImage(4, 10, row_labels=words)
    show(qtbot, image, 600, image.minimumSizeHint().height())
    image.set_highlighted_row(3)
    metrics = tokens.current().font(12, 600)
    from PySide6.QtGui import QFontMetricsF

    assert image.label_width() >= max(QFontMetricsF(metrics).horizontalAdvance(word) for word in words)
    assert image.height() >= 4 * QFontMetricsF(metrics).capHeight() * 1.3


def _ramp(count: int, rows: int) -> Columns:
    return np.arange(count * rows, dtype=np.uint8).reshape(count, rows)
