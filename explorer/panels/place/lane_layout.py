"""Where the parts of a lane stand: the time to the answer, the bar, and as many lines of words as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from widgets.painting import line_height, text_width
from widgets.tokens import Tokens

WIDE_PX, TALL_PX = 260, 130
"""From this width and this height on (at scale 1) the time to the answer is written large, and very large."""
_BAR_PX = (10, 26, 40)


@dataclass(frozen=True, slots=True)
class LaneLayout:
    """Heights in pixels from the top of the lane, and what is written.

    Parameters
    ----------
    font, label
        The time to the answer, and its type.
    label_top, label_height
        Where it stands.
    bar_top, bar_height
        Of the bar.
    words_top
        Where the verdict stands, with the lines below it.
    lines
        The lines below the verdict.
    """

    font: QFont
    label: str
    label_top: float
    label_height: float
    bar_top: float
    bar_height: float
    words_top: float
    lines: tuple[str, ...]


def arrange(size: QSize, look: Tokens, labels: Sequence[str], paragraphs: Sequence[str]) -> LaneLayout:
    """Return the layout for a size.

    Parameters
    ----------
    size
        Of the lane, pixels.
    look
        The tokens.
    labels
        What may stand above the bar, longest first; the last one is shortened if need be.
    paragraphs
        What may stand below the verdict, most important first.
    """
    tall, wide = size.height() >= look.px(TALL_PX), size.width() >= look.px(WIDE_PX)
    least, middle, most = (look.px(height) for height in _BAR_PX)
    sizes = (20, 14, 12) if tall and wide else (14, 12) if wide else (12,)
    room = size.width() - look.px(14)
    font, label = _fitting(labels, [look.font(px, 600) for px in sizes], room)
    head, line, gap = line_height(look.font(sizes[0], 600)), line_height(look.font(12, 600)), look.px(2)
    left = size.height() - head - line - 2 * gap
    count = max(0, int((left - look.px(14)) // line))
    lines = wrapped(paragraphs, QFontMetricsF(look.font(12)), size.width(), count)
    bar = min(most if tall else middle, max(least, left - len(lines) * line))
    top = max(0.0, (left - bar - len(lines) * line) / 2)
    return LaneLayout(font, label, top, head, top + head, bar, top + head + bar + gap, lines)


def wrapped(paragraphs: Sequence[str], metrics: QFontMetricsF, width: float, count: int) -> tuple[str, ...]:
    """Break paragraphs into at most so many lines; what has no room is cut with dots, or left out."""
    lines: list[str] = []
    for paragraph in paragraphs:
        rest = paragraph.split(" ")
        while rest and len(lines) < count:
            fits = len(rest)
            while fits > 1 and metrics.horizontalAdvance(" ".join(rest[:fits])) > width:
                fits -= 1
            here = rest if len(lines) + 1 == count else rest[:fits]
            lines.append(metrics.elidedText(" ".join(here), Qt.TextElideMode.ElideRight, width))
            rest = rest[fits:]
    return tuple(lines)


def _fitting(labels: Sequence[str], fonts: Sequence[QFont], room: float) -> tuple[QFont, str]:
    """Return the longest label for which there is room, in the largest type for it."""
    for label in labels:
        for font in fonts:
            if text_width(font, label) <= room:
                return font, label
    return fonts[-1], QFontMetricsF(fonts[-1]).elidedText(labels[-1], Qt.TextElideMode.ElideRight, room)
