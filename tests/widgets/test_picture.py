"""Pictures painted by hand: the cursor follows pointer and keys, a choice is a press or Enter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.picture import ChoicePicture, CursorPicture, DescribedPicture

STEP_PX = 20


class Row(CursorPicture):
    """Five items, one below the other."""

    def count(self) -> int:
        return 5

    def item_at(self, place: QPointF) -> int | None:
        row = int(place.y() // STEP_PX)
        return row if 0 <= row < 5 else None

    def accessible_value(self) -> str:
        return f"item {self._cursor}"


class Choice(ChoicePicture):
    """Five items that are chosen."""

    def __init__(self) -> None:
        super().__init__("choice")
        self.chosen: list[int] = []

    def count(self) -> int:
        return 5

    def item_at(self, place: QPointF) -> int | None:
        return int(place.x() // STEP_PX) if place.x() < 5 * STEP_PX else None

    def choose_item(self, item: int) -> None:
        self.chosen.append(item)

    def accessible_value(self) -> str:
        return f"item {self._cursor}"


def test_the_arrow_keys_move_the_cursor_and_stop_at_the_ends(qtbot: QtBot) -> None:
    row = Row("row")
    qtbot.addWidget(row)
    told: list[str] = []
    row.cursorMoved.connect(lambda: told.append(row.accessible_value()))
    for key in (Qt.Key.Key_Up, *[Qt.Key.Key_Down] * 6, Qt.Key.Key_Up, Qt.Key.Key_Left):
        QTest.keyClick(row, key)
    assert told == ["item 1", "item 2", "item 3", "item 4", "item 3"]


def test_the_cursor_follows_the_pointer_where_there_is_an_item(qtbot: QtBot) -> None:
    row = Row("row")
    qtbot.addWidget(row)
    row.resize(100, 200)
    row.show()
    QTest.mouseMove(row, QPoint(5, 3 * STEP_PX + 5))
    qtbot.waitUntil(lambda: row.accessible_value() == "item 3")
    QTest.mouseMove(row, QPoint(5, 9 * STEP_PX + 5))
    qtbot.wait(20)
    assert row.accessible_value() == "item 3"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_an_item_is_chosen_by_a_press_or_with_enter(qtbot: QtBot, key: Qt.Key) -> None:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.resize(200, 40)
    QTest.mouseClick(choice, Qt.MouseButton.LeftButton, pos=QPoint(2 * STEP_PX + 1, 5))
    QTest.mouseClick(choice, Qt.MouseButton.RightButton, pos=QPoint(1, 5))
    QTest.mouseClick(choice, Qt.MouseButton.LeftButton, pos=QPoint(6 * STEP_PX, 5))
    QTest.keyClick(choice, Qt.Key.Key_End)
    QTest.keyClick(choice, key)
    assert choice.chosen == [2, 4]


def test_a_described_picture_says_what_its_owner_gave(qtbot: QtBot) -> None:
    picture = DescribedPicture()
    qtbot.addWidget(picture)
    picture.set_described("a bowl")
    assert picture.accessible_value() == picture.accessibleDescription() == "a bowl"
