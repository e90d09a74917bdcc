"""Surface map: heights over a plane as shaded bands with contours, and the ways that something took across them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from explorer.panels.teach.surface_marks import draw_label, draw_mark
from widgets import tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.picture import DescribedPicture
from widgets.tokens import Tokens

Floats = NDArray[np.float64]
Heights = Callable[[Floats], Floats]
BANDS = 14
MOST_ROWS = 200
"""Rows of the shaded picture; finer ones cannot be told apart and cost time."""
MOST_STRETCHED = 2.0
STRONGEST, CONTOUR = 220, 0.2
"""Highest place in the table of colours, and how dark a contour is."""
PALE = 0.5
"""How strong the colours of the heights are: the ways across them come first."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A way across the surface.

    Parameters
    ----------
    name
        Written beside its head; empty for none.
    places
        [n, 2], the start first.
    role
        Token of its colour.
    mark
        Shape of its head, as of `draw_mark`.
    dots
        Whether each place has a dot.
    """

    name: str
    places: Floats
    role: str = "data1"
    mark: int = 0
    dots: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What the map shows the heights of.

    Parameters
    ----------
    heights
        Heights at points [..., 2], at the lowest 0 or more; not a number where they are unknown.
    least
        Half width and half height that must be seen; the picture shows more where it has room.
    bounded
        Whether there is nothing outside these ends: the picture is stretched a little where it has room.
    lowest
        Lowest points [n, 2], marked with a cross.
    axes
        Names of the two axes.
    """

    heights: Heights
    least: tuple[float, float]
    bounded: bool = False
    lowest: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    axes: tuple[str, str] = ("w₁", "w₂")


