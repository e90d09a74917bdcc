"""The window as a person uses it: keys, menus, drawer, messages, files, and nothing left when it closes."""

from __future__ import annotations

import base64
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QTextBrowser, QToolButton

from explorer import state_file
from explorer.bead import Bead
from explorer.engine.errors import ExplorerError
from explorer.state_file import Document, View
from explorer.workbench import State
from widgets import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from explorer.main_window import MainWindow

    Make = Callable[..., MainWindow]

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def texts(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def drawer_is_visible(window: MainWindow) -> bool:
    return any(label.text() == "controls" and label.isVisible() for label in window.findChildren(QLabel))


def probe(window: MainWindow) -> Any:
    return window.panel("probe")


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


# -- messages ----------------------------------------------------------------------------------------------------


def test_a_fault_becomes_one_sentence_and_a_line_in_the_log(qtbot: QtBot, window: MainWindow) -> None:
    window.faults.install(lambda: None)
    probe(window).fail = ZeroDivisionError("secret detail")
    qtbot.waitUntil(lambda: "Something went wrong inside the program (ZeroDivisionError" in texts(window))
    frames = probe(window).frames
    qtbot.waitUntil(lambda: probe(window).frames > frames + 10)
    probe(window).fail = None
    window.faults.close()
    assert "Traceback" not in texts(window)
    assert len(window.messages.waiting) == 1
    log = window.faults.path.read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "secret detail" in log


def test_a_question_waits_for_its_answer_and_plain_sentences_make_way(qtbot: QtBot, window: MainWindow) -> None:
    from explorer.panels.base import Action

    answered: list[str] = []
    window.notify("first")
    window.notify("second")
    assert list(window.messages.waiting) == ["second"]
    window.notify("Shall we?", Action("Yes", lambda: answered.append("yes")))
    window.notify("Shall we?", Action("Yes", lambda: answered.append("twice")))
    window.notify("third")
    assert list(window.messages.waiting) == ["Shall we?", "third"]
    assert "Shall we?" in texts(window)
    button = next(b for b in window.findChildren(QPushButton) if b.text() == "Yes")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert answered == ["yes"]
    assert "third" in texts(window)
    cross = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Close this message")
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert not window.messages.waiting
    assert "third" not in texts(window)


def test_what_was_wrong_with_the_settings_is_told(explorer_home: Path, make_window: Make) -> None:
    (explorer_home / "settings.json").write_text('{"version": 1, "theme": "purple"}')
    assert "'theme'" in texts(make_window())


# -- files -------------------------------------------------------------------------------------------------------


def choose(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args, **kwargs: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args, **kwargs: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args, **kwargs: str(path))


def test_a_state_is_saved_and_opened_and_everything_is_back(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path / "lecture")
    window.workbench.update(network="small", seed=11)
    probe(window).gain = 7
    window.choose_theme("light")
    saved = window.document()
    QTest.keyClick(window, Qt.Key.Key_S, CTRL)
    assert "Saved to" in texts(window)
    window.files.reset()
    window.choose_theme("dark")
    assert window.document() != saved
    choose(monkeypatch, tmp_path / "lecture.mlstate")
    QTest.keyClick(window, Qt.Key.Key_O, CTRL)
    assert window.document() == saved
    assert window.settings.values.recent_states == (str(tmp_path / "lecture.mlstate"),)
    recent = window.commands.menu("recent")
    recent.aboutToShow.emit()
    assert [action.text() for action in recent.actions()] == [str(tmp_path / "lecture.mlstate")]
    window.files.reset()
    recent.actions()[0].trigger()
    assert probe(window).gain == 7


def test_cancelling_a_dialog_does_nothing(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "")
    before = window.document()
    for command in ("open", "save", "picture", "numbers", "folder"):
        window.commands.actions[command].trigger()
    assert window.document() == before
    assert window.messages.waiting == ()


def test_a_file_that_a_stranger_names_is_asked_about_before_it_is_touched(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "gift.mlstate"
    foreign = State(source_kind="file", source_detail="/x/word.wav", evaluation_folder="/y", network="large")
    state_file.save(path, Document(foreign, View("probe")))
    window.files.open_state(path)
    state = window.workbench.state
    assert state.network == "large"
    assert (state.source_kind, state.source_detail, state.evaluation_folder) == ("talker", "", None)
    assert "/x/word.wav" in texts(window)
    QTest.mouseClick(next(b for b in window.findChildren(QPushButton) if b.text() == "Open"), Qt.MouseButton.LeftButton)
    assert window.workbench.state == foreign


def test_a_state_that_a_panel_cannot_take_leaves_everything_as_it_was(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "bad.mlstate"
    state_file.save(path, Document(State(seed=9), View("probe", "light"), {"probe": {"gain": 99}}))
    probe(window).gain = 3
    before = window.document()
    window.files.open_state(path)
    assert window.document() == before
    assert "probe.gain must be" in texts(window)
    with pytest.raises(ExplorerError):
        window.take(replace(before, panels={"probe": {"gain": -1}}))
    assert window.document() == before


def test_reset_returns_to_the_start_and_can_be_undone(qtbot: QtBot, window: MainWindow) -> None:
    window.workbench.update(network="small")
    probe(window).gain = 5
    window.commands.actions["reset"].trigger()
    assert window.workbench.state == State()
    assert probe(window).gain == 1
    QTest.mouseClick(next(b for b in window.findChildren(QPushButton) if b.text() == "Undo"), Qt.MouseButton.LeftButton)
    assert window.workbench.state.network == "small"
    assert probe(window).gain == 5


def test_exports_write_a_picture_and_numbers_that_no_spreadsheet_runs(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path / "out")
    window.commands.actions["picture"].trigger()
    window.commands.actions["numbers"].trigger()
    image = QImage(str(tmp_path / "out.png"))
    assert image.width() == 2 * window.front.width()
    assert (tmp_path / "out.csv").read_bytes() == b"time_s,word\r\n0.25,left\r\n1.5,'=1+1\r\n"


@pytest.mark.parametrize("command", ["picture", "numbers", "save"])
def test_an_export_that_cannot_be_written_is_a_sentence(
    window: MainWindow, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    choose(monkeypatch, tmp_path / "file" / "out")
    window.commands.actions[command].trigger()
    assert "cannot be written" in texts(window)


def test_copy_gives_the_picture_and_the_sentence(qtbot: QtBot, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_C, CTRL)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert data.text() == "0 words were seen."


def test_a_folder_is_chosen_and_given_up(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sets" / "yes").mkdir(parents=True)
    choose(monkeypatch, tmp_path / "sets")
    window.commands.actions["folder"].trigger()
    assert window.workbench.state.evaluation_folder == str(tmp_path / "sets")
    window.commands.actions["bundled"].trigger()
    assert window.workbench.state.evaluation_folder is None


# -- background and the end --------------------------------------------------------------------------------------


def test_background_work_is_shown_with_progress_takes_turns_and_can_be_stopped(
    qtbot: QtBot, window: MainWindow
) -> None:
    got: list[Any] = []
    ends: list[BaseException | None] = []

    def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
        report(0.25, "12 of 48 clips")
        put("partial")
        stop.wait(20)

    first = window.background.start("Evaluating", work, got.append, ends.append)
    second = window.background.start("Training", work, got.append, ends.append)
    assert first.started
    assert not second.started
    qtbot.waitUntil(lambda: "Evaluating · 12 of 48 clips" in texts(window))
    assert "Training · waits for its turn" in texts(window)
    assert got == ["partial"]
    stop = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Stop: Evaluating")
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ends == [None])
    qtbot.waitUntil(lambda: second.started)
    second.stop()
    qtbot.waitUntil(lambda: len(ends) == 2)
    qtbot.waitUntil(lambda: "Training" not in texts(window))


def test_an_error_in_the_background_reaches_who_started_it(qtbot: QtBot, window: MainWindow) -> None:
    ends: list[BaseException | None] = []

    def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
        raise ExplorerError("The folder is empty.")

    window.background.start("Evaluating", work, on_end=ends.append, heavy=False)
    qtbot.waitUntil(lambda: len(ends) == 1)
    assert isinstance(ends[0], ExplorerError)


@pytest.mark.parametrize("delay_ms", [0, 7, 40, 130, 510])
def test_closing_at_any_time_leaves_nothing_behind(qtbot: QtBot, make_window: Make, delay_ms: int) -> None:
    window = make_window()

    def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
        while not stop.wait(0.005):
            put(time.monotonic())

    window.background.start("A", work, heavy=False)
    window.background.start("B", work)
    window.background.start("C", work)
    with qtbot.waitSignal(window.closed, timeout=5000):
        QTimer.singleShot(delay_ms, window.close)
    assert probe(window).shut
    assert not [t for t in threading.enumerate() if t.name.startswith("background")]
    window.close()  # a second time does no harm


def test_a_panel_that_fails_while_closing_does_not_keep_the_window_open(
    qtbot: QtBot, make_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(two=True)
    window.show_panel("other")

    def fail() -> None:
        raise RuntimeError("device gone")

    monkeypatch.setattr(probe(window), "shutdown", fail)
    assert window.close()
    assert "device gone" in window.faults.path.read_text(encoding="utf-8")


def test_place_and_size_are_remembered(make_window: Make) -> None:
    window = make_window(width=1333, height=777)
    window.close()
    kept = window.settings.values.geometry
    assert base64.b64decode(kept)
    again = make_window(width=1333, height=777)
    assert (again.width(), again.height()) == (1333, 777)


def test_the_hooks_are_given_back(window: MainWindow) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    window.faults.install(lambda: None)
    assert sys.excepthook is not before[0]
    window.faults.close()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
