"""Roofline chart: roofs as lines on two logarithmic axes, and each layer as a mark whose shape names its kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen

from explorer.engine.deployment.roofline import Roof
from explorer.panels.place.log_axis import LogAxis, number, span, with_prefix
from explorer.panels.place.roofline_dots import LayerDot
from explorer.panels.place.roofline_marks import draw_mark
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.picture import ChoicePicture
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_V = Qt.AlignmentFlag.AlignVCenter
_REACH_PX, _SAMPLES = 18, 40


@dataclass(frozen=True, slots=True)
class RoofLine:
    """A roof as it is drawn: its words, the token of its hue ("0" or "1"), and whether dashed."""

    roof: Roof
    words: str
    hue: int
    dash: bool = False


class RooflineChart(ChoicePicture):
    """Layers under roofs.  The arrow keys go from layer to layer, Enter or a press selects it in every panel."""

    layerChosen = Signal(str)
    """The user selected a layer."""

    def __init__(self) -> None:
        super().__init__(_tr("Roofline: operations a second over operations per byte"))
        self._roofs: tuple[RoofLine, ...] = ()
        self._dots: tuple[LayerDot, ...] = ()
        self._ghosts: tuple[LayerDot, ...] = ()
        self._selected = ""
        self._avoid: NDArray[np.float64] = np.zeros((2, 0))
        self._ends = ((0.1, 100.0), (1e6, 1e9))
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_picture(self, roofs: Sequence[RoofLine], dots: Sequence[LayerDot], ghosts: Sequence[LayerDot]) -> None:
        """Show these; ghosts are where dots were before the last change."""
        self._roofs, self._dots, self._ghosts = tuple(roofs), tuple(dots), tuple(ghosts)
        every = (*dots, *ghosts)
        xs = [dot.intensity for dot in every] + [each.roof.ridge for each in roofs]
        low, high = span(xs, 2.5)
        ys = [dot.rate_per_s for dot in every] + [each.roof.peak.value for each in roofs]
        ys += [each.roof.attainable(min((d.intensity for d in dots), default=low)) for each in roofs]
        self._ends = ((low, high), span(ys, 2.0))
        self._keep_cursor()
        accessible.announce_value(self)
        self.update()

    def set_selected(self, layer: str) -> None:
        """Mark the layer that is selected in all panels, and bring the cursor to it."""
        if layer != self._selected:
            self._selected = layer
            places = [index for index, dot in enumerate(self._dots) if dot.name == layer]
            if places and self._dots[self._cursor].name != layer:
                self._cursor = places[0]
                self.cursorMoved.emit()
            self.update()

    def dots(self) -> tuple[LayerDot, ...]:
        """Give the layers that are drawn."""
        return self._dots

    def ghosts(self) -> tuple[LayerDot, ...]:
        """Give where the layers were before."""
        return self._ghosts

    def roofs(self) -> tuple[RoofLine, ...]:
        """Give the roofs that are drawn."""
        return self._roofs

    def dot(self) -> LayerDot | None:
        """Give the layer under the cursor."""
        return self._dots[self._cursor] if self._dots else None

    def accessible_value(self) -> str:
        """Give the layer under the cursor in a few words."""
        dot = self.dot()
        if dot is None:
            return ""
        return _tr("{layer}: {time} ms").format(layer=dot.name, time=number(dot.time_ms))

    def table(self) -> Table:
        """Give what is drawn: rates over intensities."""
        found: Table = []
        for name, measured in ((_tr("predicted layers, OP/s"), False), (_tr("measured layers, OP/s"), True)):
            chosen = [dot for dot in self._dots if dot.measured is measured]
            if chosen:
                x, y = (np.array(v) for v in zip(*((d.intensity, d.rate_per_s) for d in chosen), strict=True))
                found.append((name, x, y))
        for each in self._roofs:
            x, y = (np.array(v) for v in zip(*each.roof.line(*self._ends[0]), strict=True))
            found.append((each.words, x, y))
        return found

    def dot_place(self, dot: LayerDot) -> QPointF:
        """Give the place of a layer in pixels."""
        across, up = self._axes()
        return QPointF(across.place(dot.intensity), up.place(dot.rate_per_s))

    def sizeHint(self) -> QSize:
        """Give room for roof and dots."""
        return QSize(self._tokens.px(640), self._tokens.px(120))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which dots could not be told apart."""
        return QSize(self._tokens.px(420), self._tokens.px(120))

    # -- the user ----------------------------------------------------------------------------------------------------

    def count(self) -> int:
        """Give the number of items."""
        return len(self._dots)

    def choose_item(self, item: int) -> None:
        """Select a layer in every panel."""
        self.layerChosen.emit(self._dots[item].name)

    def item_at(self, place: QPointF) -> int | None:
        """Give the nearest layer that a place reaches."""
        distances = [(self.dot_place(d) - place).manhattanLength() for d in self._dots]
        if not distances or min(distances) > self._tokens.px(_REACH_PX):
            return None
        return distances.index(min(distances))

    # -- the picture -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, roofs, ghosts, dots and their words."""
        current, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        across, up = self._axes()
        self._paint_axes(painter, across, up)
        taken = [self._paint_roof(painter, across, up, each) for each in self._roofs]
        pen = QPen(current.color("ink", 0.35), 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        for ghost in self._ghosts:
            place = QPointF(across.place(ghost.intensity), up.place(ghost.rate_per_s))
            draw_mark(painter, place, self._mark, ghost.kind, pen, None)
        self._paint_dots(painter, across, up)
        self._paint_kinds(painter, taken)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_axes(self, painter: QPainter, across: LogAxis, up: LogAxis) -> None:
        current, line = self._tokens, self._line
        for tick in across.ticks(text_width(self._font, "1,000") * 1.6):
            x = across.place(tick)
            painter.setPen(QPen(current.color("grid"), 1))
            painter.drawLine(QPointF(x, up.first), QPointF(x, up.last))
            painter.setPen(current.color("quiet_ink"))
            box = QRectF(x - 100, up.first + 2, 200, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | _V, number(tick))
        for tick in up.ticks(line * 1.6):
            y = up.place(tick)
            painter.setPen(QPen(current.color("grid"), 1))
            painter.drawLine(QPointF(across.first, y), QPointF(across.last, y))
            painter.setPen(current.color("quiet_ink"))
            box = QRectF(0, y - line / 2, across.first - current.px(5), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | _V, with_prefix(tick))
        painter.setPen(current.color("quiet_ink"))
        foot = QRectF(across.first, up.first + line + 1, across.last - across.first, line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, _tr("operations per byte moved"))
        head = QRectF(0, 0, across.last, line)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | _V, _tr("operations a second"))

    def _paint_roof(self, painter: QPainter, across: LogAxis, up: LogAxis, each: RoofLine) -> QRectF:
        """Draw a roof, its name above the flat part, its bandwidth along the slope; return the place of the name."""
        current, named = self._tokens, QRectF()
        corners = [(x, y) for x, y in each.roof.line(across.low, across.high) if y >= up.low]
        first = max(across.low, up.low / each.roof.bandwidth.value)
        if first > across.low:
            corners = [(first, up.low), *corners]
        points = [QPointF(across.place(x), up.place(y)) for x, y in corners]
        pen = QPen(current.color(f"data{each.hue}"), max(2.0, 1.3 * current.line_width))
        if each.dash:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawPolyline(points)
        painter.setPen(current.color(f"text{each.hue}"))
        if not each.dash:
            width = text_width(self._font, each.words)
            left = max(across.first, across.last - width)
            top = points[-1].y() - self._line - current.px(1)
            named = QRectF(left, top, width, self._line)
            painter.drawText(named, _V, each.words)
        if len(points) > 2:
            start, corner = points[0], points[1]
            told = _tr("{rate}B/s").format(rate=with_prefix(each.roof.bandwidth.value))
            if each.dash:
                told = _tr("memory: {rate}").format(rate=told)
            length = math.hypot(corner.x() - start.x(), corner.y() - start.y())
            if length > text_width(self._font, told) * 1.2:
                painter.save()
                painter.translate(start)
                painter.rotate(math.degrees(math.atan2(corner.y() - start.y(), corner.x() - start.x())))
                box = QRectF(current.px(8), -self._line - 1, length, self._line)
                painter.drawText(box, _V, told)
                painter.restore()
        return named

    def _paint_dots(self, painter: QPainter, across: LogAxis, up: LogAxis) -> None:
        current, width = self._tokens, max(1.5, self._tokens.line_width)
        surface, accent = current.color("surface"), current.color("accent")
        looks = {
            False: (QPen(current.color("data0"), width), surface),
            True: (QPen(surface, width), current.color("data1")),
        }
        for index, dot in enumerate(self._dots):
            place = QPointF(across.place(dot.intensity), up.place(dot.rate_per_s))
            pen, fill = looks[dot.measured]
            half = self._mark * (1.4 if index == self._cursor else 1.0)
            draw_mark(painter, place, half, dot.kind, pen, accent if dot.name == self._selected else fill)
        at = self.dot()
        if at is not None:
            painter.setPen(QPen(accent, max(1.5, current.px(1.5))))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.dot_place(at), 2.1 * self._mark, 2.1 * self._mark)

    def _paint_kinds(self, painter: QPainter, taken: list[QRectF]) -> None:
        """Write beside the slowest layer of each kind what kind it is; and the name of the one under the cursor."""
        cursor, self._avoid = self.dot(), self._places_to_avoid()
        if cursor is not None:
            taken.append(self._write(painter, self.dot_place(cursor), cursor.name, self._strong, "ink", taken))
        slowest: dict[tuple[str, bool], LayerDot] = {}
        for dot in self._dots:
            key = (dot.kind, dot.measured)
            if key not in slowest or dot.time_ms > slowest[key].time_ms:
                slowest[key] = dot
        for dot in slowest.values():
            if dot is not cursor:
                role = "text1" if dot.measured else "text0"
                taken.append(self._write(painter, self.dot_place(dot), dot.kind, self._font, role, taken))

    def _write(
        self, painter: QPainter, place: QPointF, words: str, font: QFont, role: str, taken: Sequence[QRectF]
    ) -> QRectF:
        """Write words beside a place, where they cover the fewest dots; nothing over other words."""
        current, gap = self._tokens, self._mark * 2.4
        width, half = text_width(self._strong, words), self._line / 2
        x, y = place.x(), place.y()
        above, below = (x - width / 2, y - gap - self._line), (x - width / 2, y + gap)
        places = ((x + gap, y - half), (x - gap - width, y - half), above, below)
        inside = QRectF(self._margin, 0, self.width() - self._margin, self.height() - 2 * self._line)
        boxes = [QRectF(left, top, width, self._line) for left, top in places]
        free = [box for box in boxes if inside.contains(box) and not any(box.intersects(other) for other in taken)]
        if not free:
            return QRectF()
        reach = self._mark

        def covered(box: QRectF) -> int:
            x, y = self._avoid
            wide = (x > box.left() - reach) & (x < box.right() + reach)
            return int((wide & (y > box.top() - reach) & (y < box.bottom() + reach)).sum())

        best = min(free, key=covered)
        painter.setFont(font)
        painter.setPen(current.color(role))
        painter.drawText(best, _V, words)
        return best

    def _places_to_avoid(self) -> NDArray[np.float64]:
        """Return [2, places] x and y of the dots and along the roofs, which words had better not cover."""
        across, up = self._axes()
        xs = np.geomspace(across.low, across.high, _SAMPLES)
        places = [(across.place(x), up.place(each.roof.attainable(x))) for each in self._roofs for x in map(float, xs)]
        places += [(across.place(dot.intensity), up.place(dot.rate_per_s)) for dot in self._dots]
        return np.array(places, np.float64).reshape(-1, 2).T

    def _axes(self) -> tuple[LogAxis, LogAxis]:
        (left, right), (low, high) = self._ends
        bottom = self.height() - 2 * self._line - self._tokens.px(4)
        edge = self.width() - self._tokens.px(8)
        return (
            LogAxis(left, right, self._margin, max(self._margin + 10, edge)),
            LogAxis(low, high, bottom, self._line + self._tokens.px(4)),
        )

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._font, self._strong = current.font(12), current.font(12, 600)
        self._line = line_height(self._font)
        self._margin = text_width(self._font, "1,000 M") + current.px(6)
        self._mark = current.px(5)
        self.updateGeometry()
        self.update()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
