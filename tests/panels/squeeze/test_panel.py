"""A person moves the controls of the Squeeze panel, and what is seen follows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QRadioButton

from explorer import cli
from explorer.engine.errors import ExplorerError
from explorer.engine.quantization import evaluation_set
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.packing import flash_image
from explorer.engine.quantization.recipe import FLOAT, PRESETS, STORY, Recipe
from explorer.panels.squeeze.widths import WEIGHT_WIDTHS
from tests.panels.squeeze.conftest import CLIPS, Bench
from widgets.segmented import Segmented
from widgets.slider_track import SliderTrack


def segment(choice: Segmented, place: int) -> QRadioButton:
    """Give one segment of a choice."""
    return choice.findChildren(QRadioButton)[place]


def press_left(bench: Bench, times: int) -> None:
    """Move the slider of all weights as the keyboard does."""
    track = bench.panel.controls.bits.weights.findChild(SliderTrack)
    assert track is not None
    for _ in range(times):
        QTest.keyClick(track, Qt.Key.Key_Left)


def test_moving_the_slider_changes_bytes_histogram_picture_and_accuracy(bench: Bench) -> None:
    bench.settle()
    before = bench.panel.headline.figures()
    assert before.size == "39,856 bytes"
    assert len(bench.panel.layers.layer_plot.picture.lines) == 0  # type: ignore[union-attr]
    press_left(bench, len(WEIGHT_WIDTHS) - 1 - WEIGHT_WIDTHS.index(3))
    assert bench.workbench.state.precision == Recipe(3)
    bench.settle()
    after = bench.panel.headline.figures()
    image = flash_image(bench.panel.session.prepared.quantizer.quantize(Recipe(3)))  # type: ignore[union-attr]
    assert after.size == f"{len(image):,} bytes"
    assert float(after.accuracy.split()[0]) < float(before.accuracy.split()[0]) - 5
    assert {block.width for block in bench.panel.layers.strip.blocks()} == {3}
    picture = bench.panel.layers.layer_plot.picture
    assert picture is not None
    assert list(picture.lines) == [-3, -2, -1, 0, 1, 2, 3]
    assert picture.level_counts.sum() == picture.counts.sum()
    assert bench.panel.layers.trade.now is not None
    assert bench.panel.layers.trade.now.file_bytes == len(image)
    assert "points from float" in after.compared


def test_figures_name_their_set_and_an_estimate_says_so(bench: Bench) -> None:
    seen: list[str] = []

    def complete() -> bool:
        figures = bench.panel.headline.figures()
        seen.append(figures.status)
        return figures.status == "complete"

    bench.until(complete)
    figures = bench.panel.headline.figures()
    assert f"{CLIPS} bundled clips" in figures.measured_on
    assert figures.interval.startswith("[")
    assert f"{100 * bench.panel.session.current.accuracy:.1f}" in bench.panel.describe()  # type: ignore[union-attr]
    bench.workbench.update(precision=Recipe(5))
    bench.until(lambda: bench.panel.session.current is not None)
    estimate = bench.panel.session.current
    assert estimate is not None
    if not estimate.complete:
        assert bench.panel.headline.figures().status == f"estimate, {estimate.done} of {CLIPS}"


def test_a_drag_queues_nothing_and_its_end_is_what_is_shown(bench: Bench) -> None:
    bench.settle()
    for bits in (12, 9, 7, 6, 5, 4, 3, 2, 6):
        bench.workbench.update(precision=Recipe(bits))
        bench.frame()
    bench.settle()
    assert bench.panel.session.recipe == Recipe(6)
    shown = bench.panel.headline.figures()
    assert shown.accuracy == f"{100 * bench.panel.session.results[Recipe(6)].accuracy:.1f} %"
    assert len(bench.panel.session.results) < 9


def test_the_story_breaks_at_four_bits_and_its_own_rulers_mend_it(bench: Bench) -> None:
    bench.settle()
    QTest.mouseClick(bench.panel.story.buttons["naive"], Qt.MouseButton.LeftButton)
    bench.settle()
    naive = bench.panel.session.current
    QTest.mouseClick(
        segment(bench.panel.controls.grid.per, 1),
        Qt.MouseButton.LeftButton,
    )
    assert bench.workbench.state.precision == STORY["own ruler per channel"]
    bench.settle()
    assert bench.panel.story.buttons["own ruler per channel"].is_chosen()
    mended = bench.panel.session.current
    assert naive is not None
    assert mended is not None
    assert mended.accuracy > naive.accuracy + 0.2
    assert mended.compared_with(naive).distinct
    assert bench.panel.story.buttons["naive"].number() == f"{100 * naive.accuracy:.1f} %"


def test_presets_fill_the_knobs(bench: Bench) -> None:
    for key, recipe in PRESETS.items():
        QTest.mouseClick(bench.panel.controls.bits.presets.buttons[key], Qt.MouseButton.LeftButton)
        assert bench.workbench.state.precision == recipe
        assert bench.panel.controls.bits.weights.width_chosen() == recipe.weights
        assert bench.panel.controls.bits.activations.width_chosen() == recipe.activations
        assert bench.panel.controls.grid.weight_ends.key() == recipe.weight_calibration
        assert bench.panel.controls.bits.presets.buttons[key].is_chosen()
        assert sum(button.is_chosen() for button in bench.panel.controls.bits.presets.buttons.values()) == 1


def test_undo_takes_the_setting_back_and_its_figure_is_there_at_once(bench: Bench) -> None:
    bench.settle()
    exact = bench.panel.headline.figures()
    bench.workbench.update(precision=PRESETS["INT8"])
    bench.settle()
    bench.workbench.undo()
    bench.frame()
    assert bench.workbench.state.precision == FLOAT
    assert bench.panel.headline.figures() == exact
    bench.workbench.redo()
    assert bench.panel.controls.bits.weights.width_chosen() == 8


def test_a_bar_of_the_strip_is_dragged_and_only_that_layer_changes(bench: Bench) -> None:
    bench.settle()
    strip, name = bench.panel.layers.strip, "s3b2_mix"
    left, right = strip.span_of(name)
    x = round((left + right) / 2)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, round(strip.y_of(4))))
    assert bench.workbench.state.selected_layer == name
    assert bench.workbench.state.precision == FLOAT.with_layer(name, weights=4)
    QTest.keyClick(strip, Qt.Key.Key_Down)
    bench.frame()
    widths = {block.name: block.width for block in strip.blocks()}
    assert widths.pop(name) == 3
    assert set(widths.values()) == {"float32"}
    assert "s3b2_mix" in strip.accessible_value()
    assert bench.panel.controls.layer.weights.width_chosen() == 3
    bench.panel.controls.layer.copy.click()
    assert bench.workbench.state.precision == Recipe(3)
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    assert bench.workbench.state.precision == Recipe(3)


def test_the_guess_is_answered_by_a_measured_curve(bench: Bench) -> None:
    bench.settle()
    bench.until(lambda: bench.panel.session.threshold is not None)
    bench.panel.ask_guess()
    assert bench.panel.layers.guess.state() == "asking"
    assert not bench.panel.layers.guess.points()  # nothing is given away
    QTest.keyClick(bench.panel.layers.guess, Qt.Key.Key_Return)
    bench.until(lambda: bench.panel.layers.guess.state() == "revealed")
    points = bench.panel.layers.guess.points()
    assert len(points) == len(bench.panel.layers.guess.recipes())
    assert [p.file_bytes for p in points] == sorted((p.file_bytes for p in points), reverse=True)
    limit = bench.panel.session.threshold
    assert limit is not None
    assert points[0].accuracy > limit > points[-1].accuracy


def test_activations_show_their_grid(bench: Bench) -> None:
    bench.settle()
    bench.panel.layers.arranged.show_histogram("activations")
    bench.workbench.update(precision=Recipe(8, 5), selected_layer="stem")
    bench.frame()
    picture = bench.panel.layers.layer_plot.picture
    assert picture is not None
    assert len(picture.lines) == 32
    assert "stem, activations: 5 bits" in bench.panel.layers.arranged.words.text()
    saved = bench.panel.save_state()
    bench.panel.restore_state({})
    assert bench.panel.layers.arranged.shown() == "weights"
    bench.panel.restore_state(saved)
    assert bench.panel.layers.arranged.shown() == "activations"
    with pytest.raises(ExplorerError, match="histogram"):
        bench.panel.restore_state({"layers": {"histogram": 3}})


def test_widths_for_layers_of_another_network_are_left_out(bench: Bench) -> None:
    bench.settle()
    bench.workbench.update(precision=Recipe(8, layer_weights=(("no_such_layer", 4),)))
    bench.settle()
    assert bench.panel.session.recipe == Recipe(8)
    assert bench.panel.session.problem == ""


def test_a_network_that_cannot_be_loaded_is_told_in_a_sentence(bench: Bench) -> None:
    bench.workbench.update(network="nothing-of-this-name")
    bench.until(lambda: bool(bench.panel.session.problem))
    assert "nothing-of-this-name" in bench.panel.describe()
    assert bench.panel.layers.arranged.box.state() == "failed"
    bench.workbench.update(network="tiny")
    bench.settle()
    assert bench.panel.session.problem == ""


def test_low_windows_put_the_pictures_side_by_side(bench: Bench) -> None:
    bench.settle()
    strip, trade = bench.panel.layers.strip, bench.panel.layers.trade
    assert trade.mapTo(bench.panel, QPoint(0, 0)).y() > strip.geometry().bottom()
    bench.area.resize(840, 290)
    bench.frame()
    QTest.qWait(1)
    assert trade.isVisible()
    assert trade.mapTo(bench.panel, QPoint(0, 0)).x() > strip.mapTo(bench.panel, QPoint(strip.width(), 0)).x() - 1
    segment(bench.panel.layers.arranged.side, 1).click()
    assert bench.panel.layers.layer_plot.isVisible()
    assert not trade.isVisible()


def test_views_that_were_looked_at_in_a_high_window_take_no_room_in_a_low_one(bench: Bench) -> None:
    panel, bar = bench.panel, bench.area.verticalScrollBar()
    bench.settle()
    bench.area.activateWindow()
    for key in (*panel.tabs.keys[1:], panel.tabs.keys[0]):
        panel.choose_view(key)
        bench.frame()
    bench.area.resize(840, 290)
    for _ in range(3):
        bench.frame()
        QTest.qWait(1)
    assert panel.layers.isVisible()
    assert bar.maximum() == 0  # nothing to scroll
    first = panel.story.buttons["float"]
    first.setFocus()
    bench.qtbot.waitUntil(first.hasFocus)
    panel.turn(1)  # the story makes room, and the focus goes to the next row
    assert not panel.story.isVisible()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert panel.tabs.isAncestorOf(focus)


def test_the_table_and_the_glyphs_say_what_the_panel_shows(bench: Bench) -> None:
    bench.settle()
    bench.workbench.update(precision=PRESETS["INT8"])
    bench.settle()
    rows = bench.panel.csv_rows()
    assert len(rows) == 2 + len(bench.panel.layers.strip.blocks())
    stem = dict(zip(rows[0], rows[1], strict=True))
    assert (stem["layer"], stem["weight_bits"]) == ("stem", "8")
    assert isinstance(stem["weight_sqnr_db"], float)
    assert np.isfinite(stem["weight_sqnr_db"])
    glyphs = bench.panel.glyphs()
    assert glyphs.layer_bits is not None
    assert set(glyphs.layer_bits) == {8}
    assert glyphs.recipe is not None
    assert glyphs.recipe.precision == "w8a8 per channel"
    assert f"{glyphs.recipe.file_bytes:,} bytes" == bench.panel.headline.figures().size


def test_the_squeezed_network_is_written_and_a_bad_path_is_told(bench: Bench, tmp_path: Path) -> None:
    from explorer.panels.squeeze.saving import write_network

    bench.settle()
    bench.workbench.update(precision=Recipe(5))
    write_network(bench.context, bench.panel.session, tmp_path / "squeezed.onnx")
    assert (tmp_path / "squeezed.onnx").stat().st_size > 0
    assert "not reduced" in bench.notices[-1]
    write_network(bench.context, bench.panel.session, tmp_path / "no such folder" / "squeezed.onnx")
    assert "cannot be written" in bench.notices[-1]


def test_the_panel_and_the_subcommand_give_the_same_figures(
    bench: Bench, clips: EvaluationSet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.workbench.update(precision=Recipe(5, 6, per_channel=False))
    bench.settle()
    monkeypatch.setattr(evaluation_set, "bundled_set", lambda classes: clips)
    assert cli.main(["quantize", "--wbits", "5", "--abits", "6", "--per", "tensor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    estimate = bench.panel.session.current
    assert estimate is not None
    assert (told["accuracy"], told["low"], told["high"]) == (estimate.accuracy, *estimate.interval)
    assert told["file_bytes"] == bench.panel.session.file_bytes(bench.panel.session.recipe)


def test_the_switch_lets_listen_run_this_network(bench: Bench) -> None:
    switch = bench.panel.controls.listen
    switch.click()
    assert bench.workbench.state.listen_squeezed
    bench.workbench.undo()
    assert not switch.isChecked()


def test_another_network_is_followed_and_its_sizes_stay_on_the_plot(bench: Bench) -> None:
    bench.settle()
    bench.workbench.update(precision=Recipe(8))
    bench.settle()
    bench.workbench.update(network="large")
    bench.until(lambda: bench.panel.session.steps is not None)
    bench.until(lambda: bench.panel.session.current is not None)
    bench.frame()
    now = bench.panel.layers.trade.now
    assert now is not None
    assert now.file_bytes > 100_000
    left, right = bench.panel.layers.trade.getViewBox().viewRange()[0]
    assert left < np.log10(now.file_bytes) < right
    assert list(bench.panel.session.results) in ([], [Recipe(8)])  # nothing of the other network is left
