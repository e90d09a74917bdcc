from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.helpers import count_pixels, picture, record, show, spoken, wear
from widgets import tokens
from widgets.slider import ValueSlider
from widgets.slider_scale import SliderScale


@given(
    minimum=st.floats(-1000, 999),
    span=st.floats(0.1, 1000),
    step=st.sampled_from([0.01, 0.05, 0.1, 1.0]),
    share=st.floats(0, 1),
)
def test_a_linear_scale_finds_its_own_steps_again(minimum: float, span: float, step: float, share: float) -> None:
    scale = SliderScale(minimum, minimum + span, step)
    position = round(share * scale.steps)
    value = scale.value_at(position)
    assert scale.minimum <= value <= scale.maximum
    assert abs(scale.position_of(value) - position) <= (1 if position == scale.steps else 0)


@given(low=st.floats(0.001, 10), ratio=st.floats(1.5, 1e6), share=st.floats(0, 1))
def test_a_logarithmic_scale_has_equal_factors(low: float, ratio: float, share: float) -> None:
    scale = SliderScale(low, low * ratio, 0.05, logarithmic=True)
    position = min(scale.steps - 1, round(share * scale.steps))
    factor = scale.value_at(position + 1) / scale.value_at(position)
    assert 1 < factor <= 1.05 * (1 + 1e-9)
    assert scale.position_of(scale.value_at(position)) == position


def test_values_are_printed_with_the_digits_of_the_step() -> None:
    assert SliderScale(0, 1, 0.01).text(0.7) == "0.70"
    assert SliderScale(-10, 40, 1).text(-3) == "−3"
    assert SliderScale(0, 1, 0.05).text(0.3) == "0.30"
    assert SliderScale(20, 2000, 0.05, logarithmic=True, decimals=0).text(300.4) == "300"


@pytest.mark.parametrize("wrong", [(1.0, 1.0, 0.1, False), (0.0, 1.0, 0.0, False), (0.0, 1.0, 0.1, True)])
def test_a_scale_without_sense_is_refused(wrong: tuple[float, float, float, bool]) -> None:
    minimum, maximum, step, logarithmic = wrong
    with pytest.raises(ValueError, match="scale"):
        SliderScale(minimum, maximum, step, logarithmic=logarithmic)


@pytest.fixture
def slider(qtbot: QtBot) -> ValueSlider:
    slider = ValueSlider("Threshold", 0, 1, 0.7)
    show(qtbot, slider, 300, 60)
    slider.setFocus()
    return slider


@pytest.mark.parametrize(
    ("key", "modifier", "value"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.71),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, 0.71),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0.69),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, 0.60),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 0.80),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, 0.80),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, 0.60),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0.0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 1.0),
    ],
)
def test_keys_move_it(
    qtbot: QtBot, slider: ValueSlider, key: Qt.Key, modifier: Qt.KeyboardModifier, value: float
) -> None:
    moved, committed = record(slider.valueChanged), record(slider.valueCommitted)
    QTest.keyClick(_track(slider), key, modifier)
    assert slider.value() == pytest.approx(value)
    assert moved == [slider.value()]
    assert committed == [slider.value()]


def test_delete_and_double_click_go_to_the_default(qtbot: QtBot, slider: ValueSlider) -> None:
    track = _track(slider)
    slider.set_value(0.2)
    QTest.keyClick(track, Qt.Key.Key_Delete)
    assert slider.value() == 0.7
    slider.set_value(0.2)
    moved = record(slider.valueChanged)
    QTest.mouseDClick(track, Qt.MouseButton.LeftButton, pos=QPoint(5, 10))
    assert slider.value() == 0.7
    assert moved[-1] == 0.7


def test_dragging_moves_it_and_letting_go_commits_once(qtbot: QtBot, slider: ValueSlider) -> None:
    track = _track(slider)
    moved, committed = record(slider.valueChanged), record(slider.valueCommitted)
    middle = track.height() // 2
    QTest.mousePress(track, Qt.MouseButton.LeftButton, pos=QPoint(track.width() // 2, middle))
    assert slider.value() == pytest.approx(0.5, abs=0.01)
    QTest.mouseMove(track, QPoint(track.width() + 50, middle))
    assert committed == []
    QTest.mouseRelease(track, Qt.MouseButton.LeftButton, pos=QPoint(track.width() + 50, middle))
    assert slider.value() == 1.0
    assert moved[-1] == 1.0
    assert committed == [1.0]


def test_the_program_sets_it_without_a_signal_and_exactly(slider: ValueSlider) -> None:
    moved = record(slider.valueChanged)
    slider.set_value(0.12345)
    assert slider.value() == 0.12345
    slider.set_value(7)
    assert slider.value() == 1.0
    assert moved == []


def test_a_screen_reader_hears_name_value_and_default(slider: ValueSlider) -> None:
    slider.set_value(0.55)
    assert spoken(_track(slider)) == ("Threshold", "0.55", "0.55, default 0.70")


def test_a_disabled_knob_says_why_and_does_not_move(qtbot: QtBot, slider: ValueSlider) -> None:
    height = slider.sizeHint().height()
    slider.set_disabled_reason("Open a source first.")
    QTest.keyClick(_track(slider), Qt.Key.Key_Right)
    assert slider.value() == 0.7
    assert spoken(_track(slider))[2] == "Open a source first."
    assert slider.sizeHint().height() > height  # the reason stands below
    slider.set_disabled_reason(None)
    slider.setFocus()
    QTest.keyClick(_track(slider), Qt.Key.Key_Right)
    assert slider.value() == pytest.approx(0.71)


def test_scrolling_past_changes_nothing_without_the_keyboard_there(qtbot: QtBot, slider: ValueSlider) -> None:
    _track(slider).clearFocus()
    _wheel(slider, 120)
    assert slider.value() == 0.7
    slider.setFocus()
    _wheel(slider, 120)
    assert slider.value() == pytest.approx(0.71)
    _wheel(slider, -60)
    _wheel(slider, -60)
    assert slider.value() == pytest.approx(0.70)


def test_focus_can_be_seen(qtbot: QtBot, slider: ValueSlider) -> None:
    track = _track(slider)
    accent = tokens.current().accent
    with_focus = count_pixels(picture(track), accent)
    track.clearFocus()
    assert with_focus > count_pixels(picture(track), accent) + track.width()


@pytest.mark.parametrize(("name", "height"), [("projector", 720), ("projector", 1080)])
def test_nothing_is_cut_off_in_a_large_theme(qtbot: QtBot, slider: ValueSlider, name: str, height: int) -> None:
    small = slider.sizeHint().height()
    wear(name, height)
    assert slider.sizeHint().height() >= math.floor(1.5 * small)
    slider.resize(slider.width(), 10)
    QApplication.processEvents()
    assert slider.height() >= slider.sizeHint().height()  # a layout cannot squeeze it


def test_a_kiosk_knob_is_large_enough_for_a_finger(slider: ValueSlider) -> None:
    wear("dark", 720, touch=True)
    assert _track(slider).sizeHint().height() >= 44


def _track(slider: ValueSlider) -> QWidget:
    track = slider.focusProxy()
    assert track is not None
    return track


def _wheel(slider: ValueSlider, delta: int) -> None:
    track = _track(slider)
    place = QPointF(10, 10)
    event = QWheelEvent(
        place,
        track.mapToGlobal(place),
        QPoint(0, 0),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(track, event)
