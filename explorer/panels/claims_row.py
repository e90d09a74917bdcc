"""Claim row: a statement as printed, the verdict as mark and word, and on a press the numbers behind it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.engine.deployment.claims import Finding
from explorer.engine.quantity import Quantity
from explorer.panels.view import Words
from widgets import accessible, tokens
from widgets.icon_button import IconButton
from widgets.painting import draw_focus_ring
from widgets.tokens import Tokens

_MOST_NUMBERS = 12


class ClaimRow(QWidget):
    """One claim.  Enter or a press shows and hides the numbers; the button at the right checks it alone.

    Parameters
    ----------
    where, printed, way
        Place in the book, what it says, how it is checked.
    """

    again = Signal()
    """The user wants this claim checked, alone."""

    def __init__(self, where: str, printed: str, way: str) -> None:
        super().__init__()
        accessible.enable()
        self._outcome: Finding | str | None = None
        self.mark = VerdictMark()
        self.printed = Words(f"“{printed}”", size_px=14, weight=600)
        self.where = Words(" · ".join(part for part in (where, way) if part), size_px=12, role="quiet_ink")
        self.found = Words(size_px=14)
        self.numbers = Words(size_px=12, role="quiet_ink")
        self.numbers.hide()
        self.check = IconButton("rotate-ccw", _tr("Check this claim"))
        self.check.clicked.connect(self.again)
        told = QVBoxLayout()
        for words in (self.printed, self.where, self.found, self.numbers):
            told.addWidget(words)
        self._told = told
        self._grid = QGridLayout(self)
        self._grid.addWidget(self.mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(told, 0, 1)
        self._grid.addWidget(self.check, 0, 2, Qt.AlignmentFlag.AlignTop)
        self._grid.setColumnStretch(1, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(printed)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.set_outcome(None, busy=False)

    def set_outcome(self, outcome: Finding | str | None, *, busy: bool) -> None:
        """Show what is known; `busy` while it is being checked or waits for that."""
        self._outcome = outcome
        self.check.setEnabled(not busy)
        if isinstance(outcome, Finding):
            state = {True: "yes", False: "no", None: "open"}[outcome.holds]
            self.found.setText(outcome.sentence)
            numbers = "\n".join(number_words(each) for each in outcome.numbers[:_MOST_NUMBERS])
        else:
            state, numbers = ("failed", "") if outcome else ("busy" if busy else "", "")
            self.found.setText(outcome or (_tr("being checked …") if busy else ""))
        self.found.setVisible(bool(self.found.text()))
        self.numbers.setText(numbers)
        self.mark.set_state(state)
        self.numbers.setVisible(self.numbers.isVisibleTo(self) and bool(numbers))
        self.setToolTip(_tr("Press for the numbers and their sources") if numbers else "")
        self.setAccessibleDescription(self.accessible_value())
        accessible.announce_value(self)

    def toggle(self) -> None:
        """Show or hide the numbers behind the verdict."""
        self.numbers.setVisible(bool(self.numbers.text()) and not self.numbers.isVisibleTo(self))

    def accessible_value(self) -> str:
        """Return the verdict in words."""
        return ": ".join(part for part in (self.mark.word(), self.found.text()) if part)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show or hide the numbers."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.toggle()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show or hide the numbers."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release of a press to itself."""
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Draw where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line below, and the ring of the keyboard."""
        painter, current = QPainter(self), self._tokens
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._told.setSpacing(current.px(2))
        self._grid.setHorizontalSpacing(current.space(1.5))
        margin = current.space(0.75)
        self._grid.setContentsMargins(margin, margin, margin, margin)


class VerdictMark(QWidget):
    """The verdict as a shape with its word below: a tick, a cross, a question mark, an empty ring."""

    def __init__(self) -> None:
        super().__init__()
        self._state = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_state(self, state: str) -> None:
        """Show "yes", "no", "open" (not decided), "failed", "busy", or nothing yet."""
        self._state = state
        self.update()

    def word(self) -> str:
        """Return the verdict in words."""
        return {
            "yes": _tr("holds"),
            "no": _tr("does not hold"),
            "open": _tr("not decided"),
            "failed": _tr("not checked"),
            "busy": _tr("checking"),
        }.get(self._state, _tr("not checked"))

    def sizeHint(self) -> QSize:
        """Give room for the longest word."""
        return QSize(self._tokens.px(92), self._tokens.px(44))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw shape and word."""
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = {"yes": "good", "no": "bad", "failed": "warn"}.get(self._state, "quiet_ink")
        side = current.px(20)
        box = QRectF((self.width() - side) / 2, current.px(1), side, side)
        pen = QPen(current.color(role), max(2, current.px(2)))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        x, y = box.left(), box.top()
        if self._state == "yes":
            painter.drawPolyline(
                [QPointF(x + side * a, y + side * b) for a, b in ((0.1, 0.55), (0.4, 0.85), (0.9, 0.2))]
            )
        elif self._state == "no":
            for a, b in (((0.15, 0.15), (0.85, 0.85)), ((0.15, 0.85), (0.85, 0.15))):
                painter.drawLine(QPointF(x + side * a[0], y + side * a[1]), QPointF(x + side * b[0], y + side * b[1]))
        elif self._state in ("open", "failed"):
            painter.setFont(current.font(16, 600))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "?" if self._state == "open" else "!")
        else:
            pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawEllipse(box.adjusted(2, 2, -2, -2))
        painter.setPen(current.color(role))
        painter.setFont(current.font(12, 600))
        below = QRectF(0, box.bottom() + current.px(3), self.width(), self.height() - box.bottom() - current.px(3))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self.word())

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


def number_words(number: Quantity) -> str:
    """Return a number with unit, interval, kind and source on one line."""
    value = f"{number.value:,.4g}" if abs(number.value) < 1e4 else f"{number.value:,.0f}"
    text = f"{value} {number.unit}".strip()
    if number.low is not None and number.high is not None:
        text += f" [{number.low:,.4g}, {number.high:,.4g}]"
    count = "" if number.count is None else f", n = {number.count}"
    return f"{text} · {number.kind.value}{count}: {number.source}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Claims", text)
