"""Card: a titled group of controls on the raised surface, which can be folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from widgets import tokens
from widgets.icons import paint_icon
from widgets.painting import draw_focus_ring, line_height, text_width

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class Card(QWidget):
    """A raised surface with one hairline and a title; add widgets to it with `add`.

    Parameters
    ----------
    title
        Heading; empty for none.
    foldable
        Whether the heading is a button that hides the content.
    folded
        Whether it starts hidden.
    """

    foldedChanged = Signal(bool)
    """The user folded (True) or unfolded the card."""

    def __init__(
        self, title: str = "", *, foldable: bool = False, folded: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._outer = QVBoxLayout(self)
        self._body = QWidget()
        self._content = QVBoxLayout(self._body)
        self._content.setContentsMargins(0, 0, 0, 0)
        self._heading: _Heading | None = None
        if title:
            self._heading = _Heading(title, foldable)
            self._heading.clicked.connect(self._on_heading)
            self._outer.addWidget(self._heading)
        self._outer.addWidget(self._body)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(title)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.set_folded(folded)

    def add(self, widget: QWidget) -> None:
        """Put a widget below the others."""
        self._content.addWidget(widget)

    def content(self) -> QVBoxLayout:
        """Give the layout of the content, for what `add` cannot say."""
        return self._content

    def is_folded(self) -> bool:
        """Say whether the content is hidden."""
        return self._body.isHidden()

    def set_folded(self, folded: bool) -> None:
        """Hide or show the content, without a signal."""
        self._body.setHidden(folded)
        if self._heading is not None:
            self._heading.set_folded(folded)

    @Slot()
    def _on_heading(self) -> None:
        self.set_folded(not self.is_folded())
        self.foldedChanged.emit(self.is_folded())

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        margin = current.space(1.5)
        self._outer.setContentsMargins(margin, margin, margin, margin)
        self._outer.setSpacing(current.space(1))
        self._content.setSpacing(current.space(1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the surface and its hairline."""
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.setBrush(current.color("raised"))
        radius = current.px(8)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class _Heading(QAbstractButton):
    """The title of a card, with a chevron where it folds."""

    def __init__(self, title: str, foldable: bool) -> None:
        super().__init__()
        self.setText(title)
        self._foldable = foldable
        self._folded = False
        if foldable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_folded(self, folded: bool) -> None:
        self._folded = folded
        state = self.tr("folded") if folded else self.tr("unfolded")
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(state if self._foldable else "")
        self.update()

    def sizeHint(self) -> QSize:
        current = self._tokens
        height = line_height(current.font(14, 600)) + current.px(4)
        if self._foldable and current.touch:
            height = max(44, height)
        return QSize(text_width(current.font(14, 600), self.text()) + current.px(24), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._tokens.px(64), self.sizeHint().height())

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._foldable:
            super().mousePressEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._foldable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        current = self._tokens
        painter = QPainter(self)
        painter.setFont(current.font(14, 600))
        painter.setPen(current.color("ink"))
        side = current.px(16)
        room = self.width() - (side + current.px(4) if self._foldable else 0)
        title = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        alignment = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(0, 0, room, self.height()), alignment, title)
        if self._foldable:
            chevron = QRectF(self.width() - side, (self.height() - side) / 2, side, side)
            paint_icon(painter, chevron, "chevron-right" if self._folded else "chevron-down", "quiet_ink")
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)
