from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.helpers import count_pixels, picture, record, show, spoken, wear
from widgets import tokens
from widgets.banner import Banner, Toast
from widgets.card import Card
from widgets.choice import Choice
from widgets.drawer import Drawer, starts_open
from widgets.elided_label import ElidedLabel
from widgets.icon_button import IconButton
from widgets.key_hint import KeyHint
from widgets.meter import HOLD_FRAMES, LevelMeter
from widgets.segmented import Segmented
from widgets.state_box import STATES, StateBox
from widgets.switch import Switch
from widgets.tile import WordTile

LEFT = Qt.MouseButton.LeftButton


def test_a_card_folds_by_mouse_and_by_keyboard(qtbot: QtBot) -> None:
    card = Card("Source", foldable=True)
    card.add(QPushButton("Listen"))
    show(qtbot, card)
    heading = card.findChildren(QWidget)[1]
    folded = record(card.foldedChanged)
    open_height = card.sizeHint().height()
    heading = next(w for w in card.findChildren(QWidget) if w.accessibleName() == "Source")
    QTest.mouseClick(heading, LEFT)
    assert card.is_folded()
    assert card.sizeHint().height() < open_height
    assert spoken(heading)[2] == "folded"
    heading.setFocus()
    QTest.keyClick(heading, Qt.Key.Key_Return)
    assert not card.is_folded()
    QTest.keyClick(heading, Qt.Key.Key_Space)
    assert folded == [True, False, True]


def test_a_card_that_does_not_fold_takes_no_keyboard(qtbot: QtBot) -> None:
    card = Card("Decision")
    button = QPushButton("Listen")
    card.add(button)
    show(qtbot, card)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert card.focusWidget() is button
    heading = next(w for w in card.findChildren(QWidget) if w.accessibleName() == "Decision")
    QTest.mouseClick(heading, LEFT)
    assert not card.is_folded()


def test_a_card_is_as_high_as_its_text_needs(qtbot: QtBot) -> None:
    card = Card("Decision")
    label = ElidedLabel("A sentence that needs more than one line in a narrow column of controls.", lines=4)
    card.add(label)
    show(qtbot, card, 240, 400)
    assert len(label.shown_lines()) > 1
    assert label.height() >= label.heightForWidth(label.width())


def test_a_segmented_choice_moves_with_arrows_and_says_what_is_chosen(qtbot: QtBot) -> None:
    bar = Segmented([("mic", "Mic"), ("file", "File"), ("talker", "Talker")], label="Source")
    show(qtbot, bar, 300, 40)
    chosen = record(bar.chosen)
    bar.set_key("file")
    assert (bar.key(), chosen) == ("file", [])
    segment = next(w for w in bar.findChildren(QWidget) if w.accessibleName() == "Source: File")
    segment.setFocus()
    QTest.keyClick(segment, Qt.Key.Key_Right)
    assert (bar.key(), chosen) == ("talker", ["talker"])
    bar.set_key("mic")  # by a key of the panel: the focus goes along
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "Source: Mic"
    with pytest.raises(ValueError, match="radio"):
        bar.set_key("radio")


def test_a_segment_can_be_closed_with_a_reason(qtbot: QtBot) -> None:
    bar = Segmented([("mic", "Mic"), ("file", "File")], label="Source")
    show(qtbot, bar, 300, 40)
    bar.set_choice_enabled("file", "No file is open.")
    segment = next(w for w in bar.findChildren(QWidget) if w.accessibleName() == "Source: File")
    QTest.mouseClick(segment, LEFT)
    assert bar.key() == "mic"
    assert spoken(segment)[2] == "No file is open."


def test_a_switch_says_its_state_in_a_word(qtbot: QtBot) -> None:
    switch = Switch("Speaker")
    show(qtbot, switch, 240, 40)
    toggled = record(switch.toggled)
    assert switch.state_word() == "off"
    QTest.mouseClick(switch, LEFT, pos=QPoint(switch.width() - 10, 10))
    QTest.mouseClick(switch, LEFT, pos=QPoint(10, 10))
    switch.setFocus()
    QTest.keyClick(switch, Qt.Key.Key_Return)
    assert toggled == [True, False, True]
    assert switch.state_word() == "on"
    switch.set_disabled_reason("No speaker was found.")
    QTest.mouseClick(switch, LEFT, pos=QPoint(10, 10))
    assert switch.isChecked()
    assert spoken(switch)[2] == "No speaker was found."


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_tile_is_pressed_by_keyboard(qtbot: QtBot, key: Qt.Key) -> None:
    tile = WordTile("left")
    show(qtbot, tile, 100, 48)
    clicked = record(tile.clicked)
    tile.setFocus()
    QTest.keyClick(tile, key)
    assert len(clicked) == 1


