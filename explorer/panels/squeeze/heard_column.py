"""Heard column: the picture of a second, a button that plays it, and what the network answers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.engine.quantization.hearing import Heard
from explorer.panels.listen.array_picture import ArrayPicture
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.icons import icon
from widgets.tokens import Tokens


class _Picture(ArrayPicture):
    """The picture; it takes the height that there is and asks for little, so that answers and buttons stay in view."""

    def sizeHint(self) -> QSize:
        return QSize(self._tokens.px(98), self._tokens.px(34))

    minimumSizeHint = sizeHint


class HeardColumn(QWidget):
    """A title, a picture, an answer and a button.

    Parameters
    ----------
    title
        What is shown.
    play
        What the button does, for a screen reader.
    """

    def __init__(self, title: str, play: str) -> None:
        super().__init__()
        self.title = ElidedLabel(title, size_px=14, weight=600)
        self.picture = _Picture(title, "log_mel_lut", self._value)
        self.answer = ElidedLabel("–", size_px=20, weight=600)
        self.note = ElidedLabel("", size_px=12, role="quiet_ink")
        self.play = QPushButton(self.tr("Play"))
        self.play.setAccessibleName(play)
        self.play.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._words, self._foot = QVBoxLayout(), QHBoxLayout()
        self._words.addWidget(self.answer)
        self._words.addWidget(self.note)
        self._foot.addLayout(self._words, 1)
        self._foot.addWidget(self.play)
        self._column.addWidget(self.title)
        self._column.addWidget(self.picture, 1)
        self._column.addLayout(self._foot)
        self._playing = False
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_heard(self, heard: Heard, note: str, *, other: bool = False) -> None:
        """Show a second and the answer to it; `other`: it is not the answer to the sound itself."""
        self.picture.set_array(np.rint(heard.picture.T).astype(np.uint8))
        mark = "≠ " if other else ""
        self.answer.set_text(f"{mark}{heard.label} {heard.score:.2f}")
        self.answer.set_role("bad" if other else "ink")
        self.note.set_text(note)
        self.picture.setAccessibleDescription(f"{heard.label} {heard.score:.2f}, {note}")

    def set_playing(self, playing: bool) -> None:
        """Show whether this is what is heard now."""
        if playing != self._playing:
            self._playing = playing
            self._apply_tokens(tokens.current())

    def _value(self, row: int, column: int) -> str:
        level = self.picture.array()[row, column]
        return self.tr("{time} ms, row {row}: grey level {level}").format(time=10 * column, row=row, level=level)

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.px(4))
        self._words.setSpacing(0)
        self.play.setIcon(icon("volume-2" if self._playing else "play"))
        self.play.setIconSize(QSize(current.icon_px, current.icon_px))
