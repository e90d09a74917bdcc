"""The views of the Place panel: a file each, and a line each in the table of tabs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.panels.view import View

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.panels.place.session import PlaceSession
    from explorer.workbench import State
    from widgets.tokens import Tokens

TILES = "tiles"


def view_names() -> dict[str, str]:
    """Return the words of the tabs by key: the module `<key>_view` beside this file names its view `VIEW`."""
    return {
        TILES: _tr("Four places"),
        "boards": _tr("Boards"),
        "roofline": _tr("Roofline"),
        "memory": _tr("Memory"),
        "fit": _tr("Fit"),
        "claims": _tr("Claims"),
        "sources": _tr("Sources"),
    }


class PlaceView(View):
    """One view of the places: drawn anew in the next frame after something was chosen or became known.

    Parameters
    ----------
    context
        What the application lends.
    session
        What estimates: `session.answer` (four places), `session.chosen`, `session.setup`, `session.profiles`,
        `session.network`, `session.measured`.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context)
        self.session = session
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
        if self._dirty or self._seen != self.session.news:
            self._dirty, self._seen = False, self.session.news
            self.renew()

    def _apply_view_tokens(self, current: Tokens) -> None:
        self.page.setContentsMargins(0, 0, 0, 0)  # in line with the tabs above
        self.page.setSpacing(current.space(0.75))


def make_view(key: str, context: Context, session: PlaceSession) -> View:
    """Make a view, its module imported only now: the first window does not wait for views that nobody sees."""
    view = import_module(f"explorer.panels.place.{key}_view").VIEW(context, session)
    assert isinstance(view, View)
    return view


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
