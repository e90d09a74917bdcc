"""Tokens: the colours, sizes and strokes that every widget draws with, and word of their change."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QFont

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

TYPE_SIZES = (12, 14, 16, 20, 28, 44)
"""The type sizes in pixels at scale 1: note, body, lead, title, display, the number read aloud."""

GRID = 8
"""Everything stands on a grid of 8 pixels."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """The look of one theme, in names that say what a colour is for.

    Parameters
    ----------
    name
        "dark", "light" or "projector".
    surface, raised
        The two surface levels: the window, and the cards on it.
    hairline, edge, grid
        Line between surfaces (decoration), outline of a control (3:1), grid of a plot.
    ink, quiet_ink
        Text and marks; text that waits to be looked for.
    accent, on_accent
        What the user controls (never data), and text on a filled accent.
    data
        Colours of curves, in order; the same position has the same hue in every theme.
    data_text
        The same hues for words beside the curves, with the contrast of text.
    good, warn, bad
        Judgements.  They never stand alone: a word or a shape goes with them.
    log_mel_lut, heat_lut
        256 x 4 uint8 RGBA: pictures of sound, pictures of scores.
    scale
        Factor on every size; 1 on a desk, larger for a room.
    line_width
        Pixels of a curve at this scale.  Wider than 1 px, lines go without anti-aliasing (it is 50x slower).
    family
        Font family.
    reduced_motion
        Nothing moves that need not.
    touch
        Kiosk: every target is at least 44 px.
    """

    name: str
    surface: str
    raised: str
    hairline: str
    edge: str
    grid: str
    ink: str
    quiet_ink: str
    accent: str
    on_accent: str
    data: tuple[str, ...]
    data_text: tuple[str, ...]
    good: str
    warn: str
    bad: str
    log_mel_lut: npt.NDArray[np.uint8]
    heat_lut: npt.NDArray[np.uint8]
    scale: float = 1.0
    line_width: float = 1.0
    family: str = "Inter"
    reduced_motion: bool = False
    touch: bool = False

    @property
    def is_dark(self) -> bool:
        """Whether light marks stand on a dark surface."""
        return QColor(self.surface).lightnessF() < 0.5

    @property
    def icon_px(self) -> int:
        """Side of an icon that stands beside body text, in pixels."""
        return self.px(20)

    @property
    def target_px(self) -> int:
        """Smallest side of something that is pressed, in pixels."""
        return max(self.px(32), 44) if self.touch else self.px(32)

    def px(self, pixels: float) -> int:
        """Scale a length given in pixels at scale 1."""
        return round(pixels * self.scale)

    def space(self, steps: float) -> int:
        """Give a distance of `steps` grid units (8 px each at scale 1)."""
        return round(GRID * steps * self.scale)

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """Give the colour of a role ("ink", "accent", "data0", "text0" for words of its hue, ...), at an opacity."""
        if role.startswith("data"):
            color = QColor(self.data_color(int(role[4:])))
        elif role.startswith("text"):
            color = QColor(self.data_text[int(role[4:]) % len(self.data_text)])
        else:
            color = QColor(getattr(self, role))
        color.setAlphaF(alpha)
        return color

    def data_color(self, index: int) -> str:
        """Give the colour of curve `index`; past the last one they start again (change the dash)."""
        return self.data[index % len(self.data)]

    def font(self, size_px: int = 14, weight: int = 400) -> QFont:
        """Give the family at a size (pixels at scale 1) and weight, with digits of one width."""
        font = QFont(self.family)
        font.setPixelSize(max(1, round(size_px * self.scale)))
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        return font


_current: Tokens | None = None
_listeners: list[Callable[[], Callable[[Tokens], None] | None]] = []


def current() -> Tokens:
    """Give the tokens in force; until the application sets some, the dark ones."""
    global _current
    if _current is None:
        from widgets.palettes import tokens_for

        _current = tokens_for("dark")
    return _current


def set_current(tokens: Tokens) -> None:
    """Put tokens in force and tell everybody who asked."""
    global _current
    _current = tokens
    for reference in list(_listeners):
        callback = reference()
        if callback is None or _is_dead(callback):
            if reference in _listeners:
                _listeners.remove(reference)
        else:
            callback(tokens)


def on_changed(callback: Callable[[Tokens], None]) -> Callable[[], None]:
    """Call `callback` with the new tokens at each change.

    A bound method is held weakly, so that a widget may be forgotten without a word; a plain function is held
    until it is taken back.

    Returns
    -------
    unsubscribe
        Call it to hear no more; calling it twice is harmless.
    """
    reference: Callable[[], Callable[[Tokens], None] | None]
    reference = weakref.WeakMethod(callback) if hasattr(callback, "__self__") else lambda: callback
    _listeners.append(reference)

    def unsubscribe() -> None:
        if reference in _listeners:
            _listeners.remove(reference)

    return unsubscribe


def follow(callback: Callable[[Tokens], None]) -> Callable[[], None]:
    """Call `callback` with the tokens in force now, and again at each change (see `on_changed`)."""
    callback(current())
    return on_changed(callback)


def _is_dead(callback: Callable[[Tokens], None]) -> bool:
    """Say whether the callback belongs to a widget that Qt has already deleted."""
    owner: Any = getattr(callback, "__self__", None)
    return isinstance(owner, QObject) and not shiboken6.isValid(owner)
