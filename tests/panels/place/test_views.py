"""Every view behind the tiles of Place tells, explains and exports what is seen, and comes back from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from explorer.panels.place.views import view_names
from tests.panels.place.conftest import Bench

KEYS = tuple(view_names())


@pytest.mark.parametrize("key", KEYS[1:])
def test_a_view_is_told_explained_exported_and_shown_alone(bench: Bench, key: str, tmp_path: Path) -> None:
    bench.panel.choose_view(key)
    bench.until(lambda: len(bench.panel.csv_rows()) > 1)
    bench.frame()
    view = bench.panel.views.view()
    told = bench.panel.describe()
    assert told.endswith(".")
    assert any(letter.isdigit() for letter in told)
    entries = view.help_entries()
    assert entries
    assert all(entry.title and entry.meaning.endswith(".") for entry in entries)
    assert any(entry.formula is not None and entry.formula() for entry in entries)
    picture = bench.panel.full_screen_target()
    assert picture is not None
    assert picture.accessibleName()
    assert picture is view.pictures()[0]
    bench.panel.export_csv(tmp_path / "numbers.csv")
    lines = (tmp_path / "numbers.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(bench.panel.csv_rows())
    bench.panel.export_png(tmp_path / "picture.png")
    assert QImage(str(tmp_path / "picture.png")).width() == 2 * bench.panel.width()


def test_the_view_in_front_and_what_was_chosen_in_each_come_back(bench: Bench) -> None:
    for key in KEYS:
        bench.panel.choose_view(key)
        bench.frame()
    saved = bench.panel.save_state()
    assert saved["view"] == KEYS[-1]
    bench.panel.restore_state({})
    assert bench.panel.views.key() == KEYS[0]
    bench.panel.restore_state(saved)
    assert bench.panel.save_state() == saved
