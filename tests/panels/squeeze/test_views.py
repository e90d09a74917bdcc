"""A person goes through the views of the Squeeze panel; what they show is what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization import retrained as retrained_module
from explorer.engine.quantization.packing import flash_image, sparse_bytes
from explorer.engine.quantization.recipe import FLOAT, PRESETS, STORY, Recipe, Width
from explorer.engine.quantization.sensitivity import WIDTHS, cell_recipe
from explorer.panels.squeeze import session as session_module
from explorer.panels.squeeze.classes_view import ClassesView
from explorer.panels.squeeze.device_view import DeviceView
from explorer.panels.squeeze.saving import write_network
from explorer.panels.squeeze.sensitivity_view import SensitivityView
from explorer.panels.squeeze.views import view_names
from explorer.panels.view import View
from tests.panels.squeeze.conftest import Bench
from widgets.segmented import Segmented
from widgets.slider_track import SliderTrack

V = TypeVar("V", bound=View)


def look_at(bench: Bench, key: str, kind: type[V]) -> V:
    """Press the tab of a view."""
    tabs = bench.panel.tabs
    QTest.mouseClick(tabs.findChildren(QRadioButton)[tabs.keys.index(key)], Qt.MouseButton.LeftButton)
    bench.frame()
    view = bench.panel.views.view()
    assert isinstance(view, kind)
    assert view.isVisible()
    return view


def choose(choice: Segmented, place: int) -> None:
    """Press a segment of a choice."""
    QTest.mouseClick(choice.findChildren(QRadioButton)[place], Qt.MouseButton.LeftButton)


def middle(x: float, y: float) -> QPoint:
    return QPointF(x, y).toPoint()


def set_to(slider: QWidget, key: Qt.Key, times: int) -> None:
    track = slider.findChild(SliderTrack)
    assert track is not None
    for _ in range(times):
        QTest.keyClick(track, key)


def test_the_sensitivity_matrix_fills_says_its_cells_and_gives_bits(bench: Bench) -> None:
    bench.settle()
    view = look_at(bench, "sensitivity", SensitivityView)
    layers = tuple(bench.panel.session.steps.weights)  # type: ignore[union-attr]
    bench.until(lambda: len(view.grid.entries()) >= 4)
    assert "of 264 cells measured" in view.progress.text()
    stem = view.grid.entries()["stem", 2]
    assert stem.distinct
    assert stem.difference < -0.05
    recipe = cell_recipe(FLOAT, layers, "stem", 2, "only")
    cell = bench.panel.session.cells[recipe]
    assert cell.comparison.difference == stem.difference
    assert "−" in bench.panel.describe()
    rows = view.csv_rows()
    assert rows[1][:2] == ("stem", 2)
    assert rows[1][4] == stem.difference
    # the cursor goes with the keys, and Enter gives the layer the bits
    QTest.keyClick(view.grid, Qt.Key.Key_Home)
    assert view.grid.cursor_cell() == ("stem", 2)
    assert view.told.text().startswith("stem at 2 bits:")
    assert view.grid.accessible_value() == view.told.text()
    QTest.keyClick(view.grid, Qt.Key.Key_Down)
    QTest.keyClick(view.grid, Qt.Key.Key_Return)
    assert bench.workbench.state.precision == FLOAT.with_layer("stem", weights=3)
    assert bench.workbench.state.selected_layer == "stem"
    bench.workbench.undo()
    assert bench.workbench.state.precision == FLOAT
    place = view.grid.cell_rect("stem", 4).center()
    QTest.mouseClick(view.grid, Qt.MouseButton.LeftButton, pos=middle(place.x(), place.y()))
    assert bench.workbench.state.precision == FLOAT.with_layer("stem", weights=4)
    QTest.keyClick(view.grid, Qt.Key.Key_Delete)
    assert bench.workbench.state.precision == FLOAT
    # the other mode is another matrix, and a press gives all others the bits
    choose(view.mode, 1)
    bench.frame()
    assert ("stem", 2) not in view.grid.entries()
    QTest.keyClick(view.grid, Qt.Key.Key_Return)
    assert bench.workbench.state.precision == Recipe(4, layer_weights=(("stem", "float32"),))
    assert view.save_state() == {"mode": "all_but"}
    with pytest.raises(ExplorerError, match="mode"):
        bench.panel.restore_state({"sensitivity": {"mode": "none"}})


def test_the_matrix_follows_the_rulers_and_rests_when_nobody_looks(bench: Bench) -> None:
    bench.settle()
    view = look_at(bench, "sensitivity", SensitivityView)
    first = ("stem", WIDTHS[0])
    bench.until(lambda: first in view.grid.entries())
    own = view.grid.entries()[first]
    bench.workbench.update(precision=replace(FLOAT, per_channel=False))
    bench.frame()
    assert "one ruler per layer" in view.progress.text()
    assert not view.grid.entries()
    bench.until(lambda: first in view.grid.entries())
    assert view.grid.entries()[first].difference < own.difference - 0.1
    bench.panel.choose_view("layers")
    bench.settle()
    bench.until(lambda: len(bench.panel.session.results) > len(STORY) - 1)
    QTest.qWait(300)
    bench.frame()
    before = len(bench.panel.session.cells)
    QTest.qWait(500)
    bench.frame()
    assert len(bench.panel.session.cells) == before


def test_the_headline_leads_to_the_words_that_were_lost(bench: Bench) -> None:
    bench.until(lambda: bench.panel.session.float_result is not None)
    bench.workbench.update(precision=Recipe(3, 8))
    bench.settle()
    QTest.mouseClick(bench.panel.headline, Qt.MouseButton.LeftButton)
    bench.frame()
    assert bench.panel.tabs.key() == "classes"
    view = bench.panel.views.view()
    assert isinstance(view, ClassesView)
    changes = view.bars.changes()
    differences = [change.comparison.difference for change in changes]
    assert len(changes) == 12
    assert differences == sorted(differences)
    session = bench.panel.session
    assert session.current is not None
    assert session.float_result is not None
    total = sum(change.comparison.only_second - change.comparison.only_first for change in changes)
    assert total == int(session.current.right.sum()) - int(session.float_result.right.sum())
    worst = changes[0]
    answers, labels = session.current.answers, session.current.evaluation_set.labels
    index = session.current.evaluation_set.classes.index(worst.label)
    lost = (labels == index) & session.float_result.right & ~session.current.right
    assert (
        sum(count for _, count in worst.taken_for) == lost.sum() == np.isin(answers[lost], [index], invert=True).sum()
    )
    assert worst.label in view.told.text()
    QTest.keyClick(view.bars, Qt.Key.Key_Down)
    assert f"“{changes[1].label}”" in view.told.text()
    assert worst.label in bench.panel.describe()
    assert [row[0] for row in bench.panel.csv_rows()[1:]] == [change.label for change in changes]


def test_on_a_device_says_three_widths_times_and_overflow(bench: Bench) -> None:
    bench.settle()
    bench.workbench.update(precision=replace(PRESETS["INT8"], pruned=0.3))
    bench.settle()
    view = look_at(bench, "device", DeviceView)
    finish(bench, view, lambda: view.facts() is not None)
    facts = view.facts()
    assert facts is not None
    quantized = bench.panel.session.prepared.quantizer.quantize(bench.workbench.state.precision)  # type: ignore[union-attr]
    assert (facts.dense_bytes, facts.sparse_bytes) == (len(flash_image(quantized)), sparse_bytes(quantized))
    assert f"{facts.sparse_bytes:,}" in view.bytes.text()
    assert f"{facts.onnx_bytes / 1024:.1f} KB" in view.bytes.text()
    assert facts.own_time is not None
    assert facts.pruned_time is not None
    assert f"{facts.own_time.median_ms:.2f} ms" in view.speed.text()
    assert [row.bits for row in view.rows.rows()] == [8, 8, 8, 32]
    assert not view.sums.wrapping()
    choose(view.accumulators, 2)
    finish(bench, view, lambda: view.facts() is not None)
    assert view.sums.wrapping()
    assert "16-bit accumulators overflow" in bench.panel.describe()
    needed = view.rows.rows()[3]
    assert needed.used > needed.bits == 16
    assert ("sums_beyond_int16", view.sums.wrapping()[0]) in {row[:2] for row in bench.panel.csv_rows()}
    # a width without a kernel, and one without integers
    bench.workbench.update(precision=Recipe(4, 8))
    finish(bench, view, lambda: view.facts() is not None)
    assert "no kernel for this width" in view.speed.text()
    assert [row.bits for row in view.rows.rows()] == [4, 8, 8, 16]
    bench.workbench.update(precision=Recipe(4))
    finish(bench, view, lambda: view.facts() is not None)
    assert not view.sums.layers()
    assert "at most 8 bits" in view.told.text()
    saved = bench.panel.save_state()
    assert saved["device"] == {"accumulator_bits": 16}
    bench.panel.restore_state({})
    assert (view.bits(), bench.panel.tabs.key()) == (32, "layers")
    with pytest.raises(ExplorerError, match="accumulator_bits"):
        bench.panel.restore_state({"device": {"accumulator_bits": 12}})


def finish(bench: Bench, view: DeviceView, found: Callable[[], bool]) -> None:
    """Let the background measure, and the view take it over."""

    def look() -> bool:
        bench.context.background.poll()
        bench.panel.on_slow_tick()
        return found()

    bench.until(look)
    bench.frame()


def test_bars_of_all_weights_and_activations_stand_beside_the_strip(bench: Bench) -> None:
    bench.settle()
    weights, activations = bench.panel.layers.arranged.weights, bench.panel.layers.arranged.activations
    QTest.mouseClick(weights, Qt.MouseButton.LeftButton, pos=middle(weights.width() / 2, weights.y_of(4)))
    assert bench.workbench.state.precision == Recipe(4)
    QTest.keyClick(activations, Qt.Key.Key_Home)
    QTest.keyClick(activations, Qt.Key.Key_Up)
    assert bench.workbench.state.precision == Recipe(4, 3)
    bench.frame()
    assert weights.accessible_value() == "4 bits"
    assert bench.panel.controls.bits.activations.width_chosen() == 3
    bench.workbench.undo()
    bench.frame()
    assert activations.width_chosen() == "float32"
    assert weights.y_of(4) == bench.panel.layers.strip.y_of(4)  # one lane for all
    QTest.mouseDClick(weights, Qt.MouseButton.LeftButton, pos=middle(weights.width() / 2, weights.y_of(4)))
    assert bench.workbench.state.precision == FLOAT


def test_a_locked_layer_keeps_its_bits_while_all_others_move(bench: Bench) -> None:
    bench.settle()
    strip, card = bench.panel.layers.strip, bench.panel.controls.layer
    bench.workbench.update(selected_layer="stem")
    bench.frame()
    QTest.keyClick(strip, Qt.Key.Key_L)
    bench.workbench.update(precision=replace(bench.workbench.state.precision, weights=5))
    bench.frame()
    widths = {block.name: block.width for block in strip.blocks()}
    assert widths.pop("stem") == "float32"
    assert set(widths.values()) == {5}
    assert card.lock.isChecked()
    card.lock.click()
    assert bench.workbench.state.precision == Recipe(5)
    card.lock.click()
    set_to(card.activations, Qt.Key.Key_Home, 1)
    assert bench.workbench.state.precision == Recipe(5).with_layer("stem", weights=5, activations=2)
    card.copy.click()
    assert bench.workbench.state.precision == Recipe(5, 2)


def test_kinds_of_weights_and_pruning_are_controls_that_change_bytes_and_accuracy(bench: Bench) -> None:
    bench.settle()
    controls = bench.panel.controls
    choose(controls.bits.kind, 1)
    assert bench.workbench.state.precision == Recipe("ternary")
    choose(controls.bits.kind, 2)
    assert bench.workbench.state.precision == Recipe("binary")
    assert "1 bit" in bench.panel.controls.bits.weights.value_text(controls.bits.weights.value())
    choose(controls.bits.kind, 0)
    assert bench.workbench.state.precision == Recipe(4)
    bench.workbench.update(precision=FLOAT)
    bench.settle()
    exact = bench.panel.session.current
    set_to(controls.pruning.share, Qt.Key.Key_PageUp, 6)
    assert bench.workbench.state.precision.pruned == 0.6
    bench.settle()
    pruned = bench.panel.session.current
    assert exact is not None
    assert pruned is not None
    assert pruned.accuracy < exact.accuracy - 0.1
    assert "60 % pruned" in bench.panel.describe()
    choose(controls.pruning.kind, 1)
    assert bench.workbench.state.precision.pruning == "channels"
    bench.workbench.undo()
    assert controls.pruning.kind.key() == "weights"


def test_retrained_weights_take_the_place_of_the_shipped_ones_and_go_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fake(name: str, width: Width) -> Network | None:
        """Give a network that answers differently: its weights are those of tiny on a grid of 4 bits already."""
        network = shipped(name)
        arrays = {key: 0.5 * array if key == "head.weight" else array for key, array in network.arrays.items()}
        return Network(name, network.graph, arrays, network.labels)

    monkeypatch.setitem(retrained_module.RETRAINED, "tiny", (4, "ternary"))
    monkeypatch.setattr(session_module, "retrained", fake)
    bench.until(lambda: bench.panel.session.float_result is not None)
    bench.workbench.update(precision=Recipe(4))
    bench.settle()
    card, session = bench.panel.controls.training, bench.panel.session
    shipped_result = session.current
    assert card.isVisible()
    assert "also trained on the grid of 4 bits" in card.told.text()
    card.switch.click()
    assert bench.workbench.state.retrained_width == 4
    width: Width | None = session.trained_for
    assert width == 4
    at_once = session.current
    assert at_once is None  # an old number is never shown as a new one
    write_network(bench.context, session, tmp_path / "early.onnx")
    assert "still being loaded" in bench.notices[-1]  # and never the weights before as the new ones
    bench.settle()
    assert session.current is not None
    assert shipped_result is not None
    assert not np.array_equal(session.current.answers, shipped_result.answers)
    assert session.float_result is not None
    assert session.float_result.recipe == FLOAT
    assert "retrained" in bench.panel.describe()
    assert session.prepared is not None
    assert session.prepared.quantizer.network.fingerprint != shipped("tiny").fingerprint
    bench.workbench.update(precision=Recipe(5))  # there are none for this width
    bench.settle()
    in_force = session.trained_for
    assert in_force is None
    bench.workbench.undo()
    bench.frame()
    assert session.trained_for == 4
    assert session.current is not None  # known already
    QTest.keyClick(bench.panel.story.buttons["own ruler per channel"], Qt.Key.Key_Return)
    assert not bench.workbench.state.retrained
    bench.frame()
    assert bench.panel.story.buttons["own ruler per channel"].is_chosen()
    assert np.array_equal(session.results[Recipe(4)].answers, shipped_result.answers)
    bench.workbench.undo()
    assert bench.workbench.state.retrained_width == 4
    # the last step of the story brings back what few bits lost
    last = bench.panel.story.buttons["retrained"]
    assert last.number() == "press"
    QTest.mouseClick(last, Qt.MouseButton.LeftButton)
    assert bench.workbench.state.precision == Recipe("ternary", 8)
    bench.settle()
    bench.frame()
    assert last.is_chosen()
    assert last.number() == bench.panel.headline.figures().accuracy


def test_every_view_is_reached_by_key_says_something_explains_itself_and_gives_a_table(bench: Bench) -> None:
    bench.settle()
    bench.panel.show()
    for key in view_names():
        assert bench.panel.tabs.key() == key
        bench.frame()
        view = bench.panel.views.view()
        assert bench.panel.describe().endswith(".")
        assert view.help_entries()
        assert bench.panel.full_screen_target() in view.pictures()
        bench.panel.turn(1)
    assert bench.panel.tabs.key() == "layers"
    bench.panel.choose_view("sensitivity")
    saved = bench.panel.save_state()
    bench.panel.restore_state({})
    assert bench.panel.tabs.key() == "layers"
    bench.panel.restore_state(saved)
    assert bench.panel.tabs.key() == "sensitivity"
    with pytest.raises(ExplorerError, match="no view"):
        bench.panel.restore_state({"view": "nowhere"})
    with pytest.raises(ExplorerError, match="object"):
        bench.panel.restore_state({"layers": 3})
