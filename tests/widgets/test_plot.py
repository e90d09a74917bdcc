from __future__ import annotations

import csv
import itertools
import time
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.helpers import count_pixels, picture, record, show, spoken, wear
from widgets import plot_export, tokens
from widgets.plot import Plot
from widgets.slider_scale import SliderScale
from widgets.threshold_line import ThresholdLine


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    plot = Plot("time", "score", x_unit="s", x_range=(0, 2), y_range=(0, 1))
    show(qtbot, plot, 500, 300)
    return plot


@pytest.fixture
def line(plot: Plot) -> ThresholdLine:
    line = ThresholdLine(plot, "Threshold", SliderScale(0, 1, 0.01), 0.7)
    picture(plot)
    line.setFocus()
    return line


def test_pictures_are_rows_first() -> None:
    assert pg.getConfigOption("imageAxisOrder") == "row-major"


def test_it_does_not_look_like_the_library(plot: Plot) -> None:
    image = picture(plot)
    assert image.pixelColor(2, 2).name() == tokens.current().surface.lower()
    assert not plot.getPlotItem().autoBtn.isVisible()
    assert plot.getPlotItem().legend is None
    assert plot.getAxis("bottom").labelText == "time (s)"
    assert plot.getAxis("left").labelText == "score"
    wear("light")
    assert picture(plot).pixelColor(2, 2).name() == "#ffffff"


def test_a_curve_has_its_colour_and_its_name_beside_it(plot: Plot) -> None:
    wear("projector", 720)
    curve = plot.curve("left", index=1)
    curve.set_data([0, 1, 2], [0.5, 0.5, 0.5])
    current = tokens.current()
    assert count_pixels(picture(plot), current.data[1]) > 300
    assert count_pixels(picture(plot), current.data_text[1]) == 0
    plot.direct_label(curve, "left")
    assert count_pixels(picture(plot), current.data_text[1]) > 20


def test_lines_keep_their_width_on_a_screen_with_finer_pixels(plot: Plot, monkeypatch: pytest.MonkeyPatch) -> None:
    plot.curve("left").set_data([0, 2], [0.5, 0.5])
    monkeypatch.setattr(plot, "devicePixelRatioF", lambda: 2.0)
    QApplication.sendEvent(plot, QEvent(QEvent.Type.DevicePixelRatioChange))
    line = next(item for item in plot.getPlotItem().items if isinstance(item, pg.PlotCurveItem))
    assert line.opts["pen"].widthF() == 2.0
    assert not line.opts["antialias"]


@pytest.mark.parametrize("height", [300, 150])
def test_labels_at_one_height_are_pushed_apart_and_stay_inside(plot: Plot, height: int) -> None:
    for index, name in enumerate(("yes", "no", "up", "down")):
        curve = plot.curve(name, index=index)
        curve.set_data([0, 1, 2], [0.0, 0.2, 0.0])
        plot.direct_label(curve, name)
    plot.resize(500, height)
    picture(plot)
    labels = [item for item in plot.getPlotItem().items if isinstance(item, pg.TextItem) and item.toPlainText()]
    boxes = sorted((item.mapRectToScene(item.boundingRect()) for item in labels), key=lambda box: box.top())
    assert len(boxes) == 4
    assert all(upper.bottom() <= lower.top() + 1 for upper, lower in itertools.pairwise(boxes))
    inside = plot.getViewBox().sceneBoundingRect().adjusted(-2, -2, 2, 2)
    assert all(inside.contains(box) for box in boxes)


def test_a_gap_in_the_data_is_a_gap_in_the_line(plot: Plot) -> None:
    curve = plot.curve("left")
    curve.set_data(np.linspace(0, 2, 101), np.where(np.abs(np.linspace(-1, 1, 101)) < 0.5, np.nan, 0.5))
    image = picture(plot)
    box = plot.getViewBox().sceneBoundingRect()
    row = [image.pixelColor(round(box.left() + share * box.width()), round(box.center().y())) for share in (0.1, 0.45)]
    neighbour = image.pixelColor(round(box.left() + 0.1 * box.width()), round(box.center().y()) - 8)
    assert row[1] == neighbour != row[0]


