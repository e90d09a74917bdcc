"""The rail at the left: one button per panel, icon and word."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.panels.base import Panel
from widgets import icons, tokens


class Rail(QFrame):
    """Choose the panel in front.

    Signals
    -------
    chosen
        Key of the panel that was pressed.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Panels"))
        self._column = QVBoxLayout(self)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        self._icons: dict[str, str] = {}
        self._column.addStretch(1)
        tokens.follow(self._on_theme)

    def add_panels(self, panels: Iterable[type[Panel]]) -> None:
        """Put a button for each panel below those that are there."""
        for panel in panels:
            button = QToolButton()
            button.setText(QCoreApplication.translate(panel.__name__, panel.title))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setProperty("panel", panel.key)
            button.setToolTip(QCoreApplication.translate(panel.__name__, panel.question))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self._on_clicked)
            self._group.addButton(button)
            self._column.insertWidget(self._column.count() - 1, button)
            self._buttons[panel.key] = button
            self._icons[panel.key] = panel.icon
        self._on_theme(tokens.current())

    def show_chosen(self, key: str) -> None:
        """Mark the panel in front."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def _on_theme(self, look: tokens.Tokens) -> None:
        self._column.setContentsMargins(look.space(0.5), look.space(1), look.space(0.5), look.space(1))
        self.setFixedWidth(look.px(72))
        for key, button in self._buttons.items():
            button.setFont(look.font(12, 500))
            button.setIconSize(QSize(look.px(24), look.px(24)))
            button.setMinimumHeight(max(look.px(56), look.target_px))
            button.setIcon(icons.icon(self._icons[key], size_px=24))

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            self.chosen.emit(str(button.property("panel")))
