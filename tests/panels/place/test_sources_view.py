"""Sources: every number of every profile is found, a press copies its source, files with mistakes are named."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.deployment.measurements import published
from explorer.engine.deployment.profile_file import load
from explorer.engine.errors import ExplorerError
from explorer.files import profile_folder
from explorer.panels.place.sources_rows import source_rows
from explorer.panels.place.sources_view import EXAMPLE, SourcesView
from tests.panels.place.conftest import Bench


@pytest.fixture
def view(bench: Bench) -> SourcesView:
    bench.panel.choose_view("sources")
    made = cast(SourcesView, bench.panel.views.view())
    bench.frame()
    return made


def test_no_number_of_a_profile_is_missing_and_each_has_a_source(bench: Bench, view: SourcesView) -> None:
    rows = view.table.rows()
    shown = {(row.owner, row.quantity) for row in rows}
    for profile in bench.panel.session.profiles.values():
        assert {(profile.title, quantity) for quantity in profile.quantities().values()} <= shown
    times = [row for row in rows if row.name.startswith("mlperf-tiny") and row.quantity.unit == "ms"]
    assert len(times) == len(published()) == 57
    assert all(row.quantity.source for row in rows)
    assert all(row.date for row in rows if row.name == "price")
    assert bench.panel.describe().startswith(f"{len(rows)} numbers: 0 measured here")


def test_a_search_and_a_kind_leave_what_fits(bench: Bench, view: SourcesView) -> None:
    count = len(view.table.rows())
    QTest.keyClicks(view.search, "esp32 RAM")
    bench.frame()
    rows = view.table.rows()
    assert 0 < len(rows) < count
    assert all("esp32" in row.words.casefold() and "ram" in row.words.casefold() for row in rows)
    view.search.clear()
    QTest.mouseClick(view.kinds.findChildren(QRadioButton)[4], Qt.MouseButton.LeftButton)
    bench.frame()
    assert {row.quantity.kind.value for row in view.table.rows()} == {"assumed"}
    assert len(bench.panel.csv_rows()) == 1 + len(view.table.rows())
    QTest.keyClicks(view.search, "no such thing at all")
    bench.frame()
    assert view.table.rows() == ()
    assert view.told.text() == ""
    saved = bench.panel.save_state()["sources"]
    assert saved == {"search": "no such thing at all", "kind": "assumed"}
    for key, value in (("search", 3), ("search", "x" * 1000), ("kind", "guessed")):
        with pytest.raises(ExplorerError, match=key):
            bench.panel.restore_state({"sources": {key: value}})


def test_a_press_and_enter_copy_the_source(bench: Bench, view: SourcesView) -> None:
    place = view.table.row_rect(2).center().toPoint()
    QTest.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    source = view.table.rows()[2].quantity.source
    assert QGuiApplication.clipboard().text() == source
    assert bench.notices[-1] == f"Copied: {source}"
    QTest.keyClick(view.table, Qt.Key.Key_End)
    last = view.table.rows()[-1]
    assert view.told.text() == last.words
    assert view.table.viewport().rect().contains(view.table.row_rect(len(view.table.rows()) - 1).center().toPoint())
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == last.quantity.source


def test_the_example_is_a_profile_and_the_folder_opens(
    bench: Bench, view: SourcesView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.own.set_folded(False)
    bench.frame()
    view.copy_example.click()
    path = tmp_path / "my-board.toml"
    path.write_text(QGuiApplication.clipboard().text(), encoding="utf-8")
    assert QGuiApplication.clipboard().text() == EXAMPLE
    profile = load(path)
    assert profile.core == "Cortex-M4F"
    assert profile.ram_bytes.value == 640 * 1024
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    view.open_folder.click()
    assert profile_folder().is_dir()
    assert [Path(each) for each in opened] == [profile_folder()]


def test_a_new_file_is_read_at_once_and_one_with_a_mistake_is_named(bench: Bench, view: SourcesView) -> None:
    assert not view.problems.isVisible()
    profile_folder().mkdir(parents=True)
    (profile_folder() / "my-board.toml").write_text(EXAMPLE, encoding="utf-8")
    (profile_folder() / "wrong.toml").write_text(EXAMPLE.replace("640 KiB", "640 KB"), encoding="utf-8")
    view.own.set_folded(False)
    view.read_again.click()
    bench.settle()
    assert view.problems.isVisible()
    assert "wrong.toml: ram" in view.problems.text()
    assert bench.notices[-1] == "Boards of your own: 1; files that are no profile: 1."
    assert [row.shown for row in view.table.rows() if row.owner == "My board"] == ["120 MHz", "640 KiB", "2 MiB"]
    # it stands among the devices of the tiles at once, and is predicted
    bench.panel.session.change(tiles={**bench.panel.session.setup.tiles, "tiny": "my-board"})
    bench.settle()
    assert bench.place("tiny").profile.title == "My board"
    assert bench.place("tiny").estimate.latency is not None
    # a board that is gone gives way to another one
    (profile_folder() / "my-board.toml").unlink()
    view.read_again.click()
    bench.settle()
    assert bench.place("tiny").profile.title != "My board"


def test_a_board_of_the_user_is_among_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "my-board.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    rows = [row for row in source_rows({"my-board": load(path)}) if row.owner == "My board"]
    assert [row.shown for row in rows] == ["120 MHz", "640 KiB", "2 MiB"]
    assert {row.quantity.source for row in rows} == {"data sheet of my board, page 1"}