def test_the_previous_state_stays_as_a_dashed_ghost_until_it_is_cleared(plot: Plot) -> None:
    curve = plot.curve("left")
    curve.set_data([0, 2], [0.3, 0.3])
    curve.remember("−20 ms")
    curve.set_data([0, 2], [0.8, 0.8])
    assert curve.has_ghost()
    items = plot.getPlotItem().items
    ghost = next(item for item in items if isinstance(item, pg.PlotCurveItem) and item.zValue() == -1)
    assert ghost.getData()[1].tolist() == [0.3, 0.3]
    pen = ghost.opts["pen"]
    assert pen.widthF() == 1.0
    assert pen.style() == Qt.PenStyle.CustomDashLine
    assert pen.color().alphaF() == pytest.approx(0.35, abs=0.01)
    assert any(isinstance(item, pg.TextItem) and item.toPlainText() == "−20 ms" for item in items)
    curve.clear_ghost()
    assert not any(getattr(item, "zValue", float)() == -1 for item in plot.getPlotItem().items)


def test_a_removed_curve_leaves_nothing(plot: Plot) -> None:
    before = len(plot.getPlotItem().items)
    curve = plot.curve("left")
    curve.set_data([0, 1], [0, 1])
    curve.remember()
    plot.remove_curve(curve)
    assert len(plot.getPlotItem().items) == before
    assert plot.curves() == []


def test_the_values_under_the_cursor_are_read_out(plot: Plot) -> None:
    curve = plot.curve("left")
    curve.set_data([0, 1, 2], [0.1, 0.25, -0.5])
    assert plot.values_at(1.1) == "1.1 s\nleft  0.25"
    assert plot.values_at(2.0).endswith("left  −0.5")
    box = plot.getViewBox().sceneBoundingRect().center()
    before = picture(plot)
    QTest.mouseMove(plot.viewport(), plot.mapFromScene(box))
    assert picture(plot) != before


@pytest.mark.parametrize(("name", "antialias"), [("dark", True), ("projector", False)])
def test_only_thin_lines_are_smoothed(plot: Plot, name: str, antialias: bool) -> None:
    curve = plot.curve("left")
    wear(name, 1080)
    line = next(item for item in plot.getPlotItem().items if isinstance(item, pg.PlotCurveItem))
    assert line.opts["antialias"] is antialias
    assert (line.opts["pen"].widthF() >= 2) is not antialias
    assert curve.name == "left"


def test_thick_lines_do_not_cost_the_frame_rate(plot: Plot) -> None:
    """The same curve in the projector theme may cost a few times a thin one, not a hundred times."""
    x = np.linspace(0, 2, 2000)
    curve = plot.curve("left")
    curve.set_data(x, 0.5 + 0.4 * np.sin(40 * x))
    thin = _paint_s(plot)
    wear("projector", 720)
    assert _paint_s(plot) < 20 * thin


def test_the_menu_is_ours_and_opens_the_full_screen(plot: Plot) -> None:
    asked = record(plot.fullScreenRequested)
    menu = plot.context_menu()
    texts = [action.text() for action in menu.actions()]
    assert texts == ["Copy data", "Save picture (PNG) …", "Save data (CSV) …", "Full screen"]
    menu.actions()[3].trigger()
    assert asked == [True]
    menu.deleteLater()


def test_copied_data_are_the_data_drawn(plot: Plot) -> None:
    plot.curve("left").set_data([0, 1], [0.25, 0.5])
    said = record(plot.exported)
    menu = plot.context_menu()
    menu.actions()[0].trigger()
    menu.deleteLater()
    assert QGuiApplication.clipboard().text() == "curve\ttime (s)\tvalue\nleft\t0\t0.25\nleft\t1\t0.5\n"
    assert said == ["Copied: 2 points."]


