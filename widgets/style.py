"""Style: the tokens turned into Qt's palette, font and the one application-wide style sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPalette

from widgets import tokens as tokens_module

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from widgets.tokens import Tokens


def apply(app: QApplication, tokens: Tokens) -> None:
    """Put the tokens in force for the whole application: Qt first, then the widgets of this package."""
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(palette(tokens))
    app.setFont(tokens.font(14))
    app.setStyleSheet(style_sheet(tokens))
    tokens_module.set_current(tokens)


def palette(tokens: Tokens) -> QPalette:
    """Give Qt's palette for the tokens; disabled text keeps 3:1 so that its reason can be read."""
    role = QPalette.ColorRole
    colors = {
        role.Window: tokens.surface,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.raised,
        role.Button: tokens.raised,
        role.WindowText: tokens.ink,
        role.Text: tokens.ink,
        role.ButtonText: tokens.ink,
        role.BrightText: tokens.ink,
        role.PlaceholderText: tokens.quiet_ink,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.ink,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.raised,
        role.Midlight: tokens.raised,
        role.Mid: tokens.hairline,
        role.Dark: tokens.hairline,
        role.Shadow: tokens.surface,
    }
    made = QPalette()
    for key, color in colors.items():
        made.setColor(key, QColor(color))
    for key in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, key, QColor(tokens.edge))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(tokens.hairline))
    return made


def style_sheet(tokens: Tokens) -> str:
    """Give the style sheet: flat controls, one hairline, radius 6, focus in the accent.

    Only what a palette cannot say stands here; widgets of this package paint themselves.
    """
    px = tokens.px
    target = tokens.target_px
    return f"""
QPushButton, QComboBox, QLineEdit, QAbstractSpinBox {{
    background: {tokens.raised}; border: 1px solid {tokens.edge}; border-radius: {px(6)}px;
    padding: 0 {px(12)}px; min-height: {target - 2}px;
}}
QLineEdit, QAbstractSpinBox {{ padding: 0 {px(8)}px; background: {tokens.surface}; }}
QPushButton:hover, QComboBox:hover, QToolButton:hover {{ background: {tokens.hairline}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {tokens.grid}; }}
QPushButton:focus, QComboBox:focus, QLineEdit:focus, QAbstractSpinBox:focus {{
    border: 2px solid {tokens.accent}; padding: 0 {px(12) - 1}px; min-height: {target - 4}px;
}}
QLineEdit:focus, QAbstractSpinBox:focus {{ padding: 0 {px(8) - 1}px; }}
QPushButton:disabled, QComboBox:disabled, QLineEdit:disabled, QAbstractSpinBox:disabled {{
    color: {tokens.edge}; border-color: {tokens.hairline};
}}
QPushButton[primary="true"] {{
    background: {tokens.accent}; color: {tokens.on_accent}; border-color: {tokens.accent}; font-weight: 600;
}}
QPushButton[primary="true"]:focus {{ border: 2px solid {tokens.ink}; }}
QPushButton[primary="true"]:disabled {{
    background: {tokens.hairline}; color: {tokens.quiet_ink}; border-color: {tokens.hairline};
}}
QPushButton[quiet="true"], QToolButton {{ background: transparent; border: 2px solid transparent; }}
QPushButton[quiet="true"]:focus {{ border: 2px solid {tokens.accent}; }}
QPushButton[quiet="true"]:hover {{ background: {tokens.hairline}; }}
QToolButton {{
    border-radius: {px(6)}px; padding: {px(4)}px; min-height: {target - 2 * px(4) - 4}px;
    min-width: {target - 2 * px(4) - 4}px;
}}
QToolButton:checked {{ background: {tokens.hairline}; }}
QToolButton:focus {{ border: 2px solid {tokens.accent}; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: none; width: {px(24)}px; }}
QComboBox QAbstractItemView, QMenu {{
    background: {tokens.raised}; color: {tokens.ink}; border: 1px solid {tokens.hairline};
    padding: {px(4)}px; outline: 0;
}}
QComboBox QAbstractItemView::item {{ min-height: {px(24)}px; padding: 0 {px(8)}px; border-radius: {px(4)}px; }}
QMenu::item {{ padding: {px(6)}px {px(24)}px {px(6)}px {px(12)}px; border-radius: {px(4)}px; }}
QMenu::item:selected, QComboBox QAbstractItemView::item:selected {{
    background: {tokens.accent}; color: {tokens.on_accent};
}}
QMenu::item:disabled {{ color: {tokens.edge}; }}
QMenu::separator {{ height: 1px; background: {tokens.hairline}; margin: {px(4)}px {px(8)}px; }}
QToolTip {{
    background: {tokens.raised}; color: {tokens.ink}; border: 1px solid {tokens.edge}; padding: {px(6)}px;
}}
QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: {px(12)}px; }}
QScrollBar:horizontal {{ height: {px(12)}px; }}
QScrollBar::handle {{ background: {tokens.edge}; border-radius: {px(3)}px; margin: {px(3)}px; }}
QScrollBar::handle:vertical {{ min-height: {px(32)}px; }}
QScrollBar::handle:horizontal {{ min-width: {px(32)}px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
