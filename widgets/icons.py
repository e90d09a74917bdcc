"""Icons: pictures of one stroke, drawn in the colour of the theme and sharp at any size.

The files are SVG with `currentColor` strokes; the application says in which folder they are.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from widgets import tokens

STROKE_PX = 1.5
_VIEW_BOX = 24.0

_folder = Path(__file__).resolve().parent.parent / "assets" / "icons"


def set_icon_folder(path: Path) -> None:
    """Say where the SVG files are."""
    global _folder
    if Path(path) == _folder:
        return
    _folder = Path(path)
    _source.cache_clear()
    _icon.cache_clear()


def icon(name: str, role: str = "ink", size_px: int = 20) -> QIcon:
    """Give the icon `name` in the colour of a token, for the theme in force now.

    Parameters
    ----------
    name
        File name without ".svg".
    role
        The token whose colour the strokes take.
    size_px
        Side at scale 1.  Drawn anew for each usual pixel ratio of a screen: nothing is ever stretched.

    Raises
    ------
    FileNotFoundError
        If the folder has no such icon.
    """
    current = tokens.current()
    return _icon(name, current.color(role).name(), current.px(size_px), current.scale)


@lru_cache(maxsize=512)
def _icon(name: str, color: str, side: int, scale: float) -> QIcon:
    _source(name)  # a missing file is found before anything is painted
    made = QIcon()
    for ratio in (1.0, 1.25, 1.5, 2.0, 3.0):
        pixmap = QPixmap(QSize(side, side) * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        _paint(painter, QRectF(0, 0, side, side), name, color, scale)
        painter.end()
        made.addPixmap(pixmap)
    return made


def paint_icon(painter: QPainter, rect: QRectF, name: str, role: str = "ink") -> None:
    """Draw an icon into a rectangle, its stroke 1.5 px wide at scale 1 whatever the size."""
    current = tokens.current()
    _paint(painter, rect, name, current.color(role).name(), current.scale)


def _paint(painter: QPainter, rect: QRectF, name: str, color: str, scale: float) -> None:
    side = min(rect.width(), rect.height())
    stroke = STROKE_PX * scale * _VIEW_BOX / max(side, 1.0)
    svg = _source(name).replace("currentColor", color)
    svg = svg.replace('stroke-width="2"', f'stroke-width="{stroke:.2f}"')
    square = QRectF(0, 0, side, side)
    square.moveCenter(rect.center())
    _renderer(svg).render(painter, square)


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return (_folder / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _renderer(svg: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg.encode()))
