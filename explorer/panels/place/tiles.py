"""The four tiles: a head, a lane and gauges each, on one axis, with one deadline line across all of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from explorer.engine.deployment.profile import TIERS, Profile, Tier
from explorer.panels.place import readings
from explorer.panels.place.axis import DeadlineAxis, DeadlineLine
from explorer.panels.place.evaluation import Answer, Place
from explorer.panels.place.gauge import Gauge
from explorer.panels.place.head import TileHead
from explorer.panels.place.lane import Lane, Running
from explorer.panels.place.setup import Setup
from widgets import tokens
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table


class Gauges(QWidget):
    """The right end of a tile: room, energy and battery."""

    def __init__(self) -> None:
        super().__init__()
        self._low = False
        self.by_key = {key: Gauge(caption) for key, caption in readings.keys().items()}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for index, gauge in enumerate(self.by_key.values()):
            self._grid.addWidget(gauge, index // 2, index % 2)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_low(self, low: bool) -> None:
        """Take less room."""
        self._low = low
        self._apply_tokens(tokens.current())
        for gauge in self.by_key.values():
            gauge.set_low(low)

    def show_place(self, place: Place, min_days: float | None, ghost: Place | None) -> None:
        """Show what the network takes there."""
        before = {} if ghost is None else readings.readings(ghost, min_days)
        for key, reading in readings.readings(place, min_days).items():
            self.by_key[key].show_reading(reading, before.get(key))

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setHorizontalSpacing(current.space(0.75 if self._low else 1.5))
        self._grid.setVerticalSpacing(current.space(0.25 if self._low else 0.75))
        self.setFixedWidth(current.px(264 if self._low else 276))


class Tiles(QWidget):
    """The primary picture of the panel."""

    asked = Signal(str)
    """The user wants to know where a number comes from; the answer in words."""
    tierChosen = Signal(str)
    """The user pressed a tile."""
    deviceChosen = Signal(str, str)
    """The user wants another device; tier and key."""

    def __init__(self, deadline_ms: float) -> None:
        super().__init__()
        self.heads = {tier: TileHead(tier) for tier in TIERS}
        self.lanes = {tier: Lane() for tier in TIERS}
        self.gauges = {tier: Gauges() for tier in TIERS}
        self.axis = DeadlineAxis(deadline_ms)
        self._line = DeadlineLine(self.axis, self)
        self._answer: Answer | None = None
        self._chosen: Tier = "tiny"
        self._lit: tuple[Tier, ...] = ()
        self._low = False
        self._grid = QGridLayout(self)
        for row, tier in enumerate(TIERS):
            parts = (self.heads[tier], self.lanes[tier], self.gauges[tier])
            for column, part in enumerate(parts):
                self._grid.addWidget(part, row, column)
            self._grid.setRowStretch(row, 1)
            self._wire(tier)
        self._grid.addWidget(self.axis, len(TIERS), 1)
        self._grid.setColumnStretch(1, 1)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Four places on one axis"))
        self.axis.deadlineChanged.connect(self._on_deadline)
        self._line.lower()  # in the lanes they draw it themselves, under their words
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_setup(self, setup: Setup, profiles: dict[str, Profile]) -> None:
        """Show what was chosen, also before it is answered."""
        for tier in TIERS:
            self.heads[tier].show_devices(profiles, setup.tiles[tier])
        if self.axis.deadline_ms() != setup.deadline_ms or self._answer is None:
            self.axis.set_deadline(setup.deadline_ms)
            self._on_deadline(setup.deadline_ms)
        if setup.chosen != self._chosen:
            self._chosen = setup.chosen
            self.update()

    def show_answer(self, answer: Answer, ghost: Answer | None) -> None:
        """Show the four places, and what differed before the last change."""
        self._answer = answer
        setup = answer.question.setup
        rate = setup.rate(answer.question.hop_ms)
        for tier, place in answer.places.items():
            before = None if ghost is None else ghost.places[tier]
            self.heads[tier].show_place(place, rate, before)
            self.lanes[tier].show_place(place, before)
            self.gauges[tier].show_place(place, setup.min_days, before)

    def set_low(self, low: bool) -> None:
        """Take less height: a room reads fewer words."""
        for tier in TIERS:
            self.heads[tier].set_low(low)
            self.gauges[tier].set_low(low)
        self._low = low
        self._apply_tokens(tokens.current())

    def set_secret(self, secret: bool) -> None:
        """Hide what somebody guesses: who keeps up, when the answer comes, how long the battery lasts."""
        for tier in TIERS:
            self.lanes[tier].set_secret(secret)
            for gauge in (self.heads[tier].busy, self.gauges[tier].by_key["battery"]):
                gauge.set_secret(secret)

    def show_race(self, running: Mapping[Tier, Running]) -> None:
        """Show where the runners are; empty outside a race."""
        for tier, lane in self.lanes.items():
            lane.show_running(running.get(tier))
        lit = tuple(tier for tier, runner in running.items() if runner.arrived_ms is not None)
        if lit != self._lit:
            self._lit = lit
            self.update()

    def lit(self) -> tuple[Tier, ...]:
        """Give the tiles that have answered in the race."""
        return self._lit

    def table(self) -> Table:
        """Give what is drawn, as numbers over the tiles from cloud (0) to tiny (3)."""
        if self._answer is None:
            return []
        places = list(self._answer.places.values())
        x = np.arange(len(places), dtype=np.float64)

        def column(values: list[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            return np.array([np.nan if value is None else value for value in values], np.float64)

        options = [place.option for place in places]
        answers = [None if place.answer_ms is None else place.answer_ms.value for place in places]
        slow = [None if option is None else option.answers.p99_ms for option in options]
        return [(self.tr("answer in ms"), x, column(answers)), (self.tr("99 % by, in ms"), x, column(slow))]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the tile under the pointer."""
        for tier in TIERS:
            if self._card(tier).contains(event.position()):
                self.tierChosen.emit(tier)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release with the press: what lies behind does not hear of it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cards behind the tiles: framed in the accent when chosen, thick and green when lit by the race."""
        current, painter = tokens.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for tier in TIERS:
            lit = tier in self._lit
            role = "good" if lit else "accent" if tier == self._chosen else "hairline"
            width = current.px(2) if lit or tier == self._chosen else 1
            painter.setPen(QPen(current.color(role), width))
            painter.setBrush(current.color("raised"))
            card = self._card(tier).adjusted(width / 2, width / 2, -width / 2, -width / 2)
            painter.drawRoundedRect(card, current.px(8), current.px(8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the deadline line over the lanes."""
        super().resizeEvent(event)
        self._grid.activate()
        first, last = self.lanes["cloud"].geometry(), self.axis.geometry()
        self._line.setGeometry(first.left(), 0, first.width(), last.top())

    @Slot(float)
    def _on_deadline(self, time_ms: float) -> None:
        self._line.update()
        for lane in self.lanes.values():
            lane.set_deadline(time_ms)

    def _card(self, tier: Tier) -> QRectF:
        lane = self.lanes[tier].geometry()
        pad = self._pad / 2
        return QRectF(0, lane.top() - pad, self.width(), lane.height() + 2 * pad)

    def _on_asked(self, tier: Tier, source: str) -> None:
        self.tierChosen.emit(tier)
        self.asked.emit(source)

    def _wire(self, tier: Tier) -> None:
        for gauge in (self.heads[tier].busy, *self.gauges[tier].by_key.values()):
            gauge.asked.connect(partial(self._on_asked, tier))
        self.lanes[tier].asked.connect(partial(self._on_asked, tier))
        self.heads[tier].device.deviceChosen.connect(lambda key: self.deviceChosen.emit(tier, key))

    def _apply_tokens(self, current: Tokens) -> None:
        self._pad = current.px(4 if self._low else 8)
        edge = current.px(10)
        self._grid.setContentsMargins(edge, self._pad // 2, edge, 0)
        self._grid.setHorizontalSpacing(current.px(12))
        self._grid.setVerticalSpacing(self._pad + current.px(2 if self._low else 4))
        self.update()