def test_a_saved_picture_is_the_picture_at_twice_the_size(plot: Plot, tmp_path: Path) -> None:
    wear("projector", 720)
    plot.curve("left").set_data([0, 2], [0.5, 0.5])
    path = tmp_path / "plot.png"
    assert plot_export.save_picture(plot, str(path)) == f"Saved: {path}"
    image = QImage(str(path))
    assert image.size() == plot.size() * 2
    assert count_pixels(image, tokens.current().data_color(0)) > 500


def test_saved_data_can_be_read_back(plot: Plot, tmp_path: Path) -> None:
    plot.curve("a, b").set_data([0, 1], [1 / 3, 2])
    path = tmp_path / "data.csv"
    plot_export.save_data(plot, plot.table(), "time (s)", str(path))
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[0] == ["curve", "time (s)", "value"]
    assert rows[1][0] == "a, b"
    assert float(rows[1][2]) == pytest.approx(1 / 3, rel=1e-8)


def test_a_place_that_cannot_be_written_is_a_sentence(plot: Plot, tmp_path: Path) -> None:
    sentence = plot_export.save_data(plot, plot.table(), "time (s)", str(tmp_path / "missing" / "data.csv"))
    assert "could not be written" in sentence
    assert "choose another folder" in sentence


@pytest.mark.parametrize(
    ("key", "modifier", "value"),
    [
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, 0.71),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0.69),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, 0.6),
    ],
)
def test_the_threshold_moves_by_keyboard(
    line: ThresholdLine, key: Qt.Key, modifier: Qt.KeyboardModifier, value: float
) -> None:
    moved = record(line.valueChanged)
    top = line.y()
    QTest.keyClick(line, key, modifier)
    assert moved == [pytest.approx(value)]
    assert (line.y() < top) == (value > 0.7)
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert line.value() == 0.7


def test_the_threshold_is_dragged_by_its_flag(plot: Plot, line: ThresholdLine) -> None:
    moved, committed = record(line.valueChanged), record(line.valueCommitted)
    middle = QPoint(line.width() // 2, line.height() // 2)
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(line, middle + QPoint(0, 60))
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=middle)
    box = plot.getViewBox().sceneBoundingRect()
    assert line.value() == pytest.approx(0.7 - 60 / box.height(), abs=0.02)
    assert moved[-1] == line.value()
    assert committed == [line.value()]
    QTest.mouseDClick(line, Qt.MouseButton.LeftButton)
    assert line.value() == 0.7


def test_the_threshold_stays_at_its_value_when_the_plot_changes_size(plot: Plot, line: ThresholdLine) -> None:
    plot.resize(500, 600)
    picture(plot)
    box = plot.getViewBox()
    level = box.mapSceneToView(plot.mapToScene(line.geometry().center())).y()
    assert level == pytest.approx(0.7, abs=0.01)
    wear("projector", 1080)
    picture(plot)
    level = box.mapSceneToView(plot.mapToScene(line.geometry().center())).y()
    assert level == pytest.approx(0.7, abs=0.01)


def test_a_screen_reader_knows_the_threshold(line: ThresholdLine) -> None:
    line.set_value(0.42)
    assert spoken(line)[:2] == ("Threshold", "0.42")


def test_a_plot_has_a_name_and_a_sentence(plot: Plot) -> None:
    plot.set_described("The word left leads from 0.4 s on.")
    assert spoken(plot)[0] == "score / time"
    assert spoken(plot)[2] == "The word left leads from 0.4 s on."


def test_keys_are_left_to_the_window_and_axes_stay(plot: Plot) -> None:
    ranges = plot.getViewBox().viewRange()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_F, Qt.Key.Key_Right):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(plot, event)
        assert not event.isAccepted()
    place = QPointF(200, 100)
    wheel = QWheelEvent(
        place,
        place,
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), wheel)
    assert not wheel.isAccepted()
    assert plot.getViewBox().viewRange() == ranges


def test_a_closed_plot_hears_of_no_theme(plot: Plot) -> None:
    plot.close()
    wear("light")
    plot.close()
    assert not plot.isVisible()


def _paint_s(plot: Plot) -> float:
    picture(plot)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        plot.grab()
        times.append(time.perf_counter() - start)
    return min(times)
