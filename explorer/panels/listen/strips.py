"""Strips: pictures that share one time axis, now at their right edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets import tokens
from widgets.painting import line_height, text_width
from widgets.tokens import Tokens

WAVE_ROWS = 64
WAVE_LEVEL = 150
"""Height of the waveform's picture in cells, and the entry of the colour table that it is drawn with."""

_APART = 0.92
_TIGHT = 0.8  # words without capitals may stand closer than lines of text


def wave_columns(extents: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Draw the extent of the waveform in each column: [n, 2] samples to [n, WAVE_ROWS] bytes, row 0 the lowest.

    Amplitudes are drawn on a square-root scale, so that a whisper is seen beside a shout; the scale is fixed.  Where
    there was no sound yet (nan) nothing is drawn; silence is a line.
    """
    scaled = np.sign(extents) * np.sqrt(np.minimum(1.0, np.abs(extents)))
    middle = (WAVE_ROWS - 1) / 2
    low = np.floor(middle + scaled[:, :1] * middle)
    high = np.ceil(middle + scaled[:, 1:] * middle)
    rows = np.arange(WAVE_ROWS)
    return np.where((rows >= low) & (rows <= high), WAVE_LEVEL, 0).astype(np.uint8)


def score_columns(scores: NDArray[np.float32], order: Sequence[int]) -> NDArray[np.uint8]:
    """Draw scores [n, classes] as bytes [n, classes], rows in `order`, row 0 the lowest."""
    return np.rint(np.clip(scores[:, list(order)], 0.0, 1.0) * 255).astype(np.uint8)


def apart(middles: Sequence[float], line: float, rows: QRectF) -> list[float]:
    """Move the middles of lines of text, from the top down, as little as keeps them `line` apart and inside `rows`."""
    placed = list(middles)
    for i, middle in enumerate(placed):
        above = placed[i - 1] + line if i else rows.top() + line / 2
        placed[i] = max(middle, above)
    below = rows.bottom() + line / 2
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], below - line)
        below = placed[i]
    return placed


class Gutter(QWidget):
    """The names of the strips and the words of the heat strip, at the left of the pictures.

    Where the rows are too low for all words, those of rows with something to show are written, moved apart so that
    each can be read, with a line to their row.
    """

    def __init__(self, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = tuple(words)
        self._names: list[tuple[QRectF, str]] = []
        self._rows = QRectF()
        self._leading: int | None = None
        self._lit: list[int] = []
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_words(self, words: Sequence[str]) -> None:
        """Write other words, the lowest row first."""
        self._words = tuple(words)
        self.update()

    def set_names(self, names: list[tuple[QRectF, str]], rows: QRectF) -> None:
        """Say where each strip stands and what it is called, and where the rows of words stand."""
        self._names, self._rows = names, rows
        self.update()

    def set_leading(self, row: int | None) -> None:
        """Write one word strong: the one that leads now."""
        if row != self._leading:
            self._leading = row
            self.update()

    def set_lit(self, rows: list[int]) -> None:
        """Say which rows have something to show, the most important first."""
        if rows != self._lit:
            self._lit = rows
            self.update()

    def labelled(self) -> list[tuple[int, float]]:
        """Return the rows whose words are written, and the pixel row of each word's middle."""
        rows = list(range(len(self._words)))
        if not rows or self._rows.height() <= 0:
            return []
        step = self._rows.height() / len(rows)
        middles = [self._rows.bottom() - (row + 0.5) * step for row in rows]
        if self._rows.height() >= self.wanted_height():
            return list(zip(rows, middles, strict=True))
        line = _APART * line_height(self._tokens.font(12))
        fitting = sorted(self._lit[: max(1, int(self._rows.height() / line))], reverse=True)
        return list(zip(fitting, apart([middles[row] for row in fitting], line, self._rows), strict=True))

    def wanted_width(self) -> int:
        """Give the width that the longest word needs."""
        font = self._tokens.font(12, 600)
        return max(text_width(font, word) for word in (*self._words, "waveform")) + self._tokens.px(8)

    def wanted_height(self) -> int:
        """Give the height of the rows from which each has room for its word."""
        return round(len(self._words) * _TIGHT * line_height(self._tokens.font(12)))

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw names and words, right-aligned beside their strips."""
        current = self._tokens
        painter = QPainter(self)
        right = self.width() - current.px(8)
        painter.setFont(current.font(12))
        painter.setPen(current.color("quiet_ink"))
        for rect, name in self._names:
            self._write(painter, right, rect.center().y(), name)
        labels = self.labelled()
        for row, y in labels:
            strong = row == self._leading
            painter.setFont(current.font(12, 600 if strong else 400))
            painter.setPen(current.color("ink" if strong else "quiet_ink"))
            self._write(painter, right, y, self._words[row])
            middle = self._rows.bottom() - (row + 0.5) * self._rows.height() / len(self._words)
            if abs(middle - y) > 1:
                painter.drawLine(QPointF(right + current.px(2), y), QPointF(self.width() - 1, middle))
        if not labels and self._words and self._rows.height() > 0:
            self._write(painter, right, self._rows.center().y(), self.tr("scores"))

    @staticmethod
    def _write(painter: QPainter, right: float, middle: float, text: str) -> None:
        metrics = painter.fontMetrics()
        y = middle + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(right - metrics.horizontalAdvance(text), y), text)
