"""Tile head: which tier, on which device, running what, and whether it keeps up."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.engine.deployment.profile import Profile, Tier
from explorer.engine.deployment.profiles import THIS_MACHINE
from explorer.panels.place import readings, wording
from explorer.panels.place.evaluation import Place
from explorer.panels.place.gauge import Gauge
from widgets import tokens
from widgets.choice import Choice
from widgets.elided_label import ElidedLabel
from widgets.tokens import Tokens

MEASURE = "measure"
"""Key of the entry that measures this machine."""


class TileHead(QWidget):
    """The left end of a tile.

    Parameters
    ----------
    tier
        Its tier.
    """

    deviceChosen = Signal(str)
    """The user wants another device; its key, or `MEASURE`."""

    def __init__(self, tier: Tier) -> None:
        super().__init__()
        self.tier: Tier = tier
        self.name = ElidedLabel(wording.tier_name(tier), size_px=14, weight=600)
        self.device = Choice(self.tr("Device of the tier {tier}").format(tier=wording.tier_name(tier)))
        self.device.setMinimumContentsLength(4)
        self.busy = Gauge(self.tr("busy"))
        self._keys: tuple[str, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.name, self.device, self.busy):
            self._column.addWidget(widget)
        self._column.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.device.activated.connect(self._on_activated)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_devices(self, profiles: Mapping[str, Profile], chosen: str) -> None:
        """Fill the list of devices."""
        keys = tuple(profiles)
        if self.tier == "edge" and THIS_MACHINE not in profiles:
            keys += (MEASURE,)
        if keys != self._keys:
            self._keys = keys
            self.device.clear()
            for key in keys:
                told = self.tr("this machine: measure it …")
                self.device.addItem(profiles[key].title if key in profiles else told)
        if chosen in self._keys:
            self.device.setCurrentIndex(self._keys.index(chosen))

    def show_place(self, place: Place, decisions_per_s: float, ghost: Place | None) -> None:
        """Show what runs there and whether it keeps up."""
        told = self.tr("{tier} · {network} {precision}")
        precision = place.estimate.prediction.precision
        name = wording.tier_name(place.tier)
        self.name.set_text(told.format(tier=name, network=place.network, precision=precision))
        profile = place.profile
        self.device.setToolTip(f"{profile.title}: {profile.core}, {profile.software}")
        before = None if ghost is None else readings.keeps_up(ghost, decisions_per_s)
        self.busy.show_reading(readings.keeps_up(place, decisions_per_s), before)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self.deviceChosen.emit(self._keys[index])

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.px(2))
        self.setFixedWidth(current.px(176))
