"""The list of claims: checked in the background, stopped, and read with keyboard and screen reader."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.background import Background
from explorer.engine.deployment.claims import Finding
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity
from explorer.panels.claims import Checkable, ClaimsList

NUMBER = Quantity(12_500.0, "times", Kind.DERIVED, "4 GB / 320 kB")


def finds(holds: bool | None) -> Finding:
    return Finding(holds, "printed 3,100×, computed 12,500×", (NUMBER,))


def refuse(stop: threading.Event) -> Finding:
    raise ExplorerError("There is no such device: choose another one.")


def wait(stop: threading.Event) -> None:
    stop.wait(20)


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background()
    yield made
    assert made.close()


def shown(qtbot: QtBot, background: Background, *claims: Checkable) -> ClaimsList:
    made = ClaimsList(background, claims, "Claims of the book")
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def test_verdicts_come_with_words_numbers_and_sources(qtbot: QtBot, background: Background) -> None:
    claims = [Checkable(str(v), "Figure 2.3", f"claim {v}", lambda _, v=v: finds(v)) for v in (True, False, None)]  # type: ignore[misc]
    made = shown(qtbot, background, *claims, Checkable("bad", "8.5", "claim 4", refuse))
    assert made.describe() == "4 claims, not checked yet."
    QTest.mouseClick(made.button, Qt.MouseButton.LeftButton)
    assert made.checking
    assert made.button.text() == "Stop"

    def over() -> bool:
        background.poll()
        return not made.checking

    qtbot.waitUntil(over)
    words = [row.mark.word() for row in made.rows.values()]
    assert words == ["holds", "does not hold", "not decided", "not checked"]
    assert "1 hold, 1 do not, 1 are not decided" in made.tally.text()
    assert "no such device" in made.rows["bad"].found.text()
    assert made.rows["False"].accessible_value() == "does not hold: printed 3,100×, computed 12,500×"
    # the numbers behind a verdict come on a press of Enter, and the arrow goes to the next row
    row = made.rows["True"]
    row.setFocus()
    assert not row.numbers.isVisible()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert row.numbers.isVisible()
    assert row.numbers.text() == "12,500 times · derived: 4 GB / 320 kB"
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert not row.numbers.isVisible()
    table = made.table()
    assert table[2][3:] == (
        "does not hold",
        "printed 3,100×, computed 12,500×",
        12_500.0,
        "times",
        "derived",
        NUMBER.source,
    )
    assert table[4][3:5] == ("could not be checked", "There is no such device: choose another one.")


def test_a_check_is_stopped_and_one_claim_is_checked_alone(qtbot: QtBot, background: Background) -> None:
    long, short = Checkable("long", "7", "slow", wait), Checkable("short", "7", "quick", lambda _: finds(True))
    made = shown(qtbot, background, long, short)

    def over() -> bool:
        background.poll()
        return not made.checking

    made.check()
    assert made.rows["long"].found.text() == "being checked …"
    QTest.mouseClick(made.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(over)
    assert made.outcomes() == {}
    assert made.button.text() == "Check the claims"
    QTest.mouseClick(made.rows["short"].check, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(over)
    assert made.outcomes() == {"short": finds(True)}
    assert made.rows["long"].mark.word() == "not checked"
