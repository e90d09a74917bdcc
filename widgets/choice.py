"""Choice: one word out of a list that opens when it is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from widgets import tokens
from widgets.icons import paint_icon

if TYPE_CHECKING:
    from widgets.tokens import Tokens


class Choice(QComboBox):
    """A list box with the chevron of the theme; long words end in dots instead of widening the panel.

    Parameters
    ----------
    label
        What is chosen, for a screen reader.
    """

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_disabled_reason(self, reason: str | None) -> None:
        """Disable the list and say why on hover (None enables it)."""
        self.setEnabled(reason is None)
        self.setToolTip(reason or "")
        self.setAccessibleDescription(reason or "")

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()

    def showPopup(self) -> None:
        """Open the list, as wide as its longest entry."""
        list_view = self.view()
        list_view.setMinimumWidth(list_view.sizeHintForColumn(0) + self._tokens.px(16))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn through the words only with the keyboard here: scrolling past must not change a choice."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box as the style does, and the chevron."""
        super().paintEvent(event)
        side = self._tokens.px(16)
        right = self.width() - side - self._tokens.px(8)
        chevron = QRectF(right, (self.height() - side) / 2, side, side)
        paint_icon(QPainter(self), chevron, "chevron-down", "quiet_ink" if self.isEnabled() else "edge")
