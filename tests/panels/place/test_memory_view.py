"""Memory: the picture is the plan, switches change it, and the program around it is told in full."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.deployment.cost import INT8
from explorer.engine.deployment.fit import TENSORFLOW, TF_LITE_MICRO
from explorer.engine.deployment.memory_plan import memory_plan
from explorer.engine.deployment.program import program_of
from explorer.engine.errors import ExplorerError
from explorer.panels.place.memory_view import MemoryView
from tests.panels.place.conftest import Bench
from widgets.segmented import Segmented


@pytest.fixture
def view(bench: Bench) -> MemoryView:
    bench.workbench.update(precision=INT8)
    bench.settle()
    bench.panel.choose_view("memory")
    made = cast(MemoryView, bench.panel.views.view())
    bench.until(lambda: made.picture.plan() is not None)
    return made


def press(bench: Bench, view: MemoryView, choice: Segmented, place: int) -> None:
    view._changed_s = 0.0
    QTest.mouseClick(choice.findChildren(QRadioButton)[place], Qt.MouseButton.LeftButton)
    bench.frame()
    bench.until(lambda: view._answers.task is None)
    bench.frame()


def test_switches_change_the_plan_and_the_former_arena_stays_as_a_ghost(bench: Bench, view: MemoryView) -> None:
    network = bench.panel.session.network
    assert network is not None
    assert view.picture.plan() == memory_plan(network.graph, INT8)
    before = view.picture.plan().ram_bytes  # type: ignore[union-attr]
    seen = view.picture.grab().toImage()
    press(bench, view, view.planner, 2)
    plan = view.picture.plan()
    assert plan == memory_plan(network.graph, INT8, "apart")
    assert plan.ram_bytes == plan.sum_bytes > before
    assert view._before_bytes == before
    assert view.picture.grab().toImage() != seen
    press(bench, view, view.planner, 0)
    press(bench, view, view.in_place, 2)
    in_place = view.picture.plan()
    assert in_place == memory_plan(network.graph, INT8, "by size", "sums and depthwise")
    assert in_place.sum_bytes < plan.sum_bytes
    QTest.mouseClick(view.double, Qt.MouseButton.LeftButton, pos=QPoint(view.double.width() - 12, 12))
    bench.frame()
    bench.until(lambda: view._answers.task is None)
    bench.frame()
    assert any(buffer.name == "next input" for buffer in view.picture.plan().buffers)  # type: ignore[union-attr]


def test_the_stack_is_the_whole_program_and_16_kb_leaves_most_of_it_out(bench: Bench, view: MemoryView) -> None:
    network = bench.panel.session.network
    assert network is not None
    program = program_of(network.graph, INT8, TF_LITE_MICRO)
    rows = {row.name: row for row in view.stack.rows()}
    assert set(rows) == {part.name for part in program.parts}
    for part in program.parts:
        assert (rows[part.name].ram, rows[part.name].flash) == (part.ram_bytes, part.flash_bytes)
    last = view.stack.rows()[-1]
    ends = last.ram_from + (last.ram.value if last.ram else 0)
    assert ends == program.ram_bytes.value  # the stairs end at the sum
    own = program["network"].flash_bytes
    assert own is not None
    assert f"{100 * own.value / 16_384:.1f} % of 16,384 bytes" in view.left_out.text()
    assert "of the 640 KiB RAM of NUCLEO-L4R5ZI: fits." in bench.panel.describe()
    # on another device the limit is another one, and so is the runtime
    view.devices.setCurrentIndex(view.devices.findData("nucleo-g0b1re"))
    view.devices.activated.emit(view.devices.currentIndex())
    bench.frame()
    need, have = program.ram_bytes.value, bench.panel.session.profiles["nucleo-g0b1re"].ram_bytes.value
    assert ("over by" in bench.panel.describe()) is (need > have)
    view.devices.setCurrentIndex(view.devices.findData("h100"))
    view.devices.activated.emit(view.devices.currentIndex())
    bench.frame()
    bench.until(lambda: view._answers.task is None)
    bench.frame()
    runtime = next(row for row in view.stack.rows() if row.name == "runtime")
    assert runtime.ram == TENSORFLOW.ram_bytes


def test_a_buffer_is_read_by_key_and_a_press_selects_its_layer(bench: Bench, view: MemoryView) -> None:
    plan = view.picture.plan()
    assert plan is not None
    view.picture.setFocus()
    QTest.keyClick(view.picture, Qt.Key.Key_End)
    assert view.picture.buffer() == plan.buffers[-1]
    assert view.told.text().startswith(plan.buffers[-1].name)
    QTest.keyClick(view.picture, Qt.Key.Key_Return)
    assert bench.workbench.state.selected_layer == plan.buffers[-1].holds[-1]
    buffer = max(plan.buffers[1:], key=lambda each: each.size_bytes * (each.last - each.first + 1))
    QTest.mouseClick(view.picture, Qt.MouseButton.LeftButton, pos=view.picture.rect_of(buffer).center().toPoint())
    assert bench.workbench.state.selected_layer == buffer.holds[-1]
    view.stack.setFocus()
    QTest.keyClick(view.stack, Qt.Key.Key_Down)
    assert view.told.text() == view.stack.accessible_value()
    table = bench.panel.csv_rows()
    assert len(table) == 1 + len(plan.buffers) + 7
    assert table[1][2] == plan.buffers[0].size_bytes


def test_choices_are_saved_and_a_wrong_value_is_a_sentence(bench: Bench, view: MemoryView) -> None:
    press(bench, view, view.planner, 1)
    saved = bench.panel.save_state()
    assert saved["memory"]["planner"] == "by time"
    bench.panel.restore_state({})
    assert view.planner.key() == "by size"
    bench.panel.restore_state(saved)
    assert view.planner.key() == "by time"
    for key, value in (("planner", "best"), ("in_place", 1), ("double_input", "on"), ("device", 3)):
        with pytest.raises(ExplorerError, match=key):
            bench.panel.restore_state({"memory": {key: value}})
