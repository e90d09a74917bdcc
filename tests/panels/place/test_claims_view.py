"""Claims of Place: checked at first sight, Table 2.1 follows the scenario, the Edge TPU's table is counted."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.deployment.claims import Finding, book_claims, check_edge_tpu
from explorer.engine.deployment.cost import INT8
from explorer.engine.deployment.profiles import shipped
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity
from explorer.panels.place.claims_tiers import short
from explorer.panels.place.claims_view import ClaimsView
from tests.panels.place.conftest import Bench


@pytest.fixture
def view(bench: Bench) -> ClaimsView:
    bench.workbench.update(precision=INT8)
    bench.settle()
    bench.panel.choose_view("claims")
    made = cast(ClaimsView, bench.panel.views.view())
    bench.until(lambda: len(made.claims.outcomes()) == len(made.claims.rows))
    return made


def turn_to(bench: Bench, view: ClaimsView, page: int) -> None:
    QTest.mouseClick(view.pages.findChildren(QRadioButton)[page], Qt.MouseButton.LeftButton)
    bench.frame()


def test_all_claims_are_checked_at_first_sight_off_this_thread(bench: Bench, view: ClaimsView) -> None:
    claims = book_claims(shipped())
    for claim, outcome in zip(claims, view.claims.outcomes().values(), strict=True):
        assert isinstance(outcome, Finding)
        assert outcome == claim.check()
    sentences = [row.found.text() for row in view.claims.rows.values()]
    assert "printed 3,100×, computed 12,500×" in sentences
    bench.until(lambda: not view.claims.checking)
    wrong = sum(claim.check().holds is False for claim in claims)
    told = bench.panel.describe()
    assert told.startswith(
        "“a phone has 3100× the memory of a microcontroller” does not hold: printed 3,100×, computed"
    )
    assert told.endswith(f"of {len(claims)} claims {wrong} do not.")
    assert bench.panel.csv_rows()[0][0] == "claim"


def test_table_2_1_has_the_numbers_of_the_three_tiles_and_follows_them(bench: Bench, view: ClaimsView) -> None:
    turn_to(bench, view, 1)
    rows = {row.aspect: row for row in view.tiers.rows()}
    assert len(rows) == 11
    latency = rows["Latency"]
    assert bench.panel.session.setup.best  # each tile its own network; the table compares one
    places = bench.panel.session.same_network()
    assert {place.network for place in places.values()} == {"tiny"} != {bench.place("cloud").network}
    for place, number in zip(("cloud", "edge", "tiny"), latency.numbers, strict=True):
        option = places[place].option  # type: ignore[index]
        assert option is not None
        assert number is not None
        assert number.value == option.answers.p50_ms
    seen = view.tiers.grab().toImage()
    bench.panel.session.change(tiles={**bench.panel.session.setup.tiles, "tiny": "ek-ra8d1"})
    bench.settle()
    after = {row.aspect: row for row in view.tiers.rows()}["Latency"]
    assert after.numbers[2] != latency.numbers[2]
    assert after.numbers[0] == latency.numbers[0]
    assert view.tiers.grab().toImage() != seen
    view.tiers.setFocus()
    QTest.keyClick(view.tiers, Qt.Key.Key_Down)
    assert view.told.text().startswith("Latency, median time to the answer: ")
    counts = [sum(row.holds is each for row in view.tiers.rows()) for each in (True, False, None)]
    assert f"{counts[0]} rows stand in the book's order, {counts[1]} the other way round" in bench.panel.describe()
    assert len(bench.panel.csv_rows()) == 1 + 3 * 11


def test_a_tile_that_cannot_run_the_network_is_named_in_place_of_the_table(bench: Bench, view: ClaimsView) -> None:
    bench.same_everywhere()
    turn_to(bench, view, 1)
    bench.workbench.undo()  # float32, which the neural processor lacks
    bench.panel.session.change(tiles={**bench.panel.session.setup.tiles, "tiny": "syntiant-ndp9120"})
    bench.settle()
    assert not view.tiers.isVisible()
    assert "Syntiant NDP9120 cannot run this network" in view.state_box.text()


def test_the_edge_tpu_claim_is_counted_from_its_table(bench: Bench, view: ClaimsView) -> None:
    turn_to(bench, view, 2)
    assert view.tpu.isVisible()
    assert not view.tiers.isVisible()
    assert bench.panel.describe().startswith("1 of 8 speed-ups of the table lie between 70 and 100×")
    speedups = [row[2] for row in bench.panel.csv_rows()[1:]]
    assert speedups == [number.value for number in check_edge_tpu().numbers]
    assert speedups[0] == 47 / 2.2
    assert bench.panel.save_state()["claims"] == {"page": "tpu"}
    with pytest.raises(ExplorerError, match="page"):
        bench.panel.restore_state({"claims": {"page": "last"}})


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(0.934, "fraction", "93.4 %"), (0, "fraction", "0 %"), (2.4e8, "MAC/s", "240 MMAC/s"), (36.1, "ms", "36.1 ms")],
)
def test_cells_are_short(value: float, unit: str, words: str) -> None:
    assert short(Quantity(value, unit, Kind.DERIVED, "by hand")) == words
    assert short(None) == "–"