def test_a_heard_word_fills_its_tile_and_is_counted(qtbot: QtBot) -> None:
    tile = WordTile("left")
    show(qtbot, tile, 100, 60)
    rest = picture(tile)
    tile.set_fill(0.5)
    half = picture(tile)
    assert half.pixelColor(50, 50) != rest.pixelColor(50, 50)
    assert half.pixelColor(20, 12) == rest.pixelColor(20, 12)
    tile.set_count(3)
    tile.set_heard(True)
    heard = picture(tile)
    assert heard.pixelColor(85, 30) != rest.pixelColor(85, 30)
    assert count_pixels(heard, tokens.current().data_color(0), 30) > 100  # the frame: not colour alone
    assert spoken(tile)[:2] == ("left", "heard 3 times, just now")
    tile.set_heard(False)
    tile.set_count(1)
    assert spoken(tile)[1] == "heard once"
    tile.set_fill(7)
    assert tile.fill() == 1.0


@pytest.mark.parametrize("name", ["dark", "projector"])
def test_a_tile_is_large_enough_for_a_finger(qtbot: QtBot, name: str) -> None:
    wear(name, 720)
    tile = WordTile("on")
    qtbot.addWidget(tile)
    assert tile.minimumSizeHint().width() >= 44
    assert tile.minimumSizeHint().height() >= 44


def test_the_meter_holds_a_peak_and_lets_it_fall() -> None:
    meter = LevelMeter()
    meter.set_level(-30, -6)
    for _ in range(HOLD_FRAMES):
        meter.set_level(-60, -60)
        assert meter.held_peak_dbfs() == -6
    meter.set_level(-60, -60)
    assert meter.held_peak_dbfs() == -7
    for _ in range(100):
        meter.set_level(-60, -60)
    assert meter.held_peak_dbfs() == -60
    meter.deleteLater()


def test_clipping_is_a_word_and_stays_for_a_moment() -> None:
    meter = LevelMeter("Microphone")
    meter.set_level(-3, 0, clipped=True)
    assert spoken(meter) == ("Microphone", "−3 dBFS, clipping", "")
    for _ in range(HOLD_FRAMES):
        assert meter.is_clipping()
        meter.set_level(-40, -40)
    assert not meter.is_clipping()
    assert meter.accessible_value() == "−40 dBFS"
    meter.deleteLater()


@pytest.mark.parametrize("silent", [-math.inf, math.nan, -200.0])
def test_silence_is_a_level_too(qtbot: QtBot, silent: float) -> None:
    meter = LevelMeter()
    meter.set_level(silent, silent)
    assert meter.level_text() == "below −60 dBFS"
    show(qtbot, meter, 200, 20)
    picture(meter)


def test_a_banner_says_what_to_do_and_goes_with_escape(qtbot: QtBot) -> None:
    page = QWidget()
    banner = Banner(page)
    show(qtbot, page, 500, 200)
    banner.resize(500, 60)
    assert banner.isHidden()
    banner.show_message("No microphone: choose a file.", mood="bad", action="Choose")
    pressed, closed = record(banner.actionRequested), record(banner.dismissed)
    assert spoken(banner)[0] == "No microphone: choose a file."
    button = next(b for b in banner.findChildren(QPushButton) if b.text() == "Choose")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    QTest.keyClick(button, Qt.Key.Key_Escape)
    assert (pressed, closed) == ([True], [True])
    assert banner.isHidden()
    banner.show_message("The microphone is away.", mood="warn", closable=False)
    QTest.keyClick(banner, Qt.Key.Key_Escape)
    assert banner.isVisible()  # a state that lasts is not waved away
    assert banner.mood() == "warn"


def test_a_toast_leaves_by_itself(qtbot: QtBot) -> None:
    page = QWidget()
    button = QPushButton("elsewhere", page)
    toast = Toast(page, seconds=0.02)
    show(qtbot, page, 700, 300)
    button.setFocus()
    toast.show_message("Saved.", mood="good")
    assert toast.isVisible()
    assert page.rect().contains(toast.geometry())
    qtbot.waitUntil(toast.isHidden)


def test_a_toast_waits_for_the_keyboard(qtbot: QtBot) -> None:
    page = QWidget()
    toast = Toast(page, seconds=0.02)
    show(qtbot, page, 700, 300)
    toast.show_message("Saved.", action="Open")
    next(b for b in toast.findChildren(QPushButton) if b.text() == "Open").setFocus()
    qtbot.wait(80)
    assert toast.isVisible()
    page.setFocus()
    toast.setFocus()
    QTest.keyClick(toast, Qt.Key.Key_Escape)
    assert toast.isHidden()


def test_every_state_of_a_picture_is_drawn_differently(qtbot: QtBot) -> None:
    box = StateBox()
    show(qtbot, box, 300, 200)
    pictures: list[QImage] = []
    for state in STATES:
        box.set_state(state, "A sentence.", progress=0.4 if state == "loading" else None)
        image = picture(box)
        assert all(image != other for other in pictures)
        pictures.append(image)
    assert spoken(box) == ("Failed", "", "A sentence.")
    with pytest.raises(ValueError, match="'lost'"):
        box.set_state("lost", "")


