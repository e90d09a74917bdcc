"""The page: status, live picture, stage, tiles, tabs and analysis, placed for the room that there is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from explorer.panels.listen.analysis import AnalysisView
from explorer.panels.listen.live_view import LiveView
from explorer.panels.listen.stage import Stage
from explorer.panels.listen.status_row import StatusRow
from explorer.panels.listen.tabs import LIVE, Tabs
from explorer.panels.listen.tiles import WordTiles
from widgets import tokens
from widgets.tokens import Tokens

LOW_PX = 384
"""Below this height (at scale 1) the words stand beside the picture, which keeps the height for itself."""

WIDE_PX = 620
"""Below this width the words have no room beside the picture: then the page scrolls."""

TALL_PX = 1000
"""From this height of the window on, the live picture and an analysis stand below each other."""

STRIP_PX = 96
LOW_STRIP_PX = 60
"""Height of the live picture while an analysis has its room: above it, and beside it in a low window."""

ANALYSIS_PX = 320
LEAST_ANALYSIS_PX = 150
"""Height an analysis gets beneath a whole picture, and the least it gets in its place."""


class Plan(Enum):
    """Where the parts stand."""

    LIVE = auto()
    """Below each other: status, picture, stage, tiles, tabs."""
    LIVE_BESIDE = auto()
    """The words at the right of the picture, tiles and tabs below both."""
    BOTH = auto()
    """As `LIVE`, and the analysis below the tabs."""
    STRIP = auto()
    """A strip of the picture with the words at its right, tiles, tabs, analysis."""
    STRIP_BESIDE = auto()
    """Tiles and tabs, the analysis at the left, strip and words at its right."""


# row, column, rows and columns of status, picture, stage, tiles, tabs, analysis; then the row that takes what is left
_PLACES: dict[Plan, tuple[tuple[tuple[int, int, int, int] | None, ...], int]] = {
    Plan.LIVE: (((0, 0, 1, 2), (1, 0, 1, 2), (2, 0, 1, 2), (3, 0, 1, 2), (4, 0, 1, 2), None), 1),
    Plan.LIVE_BESIDE: (((1, 1, 1, 1), (0, 0, 2, 1), (0, 1, 1, 1), (2, 0, 1, 2), (3, 0, 1, 2), None), 0),
    Plan.BOTH: (((0, 0, 1, 2), (1, 0, 1, 2), (2, 0, 1, 2), (3, 0, 1, 2), (4, 0, 1, 2), (5, 0, 1, 2)), 1),
    Plan.STRIP: (((1, 1, 1, 1), (0, 0, 2, 1), (0, 1, 1, 1), (2, 0, 1, 2), (3, 0, 1, 2), (4, 0, 1, 2)), 4),
    Plan.STRIP_BESIDE: (((4, 1, 1, 1), (2, 1, 1, 1), (3, 1, 1, 1), (0, 0, 1, 2), (1, 0, 1, 2), (2, 0, 3, 1)), 3),
}


def plan_for(view: str, *, tall: bool, beside: bool) -> Plan:
    """Return where the parts stand.

    Parameters
    ----------
    view
        The tab that is chosen.
    tall
        Whether a whole picture and an analysis fit below each other.
    beside
        Whether the words must stand at the right for lack of height.
    """
    if view == LIVE:
        return Plan.LIVE_BESIDE if beside else Plan.LIVE
    if tall:
        return Plan.BOTH
    return Plan.STRIP_BESIDE if beside else Plan.STRIP


class LivePage(QWidget):
    """All parts of the panel; tiles and tabs are there in every plan.

    Parameters
    ----------
    status, live, stage, tiles, tabs, analysis
        The parts.
    """

    def __init__(
        self,
        status: StatusRow,
        live: LiveView,
        stage: Stage,
        tiles: WordTiles,
        tabs: Tabs,
        analysis: AnalysisView,
    ) -> None:
        super().__init__()
        self._status, self._live, self._stage, self._tiles = status, live, stage, tiles
        self._tabs, self._analysis = tabs, analysis
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.plan: Plan | None = None
        analysis.setParent(self)  # not every plan has a place for it
        analysis.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def hasHeightForWidth(self) -> bool:
        """Take the height that there is: words break inside it, the area around must not make room for them."""
        return False

    def take_words(self, words: Sequence[str]) -> None:
        """Show the words of another network everywhere."""
        self._live.take_labels()
        self._tiles.set_words(words)
        self._stage.word.set_words(words)
        if self._stage.word.word() not in words:
            self._stage.word.show_word("", fresh=False)

    def fit(self, view: str, width: int, height: int, *, tall: bool) -> None:
        """Take a place of `width` by `height` pixels, with the tab `view` chosen."""
        px = self._tokens.px
        beside = not tall and height < px(LOW_PX) and width >= px(WIDE_PX)
        plan = plan_for(view, tall=tall, beside=beside)
        narrow = width < px(WIDE_PX)
        strip = plan in (Plan.STRIP, Plan.STRIP_BESIDE)
        upright = strip or beside
        self._live.set_compact(strip)
        if strip:
            self._live.setFixedHeight(px(LOW_STRIP_PX if beside else STRIP_PX))
        else:
            self._live.setMinimumHeight(0)
            self._live.setMaximumHeight(16_777_215)
        self._stage.set_upright(upright, brief=strip)
        self._status.set_upright(upright or narrow, brief=strip)
        self._tiles.set_low(upright)
        whole = plan is Plan.BOTH
        self._analysis.setMinimumHeight(px(ANALYSIS_PX if whole else LEAST_ANALYSIS_PX))
        self._place(plan)

    def _place(self, plan: Plan) -> None:
        if plan == self.plan:
            return
        self.plan = plan
        parts = (self._status, self._live, self._stage, self._tiles, self._tabs, self._analysis)
        places, stretching = _PLACES[plan]
        for part, place in zip(parts, places, strict=True):
            self._grid.removeWidget(part)
            if place is not None:
                self._grid.addWidget(part, *place)
            part.setVisible(place is not None)
        for row in range(6):
            self._grid.setRowStretch(row, 3 if row == stretching else 0)
        if plan is Plan.BOTH:
            self._grid.setRowStretch(5, 2)
        self._grid.setColumnStretch(0, 70)
        self._grid.setColumnStretch(1, 30)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._grid.setSpacing(current.space(1))
