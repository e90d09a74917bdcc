"""A person plays with a run in the Teach panel, and pictures and numbers follow."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.engine.errors import ExplorerError
from explorer.panels.teach import wording
from tests.panels.teach.train_bench import Bench, made_bench, preset
from widgets.slider_track import SliderTrack


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_bench(qtbot) as made:
        yield made


def click(bench: Bench, widget: object) -> None:
    """Press a button as a person does, and let a frame pass."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload] # any widget
    bench.frame()


def test_play_and_pause_move_curves_map_and_heat_and_one_step_is_one_step(bench: Bench) -> None:
    stage = bench.stage
    assert "nothing learned yet" in bench.panel.describe()
    before = stage.map.picture().copy()
    bench.fast()
    click(bench, stage.transport.play)
    bench.until(lambda: bench.view.step > 60)
    assert bench.session.playing
    click(bench, stage.transport.play)
    bench.until(lambda: bench.view.mode == "paused")
    bench.frame()
    stopped = bench.view.step
    steps, losses = stage.loss.train.data()
    assert steps[-1] == stopped
    assert np.isfinite(losses).all()
    assert stage.heat.layers() == 3
    assert stage.heat.picture().shape[0] == 3
    assert (stage.map.picture() != before).any()
    assert f"step {stopped:,}" in bench.panel.describe()
    click(bench, stage.transport.step)
    bench.until(lambda: bench.view.step == stopped + 1)
    assert bench.view.mode == "paused"
    click(bench, stage.transport.reset)
    bench.until(lambda: bench.view.step == 0)
    assert bench.view.generation == 1


def test_six_sigmoids_leave_the_first_rows_dark_and_relu_lights_them_up(bench: Bench) -> None:
    stage, session = bench.stage, bench.session
    bench.fast()
    buttons = stage.presets.buttons
    assert buttons is not None
    click(bench, buttons.buttons["deep-sigmoid"])
    bench.until(lambda: bench.view.step >= 250)
    assert session.findings
    assert session.findings[0].rule.illness is preset("deep-sigmoid").illness
    assert "Vanishing gradients – rule of thumb:" in stage.transport.sentence()

    def brightness(layer: int, column: int) -> int:
        return int(stage.heat.picture()[layer, column, :3].astype(int).sum())

    click(bench, stage.transport.play)
    bench.until(lambda: bench.view.mode == "paused")
    bench.area.grab()
    dark = round(0.5 * bench.view.step / bench.train._end * stage.heat.picture().shape[1])
    assert stage.heat.layers() == 7
    assert brightness(0, dark) < 0.5 * brightness(6, dark)
    before = stage.heat.newest()
    assert before[0] < 0.01 * before[-1]
    click(bench, stage.presets.look)
    assert stage.heat.ringed()
    click(bench, stage.presets.mend)
    assert session.settings.activation == "relu"
    mended = bench.view.step
    bench.until(lambda: bench.view.step >= mended + 300)
    after = stage.heat.newest()
    assert after[0] > 100 * before[0]
    assert not stage.heat.ringed()
    bench.until(lambda: all(each.rule.illness is not preset("deep-sigmoid").illness for each in session.findings))
    assert [words for _, words in stage.scrubber.ticks()] == ["activation = relu"]
    # the knob shows what is in force
    assert bench.panel.controls.network.knobs["activation"].key() == "relu"  # type: ignore[union-attr]


def test_the_number_is_the_ratio_of_the_newest_probes(bench: Bench) -> None:
    bench.fast()
    bench.train_to(100)
    rms = bench.session.history.probed("gradient_rms")  # type: ignore[union-attr]
    newest = np.median(rms[-20:], axis=0)
    text, unit = wording.reach(float(newest[0]), float(newest[-1]))
    assert bench.stage.reach.shown() == f"{text} {unit}".strip()
    assert bench.stage.reach.shown() in bench.panel.describe()


def test_knobs_work_while_it_trains_and_others_begin_again(bench: Bench) -> None:
    bench.fast()
    bench.session.play()
    bench.until(lambda: bench.view.step > 30)
    track = bench.panel.controls.learning.knobs["learning_rate"].findChild(SliderTrack)
    assert track is not None
    rate = bench.session.settings.learning_rate
    QTest.keyClick(track, Qt.Key.Key_Left)
    lower = bench.session.settings.learning_rate
    assert lower < rate
    bench.until(lambda: bench.view.settings.learning_rate == lower)
    assert bench.view.generation == 0
    assert bench.view.step > 30
    layers = bench.panel.controls.network.layers.findChild(SliderTrack)
    assert layers is not None
    QTest.keyClick(layers, Qt.Key.Key_Right)
    bench.until(lambda: bench.view.generation == 1)
    assert bench.view.blueprint.hidden == (12, 12, 12)
    assert bench.stage.network.sizes() == (2, 12, 12, 12, 2)


