"""A person flips bits and types numbers, and every format follows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.bitfields import Reading
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.squeeze.bit_words import number_words
from explorer.panels.squeeze.number_view import NumberView
from tests.panels.squeeze.conftest import Bench


@pytest.fixture
def view(bench: Bench) -> NumberView:
    bench.panel.choose_view("number")
    bench.frame()
    view = bench.panel.views.view("number")
    assert isinstance(view, NumberView)
    return view


def row(view: NumberView, name: str) -> Reading:
    return next(reading for reading in view.table.rows() if reading.number.name == name)


def type_in(view: NumberView, text: str) -> None:
    view.field.clear()
    QTest.keyClicks(view.field, text)
    QTest.keyClick(view.field, Qt.Key.Key_Return)


def test_the_first_number_is_a_weight_of_the_layer_and_there_is_another(bench: Bench, view: NumberView) -> None:
    session = bench.panel.session
    assert session.prepared is not None
    weights = session.prepared.quantizer.steps.weights[session.layer]
    assert np.float32(view.value) in weights
    assert session.layer in view.origin.text()
    assert row(view, "float32").outcome == "exact"
    first = view.value
    QTest.mouseClick(view.weight, Qt.MouseButton.LeftButton)
    assert view.value != first
    assert np.float32(view.value) in weights
    before = row(view, "int4").gap
    bench.workbench.update(precision=Recipe(per_channel=False))
    bench.frame()
    assert row(view, "int4").gap > before  # the ruler of the whole layer is coarser than the channel's own


def test_an_activation_comes_from_the_network(bench: Bench, view: NumberView) -> None:
    bench.until(lambda: bench.panel.session.prepared.calibration is not None)  # type: ignore[union-attr]
    QTest.mouseClick(view.activation, Qt.MouseButton.LeftButton)

    def come() -> bool:
        bench.context.background.poll()
        return "activation of" in view.origin.text()

    bench.until(come)
    first = view.value
    assert first != 0
    QTest.mouseClick(view.activation, Qt.MouseButton.LeftButton)
    assert view.value != first
    assert math.isfinite(row(view, "int8").number.largest)


def test_a_pressed_bit_flips_and_all_formats_follow(bench: Bench, view: NumberView) -> None:
    type_in(view, "1")
    assert row(view, "float16").bits == "0011110000000000"
    place = view.table.box_of(1, 0).center().toPoint()
    QTest.mouseClick(view.table, Qt.MouseButton.LeftButton, pos=place)
    assert view.value == -1
    assert row(view, "float32").bits[0] == row(view, "int8").bits[0] == "1"
    assert "float16" in view.origin.text()
    place = view.table.box_of(1, 15).center().toPoint()
    QTest.mouseClick(view.table, Qt.MouseButton.LeftButton, pos=place)
    assert view.value == -1 - 2.0**-10
    assert row(view, "bfloat16").outcome == "rounded"  # seven bits of mantissa cannot hold that


def test_the_keyboard_moves_and_flips(bench: Bench, view: NumberView) -> None:
    type_in(view, "1")
    view.table.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Space):
        QTest.keyClick(view.table, key)
    assert view.table.cursor_place() == (2, 1)
    assert math.isnan(view.value) or math.isinf(view.value)  # 0 01111111 becomes 0 11111111 in bfloat16
    assert "exponent" in view.table.accessible_value()
    QTest.keyClick(view.table, Qt.Key.Key_Space)
    assert view.value == 1
    QTest.keyClick(view.table, Qt.Key.Key_End)
    assert view.table.cursor_place() == (2, 15)


def test_overflow_and_underflow_are_said(bench: Bench, view: NumberView) -> None:
    type_in(view, "70000")
    assert row(view, "float16").outcome == "overflow"
    assert "too large for float16" in view.describe()
    assert "65,504" in view.describe()
    type_in(view, "1e-9")
    assert row(view, "float16").outcome == "underflow"
    assert "it is lost" in view.describe()
    type_in(view, "nan")
    assert row(view, "int8").code is None
    assert "integers have none" in view.describe()
    QTest.mouseClick(view.table, Qt.MouseButton.LeftButton, pos=view.table.box_of(3, 0).center().toPoint())
    assert math.isnan(view.value)  # there is no code whose bits could be flipped


def test_what_is_no_number_is_said_and_the_old_one_stays(bench: Bench, view: NumberView) -> None:
    type_in(view, "0.5")
    type_in(view, "half")
    assert view.value == 0.5
    assert "no number" in view.describe()
    assert "no number" in view.origin.text()
    type_in(view, "0.25")
    assert "no number" not in view.describe()


def test_weights_that_are_no_numbers_are_said(bench: Bench, view: NumberView) -> None:
    session = bench.panel.session
    assert session.prepared is not None
    layer = session.layer
    steps = session.prepared.quantizer.steps
    damaged = replace(steps, weights={**steps.weights, layer: np.full_like(steps.weights[layer], np.nan)})
    quantizer = NetworkQuantizer(session.prepared.quantizer.network)
    quantizer.steps = damaged
    session.known.prepared = replace(session.prepared, quantizer=quantizer)
    QTest.mouseClick(view.weight, Qt.MouseButton.LeftButton)
    assert math.isnan(view.value)
    assert "not finite" in view.origin.text()
    assert "not finite" in view.describe()
    type_in(view, "0.5")
    assert "not finite" not in view.describe()
    assert view.value == 0.5


def test_table_of_numbers_and_memory(bench: Bench, view: NumberView) -> None:
    type_in(view, "inf")
    rows = bench.panel.csv_rows()
    assert rows[0][0] == "format"
    assert [line[0] for line in rows[1:]] == ["float32", "float16", "bfloat16", "int8", "int4"]
    assert rows[2][1] == "0b0111110000000000"
    saved = bench.panel.save_state()
    assert saved["view"] == "number"
    type_in(view, "2")
    bench.panel.restore_state(saved)
    assert view.value == math.inf
    for damaged in ({"number": 3}, {"number": "x"}, {"number": "1" * 99}):
        with pytest.raises(ExplorerError):
            view.restore_state(damaged)
    assert view.value == math.inf


def test_numbers_in_words() -> None:
    assert number_words(-65504.0) == "−65,504"
    assert number_words(3.4028235e38, 4) == "3.403 · 10³⁸"
    assert number_words(6e-8, 2) == "6 · 10⁻⁸"
    assert number_words(512.0, 2) == "512"
    assert number_words(-math.inf) == "−∞"
