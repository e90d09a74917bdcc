"""The stage: the word large, one line that says what to do, one sentence with the live values."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.listen.prompts import Headline
from widgets import accessible, tokens
from widgets.elided_label import ElidedLabel
from widgets.painting import line_height, text_width
from widgets.tokens import Tokens

LARGE_S = 3.0
"""How long a word stands in full ink; then it stays, quiet."""
_ROLES = {"info": "ink", "warn": "warn", "bad": "bad"}


class LargeWord(QWidget):
    """The word recognised last, in large type; a dash before the first one.

    Parameters
    ----------
    words
        The words that may stand here: there is room for the longest, so that nothing moves.
    """

    def __init__(self, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        accessible.enable()
        self._words = tuple(words)
        self._word = ""
        self._size_px = 44
        self._fresh = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Recognised word"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_words(self, words: Sequence[str]) -> None:
        """Keep room for other words."""
        self._words = tuple(words)
        self.updateGeometry()

    def word(self) -> str:
        """Give the word that stands."""
        return self._word

    def is_fresh(self) -> bool:
        """Say whether it was recognised just now."""
        return self._fresh

    def show_word(self, word: str, *, fresh: bool) -> None:
        """Show a word, in full ink while it is fresh."""
        if (word, fresh) != (self._word, self._fresh):
            changed = word != self._word
            self._word, self._fresh = word, fresh
            if changed:
                accessible.announce_value(self)
            self.update()

    def set_size(self, size_px: int) -> None:
        """Take another type size, in pixels at scale 1."""
        self._size_px = size_px
        self.updateGeometry()
        self.update()

    def accessible_value(self) -> str:
        """Give the word, for a screen reader."""
        return self._word or self.tr("nothing yet")

    def sizeHint(self) -> QSize:
        """Give room for the longest of the words."""
        font = self._tokens.font(self._size_px, 600)
        return QSize(max(text_width(font, word) for word in self._words), line_height(font))

    minimumSizeHint = sizeHint

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the word."""
        current = self._tokens
        painter = QPainter(self)
        painter.setFont(current.font(self._size_px, 600))
        painter.setPen(current.color("ink" if self._fresh else "quiet_ink", 1.0 if self._word else 0.5))
        metrics = painter.fontMetrics()
        y = (self.height() + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(0, y), self._word or "–")


class Stage(QWidget):
    """Word, headline and sentence; beside each other under a wide picture, below each other beside a narrow one.

    Parameters
    ----------
    words
        The words that may be recognised.
    """

    def __init__(self, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = LargeWord(words)
        self.headline = ElidedLabel("", size_px=20, weight=600, lines=2)
        self.answer = ElidedLabel("", size_px=14, role="quiet_ink", lines=3)
        self._texts = QVBoxLayout()
        self._texts.addStretch(1)
        self._texts.addWidget(self.headline)
        self._texts.addWidget(self.answer)
        self._texts.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.word)
        self._row.addLayout(self._texts, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._upright = self._brief = False
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_words(self, headline: Headline, answer: str) -> None:
        """Show the one large line, and below it what to do, or else the sentence with the live values."""
        self.headline.set_text(headline.text)
        self.headline.set_role(_ROLES[headline.mood])
        self.answer.set_text(headline.action or ("" if self._brief else answer))
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the height anew."""
        super().resizeEvent(event)
        self._share()

    @property
    def _sizes(self) -> tuple[int, int, int]:
        """Type sizes of word, headline and sentence."""
        return (28, 16, 12) if self._upright else (44, 20, 14)

    def _share(self) -> None:
        """Give the headline the lines it needs, and the sentence those that are left."""
        _, large_px, small_px = self._sizes
        large = line_height(self._tokens.font(large_px, 600))
        small = line_height(self._tokens.font(small_px)) if self.answer.text() else 0
        self.answer.setVisible(small > 0)
        room = self.height() - (self.word.height() if self._upright else 0)
        self.headline.set_lines(max(1, min(4, (room - small) // large)))
        used = self.headline.heightForWidth(max(1, self.headline.width()))
        if small:
            self.answer.set_lines(max(1, (room - used) // small))

    def set_upright(self, upright: bool, *, brief: bool = False) -> None:
        """Stand beside the picture instead of under it; `brief` leaves the live values to the picture."""
        if brief and not self._brief:
            self.answer.set_text("")
        self._brief = brief
        if upright == self._upright:
            return
        self._upright = upright
        word_px, headline_px, answer_px = self._sizes
        self.word.set_size(word_px)
        self.headline.set_size(headline_px)
        self.answer.set_size(answer_px)
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if upright else directions.LeftToRight)
        vertical = QSizePolicy.Policy.Expanding if upright else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self._apply_tokens(self._tokens)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._row.setSpacing(current.space(2) if not self._upright else 0)
        self._texts.setSpacing(0)
        # two lines and one, or one and two: what is said may change, the picture above must not move
        height = 2 * line_height(current.font(20, 600)) + line_height(current.font(14)) + current.px(2)
        self.setMinimumHeight(0 if self._upright else height)
        self.setMaximumHeight(16_777_215 if self._upright else height)
        self._row.setAlignment(self.word, Qt.AlignmentFlag.AlignVCenter)
