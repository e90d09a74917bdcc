"""Pages: widgets in one place, one of them in front, and only that one asks for room."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QWidget


class Pages(QStackedWidget):
    """A stack whose size is that of the page in front.

    The library takes the largest of all pages, though those behind were arranged for another window or theme, and then
    the one in front scrolls without need.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Give what the page in front would like."""
        page = self.currentWidget()
        return QSize() if page is None else page.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Give what the page in front needs."""
        page = self.currentWidget()
        return QSize() if page is None else page.minimumSizeHint()
