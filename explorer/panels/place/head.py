"""Tile head: which tier, on which device, running what, and whether it keeps up."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.engine.deployment.profile import Profile, Tier
from explorer.panels.place import readings, wording
from explorer.panels.place.device_choice import DeviceChoice
from explorer.panels.place.evaluation import Place
from explorer.panels.place.gauge import Gauge
from explorer.panels.view import Words
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.tokens import Tokens

WIDE_PX, NARROW_PX = 180, 146


class TileHead(QWidget):
    """The left end of a tile; in a low window the device is named, and chosen in the drawer.

    Parameters
    ----------
    tier
        Its tier.
    """

    def __init__(self, tier: Tier) -> None:
        super().__init__()
        self.name = Words(wording.tier_name(tier), weight=600)
        self.name.setWordWrap(False)
        self.told = ElidedLabel(size_px=12, role="quiet_ink")
        self.device = DeviceChoice(tier)
        self.busy = Gauge(self.tr("keeps up"))
        self._low = False
        self._place: Place | None = None
        self._title = QHBoxLayout()
        self._title.addWidget(self.name)
        self._title.addWidget(self.told, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._title)
        self._column.addWidget(self.device)
        self._column.addWidget(self.busy)
        self._column.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_low(self, low: bool) -> None:
        """Leave the list of devices out where there is not the height for it."""
        if low != self._low:
            self._low = low
            self.device.setVisible(not low)
            self.busy.set_low(low)
            self._apply_tokens(tokens.current())
            self._tell()

    def show_devices(self, profiles: dict[str, Profile], chosen: str) -> None:
        """Fill the list of devices."""
        self.device.show_devices(profiles, chosen)

    def show_place(self, place: Place, decisions_per_s: float, ghost: Place | None) -> None:
        """Show what runs there and whether it keeps up."""
        self._place = place
        self._tell()
        profile = place.profile
        self.device.setToolTip(f"{profile.title}: {profile.core}, {profile.software}")
        before = None if ghost is None else readings.keeps_up(ghost, decisions_per_s)
        self.busy.show_reading(readings.keeps_up(place, decisions_per_s), before)

    def _tell(self) -> None:
        place = self._place
        if place is not None:
            network = self.tr("{network}, {precision}")
            network = network.format(network=place.network, precision=place.estimate.prediction.precision)
            self.told.set_text(place.profile.title if self._low else network)

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.px(2))
        self._title.setSpacing(current.px(6))
        self.setFixedWidth(current.px(NARROW_PX if self._low else WIDE_PX))
