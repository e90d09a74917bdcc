"""What the elements of the Squeeze panel mean, for the question mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.panels.base import HelpEntry

if TYPE_CHECKING:
    from explorer.panels.squeeze.panel import SqueezePanel


def entries(panel: SqueezePanel) -> tuple[HelpEntry, ...]:
    """Return every element with its meaning."""
    return (
        HelpEntry(
            panel.story,
            _tr("The story"),
            _tr("Settings in the order in which they teach something, each with what it gave here."),
        ),
        HelpEntry(
            panel.headline,
            _tr("Accuracy and bytes"),
            _tr(
                "Share of the clips recognised, with its 95 % Wilson interval. While clips are still to be done it "
                "is an estimate, and its interval no test. Bytes: packed codes, scales, zero points, biases."
            ),
            lambda: panel.headline.figures().sentence(),
        ),
        HelpEntry(
            panel.tabs,
            _tr("Views"),
            _tr("The same setting, looked at in several ways."),
        ),
        HelpEntry(
            panel.controls.bits.weights,
            _tr("Bits"),
            _tr("A number of b bits can tell 2 to the power of b values apart."),
            lambda: str(panel.session.recipe),
        ),
        HelpEntry(
            panel.controls.grid.per,
            _tr("Rulers"),
            _tr("The step of the grid: one for the whole layer, or one for each of its output channels."),
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
