"""Network picture: every unit with what it gives over the plane, every weight as strong as its gradient.

A line is drawn the stronger, the larger its gradient is, on the scale of the heat map: where no error arrives, the
lines fade away.  Pressing a unit or a line picks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.panels.teach.depth_time import HIGHEST, LOWEST
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring
from widgets.tokens import Tokens

MOST_UNITS = 16
"""Units drawn in a layer; of larger layers the first ones."""
SHADES = 6
TILE = 16
_NEAR_PX = 5.0

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Picked:
    """A unit or a weight that somebody pressed.

    Parameters
    ----------
    layer
        Column of the picture: 0 the inputs, 1 the first hidden layer.
    unit
        Of that layer.
    source
        For a weight the unit of the layer before it comes from; None for a unit.
    """

    layer: int
    unit: int
    source: int | None = None

    @property
    def weight(self) -> str:
        """Name of the matrix of a weight."""
        return f"dense{self.layer}.weight"


class NetworkPicture(QWidget):
    """A small network, inputs at the left.

    Arrow keys go from unit to unit, Page Up and Page Down through the weights that arrive at one.
    """

    picked = Signal(object)
    """The user pressed a unit or a weight (`Picked`), or beside all of them (None)."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._weights: list[Array] = []
        self._gradients: list[Array] = []
        self._units: list[Array] = []
        self._maps: list[Array | None] = []
        self._sizes: tuple[int, ...] = ()
        self._lines: list[QLineF] = []
        self._picked: Picked | None = None
        self._images: list[QImage | None] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_tr("The network: units and weights"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_network(
        self, weights: dict[str, Array], gradients: dict[str, Array], units: dict[str, Array], maps: dict[str, Array]
    ) -> None:
        """Draw the network as it is now.

        Parameters
        ----------
        weights, gradients
            By name: "dense1.weight" [outputs, inputs] and so on; gradients may be missing before the first step.
        units
            Mean output of each unit by layer name, "act1" or the last "dense".
        maps
            What each unit gives over the plane, [units, rows, columns], rows up along y.
        """
        count = sum(name.startswith("dense") and name.endswith(".weight") for name in weights)
        names = range(1, count + 1)
        self._weights = [weights[f"dense{k}.weight"] for k in names]
        self._gradients = [
            gradients.get(f"dense{k}.weight", np.zeros_like(w)) for k, w in zip(names, self._weights, strict=True)
        ]
        self._units = [
            units.get(f"act{k}", units.get(f"dense{k}", np.zeros(len(w))))
            for k, w in zip(names, self._weights, strict=True)
        ]
        self._maps = [maps.get(f"act{k}") for k in names]
        self._images = [None] * count
        sizes = (self._weights[0].shape[1], *(len(w) for w in self._weights)) if count else ()
        if sizes != self._sizes:
            self._sizes = sizes
            self._picked = None
            self._place()
        self.update()

    def sizes(self) -> tuple[int, ...]:
        """Give the number of units in each layer, the inputs first."""
        return self._sizes

    def shades(self, layer: int) -> Array:
        """Give how strongly the weights that arrive at a layer are drawn, [units, units before], 0 to 1."""
        with np.errstate(divide="ignore"):
            powers = np.log10(np.abs(self._gradients[layer - 1]))
        share = np.nan_to_num((powers - LOWEST) / (HIGHEST - LOWEST), nan=1.0, posinf=1.0, neginf=0.0)
        return np.asarray(np.clip(share, 0.0, 1.0))

    def chosen(self) -> Picked | None:
        """Give what is picked."""
        return self._picked

    def pick(self, picked: Picked | None) -> None:
        """Pick as a person does."""
        self._picked = picked
        accessible.announce_value(self)
        self.update()
        self.picked.emit(picked)

    def value_of(self, picked: Picked) -> tuple[float, float | None]:
        """Give the value of what is picked, and the gradient of a weight."""
        if picked.source is None:
            values = self._units[picked.layer - 1] if picked.layer else np.zeros(1)
            return float(values[min(picked.unit, len(values) - 1)]), None
        place = (picked.unit, picked.source)
        return float(self._weights[picked.layer - 1][place]), float(self._gradients[picked.layer - 1][place])

    def accessible_value(self) -> str:
        """Give the layers, and what is picked."""
        told = _tr("layers of {sizes} units").format(sizes=", ".join(str(size) for size in self._sizes))
        if self._picked is None:
            return told
        value, _ = self.value_of(self._picked)
        return f"{told}; {name_of(self._picked)} {value:.3g}"

    def sizeHint(self) -> QSize:
        """Give the size at which units can be told apart."""
        return QSize(self._tokens.px(240), self._tokens.px(140))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which units run together."""
        return QSize(self._tokens.px(120), self._tokens.px(90))

    def place_of(self, layer: int, unit: int) -> QPointF:
        """Give the middle of a unit."""
        drawn = min(self._sizes[layer], MOST_UNITS)
        columns = len(self._sizes)
        x = self.width() * (layer + 0.5) / columns
        return QPointF(x, self.height() * (unit + 0.5) / drawn)

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick what is under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and self._sizes:
            self.pick(self.at(event.position()))

    def at(self, place: QPointF) -> Picked | None:
        """Give the unit, else the weight, at a place."""
        reach = max(self._side(layer) for layer in range(len(self._sizes))) / 2 + 2
        for layer, size in enumerate(self._sizes):
            for unit in range(min(size, MOST_UNITS)):
                middle = self.place_of(layer, unit)
                if max(abs(middle.x() - place.x()), abs(middle.y() - place.y())) <= reach and layer:
                    return Picked(layer, unit)
        ends = np.array([(line.x1(), line.y1(), line.x2(), line.y2()) for line in self._lines])
        if not len(ends):
            return None
        along = (place.x() - ends[:, 0]) / (ends[:, 2] - ends[:, 0])
        off = np.abs(ends[:, 1] + along * (ends[:, 3] - ends[:, 1]) - place.y())
        off[(along < 0) | (along > 1)] = np.inf
        nearest = int(off.argmin())
        return self._of_line(nearest) if off[nearest] <= _NEAR_PX else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from unit to unit, or through the weights of one."""
        key = Qt.Key(event.key())
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if not self._sizes or (key not in moves and key not in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)):
            super().keyPressEvent(event)
            return
        now = self._picked
        if now is None:
            self.pick(Picked(1, 0))
        elif key in moves:
            layer = min(max(1, now.layer + moves[key][0]), len(self._sizes) - 1)
            most = min(self._sizes[layer], MOST_UNITS)
            self.pick(Picked(layer, min(max(0, now.unit + moves[key][1]), most - 1)))
        else:
            before = min(self._sizes[now.layer - 1], MOST_UNITS)
            step = 1 if key == Qt.Key.Key_PageDown else -1
            source = (0 if step > 0 else before - 1) if now.source is None else (now.source + step) % before
            self.pick(Picked(now.layer, now.unit, source))

    # -- drawing -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the lines anew."""
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the weights, then the units over them, then what is picked."""
        current = self._tokens
        painter = QPainter(self)
        if not self._sizes:
            return
        shades = np.concatenate([self._drawn(self.shades(k)) for k in range(1, len(self._sizes))])
        bins = np.minimum((shades * SHADES).astype(int), SHADES - 1)
        for shade in range(SHADES):
            of_shade = np.flatnonzero(bins == shade)
            if shade and len(of_shade):  # the weakest are not drawn: nothing arrives there
                strength = shade / (SHADES - 1)
                painter.setPen(QPen(current.color("ink", 0.08 + 0.5 * strength**2), (0.5 + strength) * current.scale))
                painter.drawLines([self._lines[k] for k in of_shade])
        for layer in range(len(self._sizes)):
            self._paint_layer(painter, layer)
        self._paint_picked(painter)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_layer(self, painter: QPainter, layer: int) -> None:
        """Draw the units of a layer, as small maps of the plane where there is one and room for it."""
        current, side = self._tokens, self._side(layer)
        image = self._tiles(layer) if layer and side >= 6 else None
        painter.setPen(QPen(current.color("quiet_ink"), 1))
        for unit in range(min(self._sizes[layer], MOST_UNITS)):
            middle = self.place_of(layer, unit)
            box = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
            if image is not None:
                painter.drawImage(box, image, QRectF(0, unit * TILE, TILE, TILE))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box)
                continue
            value = float(self._units[layer - 1][unit]) if layer else 0.0
            role = "data1" if value > 0 else "data0"
            painter.setBrush(current.color("surface"))
            painter.drawEllipse(box)
            painter.setBrush(current.color(role, min(1.0, abs(value)) if np.isfinite(value) else 1.0))
            painter.drawEllipse(box)

    def _paint_picked(self, painter: QPainter) -> None:
        picked = self._picked
        if picked is None:
            return
        current, side = self._tokens, self._side(picked.layer) + self._tokens.px(5)
        middle = self.place_of(picked.layer, picked.unit)
        painter.setPen(QPen(current.color("accent"), 2 * current.scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if picked.source is not None:
            painter.drawLine(self.place_of(picked.layer - 1, picked.source), middle)
        else:
            painter.drawRect(QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side))

    def _tiles(self, layer: int) -> QImage | None:
        """Return what each unit gives over the plane, one below the other; None without a plane."""
        maps = self._maps[layer - 1]
        if maps is None:
            return None
        if self._images[layer - 1] is None:
            stride = max(1, maps.shape[-1] // TILE)
            small = maps[:MOST_UNITS, ::-stride, ::stride][:, :TILE, :TILE]
            small = np.nan_to_num(small / np.maximum(1e-9, np.abs(small).max((1, 2), keepdims=True)))
            current = self._tokens
            paper, low, high = (_rgb(current, role) for role in ("surface", "data0", "data1"))
            depth = np.abs(small)[..., None]
            rgb = paper * (1 - depth) + np.where(small[..., None] > 0, high, low) * depth
            pixels = np.full((*rgb.shape[:3], 4), 255, np.uint8)
            pixels[..., :3] = np.rint(rgb)
            pixels = np.ascontiguousarray(pixels.reshape(-1, TILE, 4))
            image = QImage(pixels.data, TILE, len(pixels), 4 * TILE, QImage.Format.Format_RGBA8888)
            self._images[layer - 1] = image.copy()
        return self._images[layer - 1]

    def _side(self, layer: int) -> float:
        """Return the side of a unit of a layer, in pixels."""
        room = self.height() / min(self._sizes[layer], MOST_UNITS)
        return float(
            min(self._tokens.px(26), max(3.0, room - self._tokens.px(3)), self.width() / len(self._sizes) * 0.5)
        )

    def _drawn(self, matrix: Array) -> Array:
        """Return the entries that have a line, in the order of the lines."""
        return np.asarray(matrix[:MOST_UNITS, :MOST_UNITS].ravel())

    def _of_line(self, index: int) -> Picked:
        """Return which weight a line stands for."""
        for layer in range(1, len(self._sizes)):
            after, before = min(self._sizes[layer], MOST_UNITS), min(self._sizes[layer - 1], MOST_UNITS)
            if index < after * before:
                return Picked(layer, index // before, index % before)
            index -= after * before
        raise IndexError(index)

    def _place(self) -> None:
        """Lay the lines from unit to unit."""
        self._lines = [
            QLineF(self.place_of(layer - 1, before), self.place_of(layer, after))
            for layer in range(1, len(self._sizes))
            for after in range(min(self._sizes[layer], MOST_UNITS))
            for before in range(min(self._sizes[layer - 1], MOST_UNITS))
        ]

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._images = [None] * len(self._images)
        self.updateGeometry()
        self.update()


def name_of(picked: Picked) -> str:
    """Return the name of a unit or weight on the screen, counted from 1."""
    if picked.source is None:
        return _tr("layer {layer}, unit {unit}").format(layer=picked.layer, unit=picked.unit + 1)
    told = _tr("layer {layer}, weight {source} → {unit}")
    return told.format(layer=picked.layer, source=picked.source + 1, unit=picked.unit + 1)


def _rgb(current: Tokens, role: str) -> NDArray[np.float64]:
    color = current.color(role)
    return np.array([color.red(), color.green(), color.blue()], np.float64)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
