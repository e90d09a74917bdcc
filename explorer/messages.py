"""Sentences above the panel, one at a time: what happened, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot

from explorer.panels.base import Action
from widgets.banner import Banner

_KEPT = 20


@dataclass(frozen=True, slots=True)
class _Message:
    sentence: str
    action: Action | None
    mood: str


class Messages(QObject):
    """Let sentences wait their turn in one banner.

    A question (a sentence with a button) stays until it is answered or closed; plain sentences make way.

    Parameters
    ----------
    banner
        Where they are shown.
    """

    def __init__(self, banner: Banner) -> None:
        super().__init__(banner)
        self._banner = banner
        self._waiting: list[_Message] = []
        banner.actionRequested.connect(self._on_action)
        banner.dismissed.connect(self._on_dismissed)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The sentences that are shown or wait, the shown one first."""
        return tuple(message.sentence for message in self._waiting)

    def add(self, sentence: str, action: Action | None = None, mood: str = "info") -> None:
        """Show `sentence` behind the questions that are still open; one that waits already is not shown twice."""
        if sentence in self.waiting:
            return
        if action is None:
            self._waiting = [message for message in self._waiting if message.action is not None]
        self._waiting = [*self._waiting, _Message(sentence, action, mood)][-_KEPT:]
        self._refresh()

    def _refresh(self) -> None:
        if not self._waiting:
            self._banner.hide()
            return
        first = self._waiting[0]
        self._banner.show_message(first.sentence, mood=first.mood, action=first.action.text if first.action else "")

    @Slot()
    def _on_action(self) -> None:
        action = self._waiting.pop(0).action if self._waiting else None
        self._refresh()
        if action is not None:
            action.run()

    @Slot()
    def _on_dismissed(self) -> None:
        del self._waiting[:1]
        self._refresh()
