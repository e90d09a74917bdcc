"""Believed and true: two accuracies on one axis with intervals, each repetition a dot, the honest way a ghost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from explorer.panels.teach.surface_marks import draw_mark
from widgets import tokens
from widgets.painting import draw_focus_ring, line_height
from widgets.picture import DescribedPicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.engine.training.splits import Outcome
    from widgets.plot_export import Table

LOW = 0.4
"""Left end of the axis; two words are guessed right half of the time."""


class SplitsPicture(DescribedPicture):
    """Two rows, believed above true, 40 % to 100 %."""

    def __init__(self) -> None:
        super().__init__()
        self._outcome: Outcome | None = None
        self._honest: Outcome | None = None
        self.setAccessibleName(self.tr("Believed and true accuracy"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_outcome(self, outcome: Outcome | None, honest: Outcome | None) -> None:
        """Draw what was believed and what was true, and how the protocol without mistakes does."""
        self._outcome, self._honest = outcome, honest
        self.update()

    def outcome(self) -> Outcome | None:
        """Give what is drawn."""
        return self._outcome

    def table(self) -> Table:
        """Give the repetitions: believed and true accuracy of each."""
        if self._outcome is None:
            return []
        turns = np.arange(len(self._outcome.believed), dtype=np.float64)
        return [(self.tr("believed"), turns, self._outcome.believed), (self.tr("true"), turns, self._outcome.true)]

    def sizeHint(self) -> QSize:
        """Give the size at which intervals can be read."""
        return QSize(self._tokens.px(420), self._tokens.px(220))

    def minimumSizeHint(self) -> QSize:
        """Give room for two rows and the axis."""
        return QSize(self._tokens.px(220), self._tokens.px(104))

    # -- drawing -----------------------------------------------------------------------------------------------------

    def _x(self, accuracy: float, box: QRectF) -> float:
        return box.left() + (min(max(accuracy, LOW), 1.0) - LOW) / (1 - LOW) * box.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, rows and the gap between them."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        margin = current.px(18)
        box = QRectF(self.rect()).adjusted(margin, current.px(4), -margin, -current.px(24))
        self._draw_axis(painter, box)
        if self._outcome is not None:
            rows = (
                (self.tr("believed"), self._outcome.believed, self._outcome.believed_mean, "data1", 1),
                (self.tr("true"), self._outcome.true, self._outcome.true_mean, "data0", 0),
            )
            for index, (name, dots, interval, role, mark) in enumerate(rows):
                row = QRectF(box.left(), box.top() + index * box.height() / 2, box.width(), box.height() / 2)
                self._draw_row(painter, row, box, name, dots, interval, role, mark)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _draw_axis(self, painter: QPainter, box: QRectF) -> None:
        current = self._tokens
        painter.setFont(current.font(12))
        for percent in range(round(100 * LOW), 101, 10):
            x = self._x(percent / 100, box)
            painter.setPen(QPen(current.color("hairline"), 1))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(current.color("quiet_ink"))
            half = current.px(28)
            room = QRectF(x - half, box.bottom() + current.px(3), 2 * half, line_height(current.font(12)))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{percent} %")

    def _draw_row(
        self,
        painter: QPainter,
        row: QRectF,
        box: QRectF,
        name: str,
        dots: NDArray[np.float64],
        interval: tuple[float, float, float],
        role: str,
        mark: int,
    ) -> None:
        """Draw a name with its number, a dot for each repetition, mean and interval, and the honest mean as a ghost."""
        current = self._tokens
        mean, low, high = interval
        strong = current.font(20, 600)
        head = line_height(strong)
        painter.setFont(strong)
        painter.setPen(current.color(role.replace("data", "text")))
        room = QRectF(row.left() + current.px(4), row.top() + current.px(2), row.width(), head)
        told = self.tr("{name} {mean:.1f} %").format(name=name, mean=100 * mean)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, told)
        if np.isfinite(low):
            painter.setFont(current.font(12))
            painter.setPen(current.color("quiet_ink"))
            words = self.tr("95 %: {low:.1f} to {high:.1f}, {count} repetitions")
            words = words.format(low=100 * low, high=100 * high, count=len(dots))
            right = QRectF(room.left(), room.top(), room.width() - current.px(8), head)
            painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        top = room.bottom()
        middle = top + (row.bottom() - top) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color(role, 0.5))
        spread = 0.28 * (row.bottom() - top)
        for index, value in enumerate(dots):
            y = middle + spread * (((index * 7) % 11) / 5 - 1)  # apart, so that equal ones can be counted
            painter.drawEllipse(QPointF(self._x(float(value), box), y), current.px(3), current.px(3))
        if np.isfinite(low):
            painter.setPen(QPen(current.color(role), 3 * current.scale))
            painter.drawLine(QPointF(self._x(low, box), middle), QPointF(self._x(high, box), middle))
        draw_mark(painter, QPointF(self._x(mean, box), middle), mark, current.px(7), role, current)
        self._draw_ghost(painter, box, top, row.bottom(), name == self.tr("believed"))

    def _draw_ghost(self, painter: QPainter, box: QRectF, top: float, bottom: float, believed: bool) -> None:
        if self._honest is None or self._honest is self._outcome:
            return
        mean = (self._honest.believed_mean if believed else self._honest.true_mean)[0]
        pen = QPen(self._tokens.color("ink", 0.35), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        x = self._x(mean, box)
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        painter.setFont(self._tokens.font(12))
        painter.setPen(self._tokens.color("quiet_ink"))
        height = line_height(self._tokens.font(12))
        room = QRectF(x - self._tokens.px(96), bottom - height, self._tokens.px(92), height)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight, self.tr("honest {p:.1f}").format(p=100 * mean))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()
