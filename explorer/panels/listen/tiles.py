"""Word tiles: always visible, lit when heard, and pressed to hear the network on a recorded voice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from widgets import tokens
from widgets.tile import WordTile
from widgets.tokens import Tokens

LIT_S = 1.5


class WordTiles(QWidget):
    """One row of tiles, or two where the words would not fit.

    Parameters
    ----------
    words
        The words the network knows.
    """

    wordPressed = Signal(str)
    """The user pressed a tile."""

    def __init__(self, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._tiles: dict[str, WordTile] = {}
        self._lit: dict[str, float] = {}
        self._columns = 0
        self._low = False
        self.setAccessibleName(self.tr("Words the network knows"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.set_words(words)

    def set_words(self, words: Sequence[str]) -> None:
        """Take the words of another network; tiles of words that stay are kept as they are."""
        for gone in set(self._tiles) - set(words):
            tile = self._tiles.pop(gone)
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
            self._lit.pop(gone, None)
        self._tiles = {word: self._tiles.get(word) or self._tile(word) for word in words}
        self._columns = 0
        self._fit()

    def _tile(self, word: str) -> WordTile:
        tile = WordTile(word)
        said = self.tr("A recorded voice says “{word}”, and the network hears it").format(word=word)
        tile.setToolTip(said)
        tile.setAccessibleDescription(said)
        tile.clicked.connect(self._on_pressed)
        return tile

    def tile(self, word: str) -> WordTile:
        """Give the tile of a word."""
        return self._tiles[word]

    def words(self) -> tuple[str, ...]:
        """Give the words in their order."""
        return tuple(self._tiles)

    def lit(self) -> str:
        """Give the word whose tile is lit; empty for none."""
        return next((word for word, tile in self._tiles.items() if tile.is_heard()), "")

    def light(self, word: str, now_s: float, counts: dict[str, int]) -> None:
        """Light the tile of a word that was heard, counted already; others go out."""
        self.set_counts(counts)
        for other, tile in self._tiles.items():
            tile.set_heard(other == word)
        self._lit = {word: now_s}

    def on_frame(self, now_s: float, scores: dict[str, float]) -> None:
        """Fill each tile as far as its word's averaged score, and let old light go out."""
        for word, tile in self._tiles.items():
            tile.set_fill(scores.get(word, 0.0))
        for word, since_s in tuple(self._lit.items()):
            if now_s - since_s > LIT_S:
                self._tiles[word].set_heard(False)
                del self._lit[word]

    def set_counts(self, counts: dict[str, int]) -> None:
        """Say how often each word was heard in the minutes that are remembered."""
        for word, tile in self._tiles.items():
            tile.set_count(counts.get(word, 0))

    def set_low(self, low: bool) -> None:
        """Be only as high as a finger needs, where height is dear."""
        self._low = low
        for tile in self._tiles.values():
            tile.setMaximumHeight(tile.minimumSizeHint().height() if low else 16_777_215)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take one row or two."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        count = len(self._tiles)
        needed = count * max(tile.minimumSizeHint().width() for tile in self._tiles.values())
        needed += (count - 1) * self._grid.horizontalSpacing()
        self._arrange(count if self.width() >= needed else (count + 1) // 2)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, tile in enumerate(self._tiles.values()):
            self._grid.addWidget(tile, place // columns, place % columns)
        self.set_low(self._low)
        self.updateGeometry()

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setSpacing(current.space(1))

    @Slot()
    def _on_pressed(self) -> None:
        tile = self.sender()
        if isinstance(tile, WordTile):
            self.wordPressed.emit(tile.text())
