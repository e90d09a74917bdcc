"""Every command of the window as a record; menus, keys and the list of keys are made from the same records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMenu, QMenuBar, QWidget

from widgets import icons, tokens


@dataclass(frozen=True, slots=True)
class Command:
    """Something the user can do from a menu or by a key.

    Parameters
    ----------
    key
        Its name in the program.
    menu
        The menu it stands in, "file", "edit", "view", "scenes", "panel" or "help".
    text
        Its entry, translated; "&" marks the letter that opens it.
    run
        What it does.
    shortcut
        Keys as Qt writes them; several are parted by "|".
    icon
        Name of an icon, empty for none.
    checked
        Whether it is on, for a command that stays on.
    enabled
        Whether it can be used now.
    separator
        Whether a line stands above it.
    key_row
        (Keys, what they do) in the list of keys where one row stands for several commands; None for a row of its own,
        two empty texts for none.
    """

    key: str
    menu: str
    text: str
    run: Callable[[], None]
    shortcut: str = ""
    icon: str = ""
    checked: Callable[[], bool] | None = None
    enabled: Callable[[], bool] | None = None
    separator: bool = False
    key_row: tuple[str, str] | None = None


class CommandAction(QAction):
    """The command as Qt sees it."""

    def __init__(self, command: Command, parent: QObject) -> None:
        super().__init__(command.text, parent)
        self.command = command
        self.setObjectName(command.key)
        if command.shortcut:
            self.setShortcuts([QKeySequence(keys) for keys in command.shortcut.split("|")])
        self.setCheckable(command.checked is not None)
        self.triggered.connect(self._on_triggered)
        self.draw_icon()
        self.refresh()

    def draw_icon(self) -> None:
        """Draw the icon in the colours of the theme in force."""
        if self.command.icon:
            self.setIcon(icons.icon(self.command.icon, size_px=16))

    def refresh(self) -> None:
        """Show whether the command is on and can be used."""
        if self.command.checked is not None:
            self.setChecked(self.command.checked())
        if self.command.enabled is not None:
            self.setEnabled(self.command.enabled())

    @Slot()
    def _on_triggered(self) -> None:
        self.command.run()
        self.refresh()


class ListMenu(QMenu):
    """A menu whose entries are asked for each time it opens.

    Parameters
    ----------
    title
        Its entry in the menu above.
    entries
        Gives the texts of the entries.
    choose
        Gets the text of the entry that was chosen.
    """

    def __init__(
        self,
        title: str,
        entries: Callable[[], Iterable[str]],
        choose: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self._entries = entries
        self._choose = choose
        self.aboutToShow.connect(self._on_about_to_show)
        self.triggered.connect(self._on_triggered)

    @Slot()
    def _on_about_to_show(self) -> None:
        self.clear()
        for text in self._entries():
            self.addAction(text.replace("&", "&&")).setData(text)
        if self.isEmpty():
            self.addAction(self.tr("none yet")).setEnabled(False)

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self._choose(str(action.data()))


class Commands(QObject):
    """All commands of a window: its menus, its keys.

    Parameters
    ----------
    window
        The widget that the keys belong to.
    bar
        Where the menus stand.
    """

    def __init__(self, window: QWidget, bar: QMenuBar) -> None:
        super().__init__(window)
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self.actions: dict[str, CommandAction] = {}
        for key, title in _menu_titles().items():
            menu = bar.addMenu(title)
            menu.setObjectName(key)
            menu.aboutToShow.connect(self.refresh)
            self._menus[key] = menu
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)
        tokens.follow(self._on_theme)

    def add(self, commands: Iterable[Command]) -> None:
        """Put commands into their menus and bind their keys."""
        for command in commands:
            action = CommandAction(command, self)
            menu = self._menus[command.menu]
            if command.separator:
                menu.addSeparator()
            menu.addAction(action)
            self._window.addAction(action)  # keys work even where the menu bar is hidden
            self.actions[command.key] = action
        self._hide_empty_menus()

    def add_list(self, key: str, before: str, menu: ListMenu) -> None:
        """Put a menu of changing entries above the command `before`."""
        action = self.actions[before]
        self._menus[action.command.menu].insertMenu(action, menu)
        self._menus[key] = menu

    def remove_menu_content(self, menu: str) -> None:
        """Take the commands of one menu back."""
        for key, action in list(self.actions.items()):
            if action.command.menu == menu:
                del self.actions[key]
                self._window.removeAction(action)
                action.deleteLater()
        self._menus[menu].clear()
        self._hide_empty_menus()

    def menu(self, key: str) -> QMenu:
        """Return a menu by its key."""
        return self._menus[key]

    @Slot()
    def refresh(self) -> None:
        """Show everywhere which commands are on and can be used."""
        for action in self.actions.values():
            action.refresh()

    def key_table(self) -> list[tuple[str, str]]:
        """Return (keys, what they do) of every command that has keys, in the order of the menus."""
        native = QKeySequence.SequenceFormat.NativeText
        rows = [
            action.command.key_row
            or (
                " / ".join(QKeySequence(keys).toString(native) for keys in action.command.shortcut.split("|")),
                action.text().replace("&", "").rstrip("…"),
            )
            for action in self.actions.values()
        ]
        return [row for row in rows if row[0]]

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        # Space means "press this" on a button or list that was reached by the keyboard, and the command elsewhere.
        presses = isinstance(new, (QAbstractButton, QComboBox))
        # A widget that hides gives its focus away as if Tab had been pressed, but nobody pressed it.
        moved = old is None or old.isVisible()
        by_keyboard = (
            new is not None and new.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange) and moved
        )
        for action in self.actions.values():
            if action.command.shortcut == "Space":
                action.setShortcuts([] if presses and by_keyboard else [QKeySequence(Qt.Key.Key_Space)])

    def _on_theme(self, look: tokens.Tokens) -> None:
        for action in self.actions.values():
            action.draw_icon()

    def _hide_empty_menus(self) -> None:
        for menu in self._menus.values():
            menu.menuAction().setVisible(not menu.isEmpty() or isinstance(menu, ListMenu))


def _menu_titles() -> dict[str, str]:
    def title(text: str) -> str:
        return QCoreApplication.translate("Commands", text)

    return {
        "file": title("&File"),
        "edit": title("&Edit"),
        "view": title("&View"),
        "panel": title("&Panel"),
        "scenes": title("&Scenes"),
        "help": title("&Help"),
    }
