from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.helpers import picture, record, show, spoken, wear
from widgets import tokens
from widgets.full_screen import FullScreen
from widgets.help_overlay import HelpOverlay
from widgets.plot import Plot
from widgets.predict_reveal import PredictReveal
from widgets.slider_scale import SliderScale

LEFT = Qt.MouseButton.LeftButton
AXIS = SliderScale(0, 100, 1)


@pytest.fixture
def card(qtbot: QtBot) -> PredictReveal:
    card = PredictReveal()
    show(qtbot, card, 420, 260)
    return card


def test_a_guess_is_made_by_keyboard_before_anything_moves(card: PredictReveal) -> None:
    guesses = record(card.predicted)
    card.ask_value("How long does the network take?", AXIS, lambda value: f"{value:.0f} ms")
    assert card.state() == "asking"
    assert card.prediction() is None
    field = card.focusWidget()
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert spoken(field)[1] == "60 ms"
    assert guesses == []
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert guesses == [60.0]
    assert card.state() == "waiting"


def test_guess_and_truth_stand_together(card: PredictReveal) -> None:
    closed = record(card.closed)
    card.ask_value("How long?", AXIS)
    field = card.focusWidget()
    assert field is not None
    before = picture(field)
    QTest.keyClick(field, Qt.Key.Key_Return)
    card.reveal(12, "The network is a sliver of the wait.")
    assert card.state() == "revealed"
    assert card.prediction() == 50
    assert picture(field) != before
    assert any(label.text() == "The network is a sliver of the wait." for label in card.findChildren(QLabel))
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert closed == [True]
    assert card.isHidden()


@pytest.mark.parametrize(
    ("guess", "sentence"),
    [("network", "You said the network; it is averaging. So."), ("averaging", "You said averaging, and so it is. So.")],
)
def test_a_choice_is_answered_in_words(card: PredictReveal, guess: str, sentence: str) -> None:
    card.ask_choice("Where does the time go?", [("network", "the network"), ("averaging", "averaging")])
    field = card.focusWidget()
    assert field is not None
    if guess == "averaging":
        QTest.keyClick(field, Qt.Key.Key_Right)
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert card.prediction() == guess
    card.reveal("averaging", "So.")
    assert any(label.text() == sentence for label in card.findChildren(QLabel))


def test_who_does_not_want_to_guess_is_shown_the_answer(card: PredictReveal) -> None:
    dismissed = record(card.dismissed)
    card.ask_choice("Where?", [("a", "here"), ("b", "there")])
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert dismissed == [True]
    assert card.prediction() is None
    card.reveal("b", "So.")
    assert any(label.text() == "It is: there. So." for label in card.findChildren(QLabel))


def test_a_new_question_forgets_the_old_guess(card: PredictReveal) -> None:
    card.ask_value("One?", AXIS)
    QTest.keyClick(card, Qt.Key.Key_Return)
    card.reveal(1, "So.")
    card.ask_choice("Two?", [("a", "here"), ("b", "there")])
    assert card.prediction() is None
    assert card.state() == "asking"


class _Window(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.low = QPushButton("one"), QPushButton("two"), QPushButton("low")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.addWidget(self.first)
        column.addWidget(self.second)
        column.addSpacing(2000)
        column.addWidget(self.low)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setWidget(inside)
        QVBoxLayout(self).addWidget(self.area)
        self.help = HelpOverlay(self)
        self.value = 3
        self.help.register(self.first, "First", "What it means.", lambda: f"x = {self.value}", "Book 3.2")
        self.help.register(self.second, "Second", "Something else.")
        self.help.register(self.low, "Low", "Far down.")


@pytest.fixture
def window(qtbot: QtBot) -> _Window:
    window = _Window()
    show(qtbot, window, 700, 400)
    return window


def _texts(window: QWidget) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel)]


def test_help_numbers_what_is_visible_with_present_values(window: _Window) -> None:
    window.second.hide()
    window.value = 42
    window.help.toggle()
    assert window.help.titles() == ["First", "Low"]
    assert "1  First" in _texts(window)
    assert "x = 42" in _texts(window)
    assert "Book 3.2" in _texts(window)
    window.help.toggle()
    window.second.show()
    window.value = 43
    window.help.toggle()
    assert window.help.titles() == ["First", "Second", "Low"]
    assert "x = 43" in _texts(window)


def test_help_is_walked_by_keyboard_and_closed_with_escape(window: _Window) -> None:
    window.help.open_help()
    for key, index in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Tab, 2), (Qt.Key.Key_Right, 0), (Qt.Key.Key_Up, 2)):
        QTest.keyClick(window.help, key)
        assert window.help.selected() == index
    assert spoken(window.help)[0] == "Low"
    QTest.keyClick(window.help, Qt.Key.Key_Escape)
    assert window.help.isHidden()


def test_help_scrolls_to_what_it_explains(window: _Window) -> None:
    window.help.open_help()
    QTest.keyClick(window.help, Qt.Key.Key_Up)
    picture(window)
    top = window.low.mapTo(window, QPoint(0, 0)).y()
    assert 0 <= top < window.height()


