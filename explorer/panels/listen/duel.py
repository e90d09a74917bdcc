"""Duel: the float and the squeezed network on the same live sound, and the words on which they differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from explorer.engine.kws.decision import Event
from explorer.engine.kws.pipeline import Pipeline
from explorer.engine.kws.rival import SLACK_S, Disagreement, Echo, disagreements
from explorer.engine.quantization.recipe import FLOAT, Recipe

WINDOW_S = 60.0
_KEPT = 6000  # five minutes of results
_SETTLED_S = 2 * SLACK_S  # by then both have answered


class Duel:
    """Follow what both networks report; begins anew whenever one of them is another.

    Parameters
    ----------
    pipeline
        What listens.
    pair
        Gives the recipes of the network that reports words and of its rival; None for the second while there is none.
    """

    def __init__(self, pipeline: Pipeline, pair: Callable[[], tuple[Recipe, Recipe | None]]) -> None:
        self._pipeline = pipeline
        self._pair = pair
        self._known: tuple[Recipe, Recipe | None] = (FLOAT, None)
        self._echoes: deque[Echo] = deque(maxlen=_KEPT)
        self._read_echoes = self._read_events = 0
        self._mine: list[Event] = []
        self._others: list[Event] = []
        self._since_s = 0.0
        self._found: list[Disagreement] = []

    @property
    def on(self) -> bool:
        """Whether two networks listen."""
        return self._known[1] is not None

    @property
    def squeezed_reports(self) -> bool:
        """Whether the squeezed network reports the words, and float is what it is compared with."""
        return self._known[0] != FLOAT

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called, float first; the one that reports the words says so."""
        squeezed = self._known[0] if self.squeezed_reports else self._known[1] or FLOAT
        names = [_tr("float"), str(squeezed)]
        reporter = int(self.squeezed_reports)
        names[reporter] = _tr("{name} · reports").format(name=names[reporter])
        return names[0], names[1]

    def poll(self) -> None:
        """Take over what is new; called once per frame."""
        pair, pipeline = self._pair(), self._pipeline
        if pair != self._known:
            self._known = pair
            self.forget()
        echoes, self._read_echoes = pipeline.rival.echoes.since(self._read_echoes)
        events, self._read_events = pipeline.events.since(self._read_events)
        if not self.on:
            return
        self._echoes.extend(echoes)
        self._mine += [event for event in events if event.time_s >= self._since_s]
        self._others += [echo.event for echo in echoes if echo.event is not None]
        newest_s = max((event.time_s for event in (*self._mine[-1:], *self._others[-1:])), default=-np.inf)
        if not echoes or echoes[0].time_s - newest_s > _SETTLED_S:
            return  # nothing was said lately: what was found stays
        oldest_s = self._echoes[0].time_s
        self._mine = [event for event in self._mine if event.time_s >= oldest_s]
        self._others = [event for event in self._others if event.time_s >= oldest_s]
        exact, squeezed = (self._others, self._mine) if self.squeezed_reports else (self._mine, self._others)
        self._found = disagreements(exact, squeezed, echoes[-1].time_s)

    def forget(self) -> None:
        """Forget what both said so far; for a second after its start a network reports nothing."""
        self._echoes.clear()
        self._mine, self._others, self._found = [], [], []
        self._since_s = self._pipeline.now_s + 1.0

    def found(self) -> list[Disagreement]:
        """Return the disagreements of the minutes that are remembered, oldest first."""
        return self._found

    def counted(self) -> tuple[list[Disagreement], float]:
        """Return the disagreements of the last minute, and how many seconds both have been heard of it."""
        now_s = self._echoes[-1].time_s if self._echoes else self._since_s
        seconds = min(WINDOW_S, max(0.0, now_s - self._since_s))
        return [d for d in self._found if d.time_s >= now_s - WINDOW_S], seconds

    def echo_at(self, time_s: float) -> Echo | None:
        """Return the rival's result at a moment; None where it has none."""
        if not self._echoes:
            return None
        hop_s = self._pipeline.hop_ms / 1000.0
        place = len(self._echoes) - 1 - round((self._echoes[-1].time_s - time_s) / hop_s)
        return self._echoes[place] if 0 <= place < len(self._echoes) else None

    def line(self, end_s: float, hops: int) -> NDArray[np.float32]:
        """Return the rival's leading score at each of the results up to `end_s`, [hops]; 0 where it has none."""
        hop_s = self._pipeline.hop_ms / 1000.0
        values = np.zeros(hops, np.float32)
        for echo in reversed(self._echoes):
            place = hops - 1 - round((end_s - echo.time_s) / hop_s)
            if place < 0:
                break
            if place < hops:
                values[place] = echo.score
        return values

    def sentence(self) -> str:
        """Say how often the two differed in the last minute, and on which words."""
        last, seconds = self.counted()
        if not last:
            return _tr("no disagreement in {seconds:.0f} s").format(seconds=seconds)
        told = _tr("{count} disagreements in {seconds:.0f} s: {words}")
        if len(last) == 1:
            told = _tr("{count} disagreement in {seconds:.0f} s: {words}")
        return told.format(count=len(last), seconds=seconds, words=", ".join(words_of(d) for d in last[:-4:-1]))


def words_of(disagreement: Disagreement) -> str:
    """Return what float and the squeezed network said: "yes | no", a dash for nothing."""
    return f"{disagreement.first or '–'} | {disagreement.second or '–'}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Duel", text)
