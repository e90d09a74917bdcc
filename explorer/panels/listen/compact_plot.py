"""Compact plot: a plot that asks for the room it needs and takes what there is."""

from __future__ import annotations

from PySide6.QtCore import QSize

from widgets.plot import Plot


class CompactPlot(Plot):
    """A `Plot` that asks for a height at which it can be read; the library asks for 640 x 480 whatever there is."""

    HEIGHT_PX = 240

    def sizeHint(self) -> QSize:
        """Give the size at which the axes can be read."""
        return QSize(self._tokens.px(320), self._tokens.px(self.HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which the axes cover each other."""
        return QSize(self._tokens.px(160), self._tokens.px(self.HEIGHT_PX))
