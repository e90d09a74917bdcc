"""Sentences above the panel, one at a time: what happened, and what can be done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot

from explorer.panels.base import Action
from widgets.banner import Banner

NEWS = ("info", "good")
"""Moods of sentences that call for nothing."""
SECONDS_TO_READ = 8.0
"""How long a plain piece of news stays, unless the pointer rests on it."""
_KEPT = 20


@dataclass(frozen=True, slots=True)
class _Message:
    sentence: str
    action: Action | None
    mood: str


class Messages(QObject):
    """Let sentences wait their turn in one banner.

    A question (a sentence with a button) stays until it is answered or closed; plain sentences make way.  News that
    calls for nothing makes way for questions too, and leaves by itself.

    Parameters
    ----------
    banner
        Where they are shown.
    clock
        Seconds, rising.
    """

    def __init__(self, banner: Banner, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(banner)
        self._banner = banner
        self._clock = clock
        self._shown_s = 0.0
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
        self._waiting = [
            message
            for message in self._waiting
            if message.action is not None or (action is not None and message.mood not in NEWS)
        ]
        self._waiting = [*self._waiting, _Message(sentence, action, mood)][-_KEPT:]
        self._refresh()

    def on_slow_tick(self) -> None:
        """Let news leave that could be read for long enough."""
        if not self._waiting or self._banner.underMouse():
            return
        first = self._waiting[0]
        if first.action is None and first.mood in NEWS and self._clock() - self._shown_s >= SECONDS_TO_READ:
            self._on_dismissed()

    def _refresh(self) -> None:
        if not self._waiting:
            self._banner.hide()
            return
        first = self._waiting[0]
        if first.sentence != self._banner.text() or self._banner.isHidden():
            self._shown_s = self._clock()
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
