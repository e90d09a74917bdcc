"""The race: one word, four places, and the moment at which each answers; the network's delay is drawn by lot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication

from explorer.engine.deployment.profile import Tier
from explorer.engine.quantity import Quantity
from explorer.panels.place import wording
from explorer.panels.place.axis import HIGH_MS
from explorer.panels.place.evaluation import Place


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """One word on its way to four answers.

    Parameters
    ----------
    word
        What was said.
    places
        Who runs.
    delays_ms
        When each answers; infinite where no answer comes.
    started_s
        When the sound ended, in seconds of the clock.
    slow
        How many times slower than in reality it is shown.
    """

    word: str
    places: Mapping[Tier, Place]
    delays_ms: Mapping[Tier, float]
    started_s: float
    slow: int

    def elapsed_ms(self, now_s: float) -> float:
        """Return how much of the race's own time has passed."""
        return max(0.0, now_s - self.started_s) * 1e3 / self.slow

    def arrived(self, now_s: float) -> tuple[Tier, ...]:
        """Return who has answered by now, first first."""
        elapsed = self.elapsed_ms(now_s)
        there = [tier for tier, delay in self.delays_ms.items() if delay <= elapsed]
        return tuple(sorted(there, key=lambda tier: self.delays_ms[tier]))

    @property
    def end_s(self) -> float:
        """When everybody has answered who ever will on this axis, in seconds of the clock."""
        last_ms = max((delay for delay in self.delays_ms.values() if delay <= HIGH_MS), default=0.0)
        return self.started_s + last_ms * self.slow / 1e3

    def over(self, now_s: float) -> bool:
        """Whether everybody has answered who ever will."""
        return now_s >= self.end_s

    def sentence(self) -> str:
        """Return who answered first, what it cost and what left the room."""
        order = sorted((t for t, d in self.delays_ms.items() if d <= HIGH_MS), key=lambda t: self.delays_ms[t])
        if not order:
            return _tr("“{word}”: nobody answered.").format(word=self.word)
        first, last = order[0], order[-1]
        told = _tr("“{word}”: {first} answered first, after {time}{cost}")
        parts = [
            told.format(
                word=self.word,
                first=wording.tier_name(first).lower(),
                time=self._after(first),
                cost=self._cost(first),
            )
        ]
        if last != first:
            told = _tr("{last} last, after {time}{cost}")
            name = wording.tier_name(last).lower()
            parts.append(told.format(last=name, time=self._after(last), cost=self._cost(last)))
        never = [wording.tier_name(tier).lower() for tier in self.delays_ms if tier not in order]
        if never:
            parts.append(_tr("no answer from {names}").format(names=", ".join(never)))
        return f"{'; '.join(parts)}. {self._left_the_room()}"

    def _after(self, tier: Tier) -> str:
        """Return the delay that was drawn, with the interval of the computing in it."""
        delay, option = self.delays_ms[tier], self.places[tier].option
        time = None if option is None else option.compute_ms
        if time is None or time.low is None or time.high is None:
            return wording.in_time(delay)
        low, high = (max(0.0, delay + end - time.value) for end in (time.low, time.high))
        return wording.with_interval(Quantity(delay, "ms", time.kind, time.source, low, high))

    def _cost(self, tier: Tier) -> str:
        option = self.places[tier].option
        spent: list[str] = []
        if option is not None and option.energy is not None:
            spent.append(_tr("{energy} of computing").format(energy=wording.in_joules(option.energy.microjoules.value)))
        if option is not None and option.cost_per_million is not None:
            spent.append(_tr("{usd} USD a million").format(usd=f"{option.cost_per_million.value:,.3g}"))
        return f" ({', '.join(spent)})" if spent else ""

    def _left_the_room(self) -> str:
        """Say what was sent, whether or not an answer came back."""
        gone = {tier: place.option for tier, place in self.places.items() if place.option is not None}
        far = [tier for tier, option in gone.items() if not option.stays_in_room]
        if not far:
            return _tr("Nothing left the room.")
        leaving = {gone[tier].leaving.words for tier in far}
        names = ", ".join(wording.tier_name(tier).lower() for tier in far)
        return _tr("What left the room, for {names}: {what}.").format(names=names, what=", ".join(sorted(leaving)))


def start(word: str, places: Mapping[Tier, Place], seed: tuple[int, int], started_s: float, slow: int) -> Race:
    """Return a race with delays drawn from what each place's answers are spread over.

    Parameters
    ----------
    word
        What was said.
    places
        Who runs.
    seed
        Of the session and the number of the race: the same pair draws the same delays.
    started_s, slow
        As for `Race`.
    """
    generator = np.random.default_rng(seed)
    delays = {
        tier: math.inf if place.option is None else float(place.option.answers.sample(generator, 1)[0])
        for tier, place in places.items()
    }
    return Race(word, places, delays, started_s, slow)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
