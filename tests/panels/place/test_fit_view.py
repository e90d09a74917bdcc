"""Fit: every cell is the engine's verdict, the runtime changes it, and the printed ratio stands beside the computed."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.deployment.cost import INT8
from explorer.engine.deployment.fit import BOOK_NETWORKS, RESNET_50, TF_LITE, TF_LITE_MICRO, Fit, fit, footprint
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.panels.place.fit_grid import cell_words
from explorer.panels.place.fit_view import FitView
from tests.panels.place.conftest import Bench


@pytest.fixture
def view(bench: Bench) -> FitView:
    bench.workbench.update(precision=INT8)
    bench.settle()
    bench.panel.choose_view("fit")
    made = cast(FitView, bench.panel.views.view())
    bench.until(lambda: bool(made.grid.fits()))
    return made


def cell(view: FitView, network: str, device: str) -> Fit:
    found = [f for row in view.grid.fits() for f in row if f.network.name == network and f.profile.key == device]
    (one,) = found
    return one


def test_every_device_and_network_has_the_engines_verdict(bench: Bench, view: FitView) -> None:
    profiles = bench.panel.session.profiles
    assert {row[0].profile.key for row in view.grid.fits()} == set(profiles)
    small = cell(view, RESNET_50.name, "stm32f746")
    assert small == fit(RESNET_50, TF_LITE_MICRO, profiles["stm32f746"])
    assert not small.fits
    assert cell_words(small) == "flash 102×"  # (102 MB + 10 kB) / 1 MB by hand
    tiny = cell(view, "tiny int8", "stm32f746")
    assert tiny == fit(footprint("tiny int8", TOPOLOGIES["tiny"]()), TF_LITE_MICRO, profiles["stm32f746"])
    assert tiny.fits
    assert len(view.grid.fits()[0]) == len(BOOK_NETWORKS) + 3
    assert "printed 3,100×, computed 12,500×" in view.printed.text()


def test_another_runtime_changes_cells_and_marks_them(bench: Bench, view: FitView) -> None:
    assert cell(view, "small int8", "nucleo-l4r5zi").fits
    seen, told = view.grid.grab().toImage(), bench.panel.describe()
    QTest.mouseClick(view.runtime.findChildren(QRadioButton)[1], Qt.MouseButton.LeftButton)
    bench.frame()
    changed = cell(view, "small int8", "nucleo-l4r5zi")
    assert changed.runtime == TF_LITE
    assert changed.lacks_system
    assert cell_words(changed) == "no system"
    assert view.grid.changed() > 0
    assert view.grid.grab().toImage() != seen
    assert bench.panel.describe() != told
    assert "130 kinds of layers" in view.cost.text()


def test_the_networks_follow_the_precision_of_the_workbench(bench: Bench, view: FitView) -> None:
    before = cell(view, "tiny int8", "nucleo-g0b1re").network.flash_bytes.value
    bench.workbench.undo()
    bench.settle()
    bench.until(lambda: "tiny float32" in {f.network.name for f in view.grid.fits()[0]})
    assert cell(view, "tiny float32", "nucleo-g0b1re").network.flash_bytes.value > 2 * before


def test_keys_read_the_cells_and_csv_has_them_all(bench: Bench, view: FitView) -> None:
    view.grid.setFocus()
    for _ in range(3):
        QTest.keyClick(view.grid, Qt.Key.Key_Down)
    QTest.keyClick(view.grid, Qt.Key.Key_Right)
    chosen = view.grid.fits()[3][1]
    assert view.grid.fit() == chosen
    assert view.told.text() == view.grid.accessible_value()
    assert chosen.profile.title in view.told.text()
    table = bench.panel.csv_rows()
    assert len(table) == 1 + sum(len(row) for row in view.grid.fits())
    assert table[1][3] == view.grid.fits()[0][0].ram_bytes
    with pytest.raises(ExplorerError, match="runtime"):
        bench.panel.restore_state({"fit": {"runtime": "onnx"}})
