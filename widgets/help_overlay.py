"""Help overlay: every element of the screen numbered, with its meaning and its formula at present values."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from widgets import tokens
from widgets.help_list import HelpItem, HelpList

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.tokens import Tokens

LIST_WIDTH_PX = 380


@dataclass(frozen=True, eq=False)
class _Entry:
    widget: weakref.ref[QWidget]
    title: str
    meaning: str
    formula: Callable[[], str] | None
    section: str


class HelpOverlay(QWidget):
    """A veil over the window with a number on every registered element and the explanations at the side.

    Down, Right and Tab go to the next element, Up, Left and Shift+Tab to the one before, Escape and ? close.

    Parameters
    ----------
    window
        The window that it covers.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self._entries: list[_Entry] = []
        self._shown: list[_Entry] = []
        self._index = 0
        self._list = HelpList(self)
        self._list.chosen.connect(self._on_chosen)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        window.installEventFilter(self)
        self._unfollow = tokens.follow(self._apply_tokens)

    def register(
        self,
        widget: QWidget,
        title: str,
        meaning: str,
        formula: Callable[[], str] | None = None,
        book_section: str = "",
    ) -> None:
        """Make an element known; the same element under the same title replaces what was said of it.

        Parameters
        ----------
        widget
            The element; held weakly, and numbered only while it is visible.
        title
            Its name.
        meaning
            What it means, in a sentence or two.
        formula
            Gives the formula with its present values, asked for when help is opened.
        book_section
            Where the book treats it.
        """
        entry = _Entry(weakref.ref(widget), title, meaning, formula, book_section)
        self._entries = [e for e in self._entries if (e.widget, e.title) != (entry.widget, title)] + [entry]

    def toggle(self) -> None:
        """Open closed help, close open help (key ?)."""
        if self.isVisible():
            self.close_help()
        else:
            self.open_help()

    def open_help(self) -> None:
        """Put a number on everything visible now, and explain it."""
        self._shown = [entry for entry in self._entries if _is_on_screen(entry, self._over)]
        self._list.set_items(
            [HelpItem(e.title, e.meaning, e.formula() if e.formula else "", e.section) for e in self._shown]
        )
        self._index = 0
        self._lay_out()
        self.show()
        self.raise_()
        self._select(0)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_help(self) -> None:
        """Lift the veil."""
        self.hide()
        self._shown = []

    def selected(self) -> int:
        """Give the position of the element that is explained now, 0 the first."""
        return self._index

    def titles(self) -> list[str]:
        """Give the names of the numbered elements, in order."""
        return [entry.title for entry in self._shown]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self._lay_out()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Take Tab before it leaves the veil."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Tab:
                self._select(self._index + 1)
                return True
            if event.key() == Qt.Key.Key_Backtab:
                self._select(self._index - 1)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next or the previous element, or close."""
        key = event.key()
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Question):
            self.close_help()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
            self._select(self._index + 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
            self._select(self._index - 1)
        else:
            # nothing under the veil may be worked by accident
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the element under the pointer; a press beside all of them closes."""
        for index, entry in enumerate(self._shown):
            if self._rect_of(entry).contains(event.position()):
                self._select(index)
                return
        self.close_help()

    def _on_chosen(self, index: int) -> None:
        self._select(index)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _select(self, index: int) -> None:
        if self._shown:
            self._index = index % len(self._shown)
            self._list.select(self._index)
            entry = self._shown[self._index]
            _scroll_to(entry)
            self.setAccessibleName(entry.title)
            self.setAccessibleDescription(entry.meaning)
            self.update()

    def _rect_of(self, entry: _Entry) -> QRectF:
        """Give the part of an element that is in view, in the window; empty where it is scrolled away."""
        widget = entry.widget()
        if widget is None or not shiboken6.isValid(widget):
            return QRectF()
        rect = widget.rect().translated(widget.mapTo(self._over, QPoint(0, 0)))
        parent = widget.parentWidget()
        while parent is not None and parent is not self._over:
            rect &= parent.rect().translated(parent.mapTo(self._over, QPoint(0, 0)))
            parent = parent.parentWidget()
        return QRectF(rect)

    def _lay_out(self) -> None:
        self.setGeometry(self._over.rect())
        width = min(self._tokens.px(LIST_WIDTH_PX), self.width() // 2)
        # the list stands where it hides fewer of the things it explains
        centres = [self._rect_of(entry).center().x() for entry in self._shown]
        on_right = sum(x > self.width() - width for x in centres) <= sum(x < width for x in centres)
        self._list.setGeometry(self.width() - width if on_right else 0, 0, width, self.height())

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        if self.isVisible():
            self._lay_out()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the veil with a hole at the element explained, and the numbers."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QPainterPath()
        veil.addRect(QRectF(self.rect()))
        if self._shown:
            hole = QPainterPath()
            hole.addRoundedRect(self._rect_of(self._shown[self._index]), current.px(8), current.px(8))
            veil = veil.subtracted(hole)
        painter.fillPath(veil, current.color("surface", 0.7))
        painter.setFont(current.font(14, 600))
        size = current.px(24)
        # the number explained is drawn last, over its neighbours
        order = sorted(range(len(self._shown)), key=lambda index: index == self._index)
        for index in order:
            rect = self._rect_of(self._shown[index])
            if rect.isEmpty():
                continue
            chosen = index == self._index
            painter.setPen(QPen(current.color("accent"), (2 if chosen else 1) * current.scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, current.px(8), current.px(8))
            # on the corner, so that it hides little of what it names
            x = min(max(rect.left() - size / 2, 0), self.width() - size)
            y = min(max(rect.top() - size / 2, 0), self.height() - size)
            badge = QRectF(x, y, size, size)
            painter.setBrush(current.color("accent" if chosen else "raised"))
            painter.drawEllipse(badge)
            painter.setPen(current.color("on_accent" if chosen else "ink"))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def _scroll_to(entry: _Entry) -> None:
    """Bring an element into view where it lies in something that scrolls."""
    widget = entry.widget()
    parent = widget
    while widget is not None and parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()


def _is_on_screen(entry: _Entry, window: QWidget) -> bool:
    widget = entry.widget()
    return widget is not None and shiboken6.isValid(widget) and widget.isVisible() and window.isAncestorOf(widget)
