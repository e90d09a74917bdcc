"""What the views of all panels share: a view's duties, wrapped words, and the menu that exports a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from widgets import plot_export, tokens
from widgets.icons import icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.panels.base import Context, HelpEntry
    from explorer.workbench import State
    from widgets.plot import Plot
    from widgets.plot_export import Table
    from widgets.tokens import Tokens


class View(QWidget):
    """One view of a panel, behind a tab.  Subclasses fill `page`, a column that scrolls where it does not fit.

    Parameters
    ----------
    context
        What the application lends.
    """

    fullScreenRequested = Signal(QWidget)
    """The user asked for one picture alone."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        inside = QWidget()
        self.page = QVBoxLayout(inside)
        self.area = Scroll(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        self._unfollow_view = tokens.follow(self._apply_view_tokens)

    def activate(self) -> None:
        """Become visible: ask for what is missing."""

    def on_frame(self, now_s: float) -> None:
        """Draw what is new."""

    def on_slow_tick(self) -> None:
        """Renew what is text."""

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return ""

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return ()

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the primary picture, the first row naming the columns."""
        return []

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the pictures that F can show alone, the primary one first."""
        return ()

    def save_state(self) -> dict[str, Any]:
        """Return what the view keeps to itself, as plain JSON values."""
        return {}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned; an empty dict is the start state.

        Raises
        ------
        ExplorerError
            One sentence naming the key whose value does not fit.
        """

    def shutdown(self) -> None:
        """Leave nothing running."""

    def lend(self, plot: Plot) -> None:
        """Connect a plot's menu to the window."""
        plot.fullScreenRequested.connect(lambda: self.fullScreenRequested.emit(plot))
        plot.exported.connect(self.say)

    def say(self, sentence: str) -> None:
        """Tell what an export did; an empty sentence (the user changed his mind) is not told."""
        if sentence:
            self.context.notify(sentence)

    def _apply_view_tokens(self, current: Tokens) -> None:
        self.page.setContentsMargins(0, current.space(1), current.space(1), 0)
        self.page.setSpacing(current.space(1))


class Scroll(QScrollArea):
    """A column that fills its place and scrolls where it needs more; the panel around it does not scroll then."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


class Words(QLabel):
    """Text that wraps and is never clipped, in a size and colour of the theme.

    Parameters
    ----------
    text
        What is read.
    size_px, weight, role
        Type size at scale 1, weight, and the token of its colour.
    """

    def __init__(self, text: str = "", *, size_px: int = 14, weight: int = 400, role: str = "ink") -> None:
        super().__init__(text)
        self._look = (size_px, weight, role)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_role(self, role: str) -> None:
        """Take the colour of another token."""
        self._look = (*self._look[:2], role)
        self._apply_tokens(self._tokens)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        size_px, weight, role = self._look
        self.setFont(current.font(size_px, weight))
        palette = self.palette()
        palette.setColor(self.foregroundRole(), current.color(role))
        self.setPalette(palette)


class ExportMenu(QObject):
    """The menu of a picture that is no plot: copy its data, save it, show it alone.

    Parameters
    ----------
    picture
        The picture; its context menu (right button, menu key) becomes this one.
    table
        Gives what is drawn, as `widgets.plot.Plot.table` does.
    x_label
        What the x of the table is.
    view
        The view that tells how it went and passes the wish for full screen on.
    """

    def __init__(self, picture: QWidget, table: Callable[[], Table], x_label: str, view: View) -> None:
        super().__init__(picture)
        self._picture = picture
        self._table = table
        self._x_label = x_label
        self._view = view
        picture.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the menu where Qt asks for one."""
        if isinstance(event, QContextMenuEvent):
            self._open(event.globalPos())
            return True
        return super().eventFilter(watched, event)

    def menu(self) -> QMenu:
        """Make the menu."""
        menu = QMenu(self._picture)
        entries: list[tuple[str, str, Callable[[], Any]]] = [
            ("copy", self.tr("Copy data"), self._copy),
            ("image", self.tr("Save picture (PNG) …"), self._save_picture),
            ("table", self.tr("Save data (CSV) …"), self._save_data),
            ("maximize", self.tr("Full screen"), lambda: self._view.fullScreenRequested.emit(self._picture)),
        ]
        for name, text, slot in entries:
            menu.addAction(icon(name), text, slot)
        return menu

    def _open(self, place: QPoint) -> None:
        menu = self.menu()
        menu.exec(place)
        menu.deleteLater()

    def _copy(self) -> None:
        self._view.say(plot_export.copy_data(self._table(), self._x_label))

    def _save_picture(self) -> None:
        self._view.say(plot_export.save_picture(self._picture))

    def _save_data(self) -> None:
        self._view.say(plot_export.save_data(self._picture, self._table(), self._x_label))
