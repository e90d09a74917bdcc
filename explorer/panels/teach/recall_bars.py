"""Recall bars: of each word, the share of held-out clips that the network knows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import text_width
from widgets.tokens import Tokens


class RecallBars(QWidget):
    """One bar for each word, its share at the end."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._rows: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_tr("Recall of each word on held-out clips"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_recall(self, labels: Sequence[str], recall: Sequence[float]) -> None:
        """Draw these shares, 0 to 1; not a number where there is no clip."""
        rows = tuple(zip(labels, recall, strict=False))
        if rows != self._rows:
            self._rows = rows
            accessible.announce_value(self)
            self.update()

    def rows(self) -> tuple[tuple[str, float], ...]:
        """Give words and shares as drawn."""
        return self._rows

    def accessible_value(self) -> str:
        """Give all shares in words."""
        return ", ".join(f"{label} {_share(recall)}" for label, recall in self._rows)

    def sizeHint(self) -> QSize:
        """Give the size at which the words can be read."""
        return QSize(self._tokens.px(240), self._tokens.px(260))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which the words would cover each other."""
        return QSize(self._tokens.px(140), self._tokens.px(8 * 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        current = self._tokens
        painter = QPainter(self)
        if not self._rows:
            painter.setFont(current.font(14))
            painter.setPen(current.color("quiet_ink"))
            words = _tr("The words appear when the first clips were judged.")
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
            return
        painter.setFont(current.font(12 if self.height() >= current.px(14 * len(self._rows)) else 8))
        left = max(text_width(painter.font(), label) for label, _ in self._rows) + current.px(6)
        right = text_width(painter.font(), "100 %") + current.px(4)
        height = min(float(current.px(26)), self.height() / len(self._rows))
        for row, (label, recall) in enumerate(self._rows):
            line = QRectF(0, row * height, self.width(), height)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setPen(current.color("ink"))
            painter.drawText(QRectF(0, line.top(), left, height), middle, label)
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, _share(recall))
            room = QRectF(left, line.top() + height * 0.2, max(1.0, self.width() - left - right), height * 0.6)
            painter.fillRect(room, current.color("grid"))
            if math.isfinite(recall):
                painter.fillRect(
                    QRectF(room.left(), room.top(), room.width() * recall, room.height()), current.color("data0")
                )

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


def _share(recall: float) -> str:
    return f"{100 * recall:.0f} %" if math.isfinite(recall) else "–"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
