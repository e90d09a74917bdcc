"""What a person does with the pictures of a run: draw, pick, compare, save, publish, guess."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from explorer.engine.training.view import plane_grid
from explorer.panels.teach.exporting import write_network
from explorer.panels.teach.network_picture import Picked
from tests.panels.teach.train_bench import Bench, made_bench, preset
from widgets.segmented import Segmented


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_bench(qtbot) as made:
        yield made


def click(bench: Bench, widget: object) -> None:
    """Press a button as a person does, and let a frame pass."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload] # any widget
    bench.frame()


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


def test_accuracy_takes_the_place_of_loss_and_goes_again(bench: Bench) -> None:
    bench.fast()
    bench.train_to(40)
    before = bench.stage.loss.train.data()[1]
    command = next(each for each in bench.panel.commands() if each.key == "quantity")
    command.run()
    history = bench.session.history
    assert history is not None
    np.testing.assert_array_equal(bench.stage.loss.train.data()[1], history.column("accuracy_smoothed"))
    command.run()
    np.testing.assert_array_equal(bench.stage.loss.train.data()[1], before)


def test_fresh_points_tell_what_spoilt_data_hide(bench: Bench) -> None:
    bench.fast()
    bench.train_to(60)
    assert not len(bench.stage.loss.fresh.data()[0])  # clean data: they would say what validation says
    bench.session.break_with(preset("leakage"))
    bench.until(lambda: bench.view.generation == 1 and len(bench.stage.loss.fresh.data()[0]) > 2)
    history = bench.session.history
    assert history is not None
    steps, values = bench.stage.loss.fresh.data()
    judged = dict(zip(history.column("step"), history.column("test_loss"), strict=True))
    np.testing.assert_array_equal(values, [judged[step] for step in steps])


def test_where_there_is_little_height_the_heat_map_stays(bench: Bench) -> None:
    bench.session.break_with(preset("deep-sigmoid"))
    bench.until(lambda: bench.view.step > 0 and bench.view.generation == 1)
    assert bench.stage.loss.isVisible()
    bench.area.resize(1000, 330)
    bench.until(lambda: bench.stage.low())
    bench.frame()
    assert bench.stage.heat.isVisible()
    bench.until(lambda: bench.stage.reach.isVisible())
    assert bench.stage.presets.mend.isVisible()
    assert not bench.stage.loss.isVisible()
    assert not bench.stage.network.isVisible()
    bench.area.resize(1000, 700)
    bench.until(lambda: not bench.stage.low())
    assert bench.stage.loss.isVisible()


def test_where_there_is_little_height_the_curves_stay_if_the_illness_shows_there(bench: Bench) -> None:
    bench.session.break_with(preset("leakage"))
    bench.until(lambda: bench.view.step > 0 and bench.view.generation == 1)
    bench.area.resize(1000, 330)
    bench.until(lambda: bench.stage.low())
    bench.until(lambda: bench.stage.loss.isVisible() and not bench.stage.heat.isVisible())
    bench.session.leave_preset()
    bench.until(lambda: bench.stage.heat.isVisible() and not bench.stage.loss.isVisible())


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
