"""A person checks the printed claims of chapters 6 and 7."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.engine.deployment.claims import Finding
from explorer.engine.training.claims import CLAIMS
from explorer.panels.teach.claims_view import ClaimsView
from tests.panels.teach.views_bench import ViewBench, made_view

Bench = ViewBench[ClaimsView]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with made_view(qtbot, "claims", ClaimsView) as made:
        yield made


def test_one_claim_after_the_other(bench: Bench) -> None:
    view = bench.view
    for count in (1, 2):
        view.driver().step_once()
        assert view.driver().playing
        bench.idle()
        assert list(view.list.outcomes()) == [claim.key for claim in CLAIMS[:count]]


def test_all_claims_are_checked_live_and_have_numbers(bench: Bench) -> None:
    view = bench.view
    assert f"{len(CLAIMS)} claims, not checked yet" in view.describe()
    QTest.mouseClick(view.list.button, Qt.MouseButton.LeftButton)
    bench.idle()
    outcomes = view.list.outcomes()
    assert set(outcomes) == {claim.key for claim in CLAIMS}
    assert all(isinstance(outcome, Finding) and outcome.numbers for outcome in outcomes.values())
    assert view.describe().startswith(f"{len(CLAIMS)} of {len(CLAIMS)} claims checked")
    assert {row[0] for row in view.csv_rows()[1:]} == set(outcomes)
