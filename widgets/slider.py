"""Value slider: a labelled knob that shows its value, its default and why it is disabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.painting import line_height, text_width
from widgets.slider_scale import SliderScale
from widgets.slider_track import SliderTrack

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.tokens import Tokens


class ValueSlider(QWidget):
    """A knob: label and value above, track below with a tick at the default.

    Arrow keys move one step, with Shift ten; Home and End go to the ends, Delete or a double
    click to the default.

    Parameters
    ----------
    label
        What the knob sets.
    minimum, maximum, default
        In the unit shown.
    step
        Smallest change.  On a logarithmic scale the smallest relative change (0.05 is 5 %).
    unit
        Printed behind the value.
    decimals
        Digits behind the point; None takes them from `step`.
    logarithmic
        Equal distances are equal factors.
    text
        Formats a value (without unit) where digits alone do not say it.
    """

    valueChanged = Signal(float)
    """The user moved the knob; the new value."""
    valueCommitted = Signal(float)
    """The user let go of the knob, or pressed a key: the moment to remember for undo."""

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        default: float,
        *,
        step: float = 0.01,
        unit: str = "",
        decimals: int | None = None,
        logarithmic: bool = False,
        text: Callable[[float], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._scale = SliderScale(minimum, maximum, step, logarithmic=logarithmic, decimals=decimals)
        self._text = text or self._scale.text
        self._unit = unit
        self._head = _SliderHead(label)
        self._track = SliderTrack(self._scale, default, self.value_text)
        self._track.setAccessibleName(label)
        self._reason = ElidedLabel("", size_px=12, role="quiet_ink", lines=2)
        self._reason.hide()
        self._track.moved.connect(self._on_moved)
        self._track.committed.connect(self._on_committed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self._head, self._track, self._reason):
            layout.addWidget(part)
        self.setFocusProxy(self._track)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        widest = max((self.value_text(value) for value in (minimum, maximum, default)), key=len)
        self._head.set_widest(widest)
        self._show()

    def value(self) -> float:
        """Give the value, in the unit shown."""
        return self._track.current_value()

    def set_value(self, value: float) -> None:
        """Move the knob without a signal; values outside the range go to its end."""
        self._track.set_current_value(value)
        self._show()

    def value_text(self, value: float) -> str:
        """Print a value as the knob does, with its unit."""
        return f"{self._text(value)} {self._unit}".strip()

    def reset(self) -> None:
        """Go back to the default, as a double click does."""
        self._track.reset()

    def set_disabled_reason(self, reason: str | None) -> None:
        """Disable the knob and say why in a sentence; None enables it."""
        self._track.setEnabled(reason is None)
        self._head.setEnabled(reason is None)
        self._reason.set_text(reason or "")
        self._reason.setVisible(reason is not None)
        self._track.setAccessibleDescription(reason or self._track.description())

    @Slot(float)
    def _on_moved(self, value: float) -> None:
        self._show()
        self.valueChanged.emit(value)

    @Slot(float)
    def _on_committed(self, value: float) -> None:
        self.valueCommitted.emit(value)

    def _show(self) -> None:
        self._head.set_text(self.value_text(self.value()))


class _SliderHead(QWidget):
    """Label on the left, value on the right, both on one baseline."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label
        self._text = ""
        self._widest = ""
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_text(self, text: str) -> None:
        self._text = text
        self.update()

    def set_widest(self, text: str) -> None:
        self._widest = text
        self._apply_tokens(self._tokens)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._label_font = current.font(14)
        self._value_font = current.font(14, 600)
        self._value_width = text_width(self._value_font, self._widest)
        width = text_width(self._label_font, self._label) + current.space(1) + self._value_width
        self.setMinimumWidth(min(width, current.px(200)))
        self.setFixedHeight(line_height(self._label_font))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        current = self._tokens
        enabled = self.isEnabled()
        painter.setFont(self._value_font)
        painter.setPen(current.color("ink" if enabled else "quiet_ink"))
        baseline = painter.fontMetrics().ascent()
        value_width = painter.fontMetrics().horizontalAdvance(self._text)
        painter.drawText(QPoint(self.width() - value_width, baseline), self._text)
        painter.setFont(self._label_font)
        painter.setPen(current.color("ink" if enabled else "quiet_ink"))
        room = self.width() - max(value_width, self._value_width) - current.space(1)
        label = painter.fontMetrics().elidedText(self._label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPoint(0, baseline), label)
