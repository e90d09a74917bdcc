"""Bit table: a number in several formats below each other, every bit a key that can be pressed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.engine.quantization.bitfields import Reading, field_of, power_of
from explorer.engine.quantization.formats import FloatFormat
from explorer.panels.squeeze.bit_words import field_words, outcome_words, range_words, told, value_words
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens

_ROLES = {"sign": "data3", "exponent": "data1", "mantissa": "data0", "integer": "data2"}
_OUTCOME_ROLES = {"exact": "good", "rounded": "quiet_ink", "overflow": "bad", "underflow": "warn"}
_WIDEST = 32  # bits


class BitTable(QWidget):
    """One row for each format: its name, its value, what was lost, and its bits.

    Arrows move between bits and formats, Space flips, Home and End go to the ends of a row.
    """

    flipped = Signal(int, int)
    """The user flipped a bit: number of the row, and of the bit counted from the lowest."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._rows: tuple[Reading, ...] = ()
        self._cursor = (0, 0)
        self._keyboard = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The bits of the number in each format"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def rows(self) -> tuple[Reading, ...]:
        """Give what is drawn."""
        return self._rows

    def show_rows(self, rows: Sequence[Reading]) -> None:
        """Draw these formats."""
        self._rows = tuple(rows)
        row, bit = self._cursor
        self._cursor = (min(row, len(self._rows) - 1), bit)
        accessible.announce_value(self)
        self.update()

    def cursor_place(self) -> tuple[int, int]:
        """Give row and bit of the cursor, the bit counted from the highest of its row."""
        return self._cursor

    def accessible_value(self) -> str:
        """Give the bit under the cursor and its row, as a screen reader says it."""
        if not self._rows:
            return ""
        row, place = self._cursor
        reading = self._rows[row]
        return f"{told(reading)}; {self.meaning(row, place)}"

    def meaning(self, row: int, place: int) -> str:
        """Say what a bit counts; `place` counts from the highest bit of the row."""
        reading = self._rows[row]
        if reading.code is None:
            return self.tr("{name} has no code for this").format(name=reading.number.name)
        bit = reading.number.bits - 1 - place
        field, power = field_of(reading.number, bit), power_of(reading.number, bit)
        name = field_words(field.name)
        state = reading.bits[place]
        if isinstance(reading.number, FloatFormat):
            counts = {
                "sign": self.tr("0 is plus, 1 is minus"),
                "exponent": self.tr("counts {count} in the exponent").format(count=2**power),
                "mantissa": self.tr("counts 2^{power} of the leading one").format(power=power),
            }[field.name]
        else:
            sign = "−" if field.name == "sign" else ""
            counts = self.tr("counts {sign}{count} steps").format(sign=sign, count=2**power)
        return self.tr("{name} bit, is {state}, {counts}").format(name=name, state=state, counts=counts)

    def box_of(self, row: int, place: int) -> QRectF:
        """Give the box of a bit in pixels; `place` counts from the highest bit of the row."""
        current, number = self._tokens, self._rows[row].number
        bit = number.bits - 1 - place
        left = self._bits_left + place * self._side + current.px(6) * sum(field.first > bit for field in number.fields)
        top = row * self._pitch + (current.px(3) if self._low else self._text_height + current.px(1))
        return QRectF(left, top, self._side, self._bit_height)

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Flip the bit that is pressed."""
        at = self._at(event.position())
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._cursor, self._keyboard = at, False
            self._flip()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the end of a press to itself."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what the bit under the pointer counts."""
        at = self._at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if at is not None else Qt.CursorShape.ArrowCursor)
        self.setToolTip("" if at is None else self.meaning(*at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between bits, and flip."""
        row, place = self._cursor
        last = self._rows[row].number.bits - 1 if self._rows else 0
        moves = {
            Qt.Key.Key_Left: (row, max(0, place - 1)),
            Qt.Key.Key_Right: (row, min(last, place + 1)),
            Qt.Key.Key_Up: (max(0, row - 1), place),
            Qt.Key.Key_Down: (min(len(self._rows) - 1, row + 1), place),
            Qt.Key.Key_Home: (row, 0),
            Qt.Key.Key_End: (row, last),
        }
        key = Qt.Key(event.key())
        self._keyboard = True
        if key in moves and self._rows:
            row, place = moves[key]
            self._cursor = (row, min(place, self._rows[row].number.bits - 1))
            accessible.announce_value(self)
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._rows:
            self._flip()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the cursor when the keyboard comes here."""
        super().focusInEvent(event)
        self._keyboard = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def _flip(self) -> None:
        row, place = self._cursor
        if self._rows[row].code is not None:
            self.flipped.emit(row, self._rows[row].number.bits - 1 - place)
        self.update()

    def _at(self, position: QPointF) -> tuple[int, int] | None:
        for row, reading in enumerate(self._rows):
            for place in range(reading.number.bits):
                if self.box_of(row, place).contains(position):
                    return row, place
        return None

    # -- the picture -------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Give the size below which bits could not be pressed; more height is taken where there is some."""
        return QSize(self._tokens.px(520), self._tokens.px(24) * max(5, len(self._rows)))

    minimumSizeHint = sizeHint

    @property
    def _pitch(self) -> float:
        return self.height() / max(1, len(self._rows))

    @property
    def _low(self) -> bool:
        """Whether words and bits must stand beside each other: there is no height for both below each other."""
        return self._pitch < line_height(self._tokens.font(16, 600)) + self._tokens.px(26)

    @property
    def _large(self) -> int:
        """Type size of values: 20 where there is room for it."""
        return 20 if self._pitch >= self._tokens.px(62) else 16

    @property
    def _text_height(self) -> int:
        return line_height(self._tokens.font(self._large, 600))

    @property
    def _bits_left(self) -> float:
        """Left end of the bits: after name, value and mark in a low table."""
        current = self._tokens
        return self._mark_left + current.px(20) if self._low else float(current.px(2))

    @property
    def _value_left(self) -> float:
        current = self._tokens
        return float(text_width(current.font(14, 600), "bfloat16") + current.px(12))

    @property
    def _mark_left(self) -> float:
        current = self._tokens
        font = current.font(self._large, 600)
        return self._value_left + text_width(font, "−0.00000 · 10⁻⁰⁰" if self._low else "−0.00000000") + current.px(8)

    @property
    def _side(self) -> float:
        return min((self.width() - self._bits_left - self._tokens.px(16)) / _WIDEST, self._tokens.px(40))

    @property
    def _bit_height(self) -> float:
        current = self._tokens
        room = self._pitch - (current.px(6) if self._low else self._text_height + current.px(8))
        return max(min(room, 1.4 * max(self._side, current.px(18))), current.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every row."""
        painter = QPainter(self)
        for row, reading in enumerate(self._rows):
            self._paint_words(painter, row, reading)
            self._paint_bits(painter, row, reading)
        painter.end()

    def _paint_words(self, painter: QPainter, row: int, reading: Reading) -> None:
        """Write name, value and what was lost; the range at the right, where there is room."""
        current = self._tokens
        top = row * self._pitch
        height = self._bit_height + current.px(6) if self._low else float(self._text_height)
        name_font, value_font = current.font(14, 600), current.font(self._large, 600)
        line = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(name_font)
        painter.setPen(current.color("quiet_ink"))
        painter.drawText(QRectF(0, top, self._value_left, height), line, reading.number.name)
        painter.setFont(value_font)
        painter.setPen(current.color("ink"))
        value = value_words(reading)
        painter.drawText(QRectF(self._value_left, top, self.width(), height), line, value)
        left = max(self._mark_left, self._value_left + text_width(value_font, value) + current.px(8))
        self._paint_mark(painter, QPointF(left, top + height / 2), reading)
        if self._low:
            return
        left = self._paint_outcome(painter, QRectF(left + current.px(16), top, self.width(), height), reading)
        font = current.font(12)
        painter.setFont(font)
        painter.setPen(current.color("quiet_ink"))
        for text in (range_words(reading, long=True), range_words(reading, long=False)):
            width = text_width(font, text)
            if left + width <= self.width():
                painter.drawText(QRectF(self.width() - width, top, width, height), line, text)
                return

    def _paint_mark(self, painter: QPainter, at: QPointF, reading: Reading) -> None:
        """Draw what became of the number: two lines for exact, two waves for rounded, an arrow out of the range."""
        current, left, middle = self._tokens, at.x(), at.y()
        role, side = _OUTCOME_ROLES[reading.outcome], current.px(10)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current.color(role), current.px(2)))
        painter.setBrush(current.color(role))
        if reading.outcome in ("overflow", "underflow"):
            up = -1 if reading.outcome == "overflow" else 1
            tip = QPointF(left + side / 2, middle + up * side / 2)
            base = middle - up * side / 2
            painter.drawPolygon(QPolygonF([tip, QPointF(left, base), QPointF(left + side, base)]))
        else:
            for offset in (-2, 2):
                y = middle + offset * current.scale
                bend = 2 * current.scale if reading.outcome == "rounded" else 0.0
                points = [QPointF(left, y), QPointF(left + side / 2, y - bend), QPointF(left + side, y)]
                painter.drawPolyline(points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_outcome(self, painter: QPainter, box: QRectF, reading: Reading) -> float:
        """Write what became of the number, and return where the words end."""
        current = self._tokens
        out = reading.outcome in ("overflow", "underflow")
        font = current.font(14, 600 if out else 400)
        painter.setFont(font)
        painter.setPen(current.color(_OUTCOME_ROLES[reading.outcome] if reading.outcome != "rounded" else "ink"))
        text = outcome_words(reading)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
        return box.left() + text_width(font, text) + current.px(12)

    def _paint_bits(self, painter: QPainter, row: int, reading: Reading) -> None:
        """Draw the bits: ones filled, zeros hollow, each with its digit; fields apart and named where they are wide."""
        current, number = self._tokens, reading.number
        digit = current.font(16 if self._side >= current.px(20) else 14, 600)
        for place in range(number.bits):
            box = self.box_of(row, place).adjusted(1, 0, -1, 0)
            role = _ROLES[field_of(number, number.bits - 1 - place).name]
            one = reading.bits[place : place + 1] == "1"
            painter.setPen(QPen(current.color(role), max(1, current.px(1))))
            painter.setBrush(current.color(role) if one else Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
            if box.height() >= line_height(digit) * 0.8:
                painter.setFont(digit)
                painter.setPen(current.color("surface" if one else "ink"))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, reading.bits[place] if reading.bits else "–")
            if (row, place) == self._cursor and self.hasFocus() and self._keyboard:
                draw_focus_ring(painter, box.adjusted(-3, -3, 3, 3), current, 2, role="ink")
        self._paint_fields(painter, row, reading)

    def _paint_fields(self, painter: QPainter, row: int, reading: Reading) -> None:
        """Name the fields at the right of the bits, in their colours, where the row leaves room."""
        current, number = self._tokens, reading.number
        left = self.box_of(row, number.bits - 1).right() + current.px(12)
        font = current.font(12)
        painter.setFont(font)
        box = self.box_of(row, 0)
        for field in number.fields:
            text = self.tr("{bits} {name}").format(bits=field.bits, name=field_words(field.name))
            width = text_width(font, text)
            if left + current.px(12) + width > self.width():
                return
            painter.fillRect(
                QRectF(left, box.center().y() - current.px(4), current.px(8), current.px(8)),
                current.color(_ROLES[field.name]),
            )
            painter.setPen(current.color("quiet_ink"))
            left += current.px(12)
            painter.drawText(QRectF(left, box.top(), width, box.height()), Qt.AlignmentFlag.AlignVCenter, text)
            left += width + current.px(12)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()
