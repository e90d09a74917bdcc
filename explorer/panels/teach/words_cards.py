"""The controls of "Your word" that are needed now and then: clips from files, what the lesson has, saving it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from explorer.panels.view import Words
from widgets import tokens
from widgets.card import Card
from widgets.tokens import Tokens


class WordsCards(QWidget):
    """Where examples come from, and what becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.others = Card(_tr("Clips"), foldable=True)
        self.importing = QPushButton(_tr("Import clips …"))
        from_files = Words(_tr("WAV or FLAC files of the word, by any voice."), size_px=12, role="quiet_ink")
        for widget in (self.importing, from_files):
            self.others.add(widget)
        self.examples = Card(_tr("Examples"), foldable=True)
        self.lesson_words = Words(size_px=14)
        self.saving = QPushButton(_tr("Save examples …"))
        kept = Words(_tr("In this program's memory only, unless you save them."), size_px=12, role="quiet_ink")
        for widget in (self.lesson_words, self.saving, kept):
            self.examples.add(widget)
        self._column = QVBoxLayout(self)
        for card in (self.others, self.examples):
            self._column.addWidget(card)
        self._column.addStretch(1)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_words(self, takes: dict[str, int]) -> None:
        """Show the words of the lesson with the number of their takes."""
        counted = ", ".join(f"“{word}” {count}" for word, count in takes.items())
        self.lesson_words.setText(counted or _tr("None yet."))
        self.saving.setEnabled(bool(takes))

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(current.space(1))


def _tr(text: str) -> str:
    return QCoreApplication.translate("WordsView", text)
