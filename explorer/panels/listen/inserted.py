"""Inserted words: a source into whose sound a recorded word is put on request, and which can be held shut."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.source import RATE_HZ, Block, Source, SourceKind, SourceStatus, Span
from explorer.engine.audio.talker import TalkerSource

_AFTER_WORD_S = 0.25
_HOLD_TAIL_S = 0.4  # who lets go of the key with the last sound of a word must not cut it off
_NEVER_S = 1e6


def recorded_voice(seed: int = 0) -> TalkerSource:
    """Return a talker that says nothing of its own accord: for words on request."""
    voice = TalkerSource(seed=seed, gap_s=(_NEVER_S, _NEVER_S), paced=False)
    voice.open()
    return voice


class InsertedSource:
    """Pass a source on; while a recorded word plays, its samples stand in the place of the source's.

    The stream keeps the pace of the source, so nothing is lost or late.  The words inserted are no truth about the
    stream: `truth` stays that of the source, and `inserted` says where they lie.

    Parameters
    ----------
    source
        Microphone, file or signal.
    voice
        Says the words; see `recorded_voice`.
    """

    def __init__(self, source: Source, voice: TalkerSource) -> None:
        self.source = source
        self.inserted: list[Span] = []
        self.hold_to_talk = False
        self._held = False
        self._released_s = 0.0
        self._voice = voice
        self._lock = threading.Lock()
        self._asked = self._until = self._end = 0
        self._noted = len(voice.truth(0.0, _NEVER_S))

    @property
    def kind(self) -> SourceKind:
        """Kind of the source underneath."""
        return self.source.kind

    @property
    def label(self) -> str:
        """Name of the source underneath."""
        return self.source.label

    @property
    def live(self) -> bool:
        """Whether the source underneath is a device."""
        return self.source.live

    @property
    def ended(self) -> bool:
        """Whether the source underneath has nothing more."""
        return self.source.ended

    @property
    def shut(self) -> bool:
        """Whether sound is kept from the network now: hold to talk is on and nobody holds."""
        waiting = time.perf_counter() - self._released_s > _HOLD_TAIL_S
        return self.hold_to_talk and not self._held and waiting

    def hold(self, held: bool) -> None:
        """Press or let go of the key to talk."""
        if self._held and not held:
            self._released_s = time.perf_counter()
        self._held = held

    def say(self, word: str) -> None:
        """Insert `word` next, in one of the recorded voices.

        Raises
        ------
        ExplorerError
            If there is no recording of it.
        """
        with self._lock:
            self._voice.say(word)
            self._asked += 1

    def open(self) -> None:
        """Open the source underneath."""
        self.source.open()

    def close(self) -> None:
        """Close the source underneath."""
        self.source.close()

    def read(self, n: int, timeout_s: float) -> Block | None:
        """Return the next samples: the source's, silence while shut, or the word that is inserted."""
        speaks = self._asked or self._end < self._until
        block = self.source.read(n, min(timeout_s, n / RATE_HZ) if speaks else timeout_s)
        if block is None:
            if not speaks:
                return None
            # a device that gives nothing does not silence the recorded voice
            block = Block(np.zeros(n, np.float32), self._end + n, time.perf_counter(), None)
        begin, self._end = self._end, self._end + len(block.samples)
        with self._lock:
            if self._asked or begin < self._until:
                return replace(block, samples=self._spoken(begin, len(block.samples)))
        return replace(block, samples=np.zeros_like(block.samples)) if self.shut else block

    def status(self) -> SourceStatus:
        """Return how the source underneath fares."""
        return self.source.status()

    def truth(self, start_s: float, end_s: float) -> tuple[Span, ...]:
        """Return the words the source underneath knows of."""
        return self.source.truth(start_s, end_s)

    def _spoken(self, begin: int, n: int) -> NDArray[np.float32]:
        """Return the next samples of the recorded voice, and note the words that begin in them."""
        block = self._voice.read(n, 0.0)
        assert block is not None  # a talker that repeats and is not paced always has sound
        shift_s = (begin + n - block.end_index) / RATE_HZ
        for span in self._voice.truth(0.0, _NEVER_S)[self._noted :]:
            self._noted += 1
            self._asked -= 1
            self.inserted.append(replace(span, start_s=span.start_s + shift_s, end_s=span.end_s + shift_s))
            self._until = round((self.inserted[-1].end_s + _AFTER_WORD_S) * RATE_HZ)
        return block.samples
