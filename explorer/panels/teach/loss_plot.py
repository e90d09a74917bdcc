"""Loss plot: what training and validation lose, smoothed, and the run before as a ghost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from explorer.panels.listen.compact_plot import CompactPlot
from widgets.plot_curve import make_pen
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.engine.training.history import History

Curves = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Steps and values."""
MOST_POINTS = 600
"""More than the picture has pixels would only cost time."""
LABEL_ROOM = 0.3
"""Share of the axis that a label at the end of a curve needs to its left."""


class LossPlot(CompactPlot):
    """Curves over steps; its x axis is drawn by the scrubber at the foot of the picture."""

    HEIGHT_PX = 110

    def __init__(self) -> None:
        super().__init__("", _tr("loss"))
        self.quantity = "loss"
        self.train = self.curve(_tr("training"), index=0)
        self.validation = self.curve(_tr("validation"), index=1, dash=True)
        self.fresh = self.curve(_tr("fresh points"), index=2)
        self._marker = pg.InfiniteLine(angle=90, movable=False)
        self._marker.setZValue(50)
        self._marker.hide()
        self.addItem(self._marker, ignoreBounds=True)
        self.getAxis("bottom").setStyle(showValues=False)
        self.follow_tokens(self._apply_look)

    def show_quantity(self, name: str) -> None:
        """Show "loss" or "accuracy"."""
        self.quantity = name
        words = {"loss": _tr("loss"), "accuracy": _tr("accuracy")}
        self._labels["left"] = words[name]
        self._apply_tokens(self._tokens)

    def show_history(self, history: History, end: float, marker: int | None, spoilt: bool) -> None:
        """Draw the curves up to now.

        Parameters
        ----------
        history
            Every step.
        end
            Step at the right edge.
        marker
            The step that is looked at where that is not the newest; None draws no line.
        spoilt
            Whether the data are noisy in their labels, leak or are out of balance: then points that were drawn anew,
            which have none of this, are shown as well.
        """
        name = self.quantity
        steps = history.column("step")
        chosen = np.arange(0, len(steps), max(1, len(steps) // MOST_POINTS))
        if len(steps) and chosen[-1] != len(steps) - 1:
            chosen = np.append(chosen, len(steps) - 1)
        train = history.column(f"{name}_smoothed")[chosen]
        self.train.set_data(steps[chosen], train)
        judged_at, judged = _known(steps, history.column(f"validation_{name}"))
        fresh_at, fresh = _known(steps, history.column(f"test_{name}") if spoilt else np.full(len(steps), np.nan))
        self.validation.set_data(judged_at, judged)
        self.fresh.set_data(fresh_at, fresh)
        self.setXRange(0, max(1.0, end), padding=0)
        self.setYRange(*self._reach(train, judged, fresh), padding=0)
        for curve, values in ((self.train, train), (self.validation, judged), (self.fresh, fresh)):
            told = len(values) and np.isfinite(values[-1]) and steps[-1] > LABEL_ROOM * end
            label = f"{curve.name} {values[-1]:.3f}" if told else ""
            curve.set_label(label)
        self._marker.setVisible(marker is not None)
        if marker is not None:
            self._marker.setPos(marker)

    def show_former(self, curves: tuple[Curves, Curves] | None, words: str) -> None:
        """Draw a former run as ghosts, training and validation, or take it away (None)."""
        for curve, former, label in zip(
            (self.train, self.validation), curves or (None, None), (words, ""), strict=True
        ):
            if former is None:
                curve.clear_ghost()
            else:
                curve.set_ghost(*former, label)

    def drawn(self) -> tuple[Curves, Curves]:
        """Give training and validation as drawn: steps and values."""
        return self.train.data(), self.validation.data()

    def _reach(self, *curves: NDArray[np.float64]) -> tuple[float, float]:
        """Return the ends of the y axis: a loss that climbs leaves the picture instead of flattening all the rest."""
        if self.quantity == "accuracy":
            return 0.0, 1.2
        values = np.concatenate(curves)
        values = values[np.isfinite(values)]
        if not len(values):
            return 0.0, 1.0
        first = float(values[: max(1, len(values) // 10)].max())
        return 0.0, 1.9 * max(1e-6, min(float(values.max()), 4 * first))

    def _apply_look(self, current: Tokens) -> None:
        self.getAxis("bottom").setHeight(current.px(4))
        self.getAxis("bottom").showLabel(False)
        self._marker.setPen(make_pen(current.color("accent"), max(2.0, current.line_width), self.devicePixelRatioF()))


def _known(steps: NDArray[np.float64], values: NDArray[np.float64]) -> Curves:
    """Return the steps at which a value is known, thinned, and the values."""
    known = np.flatnonzero(np.isfinite(values))
    known = known[:: max(1, len(known) // MOST_POINTS)]
    return steps[known], values[known]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
