"""A person goes through backpropagation step by step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from explorer.engine.errors import ExplorerError
from explorer.panels.teach.backprop_cards import NETS, Setup
from explorer.panels.teach.backprop_values import tint
from explorer.panels.teach.backprop_view import BackpropView
from explorer.panels.teach.backprop_words import formula, symbol
from tests.panels.teach.views_bench import ViewBench, made_view, rgb
from widgets import tokens

Bench = ViewBench[BackpropView]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_view(qtbot, "backprop", BackpropView) as made:
        made.idle()
        yield made


def press(bench: Bench, word: str) -> None:
    """Press the segment of a step."""
    segment = next(s for s in bench.view.strip.findChildren(QRadioButton) if s.text() == word)
    QTest.mouseClick(segment, Qt.MouseButton.LeftButton)


def test_arrow_keys_go_through_the_steps_and_light_what_they_are_about(bench: Bench) -> None:
    view, lit = bench.view, []
    for _ in view.steps:
        lit.append(view.net.lit())
        QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.at == len(view.steps) - 1
    names = [step.name for step in view.steps]
    assert names[:5] == ["L1", "A1", "L2", "A2", "loss"]
    assert lit[names.index("dloss/dW2")].weights == 2
    assert lit[names.index("dloss/dW1")].weights == 1
    assert (lit[names.index("dloss/dA1")].layer, lit[names.index("dloss/dA1")].weights) == (1, 2)
    assert [each.backward for each in lit] == [False] * 5 + [True] * 7
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.at == len(view.steps) - 2


def test_every_gradient_has_its_finite_difference_beside_it(bench: Bench) -> None:
    view = bench.view
    for net in NETS:
        view.choose(Setup(net, "tanh", 3))
        bench.idle()
        for index, step in enumerate(view.steps):
            view.go(index)
            if step.of:
                titles = [title for title, _ in view.values.tables()]
                assert titles == ["backpropagation", "finite differences"]
                worst = view.worst()
                assert worst is not None
                assert worst < 1e-6 * max(1.0, float(np.abs(step.value).max()))
                assert "agree within" in view.describe()


def test_a_chosen_weight_is_lit_alone(bench: Bench) -> None:
    view = bench.view
    press(bench, "∂W₁")
    box = view.values._box(0)  # three rows, two columns: the entry in the middle right
    QTest.mouseClick(
        view.values, Qt.MouseButton.LeftButton, pos=QPoint(round(box.right()) - 4, round(box.center().y()))
    )
    assert view.net.lit().cell == (1, 1)
    assert view.values.accessible_value().startswith(f"backpropagation: {float(view.step.value[1, 1]):.4g}")
    QTest.keyClick(view.values, Qt.Key.Key_Up)
    assert view.net.lit().cell == (0, 1)
    QTest.keyClick(view.values, Qt.Key.Key_Escape)
    assert view.net.lit().cell == ()


def test_another_activation_changes_the_numbers(bench: Bench) -> None:
    view = bench.view
    press(bench, "∂W₁")
    before = view.step.value.copy()
    cards = view._cards
    cards.activation.setCurrentIndex(0)
    cards.activation.activated.emit(0)
    assert view.setup.activation == "sigmoid"
    assert not np.array_equal(view.step.value, before)
    assert view.worst() is None  # an old difference is never shown beside a new value
    bench.idle()
    assert view.worst() is not None


def test_the_keys_of_the_run_step_here(bench: Bench) -> None:
    driver = bench.view.driver()
    driver.step_once()
    driver.toggle()
    assert bench.view.at == 2
    driver.reset()
    assert bench.view.at == 0
    assert not driver.playing


def test_what_was_chosen_comes_back_and_nonsense_does_not(bench: Bench) -> None:
    view = bench.view
    assert view.save_state() == {}
    view.choose(Setup("5-4-1", "relu", 7))
    view.go(6)
    saved, told = view.save_state(), formula(view.step)
    view.restore_state({})
    assert (view.setup, view.at) == (Setup(), 0)
    view.restore_state(saved)
    assert (view.setup, formula(view.step)) == (Setup("5-4-1", "relu", 7), told)
    for wrong in ({"net": "1-1"}, {"seed": -1}, {"activation": "step"}, {"at": 1.5}):
        with pytest.raises(ExplorerError):
            view.restore_state(wrong)


def test_the_table_has_every_entry(bench: Bench) -> None:
    rows = bench.view.csv_rows()
    assert len(rows) == 1 + sum(step.value.size for step in bench.view.steps)
    backward = [row for row in rows[1:] if str(row[0]).startswith("dloss")]
    assert all(isinstance(row[5], float) for row in backward)


def test_formulas_in_print(bench: Bench) -> None:
    printed = {symbol(step): formula(step) for step in bench.view.steps}
    assert printed["∂W₁"] == "∂loss/∂W₁ = ∂loss/∂L₁ A₀ᵀ"
    assert printed["∂A₁"] == "∂loss/∂A₁ = W₂ᵀ ∂loss/∂L₂"
    assert printed["loss"] == "loss = Σ (A₂ − y)²"


def test_zero_has_no_colour_and_signs_have_two() -> None:
    current = tokens.current()
    picture = tint(np.array([[0.0, 1.0, -1.0]]), current)
    assert tuple(picture[0, 0, :3]) == rgb("surface")
    assert len({tuple(pixel) for pixel in picture[0]}) == 3
