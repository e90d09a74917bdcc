"""State box: what stands in the place of a picture that is empty, on its way, or failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from widgets import tokens
from widgets.icons import paint_icon

if TYPE_CHECKING:
    from widgets.tokens import Tokens

STATES = ("empty", "loading", "estimating", "failed")


class StateBox(QWidget):
    """A drawing for one of four states, a sentence, and a button where something can be done.

    Nothing turns or blinks: loading draws how far it is, where that is known.
    """

    actionRequested = Signal()
    """The user pressed the button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = _Drawing()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._button = QPushButton()
        self._button.clicked.connect(self.actionRequested)
        self._layout = QVBoxLayout(self)
        self._layout.addStretch(1)
        self._layout.addWidget(self._drawing, 0, Qt.AlignmentFlag.AlignHCenter)
        self._layout.addWidget(self._text)
        self._layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_state("empty", "")
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_state(self, state: str, text: str, *, action: str = "", progress: float | None = None) -> None:
        """Show a state.

        Parameters
        ----------
        state
            "empty", "loading", "estimating" or "failed".
        text
            What is missing or wrong, and what to do.
        action
            Word on the button; empty for none.
        progress
            Share done, 0 to 1, where it is known.

        Raises
        ------
        ValueError
            If there is no such state.
        """
        if state not in STATES:
            raise ValueError(f"a picture is one of {', '.join(STATES)}, not {state!r}")
        self._drawing.set_state(state, progress)
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        words = {
            "empty": self.tr("Nothing here yet"),
            "loading": self.tr("Loading"),
            "estimating": self.tr("Estimating"),
            "failed": self.tr("Failed"),
        }
        share = f" {progress:.0%}" if progress is not None else ""
        self.setAccessibleName(words[state] + share)
        self.setAccessibleDescription(text)

    def state(self) -> str:
        """Give the state."""
        return self._drawing.state

    def text(self) -> str:
        """Give the sentence."""
        return self._text.text()

    def _apply_tokens(self, current: Tokens) -> None:
        self._layout.setSpacing(current.space(1.5))
        margin = current.space(2)
        self._layout.setContentsMargins(margin, margin, margin, margin)


class _Drawing(QWidget):
    """The drawing of a state: outline of a picture, bars on their way, a curve not sure yet, a broken line."""

    def __init__(self) -> None:
        super().__init__()
        self.state = "empty"
        self._progress: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_state(self, state: str, progress: float | None) -> None:
        self.state, self._progress = state, progress
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._tokens.px(96), self._tokens.px(56))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        pen = QPen(current.color("edge"), 1.5 * current.scale)
        if self.state == "failed":
            side = box.height() * 0.7
            icon = QRectF(0, 0, side, side)
            icon.moveCenter(box.center())
            paint_icon(painter, icon, "triangle-alert", "bad")
            return
        if self.state == "empty":
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, current.px(8), current.px(8))
        painter.setPen(Qt.PenStyle.NoPen)
        bars = 7
        step = box.width() / (bars + 1)
        done = 1.0 if self._progress is None else self._progress
        for bar in range(bars):
            if self.state == "empty":
                break
            height = box.height() * (0.25 + 0.45 * abs(((bar * 3) % 7) / 6 - 0.3))
            reached = self._progress is not None and (bar + 0.5) / bars <= done
            painter.setBrush(current.color("accent" if reached else "edge", 1.0 if reached else 0.45))
            x = box.left() + step * (bar + 0.75)
            painter.drawRoundedRect(QRectF(x, box.bottom() - height - current.px(6), step * 0.5, height), 2, 2)
        if self.state == "estimating":
            painter.setPen(QPen(current.color("ink"), current.px(2)))
            painter.setFont(current.font(20, 600))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "≈")
            painter.drawLine(QPointF(box.left(), box.bottom()), QPointF(box.right(), box.bottom()))
