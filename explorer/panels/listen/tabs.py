"""The row of tabs: the live picture, and the views that take one word, one second or the network apart."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from explorer.panels.view_tabs import ViewTabs

LIVE = "live"
"""Key of the first tab: the live picture alone."""


class Tabs(ViewTabs):
    """The live picture first, then the views of the analysis; the answer to the panel's question stands on its tab.

    Parameters
    ----------
    views
        Key and name of each view; the first one answers the panel's question.
    """

    def __init__(self, views: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__({LIVE: "", **views}, parent=parent)
        self._answering = next(iter(views))
        self._name = views[self._answering]
        self.set_word(LIVE, self.tr("Live"))

    def show_total(self, total_ms: float | None) -> None:
        """Say on the tab how long the last word took from its end to the answer; None before the first one.

        A word may be sure before it has ended: then there is no wait to be told in milliseconds.
        """
        word = self._name
        if total_ms is not None:
            told = self.tr("{total:.0f} ms").format(total=total_ms) if total_ms >= 1.0 else self.tr("early")
            word = f"{word} · {told}"
        self.set_word(self._answering, word)