def test_a_failed_picture_offers_what_to_do(qtbot: QtBot) -> None:
    box = StateBox()
    show(qtbot, box, 300, 200)
    pressed = record(box.actionRequested)
    box.set_state("failed", "The file is cut short: choose another.", action="Choose")
    button = box.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, LEFT)
    assert pressed == [True]
    box.set_state("empty", "Nothing yet.")
    assert button.isHidden()


def test_the_inspector_is_a_closed_drawer_in_a_room_and_in_a_narrow_window() -> None:
    assert starts_open("dark", 1280)
    assert not starts_open("dark", 1279)
    assert not starts_open("projector", 1920)


def test_the_drawer_scrolls_and_never_clips(qtbot: QtBot) -> None:
    page = QWidget()
    drawer = Drawer("Inspector", page)
    cards = [Card(f"Card {index}") for index in range(12)]
    for card in cards:
        card.add(QPushButton("Press"))
        drawer.add(card)
    show(qtbot, page, 600, 300)
    drawer.resize(drawer.width(), 300)
    picture(page)
    widths = {card.width() for card in cards}
    assert len(widths) == 1
    assert all(card.mapTo(drawer, QPoint(card.width(), 0)).x() <= drawer.width() for card in cards)
    assert all(card.height() >= card.sizeHint().height() for card in cards)
    changed = record(drawer.openChanged)
    drawer.toggle()
    assert drawer.isHidden()
    drawer.toggle()
    QTest.keyClick(drawer, Qt.Key.Key_Escape)
    assert changed == [False, True, False]


def test_long_text_ends_in_dots_and_is_whole_on_hover(qtbot: QtBot) -> None:
    text = "Where does the time go between your word and the answer?"
    label = ElidedLabel(text)
    show(qtbot, label, 120, 30)
    assert label.shown_lines()[0].endswith("…")
    assert label.toolTip() == text
    assert spoken(label)[0] == text
    label.resize(2000, 30)
    assert label.shown_lines() == [text]
    assert label.toolTip() == ""


def test_a_label_of_two_lines_shortens_only_the_second(qtbot: QtBot) -> None:
    label = ElidedLabel("one two three four five six seven eight nine ten", lines=2)
    show(qtbot, label, 110, 60)
    first, second = label.shown_lines()
    assert not first.endswith("…")
    assert second.endswith("…")
    metrics = label.fontMetrics()
    assert all(metrics.horizontalAdvance(line) <= label.width() + 2 for line in (first, second))


def test_a_choice_box_ignores_the_wheel_of_a_passer_by_and_shows_a_chevron(qtbot: QtBot) -> None:
    choice = Choice("Device")
    choice.addItems(["a very long name of a device that would widen every panel", "b"])
    show(qtbot, choice, 200, 36)
    assert choice.minimumSizeHint().width() < 250
    # on Linux Qt gives the word chosen as the name too; the label is there for everybody else
    assert choice.accessibleName() == "Device"
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentIndex() == 1
    choice.set_disabled_reason("Nothing to choose from.")
    assert spoken(choice)[2] == "Nothing to choose from."


def test_an_icon_button_has_a_word_and_changes_with_the_theme(qtbot: QtBot) -> None:
    button = IconButton("mic", "Open the microphone", key="Space")
    show(qtbot, button, 40, 40)
    assert button.toolTip() == "Open the microphone (Space)"
    clicked = record(button.clicked)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert len(clicked) == 1
    button.set_icon("mic-off", "Close the microphone")
    assert spoken(button)[0] == "Close the microphone"
    before = button.iconSize().width()
    wear("projector", 1080)
    assert button.iconSize().width() == round(before * 2.25)


def test_a_key_hint_names_the_key_and_what_it_does(qtbot: QtBot) -> None:
    hint = KeyHint("Space", "freeze")
    show(qtbot, hint, 120, 30)
    wide = hint.sizeHint().width()
    hint.set_text("continue listening")
    assert spoken(hint)[0] == "Space: continue listening"
    assert hint.sizeHint().width() > wide


@pytest.mark.qt_log_ignore("raise\\(\\)", "grabbing the keyboard", extend=True)  # no windows without a screen
def test_an_open_list_is_as_wide_as_its_longest_entry(qtbot: QtBot) -> None:
    choice = Choice("Device")
    choice.addItems(["short", "a board with a very long name indeed, 8 GB"])
    qtbot.addWidget(choice)
    choice.resize(80, 32)
    with qtbot.waitExposed(choice):
        choice.show()
    choice.showPopup()
    assert choice.view().viewport().width() >= choice.view().sizeHintForColumn(0) > choice.width()
    choice.hidePopup()
