"""The live page: picture, stage, tiles and status, placed for a wide window or for a low one."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from explorer.panels.listen.live_view import LiveView
from explorer.panels.listen.stage import Stage
from explorer.panels.listen.status_row import StatusRow
from explorer.panels.listen.tiles import WordTiles
from widgets import tokens
from widgets.tokens import Tokens

LOW_PX = 384
"""Below this height (at scale 1) the words stand beside the picture, which keeps the height for itself."""

WIDE_PX = 620
"""Below this width the words have no room beside the picture: then the page scrolls."""


class LivePage(QWidget):
    """Status, picture, stage and tiles below each other; in a low window the words go to the right.

    Parameters
    ----------
    status, live, stage, tiles
        The parts.
    """

    def __init__(self, status: StatusRow, live: LiveView, stage: Stage, tiles: WordTiles) -> None:
        super().__init__()
        self._status, self._live, self._stage, self._tiles = status, live, stage, tiles
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._beside: bool | None = None
        self._room = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._place(beside=False)
        self._unfollow = tokens.follow(self._apply_tokens)

    @property
    def beside(self) -> bool:
        """Whether the words stand beside the picture."""
        return bool(self._beside)

    def fit(self, height: int) -> None:
        """Take a place of `height` pixels."""
        self._room = height
        px = self._tokens.px
        beside = height < px(LOW_PX) and self.width() >= px(WIDE_PX)
        self._live.setMinimumHeight(0 if beside else px(200))
        self._place(beside=beside)
        self._status.set_upright(beside or self.width() < px(WIDE_PX))
        self.setFixedHeight(max(height, self._grid.minimumSize().height()))

    def _place(self, *, beside: bool) -> None:
        if beside == self._beside:
            return
        self._beside = beside
        parts = (self._status, self._live, self._stage, self._tiles)
        places = (
            ((1, 1, 1, 1), (0, 0, 2, 1), (0, 1, 1, 1), (2, 0, 1, 2))
            if beside
            else ((0, 0, 1, 2), (1, 0, 1, 2), (2, 0, 1, 2), (3, 0, 1, 2))
        )
        for part, place in zip(parts, places, strict=True):
            self._grid.removeWidget(part)
            self._grid.addWidget(part, *place)
        for row in range(4):
            self._grid.setRowStretch(row, 1 if row == (0 if beside else 1) else 0)
        self._grid.setColumnStretch(0, 70)
        self._grid.setColumnStretch(1, 30)
        self._stage.set_upright(beside)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._grid.setSpacing(current.space(1))
        if self._room:
            self.fit(self._room)
