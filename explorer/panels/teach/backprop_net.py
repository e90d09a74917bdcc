"""Drawing of a small net: units with their values, weights as lines, and what the present step is about lit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from widgets import tokens
from widgets.painting import draw_focus_ring, line_height
from widgets.picture import DescribedPicture
from widgets.tokens import Tokens

Array = NDArray[np.float64]
MOST = 7
"""Units of a layer that are drawn; of more, the first six and dots."""


@dataclass(frozen=True, slots=True, eq=False)
class Lit:
    """What a step is about.

    Parameters
    ----------
    layer
        Column of units, 0 the input; -1 for none.
    weights
        Weights between columns `weights` - 1 and `weights`; 0 for none.
    backward
        Whether the error goes back.
    cell
        One unit (unit,) or one weight (to, from) of these; empty for all.
    """

    layer: int = -1
    weights: int = 0
    backward: bool = False
    cell: tuple[int, ...] = field(default=())


class BackpropNet(DescribedPicture):
    """Columns of units from the input at the left to the loss at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._weights: tuple[Array, ...] = ()
        self._values: dict[int, Array] = {}
        self._errors: dict[int, Array] = {}
        self._loss: float | None = None
        self._lit = Lit()
        self.setAccessibleName(self.tr("The network"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_step(
        self,
        weights: tuple[Array, ...],
        values: dict[int, Array],
        errors: dict[int, Array],
        loss: float | None,
        lit: Lit,
    ) -> None:
        """Draw what is known by now.

        Parameters
        ----------
        weights
            [units out, units in] each.
        values, errors
            What units give, and the gradient of the loss with respect to it, by column; only those known.
        loss
            None before it is known.
        lit
            What the step is about.
        """
        self._weights, self._values, self._errors, self._loss, self._lit = weights, values, errors, loss, lit
        self.update()

    def lit(self) -> Lit:
        """Give what is lit."""
        return self._lit

    def sizeHint(self) -> QSize:
        """Give the size at which values can be read."""
        return QSize(self._tokens.px(420), self._tokens.px(300))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which units cover each other."""
        return QSize(self._tokens.px(220), self._tokens.px(110))

    # -- drawing -----------------------------------------------------------------------------------------------------

    def _sizes(self) -> list[int]:
        return [self._weights[0].shape[1], *(w.shape[0] for w in self._weights)] if self._weights else []

    def _place(self, layer: int, unit: int) -> QPointF:
        """Give the middle of a unit; those that are not drawn stand where the dots are."""
        sizes, margin = self._sizes(), self._tokens.px(34)
        across = (self.width() - 2 * margin - self._tokens.px(70)) / max(1, len(sizes) - 1)
        count = min(sizes[layer], MOST)
        height = self.height() - 2 * self._tokens.px(10)
        row = min(unit, count - 1)
        return QPointF(margin + layer * across, self._tokens.px(10) + height * (row + 0.5) / count)

    def _radius(self) -> float:
        most = max((min(size, MOST) for size in self._sizes()), default=1)
        return float(min(self._tokens.px(22), 0.40 * self.height() / most))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw weights, units and the loss."""
        if not self._weights:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for layer, weights in enumerate(self._weights, 1):
            self._draw_weights(painter, layer, weights)
        for layer, size in enumerate(self._sizes()):
            for unit in range(min(size, MOST)):
                self._draw_unit(painter, layer, unit, size)
        self._draw_loss(painter)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), self._tokens, 4)

    def _draw_weights(self, painter: QPainter, layer: int, weights: Array) -> None:
        current, lit = self._tokens, self._lit
        role = "data1" if lit.backward else "data0"
        on = lit.weights == layer
        for to in range(min(weights.shape[0], MOST)):
            for source in range(min(weights.shape[1], MOST)):
                chosen = on and (not lit.cell or len(lit.cell) < 2 or lit.cell == (to, source))
                color = current.color(role, 0.95) if chosen else current.color("quiet_ink", 0.35)
                painter.setPen(QPen(color, (2.2 if chosen else 1.0) * current.scale))
                painter.drawLine(self._place(layer - 1, source), self._place(layer, to))

    def _draw_unit(self, painter: QPainter, layer: int, unit: int, size: int) -> None:
        current, lit, radius = self._tokens, self._lit, self._radius()
        place = self._place(layer, unit)
        role = "data1" if lit.backward else "data0"
        cell = lit.cell if len(lit.cell) == 1 else ()
        on = lit.layer == layer and (not cell or cell == (unit,))
        painter.setPen(QPen(current.color(role if on else "edge"), (3.0 if on else 1.2) * current.scale))
        painter.setBrush(current.color("raised"))
        painter.drawEllipse(place, radius, radius)
        box = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
        if size > MOST and unit == MOST - 1:
            painter.setPen(current.color("quiet_ink"))
            painter.setFont(current.font(12))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"… {size}")
            return
        lines = []
        if layer in self._values:
            lines.append((_short(float(self._values[layer][unit])), "ink"))
        if layer in self._errors:
            lines.append((_short(float(self._errors[layer][unit])), "text1"))
        height = line_height(current.font(12))
        if height * len(lines) > 2 * radius + current.px(4):
            lines = lines[-1:]
        top = place.y() - height * len(lines) / 2
        painter.setFont(current.font(12, 600))
        for index, (text, ink) in enumerate(lines):
            painter.setPen(current.color(ink))
            room = QRectF(place.x() - current.px(30), top + index * height, current.px(60), height)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_loss(self, painter: QPainter) -> None:
        current = self._tokens
        last = self._place(len(self._weights), min(self._sizes()[-1], MOST) // 2)
        box = QRectF(0, 0, current.px(62), current.px(40))
        box.moveCenter(QPointF(self.width() - current.px(34), last.y()))
        on = self._lit.layer == len(self._weights) + 1
        painter.setPen(QPen(current.color("quiet_ink", 0.5), 1))
        painter.drawLine(QPointF(last.x() + self._radius(), last.y()), QPointF(box.left(), last.y()))
        painter.setPen(QPen(current.color("data0" if on else "edge"), (3.0 if on else 1.2) * current.scale))
        painter.setBrush(current.color("raised"))
        painter.drawRoundedRect(box, current.px(6), current.px(6))
        painter.setFont(current.font(12, 600))
        painter.setPen(current.color("ink"))
        text = self.tr("loss") if self._loss is None else f"{self.tr('loss')}\n{self._loss:.3g}"
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


def _short(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) < 99.5 else f"{value:.0f}".replace("-", "−")
