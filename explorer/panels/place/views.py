"""The views of the Place panel: a file each, and a line each in the table of tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.panels.tabbed import NewsView

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.panels.place.session import PlaceSession

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


class PlaceView(NewsView):
    """One view of the places: drawn anew in the next frame after something was chosen or became known.

    Parameters
    ----------
    context
        What the application lends.
    session
        What estimates: `session.answer` (four places), `session.chosen`, `session.setup`, `session.profiles`,
        `session.network`, `session.measured`.
    """

    GAP = 0.75

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        self.session = session


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
