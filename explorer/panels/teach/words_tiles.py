"""Take tiles: one place for each time the word is said; it fills with the sound of it, can be heard and dropped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from explorer.engine.kws.teaching.takes import Take
from widgets import tokens
from widgets.painting import draw_focus_ring
from widgets.tokens import Tokens

_COLUMNS = 40
_PX = (84, 72)


class TakeTile(QAbstractButton):
    """One take: empty, listening, or its waveform.  Press to hear it; the cross, or Delete, drops it.

    Parameters
    ----------
    number
        Counts from 1.
    """

    dropped = Signal()
    """The user does not want this take."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._take: Take | None = None
        self._outline = np.zeros(0)
        self._next = self._voice = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.show_take(None, next_one=False, voice=False)

    def take(self) -> Take | None:
        """Give the take that is shown."""
        return self._take

    def show_take(self, take: Take | None, *, next_one: bool, voice: bool) -> None:
        """Show a take, or an empty place: the next one to be filled, while a voice is heard or not."""
        if take is not self._take:
            self._take = take
            self._outline = np.zeros(0) if take is None else _outline(take)
        elif (next_one, voice) == (self._next, self._voice) and self.accessibleName():
            return
        self._next, self._voice = next_one, voice
        self.setEnabled(take is not None)
        if take is not None:
            words = self.tr("Take {number}, {length:.2f} s, {level:.0f} dBFS: press to hear it, Delete drops it")
            told = words.format(number=self._number, length=take.end_s - take.start_s, level=take.level_dbfs)
        else:
            told = self.tr("Take {number}: not said yet").format(number=self._number)
        self.setAccessibleName(told)
        self.setToolTip(told)
        self.update()

    def sizeHint(self) -> QSize:
        """Give room for a waveform."""
        return QSize(self._tokens.px(_PX[0]), self._tokens.px(_PX[1]))

    def minimumSizeHint(self) -> QSize:
        """Give the size at which a waveform can still be told from a line."""
        return QSize(self._tokens.px(56), self._tokens.px(56))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Drop the take with Delete or Backspace."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._take is not None:
            self.dropped.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the take where the cross was pressed; hear it elsewhere."""
        if self._take is not None and self._cross().contains(event.position()):
            self.setDown(False)
            self.dropped.emit()
        else:
            super().mouseReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew when it can be pressed."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, then the waveform with its cross, or the number of an empty place."""
        look, painter = self._tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        pen = QPen(look.color("edge"), max(1.0, look.px(1)))
        if self._take is None:
            pen.setStyle(Qt.PenStyle.DashLine)
        if self._next:
            pen = QPen(look.color("accent"), look.px(3 if self._voice else 2))
        painter.setPen(pen)
        painter.setBrush(look.color("raised" if self._take is not None else "surface"))
        painter.drawRoundedRect(frame, look.px(8), look.px(8))
        if self._take is None:
            painter.setFont(look.font(20, 600))
            painter.setPen(look.color("accent" if self._next else "quiet_ink"))
            painter.drawText(
                frame, Qt.AlignmentFlag.AlignCenter, "●" if self._voice and self._next else str(self._number)
            )
        else:
            self._draw_wave(painter, frame)
            self._draw_cross(painter)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), look, look.px(8))
        painter.end()

    def _draw_wave(self, painter: QPainter, frame: QRectF) -> None:
        look = self._tokens
        painter.setPen(QPen(look.color("data0"), max(1.0, look.px(2))))
        middle, half = frame.center().y() + look.px(4), 0.36 * frame.height()
        step = (frame.width() - look.px(16)) / len(self._outline)
        for i, height in enumerate(self._outline):
            x = frame.left() + look.px(8) + (i + 0.5) * step
            reach = max(look.px(1), half * float(height))
            painter.drawLine(QPointF(x, middle - reach), QPointF(x, middle + reach))

    def _draw_cross(self, painter: QPainter) -> None:
        look, inside = self._tokens, self._cross()
        arm = look.px(4)
        painter.setPen(QPen(look.color("quiet_ink"), max(1.0, look.px(1.5))))
        x, y = inside.center().x(), inside.center().y()
        painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
        painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))

    def _cross(self) -> QRectF:
        side = self._tokens.px(24)
        return QRectF(self.width() - side, 0, side, side)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self.update()


class TakeTiles(QWidget):
    """The tiles of one word, in one row or two.

    Parameters
    ----------
    wanted
        How many takes are asked for.
    """

    played = Signal(object)
    """The user wants to hear this take."""
    dropped = Signal(object)
    """The user does not want this take."""

    def __init__(self, wanted: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = wanted
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.tiles: list[TakeTile] = []
        self._make(wanted)
        self.setAccessibleName(self.tr("Takes of the word"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_takes(self, takes: Sequence[Take], *, listening: bool, voice: bool) -> None:
        """Show takes; the place after them is the next while somebody listens."""
        self._make(max(self._wanted, len(takes)))
        for place, tile in enumerate(self.tiles):
            take = takes[place] if place < len(takes) else None
            tile.show_take(take, next_one=listening and place == len(takes), voice=voice)

    def _make(self, count: int) -> None:
        while len(self.tiles) > count:
            tile = self.tiles.pop()
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        for place in range(len(self.tiles), count):
            tile = TakeTile(place + 1)
            tile.clicked.connect(self._on_played)
            tile.dropped.connect(self._on_dropped)
            self.tiles.append(tile)
            self._grid.addWidget(tile, place // self._wanted, place % self._wanted)

    @Slot()
    def _on_played(self) -> None:
        tile = self.sender()
        if isinstance(tile, TakeTile) and tile.take() is not None:
            self.played.emit(tile.take())

    @Slot()
    def _on_dropped(self) -> None:
        tile = self.sender()
        if isinstance(tile, TakeTile) and tile.take() is not None:
            self.dropped.emit(tile.take())

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setSpacing(current.space(1))


def _outline(take: Take) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the extent of the word in a few columns, 0 to 1 of its own peak, on a square-root scale."""
    sound = np.abs(take.trimmed())
    columns = [part.max() if len(part) else 0.0 for part in np.array_split(sound, _COLUMNS)]
    peak = max(*columns, 1e-9)
    return np.sqrt(np.array(columns, np.float64) / peak)
