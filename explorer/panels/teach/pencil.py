"""Pencil: which tool the mouse holds over the plane, and what it does to the drawn points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from explorer.panels.teach.decision_map import ERASE
from explorer.panels.view import Words
from widgets.segmented import Segmented

if TYPE_CHECKING:
    from explorer.panels.teach.session import TeachSession

MOST_DRAWN = 2000
_TOOLS: dict[str, int | None] = {"look": None, "circle": 0, "square": 1, "erase": ERASE}


class Pencil(QWidget):
    """A choice of tools, and a button that takes all drawn points away.

    Parameters
    ----------
    session
        The run that learns from the points.
    """

    taken = Signal(object)
    """The user took up a tool: a class, `ERASE`, or None."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__()
        self._session = session
        words = {"look": _tr("look"), "circle": _tr("● draw"), "square": _tr("■ draw"), "erase": _tr("erase")}
        self.tools = Segmented(list(words.items()), label=_tr("Tool over the plane"))
        self.told = Words(size_px=12, role="quiet_ink")
        self.clear = QPushButton(_tr("Take drawn points away"))
        self.tools.chosen.connect(lambda key: self.taken.emit(_TOOLS[key]))
        self.clear.clicked.connect(lambda: session.change(points=()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.tools, self.told, self.clear):
            column.addWidget(widget)
        self.show_count(0)

    def draw(self, x: float, y: float, label: int) -> None:
        """Add a point of a class; it joins the training part before the next step."""
        points = self._session.settings.points
        if len(points) >= MOST_DRAWN:
            self._session.context.notify(
                _tr("{count:,} points are drawn already: erase some first.").format(count=MOST_DRAWN), None, "warn"
            )
            return
        self._session.change(points=(*points, (round(x, 4), round(y, 4), label)))

    def erase(self, x: float, y: float, radius: float) -> None:
        """Take away what was drawn near a place; points of the task itself stay."""
        points = self._session.settings.points
        kept = tuple(point for point in points if (point[0] - x) ** 2 + (point[1] - y) ** 2 > radius**2)
        if len(kept) < len(points):
            self._session.change(points=kept)

    def show_count(self, count: int) -> None:
        """Show how many points are drawn."""
        self.told.setText(
            _tr("{count:,} points drawn; they join the training part.").format(count=count)
            if count
            else _tr("Points drawn into the plane join the training part.")
        )
        self.clear.setVisible(count > 0)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
