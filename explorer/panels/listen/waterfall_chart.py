"""The waterfall: stages of a response as bars on one linear axis from the end of the word, with a lens."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.panels.listen import waterfall_rows as rows_of
from explorer.panels.listen.waterfall_rows import COMPUTING, STAGES, Response, Row
from widgets import tokens
from widgets.number_chip import NumberChip
from widgets.painting import line_height, text_width

if TYPE_CHECKING:
    from widgets.plot_export import Table
    from widgets.tokens import Tokens

_IN_SOUND = (rows_of.WAIT, rows_of.UNSURE, rows_of.SURE)
_HANDLING = (rows_of.CAPTURE, rows_of.PAINT)


class WaterfallChart(QWidget):
    """One row per stage: its name, its bar, its time as a chip, the median of the last responses.

    The axis is linear and starts at the end of the word.  What is too short to be seen on it stands again below,
    through a lens.

    Attributes
    ----------
    painted_s
        `time.perf_counter()` at the end of the first painting of the response; None before.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.painted_s: float | None = None
        self._response: Response | None = None
        self._rows: dict[str, Row] = {}
        self._median: dict[str, Row] = {}
        self._count = 0
        names = self.stage_names()
        self._chips = {stage: NumberChip(widest="000.00", widest_unit="ms", parent=self) for stage in STAGES}
        for stage, chip in self._chips.items():
            chip.setAccessibleName(names[stage])
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Time from the end of the word to the answer, stage by stage"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def stage_names(self) -> dict[str, str]:
        """Give the stages as they are read."""
        return {
            rows_of.WAIT: self.tr("wait for the hop"),
            rows_of.UNSURE: self.tr("not sure yet"),
            rows_of.SURE: self.tr("being sure"),
            rows_of.CAPTURE: self.tr("capture block"),
            rows_of.FEATURES: self.tr("features"),
            rows_of.NETWORK: self.tr("network"),
            rows_of.DECISION: self.tr("decision"),
            rows_of.PAINT: self.tr("painting"),
        }

    def meanings(self) -> dict[str, str]:
        """Give what each stage is, in a sentence."""
        return {
            rows_of.WAIT: self.tr("from the end of the word to the next look of the network"),
            rows_of.UNSURE: self.tr("the whole word was heard, but no single result reached the threshold"),
            rows_of.SURE: self.tr("single results are above the threshold, their average not yet"),
            rows_of.CAPTURE: self.tr("the last block on its way into the program, and to the thread that listens"),
            rows_of.FEATURES: self.tr("log-mel of the new frames"),
            rows_of.NETWORK: self.tr("the network, once"),
            rows_of.DECISION: self.tr("the decision layer"),
            rows_of.PAINT: self.tr("from the decision to the end of painting it here"),
        }

    def set_response(self, response: Response, median: dict[str, Row], count: int) -> None:
        """Show a response beside the median of the last `count`."""
        if self._response is None or response.waterfall is not self._response.waterfall:
            self.painted_s = None
        self._response = response
        self._rows = response.rows()
        self._median = median
        self._count = count
        for stage, chip in self._chips.items():
            self._fill_chip(stage, chip)
        self.update()

    def chip(self, stage: str) -> NumberChip:
        """Give the chip of a stage."""
        return self._chips[stage]

    def table(self) -> Table:
        """Give what is drawn: start and length of each stage, the newest and the median."""
        found = []
        for title, rows in ((self.tr("newest"), self._rows), (self.tr("median"), self._median)):
            for stage, row in rows.items():
                name = f"{title}: {self.stage_names()[stage]}"
                found.append((name, np.array([row.start_ms]), np.array([row.length_ms])))
        return found

    def lens_factor(self) -> float:
        """Give how many times the lens magnifies."""
        low, high = self._span()
        lens = self._lens_ms()
        return (high - low) / lens if lens else 1.0

    def sizeHint(self) -> QSize:
        """Give room for all rows, the axis and the lens."""
        return QSize(self._tokens.px(560), self._needed_height())

    def minimumSizeHint(self) -> QSize:
        """Give the size below which rows would overlap."""
        return QSize(self._names + self._numbers + self._tokens.px(120), self._needed_height())

    def _fill_chip(self, stage: str, chip: NumberChip) -> None:
        row = self._rows.get(stage)
        if row is None:
            missing = {
                rows_of.CAPTURE: self.tr("not measured: this source does not tell when its blocks came"),
                rows_of.PAINT: self.tr("not measured: this word was not painted here"),
            }
            chip.set_value("–", "", "", missing.get(stage, self.tr("nothing to wait for this time")))
            return
        sound = stage in _IN_SOUND
        estimated = sound and self._response is not None and not self._response.waterfall.word_end_known
        source = self.tr("in the sound, by its samples") if sound else self.tr("on this machine's clock")
        if estimated:
            source += self.tr("; the end of the word is estimated from the level")
        chip.set_value(milliseconds(row.length_ms), "ms", "measured", f"{self.meanings()[stage]}; {source}")

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._small = current.font(12)
        self._body = current.font(14)
        self._names = max(text_width(self._body, name) for name in self.stage_names().values()) + current.px(12)
        chip = next(iter(self._chips.values()))
        self._chip_width = chip.sizeHint().width()
        self._least_row = self._row = max(chip.sizeHint().height() - current.px(8), current.px(21))
        self._medians = text_width(self._small, "000.00 [000.00, 000.00]") + current.px(8)
        self._numbers = self._chip_width + self._medians
        self._line = line_height(self._small)
        self.updateGeometry()
        self._place()
        self.update()

    def _needed_height(self) -> int:
        return self._line + len(STAGES) * self._least_row + self._below()

    def _below(self) -> int:
        """Give the height of axis and lens."""
        return 2 * self._line + self._lens_height() + self._tokens.px(4)

    def _lens_height(self) -> int:
        return 3 * self._line + self._tokens.px(28)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the chips into their rows."""
        self._place()

    def _place(self) -> None:
        room = (self.height() - self._line - self._below()) // len(STAGES)
        self._row = min(max(room, self._least_row), 2 * self._least_row)
        for index, chip in enumerate(self._chips.values()):
            top = self._line + index * self._row + (self._row - chip.sizeHint().height()) // 2
            chip.setGeometry(self.width() - self._numbers, top, self._chip_width, chip.sizeHint().height())

    def _plot(self) -> QRectF:
        """Give the rectangle of the bars."""
        left = float(self._names)
        return QRectF(
            left,
            self._line,
            max(1.0, self.width() - self._numbers - left - self._tokens.px(12)),
            len(STAGES) * self._row,
        )

    def _span(self) -> tuple[float, float]:
        """Give the ends of the axis in milliseconds: whole steps around everything drawn."""
        every = [*self._rows.values(), *self._median.values()] or [Row(0.0, 200.0)]
        high = max(200.0, *(row.start_ms + row.length_ms for row in every))
        low = min(0.0, *(row.start_ms for row in every))
        step = nice_step(high - low, 6)
        return math.floor(low / step) * step, math.ceil(high / step) * step

    def _lens_ms(self) -> float:
        length = sum(self._rows[s].length_ms for s in COMPUTING if s in self._rows)
        if length <= 0.0:
            return 0.0
        step = nice_step(length, 4)
        return math.ceil(length / step) * step

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, rows and lens, and note when the first painting of a response ended."""
        painter = QPainter(self)
        if self._lens_ms():
            self._draw_lens(painter)
        self._draw_axis(painter)
        for index, stage in enumerate(STAGES):
            self._draw_row(painter, index, stage)
        painter.end()
        if self._response is not None and self.painted_s is None:
            self.painted_s = time.perf_counter()

    def _x(self, ms: float) -> float:
        low, high = self._span()
        plot = self._plot()
        return plot.left() + (ms - low) / (high - low) * plot.width()

    def _draw_axis(self, painter: QPainter) -> None:
        current, plot = self._tokens, self._plot()
        low, high = self._span()
        step = nice_step(high - low, max(3, int(plot.width() / current.px(64))))
        painter.setFont(self._small)
        tick = math.ceil(low / step) * step
        while tick <= high + 1e-6:
            x = self._x(tick)
            zero = abs(tick) < 1e-6
            painter.setPen(QPen(current.color("ink" if zero else "grid"), current.line_width if zero else 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            text = f"{tick:g}".replace("-", "−") + (" ms" if tick + step > high + 1e-6 else "")
            painter.setPen(current.color("quiet_ink"))
            width = text_width(self._small, text)
            painter.drawText(
                QRectF(x - width, plot.bottom(), 2 * width, self._line), Qt.AlignmentFlag.AlignHCenter, text
            )
            tick += step
        painter.setPen(current.color("ink"))
        painter.setFont(current.font(12, 600))
        zero_text = self.tr("end of the word")
        painter.drawText(QPointF(self._x(0.0) + current.px(4), plot.top() - current.px(4)), zero_text)
        painter.setFont(self._small)
        painter.setPen(current.color("quiet_ink"))
        right = QRectF(self.width() - self._medians, 0, self._medians, self._line)
        title = self.tr("median of {count}").format(count=self._count) if self._count else ""
        painter.drawText(right, Qt.AlignmentFlag.AlignLeft, title)
        painter.drawText(
            QRectF(self.width() - self._numbers + current.px(4), 0, self._chip_width, self._line),
            Qt.AlignmentFlag.AlignLeft,
            self.tr("newest"),
        )

    def _role(self, stage: str) -> str:
        return "data0" if stage in _IN_SOUND else "data2" if stage in _HANDLING else "data1"

    def _draw_row(self, painter: QPainter, index: int, stage: str) -> None:
        current = self._tokens
        top = self._line + index * self._row
        middle = top + self._row / 2
        painter.setFont(self._body)
        painter.setPen(current.color("ink"))
        painter.drawText(
            QRectF(0, top, self._names, self._row), Qt.AlignmentFlag.AlignVCenter, self.stage_names()[stage]
        )
        row, median = self._rows.get(stage), self._median.get(stage)
        color = current.color(self._role(stage))
        if row is not None:
            left, right = self._x(row.start_ms), self._x(row.start_ms + row.length_ms)
            # never thinner than a line, or a stage that exists would be invisible
            painter.fillRect(QRectF(left, middle - 0.3 * self._row, max(right - left, 1.5), 0.38 * self._row), color)
        if median is None:
            return
        left, right = self._x(median.start_ms), self._x(median.start_ms + median.length_ms)
        y = middle + 0.22 * self._row
        painter.fillRect(QRectF(left, y, max(right - left, 1.5), 0.11 * self._row), current.color("quiet_ink"))
        text = milliseconds(median.length_ms)
        if median.low_ms is not None and median.high_ms is not None and median.count > 1:
            text += f" [{milliseconds(median.low_ms)}, {milliseconds(median.high_ms)}]"
        painter.setFont(self._small)
        painter.setPen(current.color("quiet_ink"))
        place = QRectF(self.width() - self._medians, top, self._medians, self._row)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_lens(self, painter: QPainter) -> None:
        current, plot = self._tokens, self._plot()
        parts = [(stage, self._rows[stage]) for stage in COMPUTING if stage in self._rows]
        lens_ms = self._lens_ms()
        first = parts[0][1].start_ms
        box = QRectF(plot.left(), plot.bottom() + 2.2 * self._line, plot.width(), self._lens_height() - self._line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current.color("data1", 0.12))
        # from the place on the axis to the box: what is looked at, and how much larger it is here
        left, right = self._x(first), max(self._x(first + lens_ms), self._x(first) + 1.5)
        bottom = STAGES.index(rows_of.DECISION) + 1
        cone_top = plot.top() + bottom * self._row
        painter.drawPolygon(
            QPolygonF([QPointF(left, cone_top), QPointF(right, cone_top), box.topRight(), box.topLeft()])
        )
        painter.setBrush(current.color("raised"))
        painter.setPen(QPen(current.color("edge"), 1))
        painter.drawRoundedRect(box, current.px(8), current.px(8))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        inside = box.adjusted(current.px(10), current.px(4), -current.px(10), -current.px(4))
        start = inside.left()
        bar = QRectF(inside.left(), inside.top() + self._line, inside.width(), current.px(12))
        words = []
        for index, (stage, row) in enumerate(parts):
            width = row.length_ms / lens_ms * inside.width()
            color = current.color("data1", (0.55, 1.0, 0.75)[index])
            painter.fillRect(QRectF(start, bar.top(), max(width - 1, 1.5), bar.height()), color)
            words.append(f"{self.stage_names()[stage]} {milliseconds(row.length_ms)}")
            start += width
        painter.setFont(self._small)
        painter.setPen(current.color("ink"))
        title = self.tr("Magnified {factor} times: {parts} ms").format(
            factor=f"{self.lens_factor():.0f}", parts=" · ".join(words)
        )
        elided = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(inside.width()))
        painter.drawText(
            QRectF(inside.left(), inside.top(), inside.width(), self._line), Qt.AlignmentFlag.AlignLeft, elided
        )
        painter.setPen(current.color("quiet_ink"))
        step = nice_step(lens_ms, 4)
        ticks = round(lens_ms / step)
        for index in range(ticks + 1):
            x = inside.left() + index / ticks * inside.width()
            text = f"{index * step:.3g}" + (" ms" if index == ticks else "")
            width = text_width(self._small, text)
            x = min(max(x - width / 2, inside.left()), inside.right() - width)
            painter.drawText(QPointF(x, bar.bottom() + self._line), text)

    def event(self, event: QEvent) -> bool:
        """Show what a stage is where the pointer rests on its row."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = int((event.pos().y() - self._line) // self._row)
            if 0 <= index < len(STAGES):
                stage = STAGES[index]
                QToolTip.showText(event.globalPos(), f"{self.stage_names()[stage]}: {self.meanings()[stage]}", self)
            return True
        return super().event(event)


def milliseconds(value: float) -> str:
    """Print milliseconds with the digits that they deserve: 148, 24.3, 0.18."""
    digits = 0 if abs(value) >= 99.5 else 1 if abs(value) >= 9.95 else 2
    return f"{value:.{digits}f}".replace("-", "−")


def nice_step(length: float, count: int) -> float:
    """Return 1, 2 or 5 times a power of ten, so that `length` has about `count` steps."""
    rough = max(length, 1e-9) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * 0.999)
