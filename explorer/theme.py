"""Theme: which look the application wears, with its fonts, icons and the wishes of the operating system.

The values are in `widgets.palettes`; this module finds the files, asks the system, and puts a theme in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFontDatabase, QGuiApplication

from explorer.engine.assets import asset_path
from widgets import icons, palettes, style
from widgets.tokens import Tokens, current, on_changed

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

Theme = Tokens
"""A theme is the set of tokens that the widgets draw with."""

THEMES = palettes.THEMES
on_theme_changed = on_changed
current_theme = current

FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")
_font_ids: dict[str, int] = {}


def theme_at(name: str, window_height: int = 720, *, touch: bool = False, reduced_motion: bool | None = None) -> Theme:
    """Give the theme `name` for a window of `window_height` pixels.

    Parameters
    ----------
    name
        "dark", "light" or "projector".
    window_height
        Height of the window in pixels; the projector theme grows with it.
    touch
        Kiosk: every target at least 44 px.
    reduced_motion
        None asks the operating system.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    if reduced_motion is None:
        reduced_motion = system_reduces_motion()
    return palettes.tokens_for(name, window_height, touch=touch, reduced_motion=reduced_motion)


def apply(app: QApplication, theme: Theme) -> None:
    """Put the theme in force: fonts and icons found, then Fusion, palette, font, style sheet and widgets."""
    load_fonts()
    icons.set_icon_folder(asset_path("icons"))
    style.apply(app, theme)


def load_fonts() -> str:
    """Make the bundled family known to Qt, once, and give its name.

    Raises
    ------
    ExplorerError
        If the font files are not where they were installed.
    """
    for file in FONT_FILES:
        if file not in _font_ids:
            _font_ids[file] = QFontDatabase.addApplicationFont(str(asset_path(f"fonts/{file}")))
    return "Inter"


def system_reduces_motion() -> bool:
    """Say whether the operating system asks for less motion (where Qt passes the wish on; otherwise: no)."""
    return "reduc" in _wish("motionPreference")


def system_wants_contrast() -> bool:
    """Say whether the operating system asks for high contrast (the projector colours have it)."""
    return "high" in _wish("contrastPreference")


def _wish(preference: str) -> str:
    """Give what the system asks for, in Qt's word for it; empty where Qt does not know."""
    app = QGuiApplication.instance()
    if not isinstance(app, QGuiApplication):
        return ""
    # looked up by name: Qt 6.8 has no such hints, later versions have more of them
    hints = getattr(app.styleHints(), "accessibility", None)
    answer = getattr(hints() if hints else None, preference, None)
    return str(answer()).lower() if answer else ""
