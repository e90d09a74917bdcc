"""What a person sees in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLabel

from widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from explorer.main_window import MainWindow


def texts(window: MainWindow) -> str:
    labels: list[QLabel | ElidedLabel] = [*window.findChildren(QLabel), *window.findChildren(ElidedLabel)]
    return "\n".join(label.text() for label in labels if label.isVisible())


def drawer_is_visible(window: MainWindow) -> bool:
    return any(label.text() == "controls" and label.isVisible() for label in window.findChildren(QLabel))


def probe(window: MainWindow) -> Any:
    return window.panel("probe")
