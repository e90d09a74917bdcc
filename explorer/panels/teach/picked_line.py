"""Picked line: the unit or weight that was pressed, its value, and how it came there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.panels.teach.depth_time import scientific
from explorer.panels.teach.network_picture import NetworkPicture, Picked, name_of
from widgets import accessible, tokens
from widgets.painting import line_height
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.teach.session import TeachSession

KEPT = 500
EVERY = 15  # frames between two looks at the snapshots


class PickedLine(QWidget):
    """Name and value above, a line of the values over the steps below.

    Parameters
    ----------
    session
        The run.
    picture
        In which something is picked.
    """

    def __init__(self, session: TeachSession, picture: NetworkPicture) -> None:
        super().__init__()
        accessible.enable()
        self._session, self._picture = session, picture
        self._history: list[tuple[int, float]] = []
        self._told = ""
        self._turn = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_tr("The unit or weight that was pressed"))
        picture.picked.connect(self._on_picked)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.hide()

    def renew(self, step: int) -> None:
        """Show value and history after a step."""
        picked = self._picture.chosen()
        self.setVisible(picked is not None)
        if picked is None:
            return
        value, gradient = self._picture.value_of(picked)
        told = f"{name_of(picked)}: {scientific(value)}"
        if gradient is not None:
            told += _tr(", gradient {gradient}").format(gradient=scientific(gradient))
            self._follow_weight(picked)
        else:
            self._history = [*[pair for pair in self._history if pair[0] < step][-KEPT:], (step, value)]
        if told != self._told:
            self._told = told
            accessible.announce_value(self)
        self.update()

    def history(self) -> list[tuple[int, float]]:
        """Give the steps and values of the line; those of a unit begin when it was pressed."""
        return list(self._history)

    def accessible_value(self) -> str:
        """Give name and value as printed."""
        return self._told

    def sizeHint(self) -> QSize:
        """Give room for a line of text and a small curve."""
        return QSize(self._tokens.px(200), line_height(self._tokens.font(12)) + self._tokens.px(28))

    def _follow_weight(self, picked: Picked) -> None:
        """Read the snapshots anew, a few times a second."""
        self._turn += 1
        if self._history and self._turn % EVERY:
            return
        inputs = self._picture.sizes()[picked.layer - 1]
        assert picked.source is not None
        self._history = self._session.run.weight_history(picked.weight, picked.unit * inputs + picked.source)

    def _on_picked(self, picked: object) -> None:
        self._history, self._turn = [], 0
        if self._session.view is not None:
            self.renew(self._session.view.step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words and the curve."""
        current = self._tokens
        painter = QPainter(self)
        font = current.font(12, 600)
        painter.setFont(font)
        painter.setPen(current.color("ink"))
        height = line_height(font)
        words = painter.fontMetrics().elidedText(self._told, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), height), words)
        values = np.array([value for _, value in self._history])
        steps = np.array([step for step, _ in self._history], float)
        good = np.isfinite(values)
        values, steps = values[good], steps[good]
        if len(values) < 2 or steps[-1] <= steps[0]:
            return
        low, high = float(values.min()), float(values.max())
        box = QRectF(1, height + current.px(3), self.width() - 2, self.height() - height - current.px(6))
        x = box.left() + (steps - steps[0]) / (steps[-1] - steps[0]) * box.width()
        y = box.bottom() - (values - low) / max(1e-12, high - low) * box.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, current.line_width <= 1)
        painter.setPen(QPen(current.color("data2"), current.line_width))
        painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(x, y, strict=True)]))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
