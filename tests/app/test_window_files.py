"""Messages and files: each problem is one sentence, each question waits, what was saved comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton, QToolButton

from explorer import state_file
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import shipped
from explorer.state_file import Document, View
from explorer.workbench import State
from tests.app.screen import probe, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from explorer.main_window import MainWindow

    Make = Callable[..., MainWindow]

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


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


def test_news_makes_way_for_a_question_and_leaves_by_itself(qtbot: QtBot) -> None:
    from explorer.messages import SECONDS_TO_READ, Messages
    from explorer.panels.base import Action
    from widgets.banner import Banner

    now_s = 0.0
    banner = Banner()
    qtbot.addWidget(banner)
    messages = Messages(banner, lambda: now_s)
    messages.add("Stored as scene 1.")
    now_s = SECONDS_TO_READ / 2
    messages.on_slow_tick()
    assert banner.text() == "Stored as scene 1."
    messages.add("Everything is as at the start.", Action("Undo", lambda: None))
    assert messages.waiting == ("Everything is as at the start.",)
    messages.add("Stored as scene 2.")
    now_s += 10 * SECONDS_TO_READ
    messages.on_slow_tick()
    assert messages.waiting[0] == "Everything is as at the start."  # a question stays
    banner.actionRequested.emit()
    messages.on_slow_tick()
    assert banner.text() == "Stored as scene 2."  # its time begins when it is shown
    now_s += SECONDS_TO_READ
    messages.on_slow_tick()
    assert banner.isHidden()
    messages.add("The disk is full.", mood="bad")
    now_s += 10 * SECONDS_TO_READ
    messages.on_slow_tick()
    assert messages.waiting == ("The disk is full.",)  # trouble stays


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


def learned() -> Network:
    network = shipped("tiny")
    arrays = dict(network.arrays)
    arrays["logits.bias"] = arrays["logits.bias"] + np.float32(0.1)
    return replace(network, arrays=arrays)


def press(window: MainWindow, text: str) -> None:
    button = next(b for b in window.findChildren(QPushButton) if b.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_one_key_returns_to_the_shipped_network_and_back(window: MainWindow) -> None:
    action = window.commands.actions["shipped"]
    assert not action.isEnabled()
    published = window.workbench.publish(learned())
    assert action.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_N)
    assert window.workbench.active is shipped("tiny")
    assert not action.isEnabled()
    assert any(keys == "N" and "shipped network" in text for keys, text in window.commands.key_table())
    press(window, "Back to v2")
    assert window.workbench.active is published


def test_reset_erases_what_was_learned(window: MainWindow) -> None:
    window.workbench.publish(learned())
    window.commands.actions["reset"].trigger()
    assert "what was learned here is erased" in texts(window)
    press(window, "Undo")
    assert window.workbench.active is shipped("tiny")
    assert "tiny v2 is not in memory any more" in texts(window)


def test_a_state_file_with_a_version_that_is_gone_opens_with_the_shipped_one(
    window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "taught.mlstate"
    state_file.save(path, Document(State(seed=9, network="small", network_version=7)))
    window.files.open_state(path)
    assert window.workbench.state == State(seed=9, network="small")
    assert "small v7 is not in memory any more; this is small v1, as shipped." in texts(window)


def test_a_state_file_with_a_version_in_memory_opens_with_it(window: MainWindow, tmp_path: Path) -> None:
    published = window.workbench.publish(learned())
    path = tmp_path / "taught.mlstate"
    state_file.save(path, window.document())
    QTest.keyClick(window, Qt.Key.Key_N)
    window.files.open_state(path)
    assert window.workbench.active is published


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


def test_a_folder_is_chosen_and_given_up(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sets" / "yes"
    folder.mkdir(parents=True)
    choose(monkeypatch, tmp_path / "sets")
    window.commands.actions["folder"].trigger()
    qtbot.waitUntil(lambda: "has no labels" in texts(window))
    assert window.workbench.state.evaluation_folder is None
    (folder / "a.wav").write_bytes(b"RIFF")
    window.commands.actions["folder"].trigger()
    qtbot.waitUntil(lambda: window.workbench.state.evaluation_folder == str(tmp_path / "sets"))
    window.commands.actions["bundled"].trigger()
    assert window.workbench.state.evaluation_folder is None
