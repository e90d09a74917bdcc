"""The page of the Listen panel at the sizes it must be right at, in the real window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from explorer.faults import Faults
from explorer.main_window import MainWindow
from explorer.panels.listen.page import Plan
from explorer.panels.listen.panel import ListenPanel
from explorer.settings import Settings
from widgets import tokens

SIZES = ((1280, 720), (1440, 900), (1920, 1080))


class Opened:
    """The real window with the Listen panel, at any size in any theme."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.window = MainWindow([ListenPanel], Settings(), Faults(), "dark")
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.start("listen")
        panel = self.window.front
        assert isinstance(panel, ListenPanel)
        self.panel = panel

    def be(self, theme: str, width: int, height: int) -> None:
        """Take a size and a theme."""
        self.window.resize(width, height)
        self.window.apply_theme(theme)
        self.settle()

    def settle(self) -> None:
        """Let the layouts come to rest."""
        for _ in range(4):
            QApplication.processEvents()

    def scrolled(self) -> int:
        """By how many pixels the page is larger than its place."""
        place = self.panel.parentWidget()
        while place is not None and not isinstance(place, QScrollArea):
            place = place.parentWidget()
        assert place is not None
        return int(place.verticalScrollBar().maximum() + place.horizontalScrollBar().maximum())

    def box(self, widget: QWidget) -> QRect:
        """Where a widget stands in the panel."""
        return QRect(widget.mapTo(self.panel, QPoint(0, 0)), widget.size())


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opened]:
    made = Opened(qtbot)
    yield made
    made.window.apply_theme("dark")  # the next test starts with the look that tests start with
    made.window.close()
    made.window.faults.close()
    QApplication.processEvents()
    made.__dict__.clear()


@pytest.mark.parametrize("theme", ["dark", "light", "projector"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_scrolls_and_tiles_and_tabs_are_there_in_every_view(
    opened: Opened, theme: str, size: tuple[int, int]
) -> None:
    opened.be(theme, *size)
    panel = opened.panel
    for view in ("live", "waterfall", "inside"):  # the others begin to measure when they are looked at
        panel.choose_view(view)
        opened.settle()
        assert opened.scrolled() == 0, view
        tiles, tabs = opened.box(panel.tiles), opened.box(panel.tabs)
        assert panel.rect().contains(tiles), view
        assert panel.rect().contains(tabs), view
        assert 0 < tabs.top() - tiles.bottom() <= tokens.current().space(1) + 1  # pinned below the tiles
        whole = panel.page.plan in (Plan.LIVE, Plan.LIVE_BESIDE, Plan.BOTH)
        assert panel.analysis.isVisible() == (panel.page.plan not in (Plan.LIVE, Plan.LIVE_BESIDE))
        assert panel.live.plot.getViewBox().height() >= tokens.current().px(40 if whole else 34)
        flag = panel.live.plot.threshold
        around = panel.live.plot.viewport()
        assert around is not None
        assert around.rect().contains(flag.geometry())
        boxes = [opened.box(part) for part in (panel.live, panel.stage, panel.tiles, panel.tabs)]
        assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i]), view


def test_a_low_window_gives_the_room_to_the_view_that_is_chosen_and_escape_gives_it_back(opened: Opened) -> None:
    opened.be("light", 1280, 720)
    panel = opened.panel
    assert panel.tabs.key() == "live"
    before = panel.live.height()
    QTest.keyClick(opened.window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    opened.settle()
    assert panel.analysis.key() == "waterfall"
    assert panel.analysis.isVisible()
    assert panel.live.height() < before / 2
    assert panel.analysis.height() > panel.live.height()
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    opened.settle()
    assert panel.live.height() == before
    assert not panel.analysis.isVisible()
    QTest.keyClick(opened.window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert panel.tabs.key() == "waterfall"


def test_a_tall_window_shows_picture_and_analysis(opened: Opened) -> None:
    opened.be("dark", 1920, 1080)
    panel = opened.panel
    assert panel.page.plan is Plan.BOTH
    assert panel.tabs.key() == "waterfall"
    assert panel.live.height() > 300
    assert panel.analysis.height() >= 260
    assert opened.window._frame.sentence.isVisible()
    opened.be("dark", 1280, 720)  # nobody chose a view: the picture comes first where only one fits
    assert panel.tabs.key() == "live"
    assert not opened.window._frame.sentence.isVisible()


def test_a_small_projector_scrolls_and_never_clips(opened: Opened) -> None:
    opened.be("light", 1024, 768)
    assert opened.scrolled() == 0
    opened.be("projector", 1024, 768)
    panel = opened.panel
    assert panel.live.plot.getViewBox().height() >= tokens.current().px(40)
    assert panel.height() >= panel.page.minimumSizeHint().height()


def test_the_time_tab_says_how_long_the_last_word_took(opened: Opened) -> None:
    opened.be("dark", 1280, 720)
    tabs = opened.panel.tabs
    words = {tabs.keys[i]: tabs._group.button(i).text for i in range(len(tabs.keys))}
    assert words["waterfall"]() == "Time"
    tabs.show_total(312.4)
    assert words["waterfall"]() == "Time · 312 ms"
    assert words["live"]() == "Live"
    tabs.show_total(-11.0)
    assert words["waterfall"]() == "Time · early"


def test_the_drawer_of_a_projected_window_leaves_the_picture_its_width(opened: Opened) -> None:
    opened.be("projector", 1440, 900)
    before = opened.panel.width()
    opened.window.toggle_drawer()
    opened.settle()
    drawer = opened.window._frame.drawer
    assert drawer.isVisible()
    assert opened.panel.width() == before
    assert opened.scrolled() == 0
    right = drawer.mapTo(opened.window, QPoint(drawer.width(), 0)).x()
    assert right == opened.window.width()
    opened.be("dark", 1440, 900)
    assert opened.panel.width() < before
