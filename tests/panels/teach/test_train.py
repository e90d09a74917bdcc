"""A person plays with a run in the Teach panel, and pictures and numbers follow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from explorer.engine.errors import ExplorerError
from explorer.engine.training.activations import ACTIVATIONS
from explorer.engine.training.initialisation import INITIALISATIONS
from explorer.engine.training.optimizers import OPTIMIZERS
from explorer.engine.training.precision import PRECISIONS
from explorer.engine.training.schedule import SCHEDULES
from explorer.engine.training.settings import KEYWORD_NETWORKS, TASKS
from explorer.engine.training.view import plane_grid
from explorer.panels.teach import wording
from explorer.panels.teach.depth_time import HIGHEST, LOWEST, colors_of
from explorer.panels.teach.exporting import write_network
from explorer.panels.teach.network_picture import Picked
from tests.panels.teach.train_bench import Bench, made_bench, preset
from widgets.segmented import Segmented
from widgets.slider_track import SliderTrack


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_bench(qtbot) as made:
        yield made


def click(bench: Bench, widget: object) -> None:
    """Press a button as a person does, and let a frame pass."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload] # any widget
    bench.frame()


def test_every_name_of_the_engine_has_words() -> None:
    assert set(wording.tasks()) == set(TASKS)
    assert set(wording.activations()) == set(ACTIVATIONS)
    assert set(wording.optimizers()) == set(OPTIMIZERS)
    assert set(wording.initialisations()) == set(INITIALISATIONS)
    assert set(wording.schedules()) == set(SCHEDULES)
    assert set(wording.precisions()) == set(PRECISIONS)
    assert set(wording.networks()) == set(KEYWORD_NETWORKS)


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (0.5, 1.0, ("50", "%")),
        (1.0, 8000.0, ("1 / 8,000", "")),
        (0.0, 1.0, ("0", "%")),
        (2.0, 1.0, ("200", "%")),
        (50.0, 1.0, ("× 50", "")),
        (0.0, 0.0, ("0", "%")),
        (float("nan"), 1.0, ("–", "")),
    ],
)
def test_the_share_that_reaches_the_first_layer_in_words(first: float, last: float, shown: tuple[str, str]) -> None:
    assert wording.reach(first, last) == shown


def test_colours_grow_brighter_with_the_gradient_and_clamp_at_both_ends() -> None:
    values = 10.0 ** np.linspace(LOWEST, HIGHEST, 50)
    brightness = colors_of(values)[:, :3].astype(int).sum(1)
    assert (np.diff(brightness) >= 0).all()
    assert brightness[-1] > 4 * brightness[0]
    ends = colors_of(np.array([0.0, 1e-30, 1e9, np.inf, np.nan]))
    assert (ends[0] == ends[1]).all()
    assert (ends[2] == ends[3]).all()
    assert (ends[3] == ends[4]).all()


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
    sentence = bench.stage.transport.sentence()
    assert f"stopped at step {bench.view.step + 1}" in sentence
    assert "the loss is no finite number" in sentence  # the outputs still are: their square is too large
    bench.stage.scrubber.scrubbed.emit(1)
    bench.until(lambda: bench.view.step == 1)
    bench.session.change(learning_rate=0.05)
    bench.train_to(60)
    assert bench.view.mode == "paused"
    assert np.isfinite(bench.stage.loss.train.data()[1]).all()


def test_points_are_drawn_with_the_mouse_and_wiped_away(bench: Bench) -> None:
    plane, pencil = bench.stage.map, bench.panel.controls.data.pencil
    bench.until(lambda: plane.points() > 0)
    before = plane.points()
    tools = pencil.tools.findChildren(QRadioButton)
    middle = plane.place_of(0.9, -0.9).toPoint()
    QTest.mouseClick(plane, Qt.MouseButton.LeftButton, pos=middle)
    assert bench.session.settings.points == ()  # without a tool the mouse only looks
    tools[2].click()
    QTest.mouseClick(plane, Qt.MouseButton.LeftButton, pos=middle)
    drawn: Any = np.array(bench.session.settings.points)
    np.testing.assert_allclose(drawn, [[0.9, -0.9, 1]], atol=0.02)
    bench.until(lambda: plane.points() == before + 1)
    tools[3].click()
    QTest.mouseClick(plane, Qt.MouseButton.LeftButton, pos=middle)
    assert bench.session.settings.points == ()
    bench.until(lambda: plane.points() == before)


