"""What the menus do with files: states, scenes, exports, folders; each problem becomes one sentence in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from explorer import state_file
from explorer.engine.errors import ExplorerError
from explorer.panels.base import Action
from explorer.state_file import SUFFIX, Document
from explorer.window_commands import ListMenu
from explorer.workbench import State

if TYPE_CHECKING:
    import threading

    from explorer.background import Report
    from explorer.main_window import MainWindow


class WindowFiles(QObject):
    """What the entries of the menus do.

    Parameters
    ----------
    window
        The window they act on.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    # -- state files -----------------------------------------------------------------------------------------------

    def ask_open(self) -> None:
        """Ask for a state file and open it."""
        path, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open state"), self._folder(), self._filter())
        if path:
            self.open_state(Path(path))

    def open_state(self, path: Path) -> None:
        """Put a state file on the screen; files that it names are asked about first."""

        def open_it() -> None:
            document = state_file.load(path, self._window.panel_classes)
            self._take(document, path.name)
            self._window.settings.remember_state_file(str(path.absolute()))

        self._try(open_it)

    def recent_menu(self) -> ListMenu:
        """Return the menu of the state files of late."""
        return ListMenu(
            self.tr("Open &recent"),
            lambda: self._window.settings.values.recent_states,
            lambda path: self.open_state(Path(path)),
            self._window,
        )

    def ask_save(self) -> None:
        """Ask for a name and save everything on the screen."""
        path, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save state"), self._folder(), self._filter())
        if path:
            self.save_state(Path(path if path.endswith(SUFFIX) else path + SUFFIX))

    def save_state(self, path: Path) -> None:
        """Save everything on the screen."""

        def save_it() -> None:
            state_file.save(path, self._window.document())
            self._window.settings.remember_state_file(str(path.absolute()))
            self._window.notify(self.tr("Saved to {path}.").format(path=path), mood="good")

        self._try(save_it)

    def _take(self, document: Document, name: str) -> None:
        before = self._window.document()
        known = (before.state.evaluation_folder, before.state.source_detail)
        strange = [path for path in document.paths() if path not in known]
        if not strange:
            self._window.take(document)
            return
        self._window.take(document.without_paths())
        question = self.tr("{name} wants to open {paths} on this computer. Nothing was opened yet.")
        self._window.notify(
            question.format(name=name, paths=self.tr(" and ").join(strange)),
            Action(self.tr("Open"), lambda: self._allow_paths(document.state)),
        )

    def _allow_paths(self, state: State) -> None:
        changes: dict[str, str | None] = {"evaluation_folder": state.evaluation_folder}
        if state.source_kind == "file":
            changes.update(source_kind="file", source_detail=state.source_detail)
        self._try(lambda: self._window.workbench.update(**changes))

    # -- exports ---------------------------------------------------------------------------------------------------

    def ask_export_png(self) -> None:
        """Ask for a name and write the panel in front as a picture."""
        self._ask_export("png", self.tr("Export picture"), lambda path: self._window.front.export_png(path))

    def ask_export_csv(self) -> None:
        """Ask for a name and write the numbers of the panel in front."""
        self._ask_export("csv", self.tr("Export numbers"), lambda path: self._window.front.export_csv(path))

    def _ask_export(self, ending: str, title: str, write: Callable[[Path], None]) -> None:
        start = str(Path(self._folder()) / f"{self._window.front.key}.{ending}")
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, start, f"*.{ending}")
        if chosen:
            path = Path(chosen if chosen.lower().endswith(f".{ending}") else f"{chosen}.{ending}")

            def write_it() -> None:
                write(path)
                self._window.notify(self.tr("Written to {path}.").format(path=path), mood="good")

            self._try(write_it)

    def copy(self) -> None:
        """Copy the panel in front: its picture, and its sentence as text."""
        data = QMimeData()
        data.setImageData(self._window.front.grab().toImage())
        data.setText(self._window.front.describe())
        QGuiApplication.clipboard().setMimeData(data)

    # -- sound -----------------------------------------------------------------------------------------------------

    def ask_folder(self) -> None:
        """Ask for a folder of labelled recordings that every accuracy uses from then on."""
        title = self.tr("Folder of Speech Commands: one folder per word")
        folder = QFileDialog.getExistingDirectory(self._window, title)
        if folder:
            self._window.background.start(
                self.tr("Looking into {folder}").format(folder=folder),
                partial(_look_into, folder),
                on_update=lambda found: self._window.workbench.update(evaluation_folder=found),
                on_end=self._tell,
                heavy=False,
            )

    def use_bundled(self) -> None:
        """Return to the bundled clips."""
        self._window.workbench.update(evaluation_folder=None)

    # -- scenes ----------------------------------------------------------------------------------------------------

    def recall_scene(self, digit: str) -> None:
        """Put a stored scene on the screen, with the theme and the drawer as they are."""
        self._try(lambda: self._window.take(self._window.scenes.recall(digit, self._window.document().view)))

    def store_scene(self, digit: str) -> None:
        """Store what is on the screen as a scene."""

        def store() -> None:
            self._window.scenes.store(digit, self._window.document())
            self._window.notify(self.tr("Stored as scene {digit}: Ctrl+{digit} brings it back.").format(digit=digit))

        self._try(store)

    def return_to_shipped(self) -> None:
        """Go back to the network as it was shipped, with a way back."""
        bench = self._window.workbench
        learned = bench.active
        bench.return_to_shipped()
        self._window.notify(
            self.tr("{network} is as it was shipped: v1.").format(network=learned.name),
            Action(
                self.tr("Back to v{version}").format(version=learned.version),
                lambda: bench.update(network=learned.name, network_version=learned.version),
            ),
        )

    def reset(self) -> None:
        """Return to the start state, with a way back; what was learned here is erased, for real."""
        before = self._window.document()
        start = Document(self._window.workbench.start_state, replace(before.view, panel=""))
        learned = self._window.workbench.shelf.count > 0
        self._try(lambda: self._window.take(start))
        self._window.workbench.erase_learned()
        self._window.notify(
            self.tr("Everything is as at the start; what was learned here is erased.")
            if learned
            else self.tr("Everything is as at the start."),
            Action(self.tr("Undo"), lambda: self._try(lambda: self._window.take(before))),
        )

    # -- helpers ---------------------------------------------------------------------------------------------------

    def _tell(self, error: BaseException | None) -> None:
        """Tell how a look at the disk ended; a fault of the program goes where all faults go."""
        if isinstance(error, ExplorerError):
            self._window.notify(str(error), mood="bad")
        elif error is not None:
            self._window.faults.record(type(error), error, error.__traceback__)

    def _try(self, act: Callable[[], None]) -> None:
        """Do something that may fail by the user's files; the sentence goes into the window."""
        try:
            act()
        except ExplorerError as error:
            self._window.notify(str(error), mood="bad")

    def _folder(self) -> str:
        recent = self._window.settings.values.recent_states
        return str(Path(recent[0]).parent) if recent else str(Path.home())

    def _filter(self) -> str:
        return self.tr("States") + f" (*{SUFFIX});;" + self.tr("All files") + " (*)"


def _look_into(folder: str, stop: threading.Event, put: Callable[[str], None], report: Report) -> None:
    """List the folder, which may hold a hundred thousand files, and put its name when it holds labelled sound."""
    from explorer.engine.kws.folders import read_label_folder

    read_label_folder(folder)
    put(folder)
