"""Segmented choice: a few words side by side of which exactly one holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from widgets import tokens
from widgets.painting import draw_focus_ring, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from widgets.tokens import Tokens


class Segmented(QWidget):
    """Radio buttons that look like one bar; arrow keys move the choice, Tab passes over all at once.

    Parameters
    ----------
    choices
        Key and visible word of each segment.
    label
        What is chosen, for a screen reader.
    """

    chosen = Signal(str)
    """The user chose; the key of the segment."""

    def __init__(self, choices: Sequence[tuple[str, str]], *, label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = [key for key, _ in choices]
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for index, (_, word) in enumerate(choices):
            segment = _Segment(word, first=index == 0, last=index == len(choices) - 1)
            segment.setAccessibleName(f"{label}: {word}" if label else word)
            self._group.addButton(segment, index)
            layout.addWidget(segment)
        self._group.button(0).setChecked(True)
        self.setFocusProxy(self._group.button(0))
        self._group.idClicked.connect(self._on_clicked)
        self._group.idToggled.connect(self._on_toggled)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(label)

    def key(self) -> str:
        """Give the key of the chosen segment."""
        return self._keys[self._group.checkedId()]

    def set_key(self, key: str) -> None:
        """Choose without a signal.

        Raises
        ------
        ValueError
            If no segment has this key.
        """
        self._group.button(self._keys.index(key)).setChecked(True)

    def set_word(self, key: str, word: str) -> None:
        """Write another word on a segment."""
        segment = self._group.button(self._keys.index(key))
        if word != segment.text():
            segment.setText(word)
            segment.setAccessibleName(f"{self.accessibleName()}: {word}" if self.accessibleName() else word)
            segment.updateGeometry()

    def set_choice_enabled(self, key: str, reason: str | None) -> None:
        """Disable a segment and say why on hover (None enables it)."""
        segment = self._group.button(self._keys.index(key))
        segment.setEnabled(reason is None)
        segment.setToolTip(reason or "")
        segment.setAccessibleDescription(reason or "")

    @Slot(int, bool)
    def _on_toggled(self, index: int, checked: bool) -> None:
        if not checked:
            return
        button = self._group.button(index)
        self.setFocusProxy(button)
        if any(other.hasFocus() for other in self._group.buttons()):
            button.setFocus()  # chosen from elsewhere, by a key: the ring follows

    @Slot(int)
    def _on_clicked(self, index: int) -> None:
        self.chosen.emit(self._keys[index])


class _Segment(QRadioButton):
    """One part of the bar; a radio button that paints itself."""

    def __init__(self, word: str, *, first: bool, last: bool) -> None:
        super().__init__(word)
        self._first, self._last = first, last
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        current = self._tokens
        return QSize(text_width(current.font(14, 600), self.text()) + current.px(20), current.target_px)

    minimumSizeHint = sizeHint

    def hitButton(self, position: QPoint) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        current = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = current.px(6)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        # the round corners of the inner ends are pushed out of sight, so that neighbours share one line
        shape = box.adjusted(0 if self._first else -2 * radius, 0, 0 if self._last else 2 * radius, 0)
        checked = self.isChecked()
        painter.setPen(QPen(current.color("edge" if self.isEnabled() else "hairline"), 1))
        fill = "accent" if checked and self.isEnabled() else "hairline" if checked or self.underMouse() else "raised"
        painter.setBrush(current.color(fill))
        painter.drawRoundedRect(shape, radius, radius)
        if not self._last:
            painter.drawLine(box.topRight(), box.bottomRight())
        painter.setFont(current.font(14, 600 if checked else 400))
        ink = "on_accent" if fill == "accent" else "ink" if self.isEnabled() else "edge"
        painter.setPen(current.color(ink))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            draw_focus_ring(painter, box, current, 6, role="ink" if checked else "accent")
