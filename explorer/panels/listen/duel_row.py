"""Duel row: what both networks hear now, side by side, and how often they differed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from explorer.panels.listen.duel import Duel
from explorer.panels.listen.trace import Trace
from widgets import accessible, tokens
from widgets.elided_label import ElidedLabel
from widgets.painting import line_height, text_width
from widgets.tokens import Tokens

HEARD = 0.2
"""Below this averaged score no word is named."""
_WIDEST = "unknown 0.00"


class Answer(QWidget):
    """A network's name, small, and beside it the word that leads with its score."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._name = self._word = ""
        self._score = 0.0
        self._differs = False
        self._size_px = 20
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_answer(self, name: str, word: str, score: float, *, differs: bool) -> None:
        """Show what a network hears; `differs` underlines it twice."""
        wider = name != self._name
        heard = (name, word if score >= HEARD else "", round(score, 2), differs)
        if heard != (self._name, self._word, self._score, self._differs):
            self._name, self._word, self._score, self._differs = heard
            self.setAccessibleName(name)
            if wider:
                self.updateGeometry()
            self.update()

    def set_low(self, low: bool) -> None:
        """Take smaller type where height is dear."""
        self._size_px = 16 if low else 20
        self.updateGeometry()
        self.update()

    def accessible_value(self) -> str:
        """Give the word and its score, for a screen reader."""
        return f"{self._word} {self._score:.2f}" if self._word else self.tr("nothing")

    def sizeHint(self) -> QSize:
        """Give room for the longest word, so that nothing moves."""
        current = self._tokens
        name = text_width(current.font(12), self._name) + current.px(8)
        font = current.font(self._size_px, 600)
        return QSize(name + text_width(font, _WIDEST), line_height(font))

    minimumSizeHint = sizeHint

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name and word on one baseline."""
        current = self._tokens
        painter = QPainter(self)
        painter.setFont(current.font(self._size_px, 600))
        base = (self.height() + painter.fontMetrics().ascent() - painter.fontMetrics().descent()) / 2
        left = float(text_width(current.font(12), self._name) + current.px(8))
        text = f"{self._word} {self._score:.2f}" if self._word else "–"
        painter.setPen(current.color("ink" if self._word else "quiet_ink"))
        painter.drawText(QPointF(left, base), text)
        if self._differs:
            width = painter.fontMetrics().horizontalAdvance(text)
            for line in (2, 5):
                y = min(base + current.px(line), self.height() - current.px(1))
                painter.fillRect(QRectF(left, y, width, max(1, current.px(1.5))), current.color("warn"))
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        painter.drawText(QPointF(0, base), self._name)


class DuelRow(QWidget):
    """Float at the left, the squeezed network beside it, the count at the right; hidden while the recipe is float.

    Parameters
    ----------
    duel, trace
        What both networks said, and what the first one heard.
    """

    def __init__(self, duel: Duel, trace: Trace) -> None:
        super().__init__()
        self._duel, self._trace = duel, trace
        self.first, self.second = Answer(), Answer()
        self.count = ElidedLabel("", size_px=14)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.first, 0), (self.second, 0), (self.count, 1)):
            self._row.addWidget(widget, stretch)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Float and squeezed network on the same sound"))
        self.hide()
        self._unfollow = tokens.follow(self._apply_tokens)

    def on_frame(self, end_s: float) -> bool:
        """Show the moment `end_s`; True when the row came or left and the rest has to be placed anew."""
        duel = self._duel
        changed = duel.on == self.isHidden()
        self.setVisible(duel.on)
        if not duel.on:
            return changed
        values, words = self._trace.leading(end_s, 1)
        word, score = self._trace.labels[int(words[0])], float(values[0])
        echo = duel.echo_at(end_s)
        other, other_score = (echo.label, echo.score) if echo is not None else ("", 0.0)
        answers = [(word, score), (other, other_score)]
        differs = (word if score >= HEARD else "") != (other if other_score >= HEARD else "")
        if duel.squeezed_reports:
            answers.reverse()
        for shown, name, answer in zip((self.first, self.second), duel.names, answers, strict=True):
            shown.show_answer(name, *answer, differs=differs)
        found, _ = duel.counted()
        self.count.set_text(("≠ " if found else "= ") + duel.sentence())
        return changed

    def set_low(self, low: bool) -> None:
        """Take smaller type where height is dear."""
        self.first.set_low(low)
        self.second.set_low(low)

    def _apply_tokens(self, current: Tokens) -> None:
        self._row.setSpacing(current.space(2))
