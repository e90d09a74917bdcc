"""Score bars: what the network answered about one second, a bar per word and the threshold across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from widgets.plot_export import Table
    from widgets.tokens import Tokens


class ScoreBars(QWidget):
    """One row per label: word, bar from 0 to 1, number; the highest row in strong type."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: tuple[str, ...] = ()
        self._scores: NDArray[np.float32] = np.zeros(0, np.float32)
        self._threshold = 0.7
        self.setAccessibleName(self.tr("Scores of this second"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_scores(self, labels: Sequence[str], scores: NDArray[np.float32], threshold: float) -> None:
        """Show scores `[classes]` and where the threshold lies."""
        self._labels, self._scores, self._threshold = tuple(labels), scores, threshold
        best = int(scores.argmax())
        self.setAccessibleDescription(f"{labels[best]} {scores[best]:.2f}")
        self._measure()
        self.update()

    def scores(self) -> NDArray[np.float32]:
        """Give what is drawn."""
        return self._scores

    def table(self) -> Table:
        """Give what is drawn: one point per label."""
        return [
            (label, np.array([0.0]), np.array([float(s)])) for label, s in zip(self._labels, self._scores, strict=True)
        ]

    def sizeHint(self) -> QSize:
        """Give room for all rows."""
        return QSize(self._tokens.px(220), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Give the size below which rows would overlap."""
        return QSize(self._names + self._numbers + self._tokens.px(60), (max(12, len(self._labels)) + 1) * self._line)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, then the threshold."""
        current, painter = self._tokens, QPainter(self)
        if not len(self._scores):
            return
        row = min((self.height() - self._line) / len(self._labels), 2.0 * self._line)
        left, right = float(self._names), float(self.width() - self._numbers)
        best = int(self._scores.argmax())
        for index, (label, score) in enumerate(zip(self._labels, self._scores, strict=True)):
            top = index * row
            strong = index == best
            painter.setFont(current.font(12, 600 if strong else 400))
            painter.setPen(current.color("ink" if strong else "quiet_ink"))
            align = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, left - current.px(8), row), align | Qt.AlignmentFlag.AlignRight, label)
            painter.drawText(
                QRectF(right, top, self._numbers, row), align | Qt.AlignmentFlag.AlignRight, f"{score:.2f}"
            )
            color = current.color("data0" if strong else "quiet_ink", 1.0 if strong else 0.6)
            painter.fillRect(QRectF(left, top + 0.2 * row, max(1.0, float(score) * (right - left)), 0.6 * row), color)
        x = left + self._threshold * (right - left)
        bottom = row * len(self._labels)
        pen = QPen(current.color("accent"), max(1.0, current.line_width))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        text = self.tr("threshold {value}").format(value=f"{self._threshold:.2f}")
        width = text_width(current.font(12), text)
        painter.drawText(QPointF(min(max(0.0, x - width / 2), self.width() - width), bottom + 0.8 * self._line), text)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 0)

    def _measure(self) -> None:
        font = self._tokens.font(12, 600)
        words = self._labels or ("unknown",)
        self._names = max(text_width(font, word) for word in words) + self._tokens.px(10)
        self._numbers = text_width(font, "0.00") + self._tokens.px(6)
        self._line = line_height(font) + self._tokens.px(2)
        self.updateGeometry()

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._measure()
        self.update()
