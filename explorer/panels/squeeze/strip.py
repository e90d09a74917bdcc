"""Layer strip: the network as a row of blocks, and under each block a slider for its bits.

A block is as wide as the layer has weights and as high as it multiplies (on a square-root scale: the layers of a small
network differ a hundredfold).  Under it a bar stands as high as its numbers have bits; dragging the bar changes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.engine.quantization.recipe import Width, stored_bits
from explorer.panels.squeeze.lane import LINES, Lane
from explorer.panels.squeeze.widths import WEIGHT_WIDTHS, color_role, mark, words
from widgets import accessible, tokens
from widgets.painting import draw_focus_ring, line_height, text_width
from widgets.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Block:
    """One layer with weights.

    Parameters
    ----------
    name
        Of the layer.
    weights, macs
        Numbers stored, and multiplications for one second of sound.
    width
        Of its weights.
    own
        Whether that differs from the width of all layers.
    """

    name: str
    weights: int
    macs: int
    width: Width
    own: bool


class LayerStrip(QWidget):
    """The picture of the network, and the sliders of its layers.

    Left and Right choose a layer, Up and Down change its bits, L locks them, Delete gives it the bits of all again.
    """

    layerChosen = Signal(str)
    """The user chose a layer."""
    widthChosen = Signal(str, object)
    """The user gave a layer a width; None for that of all layers."""
    widthStepped = Signal(str, int)
    """The user wants the next wider (1) or narrower (-1) width for a layer."""

    def __init__(self) -> None:
        super().__init__()
        accessible.enable()
        self._blocks: tuple[Block, ...] = ()
        self._spans: list[tuple[float, float]] = []
        self._chosen = ""
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The layers of the network and their bits"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def blocks(self) -> tuple[Block, ...]:
        """Give what is drawn."""
        return self._blocks

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Draw these layers."""
        if tuple(blocks) != self._blocks:
            self._blocks = tuple(blocks)
            self._place()
            self.update()

    def chosen(self) -> str:
        """Give the name of the chosen layer; empty for none."""
        return self._chosen

    def choose(self, name: str) -> None:
        """Mark a layer, without a signal."""
        if name != self._chosen:
            self._chosen = name
            accessible.announce_value(self)
            self.update()

    def accessible_value(self) -> str:
        """Give the chosen layer as a screen reader says it."""
        block = self._block()
        if block is None:
            return self.tr("no layer chosen")
        place = self._blocks.index(block) + 1
        told = self.tr("{name}, layer {place} of {count}, {bits}")
        return told.format(name=block.name, place=place, count=len(self._blocks), bits=words(block.width))

    def sizeHint(self) -> QSize:
        """Give room for blocks and sliders."""
        return QSize(self._tokens.px(640), self._tokens.px(190))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which the bits of neighbours could not be told apart."""
        return QSize(self._tokens.px(330), self._tokens.px(96))

    def span_of(self, name: str) -> tuple[float, float]:
        """Give the left and right end of a layer, in pixels."""
        return self._spans[[block.name for block in self._blocks].index(name)]

    def y_of(self, width: Width) -> float:
        """Give the height in pixels at which a width stands in the row of sliders."""
        return self._lane.y_of(width)

    # -- the user ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a layer; in the row of sliders also take hold of its bits."""
        block = self._at(event.position().x())
        if block is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._choose(block.name)
        self._dragging = event.position().y() >= self._lane.box.top() - self._tokens.px(4)
        if self._dragging:
            self._drag(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the bits of the layer that was taken hold of; tell what is under the pointer."""
        if self._dragging:
            self._drag(event.position().y())
            return
        block = self._at(event.position().x())
        self.setToolTip("" if block is None else self._told(block))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Give the layer the bits of all layers again."""
        block = self._at(event.position().x())
        if block is not None:
            self.widthChosen.emit(block.name, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with the arrows to the sides, change with those up and down."""
        block = self._block()
        place = self._blocks.index(block) if block is not None else -1
        last = len(self._blocks) - 1
        moves = {
            Qt.Key.Key_Left: max(0, place - 1),
            Qt.Key.Key_Right: min(last, place + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in moves and self._blocks:
            self._choose(self._blocks[moves[key]].name)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and block is not None:
            self.widthStepped.emit(block.name, 1 if key == Qt.Key.Key_Up else -1)
        elif key == Qt.Key.Key_L and block is not None:
            self.widthChosen.emit(block.name, None if block.own else block.width)
        elif key == Qt.Key.Key_Delete and block is not None:
            self.widthChosen.emit(block.name, None)
        else:
            super().keyPressEvent(event)

    def _choose(self, name: str) -> None:
        if name != self._chosen:
            self.choose(name)
            self.layerChosen.emit(name)

    def _drag(self, y: float) -> None:
        block = self._block()
        if block is None:
            return
        width = self._lane.width_at(y, WEIGHT_WIDTHS)
        if width != block.width:
            self.widthChosen.emit(block.name, width)

    # -- the picture -------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: object) -> None:
        """Place the blocks anew."""
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw blocks, sliders and the words of the chosen layer."""
        current = self._tokens
        painter = QPainter(self)
        painter.setFont(self._font)
        self._paint_words(painter)
        lane = self._lane
        lane.paint_lines(painter)
        painter.setPen(current.color("quiet_ink"))
        lowest = float(self.height())
        for width in LINES:
            y = lane.y_of(width)
            box = QRectF(0, y - current.px(8), self._left - current.px(4), current.px(16))
            text = self.tr("float") if width == "float32" else str(stored_bits(width))
            if box.center().y() < lowest:
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
                lowest = box.center().y() - current.px(13)
        most = max((block.macs for block in self._blocks), default=1)
        floor, top, bottom = lane.floor, lane.top, lane.box.bottom()
        colors = {width: current.color(color_role(width)) for width in {block.width for block in self._blocks}}
        for block, (left, right) in zip(self._blocks, self._spans, strict=True):
            height = max(current.px(4), (floor - top) * sqrt(block.macs / most))
            painter.fillRect(QRectF(left, floor - height, right - left, height), colors[block.width])
            bar = lane.paint_bar(painter, left, right, block.width)
            self._paint_mark(painter, block, bar)
            if block.name == self._chosen:
                painter.setPen(QPen(current.color("accent"), current.px(2)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(left - 1, top - current.px(2), right - left + 2, bottom - top + 3))
        painter.setPen(QPen(current.color("edge"), 1))
        for y in (floor, bottom):
            painter.drawLine(QPointF(self._left, y), QPointF(self.width(), y))
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), current, 4)

    def _paint_mark(self, painter: QPainter, block: Block, bar: QRectF) -> None:
        """Write the bits above the bar where there is room, and a dot where the layer has a width of its own."""
        current = self._tokens
        text = mark(block.width)
        if block.own:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current.color("accent"))
            side = current.px(5)
            painter.drawEllipse(QPointF(bar.center().x(), self._lane.box.bottom() + side), side / 2, side / 2)
        if len(text) * self._digit <= bar.width():
            painter.setPen(self._ink)
            height = self._text_height
            above = bar.top() - height if bar.top() - height > self._lane.floor else bar.top() + current.px(3)
            box = QRectF(bar.left(), above, bar.width(), height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_words(self, painter: QPainter) -> None:
        current = self._tokens
        block = self._block()
        painter.setPen(current.color("ink" if block else "quiet_ink"))
        told = self._told(block) if block is not None else self.tr("Press a layer")
        caption = self.tr("width: weights · height: multiplications (square root) · bar: bits")
        fitted = painter.fontMetrics().elidedText(told, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QPointF(0, painter.fontMetrics().ascent()), fitted)
        width = text_width(self._font, caption)
        if text_width(self._font, told) + width + current.px(16) < self.width():
            painter.setPen(current.color("quiet_ink"))
            painter.drawText(QPointF(self.width() - width, painter.fontMetrics().ascent()), caption)

    def _told(self, block: Block) -> str:
        place = self._blocks.index(block) + 1
        told = self.tr("Layer {place} of {count}, {name}: {bits}, {weights:,} weights, {macs:,} multiplications")
        return told.format(
            place=place,
            count=len(self._blocks),
            name=block.name,
            bits=words(block.width),
            weights=block.weights,
            macs=block.macs,
        )

    def _block(self) -> Block | None:
        return next((block for block in self._blocks if block.name == self._chosen), None)

    def _at(self, x: float) -> Block | None:
        for block, (left, right) in zip(self._blocks, self._spans, strict=True):
            if left - 1 <= x < right + 1:
                return block
        return None

    def _place(self) -> None:
        """Work out where everything stands: each layer has a least width, and the rest of the room by its weights."""
        current = self._tokens
        self._font = current.font(12)
        self._text_height, self._digit = line_height(self._font), text_width(self._font, "0") - 2
        self._ink = current.color("ink")
        self._left = text_width(self._font, self.tr("float")) + current.px(8)
        self._lane = Lane(self.height(), self._text_height, self._left, self.width(), current)
        self._spans = []
        if not self._blocks:
            return
        gap = 2.0
        room = self.width() - self._left - gap * len(self._blocks)
        least = min(current.px(9), 0.7 * room / len(self._blocks))
        rest = max(0.0, room - least * len(self._blocks))
        total = sum(block.weights for block in self._blocks)
        edges = [float(self._left)]
        for block in self._blocks:
            edges.append(edges[-1] + least + rest * block.weights / total + gap)
        self._spans = [(left, right - gap) for left, right in pairwise(edges)]

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._place()
        self.updateGeometry()
        self.update()
