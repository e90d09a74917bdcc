"""One bead of the thread: a small live picture of what one part of the system holds now."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from explorer.panels.base import Glyphs
from widgets import tokens

_LABEL_PX = 16
_GLYPH = QSize(80, 32)


class Bead(QAbstractButton):
    """A button that draws the level, the features, the layers, the word or the place.

    Parameters
    ----------
    key
        "sound", "features", "network", "decision" or "place".
    """

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._title = {
            "sound": self.tr("sound"),
            "features": self.tr("features"),
            "network": self.tr("network"),
            "decision": self.tr("decision"),
            "place": self.tr("place"),
        }[key]
        self._shown: Any = None
        self._lit = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._title)
        self.setToolTip(self.tr("{bead}: go to its panel").format(bead=self._title))
        tokens.follow(self._on_theme)

    def show_glyphs(self, glyphs: Glyphs) -> None:
        """Draw this bead's part of `glyphs`, if it is not drawn already."""
        new = {
            "sound": None if glyphs.level is None else round(min(1.0, max(0.0, glyphs.level)), 2),
            "features": glyphs.features,
            "network": glyphs.layer_bits,
            "decision": glyphs.word,
            "place": glyphs.place,
        }[self.key]
        if new is self._shown or (not isinstance(new, np.ndarray) and self._is_shown(new)):
            return
        self._shown = new
        if self.key in ("decision", "place"):
            self.setAccessibleName(f"{self._title}: {new}" if new else self._title)
        elif self.key == "network" and glyphs.layer_bits:
            bits = "/".join(str(value) for value in sorted(set(glyphs.layer_bits)))
            told = self.tr("network: {count} layers of {bits} bits")
            self.setAccessibleName(told.format(count=len(glyphs.layer_bits), bits=bits))
        self.update()

    def _is_shown(self, new: object) -> bool:
        return not isinstance(self._shown, np.ndarray) and bool(new == self._shown)

    def set_lit(self, lit: bool) -> None:
        """Light up while the pulse passes."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def joint_y(self) -> float:
        """Return the height at which the thread enters, in pixels from the top of the bead."""
        look = tokens.current()
        return look.px(_LABEL_PX) + look.px(_GLYPH.height()) / 2

    def sizeHint(self) -> QSize:
        """Give the size of the label and the picture under it."""
        look = tokens.current()
        height = look.px(_LABEL_PX + _GLYPH.height())
        return QSize(look.px(_GLYPH.width()), max(height, 44) if look.touch else height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the label, the frame and the picture."""
        look = tokens.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(12))
        painter.setPen(look.color("quiet_ink"))
        label = QRectF(0, 0, self.width(), look.px(_LABEL_PX))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, self._title)
        box = QRectF(0.5, label.bottom() + 0.5, self.width() - 1, look.px(_GLYPH.height()) - 1)
        outline = "good" if self._lit else "accent" if self.hasFocus() else "edge"
        painter.setPen(QPen(look.color(outline), look.px(2) if self._lit or self.hasFocus() else 1))
        painter.setBrush(look.color("raised"))
        painter.drawRoundedRect(box, look.px(8), look.px(8))
        inner = box.adjusted(look.px(8), look.px(5), -look.px(8), -look.px(5))
        if self._shown is not None and len(np.shape(self._shown)) == 2:
            self._paint_features(painter, inner)
        elif self.key == "sound":
            self._paint_level(painter, inner)
        elif self.key == "network":
            self._paint_layers(painter, inner)
        elif self.key in ("decision", "place"):
            self._paint_word(painter, inner)
        painter.end()

    def _paint_level(self, painter: QPainter, box: QRectF) -> None:
        """Draw a row of bars, as many lit as the sound is loud; an outline stands for those that are not."""
        look = tokens.current()
        count = 12
        lit = math.ceil((self._shown or 0.0) * count)
        step = box.width() / count
        for place in range(count):
            bar = QRectF(box.left() + place * step, box.top(), step * 0.6, box.height())
            role = "bad" if place == count - 1 else "data0"
            painter.fillRect(bar, look.color(role if place < lit else "grid"))

    def _paint_features(self, painter: QPainter, box: QRectF) -> None:
        """Draw the log-mel picture, low bands below, in the theme's map."""
        look = tokens.current()
        levels = (np.clip(np.asarray(self._shown, dtype=float), 0.0, 1.0) * 255).astype(np.uint8)
        pixels = np.ascontiguousarray(look.log_mel_lut[levels.T[::-1]])
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        painter.drawImage(box, image)

    def _paint_layers(self, painter: QPainter, box: QRectF) -> None:
        """Draw one bar per layer, its height the number of bits: 32 fills the box, 1 is a line."""
        look = tokens.current()
        bits = self._shown or ()
        if not bits:
            return
        step = box.width() / len(bits)
        for place, value in enumerate(bits):
            height = box.height() * (1 + math.log2(max(1, value))) / 6
            color = look.color("data0" if value >= 32 else "data1" if value >= 8 else "data2")
            painter.fillRect(
                QRectF(box.left() + place * step, box.bottom() - height, max(1.0, step * 0.7), height), color
            )

    def _paint_word(self, painter: QPainter, box: QRectF) -> None:
        look = tokens.current()
        painter.setFont(look.font(16, 600))
        painter.setPen(look.color("ink"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._shown or "–")

    def _on_theme(self, look: tokens.Tokens) -> None:
        self.updateGeometry()
        self.update()
