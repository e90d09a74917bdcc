"""A person draws first weights and multiplies slopes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from explorer.engine.errors import ExplorerError
from explorer.engine.training.variance import INITIALISATIONS, propagate
from explorer.panels.teach.labs_cards import initialisations
from explorer.panels.teach.labs_view import LabsView, share_words
from tests.panels.teach.views_bench import ViewBench, made_view, track_of

Bench = ViewBench[LabsView]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_view(qtbot, "labs", LabsView) as made:
        made.idle()
        yield made


def to_slopes(bench: Bench) -> None:
    QTest.mouseClick(bench.view.labs.findChildren(QRadioButton)[1], Qt.MouseButton.LeftButton)
    bench.frame()


def test_sigma_decides_whether_anything_reaches_the_end(bench: Bench) -> None:
    view = bench.view
    assert view.layers is not None
    assert view.layers.forward_gain < 1e-12  # sigma 0.01, 128 units: a factor of about 0.11 a layer
    view._cards.pick("initialisation", "xavier")
    bench.idle()
    assert 0.1 < view.layers.forward_gain < 1
    assert not track_of(view._cards.sliders["sigma"]).isEnabled()  # the formula sets it
    drawn = view.forward.line.data()[1]
    assert drawn == pytest.approx(np.log10(propagate("xavier", "tanh", 20, 128, 0.01).activation_sd))


def test_more_layers_are_drawn(bench: Bench) -> None:
    view = bench.view
    bench.slide(view._cards.sliders["depth"], Qt.Key.Key_Right, 5)
    bench.idle()
    assert len(view.backward.line.data()[0]) == 25
    assert "25 × Tanh" in view.describe()
    assert len(view.csv_rows()) == 26


def test_six_sigmoids_pass_at_most_a_quarter_to_the_sixth(bench: Bench) -> None:
    view = bench.view
    to_slopes(bench)
    assert view.product.at_most[0] == pytest.approx(0.25**6)
    assert view.product.products[0] <= 0.25**6
    assert "0.25^6 = 0.00024" in view.describe()
    before = view.product.products[0]
    bench.slide(view._cards.sliders["layers"], Qt.Key.Key_Right, 4)
    assert len(view.product.slopes) == 10
    assert view.product.products[0] < before / 100
    view._cards.pick("slope_of", "relu")
    assert view.product.products[0] == 1
    bench.slide(view._cards.sliders["x"], Qt.Key.Key_Home)
    assert view.product.products[0] == 0
    assert "nothing of an error" in view.describe()


def test_dots_stand_where_the_layers_are(bench: Bench) -> None:
    view = bench.view
    to_slopes(bench)
    assert view.activation.dots()[:, 0] == pytest.approx(view.product.inputs)
    assert view.activation.dots()[:, 1] == pytest.approx(view.product.slopes)


def test_weights_between_minus_one_and_one_grow_out_of_all_proportion(bench: Bench) -> None:
    view = bench.view
    drawn = view.forward.line.data()[1].copy()
    view._cards.sliders["width"].set_value(256)
    view._cards.sliders["depth"].set_value(50)
    view._cards.choose("activation", "linear")
    view._cards.pick("initialisation", "uniform")
    bench.idle()
    assert view.layers is not None
    gain = np.sqrt(256 / 3)  # a layer multiplies the SD by sqrt(units * variance of the weights)
    assert view.layers.forward_gain ** (1 / 49) == pytest.approx(gain, rel=0.05)
    assert view.forward.line.data()[1][-1] > drawn[0] + 40
    assert "times as much" in view.describe()


def test_what_was_set_comes_back(bench: Bench) -> None:
    view = bench.view
    assert view.save_state() == {}
    to_slopes(bench)
    view._cards.pick("slope_of", "gelu")
    bench.slide(view._cards.sliders["x"], Qt.Key.Key_Right, 3)
    saved, told = view.save_state(), view.describe()
    view.restore_state({})
    assert view.save_state() == {}
    view.restore_state(saved)
    assert view.describe() == told
    for wrong in ({"lab": "kitchen"}, {"activation": "step"}, {"sigma": "wide"}, {"x": True}):
        with pytest.raises(ExplorerError):
            view.restore_state(wrong)


def test_the_keys_of_the_run_drive_the_laboratories(bench: Bench) -> None:
    view = bench.view
    driver = view.driver()
    driver.toggle()
    assert view.lab == "slopes"
    driver.step_once()
    assert len(view.product.slopes) == 7
    driver.reset()
    assert view.save_state() == {"lab": "slopes"}


def test_every_initialisation_of_the_engine_can_be_chosen() -> None:
    assert set(initialisations()) == set(INITIALISATIONS)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "nothing"),
        (0.5, "50 %"),
        (0.001, "1 / 1,000"),
        (2e-9, "2·10⁻⁹"),
        (9.6e-19, "1·10⁻¹⁸"),
        (120.0, "120 times as much"),
    ],
)
def test_shares_of_any_size(share: float, words: str) -> None:
    assert share_words(share) == words
