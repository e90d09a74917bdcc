"""Every further view of the Teach panel, as the panel shows it: its controls, its keys, its help, its state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.panels.base import png_bytes
from explorer.panels.teach.backprop_view import BackpropView
from explorer.panels.teach.descent_view import DescentView
from explorer.panels.teach.views import TeachView
from tests.panels.teach.train_bench import Bench, made_bench
from widgets import tokens
from widgets.palettes import tokens_for

FURTHER = ("descent", "surface", "backprop", "labs", "splits", "claims")


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_bench(qtbot) as made:
        yield made


def front(bench: Bench, key: str) -> TeachView:
    """Bring a view to the front and let what it asks for be computed."""
    bench.panel.choose_view(key)
    bench.until(lambda: not bench.context.background.tasks)
    view = bench.panel.views.view(key)
    assert isinstance(view, TeachView)
    return view


def command(bench: Bench, key: str) -> None:
    """Do what a key of the panel does."""
    next(each for each in bench.panel.commands() if each.key == key).run()


def test_the_panel_begins_with_descent_and_its_keys_go_to_the_view_in_front(bench: Bench) -> None:
    assert bench.panel.tabs.keys[0] == "descent"
    descent, backprop = front(bench, "descent"), front(bench, "backprop")
    assert isinstance(descent, DescentView)
    assert isinstance(backprop, BackpropView)
    command(bench, "step")
    assert backprop.at == 1
    bench.panel.choose_view("descent")
    command(bench, "reset_run")
    command(bench, "step")
    assert descent.motion.at == 1
    assert bench.view.step == 0  # the run behind did not move
    bench.panel.choose_view("train")
    command(bench, "step")
    bench.until(lambda: bench.view.step == 1)


def test_each_view_brings_its_own_controls(bench: Bench) -> None:
    pages, run = bench.panel.pages, bench.panel.controls
    for key in ("descent", "backprop", "labs", "splits"):
        view = front(bench, key)
        assert pages.front() is view.cards()
        assert pages.front().isVisible()
        assert not run.isVisible()
    bench.panel.choose_view("train")
    assert pages.front() is run
    assert run.isVisible()


@pytest.mark.parametrize("key", FURTHER)
def test_each_view_says_what_is_seen_explains_itself_and_gives_its_numbers(bench: Bench, key: str) -> None:
    if key == "surface":
        bench.fast()
        bench.train_to(100)
    view = front(bench, key)
    told = bench.panel.describe()
    assert told.endswith(".")
    entries = view.help_entries()
    assert entries
    for entry in entries:
        assert entry.title
        assert entry.meaning
        assert isinstance(entry.widget, QWidget)
        assert entry.formula is None or entry.formula()
    rows = view.csv_rows()
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert view.pictures()
    for picture in view.pictures():
        assert picture.accessibleName()
    assert bench.panel.full_screen_target() in view.pictures()
    assert png_bytes(view.grab().toImage())[:4] == b"\x89PNG"


def test_all_views_follow_the_theme(bench: Bench) -> None:
    before = tokens.current()
    try:
        for key in FURTHER:
            view = front(bench, key)
            dark = view.grab().toImage()
            tokens.set_current(tokens_for("projector"))
            assert view.grab().toImage() != dark
            tokens.set_current(before)
    finally:
        tokens.set_current(before)


def test_the_state_of_all_views_comes_back(bench: Bench) -> None:
    front(bench, "labs").restore_state({"lab": "slopes", "slope_of": "relu"})
    front(bench, "splits").restore_state({"pitfalls": ["LEAKAGE"]})
    front(bench, "backprop").restore_state({"net": "5-4-1", "at": 5})
    front(bench, "descent").restore_state({"mode": "two", "momentum": 0.5})
    saved, told = bench.panel.save_state(), bench.panel.describe()
    bench.panel.restore_state({})
    assert set(bench.panel.save_state()) == {"view", "run"}
    bench.panel.restore_state(saved)
    bench.until(lambda: not bench.context.background.tasks)
    assert bench.panel.save_state() == saved
    assert bench.panel.describe() == told
