"""Level meter: how loud the sound is, in decibels below the largest that can be recorded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import accessible, tokens
from widgets.painting import line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens

FLOOR_DBFS = -60.0
HOLD_FRAMES = 45
"""Updates for which the peak mark stays (1.5 s at 33 ms)."""
FALL_DB = 1.0
"""Decibels that the peak mark then falls at each update."""


class LevelMeter(QWidget):
    """A bar from −60 to 0 dBFS, a mark at the highest peak of the last moments, and the word "clipping".

    Parameters
    ----------
    name
        What is measured, for a screen reader.
    """

    ACCESSIBLE_ROLE = QAccessible.Role.ProgressBar

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        accessible.enable()
        self._level = self._peak = self._held = FLOOR_DBFS
        self._hold = 0
        self._clipped = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name or self.tr("Level"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_level(self, level_dbfs: float, peak_dbfs: float, clipped: bool = False) -> None:
        """Show a level; called about 30 times a second.

        Parameters
        ----------
        level_dbfs
            Root mean square since the last call, in decibels of full scale; −inf is silence.
        peak_dbfs
            Largest sample since the last call.
        clipped
            Whether a sample was at full scale; the word stays for a moment.
        """
        self._level = _clamp(level_dbfs)
        self._peak = _clamp(peak_dbfs)
        if self._peak >= self._held:
            self._held, self._hold = self._peak, HOLD_FRAMES
        elif self._hold > 0:
            self._hold -= 1
        else:
            self._held = max(self._peak, self._held - FALL_DB)
        self._clipped = HOLD_FRAMES if clipped else max(0, self._clipped - 1)
        self.update()

    def held_peak_dbfs(self) -> float:
        """Give the level at the peak mark."""
        return self._held

    def is_clipping(self) -> bool:
        """Say whether the word "clipping" stands."""
        return self._clipped > 0

    def level_text(self) -> str:
        """Print the level with its unit; below the floor the meter only says so."""
        if self._level <= FLOOR_DBFS:
            return self.tr("below −60 dBFS")
        return f"{self._level:.0f} dBFS".replace("-", "−")

    def accessible_value(self) -> str:
        """Give the level in words."""
        text = self.level_text()
        return self.tr("{level}, clipping").format(level=text) if self._clipped else text

    def sizeHint(self) -> QSize:
        """Give room for the bar and the level beside it."""
        return QSize(self._text_width + self._tokens.px(160), self._height)

    def minimumSizeHint(self) -> QSize:
        """Give the width below which the bar says nothing."""
        return QSize(self._text_width + self._tokens.px(64), self._height)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        font = current.font(12)
        words = (self.tr("clipping"), self.tr("below −60 dBFS"), "−00 dBFS")
        self._text_width = max(text_width(current.font(12, 600), word) for word in words) + current.px(8)
        self._height = line_height(font) + current.px(4)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, ticks each 20 dB, the peak mark and the level in words."""
        current = self._tokens
        painter = QPainter(self)
        thickness = current.px(8)
        room = self.width() - self._text_width
        rail = QRectF(0, (self.height() - thickness) / 2, room, thickness)
        painter.fillRect(rail, current.color("hairline"))
        color = "bad" if self._clipped else "warn" if self._level > -6 else "good"
        filled = QRectF(rail.topLeft(), QPointF(self._x(self._level, room), rail.bottom()))
        painter.fillRect(filled, current.color(color))
        painter.setPen(QPen(current.color("surface"), 1))
        for tick in (-40.0, -20.0):
            x = self._x(tick, room)
            painter.drawLine(QPointF(x, rail.top()), QPointF(x, rail.bottom()))
        if self._held > FLOOR_DBFS:
            x = self._x(self._held, room)
            painter.setPen(QPen(current.color("ink"), current.px(2)))
            painter.drawLine(QPointF(x, rail.top() - current.px(2)), QPointF(x, rail.bottom() + current.px(2)))
        painter.setFont(current.font(12, 600 if self._clipped else 400))
        painter.setPen(current.color("bad" if self._clipped else "quiet_ink"))
        text = self.tr("clipping") if self._clipped else self.level_text()
        box = QRectF(room, 0, self._text_width, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    @staticmethod
    def _x(dbfs: float, room: float) -> float:
        return room * (1 - dbfs / FLOOR_DBFS)


def _clamp(dbfs: float) -> float:
    return FLOOR_DBFS if math.isnan(dbfs) else min(0.0, max(FLOOR_DBFS, dbfs))
