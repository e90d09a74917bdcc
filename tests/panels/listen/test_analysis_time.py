"""The waterfall: guess first, then bars from the end of the word, with a lens for what is too short to be seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from explorer.panels.listen.waterfall_chart import milliseconds, nice_step
from explorer.panels.listen.waterfall_rows import CAPTURE, NETWORK, PAINT, SURE, UNSURE, WAIT, Response, median_rows
from explorer.panels.listen.waterfall_view import WaterfallView
from tests.panels.listen.analysis_lab import Lab, response


def test_rows_follow_each_other_and_add_up() -> None:
    event = response()
    assert event.waterfall is not None
    shown = Response("left", event.waterfall, paint_ms=17.0)
    rows = shown.rows()
    assert [round(rows[stage].length_ms, 6) for stage in (WAIT, UNSURE, SURE, CAPTURE, PAINT)] == [20, 30, 100, 8.5, 17]
    assert rows[SURE].start_ms == pytest.approx(50.0)
    # 20 + 30 + 100 + 8 + 0.5 + 0.2 + 0.4 + 0.1 + 17
    assert shown.total_ms == pytest.approx(176.2)
    assert shown.longest == SURE


def test_a_word_that_was_clear_before_its_end_begins_before_zero() -> None:
    event = response(word_end_s=9.95)
    assert event.waterfall is not None
    rows = Response("left", event.waterfall, None).rows()
    assert rows[SURE].start_ms == pytest.approx(-50.0)
    assert WAIT not in rows
    assert PAINT not in rows


def test_median_says_over_how_many_and_counts_no_wait_as_none() -> None:
    events = [response(time_s=10.0 + i, network_ms=ms) for i, ms in enumerate((0.3, 0.5, 0.4))]
    events.append(response(time_s=20.0, word_end_s=19.95))
    rows = median_rows([Response("left", e.waterfall, None) for e in events if e.waterfall])
    assert rows[NETWORK].length_ms == pytest.approx(0.4)
    assert (rows[NETWORK].low_ms, rows[NETWORK].high_ms) == (0.3, 0.5)
    assert rows[NETWORK].count == 4
    assert rows[WAIT].low_ms == 0.0


def test_the_question_comes_before_the_picture(lab: Lab) -> None:
    view = WaterfallView(lab.context, lab.session)
    lab.show(view)
    view.on_event(response())
    assert view.predict.isVisible()
    assert not view.chart.isVisible()
    assert "Guess" in view.describe()
    network = next(b for b in view.predict.findChildren(QWidget) if b.accessibleName().endswith(": network"))
    QTest.mouseClick(network, Qt.MouseButton.LeftButton)
    guess = next(b for b in view.predict.findChildren(QPushButton) if b.isVisible() and "guess" in b.text())
    QTest.mouseClick(guess, Qt.MouseButton.LeftButton)
    assert view.chart.isVisible()
    assert view.predict.state() == "revealed"
    assert view.predict.prediction() == NETWORK
    assert "You said network; it is being sure." in view.predict.accessibleDescription()


def test_every_stage_is_a_measured_chip_and_painting_comes_when_it_was_painted(lab: Lab) -> None:
    view = WaterfallView(lab.context, lab.session)
    lab.show(view)
    view.predict._on_skip()
    assert "No word yet" in view.box.text()
    event = response()
    view.on_event(event)
    assert view.chart.chip(NETWORK).text() == "0.40"
    assert view.chart.chip(NETWORK).kind() == "measured"
    assert view.chart.chip(PAINT).text() == "–"
    lab.session.painted[event] = 100.0012 + 0.017
    view.on_frame(0.0)
    assert view.chart.chip(PAINT).text() == "17.0"
    assert view.total.text() == "176"
    assert "not measured" in view.note.text()
    assert ("left", 10.0, SURE, pytest.approx(50.0), pytest.approx(100.0)) in view.csv_rows()


def test_an_estimated_end_of_the_word_says_so(lab: Lab) -> None:
    view = WaterfallView(lab.context, lab.session)
    lab.show(view)
    view.predict._on_skip()
    view.on_event(response(known=True))
    assert "is known" in view.sentence.text()
    view.on_event(response(time_s=12.0, known=False))
    assert "estimated from the level" in view.sentence.text()
    assert "estimated" in view.chart.chip(SURE).details()


def test_the_end_of_a_word_that_is_seen_later_moves_the_bars(lab: Lab) -> None:
    view = WaterfallView(lab.context, lab.session)
    lab.show(view)
    view.predict._on_skip()
    early = response(word_end_s=None, known=False, wait_for_hop_ms=None)
    view.on_event(early)
    assert "could not be found" in view.sentence.text()
    lab.session.settles[early] = response(known=False)
    view.on_frame(0.0)
    assert "estimated from the level" in view.sentence.text()
    assert view.chart.chip(WAIT).text() == "20.0"


def test_the_lens_magnifies_what_is_too_short_to_be_seen(lab: Lab) -> None:
    view = WaterfallView(lab.context, lab.session)
    lab.show(view)
    view.predict._on_skip()
    view.on_event(response())
    near = view.chart.lens_factor()
    assert near > 100
    view.on_event(response(time_s=12.0, network_ms=40.0))
    assert view.chart.lens_factor() < near / 20


def test_a_waiting_question_does_not_take_the_keyboard(lab: Lab) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    field = QLineEdit()
    view = WaterfallView(lab.context, lab.session)
    column.addWidget(field)
    column.addWidget(view)
    lab.qtbot.addWidget(page)
    lab.views.append(view)
    with lab.qtbot.waitExposed(page):
        page.show()
    field.setFocus()
    view.activate()
    view.predict._on_skip()
    view.on_event(response())
    assert field.hasFocus()


@pytest.mark.parametrize(("value", "text"), [(148.2, "148"), (24.31, "24.3"), (0.184, "0.18"), (-13.5, "−13.5")])
def test_milliseconds_have_the_digits_they_deserve(value: float, text: str) -> None:
    assert milliseconds(value) == text


@pytest.mark.parametrize(
    ("length", "count", "step"), [(200.0, 6, 50.0), (1.0, 4, 0.5), (0.7, 4, 0.2), (600.0, 3, 200.0)]
)
def test_steps_of_an_axis_are_round(length: float, count: int, step: float) -> None:
    assert nice_step(length, count) == pytest.approx(step)
