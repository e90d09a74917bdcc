"""The window as a person uses it: what is always there, keys, drawer, themes, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTextBrowser, QToolButton

from explorer.bead import Bead
from tests.app.screen import drawer_is_visible, probe, texts
from widgets import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from explorer.main_window import MainWindow

    Make = Callable[..., MainWindow]

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


# -- what is always there ----------------------------------------------------------------------------------------


def test_question_sentence_privacy_line_and_recipe_are_on_the_screen(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: "No sound was stored or sent." in texts(window))
    seen = texts(window)
    assert "What is seen here?" in seen
    assert "0 words were seen." in seen
    assert "tiny v1 · float32" in seen
    assert "lost sound: none" in seen
    assert "of one core" in seen


def test_the_sentence_follows_what_is_seen_and_screen_readers_hear_it(qtbot: QtBot, window: MainWindow) -> None:
    probe(window).seen = 3
    qtbot.waitUntil(lambda: "3 words were seen." in texts(window))
    label = next(w for w in window.findChildren(QLabel) if w.text() == "3 words were seen.")
    assert label.accessibleName() == "3 words were seen."


def test_a_panel_behind_another_is_not_driven(qtbot: QtBot, make_window: Make) -> None:
    window = make_window(two=True)
    qtbot.waitUntil(lambda: probe(window).frames > 2)
    window.show_panel("other")
    before = probe(window).frames
    count = window.clock.frames
    qtbot.waitUntil(lambda: window.clock.frames > count + 3)
    assert probe(window).frames == before
    assert window.settings.values.panel == "other"


def test_a_panel_made_behind_another_does_not_put_its_controls_below(make_window: Make) -> None:
    window = make_window(two=True)
    assert drawer_is_visible(window)
    window.panel("other")
    QApplication.processEvents()
    assert "other controls" not in texts(window)
    window.show_panel("other")
    assert "other controls" in texts(window)
    assert not drawer_is_visible(window)  # it looks for the controls of the first panel


def test_rail_and_beads_lead_to_the_panels(qtbot: QtBot, make_window: Make) -> None:
    window = make_window(two=True)
    rail = {b.text(): b for b in window.findChildren(QToolButton) if b.property("panel")}
    QTest.mouseClick(rail["Other"], Qt.MouseButton.LeftButton)
    assert window.front.key == "other"
    assert rail["Other"].isChecked()
    bead = next(bead for bead in window.findChildren(Bead) if bead.key == "sound")
    QTest.mouseClick(bead, Qt.MouseButton.LeftButton)
    assert window.front.key == "probe"
    assert rail["Probe"].isChecked()


# -- keys --------------------------------------------------------------------------------------------------------


def test_space_is_the_panels_unless_a_button_was_reached_by_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    pressed: list[int] = []
    probe(window).button.clicked.connect(lambda: pressed.append(1))
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert probe(window).frozen
    assert pressed == []
    button = probe(window).button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == [1]
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert not probe(window).frozen
    assert pressed == [1]
    probe(window).setFocus()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is button
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert pressed == [1, 1]
    assert not probe(window).frozen


def test_a_message_that_closes_does_not_take_space_from_the_panel(qtbot: QtBot, window: MainWindow) -> None:
    window.notify("Something happened.")
    cross = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Close this message")
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert probe(window).frozen


def test_the_picture_fills_the_screen_and_returns(qtbot: QtBot, window: MainWindow) -> None:
    picture = probe(window).button
    place = picture.geometry()
    QTest.keyClick(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: picture.width() > 0.9 * window.width())
    QTest.keyClick(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: picture.geometry() == place)
    QTest.keyClick(window, Qt.Key.Key_F)
    window.close()
    assert picture.parent() is probe(window)


def test_every_key_is_bound_once_and_every_command_has_a_text(window: MainWindow) -> None:
    keys = [key for action in window.commands.actions.values() for key in action.command.shortcut.split("|") if key]
    assert sorted(keys) == sorted(set(keys))
    assert all(action.text() for action in window.commands.actions.values())
    named = " ".join(text for _, text in window.commands.key_table())
    assert "Freeze" in named
    assert "Undo" in named
    assert named.count("Recall a scene") == 1


def test_every_menu_that_holds_something_can_be_seen(window: MainWindow) -> None:
    titles = [action.text() for action in window.menuBar().actions() if action.isVisible()]
    assert titles == ["&File", "&Edit", "&View", "&Panel", "&Scenes", "&Help"]
    listed = [action.text() for action in window.commands.menu("file").actions() if action.isVisible()]
    assert "Open &recent" in listed


def test_undo_and_redo_by_key(qtbot: QtBot, window: MainWindow) -> None:
    window.workbench.update(network="small")
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert window.workbench.state.network == "tiny"
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert window.workbench.state.network == "small"
    assert [new.network for _, new in probe(window).states] == ["small", "tiny", "small"]


def test_a_scene_is_stored_recalled_and_shown(qtbot: QtBot, make_window: Make) -> None:
    window = make_window()
    window.workbench.update(network="large", seed=5)
    probe(window).gain = 4
    QTest.keyClick(window, Qt.Key.Key_3, CTRL | SHIFT)
    qtbot.waitUntil(lambda: any(b.text() == "3" and b.isVisible() for b in window.findChildren(QToolButton)))
    window.workbench.update(network="tiny", seed=0)
    probe(window).gain = 1
    window.choose_theme("light")
    QTest.keyClick(window, Qt.Key.Key_3, CTRL)
    assert window.workbench.state.network == "large"
    assert window.workbench.state.seed == 5
    assert probe(window).gain == 4
    assert window.theme_name == "light"  # the room decides the theme, not the scene
    window.close()
    again = make_window()
    assert again.scenes.stored() == ("3",)
    QTest.keyClick(again, Qt.Key.Key_3, CTRL)
    assert probe(again).gain == 4


def test_an_empty_or_damaged_scene_is_a_sentence(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_7, CTRL)
    assert "Scene 7 is empty" in texts(window)
    window.settings.update(scenes={"7": {"format": "something"}})
    before = window.document()
    QTest.keyClick(window, Qt.Key.Key_7, CTRL)
    assert "Scene 7: format must be" in texts(window)
    assert window.document() == before


def test_keys_and_about_open_and_close(qtbot: QtBot, window: MainWindow) -> None:
    for command, word in (("keys", "Freeze"), ("about", "LGPL-3.0")):
        window.commands.actions[command].trigger()
        dialog = next(w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not window)
        browser = dialog.findChild(QTextBrowser)
        assert browser is not None
        assert word in browser.toPlainText()
        dialog.close()


def test_the_question_mark_opens_and_closes_the_explanation(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Question)
    assert window.help.is_explaining()
    assert "thread" in " ".join(window.help.explained()).lower()
    window.commands.actions["explain"].trigger()
    assert not window.help.is_explaining()


# -- looks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "theme", "opened"),
    [(1280, "dark", True), (1279, "dark", False), (1024, "light", False), (1920, "projector", False)],
)
def test_the_drawer_is_open_where_there_is_room(make_window: Make, width: int, theme: str, opened: bool) -> None:
    window = make_window(width=width, theme=theme)
    assert drawer_is_visible(window) is opened


def test_the_drawer_follows_the_key_its_own_button_and_the_width(qtbot: QtBot, make_window: Make) -> None:
    window = make_window()
    QTest.keyClick(window, Qt.Key.Key_I)
    assert not drawer_is_visible(window)
    assert not window.settings.values.drawer
    QTest.keyClick(window, Qt.Key.Key_I)
    assert drawer_is_visible(window)
    window.resize(1100, 720)
    qtbot.waitUntil(lambda: not drawer_is_visible(window))
    QTest.keyClick(window, Qt.Key.Key_I)
    assert drawer_is_visible(window)
    window.resize(1300, 720)
    window.resize(1100, 720)
    qtbot.waitUntil(lambda: not drawer_is_visible(window))  # opening it once in a narrow window is not a wish for ever
    window.resize(1300, 720)
    qtbot.waitUntil(lambda: drawer_is_visible(window))
    close = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Close the inspector")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not drawer_is_visible(window)
    assert not window.settings.values.drawer
    QTest.keyClick(window, Qt.Key.Key_I)
    assert drawer_is_visible(window)


def test_the_theme_is_chosen_remembered_and_the_projector_grows_with_the_window(
    qtbot: QtBot, make_window: Make
) -> None:
    window = make_window()
    QTest.keyClick(window, Qt.Key.Key_P, CTRL | SHIFT)
    assert tokens.current().name == "projector"
    assert not drawer_is_visible(window)
    small = tokens.current().scale
    window.resize(1920, 1080)
    qtbot.waitUntil(lambda: tokens.current().scale > small)
    window.close()
    assert make_window(theme="").theme_name == "projector"


def test_a_first_start_follows_the_desktops_wish_for_contrast(
    make_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.theme.system_wants_contrast", lambda: True)
    assert make_window(theme="").theme_name == "projector"
    monkeypatch.setattr("explorer.theme.system_wants_contrast", lambda: False)
    assert make_window(theme="").theme_name in ("dark", "light")


@pytest.mark.parametrize("theme", ["dark", "light", "projector"])
@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (800, 600), (3840, 2160)])
def test_at_every_size_the_window_has_that_size_and_nothing_leaves_it(
    make_window: Make, size: tuple[int, int], theme: str
) -> None:
    window = make_window(*size, theme=theme)
    assert (window.width(), window.height()) == size
    for label in window.findChildren(QLabel):
        if label.isVisible():
            corner = label.mapTo(window, label.rect().bottomRight())
            assert corner.x() <= size[0]
            assert corner.y() <= size[1]
