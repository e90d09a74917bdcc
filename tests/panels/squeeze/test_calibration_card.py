"""A person calibrates on what was heard, and grids and accuracy follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.audio.ring import History
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.quantization.quantized import Grid
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.squeeze.calibration_card import CalibrationCard, require_apart
from explorer.workbench import State
from tests.panels.squeeze.conftest import Bench


def press(card: CalibrationCard, place: int) -> None:
    QTest.mouseClick(card.choice.findChildren(QRadioButton)[place], Qt.MouseButton.LeftButton)


def scale(bench: Bench) -> float:
    prepared, session = bench.panel.session.prepared, bench.panel.session
    assert prepared is not None
    grid = prepared.quantizer.quantize(session.recipe, prepared.calibration).grids["head"]
    assert isinstance(grid, Grid)
    return grid.scale


def test_the_last_minute_heard_calibrates_and_the_bundled_clips_come_back(bench: Bench) -> None:
    card = bench.panel.controls.calibration
    history = History(90.0)
    bench.workbench.sound.lend(history)
    bench.workbench.update(precision=Recipe(4, 5))
    bench.settle()
    before = bench.panel.session.current
    usual = scale(bench)
    press(card, 1)
    assert "Only 0 s" in card.words.text()
    assert card.choice.key() == "bundled"
    assert bench.workbench.state.live_calibration == 0
    quiet = np.asarray(load_part("calibrate").samples[:15].ravel() / (32768 * 20), np.float32)
    history.append(quiet)
    press(card, 1)
    assert "15 s of live sound" in card.words.text()
    first = bench.workbench.state.live_calibration
    assert first > 0
    bench.until(lambda: bench.panel.session.steps is not None)
    bench.settle()
    assert scale(bench) < usual
    after = bench.panel.session.current
    assert before is not None
    assert after is not None
    assert after.evaluation_set is before.evaluation_set  # what is reported on does not change
    assert not np.array_equal(after.answers, before.answers)
    press(card, 1)
    assert bench.workbench.state.live_calibration > first  # a newer minute
    press(card, 0)
    bench.until(lambda: bench.panel.session.steps is not None)
    bench.settle()
    assert scale(bench) == usual
    assert np.array_equal(bench.panel.session.current.answers, before.answers)  # type: ignore[union-attr]


def test_erased_sound_calibrates_no_more(bench: Bench) -> None:
    history = History(90.0)
    bench.workbench.sound.lend(history)
    history.append(np.full(16_000 * 12, 0.1, np.float32))
    press(bench.panel.controls.calibration, 1)
    assert bench.panel.controls.calibration.choice.key() == "live"
    bench.workbench.erase_heard()
    assert bench.panel.controls.calibration.choice.key() == "bundled"


def test_what_accuracy_is_reported_on_cannot_be_played_to_calibrate(tmp_path: Path) -> None:
    inside = State(source_kind="file", source_detail=str(tmp_path / "yes" / "a.wav"), evaluation_folder=str(tmp_path))
    with pytest.raises(ExplorerError, match="measured on"):
        require_apart(inside)
    require_apart(State(source_kind="file", source_detail="/other/a.wav", evaluation_folder=str(tmp_path)))
    require_apart(State(evaluation_folder=str(tmp_path)))
