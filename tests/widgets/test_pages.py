"""Pages ask for the room of the page in front."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from widgets.pages import Pages


def test_only_the_page_in_front_asks_for_room(qtbot: QtBot) -> None:
    pages, low, high = Pages(), QLabel("low"), QLabel("high")
    assert not pages.minimumSizeHint().isValid()
    high.setText("\n".join(["high"] * 60))
    pages.addWidget(low)
    pages.addWidget(high)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(pages)
    area.resize(300, 200)
    qtbot.addWidget(area)
    area.show()
    bar = area.verticalScrollBar()
    assert bar.maximum() == 0
    pages.setCurrentWidget(high)
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert pages.sizeHint() == high.sizeHint()
    pages.setCurrentWidget(low)
    qtbot.waitUntil(lambda: bar.maximum() == 0)
