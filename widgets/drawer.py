"""Drawer: the inspector on the right, open beside the picture or closed to give it the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.icon_button import IconButton

if TYPE_CHECKING:
    from widgets.tokens import Tokens

WIDTH_PX = 352
NARROW_PX = 1280
"""Below this window width the inspector starts closed."""


def starts_open(theme_name: str, window_width: int) -> bool:
    """Say whether the inspector belongs open: not in a projected picture, not in a narrow window."""
    return theme_name != "projector" and window_width >= NARROW_PX


class Drawer(QFrame):
    """A column of cards, about 350 px wide, that scrolls and never clips.

    Parameters
    ----------
    title
        Heading over the cards.
    """

    openChanged = Signal(bool)
    """The drawer was opened (True) or closed, by the user or the program."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._title = ElidedLabel(title, size_px=14, weight=600)
        self._close = IconButton("x", self.tr("Close the inspector"), key="I")
        self._close.clicked.connect(self._on_close)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = QWidget()
        self._cards = QVBoxLayout(self._inside)
        self._cards.addStretch(1)
        self._area.setWidget(self._inside)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title, 1)
        self._head.addWidget(self._close)
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self._head)
        self._outer.addWidget(self._area, 1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        self._unfollow = tokens.follow(self._apply_tokens)

    def add(self, card: QWidget) -> None:
        """Put a card below the others; the most used go first."""
        self._cards.insertWidget(self._cards.count() - 1, card)

    def cards(self) -> QVBoxLayout:
        """Give the layout of the cards; its last item is a stretch."""
        return self._cards

    def is_open(self) -> bool:
        """Say whether the drawer is open."""
        return self._open

    def set_open(self, is_open: bool) -> None:
        """Open or close the drawer."""
        if is_open != self._open:
            self._open = is_open
            self.setVisible(is_open)
            self.openChanged.emit(is_open)

    def toggle(self) -> None:
        """Open a closed drawer, close an open one (key I)."""
        self.set_open(not self._open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.set_open(False)
        else:
            super().keyPressEvent(event)

    def _on_close(self) -> None:
        self.set_open(False)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.setFixedWidth(current.px(WIDTH_PX))
        gap = current.space(1)
        self._outer.setContentsMargins(2 * gap, gap, gap, gap)
        self._outer.setSpacing(gap)
        self._cards.setContentsMargins(0, 0, gap, 0)
        self._cards.setSpacing(gap)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the surface and the hairline that parts it from the picture."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._tokens.color("surface"))
        painter.fillRect(QRectF(0, 0, 1, self.height()), self._tokens.color("hairline"))
