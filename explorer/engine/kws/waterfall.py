"""The latency waterfall: where the time went between the end of a word and its event."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from explorer.engine.kws.decision import Event


class Stamps(NamedTuple):
    """`time.perf_counter()` along one hop: its last block came, was held by the thread, and each step was done."""

    arrived_s: float
    read_s: float
    features_done_s: float
    network_done_s: float
    decided_s: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the waterfall.

    Parameters
    ----------
    name
        What was being done.
    start_ms, length_ms
        When, counted from the end of the word.
    """

    name: str
    start_ms: float
    length_ms: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The parts of one event's delay, measured here.

    Time in sound (until the last sample the decision used) and time of computing (after that sample came) follow each
    other, so the parts add up to the whole.  Painting comes after `decided_s` and is added by whoever paints.

    Parameters
    ----------
    word_end_s
        End of the word in sound time; None when neither known nor to be seen in the sound.
    word_end_known
        True: from labelled sound.  False: estimated from the level.
    time_s
        Sound time of the last sample the decision used.
    capture_block_ms
        How long that sample lay between the device (or its due time) and the program; None where not measured.
    wait_for_hop_ms
        From the end of the word to the next result, in sound time; None without `word_end_s`.
    pick_up_ms
        From the arrival of the hop's last block until the inference thread held it.
    features_ms, network_ms, decision_ms
        Computing: log-mel of the new frames, the network, the decision layer.
    averaging_ms
        Being sure, in sound time: from the first single result that reached the threshold to the event.
    arrived_s, decided_s
        `time.perf_counter()` when the hop's last block arrived and when the event was decided.
    """

    word_end_s: float | None
    word_end_known: bool
    time_s: float
    capture_block_ms: float | None
    wait_for_hop_ms: float | None
    pick_up_ms: float
    features_ms: float
    network_ms: float
    decision_ms: float
    averaging_ms: float
    arrived_s: float
    decided_s: float

    @property
    def response_ms(self) -> float | None:
        """From the end of the word to the last sample used; negative when the word was clear before its end."""
        return None if self.word_end_s is None else (self.time_s - self.word_end_s) * 1000.0

    def ending(self, word_end_s: float | None, known: bool, hop_s: float) -> Waterfall:
        """Return the same with another end of the word, results coming at multiples of `hop_s`."""
        wait_ms = None if word_end_s is None else wait_for_hop_ms(word_end_s, hop_s)
        return replace(self, word_end_s=word_end_s, word_end_known=known, wait_for_hop_ms=wait_ms)

    def segments(self) -> list[Segment]:
        """Return the parts one after the other, in milliseconds from the end of the word (0 without `word_end_s`).

        What the network took to reach the threshold once the whole word had been heard is "network not sure yet";
        when it was sure before the word ended, "being sure" begins at the negative time it did.
        """
        end_ms = self.response_ms if self.response_ms is not None else self.averaging_ms
        rise_ms = end_ms - self.averaging_ms
        parts: list[tuple[str, float]] = []
        start_ms = min(0.0, rise_ms)
        if rise_ms > 0:
            wait_ms = min(rise_ms, self.wait_for_hop_ms or 0.0)
            parts += [("wait for the hop", wait_ms), ("network not sure yet", rise_ms - wait_ms)]
        parts += [
            ("being sure", self.averaging_ms),
            ("capture block", self.capture_block_ms or 0.0),
            ("pick-up", self.pick_up_ms),
            ("features", self.features_ms),
            ("network", self.network_ms),
            ("decision", self.decision_ms),
        ]
        segments = []
        for name, length_ms in parts:
            segments.append(Segment(name, start_ms, length_ms))
            start_ms += length_ms
        return segments


def waterfall(event: Event, stamps: Stamps, capture_block_ms: float | None) -> Waterfall:
    """Return the waterfall of an event whose word's end is not known yet."""
    return Waterfall(
        word_end_s=None,
        word_end_known=False,
        time_s=event.time_s,
        capture_block_ms=capture_block_ms,
        wait_for_hop_ms=None,
        pick_up_ms=(stamps.read_s - stamps.arrived_s) * 1000.0,
        features_ms=(stamps.features_done_s - stamps.read_s) * 1000.0,
        network_ms=(stamps.network_done_s - stamps.features_done_s) * 1000.0,
        decision_ms=(stamps.decided_s - stamps.network_done_s) * 1000.0,
        averaging_ms=(event.time_s - event.rise_s) * 1000.0,
        arrived_s=stamps.arrived_s,
        decided_s=stamps.decided_s,
    )


def wait_for_hop_ms(word_end_s: float, hop_s: float) -> float:
    """Return how long after `word_end_s` the next result comes, results coming at multiples of `hop_s`."""
    return max(0.0, math.ceil(word_end_s / hop_s - 1e-9) * hop_s - word_end_s) * 1000.0