@pytest.mark.parametrize("typed", ["-1", "inf", "nan", "fast"])
def test_a_learning_rate_that_cannot_be_is_a_sentence_and_changes_nothing(bench: Bench, typed: str) -> None:
    field = bench.panel.controls.learning.typed
    before = bench.session.settings
    field.setText(typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.session.settings == before
    assert len(bench.notices) == 1
    assert "rate" in bench.notices[0]
    field.setText("0")  # a rate of nothing is allowed: nothing moves then
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.session.settings.learning_rate == 0
    assert len(bench.notices) == 1


def test_a_run_can_be_taken_back_and_goes_on_from_there(bench: Bench) -> None:
    bench.fast()
    bench.train_to(150)
    head, scrubber = bench.view.step, bench.stage.scrubber
    late = bench.view.weights["dense1.weight"].copy()
    QTest.mouseClick(scrubber, Qt.MouseButton.LeftButton, pos=QPoint(round(scrubber.x_of(40)), 8))
    bench.until(lambda: bench.view.step == scrubber.step())
    assert abs(bench.view.step - 40) <= 1
    assert bench.view.head == head
    assert (bench.view.weights["dense1.weight"] != late).any()
    QTest.keyClick(scrubber, Qt.Key.Key_End)
    bench.until(lambda: bench.view.step == head)
    assert (bench.view.weights["dense1.weight"] == late).all()


def test_a_run_that_diverges_stops_says_where_and_can_be_mended(bench: Bench) -> None:
    bench.fast()
    bench.session.break_with(preset("rate-x30"))
    bench.until(lambda: bench.view.mode == "ended")
    bench.frame()
    assert bench.stage.transport.sentence().startswith("Diverging – rule of thumb: ")
    sentence = bench.panel.describe()
    assert f"stopped at step {bench.view.step + 1}" in sentence
    assert "the loss is no finite number" in sentence  # the outputs still are: their square is too large
    bench.stage.scrubber.scrubbed.emit(1)
    bench.until(lambda: bench.view.step == 1)
    bench.session.change(learning_rate=0.05)
    bench.train_to(60)
    assert bench.view.mode == "paused"
    assert np.isfinite(bench.stage.loss.train.data()[1]).all()


def test_a_heavy_task_elsewhere_goes_first_and_the_run_goes_on_after_it(bench: Bench) -> None:
    bench.session.play()
    bench.until(lambda: bench.view.step > 3)

    def evaluate(stop: threading.Event, put: object, report: object) -> None:
        stop.wait(30)

    task = bench.context.background.start("Evaluating", evaluate)
    bench.until(lambda: bench.view.mode == "paused")
    assert bench.stage.transport.sentence() == "Training waits for: Evaluating."
    stood = bench.view.step
    task.stop()
    bench.until(lambda: bench.view.step > stood)


def test_it_stands_still_while_nobody_looks(bench: Bench) -> None:
    bench.session.play()
    bench.until(lambda: bench.view.step > 3)
    bench.area.hide()
    bench.until(lambda: bench.view.mode == "paused")
    bench.area.show()
    bench.until(lambda: bench.view.mode == "playing")


def test_the_set_up_survives_saving_and_what_does_not_fit_is_refused(bench: Bench) -> None:
    panel = bench.panel
    assert panel.save_state()["run"] == {}
    bench.session.rebuild(task="moons", hidden=(5, 4))
    bench.session.change(learning_rate=0.03, points=((0.5, 0.25, 1),))
    bench.session.set_speed(333.0)
    saved = panel.save_state()
    panel.restore_state({})
    assert panel.save_state()["run"] == {}
    panel.restore_state(saved)
    assert panel.save_state() == saved
    assert bench.session.blueprint.hidden == (5, 4)
    assert bench.session.settings.points == ((0.5, 0.25, 1),)
    for bad in (
        {"run": {"settings": {"learning_rate": -1}}},
        {"run": {"settings": {"learning_rate": True}}},
        {"run": {"blueprint": {"hidden": [1e9]}}},
        {"run": {"blueprint": {"folder": "/somewhere"}}},
        {"run": {"blueprint": {"nonsense": 1}}},
        {"run": {"speed": 0}},
        {"run": 3},
        {"view": "nowhere"},
    ):
        with pytest.raises(ExplorerError):
            panel.restore_state(bad)
        assert panel.save_state() == saved
