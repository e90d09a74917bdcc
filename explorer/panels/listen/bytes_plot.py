"""Bytes plot: accuracy against what a device would flash, our networks beside published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.panels.listen.dots import Dot, Dots
from explorer.panels.listen.log_plot import LogPlot
from explorer.panels.listen.published import PUBLISHED

if TYPE_CHECKING:
    from explorer.engine.kws.evaluate import Accuracy
    from explorer.panels.listen.cards import CardFigure

BUDGET_BYTES = 16_384
_LEAST_BYTES, _MOST_BYTES = 6_000, 1_000_000
_BOTTOM = 92.0  # per cent; lower where ours are


@dataclass(frozen=True, slots=True)
class Ours:
    """One of our networks.

    Parameters
    ----------
    name, file_bytes
        Which, and what a device would flash.
    human
        On human voices, as its model card says; None where it says nothing.
    synthetic
        On synthetic voices, measured here; None before.
    """

    name: str
    file_bytes: int
    human: CardFigure | None
    synthetic: Accuracy | None


class BytesPlot(LogPlot):
    """Filled dots are measured here, hollow ones cited; human and synthetic voices are two lines, never one number."""

    def __init__(self) -> None:
        tr = partial(QCoreApplication.translate, "BytesPlot")
        super().__init__(
            tr("file on the device, 8 bits a weight"),
            tr("accuracy"),
            _LEAST_BYTES,
            _MOST_BYTES,
            x_unit=tr("bytes"),
            y_unit="%",
            y_range=(_BOTTOM, 100.0),
        )
        self._human = self.curve(self.tr("human voices"), index=2)
        self._synthetic = self.curve(self.tr("synthetic voices"), dash=True)
        self._budget = self.curve(self.tr("16 KB"), role="quiet_ink", dash=True)
        self._marks = Dots(self)

    def set_networks(self, networks: Sequence[Ours]) -> None:
        """Draw our networks, smallest first, and the published ones."""
        human = [(n, n.human) for n in networks if n.human is not None]
        synthetic = [(n, n.synthetic) for n in networks if n.synthetic is not None]
        dots = [self._dot(n, f, self._human.name, "data2", n is human[-1][0], hollow=True) for n, f in human]
        measured = self._synthetic.name
        dots += [self._dot(n, a, measured, "data0", n is synthetic[-1][0], hollow=False) for n, a in synthetic]
        bottom = max(0.0, min(_BOTTOM, min((dot.low for dot in dots if dot.low is not None), default=_BOTTOM) - 1.5))
        self.setYRange(bottom, 100.0, padding=0.0)
        for curve, role in ((self._human, "data2"), (self._synthetic, "data0")):
            points = [dot for dot in dots if dot.role == role]
            curve.set_data([dot.x for dot in points], [dot.y for dot in points])
        budget = float(self.place(BUDGET_BYTES))
        self._budget.set_data([budget, budget], [bottom, bottom + 0.97 * (100.0 - bottom)])
        self._budget.set_label(self._budget.name)
        self._marks.set_dots([*dots, *self._published()])

    def dots(self) -> tuple[Dot, ...]:
        """Give every dot that is drawn."""
        return self._marks.dots()

    def _dot(
        self, network: Ours, figure: CardFigure | Accuracy, voices: str, role: str, last: bool, *, hollow: bool
    ) -> Dot:
        words = f"{network.name} {100 * figure.accuracy:.1f}"
        return Dot(
            x=float(self.place(network.file_bytes)),
            y=100 * figure.accuracy,
            words=f"{words} {voices}" if last else words,
            role=role,
            low=100 * figure.low,
            high=100 * figure.high,
            hollow=hollow,
            side="upper left",
        )

    def _published(self) -> list[Dot]:
        return [
            Dot(
                float(self.place(p.file_bytes)),
                100 * p.accuracy,
                p.name,
                "quiet_ink",
                hollow=True,
                side="above" if p.parameters_only else "right",
            )
            for p in PUBLISHED
        ]
