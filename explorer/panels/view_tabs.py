"""View tabs: the row of words that brings the views of a panel to the front."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from widgets.segmented import Segmented


class ViewTabs(Segmented):
    """One word for each view; arrow keys move along the row.

    Parameters
    ----------
    views
        Key and name of each view, in order.
    """

    def __init__(self, views: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(list(views.items()), parent=parent)
        self.setAccessibleName(self.tr("View"))
        self.keys = tuple(views)

    def neighbour(self, step: int) -> str:
        """Give the key of the tab `step` places further on; after the last comes the first."""
        return self.keys[(self.keys.index(self.key()) + step) % len(self.keys)]
