"""Boards: what is drawn is what was published and what is predicted without it."""

from __future__ import annotations

import math
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.deployment.measurements import published
from explorer.engine.deployment.predictor import predict_load
from explorer.engine.deployment.validation import boards_left_out, networks_left_out, summaries
from explorer.engine.deployment.workload import workload
from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.recipe import PRESETS
from explorer.panels.place.boards_view import BoardsView
from tests.panels.place.conftest import Bench
from widgets.segmented import Segmented


def press(choice: Segmented, place: int) -> None:
    QTest.mouseClick(choice.findChildren(QRadioButton)[place], Qt.MouseButton.LeftButton)


@pytest.fixture
def view(bench: Bench) -> BoardsView:
    bench.panel.choose_view("boards")
    made = cast(BoardsView, bench.panel.views.view())
    bench.frame()
    assert made.state_box.state() == "estimating" or made.chart.rows()
    bench.until(lambda: bool(made.chart.rows()))
    return made


def settled(bench: Bench, view: BoardsView) -> None:
    bench.frame()
    bench.until(lambda: view._answers.task is None)
    bench.frame()


def test_the_same_network_on_all_boards_measured_beside_predicted(bench: Bench, view: BoardsView) -> None:
    rows = view.chart.rows()
    times = {row.latency_ms for row in published() if row.network == "mlperf-tiny-kws"}
    assert {row.measured_ms for row in rows} == times
    assert [row.measured_ms for row in rows] == sorted(times)
    scores = {score.row.latency_ms: score for score in boards_left_out() if score.row.network == "mlperf-tiny-kws"}
    for row in rows:
        score = scores[row.measured_ms or 0]
        assert (row.predicted_ms, row.low_ms, row.high_ms) == (score.predicted_ms, score.low_ms, score.high_ms)
        assert row.error_factor == pytest.approx(score.error_factor)
        assert row.inside is score.covered
    assert "0.0854 to 475 ms" in bench.panel.describe()
    assert view.errors.lines() == summaries()
    first = summaries()[0]
    assert f"median factor {first.median:.2f}" in view.errors.text()
    # left out on all boards instead: other predictions, the same measurements
    press(view.without, 1)
    settled(bench, view)
    others = view.chart.rows()
    assert {row.measured_ms for row in others} == times
    predicted = {s.predicted_ms for s in networks_left_out() if s.row.network == "mlperf-tiny-kws"}
    assert {row.predicted_ms for row in others} == predicted
    assert "other networks" in view.told.text()


def test_the_same_board_with_other_software(bench: Bench, view: BoardsView) -> None:
    press(view.mode, 1)
    view.boards.setCurrentIndex(view.boards.findData("NUCLEO-L4R5ZI"))
    view.boards.activated.emit(view.boards.currentIndex())
    settled(bench, view)
    assert [round(row.measured_ms or 0) for row in view.chart.rows()] == [43, 100, 144]
    assert {row.board for row in view.chart.rows()} == {"NUCLEO-L4R5ZI"}
    told = bench.panel.describe()
    assert "43.2 to 144 ms" in told
    assert f"{144.03 / 43.1872:.2f} times" in told
    assert not view.others.isEnabled()


def test_our_own_network_has_predictions_only_and_says_so(bench: Bench, view: BoardsView) -> None:
    bench.workbench.update(precision=PRESETS["INT8"])
    bench.settle()
    view.networks.setCurrentIndex(0)
    view.networks.activated.emit(0)
    settled(bench, view)
    rows = view.chart.rows()
    profiles = bench.panel.session.profiles
    assert len(rows) == len(profiles)
    assert all(row.measured_ms is None for row in rows)
    board = next(row for row in rows if row.board == "NUCLEO-L4R5ZI")
    network = bench.panel.session.network
    assert network is not None
    found = predict_load(workload(network.graph, PRESETS["INT8"]), profiles["nucleo-l4r5zi"])
    assert (board.predicted_ms, board.low_ms) == (found.latency_ms, found.low_ms)
    assert "this network has never run on this board" in board.sentence
    able = [row.predicted_ms for row in rows if row.predicted_ms is not None]
    told = bench.panel.describe()
    assert f"predicted on {len(able)} devices, {len(rows) - len(able)} cannot run it" in told
    assert "never run" in told


def test_boards_that_nobody_measured_join_on_request_and_keys_read_the_rows(bench: Bench, view: BoardsView) -> None:
    before = len(view.chart.rows())
    QTest.mouseClick(view.others, Qt.MouseButton.LeftButton, pos=QPoint(view.others.width() - 12, 12))
    settled(bench, view)
    rows = view.chart.rows()
    assert len(rows) > before
    assert {row.board for row in rows[before:]} >= {"NVIDIA H100 SXM", "Espressif ESP32-S3"}
    view.chart.setFocus()
    QTest.keyClick(view.chart, Qt.Key.Key_End)
    assert view.told.text() == rows[-1].sentence == view.chart.accessible_value()
    QTest.keyClick(view.chart, Qt.Key.Key_Home)
    assert view.told.text() == rows[0].sentence
    table = bench.panel.csv_rows()
    assert len(table) == len(rows) + 1
    assert table[1][3] == rows[0].measured_ms
    drawn = {name: y for name, _, y in view.chart.table()}
    assert math.isnan(drawn["measured, ms"][-1])


def test_what_is_compared_is_saved_and_a_wrong_value_is_a_sentence(bench: Bench, view: BoardsView) -> None:
    press(view.mode, 1)
    bench.frame()
    saved = bench.panel.save_state()
    assert saved["boards"]["mode"] == "software"
    bench.panel.restore_state({})
    assert view.mode.key() == "boards"
    bench.panel.restore_state(saved)
    assert view.mode.key() == "software"
    for key, value in (("mode", "none"), ("network", 3), ("others", "yes")):
        with pytest.raises(ExplorerError, match=key):
            bench.panel.restore_state({"boards": {key: value}})
