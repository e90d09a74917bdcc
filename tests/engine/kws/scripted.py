"""A source that plays a script, and a pipeline run to its end."""

from __future__ import annotations

import time

import numpy as np

from explorer.engine.audio.source import Block, SourceKind, SourceState, SourceStatus, Span
from explorer.engine.kws.pipeline import Pipeline
from tests.engine.kws.tones import stream


class Script:
    """A source that plays given samples with given truth; each read may be made to fail."""

    live = False

    def __init__(
        self, samples: np.ndarray, spans: tuple[Span, ...] = (), kind: SourceKind = "file", label: str = "script"
    ) -> None:
        self.samples, self.spans, self.label = samples, spans, label
        self.kind: SourceKind = kind
        self.at = 0
        self.fails = 0
        self.reads = 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.samples)

    def open(self) -> None: ...

    def close(self) -> None: ...

    def read(self, n: int, timeout_s: float) -> Block | None:
        self.reads += 1
        if self.fails:
            self.fails -= 1
            raise OSError("the cable is loose")
        if self.ended:
            return None
        taken = self.samples[self.at : self.at + n]
        self.at += len(taken)
        return Block(taken, self.at, time.perf_counter(), None)

    def status(self) -> SourceStatus:
        return SourceStatus(SourceState.LISTENING, "", "", 0, 7.5, -20.0, 0.1, 0, 0)

    def truth(self, start_s: float, end_s: float) -> tuple[Span, ...]:
        return tuple(s for s in self.spans if s.end_s > start_s and s.start_s < end_s)


def script(words: dict[float, str], seconds: float, kind: SourceKind = "talker", label: str = "script") -> Script:
    spans = tuple(Span(word, start, start + 0.4, word) for start, word in words.items())
    return Script(stream(words, seconds), spans if kind == "talker" else (), kind, label)


def listen(pipeline: Pipeline) -> list[str]:
    while not pipeline.finished:
        pipeline.step()
    return [event.label for event in pipeline.events.since(0)[0]]