def test_a_pressed_weight_shows_its_value_and_how_it_came_there(bench: Bench) -> None:
    bench.fast()
    bench.train_to(60)
    picture, line = bench.stage.network, bench.stage.picked
    wire = (picture.place_of(1, 3) + picture.place_of(2, 9)) / 2
    found = picture.at(QPointF(wire))
    assert found is not None
    assert found.source is not None
    picture.pick(Picked(2, 9, 3))
    weight = float(bench.view.weights["dense2.weight"][9, 3])
    assert picture.value_of(Picked(2, 9, 3))[0] == pytest.approx(weight)
    assert "layer 2, weight 4 → 10" in line.accessible_value()
    steps = [step for step, _ in line.history()]
    assert steps[0] == 0
    assert len(steps) > 2
    QTest.keyClick(picture, Qt.Key.Key_Right)
    assert picture.chosen() == Picked(3, 1)
    bench.area.grab()


def test_a_kept_run_stays_as_a_ghost_beside_the_next(bench: Bench) -> None:
    bench.fast()
    bench.train_to(60)
    shown = bench.stage.reach.shown()
    click(bench, bench.stage.transport.keep)
    assert bench.train.kept is not None
    assert "Momentum 0.1" in bench.train.kept.words
    bench.session.rebuild(seed=7)
    bench.until(lambda: bench.view.generation == 1)
    assert bench.stage.loss.train.has_ghost()
    assert bench.train.kept.reach == shown
    click(bench, bench.stage.transport.keep)
    assert not bench.stage.loss.train.has_ghost()


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


def test_the_saved_network_says_what_the_picture_shows(bench: Bench, tmp_path: Path) -> None:
    import onnxruntime

    bench.session.rebuild(batch_norm=True, hidden=(6, 6))
    bench.fast()
    bench.train_to(50)
    path = tmp_path / "network.onnx"
    write_network(bench.session, path)
    runner = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    logits = runner.run(None, {"input": plane_grid().numpy()})[0]
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    assert bench.view.decision_map is not None
    np.testing.assert_allclose(shares.reshape(bench.view.decision_map.shape), bench.view.decision_map, atol=2e-4)
    write_network(bench.session, tmp_path / "network.safetensors")
    assert (tmp_path / "network.safetensors").stat().st_size > 300


def test_the_table_has_a_row_for_every_step(bench: Bench, tmp_path: Path) -> None:
    bench.fast()
    bench.train_to(30)
    bench.panel.export_csv(tmp_path / "run.csv")
    lines = (tmp_path / "run.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("step,loss,accuracy")
    assert len(lines) == 1 + bench.view.step
    assert lines[-1].startswith(f"{bench.view.step},")


def test_the_words_are_learned_and_published_with_their_badge(bench: Bench) -> None:
    bench.panel.controls.run.knobs["task"].choose("kws")  # type: ignore[union-attr]
    bench.until(lambda: bench.view.network is not None)
    card = bench.panel.controls.keywords
    bench.panel.on_slow_tick()
    assert not card.publish.isEnabled()
    bench.session.change(validate_every=1)
    bench.session.step_once()
    bench.until(lambda: bench.view.step == 1)
    bench.panel.on_slow_tick()
    assert len(bench.stage.recall.rows()) == 12
    assert not bench.stage.map.isVisible()
    click(bench, card.publish)
    state = bench.context.workbench.state
    assert (state.network, state.network_version) == ("tiny", 2)
    assert bench.context.workbench.active.badge == "learned from synthetic voices"
    bench.session.play()
    bench.until(lambda: bench.view.measured is not None)
    bench.session.pause()
    bench.panel.on_slow_tick()
    memory = bench.panel.controls.memory
    predicted, measured = (int(memory.text(1, column).removesuffix(" B").replace(",", "")) for column in (1, 2))
    arrays = bench.context.workbench.active.arrays
    learned = sum(a.size for name, a in arrays.items() if name.rsplit(".", 1)[1] in ("weight", "bias", "gamma", "beta"))
    assert predicted == measured == 4 * learned


def test_four_maps_without_a_name_are_asked_about_and_named(bench: Bench) -> None:
    click(bench, bench.panel.controls.guess)
    check = bench.train.check
    assert check.state.state() == "estimating"
    bench.until(lambda: check.question.state() == "asking")
    assert not bench.stage.isVisible()
    assert [name.text() for name in check.names] == ["A", "B", "C", "D"]
    assert sum(picture.ringed() for picture in check.pictures) == 1
    # the runs are the real ones: each map shows its illness
    by_key = {made.preset.key: made for made in check.maps}
    sigmoid = by_key["deep-sigmoid"].rms[-1]
    assert sigmoid[0] < 0.01 * sigmoid[-1]
    assert by_key["dead-relu"].rms[-1][0] == 0
    assert by_key["rate-x30"].stopped
    truth = check.maps[check.asked].preset
    choice = check.question.findChild(Segmented)
    assert choice is not None
    choice.set_key(truth.key)
    QTest.keyClick(check.question, Qt.Key.Key_Return)
    assert check.question.state() == "revealed"
    assert check.names[check.asked].text().endswith(truth.title)
    QTest.keyClick(check.question, Qt.Key.Key_Return)
    assert bench.stage.isVisible()
