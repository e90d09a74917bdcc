"""The thread: beads that exist, words that fit, one short pulse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.panels.base import Glyphs, Recipe
from explorer.thread_strip import ThreadStrip, fit_recipe, recipe_texts
from widgets import palettes, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

RECIPE = Recipe("tiny", 7, "w4a8 per channel", 11.2 * 1024, 0.959, 0.946, 0.969, "human voices")


@pytest.fixture(autouse=True)
def dark() -> Iterator[None]:
    """Draw with the dark tokens, whatever the last window used."""
    tokens.set_current(palettes.tokens_for("dark"))
    yield
    tokens.set_current(palettes.tokens_for("dark"))


def test_the_recipe_drops_first_then_the_interval_then_the_version() -> None:
    assert recipe_texts(RECIPE) == (
        "tiny v7 · w4a8 per channel · 11.2 KB · 95.9 % [94.6, 96.9] human voices",
        "tiny v7 · 11.2 KB · 95.9 % [94.6, 96.9] human voices",
        "tiny v7 · 11.2 KB · 95.9 % human voices",
        "tiny · 11.2 KB · 95.9 % human voices",
        "tiny · 11.2 KB",
    )


def test_what_is_not_known_yet_leaves_no_hole() -> None:
    assert recipe_texts(Recipe("tiny", 1, "float32")) == ("tiny v1 · float32", "tiny v1", "tiny")
    assert all("%" not in text for text in recipe_texts(Recipe("tiny", 1, "float32", accuracy=0.9)))


@given(st.integers(0, 100))
def test_the_words_are_the_longest_that_fit(width: int) -> None:
    text = fit_recipe(RECIPE, width, lambda words: float(len(words)))
    fitting = [words for words in recipe_texts(RECIPE) if len(words) <= width]
    assert text == (max(fitting, key=len) if fitting else "tiny · 11.2 KB")


def test_a_narrower_strip_shows_fewer_words(qtbot: QtBot) -> None:
    strip = ThreadStrip()
    qtbot.addWidget(strip)
    strip.set_beads(["sound", "network"])
    strip.set_glyphs(Glyphs(recipe=RECIPE))
    seen = []
    with qtbot.waitExposed(strip):
        strip.show()
    for width in range(1400, 200, -20):
        strip.resize(width, 64)
        if strip.words not in seen:
            seen.append(strip.words)
    assert tuple(seen) == recipe_texts(RECIPE)


def test_beads_without_a_panel_are_absent_and_the_order_is_the_threads(qtbot: QtBot) -> None:
    strip = ThreadStrip()
    qtbot.addWidget(strip)
    strip.set_beads(["decision", "sound", "network", "features"])
    assert [bead.key for bead in strip.beads] == ["sound", "features", "network", "decision"]
    strip.set_beads(["place"])
    assert [bead.key for bead in strip.beads] == ["place"]


def test_pressing_a_bead_by_keyboard_asks_for_its_panel(qtbot: QtBot) -> None:
    strip = ThreadStrip()
    qtbot.addWidget(strip)
    strip.set_beads(["sound", "features"])
    with qtbot.waitSignal(strip.beadPressed) as pressed:
        QTest.keyClick(strip.beads[1], Qt.Key.Key_Space)
    assert pressed.args == ["features"]


def picture(strip: ThreadStrip) -> bytes:
    image = strip.grab().toImage()
    return bytes(image.constBits())


def test_each_bead_draws_what_its_part_holds(qtbot: QtBot) -> None:
    strip = ThreadStrip()
    qtbot.addWidget(strip)
    strip.set_beads(["sound", "features", "network", "decision", "place"])
    strip.resize(1200, 64)
    shown = [picture(strip)]
    generator = np.random.default_rng(1)
    for glyphs in (
        Glyphs(level=0.9),
        Glyphs(features=generator.random((98, 40))),
        Glyphs(layer_bits=(8, 4, 2)),
        Glyphs(word="left"),
        Glyphs(place="microcontroller"),
    ):
        strip.set_glyphs(glyphs)
        shown.append(picture(strip))
    assert len(set(shown)) == len(shown)
    assert strip.beads[3].accessibleName() == "decision"
    strip.set_glyphs(Glyphs(word="left"))
    assert strip.beads[3].accessibleName() == "decision: left"


def test_a_pulse_passes_within_a_fifth_of_a_second_and_leaves_no_trace(qtbot: QtBot) -> None:
    now_s = 10.0
    strip = ThreadStrip(now_s=lambda: now_s)
    qtbot.addWidget(strip)
    strip.set_beads(["sound", "features", "network", "decision"])
    strip.resize(1200, 64)
    still = picture(strip)
    strip.pulse()
    moving = []
    for step in (0.02, 0.1, 0.18):
        strip.on_frame(10.0 + step)
        moving.append(picture(strip))
    assert still not in moving
    assert len(set(moving)) == 3
    strip.on_frame(10.21)
    assert picture(strip) == still


def test_nothing_moves_where_less_motion_is_asked_for(qtbot: QtBot) -> None:
    tokens.set_current(palettes.tokens_for("dark", reduced_motion=True))
    strip = ThreadStrip(now_s=lambda: 0.0)
    qtbot.addWidget(strip)
    strip.set_beads(["sound", "decision"])
    still = picture(strip)
    strip.pulse()
    strip.on_frame(0.1)
    assert picture(strip) == still
