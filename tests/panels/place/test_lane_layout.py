"""Words stand where there is room for them, and nothing lies over another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from explorer.panels.place.lane_layout import arrange, wrapped
from widgets.painting import line_height, text_width
from widgets.palettes import tokens_for

LABELS = ("103 ms [102, 105] · 99 % in 707 ms · was 90.8 ms", "103 ms [102, 105] · 99 % in 707 ms")
WORDS = (
    "predicted from 9 boards [20.5, 55.9] ms; this network has never run on this board",
    "front end 2 ms + network 34 ms",
)


@settings(max_examples=60, deadline=None)
@given(width=st.integers(200, 1600), height=st.integers(60, 400), theme=st.sampled_from(["dark", "projector"]))
def test_everything_stays_inside_and_apart(qapp: QApplication, width: int, height: int, theme: str) -> None:
    look = tokens_for(theme, 720)
    size = QSize(round(width * look.scale), round(height * look.scale))
    layout = arrange(size, look, LABELS, WORDS)
    line = line_height(look.font(12, 600))
    assert layout.label_top >= 0
    assert layout.label_top + layout.label_height <= layout.bar_top
    assert layout.bar_height >= look.px(10)
    assert layout.bar_top + layout.bar_height <= layout.words_top
    assert layout.words_top + (1 + len(layout.lines)) * line <= size.height() + look.px(6)
    assert text_width(layout.font, layout.label) <= size.width()
    metrics = QFontMetricsF(look.font(12))
    assert all(metrics.horizontalAdvance(text) <= size.width() + 1 for text in layout.lines)


def test_what_matters_most_is_written_first_and_more_room_shows_more(qapp: QApplication) -> None:
    look = tokens_for("dark", 720)
    low, high = (arrange(QSize(360, height), look, LABELS, WORDS) for height in (70, 200))
    assert len(low.lines) < len(high.lines)
    assert high.lines[-1] == WORDS[1]
    assert high.bar_height > low.bar_height
    assert high.label_height > low.label_height
    wide = arrange(QSize(900, 90), look, LABELS, WORDS)
    assert wide.label == LABELS[0]
    assert arrange(QSize(290, 90), look, LABELS, WORDS).label == LABELS[1]


def test_lines_are_broken_between_words_and_the_last_one_ends_in_dots(qapp: QApplication) -> None:
    metrics = QFontMetricsF(tokens_for("dark", 720).font(12))
    width = metrics.horizontalAdvance("one two three ")
    assert wrapped(["one two three four five"], metrics, width, 2) == ("one two three", "four five")
    cut = wrapped(["one two three four five six seven"], metrics, width, 1)
    assert len(cut) == 1
    assert cut[0].endswith("…")
    assert wrapped(["one"], metrics, width, 0) == ()
