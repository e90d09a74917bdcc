"""The line of the leading word, and the threshold that is dragged across it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from explorer.engine.kws.decision import DecisionSettings
from widgets.plot import Plot
from widgets.slider_scale import SliderScale
from widgets.threshold_line import ThresholdLine
from widgets.tokens import Tokens

GRAB_PX = 6
THRESHOLD = SliderScale(0.05, 0.99, 0.01)


class ScorePlot(Plot):
    """Averaged score of the leading word over the seconds in view; x is seconds before the right edge.

    Parameters
    ----------
    span_s
        Seconds in view.
    """

    thresholdChanged = Signal(float)
    """The user moved the threshold; the new value."""

    def __init__(self, span_s: float, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("time before now"),
            self.tr("averaged score of the leading word"),
            x_unit="s",
            x_range=(-span_s, 0.0),
            y_range=(0.0, 1.04),
            parent=parent,
        )
        self._span_s = span_s
        self.line = self.curve(self.tr("leading word"), index=0)
        self.rival = self.curve(self.tr("the other network"), index=1, dash=True)
        self.threshold = ThresholdLine(self, self.tr("Threshold"), THRESHOLD, DecisionSettings().threshold)
        self.threshold.valueChanged.connect(self.thresholdChanged)
        self._grabbed = False
        self._axis_shown = True
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the picture and the handle take the keyboard
        # what stands at the right edge changes, "now" or a moment ago, and is written over the plot
        self.set_axis_ticks("bottom", [(-float(s), f"−{s} s") for s in range(2, round(span_s) + 1, 2)])
        self.set_axis_ticks("left", [(0.0, "0"), (0.5, "0.5"), (1.0, "1")])
        self.viewport().installEventFilter(self)
        self.follow_tokens(self._slim)

    def show_line(self, values: NDArray[np.float32], word: str) -> None:
        """Draw the leading score at each result [n], the newest at the right edge; `word` leads now."""
        step = self._span_s / len(values)
        self.line.set_data(np.arange(1 - len(values), 1) * step, values)
        self.line.name = word or self.tr("leading word")

    def show_rival(self, values: NDArray[np.float32]) -> None:
        """Draw the leading score of a second network, dashed; no values for none."""
        step = self._span_s / max(1, len(values))
        self.rival.set_data(np.arange(1 - len(values), 1) * step, values)

    def place_picture(self, left: int) -> None:
        """Let the curves begin at pixel `left`, where the pictures above begin."""
        self.getAxis("left").setWidth(max(1, left - 1))

    def set_axis_shown(self, shown: bool) -> None:
        """Write the seconds below the line, or give it the whole height."""
        self._axis_shown = shown
        self._slim(self._tokens)

    def y_of(self, score: float) -> float:
        """Return the pixel row of a score in this widget."""
        box = self.getViewBox()
        return float(self.mapFromScene(box.mapViewToScene(QPointF(0.0, score))).y())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the threshold be grabbed anywhere along the line, not only by its flag."""
        if watched is self.viewport() and isinstance(event, QMouseEvent):
            y = event.position().y()
            near = abs(y - self.y_of(self.threshold.value())) <= GRAB_PX
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton and near:
                self._grabbed = True
                return True
            if event.type() == QEvent.Type.MouseMove:
                self.viewport().setCursor(Qt.CursorShape.SizeVerCursor if near else Qt.CursorShape.ArrowCursor)
                if self._grabbed:
                    self._drag_to(y)
                    return True
            if event.type() == QEvent.Type.MouseButtonRelease and self._grabbed:
                self._grabbed = False
                return True
        return bool(super().eventFilter(watched, event))

    def _drag_to(self, y: float) -> None:
        level = self.getViewBox().mapSceneToView(self.mapToScene(0, round(y))).y()
        value = THRESHOLD.value_at(THRESHOLD.position_of(level))
        if value != self.threshold.value():
            self.threshold.set_value(value)
            self.thresholdChanged.emit(value)

    def _slim(self, current: Tokens) -> None:
        # the pictures above say the same time: the axis needs one line of numbers and no words
        bottom = self.getAxis("bottom")
        bottom.showLabel(False)
        bottom.setHeight(current.px(18) if self._axis_shown else 0)
        self.getAxis("left").showLabel(False)
        for axis in ("left", "bottom"):
            self.getAxis(axis).setStyle(tickTextOffset=current.px(4))
