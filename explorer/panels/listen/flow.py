"""Flow: tiles in as many columns as are wide enough, the rest below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from widgets import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from widgets.tokens import Tokens


class Flow(QWidget):
    """A grid whose number of columns follows its width.

    Parameters
    ----------
    tiles
        In reading order.
    tile_px
        Least width of a column at scale 1.
    most
        Most columns.
    """

    def __init__(self, tiles: Sequence[QWidget], tile_px: int, most: int) -> None:
        super().__init__()
        self._tiles = list(tiles)
        self._tile_px = tile_px
        self._most = most
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._arrange()

    def columns(self) -> int:
        """Give the number of columns."""
        return self._columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the number of columns."""
        self._arrange()

    def _arrange(self) -> None:
        width = self._tokens.px(self._tile_px)
        columns = min(max(1, self.width() // max(1, width)), self._most)
        if columns == self._columns:
            return
        for column in range(self._most):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for index, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, index // columns, index % columns)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._grid.setHorizontalSpacing(current.space(2))
        self._grid.setVerticalSpacing(current.space(1))
        self._columns = 0
        self._arrange()