class SurfaceMap(DescribedPicture):
    """The picture; the start of the ways can be dragged, or moved with the arrow keys, where that is allowed."""

    startMoved = Signal(float, float)
    """The user moved the start there."""

    def __init__(self, name: str, *, movable: bool = False) -> None:
        super().__init__()
        self._ground: Ground | None = None
        self._tracks: tuple[Track, ...] = ()
        self._start: tuple[float, float] | None = None
        self._movable = movable
        self._image: QImage | None = None
        self._pixels: NDArray[np.uint8] = np.zeros((0, 0, 4), np.uint8)
        self._cursor: QPointF | None = None
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def show_ground(self, ground: Ground | None) -> None:
        """Show the heights of something else."""
        self._ground, self._image = ground, None
        self.update()

    def show_tracks(self, tracks: Sequence[Track], start: tuple[float, float] | None = None) -> None:
        """Draw these ways, and the start that can be moved."""
        self._tracks, self._start = tuple(tracks), start
        self.update()

    def tracks(self) -> tuple[Track, ...]:
        """Give the ways that are drawn."""
        return self._tracks

    def picture(self) -> NDArray[np.uint8]:
        """Give the shaded heights as drawn, [rows, columns, 4]."""
        if self._image is None:
            self._render()
        return self._pixels

    def box(self) -> QRectF:
        """Give the part of the widget that the plane fills."""
        whole = QRectF(self.rect())
        if self._ground is not None and self._ground.bounded:
            whole.setWidth(min(whole.width(), MOST_STRETCHED * whole.height()))
            whole.setHeight(min(whole.height(), MOST_STRETCHED * whole.width()))
        return whole

    def extent(self) -> tuple[float, float]:
        """Give half the width and half the height of what is seen, in the units of the plane."""
        if self._ground is None:
            return 1.0, 1.0
        box, (x, y) = self.box(), self._ground.least
        if self._ground.bounded:
            return x, y
        per_pixel = max(2 * x / max(1.0, box.width()), 2 * y / max(1.0, box.height()))
        return per_pixel * box.width() / 2, per_pixel * box.height() / 2

    def place_of(self, x: float, y: float) -> QPointF:
        """Give where a point of the plane is drawn."""
        box, (across, up) = self.box(), self.extent()
        far = 20 * max(box.width(), box.height())  # what has left stays left, within what can be drawn
        return QPointF(
            min(max(box.center().x() + x / across * box.width() / 2, -far), far),
            min(max(box.center().y() - y / up * box.height() / 2, -far), far),
        )

    def point_at(self, place: QPointF) -> tuple[float, float]:
        """Give the point of the plane under a place of the picture."""
        box, (across, up) = self.box(), self.extent()
        return (
            (place.x() - box.center().x()) / (box.width() / 2) * across,
            (box.center().y() - place.y()) / (box.height() / 2) * up,
        )

    def value_words(self, place: QPointF) -> str:
        """Give coordinates and height at a place of the picture."""
        if self._ground is None or not self.box().contains(place):
            return ""
        x, y = self.point_at(place)
        height = float(self._ground.heights(np.array([x, y])))
        first, second = self._ground.axes
        told = self.tr("{first} {x:.2f}   {second} {y:.2f}   loss {height}").format(
            first=first, second=second, x=x, y=y, height=f"{height:.4g}" if np.isfinite(height) else "–"
        )
        return told.replace("-", "−")

    def sizeHint(self) -> QSize:
        """Give the size at which contours can be told apart."""
        return QSize(self._tokens.px(480), self._tokens.px(320))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which nothing can be seen."""
        return QSize(self._tokens.px(180), self._tokens.px(110))

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the start there."""
        if event.button() == Qt.MouseButton.LeftButton and self._movable:
            self._move_start(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the start, or read the height under the pointer."""
        self._cursor = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton and self._movable:
            self._move_start(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._cursor = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the start with the arrow keys, with Shift in large steps."""
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }.get(Qt.Key(event.key()))
        if steps is None or not self._movable or self._start is None:
            super().keyPressEvent(event)
            return
        size = 0.25 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.05
        self.startMoved.emit(self._start[0] + steps[0] * size, self._start[1] + steps[1] * size)

    def _move_start(self, place: QPointF) -> None:
        box = self.box()
        inside = QPointF(min(max(place.x(), box.left()), box.right()), min(max(place.y(), box.top()), box.bottom()))
        self.startMoved.emit(*self.point_at(inside))

    # -- drawing -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shade anew in the new size."""
        self._image = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heights, ways, start and the value under the pointer."""
        current, box = self._tokens, self.box()
        painter = QPainter(self)
        if self._ground is None:
            return
        if self._image is None:
            self._render()
        assert self._image is not None
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self._image)
        painter.save()
        painter.setClipRect(box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_lowest(painter)
        for track in self._tracks:
            self._draw_track(painter, track)
        self._draw_heads(painter, box)
        if self._start is not None:
            painter.setPen(QPen(current.color("accent"), 2.0 * current.scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.place_of(*self._start), current.px(11), current.px(11))
        self._draw_ends(painter, box)
        painter.restore()
        painter.setPen(QPen(current.color("hairline"), 1))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if self.hasFocus():
            draw_focus_ring(painter, box, current, 4)

    def _draw_lowest(self, painter: QPainter) -> None:
        assert self._ground is not None
        painter.setPen(QPen(self._tokens.color("ink"), 1.5 * self._tokens.scale))
        arm = self._tokens.px(5)
        for x, y in self._ground.lowest:
            place = self.place_of(float(x), float(y))
            painter.drawLine(place - QPointF(arm, 0), place + QPointF(arm, 0))
            painter.drawLine(place - QPointF(0, arm), place + QPointF(0, arm))

    def _draw_track(self, painter: QPainter, track: Track) -> None:
        current = self._tokens
        places = self._apart(track.places)
        way = QPolygonF(places)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(self._tracks) == 1:  # with several, the paper around each would hide the others
            painter.setPen(QPen(current.color("surface", 0.8), 3.5 * current.scale))
            painter.drawPolyline(way)
        painter.setPen(QPen(current.color(track.role), 1.6 * current.scale))
        painter.drawPolyline(way)
        if track.dots:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current.color(track.role))
            for place in places:
                painter.drawEllipse(place, current.px(2.5), current.px(2.5))

    def _apart(self, places: Floats) -> list[QPointF]:
        """Return where the places of a way are drawn, without those that fall together with the one before."""
        box, (across, up) = self.box(), self.extent()
        far = 20 * max(box.width(), box.height())
        x = np.clip(box.center().x() + places[:, 0] / across * box.width() / 2, -far, far)
        y = np.clip(box.center().y() - places[:, 1] / up * box.height() / 2, -far, far)
        pixels = np.rint(np.stack([x, y], axis=1))
        apart = np.concatenate([[True], (pixels[1:] != pixels[:-1]).any(1)])
        return [QPointF(a, b) for a, b in zip(x[apart].tolist(), y[apart].tolist(), strict=True)]

    def _draw_heads(self, painter: QPainter, box: QRectF) -> None:
        """Draw where each way has come to, and its name pushed off the names before it."""
        taken: list[QRectF] = []
        inside = box.adjusted(2, 2, -2, -2)
        for track in self._tracks:
            head = self.place_of(*(float(v) for v in track.places[-1]))
            draw_mark(painter, head, track.mark, self._tokens.px(6), track.role, self._tokens)
        for track in self._tracks:
            head = self.place_of(*(float(v) for v in track.places[-1]))
            if track.name and box.contains(head):
                taken.append(draw_label(painter, track.name, head, track.role, taken, inside, self._tokens))

    def _draw_ends(self, painter: QPainter, box: QRectF) -> None:
        """Write the value under the pointer, or else what the axes are."""
        assert self._ground is not None
        current = self._tokens
        text = "" if self._cursor is None else self.value_words(self._cursor)
        if not text:
            (x, y), (first, second) = self.extent(), self._ground.axes
            text = f"→ {first} ±{x:.1f}   ↑ {second} ±{y:.1f}"
        font = current.font(12)
        painter.setFont(font)
        pad = current.px(6)
        room = QRectF(0, 0, text_width(font, text) + 2 * pad, line_height(font) + pad)
        room.moveBottomLeft(box.bottomLeft())
        painter.fillRect(room, current.color("surface", 0.85))
        painter.setPen(current.color("quiet_ink" if self._cursor is None else "ink"))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _render(self) -> None:
        """Shade the heights: bands of equal factors, so that the floor of a valley shows as well as its walls."""
        assert self._ground is not None
        box, (across, up) = self.box(), self.extent()
        rows = int(min(MOST_ROWS, max(32, box.height() / 2)))
        columns = max(32, round(rows * box.width() / max(1.0, box.height())))
        x, y = np.linspace(-across, across, columns), np.linspace(up, -up, rows)
        heights = self._ground.heights(np.stack(np.meshgrid(x, y), axis=-1))
        self._pixels = shade(heights, self._tokens)
        self._image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._image = None
        self.updateGeometry()
        self.update()


def shade(heights: Floats, current: Tokens) -> NDArray[np.uint8]:
    """Return a picture of heights [rows, columns], the lowest nearest to the paper, the unknown left out.

    Contours are equal steps of sqrt(sqrt(height)), between the logarithm, which makes a cliff of every minimum, and the
    height itself, beside whose walls the floor is flat.
    """
    known = np.isfinite(heights)
    paper = _rgb(current, "surface")
    pixels: NDArray[Any] = np.full((*heights.shape, 4), 255, np.uint8)
    pixels[..., :3] = paper
    if not known.any():
        return np.ascontiguousarray(pixels)
    low = float(heights[known].min())
    level = np.sqrt(np.sqrt(np.where(known, heights - low, 0.0))).astype(np.float32)
    top = max(float(np.percentile(level[::4, ::4], 99)), float(level.max()) / 2, 1e-12)
    share = np.minimum(level / top, 1.0)
    lut = (current.heat_lut[:, :3] * PALE + paper * (1 - PALE)).astype(np.float32)
    rgb = lut[np.rint(share * STRONGEST).astype(np.int64)]
    # a contour is where the share crosses a band; its distance in pixels, from the slope there, makes the line smooth
    bands = share * BANDS
    down, across = np.gradient(bands)
    pixels_away = np.abs(bands - np.rint(bands)) / np.maximum(np.hypot(down, across), 1e-6)
    line = CONTOUR * np.clip(1.3 - pixels_away, 0, 1) * (np.rint(bands) >= 1)
    rgb += line.astype(np.float32)[..., None] * (_rgb(current, "ink").astype(np.float32) - rgb)
    pixels[known, :3] = np.rint(rgb[known]).astype(np.uint8)
    return np.ascontiguousarray(pixels)


def _rgb(current: Tokens, role: str) -> Floats:
    color = current.color(role)
    return np.array([color.red(), color.green(), color.blue()], np.float64)
