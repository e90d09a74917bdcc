"""Accessible values: what a screen reader says for a widget that paints itself.

Qt knows the value of its own controls; for ours it asks the method `accessible_value` and takes the role from
`ACCESSIBLE_ROLE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

_installed = False


class _ValueInterface(QAccessibleWidget):
    """Qt's description of a widget, with the value that the widget gives."""

    def __init__(self, widget: QWidget, role: QAccessible.Role) -> None:
        super().__init__(widget, role)
        self._widget = widget

    def text(self, part: QAccessible.Text) -> str:
        if part == QAccessible.Text.Value:
            return str(self._widget.accessible_value())  # type: ignore[attr-defined]
        return super().text(part)


def _interface(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    if isinstance(thing, QWidget) and hasattr(thing, "accessible_value"):
        role = getattr(thing, "ACCESSIBLE_ROLE", QAccessible.Role.StaticText)
        return _ValueInterface(thing, role)
    return None


def enable() -> None:
    """Let Qt ask widgets with an `accessible_value` method; done once, by the widgets that have one."""
    global _installed
    if not _installed:
        QAccessible.installFactory(_interface)
        _installed = True


def announce_value(widget: QWidget) -> None:
    """Tell a screen reader, if one listens, that the value of `widget` is another one."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.ValueChanged))


def announce_alert(widget: QWidget) -> None:
    """Let a screen reader, if one listens, read a message out that has just appeared."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))
