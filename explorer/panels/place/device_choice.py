"""Device choice: the list of devices of one tier, and the wish to measure this machine."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QStyleOptionComboBox

from explorer.engine.deployment.profile import Profile, Tier
from explorer.engine.deployment.profiles import THIS_MACHINE
from explorer.panels.place import wording
from widgets import tokens
from widgets.choice import Choice

MEASURE = "measure"
"""Key of the entry that measures this machine."""


class DeviceChoice(Choice):
    """One tier's devices; long names end in dots.

    Parameters
    ----------
    tier
        Its tier.
    """

    deviceChosen = Signal(str)
    """The user wants another device; its key, or `MEASURE`."""

    def __init__(self, tier: Tier) -> None:
        super().__init__(_tr("Device of the tier {tier}").format(tier=wording.tier_name(tier)))
        self._tier: Tier = tier
        self._keys: tuple[str, ...] = ()
        self.setMinimumContentsLength(4)
        self.activated.connect(self._on_activated)

    def devices(self) -> tuple[str, ...]:
        """Give the keys of the entries, in order."""
        return self._keys

    def show_devices(self, profiles: dict[str, Profile], chosen: str) -> None:
        """Fill the list with the devices of the tier and show the one in force."""
        titles = {key: profile.title for key, profile in profiles.items() if profile.tier == self._tier}
        if self._tier == "edge" and THIS_MACHINE not in titles:
            titles[MEASURE] = _tr("this machine: measure it …")
        if tuple(titles) != self._keys:
            self._keys = tuple(titles)
            self.clear()
            self.addItems(list(titles.values()))
        if chosen in self._keys:
            self.setCurrentIndex(self._keys.index(chosen))

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Shorten the name to the room before the chevron."""
        super().initStyleOption(option)
        room = self.width() - tokens.current().px(46)
        metrics = QFontMetricsF(self.font())
        option.currentText = metrics.elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self.deviceChosen.emit(self._keys[index])


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
