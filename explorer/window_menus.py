"""The list of the window's commands, in the order of its menus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.scenes import DIGITS
from explorer.shelf import SHIPPED_VERSION
from explorer.window_commands import Command

if TYPE_CHECKING:
    from explorer.main_window import MainWindow


def tr(text: str) -> str:
    """Translate an entry of a menu."""
    return QCoreApplication.translate("Commands", text)


def window_commands(window: MainWindow) -> list[Command]:
    """Return every command of the window that does not belong to a panel."""
    return [*_file(window), *_edit(window), *_view(window), *_scenes(window), *_help(window)]


def _file(window: MainWindow) -> list[Command]:
    files = window.files

    def chosen_folder() -> bool:
        return window.workbench.state.evaluation_folder is not None

    return [
        Command("open", "file", tr("&Open state…"), files.ask_open, "Ctrl+O", "folder-open"),
        Command("save", "file", tr("&Save state…"), files.ask_save, "Ctrl+S", "save"),
        Command("picture", "file", tr("Export &picture…"), files.ask_export_png, "Ctrl+E", "image", separator=True),
        Command("numbers", "file", tr("Export &numbers…"), files.ask_export_csv, "Ctrl+Shift+E", "table"),
        Command(
            "folder", "file", tr("Choose Speech Commands &folder…"), files.ask_folder, "", "file-audio", separator=True
        ),
        Command("bundled", "file", tr("Use the &bundled clips"), files.use_bundled, enabled=chosen_folder),
        Command("quit", "file", tr("&Quit"), window.close_window, "Ctrl+Q", "x", separator=True),
    ]


def _edit(window: MainWindow) -> list[Command]:
    bench = window.workbench
    return [
        Command("undo", "edit", tr("&Undo"), bench.undo, "Ctrl+Z", "undo-2", enabled=lambda: bench.can_undo),
        Command(
            "redo", "edit", tr("&Redo"), bench.redo, "Ctrl+Shift+Z|Ctrl+Y", "redo-2", enabled=lambda: bench.can_redo
        ),
        Command(
            "shipped",
            "edit",
            tr("Back to the shipped &network"),
            window.files.return_to_shipped,
            "N",
            "flag",
            enabled=lambda: bench.state.network_version != SHIPPED_VERSION,
            separator=True,
        ),
        Command("copy", "edit", tr("&Copy picture"), window.files.copy, "Ctrl+C", "copy", separator=True),
        Command("reset", "edit", tr("Back to the &start state"), window.files.reset, "Ctrl+R", "rotate-ccw"),
    ]


def _view(window: MainWindow) -> list[Command]:
    def theme(name: str, text: str, shortcut: str, icon: str) -> Command:
        return Command(
            f"theme-{name}",
            "view",
            text,
            partial(window.choose_theme, name),
            shortcut,
            icon,
            checked=lambda: window.theme_name == name,
        )

    return [
        theme("dark", tr("&Dark"), "Ctrl+Shift+D", "moon"),
        theme("light", tr("&Light"), "Ctrl+Shift+L", "sun"),
        theme("projector", tr("&Projector"), "Ctrl+Shift+P", "presentation"),
        Command(
            "window-full-screen",
            "view",
            tr("&Full screen"),
            window.toggle_full_screen,
            "F11",
            "maximize",
            checked=window.isFullScreen,
            separator=True,
        ),
        Command("plot-full-screen", "view", tr("This &picture full screen"), window.help.toggle_picture, "F"),
        Command(
            "drawer",
            "view",
            tr("&Controls"),
            window.toggle_drawer,
            "I",
            "panel-right",
            checked=lambda: window.drawer_open,
        ),
    ]


def _scenes(window: MainWindow) -> list[Command]:
    def holds(digit: str) -> Callable[[], bool]:
        return lambda: digit in window.scenes.stored()

    recall = [
        Command(
            f"recall-{digit}",
            "scenes",
            tr("Recall scene {digit}").format(digit=digit),
            partial(window.files.recall_scene, digit),
            f"Ctrl+{digit}",
            checked=holds(digit),  # the mark says that something is stored there
            key_row=(tr("Ctrl+1 to 9"), tr("Recall a scene")) if digit == DIGITS[0] else ("", ""),
        )
        for digit in DIGITS
    ]
    store = [
        Command(
            f"store-{digit}",
            "scenes",
            tr("Store as scene {digit}").format(digit=digit),
            partial(window.files.store_scene, digit),
            f"Ctrl+Shift+{digit}",
            separator=digit == DIGITS[0],
            key_row=(tr("Ctrl+Shift+1 to 9"), tr("Store a scene")) if digit == DIGITS[0] else ("", ""),
        )
        for digit in DIGITS
    ]
    return recall + store


def _help(window: MainWindow) -> list[Command]:
    return [
        Command("explain", "help", tr("&What is what"), window.help.toggle_explanation, "?|F1", "circle-question-mark"),
        Command("keys", "help", tr("&Keys"), window.help.show_keys, "Ctrl+K", "keyboard"),
        Command("about", "help", tr("&About"), window.help.show_about, "", "info"),
    ]
