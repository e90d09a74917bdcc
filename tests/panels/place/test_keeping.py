"""What the Place panel keeps, exports and explains, and what it does when something is missing."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox

from explorer.engine.deployment.profile import TIERS
from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.files import profile_folder
from explorer.panels.place.device_choice import MEASURE
from explorer.panels.place.panel import PlacePanel
from explorer.panels.place.setup import Setup
from tests.panels.place.conftest import Bench


def test_a_and_b_are_kept_and_exchanged(bench: Bench) -> None:
    bench.same_everywhere()
    compare = bench.panel.controls.compare
    QTest.mouseClick(compare.keep, Qt.MouseButton.LeftButton)
    bench.workbench.update(precision=Recipe(8, 8))
    bench.panel.session.change(listening=0.1)
    bench.settle()
    b = bench.place("tiny")
    QTest.mouseClick(compare.swap, Qt.MouseButton.LeftButton)
    bench.settle()
    assert bench.workbench.state.precision == FLOAT
    assert bench.panel.session.setup.listening == 1.0
    QTest.mouseClick(compare.swap, Qt.MouseButton.LeftButton)
    bench.settle()
    assert bench.place("tiny").answer_ms == b.answer_ms
    assert "B" in compare.told.text()


def test_this_machine_is_measured_and_stands_beside_its_prediction(bench: Bench) -> None:
    bench.same_everywhere()
    head = bench.panel.tiles.tiles.heads["edge"]
    assert head.device.devices()[-1] == MEASURE
    head.device.activated.emit(len(head.device.devices()) - 1)
    assert [task.title for task in bench.context.background.tasks] == ["How fast this machine is"]
    bench.until(lambda: bench.panel.session.setup.tiles["edge"] == "this-machine")
    bench.settle()
    place = bench.place("edge")
    assert place.estimate.latency is not None
    assert place.estimate.latency.kind.value == "measured"
    assert place.estimate.latency.count is not None
    assert place.estimate.prediction.latency_ms is not None
    assert MEASURE not in head.device.devices()
    bench.workbench.update(network="small")
    bench.settle()
    bench.panel.on_slow_tick()  # another network is measured by itself
    assert len(bench.context.background.tasks) == 1

    def measured() -> bool:
        found = bench.place("edge").estimate
        return found.network == "small" and found.latency is not None and found.latency.kind.value == "measured"

    bench.until(measured)


def test_profiles_of_the_user_are_in_the_lists_and_bad_ones_are_told(qtbot: Any, bench: Bench) -> None:
    folder = profile_folder()
    folder.mkdir(parents=True)
    good = Path("assets/profiles/nucleo-l4r5zi.toml").read_text().replace("NUCLEO-L4R5ZI", "My board")
    (folder / "mine.toml").write_text(good)
    (folder / "broken.toml").write_text('title = "no numbers"')
    panel = PlacePanel(bench.context)
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.inspector())
    assert "mine" in panel.session.of_tier("tiny")
    assert any("broken.toml" in problem for problem in panel.session.problems)
    panel.start()
    assert any("broken.toml" in notice for notice in bench.notices)
    panel.shutdown()


def test_the_state_comes_back(bench: Bench) -> None:
    bench.panel.session.change(listening=0.25, deadline_ms=50.0, chosen="edge", best=True, min_days=None)
    saved = json.loads(json.dumps(bench.panel.save_state()))
    bench.panel.restore_state({})
    assert bench.panel.session.setup == Setup()
    bench.panel.restore_state(saved)
    assert bench.panel.save_state() == saved
    assert bench.panel.controls.use.listening.value() == pytest.approx(0.25)
    assert bench.panel.glyphs().place == "edge"
    for wrong in ({"view": "none"}, {"setup": 3}, {"setup": {"deadline_ms": 0}}, {"setup": {"tiles": {"moon": "x"}}}):
        with pytest.raises(ExplorerError, match="Place"):
            bench.panel.restore_state(wrong)
    assert bench.panel.save_state() == saved


def test_a_device_that_is_gone_gives_way_to_one_that_is_there(bench: Bench) -> None:
    bench.panel.restore_state({"setup": {"tiles": {"tiny": "sold-out"}}})
    bench.settle()
    assert bench.panel.session.setup.tiles == Setup().tiles


def test_numbers_are_exported_with_kind_and_source(bench: Bench, tmp_path: Path) -> None:
    bench.panel.export_csv(tmp_path / "four.csv")
    with (tmp_path / "four.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["tier"] for row in rows] == list(TIERS)
    answer = bench.place("tiny").answer_ms
    assert answer is not None
    assert float(rows[3]["answer ms"]) == pytest.approx(answer.value)
    assert rows[3]["kind"] == answer.kind.value
    assert rows[0]["struck by"].startswith("deadline: ")
    bench.panel.export_png(tmp_path / "four.png")
    assert QImage(str(tmp_path / "four.png")).width() == 2 * bench.panel.width()
    names = [name for name, _, _ in bench.panel.tiles.tiles.table()]
    assert names == ["answer in ms", "99 % by, in ms"]


def test_a_low_window_keeps_all_four_tiles(bench: Bench) -> None:
    bench.area.resize(1100, 330)
    bench.settle()
    view = bench.panel.tiles
    assert bench.panel.tells_itself()
    assert not view.tiles.heads["tiny"].device.isVisible()
    assert view.told.text() == bench.panel.describe()
    bench.area.resize(840, 560)
    bench.frame()
    assert view.tiles.heads["tiny"].device.isVisible()
    assert not bench.panel.tells_itself()


def test_pressing_a_tile_chooses_it_for_the_thread_and_other_views(bench: Bench) -> None:
    tiles = bench.panel.tiles.tiles
    head = tiles.heads["edge"]
    QTest.mouseClick(tiles, Qt.MouseButton.LeftButton, pos=QPoint(3, head.y() + head.height() // 2))
    bench.settle()
    assert bench.panel.session.setup.chosen == "edge"
    assert bench.panel.glyphs().place == "edge"
    assert bench.panel.session.chosen is bench.place("edge")


def test_what_cannot_be_evaluated_is_a_sentence_and_the_rest_works(bench: Bench) -> None:
    def fail(name: str, version: int) -> Any:
        raise ExplorerError("That network is gone: choose another.")

    get = bench.panel.session._get_network
    bench.panel.session._get_network = fail
    bench.panel.session.change(listening=0.5)
    bench.until(lambda: bool(bench.panel.session.problem))
    assert bench.panel.describe() == "That network is gone: choose another."

    def break_down(name: str, version: int) -> Any:
        raise KeyError("unforeseen")

    bench.panel.session._get_network = break_down
    bench.panel.session.change(listening=0.45)
    bench.until(lambda: "unforeseen" in bench.panel.session.problem)
    assert bench.panel.describe().startswith("The places could not be estimated (KeyError: ")
    bench.panel.session._get_network = get
    bench.panel.session.change(listening=0.4)
    bench.settle()
    assert bench.panel.describe().startswith("Mobile answers first")


def test_help_explains_the_tiles(bench: Bench) -> None:
    entries = bench.panel.help_entries()
    assert len(entries) >= 8
    for entry in entries:
        assert entry.meaning.endswith(".")
        if entry.formula is not None:
            assert entry.formula()
    assert bench.panel.full_screen_target() is bench.panel.tiles.tiles
    assert not bench.panel.findChildren(QCheckBox, "debug")
    assert SimpleNamespace(**{c.key: c for c in bench.panel.commands()}).race.shortcut == "R"
