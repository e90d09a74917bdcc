"""Scoring of a stream: hits, false alarms per hour and response time, each with its interval.

The protocol is that of MLPerf Tiny's streaming wake word: a hit is a report of the right word between its start and
0.5 s after its end; reports of it until 1.0 s after the end are late, neither hit nor false; false reports closer than
1.0 s together are one, and a false report that goes on counts again each second.  With ten words there are also wrong
words: a report of one keyword while another is said.  They are false alarms too.

References
----------
C. Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021; rules of version 1.3, streaming wake word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.engine.audio.source import Span
from explorer.engine.intervals import median_interval, rate_interval, wilson
from explorer.engine.kws.decision import Event
from explorer.engine.kws.labels import SILENCE, UNKNOWN

HIT_UNTIL_S = 0.5  # after the end of the word
LATE_UNTIL_S = 1.0
DEBOUNCE_S = 1.0


@dataclass(frozen=True, slots=True)
class StreamScore:
    """How well a stream of known words was recognised.

    Parameters
    ----------
    words
        Keywords that were said.
    hits
        Keywords reported in time.
    false_alarms
        False reports after debouncing, wrong words included.
    wrong_words
        Those of them during, or until half a second after, another keyword.
    exposure_s
        Length of the stream.
    responses_ms
        From the end of the word to the last sample used, one per hit; negative when the report came before the end.
    """

    words: int
    hits: int
    false_alarms: int
    wrong_words: int
    exposure_s: float
    responses_ms: tuple[float, ...]

    @property
    def misses(self) -> int:
        """Keywords that were not reported in time."""
        return self.words - self.hits

    @property
    def hit_rate(self) -> float | None:
        """Share of the keywords reported in time; None without words."""
        return self.hits / self.words if self.words else None

    @property
    def hit_interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the hit rate."""
        return wilson(self.hits, self.words)

    @property
    def false_alarms_per_hour(self) -> float:
        """False alarms per hour of this stream; it is denser in words than a day at home."""
        return self.false_alarms * 3600.0 / self.exposure_s if self.exposure_s else 0.0

    @property
    def false_alarm_interval(self) -> tuple[float, float]:
        """95 % interval of the false alarms per hour."""
        return rate_interval(self.false_alarms, self.exposure_s / 3600.0)

    @property
    def response_ms(self) -> tuple[float, float, float] | None:
        """Median response time with its 95 % interval; None without hits."""
        return median_interval(list(self.responses_ms)) if self.responses_ms else None


@dataclass(frozen=True, slots=True)
class Watch:
    """What a stream of unknown content supports.

    Parameters
    ----------
    events
        Reports in it; how many of them were false, nobody knows.
    exposure_s
        How long it was.
    most_per_hour
        Upper bound on the rate of false alarms were all reports false: one-sided -ln(0.05) / exposure for none.
    """

    events: int
    exposure_s: float
    most_per_hour: float

    @property
    def sentence(self) -> str:
        """The bound in words: "0 in 3 min supports only < 60 per hour"."""
        minutes = self.exposure_s / 60.0
        length = f"{minutes:.0f} min" if minutes >= 2 else f"{self.exposure_s:.0f} s"
        return f"{self.events} in {length} supports only < {self.most_per_hour:.0f} per hour"


def watch(events: int, exposure_s: float) -> Watch:
    """Return what `events` reports in `exposure_s` seconds of unknown sound support."""
    return Watch(events, exposure_s, rate_interval(events, exposure_s / 3600.0)[1])


def score_stream(events: Sequence[Event], spans: Sequence[Span], exposure_s: float) -> StreamScore:
    """Compare events with what was said.

    Parameters
    ----------
    events
        Reports, in order of time.
    spans
        What was said, in order of time; words labelled unknown cannot be hit, and reports during them are false.
    exposure_s
        Length of the stream.
    """
    keywords = [span for span in spans if span.label not in (SILENCE, UNKNOWN)]
    ends = [span.end_s for span in keywords]
    response_ms: dict[int, float] = {}
    false_alarms = wrong_words = 0
    last_false_s = float("-inf")
    for event in events:
        right = late = wrong = credited = False
        # spans that could explain it end no earlier than LATE_UNTIL_S before it
        for index in range(bisect_left(ends, event.time_s - LATE_UNTIL_S), len(keywords)):
            span = keywords[index]
            if span.start_s > event.time_s:
                break
            in_time = event.time_s <= span.end_s + HIT_UNTIL_S
            if span.label == event.label:
                right |= in_time
                late = True
                if in_time and not credited and index not in response_ms:  # one report, one word
                    response_ms[index] = (event.time_s - span.end_s) * 1000.0
                    credited = True
            else:
                wrong |= in_time
        if right or late or event.time_s - last_false_s < DEBOUNCE_S:
            continue
        last_false_s = event.time_s
        false_alarms += 1
        wrong_words += wrong
    return StreamScore(
        words=len(keywords),
        hits=len(response_ms),
        false_alarms=false_alarms,
        wrong_words=wrong_words,
        exposure_s=exposure_s,
        responses_ms=tuple(response_ms[index] for index in sorted(response_ms)),
    )
