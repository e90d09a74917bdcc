"""What the elements of the four places mean, for the question mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.panels.base import HelpEntry

if TYPE_CHECKING:
    from explorer.panels.place.panel import PlacePanel


def entries(panel: PlacePanel) -> tuple[HelpEntry, ...]:
    """Return every element with its meaning."""
    view = panel.tiles
    tiles = view.tiles
    tiny, gauges = tiles.heads["tiny"], tiles.gauges["tiny"].by_key
    return (
        HelpEntry(
            tiny.device,
            _tr("Device"),
            _tr(
                "Each tier can be stood for by another device: shipped profiles, your own TOML files, or this machine, "
                "which is measured. Every number of a profile names its source."
            ),
        ),
        HelpEntry(
            tiny.busy,
            _tr("Keeps up?"),
            _tr(
                "Real-time factor: the share of the time that deciding takes, at Listen's rate, front end included. "
                "Above 100 % the device answers later and later; the mark is 100 %."
            ),
            tiny.busy.details,
        ),
        HelpEntry(
            tiles.lanes["cloud"],
            _tr("Way of an answer"),
            _tr(
                "The bar ends at the median answer, counted from the end of the sound, on an axis where each step is "
                "ten times longer. Inside it each part is as long as its share. The whisker is the 90 % interval of "
                "the prediction; the dots lead to the time by which 99 of 100 answers are there."
            ),
            lambda: tiles.lanes["cloud"].details(-1),
            _tr("chapter 2, deployment paradigms"),
        ),
        HelpEntry(
            tiles.axis,
            _tr("Deadline"),
            _tr("99 of 100 answers must be there by then. Drag the flag, or use the arrow keys."),
            tiles.axis.accessible_value,
        ),
        HelpEntry(
            gauges["ram"],
            _tr("Room"),
            _tr(
                "RAM and flash of the whole program: activations by a memory plan, runtime, sound, tables, weights; "
                "as a share of what the device has."
            ),
            gauges["ram"].details,
        ),
        HelpEntry(
            gauges["battery"],
            _tr("Battery"),
            _tr(
                "Watt hours / average power. Average power = active x busy share + idle x the rest + microphone, and "
                "the radio where sound is sent. The data centre's power is in its price, not in your battery."
            ),
            gauges["battery"].details,
        ),
        HelpEntry(
            view.start,
            _tr("Race"),
            _tr(
                "Every word that Listen recognises, or the one on the button, starts a race. Delays of the network are "
                "drawn from their distribution, with the seed of the session."
            ),
        ),
        HelpEntry(
            panel.controls.network.which,
            _tr("Which network"),
            _tr(
                "The same network and precision everywhere, or for each device the largest of the family that has room "
                "and keeps up there; at 8 bits where the device does not run the precision in force."
            ),
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
