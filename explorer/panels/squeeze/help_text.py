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
            _tr("Six settings in the order in which they teach something, each with what it gave here."),
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
            panel.strip,
            _tr("The network"),
            _tr("Each block is a layer; drag the bar under it to give its weights more or fewer bits."),
            lambda: panel.strip.accessible_value(),
        ),
        HelpEntry(
            panel.layer_plot,
            _tr("The chosen layer"),
            _tr("Grey: how often a value occurs. Thin lines: the values the grid has. Bars: where they end up."),
            lambda: panel.pictures.words.text(),
        ),
        HelpEntry(
            panel.trade,
            _tr("Accuracy against bytes"),
            _tr("Every setting that was measured; the dashed line is the way that your hand took."),
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
