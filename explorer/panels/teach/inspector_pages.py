"""Inspector pages: the controls of the view in front, or those of the run for views that have none of their own."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


class InspectorPages(QWidget):
    """One column of cards at a time; hidden ones take no room.

    Parameters
    ----------
    run
        The controls of the run.
    """

    def __init__(self, run: QWidget) -> None:
        super().__init__()
        self._run = self._front = run
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(run)

    def front(self) -> QWidget:
        """Give the cards that are shown."""
        return self._front

    def show_page(self, cards: QWidget | None) -> None:
        """Show these cards, or those of the run for None."""
        wanted = self._run if cards is None else cards
        if wanted is self._front:
            return
        if self._column.indexOf(wanted) < 0:
            self._column.addWidget(wanted)
        self._front.hide()
        self._front = wanted
        wanted.show()
