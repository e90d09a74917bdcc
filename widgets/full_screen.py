"""Full screen: one picture alone on the screen, and back to its place as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.key_hint import KeyHint

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class FullScreen(QWidget):
    """A layer over a window that one of its widgets moves into for a while.

    The widget never leaves its window, so nothing of it is made anew: zoom, curves and focus stay.  A place holder
    of the same size keeps its room.

    Parameters
    ----------
    window
        The window to cover, and to bring to full screen.
    """

    entered = Signal()
    """A widget now fills the screen."""
    left = Signal()
    """The widget is back in its place."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self._widget: QWidget | None = None
        self._holder: QWidget | None = None
        self._was_full = False
        self._title = ElidedLabel("", size_px=20, weight=600)
        self._hint = KeyHint("Esc", self.tr("back"))
        self._head = QHBoxLayout()
        self._head.addWidget(self._title, 1)
        self._head.addWidget(self._hint)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._head)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        window.installEventFilter(self)
        self._unfollow = tokens.follow(self._apply_tokens)

    def is_active(self) -> bool:
        """Say whether a widget fills the screen."""
        return self._widget is not None

    def widget(self) -> QWidget | None:
        """Give the widget that fills the screen, if one does."""
        return self._widget

    def show_widget(self, widget: QWidget, title: str = "") -> None:
        """Bring a widget of the window to full screen; one that is there already goes back first."""
        self.leave()
        self._holder = QWidget()
        self._holder.setFixedSize(widget.size())
        self._over.setUpdatesEnabled(False)
        try:
            _put_in_place_of(widget, self._holder)
            self._widget = widget
            self._layout.addWidget(widget, 1)
            widget.show()
            self._title.set_text(title)
            self._was_full = self._over.isFullScreen()
            if self._over.isVisible() and not self._was_full:
                self._over.showFullScreen()
            self.setGeometry(self._over.rect())
            self.show()
            self.raise_()
        finally:
            self._over.setUpdatesEnabled(True)
        self.setAccessibleName(title)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.entered.emit()

    def leave(self) -> None:
        """Put the widget back into its place; without one nothing happens."""
        widget, holder = self._widget, self._holder
        if widget is None or holder is None:
            return
        self._widget = self._holder = None
        self._over.setUpdatesEnabled(False)
        try:
            self._layout.removeWidget(widget)
            _put_in_place_of(holder, widget)
            widget.show()
            holder.deleteLater()
            self.hide()
            if self._over.isFullScreen() and not self._was_full:
                self._over.showNormal()
        finally:
            self._over.setUpdatesEnabled(True)
        widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if watched is self._over and event.type() == QEvent.Type.Resize and self.is_active():
            self.setGeometry(self._over.rect())
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back with Escape or F."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F):
            self.leave()
        else:
            super().keyPressEvent(event)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        margin = current.space(2)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover the window."""
        QPainter(self).fillRect(self.rect(), self._tokens.color("surface"))


def _put_in_place_of(widget: QWidget, other: QWidget) -> None:
    """Put `other` where `widget` is: in its splitter, its layout, or at its spot in the parent."""
    parent = widget.parentWidget()
    if isinstance(parent, QSplitter):
        sizes = parent.sizes()
        parent.replaceWidget(parent.indexOf(widget), other)
        parent.setSizes(sizes)
    elif parent is not None and (layout := parent.layout()) is not None:
        layout.replaceWidget(widget, other)
    else:
        other.setParent(parent)
        other.setGeometry(widget.geometry())
    other.show()
