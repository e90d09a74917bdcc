from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.helpers import picture, show, spoken, wear
from widgets import tokens
from widgets.number_chip import NumberChip
from widgets.painting import draw_kind_glyph


@pytest.fixture
def page() -> QWidget:
    return QWidget()


@pytest.fixture
def chip(qtbot: QtBot, page: QWidget) -> NumberChip:
    layout = QVBoxLayout(page)
    chip = NumberChip("response", widest="000", widest_unit="ms")
    layout.addWidget(chip)
    show(qtbot, page)
    chip.clearFocus()
    return chip


def test_a_screen_reader_hears_what_it_is_how_much_and_where_from(chip: NumberChip) -> None:
    chip.set_value("187", "ms", "measured", "median of 41 words")
    assert spoken(chip) == ("response", "187 ms", "Measured here: median of 41 words")


def test_digits_do_not_move_the_chip(chip: NumberChip) -> None:
    chip.set_value("1", "ms", "measured")
    narrow = chip.sizeHint()
    for text in ("11", "888", "–", "000"):
        chip.set_value(text, "ms", "measured")
        assert chip.sizeHint() == narrow
    chip.set_value("1,000,000", "ms", "measured")
    grown = chip.sizeHint()
    assert grown.width() > narrow.width()  # never cut off
    chip.set_value("1", "ms", "measured")
    assert chip.sizeHint() == grown  # and it does not shrink back and forth


def test_the_unit_is_not_cut_off(chip: NumberChip) -> None:
    chip.set_value("187", "ms", "measured")
    image = picture(chip)
    rows = range(image.height())
    background = image.pixelColor(image.width() - 1, 0)
    assert all(image.pixelColor(image.width() - 1, y) == background for y in rows)


def test_details_appear_with_the_keyboard_and_go_with_it(qtbot: QtBot, chip: NumberChip) -> None:
    chip.set_value("187", "ms", "derived", "sum of the parts")
    chip.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: QToolTip.text() == "Derived: sum of the parts")
    chip.clearFocus()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_every_kind_has_a_shape_of_its_own() -> None:
    shapes = {}
    for kind in ("measured", "derived", "cited", "assumed", ""):
        image = QImage(24, 24, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        draw_kind_glyph(painter, QRectF(2, 2, 20, 20), kind, tokens.current())
        painter.end()
        shapes[kind] = sum(image.pixelColor(x, y).alphaF() for x in range(24) for y in range(24))
    assert shapes[""] == 0
    assert shapes["measured"] > shapes["derived"] > shapes["assumed"] > 0
    assert 0 < shapes["cited"] < shapes["derived"]
    # 60 % ink, filled circle of diameter 20
    assert shapes["measured"] == pytest.approx(0.6 * 3.14159 * 100, rel=0.05)


def test_the_large_number_is_the_largest_type_and_grows_for_a_room(qtbot: QtBot) -> None:
    large, small = NumberChip(size="large"), NumberChip()
    for chip in (large, small):
        qtbot.addWidget(chip)
    assert large.sizeHint().height() > 2 * small.sizeHint().height()
    before = large.sizeHint().height()
    wear("projector", 1080)
    assert large.sizeHint().height() > 2 * before


def test_the_same_value_again_draws_nothing(qtbot: QtBot, chip: NumberChip) -> None:
    class Paints(QObject):
        count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.count += event.type() == QEvent.Type.Paint
            return False

    paints = Paints()
    chip.set_value("187", "ms", "measured")
    picture(chip)
    chip.installEventFilter(paints)
    chip.set_value("187", "ms", "measured")
    qtbot.wait(30)
    assert paints.count == 0
    chip.set_value("188", "ms", "measured")
    qtbot.waitUntil(lambda: paints.count == 1)
