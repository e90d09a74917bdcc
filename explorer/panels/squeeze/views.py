"""The views of the Squeeze panel: a file each, and a line each in the table of tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.panels.tabbed import NewsView
from widgets import tokens
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.panels.squeeze.session import SqueezeSession

LAYERS = "layers"


def view_names() -> dict[str, str]:
    """Return the words of the tabs by key: the module `<key>_view` beside this file names its view `VIEW`."""
    return {
        LAYERS: _tr("Layers"),
        "sensitivity": _tr("Sensitivity"),
        "classes": _tr("Classes"),
        "device": _tr("On a device"),
        "number": _tr("Bits of a number"),
        "hear": _tr("Hear"),
    }


class Still(QWidget):
    """A column that takes the height that there is: words break inside it, and the pictures give them their room."""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self._unfollow = tokens.follow(self._apply_tokens)

    def hasHeightForWidth(self) -> bool:
        """Say that the height does not follow from the width."""
        return False

    def _apply_tokens(self, current: Tokens) -> None:
        self.column.setSpacing(current.space(0.5))


class SqueezeView(NewsView):
    """One view of what is measured.

    Parameters
    ----------
    context
        What the application lends.
    session
        What measures.
    """

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__(context, session)
        self.session = session


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
