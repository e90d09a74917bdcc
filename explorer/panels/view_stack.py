"""View stack: the views of a panel, one of them in front of the others, each made when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from explorer.panels.base import HelpEntry, write_csv
from explorer.panels.view import View
from widgets.pages import Pages

if TYPE_CHECKING:
    from explorer.workbench import State


class ViewStack(QWidget):
    """Views of which one is visible.

    Parameters
    ----------
    factories
        Makes each view, by key, in the order of the tabs; the first is in front at the start.
    """

    def __init__(self, factories: Mapping[str, Callable[[], View]]) -> None:
        super().__init__()
        self._factories = dict(factories)
        self._views: dict[str, View] = {}
        self._key = next(iter(self._factories))
        self._stack = Pages()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def key(self) -> str:
        """Give the key of the view in front."""
        return self._key

    def show_view(self, key: str) -> None:
        """Bring a view to the front.

        Raises
        ------
        ValueError
            If there is no such view.
        """
        if key not in self._factories:
            raise ValueError(f"no view {key!r}")
        self._key = key
        if self.isVisible():
            self._bring_to_front()

    def view(self, key: str = "") -> View:
        """Give a view, made now if this is the first look; by default the one in front."""
        key = key or self._key
        if key not in self._views:
            view = self._factories[key]()
            self._views[key] = view
            self._stack.addWidget(view)
            self._take_turn(view)
            view.fullScreenRequested.connect(self._on_full_screen)
        return self._views[key]

    def made(self) -> dict[str, View]:
        """Give the views that were looked at, by key."""
        return dict(self._views)

    def on_frame(self, now_s: float) -> None:
        """Draw what is new in the view in front."""
        if self.isVisible() and self._key in self._views:
            self._views[self._key].on_frame(now_s)

    def on_slow_tick(self) -> None:
        """Renew text in the view in front."""
        if self.isVisible() and self._key in self._views:
            self._views[self._key].on_slow_tick()

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        for view in self._views.values():
            view.on_state(old, new)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return self._views[self._key].describe() if self._key in self._views else ""

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return what `?` numbers: the elements of the views that were looked at."""
        return tuple(entry for view in self._views.values() for entry in view.help_entries())

    def full_screen_target(self) -> QWidget | None:
        """Return the picture in focus, else the primary one of the view in front."""
        if self._key not in self._views:
            return None
        pictures = self._views[self._key].pictures()
        focus = QApplication.focusWidget()
        for picture in pictures:
            if focus is not None and (picture is focus or picture.isAncestorOf(focus)):
                return picture
        return next((picture for picture in pictures if picture.isVisible()), None)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the view in front, the first row naming the columns."""
        return self.view().csv_rows()

    def export_csv(self, path: Path) -> None:
        """Write the numbers of the view in front.

        Raises
        ------
        ExplorerError
            When there is nothing to write yet or the file cannot be written.
        """
        write_csv(self.csv_rows(), path)

    def shutdown(self) -> None:
        """Leave nothing running."""
        for view in self._views.values():
            view.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the view in front, now that somebody looks."""
        self._bring_to_front()

    def _bring_to_front(self) -> None:
        view = self.view()
        self._stack.setCurrentWidget(view)
        view.activate()
        self.setAccessibleDescription(view.describe())

    def _take_turn(self, view: View) -> None:
        """Let the key Tab come to a view made late where it stands, and not after everything that was there before."""
        chain: list[QWidget] = []  # of the whole window, from the stack on
        widget = self._stack.nextInFocusChain()
        while widget is not None and widget is not self._stack:
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                chain.append(widget)
            widget = widget.nextInFocusChain()
        inside = [widget for widget in chain if view.isAncestorOf(widget)]
        before = [widget for widget in chain if not self._stack.isAncestorOf(widget)][-1:]
        for first, second in pairwise([*before, *inside]):
            QWidget.setTabOrder(first, second)

    @Slot(QWidget)
    def _on_full_screen(self, picture: QWidget) -> None:
        """Do what the key F does with this picture in focus; which picture that is, the window asks the panel."""
        picture.setFocus(Qt.FocusReason.OtherFocusReason)
        for action in self.window().findChildren(QAction):
            if action.shortcut() == QKeySequence("F"):
                action.trigger()
