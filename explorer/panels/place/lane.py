"""Lane: the way of one answer along the common axis, its parts, its interval, its slow answers, and the race."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.panels.place import wording
from explorer.panels.place.axis import TICKS_MS, fraction
from explorer.panels.place.evaluation import Place, Stage
from explorer.panels.place.lane_layout import arrange
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, draw_kind_glyph, line_height, text_width
from widgets.tokens import Tokens

_ROLES = {"uplink": "data2", "front end": "data1", "network": "data0", "way back": "data2", "jitter": "data3"}


@dataclass(frozen=True, slots=True)
class Running:
    """Where one runner of a race is.

    Parameters
    ----------
    elapsed_ms
        Time that has passed in the race.
    arrived_ms
        When it answered; None while it has not.
    rank
        1 for the first; 0 while it has not.
    word
        What is said.
    """

    elapsed_ms: float
    arrived_ms: float | None
    rank: int
    word: str


class Lane(QWidget):
    """A bar that ends, on the axis, at the median answer; inside it each part is as long as its share of the time.

    A thin line leads on to the time by which 99 of 100 answers are there.  A press, or Enter, asks for the source of
    the part under the pointer; Left and Right move from part to part.
    """

    asked = Signal(str)
    """The user wants to know where a number comes from; the answer in words."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._place: Place | None = None
        self._ghost_ms: float | None = None
        self._was = ""
        self._running: Running | None = None
        self._cursor = -1
        self._secret = False
        self._deadline_ms: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_secret(self, secret: bool) -> None:
        """Show nothing while somebody guesses."""
        self._secret = secret
        self._arrange()

    def set_deadline(self, time_ms: float) -> None:
        """Draw the deadline over the bar."""
        if time_ms != self._deadline_ms:
            self._deadline_ms = time_ms
            self.update()

    def show_place(self, place: Place, ghost: Place | None) -> None:
        """Show a place, and how it was before the last change."""
        before = self._face()
        self._place, self._ghost_ms = place, wording.other_time(place, ghost)
        self._was = wording.other_verdict(place, ghost)
        if self._face() == before:
            return
        self._cursor = min(self._cursor, len(place.stages) - 1)
        self.setAccessibleName(wording.tier_name(place.tier))
        self.setAccessibleDescription(self.details(-1))
        accessible.announce_value(self)
        self._arrange()

    def _face(self) -> tuple[object, ...]:
        """Return everything that is drawn: a lane that looks as before is not drawn again."""
        place = self._place
        if place is None:
            return ()
        parts = tuple(stage.time_ms.value for stage in place.stages)
        words = (self.label(), wording.verdict(place), wording.rests_on(place))
        return (*words, place.remains, self._was, self._ghost_ms, place.answer_ms, parts)

    def show_running(self, running: Running | None) -> None:
        """Show where its runner is; None outside a race."""
        if running != self._running:
            self._running = running
            self.update()

    def running(self) -> Running | None:
        """Give where its runner is."""
        return self._running

    def label(self) -> str:
        """Give the time to the answer with its interval, and by when 99 of 100 are there."""
        place = self._place
        if place is None or self._secret:
            return ""
        answer = place.answer_ms
        if answer is None or place.option is None:
            return self.tr("no answer: it does not run there")
        text = wording.with_interval(answer)
        if place.link is not None:
            text += self.tr(" · 99 % in {time}").format(time=wording.in_time(place.option.answers.p99_ms))
        return text

    def verdict(self) -> str:
        """Give what strikes the place, or that it remains, and what was so before where that changed."""
        return "" if self._place is None or self._secret else wording.verdict(self._place) + self._was

    def details(self, part: int) -> str:
        """Give the source of a part, of the whole for -1."""
        place = self._place
        if place is None or self._secret:
            return ""
        if 0 <= part < len(place.stages):
            stage = place.stages[part]
            told = self.tr("{tier}, {stage}: {time}, {kind} · {source}")
            return told.format(
                tier=wording.tier_name(place.tier),
                stage=wording.stage_name(stage),
                time=wording.with_interval(stage.time_ms),
                kind=stage.time_ms.kind.value,
                source=stage.time_ms.source,
            )
        answer = place.answer_ms
        source = place.estimate.prediction.reason if answer is None else answer.source
        if place.break_even is not None:
            source += self.tr("; against the tile Tiny: {told}").format(told=place.break_even.sentence)
        return f"{wording.tier_name(place.tier)}: {self.label()} · {self.verdict()} · {source}{wording.money(place)}"

    def accessible_value(self) -> str:
        """Give the part under the cursor, or the whole, for a screen reader."""
        return self.details(self._cursor) if self._cursor >= 0 else self.label()

    def sizeHint(self) -> QSize:
        """Give room for the label, the bar and two lines."""
        return QSize(self._tokens.px(360), 4 * self._line + self._tokens.px(20))

    def minimumSizeHint(self) -> QSize:
        """Give room for the label and the bar."""
        return QSize(self._tokens.px(200), 2 * self._line + self._tokens.px(8))

    # -- what the user does ----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the source of the part under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit(self.details(self._part_at(event.position())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the release with the press: what lies behind does not hear of it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move from part to part, ask for the source."""
        key, last = event.key(), 0 if self._place is None else len(self._place.stages) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            by = 1 if key == Qt.Key.Key_Right else -1
            self._cursor = min(max(self._cursor + by, -1), last)
            accessible.announce_value(self)
            self.asked.emit(self.details(self._cursor))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit(self.details(self._cursor))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show the source of what the pointer rests on."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            told = self.details(self._part_at(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)

    def _part_at(self, place: QPointF) -> int:
        for index, box in enumerate(self._boxes()):
            if box.contains(place):
                return index
        return -1

    # -- drawing ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw grid, bar, interval, slow answers, words and the runner."""
        current, place, painter = self._tokens, self._place, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current.color("grid"), 1))
        for tick in TICKS_MS:
            x = fraction(tick) * (self.width() - 1)
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        if place is not None and place.option is not None and not self._secret:
            self._paint_bar(painter, place)
        if self._deadline_ms is not None:
            x = fraction(self._deadline_ms) * self.width()
            painter.setPen(QPen(current.color("accent"), current.px(2)))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        if place is not None and not self._secret:
            self._paint_words(painter, place)
        if self._running is not None:
            self._paint_runner(painter, self._running)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_bar(self, painter: QPainter, place: Place) -> None:
        current, bar = self._tokens, self._bar()
        for index, (stage, box) in enumerate(zip(place.stages, self._boxes(), strict=True)):
            painter.fillRect(box, current.color(_ROLES[stage.key]))
            if stage.key == "jitter":
                painter.fillRect(box, QBrush(current.color("surface", 0.6), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(current.color("raised"), current.px(1)))
            painter.drawLine(box.topRight(), box.bottomRight())
            self._paint_share(painter, stage, box)
            if index == self._cursor and self.hasFocus():
                painter.setPen(QPen(current.color("accent"), current.px(2)))
                painter.drawRect(box.adjusted(1, 1, -1, -1))
        option, answer = place.option, place.answer_ms
        assert option is not None
        painter.setPen(QPen(current.color("ink"), max(1.0, current.px(1.5))))
        middle = bar.center().y()
        if answer is not None and answer.low is not None and answer.high is not None:
            low, high = self._x(answer.low), self._x(answer.high)
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            for x in (low, high):
                painter.drawLine(QPointF(x, middle - current.px(4)), QPointF(x, middle + current.px(4)))
        if place.link is not None:
            x, y = self._x(option.answers.p99_ms), bar.bottom() - current.px(3)
            painter.setPen(QPen(current.color("text3"), max(1.0, current.px(1.5)), Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(bar.right(), y), QPointF(x, y))
            painter.setPen(QPen(current.color("text3"), max(1.0, current.px(2))))
            painter.drawLine(QPointF(x, bar.top()), QPointF(x, bar.bottom()))
        if self._ghost_ms is not None:
            x = self._x(self._ghost_ms)
            painter.setPen(QPen(current.color("ink", 0.35), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, bar.top() - current.px(3)), QPointF(x, bar.bottom() + current.px(3)))

    def _paint_share(self, painter: QPainter, stage: Stage, box: QRectF) -> None:
        """Write what a part is where there is room for it beside the interval."""
        answer = None if self._place is None else self._place.answer_ms
        if answer is not None and answer.low is not None:
            free = self._x(answer.low) - self._tokens.px(6)
            if box.left() < free:
                box = QRectF(box.left(), box.top(), min(box.right(), free) - box.left(), box.height())
        words = wording.stage_name(stage)
        if text_width(self._small, words) + self._tokens.px(6) <= box.width() and self._line <= box.height():
            painter.setFont(self._small)
            painter.setPen(self._tokens.color("surface"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_words(self, painter: QPainter, place: Place) -> None:
        current, line, layout, bar = self._tokens, self._line, self._layout, self._bar()
        glyph, width = current.px(8), text_width(layout.font, layout.label)
        left = max(0.0, min(bar.right() - width / 2, self.width() - glyph - current.px(6) - width))
        top = QRectF(left, layout.label_top, width, layout.label_height)
        painter.setFont(layout.font)
        self._back(painter, top.adjusted(0, 0, glyph + current.px(6), 0))
        painter.setPen(current.color("ink"))
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, layout.label)
        answer = place.answer_ms
        if answer is not None:
            spot = QRectF(top.right() + current.px(4), top.center().y() - glyph / 2, glyph, glyph)
            draw_kind_glyph(painter, spot, answer.kind.value, current)
        mark = "✓ " if place.remains else "✕ "
        row = QRectF(0, layout.words_top, self.width(), line)
        painter.setFont(self._small)
        self._write(painter, row, mark + self.verdict(), "good" if place.remains else "bad")
        painter.setFont(self._plain)
        for text in layout.lines:
            row.translate(0, line)
            self._write(painter, row, text, "quiet_ink")

    def _write(self, painter: QPainter, row: QRectF, text: str, role: str) -> None:
        """Write a line, shortened where it does not fit, over a place that is cleared of lines."""
        told = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(row.width()))
        self._back(painter, QRectF(row.left(), row.top(), text_width(painter.font(), told), row.height()))
        painter.setPen(self._tokens.color(role))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, told)

    def _back(self, painter: QPainter, box: QRectF) -> None:
        """Clear the place of words: no line runs through them."""
        painter.fillRect(box, self._tokens.color("raised"))

    def _paint_runner(self, painter: QPainter, running: Running) -> None:
        current, bar = self._tokens, self._bar()
        done = running.arrived_ms is not None
        x = self._x(running.arrived_ms if running.arrived_ms is not None else running.elapsed_ms)
        side = current.px(9)
        painter.setPen(QPen(current.color("surface"), current.px(2)))
        painter.setBrush(current.color("good" if done else "ink"))
        painter.drawEllipse(QPointF(x, bar.center().y()), side, side)
        if not done:
            return
        painter.setPen(current.color("surface"))
        painter.setFont(self._small)
        disc = QRectF(x - side, bar.center().y() - side, 2 * side, 2 * side)
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(running.rank))

    def _boxes(self) -> list[QRectF]:
        """Return the parts of the bar: its end is read on the axis, its parts are shares of the time."""
        place, bar = self._place, self._bar()
        if place is None:
            return []
        total = sum(stage.time_ms.value for stage in place.stages)
        boxes, left = [], bar.left()
        for stage in place.stages:
            width = bar.width() * stage.time_ms.value / total if total else 0.0
            boxes.append(QRectF(left, bar.top(), width, bar.height()))
            left += width
        return boxes

    def _bar(self) -> QRectF:
        place = self._place
        total = 0.0 if place is None or place.option is None else place.option.answers.p50_ms
        return QRectF(0, self._layout.bar_top, max(1.0, self._x(total)), self._layout.bar_height)

    def _arrange(self) -> None:
        """Find out where everything stands, and draw it anew."""
        label, place = self.label(), self._place
        labels = [label]
        if self._ghost_ms is not None and label:
            labels.insert(0, label + self.tr(" · was {time}").format(time=wording.in_time(self._ghost_ms)))
        told = [] if place is None or place.option is None else [wording.rests_on(place), wording.parts(place)]
        self._layout = arrange(self.size(), self._tokens, labels, told)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room that there is."""
        super().resizeEvent(event)
        self._arrange()

    def _x(self, time_ms: float) -> float:
        return fraction(time_ms) * (self.width() - 1)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._small, self._plain = current.font(12, 600), current.font(12)
        self._line = line_height(self._small)
        self.updateGeometry()
        self._arrange()