def test_a_press_on_an_element_explains_it_and_beside_all_closes(window: _Window) -> None:
    window.help.open_help()
    QTest.mouseClick(window.help, LEFT, pos=window.second.mapTo(window, window.second.rect().center()) - QPoint(200, 0))
    assert window.help.selected() == 1
    assert window.help.isVisible()
    QTest.mouseClick(window.help, LEFT, pos=QPoint(100, 350))
    assert window.help.isHidden()


def test_help_follows_the_window_and_the_theme(window: _Window) -> None:
    window.help.open_help()
    window.resize(900, 500)
    picture(window)
    assert window.help.size() == window.size()
    wear("projector", 720)
    picture(window)
    assert window.help.geometry() == window.rect()


def test_help_forgets_an_element_that_is_gone(qtbot: QtBot, window: _Window) -> None:
    window.second.setParent(None)
    window.second.deleteLater()
    qtbot.wait(10)
    window.help.open_help()
    assert window.help.titles() == ["First", "Low"]


@pytest.fixture(params=["layout", "splitter", "free"])
def host(qtbot: QtBot, request: pytest.FixtureRequest) -> tuple[QWidget, Plot, FullScreen]:
    page = QWidget()
    plot = Plot("time", "score", x_range=(0, 2), y_range=(0, 1))
    other = QLabel("beside")
    if request.param == "layout":
        row = QHBoxLayout(page)
        row.addWidget(plot)
        row.addWidget(other)
    elif request.param == "splitter":
        splitter = QSplitter(page)
        splitter.addWidget(plot)
        splitter.addWidget(other)
        splitter.resize(500, 300)
        splitter.setSizes([300, 200])
    else:
        plot.setParent(page)
        plot.setGeometry(20, 30, 300, 200)
        other.setParent(page)
    show(qtbot, page, 500, 300)
    return page, plot, FullScreen(page)


def test_a_picture_fills_the_screen_and_comes_back_as_it_was(host: tuple[QWidget, Plot, FullScreen]) -> None:
    page, plot, full = host
    plot.curve("left").set_data([0, 1], [0, 1])
    plot.setXRange(0.5, 1.5, padding=0)
    picture(page)
    place, ranges, scene = plot.geometry(), plot.getViewBox().viewRange(), plot.scene()
    parent = plot.parentWidget()
    events = [record(full.entered), record(full.left)]
    full.show_widget(plot, "Scores")
    picture(page)
    assert full.is_active()
    assert page.isFullScreen()
    assert plot.window() is page  # it never leaves its window
    assert plot.width() > 0.8 * page.width()
    QTest.keyClick(full, Qt.Key.Key_Escape)
    page.resize(500, 300)
    picture(page)
    assert not full.is_active()
    assert not page.isFullScreen()
    assert plot.parentWidget() is parent
    assert plot.geometry() == place
    assert plot.getViewBox().viewRange() == ranges
    assert plot.scene() is scene
    assert plot.table()[0][1].tolist() == [0, 1]
    assert events == [[True], [True]]


def test_leaving_twice_is_harmless(host: tuple[QWidget, Plot, FullScreen]) -> None:
    _, plot, full = host
    full.leave()
    full.show_widget(plot)
    QTest.keyClick(full, Qt.Key.Key_F)
    full.leave()
    assert full.widget() is None


def test_widgets_are_forgotten_when_their_window_goes(qtbot: QtBot) -> None:
    from widgets import gallery

    before = len(tokens._listeners)
    page = gallery.Gallery()
    page.resize(1280, 720)
    page.show()
    page.help.open_help()
    qtbot.wait(10)
    gone = weakref.ref(page)
    page.close()
    page.deleteLater()
    del page
    qtbot.wait(10)
    gc.collect()
    wear("light")
    wear("dark")
    assert gone() is None
    assert len(tokens._listeners) <= before


def test_the_gallery_writes_its_picture_in_every_theme(qtbot: QtBot, tmp_path: object) -> None:
    from pathlib import Path

    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    from widgets import gallery

    for name, size in (("dark", "1280x720"), ("projector", "1920x1080")):
        path = Path(str(tmp_path)) / f"{name}.png"
        assert gallery.main(["--theme", name, "--size", size, "--save", str(path)]) == 0
        assert f"{QImage(str(path)).width()}x{QImage(str(path)).height()}" == size
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, gallery.Gallery):
            widget.close()
            widget.deleteLater()


def test_an_element_explained_anew_is_numbered_once(qtbot: QtBot) -> None:
    window = QWidget()
    button = QPushButton("Go", window)
    show(qtbot, window, 600, 400)
    overlay = HelpOverlay(window)
    overlay.register(button, "Go", "Starts.")
    overlay.register(button, "Go", "Starts, and goes on.")
    overlay.toggle()
    assert overlay.titles() == ["Go"]
    overlay.toggle()
