"""Flags: what was heard and what was said, drawn over all strips on their common time axis."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.engine.audio.source import Span
from explorer.engine.kws.decision import Event
from explorer.engine.kws.labels import UNKNOWN
from explorer.engine.kws.pipeline import Seam
from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens

_SLACK_S = 1.5  # what hangs over the edge of the picture is drawn too


@dataclass
class Overlaid:
    """What the overlay draws.

    Parameters
    ----------
    end_s, span_s
        Time at the right edge, and seconds in view.
    events, ghosts
        Words reported, and words that the knobs before the last change had reported and the present ones do not.
    spans
        What was said, where it is known.
    seams
        Where sources began.
    disagreements
        Where two networks differ: when, and what each said.
    cursor_s, values
        Moment under the pointer, and what is the case there.
    moment_s
        End of the second that is looked at below; None for none.
    ghost_y, ghost_text
        Pixel row of the threshold before the last change and what the change did; None for none.
    edge
        What time the right edge is.
    focused
        Whether the keyboard is in the picture.
    """

    end_s: float = 0.0
    span_s: float = 8.0
    events: list[Event] = field(default_factory=list)
    ghosts: list[Event] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    seams: list[Seam] = field(default_factory=list)
    disagreements: list[tuple[float, str]] = field(default_factory=list)
    cursor_s: float | None = None
    values: str = ""
    moment_s: float | None = None
    ghost_y: float | None = None
    ghost_text: str = ""
    edge: str = ""
    focused: bool = False


class Overlay(QWidget):
    """A transparent widget over the strips; it is painted last, so its paint event ends the picture.

    Parameters
    ----------
    seam_words
        Gives what is written at a seam.
    """

    def __init__(self, seam_words: Callable[[Seam], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.content = Overlaid()
        self.painted: Callable[[float], None] | None = None
        self._seam_words = seam_words
        self._picture = QRectF()
        self._flag_row = QRectF()
        self._said_row = QRectF()
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_rows(self, picture: QRectF, flags: QRectF, said: QRectF) -> None:
        """Say where the strips, the row of flags and the row of spoken words stand."""
        self._picture, self._flag_row, self._said_row = picture, flags, said
        self.update()

    def x_of(self, time_s: float) -> float:
        """Return the pixel column of a moment."""
        content = self.content
        return self._picture.right() - (content.end_s - time_s) / content.span_s * self._picture.width()

    def time_of(self, x: float) -> float:
        """Return the moment at a pixel column."""
        content = self.content
        return content.end_s - (self._picture.right() - x) / self._picture.width() * content.span_s

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw spans, seams, ghosts, flags, the moment looked at, and the values under the pointer."""
        painter = QPainter(self)
        self._paint_edge(painter)
        painter.setClipRect(self._picture)
        self._paint_spans(painter)
        self._paint_seams(painter)
        self._paint_ghost_line(painter)
        for heard in self.content.ghosts:
            self._paint_ghost(painter, heard)
        for heard in self._seen_events():
            self._paint_flag(painter, heard, ghost=False)
        for time_s, words in self.content.disagreements:
            self._paint_disagreement(painter, time_s, words)
        self._paint_moment(painter)
        self._paint_cursor(painter)
        if self.content.focused:
            painter.setClipping(False)
            draw_focus_ring(painter, self._picture, self._tokens, 4)
        painter.end()
        if self.painted is not None:
            self.painted(time.perf_counter())

    def _visible(self, time_s: float, slack_s: float = _SLACK_S) -> bool:
        content = self.content
        return content.end_s - content.span_s - slack_s <= time_s <= content.end_s + slack_s

    def _paint_edge(self, painter: QPainter) -> None:
        current = self._tokens
        painter.setFont(current.font(12, 600))
        painter.setPen(current.color("ink"))
        below = QRectF(self._picture.left(), self._picture.bottom(), self._picture.width(), current.px(18))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.content.edge)

    def _paint_spans(self, painter: QPainter) -> None:
        current, row = self._tokens, self._said_row
        if row.height() <= 0:
            return
        font = current.font(12)
        painter.setFont(font)
        ascent = painter.fontMetrics().ascent()
        for span in self.content.spans:
            if not self._visible(span.end_s):
                continue
            left, right = self.x_of(span.start_s), self.x_of(span.end_s)
            quiet = span.label == UNKNOWN
            bar = QRectF(left, row.top(), max(2.0, right - left), current.px(3))
            painter.fillRect(bar, current.color("edge" if quiet else "ink", 0.6))
            painter.setPen(current.color("quiet_ink"))
            word = painter.fontMetrics().elidedText(span.word, Qt.TextElideMode.ElideRight, current.px(120))
            painter.drawText(QPointF(left, row.top() + current.px(4) + ascent), word)

    def _paint_seams(self, painter: QPainter) -> None:
        current = self._tokens
        painter.setFont(current.font(12, 600))
        for seam in self.content.seams:
            if not self._visible(seam.time_s, 6.0) or seam.time_s <= 0.0:
                continue
            x = self.x_of(seam.time_s)
            pen = QPen(current.color("ink"), current.px(2))
            pen.setDashPattern([1.0, 2.0])
            painter.setPen(pen)
            painter.drawLine(QPointF(x, self._picture.top()), QPointF(x, self._picture.bottom()))
            words = self._seam_words(seam)
            width = painter.fontMetrics().horizontalAdvance(words)
            box = QRectF(x + current.px(4), self._said_row.bottom() + current.px(4), width, line_height(painter.font()))
            painter.fillRect(box.adjusted(-current.px(2), 0, current.px(4), 0), current.color("surface", 0.85))
            painter.setPen(current.color("ink"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_ghost_line(self, painter: QPainter) -> None:
        y, current = self.content.ghost_y, self._tokens
        if y is None:
            return
        painter.setPen(self._dashed("ink", 0.35))
        painter.drawLine(QPointF(self._picture.left(), y), QPointF(self._picture.right(), y))
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        text = self.content.ghost_text
        width, height = painter.fontMetrics().horizontalAdvance(text), line_height(painter.font())
        box = QRectF(self._picture.left() + current.px(4), y - current.px(3) - height, width + current.px(4), height)
        painter.fillRect(box, current.color("surface", 0.85))
        painter.drawText(QPointF(self._picture.left() + current.px(6), y - current.px(3)), text)

    def _seen_events(self) -> list[Event]:
        """Return the words in view, the newest last: where flags meet it lies on top."""
        oldest_s = self.content.end_s - self.content.span_s - _SLACK_S
        seen = itertools.takewhile(lambda event: event.time_s >= oldest_s, reversed(self.content.events))
        return list(seen)[::-1]

    def _flag_width(self, heard: Event) -> float:
        return text_width(self._tokens.font(14, 600), heard.label) + self._tokens.px(16)

    def _paint_ghost(self, painter: QPainter, ghost: Event) -> None:
        """Draw a ghost; only its line where its word would lie on another."""
        if not self._visible(ghost.time_s):
            return
        x = self.x_of(ghost.time_s)
        left = x - self._flag_width(ghost)
        others = [(self.x_of(event.time_s), self._flag_width(event)) for event in self._seen_events()]
        if any(left < right and right - width < x for right, width in others):
            painter.setPen(self._dashed("ink", 0.35))
            painter.drawLine(QPointF(x, self._flag_row.top()), QPointF(x, self._picture.bottom()))
        else:
            self._paint_flag(painter, ghost, ghost=True)

    def _paint_flag(self, painter: QPainter, heard: Event, *, ghost: bool) -> None:
        if not self._visible(heard.time_s):
            return
        current, row = self._tokens, self._flag_row
        x = self.x_of(heard.time_s)
        painter.setPen(self._dashed("ink", 0.35) if ghost else QPen(current.color("ink", 0.55), 1))
        painter.drawLine(QPointF(x, row.top()), QPointF(x, self._picture.bottom()))
        painter.setFont(current.font(14, 600))
        width = self._flag_width(heard)
        # the flag flies to the left, over what was heard: at the right edge it is never cut
        tip = current.px(5)
        shape = QPolygonF(
            [
                QPointF(x, row.top()),
                QPointF(x - width, row.top()),
                QPointF(x - width + tip, row.center().y()),
                QPointF(x - width, row.bottom()),
                QPointF(x, row.bottom()),
            ]
        )
        if ghost:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon(shape)
            painter.setPen(current.color("quiet_ink"))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current.color("ink"))
            painter.drawPolygon(shape)
            painter.setPen(current.color("surface"))
        box = QRectF(x - width + tip, row.top(), width - tip, row.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, heard.label)

    def _paint_disagreement(self, painter: QPainter, time_s: float, words: str) -> None:
        """Mark where two networks differ: a dotted line with a diamond that holds ≠, and what each said."""
        if not self._visible(time_s):
            return
        current, x = self._tokens, self.x_of(time_s)
        side = float(current.px(9))
        middle = QPointF(x, self._picture.bottom() - side - current.px(2))
        pen = QPen(current.color("warn"), current.px(2))
        pen.setDashPattern([1.0, 2.0])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, self._said_row.bottom()), QPointF(x, middle.y() - side))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("warn"))
        corners = [(0.0, -side), (side, 0.0), (0.0, side), (-side, 0.0)]
        painter.drawPolygon(QPolygonF([middle + QPointF(dx, dy) for dx, dy in corners]))
        painter.setFont(current.font(12, 600))
        painter.setPen(current.color("surface"))
        box = QRectF(middle.x() - side, middle.y() - side, 2 * side, 2 * side)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "≠")
        width = text_width(painter.font(), words) + current.px(6)
        height = line_height(painter.font())
        label = QRectF(x + side, middle.y() - height / 2, width, height)
        if label.right() > self._picture.right():  # at the edge it stands above the diamond, clear of its neighbour
            label.moveTo(self._picture.right() - width, middle.y() - side - height)
        painter.fillRect(label, current.color("surface", 0.85))
        painter.setPen(current.color("ink"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_moment(self, painter: QPainter) -> None:
        moment_s = self.content.moment_s
        if moment_s is None or not self._visible(moment_s):
            return
        current = self._tokens
        left, right = self.x_of(moment_s - 1.0), self.x_of(moment_s)
        box = QRectF(left, self._said_row.top(), right - left, self._picture.bottom() - self._said_row.top())
        painter.setPen(QPen(current.color("accent"), current.px(2)))
        painter.setBrush(current.color("accent", 0.10))
        painter.drawRect(box.adjusted(1, 1, -1, -1))

    def _paint_cursor(self, painter: QPainter) -> None:
        if self.content.cursor_s is None:
            return
        current = self._tokens
        x = self.x_of(self.content.cursor_s)
        painter.setPen(QPen(current.color("quiet_ink"), 1))
        painter.drawLine(QPointF(x, self._said_row.top()), QPointF(x, self._picture.bottom()))
        painter.setFont(current.font(12))
        lines = self.content.values.split("\n")
        metrics = painter.fontMetrics()
        width = max(metrics.horizontalAdvance(line) for line in lines) + current.px(12)
        height = len(lines) * line_height(painter.font()) + current.px(8)
        on_left = x > self._picture.center().x()
        left = x - width - current.px(6) if on_left else x + current.px(6)
        box = QRectF(left, self._said_row.bottom() + current.px(6), width, height)
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.setBrush(current.color("raised"))
        painter.drawRoundedRect(box, current.px(4), current.px(4))
        painter.setPen(current.color("ink"))
        inner = box.adjusted(current.px(6), current.px(4), -current.px(6), -current.px(4))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft, self.content.values)

    def _dashed(self, role: str, alpha: float) -> QPen:
        pen = QPen(self._tokens.color(role, alpha), 1)
        pen.setDashPattern([4.0, 4.0])
        return pen
