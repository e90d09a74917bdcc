"""Tabbed panel: a panel of several views behind one row of tabs; each view is a file and a line in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.panels.base import Context, HelpEntry, Panel, PanelCommand
from explorer.panels.view import View
from explorer.panels.view_stack import ViewStack
from explorer.panels.view_tabs import ViewTabs

if TYPE_CHECKING:
    from explorer.workbench import State
    from widgets.tokens import Tokens


class News(Protocol):
    """What a view follows."""

    @property
    def news(self) -> int:
        """Counts up whenever something new became known."""


class NewsView(View):
    """A view of what a session knows: drawn anew in the next frame after something was chosen or became known.

    Parameters
    ----------
    context
        What the application lends.
    session
        What knows.
    """

    GAP = 1.0

    def __init__(self, context: Context, session: News) -> None:
        super().__init__(context)
        self._news = session
        self._dirty = True
        self._seen = -1

    def mark(self) -> None:
        """Let the next frame draw everything anew."""
        self._dirty = True

    def renew(self) -> None:
        """Draw everything that follows from what was chosen and what is known."""

    def activate(self) -> None:
        """Become visible: draw what was missed."""
        self.mark()

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        self.mark()

    def on_frame(self, now_s: float) -> None:
        """Draw what is new."""
        if self._dirty or self._seen != self._news.news:
            self._dirty, self._seen = False, self._news.news
            self.renew()

    def _apply_view_tokens(self, current: Tokens) -> None:
        self.page.setContentsMargins(0, 0, 0, 0)  # in line with the tabs above
        self.page.setSpacing(current.space(self.GAP))


class TabbedPanel(Panel):
    """A panel whose picture is one of several views.

    A subclass calls `take_views` once and puts `tabs` and `views` into its `column`.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)

    def take_views(self, names: Mapping[str, str], factories: Mapping[str, Callable[[], View]]) -> None:
        """Take over the words of the tabs and what makes each view, by key; the first is in front at the start."""
        self.views = ViewStack(factories)
        self.tabs = ViewTabs(names)
        self.tabs.chosen.connect(self.choose_view)

    @Slot(str)
    def choose_view(self, key: str) -> None:
        """Bring a view to the front."""
        self.tabs.set_key(key)
        self.views.show_view(key)

    def turn(self, step: int) -> None:
        """Bring the next view (1) or the one before (-1) to the front."""
        self.choose_view(self.tabs.neighbour(step))

    def on_slow_tick(self) -> None:
        """Renew what is text."""
        self.views.on_slow_tick()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return self.views.describe()

    def commands(self) -> tuple[PanelCommand, ...]:
        """Return the keys that turn the views."""
        return (
            PanelCommand("next_view", self.tr("Next view"), "]", lambda: self.turn(1)),
            PanelCommand("last_view", self.tr("View before"), "[", lambda: self.turn(-1)),
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements of the views that were looked at."""
        return self.views.help_entries()

    def full_screen_target(self) -> QWidget | None:
        """Return the picture in focus, else the primary one of the view in front."""
        return self.views.full_screen_target()

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the view in front."""
        return self.views.csv_rows()

    def save_state(self) -> dict[str, Any]:
        """Return the view in front and what the views keep to themselves."""
        saved = {key: state for key, view in self.views.made().items() if (state := view.save_state())}
        return {"view": self.views.key(), **saved}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        key, parts = self.views_in(saved)
        for name, part in parts.items():
            if part or name in self.views.made():
                self.views.view(name).restore_state(part)
        self.choose_view(key)

    def views_in(self, saved: dict[str, Any]) -> tuple[str, dict[str, dict[str, Any]]]:
        """Return the key of the view in front and the object of every view, all checked before anything is changed.

        Raises
        ------
        ExplorerError
            When there is no such view, or something is no object.
        """
        key = saved.get("view", self.tabs.keys[0])
        if key not in self.tabs.keys:
            raise ExplorerError(f"The panel {self.title} has no view {key!r:.40}: one of {', '.join(self.tabs.keys)}.")
        return key, {name: self.object_in(saved, name) for name in self.tabs.keys}

    def object_in(self, saved: dict[str, Any], name: str) -> dict[str, Any]:
        """Return an object of a saved state, empty where there is none.

        Raises
        ------
        ExplorerError
            When it is something else.
        """
        part = saved.get(name, {})
        if not isinstance(part, dict):
            raise ExplorerError(f"In the panel {self.title}, {name!r} must be an object.")
        return part


def make_view(package: str, key: str, *arguments: object) -> View:
    """Make the view that `<package>.<key>_view` names `VIEW`.

    The module is imported only now: the first window does not wait for views that nobody looks at.
    """
    view = import_module(f"{package}.{key}_view").VIEW(*arguments)
    assert isinstance(view, View)
    return view
