"""The window: the thread along the top, panels in the middle, the inspector at the right, the foot below."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from explorer import theme
from explorer.background import Background
from explorer.engine.errors import ExplorerError
from explorer.faults import Faults
from explorer.frame_clock import FrameClock
from explorer.messages import Messages
from explorer.panels.base import Action, Context, FootNotes, Glyphs, Panel
from explorer.scenes import Scenes
from explorer.settings import Settings
from explorer.state_file import Document, View
from explorer.window_commands import Command, Commands
from explorer.window_files import WindowFiles
from explorer.window_frame import WindowFrame
from explorer.window_help import WindowHelp
from explorer.window_menus import window_commands
from explorer.workbench import State, Workbench
from widgets import tokens
from widgets.drawer import starts_open

SMALLEST_PX = (640, 480)
GLYPHS_EVERY_S = 0.03  # the beads need not follow the faster clock of listening


class MainWindow(QMainWindow):
    """The one window of the program.

    Parameters
    ----------
    panels
        Classes of the panels, in the order of the rail; `add_panels` takes them later, when the window can be seen.
    settings
        What is remembered; its warnings are shown.
    faults
        Where faults of the program are recorded.
    theme_name
        "dark", "light" or "projector" for this time only; empty takes the remembered one.
    """

    closed = Signal()

    def __init__(
        self,
        panels: Iterable[type[Panel]],
        settings: Settings,
        faults: Faults,
        theme_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.panel_classes: dict[str, type[Panel]] = {}
        self.settings = settings
        self.faults = faults
        self.workbench = Workbench()
        self.clock = FrameClock(self)
        self.background = Background()
        self.scenes = Scenes(settings, self.panel_classes)
        self.theme_name = theme_name or settings.values.theme or _desktop_theme()
        self._panels: dict[str, Panel] = {}
        self._running = False
        self._inspectors: dict[str, QWidget] = {}
        self._front = ""
        self._drawer_override: bool | None = None
        self._had_room: bool | None = None
        self._faults_told = 0
        self._glyphs_s = 0.0
        self._started: set[str] = set()
        self._closed = False
        self.context = Context(self.workbench, self.clock, settings, self.background, self.notify, self._pulse)
        self.context.ear.wake = self._wake
        # Before any widget is made: the first style sheet leaves the font of what is there already alone.
        self._apply_tokens()
        self._frame = WindowFrame()
        self._frame.strip.beadPressed.connect(self._on_bead)
        self._frame.rail.chosen.connect(self.show_panel)
        self._frame.footer.sceneAsked.connect(self._on_scene)
        self._frame.drawer_button.clicked.connect(self.toggle_drawer)
        self._frame.drawer.openChanged.connect(self._on_drawer)
        self.messages = Messages(self._frame.banner)
        self.setCentralWidget(self._frame)
        self.files = WindowFiles(self)
        self.help = WindowHelp(self)
        self.commands = Commands(self, self.menuBar())
        self.commands.add(window_commands(self))
        self.commands.add_list("recent", "save", self.files.recent_menu())
        self.help.add(self._frame.help_entries())
        self._unsubscribe = self.workbench.subscribe(self._on_state)
        self.scenes.subscribe(self._on_scenes)
        self._on_scenes()
        self._place()
        self._arrange_drawer()
        self.add_panels(panels)

    def add_panels(self, panels: Iterable[type[Panel]]) -> None:
        """Let panels be chosen from the rail and their beads appear on the thread; they are made when first shown."""
        new = {panel.key: panel for panel in panels}
        self.panel_classes.update(new)
        self._frame.rail.add_panels(new.values())
        self._frame.strip.set_beads(bead for panel in self.panel_classes.values() for bead in panel.beads)

    @property
    def is_closed(self) -> bool:
        """Whether the window was closed, for good."""
        return self._closed

    # -- what others ask ---------------------------------------------------------------------------------------

    @property
    def front(self) -> Panel:
        """The panel in front."""
        return self._panels[self._front]

    def panel(self, key: str) -> Panel:
        """Return the panel `key`, made when it is first asked for."""
        if key not in self._panels:
            panel = self.panel_classes[key](self.context)
            inspector = panel.inspector()
            self._panels[key], self._inspectors[key] = panel, inspector
            self._frame.add_panel(panel, inspector)
            self.help.add(panel.help_entries())
            self.clock.add(panel, panel.on_frame, panel.on_slow_tick)
        return self._panels[key]

    def show_panel(self, key: str) -> None:
        """Bring a panel to the front."""
        if key == self._front:
            return
        panel = self.panel(key)
        self._front = key
        self._frame.show_panel(panel, self._inspectors[key])
        self._frame.rail.show_chosen(key)
        self._frame.question.setText(QCoreApplication.translate(type(panel).__name__, panel.question))
        self.setWindowTitle(f"{QCoreApplication.translate(type(panel).__name__, panel.title)} – ML Systems Explorer")
        self.commands.remove_menu_content("panel")
        self.commands.add(
            Command(f"panel.{a.key}", "panel", a.text, a.run, a.shortcut, checked=a.checked) for a in panel.commands()
        )
        self.settings.update(panel=key)
        self._start_front()
        self._refresh_sentence()

    def notify(self, sentence: str, action: Action | None = None, mood: str = "info") -> None:
        """Show one sentence above the panel, with a button or without."""
        self.messages.add(sentence, action, mood)

    def document(self) -> Document:
        """Return everything on the screen."""
        panels = {key: panel.save_state() for key, panel in self._panels.items()}
        return Document(self.workbench.state, View(self._front, self.theme_name, self.drawer_open), panels)

    def take(self, document: Document) -> None:
        """Put everything on the screen, or nothing.

        Raises
        ------
        ExplorerError
            When a panel cannot take its part; what was on the screen before is there again.
        """
        before = self.document()
        try:
            self._take_panels(document.panels)
        except ExplorerError:
            self._take_panels(before.panels)
            raise
        self.workbench.replace_state(document.state)
        wanted, active = document.state, self.workbench.state
        if wanted.network_version != active.network_version:
            told = self.tr("{network} v{gone} is not in memory any more; this is {network} v{version}, as shipped.")
            self.notify(
                told.format(network=active.network, gone=wanted.network_version, version=active.network_version)
            )
        if document.view.theme != self.theme_name:
            self.apply_theme(document.view.theme)
        if document.view.panel:
            self.show_panel(document.view.panel)
        if document.view.drawer != self.drawer_open:
            self.toggle_drawer()

    def apply_theme(self, name: str) -> None:
        """Put a theme in force; the projector theme grows with the window."""
        self.theme_name = name
        self._apply_tokens()
        self._arrange_drawer()

    def choose_theme(self, name: str) -> None:
        """Put a theme in force and remember it."""
        self.apply_theme(name)
        self.settings.update(theme=name)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or return to a window."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def close_window(self) -> None:
        """Close the window, and the program with it."""
        self.close()

    @property
    def drawer_open(self) -> bool:
        """Whether the inspector can be seen."""
        if self._drawer_override is not None:
            return self._drawer_override
        return self.settings.values.drawer and self._drawer_has_room()

    def toggle_drawer(self) -> None:
        """Open or close the inspector; where there is room for it, the choice is remembered."""
        if self._drawer_has_room():
            self.settings.update(drawer=not self.drawer_open)
        else:
            self._drawer_override = not self.drawer_open
        self._arrange_drawer()

    # -- life ----------------------------------------------------------------------------------------------------

    def start(self, panel: str = "") -> None:
        """Begin: show `panel` or the remembered one, start the clock, tell what could not be remembered."""
        wanted = [key for key in (panel, self.settings.values.panel, *self.panel_classes) if key in self.panel_classes]
        self.show_panel(wanted[0])
        self.clock.add(None, on_frame=self._on_frame, on_slow=self._on_slow)
        self.clock.start()
        self._running = True
        self._start_front()
        self.front.setFocus()
        for warning in self.settings.warnings:
            self.notify(warning, mood="warn")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the clock, then the jobs, then the streams: nothing is left running."""
        if not self._closed:
            self._closed = True
            self.help.leave_picture()  # or its place in the panel would be lost with the window
            self.clock.stop()
            if not self.background.close():
                self.faults.write("a background task did not stop in time")
            for panel in self._panels.values():
                try:
                    panel.shutdown()
                except Exception as error:  # noqa: BLE001 - the other panels must stop all the same
                    self.faults.record(type(error), error, error.__traceback__)
            self._unsubscribe()
            self.settings.update(geometry=base64.b64encode(self.saveGeometry().data()).decode("ascii"))
            self.settings.flush()
            self.closed.emit()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Close the drawer where it has no room, open it again where it has."""
        super().resizeEvent(event)
        self._arrange_drawer()
        self._refresh_sentence()

    def changeEvent(self, event: QEvent) -> None:
        """Let the clock rest while the window is minimised."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.clock.set_shown(not self.isMinimized())

    # -- the clock -------------------------------------------------------------------------------------------------

    def _on_frame(self, now_s: float) -> None:
        self.background.poll()
        if now_s - self._glyphs_s >= GLYPHS_EVERY_S:
            self._glyphs_s = now_s
            # the later in the rail, the nearer to the network that was made there: such a panel speaks first
            panels = sorted(self._panels.values(), key=lambda panel: -panel.order)
            self._frame.strip.set_glyphs(merge_glyphs(panel.glyphs() for panel in panels))
        self._frame.strip.on_frame(now_s)

    def _on_slow(self) -> None:
        self._refresh_sentence()
        self.messages.on_slow_tick()
        notes = [panel.foot_notes() for panel in self._panels.values()]
        self._frame.footer.refresh(next((n for n in notes if n != FootNotes()), FootNotes()), self.background.tasks)
        for sentence in self._new_faults():
            self.notify(sentence, mood="bad")
        kept = self.settings.flush()
        if kept is not None:
            self.notify(kept, mood="warn")
        if self.theme_name == "projector" and tokens.current().scale != self._projector_scale():
            self.apply_theme(self.theme_name)

    def _refresh_sentence(self) -> None:
        if self._front:
            self._frame.show_sentence(self.front.describe(), visible=not self.front.tells_itself())

    def _new_faults(self) -> list[str]:
        sentences, self._faults_told = self.faults.sentences.since(self._faults_told)
        return sentences

    # -- changes ---------------------------------------------------------------------------------------------------

    def _on_state(self, old: State, new: State) -> None:
        for panel in tuple(self._panels.values()):
            panel.on_state(old, new)
        self.commands.refresh()

    def _on_scenes(self) -> None:
        self._frame.footer.show_scenes(self.scenes.stored())
        self.commands.refresh()

    def _pulse(self) -> None:
        self._frame.strip.pulse()

    def _wake(self) -> None:
        """Let Listen hear without showing it: another panel needs its sound."""
        if "listen" in self.panel_classes and "listen" not in self._started:
            self._started.add("listen")
            self.panel("listen").start()

    def _start_front(self) -> None:
        if self._running and self._front not in self._started:
            self._started.add(self._front)
            self.front.start()

    def _take_panels(self, saved: dict[str, dict[str, Any]]) -> None:
        for key in saved:
            self.panel(key)
        for key, panel in self._panels.items():
            panel.restore_state(saved.get(key, {}))

    # -- looks -----------------------------------------------------------------------------------------------------

    def _drawer_has_room(self) -> bool:
        return starts_open(self.theme_name, self.width())

    def _arrange_drawer(self) -> None:
        room = self._drawer_has_room()
        if room != self._had_room:
            self._had_room = room
            self._drawer_override = None
        self._frame.lay_drawer_over(not room)
        self._frame.drawer.set_open(self.drawer_open)
        self.commands.refresh()

    def _apply_tokens(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, theme.theme_at(self.theme_name, self.height()))

    def _projector_scale(self) -> float:
        return theme.theme_at("projector", self.height()).scale

    def _place(self) -> None:
        self.setMinimumSize(*SMALLEST_PX)
        room = self.screen().availableGeometry().size()
        self.resize(min(1440, room.width()), min(860, room.height()))
        if self.settings.values.geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(self.settings.values.geometry)))

    @Slot(bool)
    def _on_drawer(self, opened: bool) -> None:
        if opened != self.drawer_open:  # closed by its own button
            self.toggle_drawer()

    @Slot(str)
    def _on_bead(self, bead: str) -> None:
        self.show_panel(next(key for key, panel in self.panel_classes.items() if bead in panel.beads))

    @Slot(str)
    def _on_scene(self, digit: str) -> None:
        self.files.recall_scene(digit)


def merge_glyphs(parts: Iterable[Glyphs]) -> Glyphs:
    """Join what the panels say about their beads; of two that speak of the same bead the first is heard."""
    merged = Glyphs()
    for part in parts:
        for field in fields(Glyphs):
            if getattr(merged, field.name) is None and getattr(part, field.name) is not None:
                merged = replace(merged, **{field.name: getattr(part, field.name)})
    return merged


def _desktop_theme() -> str:
    """Choose the theme of a first start: what the desktop asks for."""
    if theme.system_wants_contrast():
        return "projector"
    light = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
    return "light" if light else "dark"
