"""Roofline: sliders move the dots, ghosts stay, a press selects a layer everywhere, this machine is measured."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.deployment.cost import INT8, work_of
from explorer.engine.deployment.predictor import predict_load
from explorer.engine.deployment.roofline import roof_of
from explorer.engine.deployment.this_machine import MachineRoof
from explorer.engine.deployment.workload import workload
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity
from explorer.panels.place.roofline_view import RooflineView
from tests.panels.place.conftest import Bench
from widgets.slider_track import SliderTrack


@pytest.fixture
def view(bench: Bench) -> RooflineView:
    bench.panel.choose_view("roofline")
    made = cast(RooflineView, bench.panel.views.view())
    bench.until(lambda: bool(made.chart.dots()))
    return made


def settled(bench: Bench, view: RooflineView) -> None:
    bench.frame()
    bench.until(lambda: view._answers.task is None)
    bench.frame()


def choose_precision(bench: Bench, view: RooflineView, place: int) -> None:
    QTest.mouseClick(view.precision.findChildren(QRadioButton)[place], Qt.MouseButton.LeftButton)
    settled(bench, view)


def test_dots_are_the_predicted_layers_under_the_roof_of_the_device(bench: Bench, view: RooflineView) -> None:
    choose_precision(bench, view, 2)
    network = bench.panel.session.network
    assert network is not None
    profile = bench.panel.session.profiles["nucleo-l4r5zi"]
    assert view.device() == "nucleo-l4r5zi"
    found = predict_load(workload(network.graph, INT8), profile)
    roof = roof_of(profile, "int8")
    (line,) = view.chart.roofs()
    assert line.roof == roof
    layers = {layer.name: layer for layer in work_of(network.graph, INT8).layers}
    times = {layer.name: layer.total_ms for layer in found.layers}
    for dot in view.chart.dots():
        assert dot.intensity == layers[dot.name].intensity()
        assert dot.rate_per_s == pytest.approx(1e3 * layers[dot.name].operations / times[dot.name])
        assert dot.bound == roof.bound(dot.intensity)
    assert sum(dot.time_ms for dot in view.chart.dots()) == pytest.approx(found.latency_ms)
    assert f"{found.latency_ms:.1f} ms predicted for one input" in bench.panel.describe()
    assert "predicted from" in view.words.text()


def test_a_larger_batch_moves_dots_to_the_right_and_leaves_ghosts(bench: Bench, view: RooflineView) -> None:
    choose_precision(bench, view, 2)
    before = {dot.name: dot for dot in view.chart.dots()}
    view._ghosts, view._changed_s = (), 0.0
    track = view.batch.findChild(SliderTrack)
    assert track is not None
    for _ in range(7):
        QTest.keyClick(track, Qt.Key.Key_Right)
    settled(bench, view)
    assert view.inputs() == 8
    after = {dot.name: dot for dot in view.chart.dots()}
    stem = bench.panel.session.network.graph.layers[0].name  # type: ignore[union-attr]
    assert after[stem].intensity > before[stem].intensity
    assert all(after[name].intensity >= before[name].intensity for name in before)
    assert {ghost.name: ghost.intensity for ghost in view.chart.ghosts()} == {n: d.intensity for n, d in before.items()}
    assert "8 inputs at a time" in bench.panel.describe()
    assert "before it was" in bench.panel.describe()


def test_precision_without_units_is_told_in_words(bench: Bench, view: RooflineView) -> None:
    choose_precision(bench, view, 3)
    assert "emulated" in view.words.text()
    assert "roof is that of int8" in view.words.text()
    assert view.chart.dots()
    view.devices.setCurrentIndex(view.devices.findData("coral-dev-board"))
    view.devices.activated.emit(view.devices.currentIndex())
    choose_precision(bench, view, 1)
    assert bench.panel.describe().startswith("Coral Dev Board, float32: not supported: ")
    assert not view.chart.isVisible()
    assert view.state_box.isVisible()
    assert view.state_box.text() == bench.panel.describe()


def test_a_press_selects_a_layer_in_every_panel_and_keys_read_the_layers(bench: Bench, view: RooflineView) -> None:
    dot = max(view.chart.dots(), key=lambda each: each.intensity)
    QTest.mouseClick(view.chart, Qt.MouseButton.LeftButton, pos=view.chart.dot_place(dot).toPoint())
    assert bench.workbench.state.selected_layer == view.chart.dot().name  # type: ignore[union-attr]
    view.chart.setFocus()
    QTest.keyClick(view.chart, Qt.Key.Key_Home)
    first = view.chart.dots()[0]
    assert view.told.text().startswith(f"{first.name} ({first.kind}), predicted")
    QTest.keyClick(view.chart, Qt.Key.Key_Right)
    QTest.keyClick(view.chart, Qt.Key.Key_Return)
    assert bench.workbench.state.selected_layer == view.chart.dots()[1].name


def test_this_machine_is_measured_on_request(bench: Bench, view: RooflineView) -> None:
    session = bench.panel.session

    def rate(value: float) -> Quantity:
        return Quantity(value, "MAC/s", Kind.MEASURED, "here", count=9)

    peaks = {"float32": rate(5e10), "int8": rate(2e11)}
    session.measured.roof = MachineRoof("this processor", "onnxruntime", peaks, rate(1e11), rate(1e10), rate(1e-6))
    QTest.mouseClick(view.measure, Qt.MouseButton.LeftButton)
    assert view._task is not None
    bench.frame()
    assert view.measure.text() == "Stop measuring"
    bench.until(lambda: view._task is None)
    bench.frame()
    measured = [dot for dot in view.chart.dots() if dot.measured]
    assert session.network is not None
    here = session.measured.network(session.network)
    assert here is not None
    assert {dot.name: dot.rate_per_s for dot in measured} == {each.name: each.rate_per_s.value for each in here.layers}
    words = [line.words for line in view.chart.roofs()]
    assert "this machine, float32, measured: 100 GOP/s" in words
    assert "measured on this machine" in bench.panel.describe()
    assert any(row[2] is True for row in bench.panel.csv_rows())
    # another batch is measured by itself, once it stands
    view.batch.set_value(2)
    view.mark()
    settled(bench, view)
    view._changed_s = 0.0
    bench.panel.on_slow_tick()
    bench.until(lambda: view._task is None)
    assert session.measured.network(session.network, 2) is not None
    view.batch.set_value(1)
    # stopping leaves nothing half measured
    session.measured.forget()
    QTest.mouseClick(view.measure, Qt.MouseButton.LeftButton)
    bench.frame()
    QTest.mouseClick(view.measure, Qt.MouseButton.LeftButton)
    bench.until(lambda: view._task is None)
    assert session.measured.network(session.network) is None


def test_choices_are_saved_and_a_wrong_value_is_a_sentence(bench: Bench, view: RooflineView) -> None:
    bench.panel.restore_state({"view": "roofline", "roofline": {"device": "h100", "precision": "int8", "batch": 4}})
    settled(bench, view)
    assert view.device() == "h100"
    assert "NVIDIA H100 SXM, int8" in bench.panel.describe()
    assert bench.panel.save_state()["roofline"] == {"device": "h100", "precision": "int8", "batch": 4}
    for key, value in (("device", 7), ("precision", "int3"), ("batch", 0), ("batch", True)):
        with pytest.raises(ExplorerError, match=key):
            bench.panel.restore_state({"roofline": {key: value}})
