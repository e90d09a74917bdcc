"""The live pipeline: sound in, events out, twenty times a second, and where every millisecond went.

Per hop: read, mix noise in, remember, front end (new frames only), network, decision.  One thread does it; the
interface reads what comes out of `Log`s and swaps network, knobs, source and noise by setting an attribute, which takes
effect at the next hop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.level import CLIP, dbfs, rms
from explorer.engine.audio.ring import History
from explorer.engine.audio.source import RATE_HZ, Block, Source, Span
from explorer.engine.jobs import Log
from explorer.engine.kws import voice
from explorer.engine.kws.decision import Decider, DecisionSettings, Event
from explorer.engine.kws.frontend import CLIP as SECOND
from explorer.engine.kws.frontend import HOP as FRAME_HOP
from explorer.engine.kws.frontend import StreamingFrontEnd, log_mel
from explorer.engine.kws.labels import SILENCE, taught_label
from explorer.engine.kws.memory import FLOOR_S, ScoreMemory, Stretch, placed
from explorer.engine.kws.review import score_labelled, watch_unlabelled
from explorer.engine.kws.rival import Rival
from explorer.engine.kws.scoring import StreamScore, Watch
from explorer.engine.kws.stream import Columns, Hop, Mixer, Scorer, Seam
from explorer.engine.kws.waterfall import Stamps, waterfall

__all__ = ["Columns", "Hop", "Pipeline", "Seam"]

READ_TIMEOUT_S = 0.1  # how soon a stop is noticed
REST_S = 0.02  # pause of a loop that got nothing, so that it never spins
SETTLED_S = 0.5  # how much sound after an event is looked at for the end of its word
TAIL_S = 0.5  # silence after the end of a file, so that its last word can be decided


class Pipeline:
    """Listen to a source; `run` is the work of a `Job`.

    Parameters
    ----------
    source
        Where sound comes from; opened and closed by the interface.  None: nothing yet.
    executor
        The network.
    settings
        Knobs of the decision layer.
    hop
        Samples from one result to the next, a multiple of 160; 800 are twenty results a second.
    noise
        Fader whose noise is mixed into any source.
    history_s
        How much sound and how many scores are kept in memory.

    Attributes
    ----------
    hops, columns, events, seams, spans
        What came out, append-only: results, frames, words, changes of source, and known words on the time axis.
    rival
        A second network that hears the same sound, where there is one.
    """

    def __init__(
        self,
        source: Source | None,
        executor: Scorer,
        settings: DecisionSettings | None = None,
        hop: int = 800,
        noise: Mixer | None = None,
        history_s: float = 300.0,
    ) -> None:
        if hop <= 0 or hop % FRAME_HOP:
            raise ValueError(f"a hop is a multiple of {FRAME_HOP} samples, not {hop}")
        self.hop = hop
        self.hop_ms = hop * 1000.0 / RATE_HZ
        kept = max(1, round(history_s * RATE_HZ / hop))
        self.hops: Log[Hop] = Log(kept)
        self.columns: Log[Columns] = Log(kept)
        self.events: Log[Event] = Log(10_000)
        self.seams: Log[Seam] = Log(1000)
        self.spans: Log[Span] = Log(4096)
        self.rival = Rival(self.hop_ms, kept)
        self.history = History(history_s)
        self.memory = ScoreMemory(history_s, self.hop_ms)
        self._troubles: dict[str, str] = {}
        self._executor = self._scoring = executor
        self._settings = settings or DecisionSettings()
        self._source = source
        self._noise = noise
        self._reading: Source | None = None  # what the thread reads; follows `_source` at the next hop
        self._origin = 0  # sample of the time axis at which the present source began
        self._labelled_to_s = 0.0
        self._tail = 0
        self._forget = threading.Event()
        self._begin_frames(0)
        self._end = 0
        self._count = 0
        self._zeros = SECOND  # before the start there was silence
        self._decider = Decider(tuple(executor.labels), self.hop_ms, self._settings)

    @property
    def source(self) -> Source | None:
        """Where sound comes from, or will from the next hop on."""
        return self._source

    @property
    def executor(self) -> Scorer:
        """The network in use."""
        return self._executor

    @property
    def settings(self) -> DecisionSettings:
        """The knobs in force."""
        return self._settings

    @property
    def trouble(self) -> str | None:
        """What fails, in a sentence, while it does, else None; the thread goes on and tries again."""
        return " ".join(told for told in (*self._troubles.values(), self.rival.trouble) if told) or None

    @property
    def now_s(self) -> float:
        """Sound heard so far, in seconds."""
        return self._end / RATE_HZ

    @property
    def finished(self) -> bool:
        """Whether the source has ended and its last word is decided."""
        source = self._source
        return source is self._reading and (source is None or source.ended) and self._tail == 0

    def set_source(self, source: Source | None) -> None:
        """Go on with another source; the time axis goes on, and a seam is noted."""
        self._source = source

    def set_executor(self, executor: Scorer) -> None:
        """Go on with another network."""
        self._executor = executor

    def set_settings(self, settings: DecisionSettings) -> None:
        """Go on with other knobs."""
        self._settings = settings

    def run(self, stop: threading.Event, put: Callable[[Hop], None]) -> None:
        """Work until `stop`; each result is also given to `put`."""
        while not stop.is_set():
            began_s = time.perf_counter()
            hop = self.step()
            if hop is not None:
                put(hop)
            elif time.perf_counter() - began_s < REST_S / 2:
                stop.wait(REST_S)

    def step(self) -> Hop | None:
        """Wait for the next hop of sound and take it through; None when none came within 100 ms."""
        if self._forget.is_set():
            self._begin_again()
        if self._source is not self._reading:
            self._change_source()
        source = self._reading
        if source is None:
            return None
        if self._tail:
            self._tail -= 1
            samples = np.zeros(self.hop, np.float32)
            return self._process(Block(samples, 0, time.perf_counter(), None), source)
        if _over(source):
            return None
        try:
            block = source.read(self.hop, READ_TIMEOUT_S)
        except Exception as error:  # noqa: BLE001 - whatever a source does, the thread lives and the window says it
            self._troubles["source"] = f"{source.label} cannot be read: {_sentence(error)}"
            return None
        self._troubles.pop("source", None)
        if _over(source):
            self._tail = round(TAIL_S * RATE_HZ / self.hop)
        if block is None:
            return None
        if len(block.samples) < self.hop:
            block = replace(block, samples=np.pad(block.samples, (0, self.hop - len(block.samples))))
        return self._process(block, source)

    def clear(self) -> None:
        """Forget all sound and scores, for real; indices and the time axis go on."""
        self.history.clear()
        self.memory.clear()
        for log in (self.hops, self.columns, self.events, self.spans, self.rival.echoes):
            log.clear()
        self._forget.set()

    def look_back(self, time_s: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the second that ends at `time_s`, as the network saw it.

        Parameters
        ----------
        time_s
            Any moment; moved back to the last result.

        Returns
        -------
        samples, picture
            float32 [16000] with 16-bit resolution, and grey levels [98, 40].

        Raises
        ------
        LookupError
            If that second is not remembered any more, or not heard yet.
        """
        end = int(time_s * RATE_HZ + 0.5) // self.hop * self.hop
        samples = self.history.clip(end - SECOND, SECOND)
        return samples, np.asarray(log_mel(samples), np.float32)

    def settle(self, event: Event) -> Event:
        """Return a live event with the edges of its word as they are seen once more sound has come.

        At the decision the word may not have ended, so where it ends is often not known yet (`word_end_s` None).  Half
        a second later it is.  Ends that are known from labelled sound stay.
        """
        fall = event.waterfall
        if fall is None or fall.word_end_known:
            return event
        passed_s = self.now_s - event.time_s
        start_s, end_s = self.memory.snapshot(FLOOR_S + passed_s).edges(event, min(passed_s, SETTLED_S))
        if end_s is None:
            return event
        return replace(placed(event, start_s), waterfall=fall.ending(end_s, False, self.hop / RATE_HZ))

    def score(self, settings: DecisionSettings | None = None) -> StreamScore | None:
        """Judge the events of the labelled stretches in memory; None when nothing is labelled."""
        return score_labelled(self.memory.snapshot(), settings or self._settings, self.spans.since(0)[0])

    def watch(self, settings: DecisionSettings | None = None) -> Watch:
        """Count the events of the stretches in memory about which nothing is known, and what that supports."""
        return watch_unlabelled(self.memory.snapshot(), settings or self._settings)

    def explain(self) -> str | None:
        """Say why the last stretch of voice was no event; None while there is nothing to explain."""
        return voice.explain(self.hops.since(max(0, self._count - 200))[0], self._settings)

    def _process(self, block: Block, source: Source) -> Hop:
        read_s = time.perf_counter()
        samples = self._mix(block.samples, source)
        self.history.append(samples)
        self._end += len(samples)
        time_s = self._end / RATE_HZ
        frames = self._front_end.push(samples)
        self._keep_frames(frames)
        features_s = time.perf_counter()
        scores = self._scores(samples)
        network_s = time.perf_counter()
        self.memory.append(time_s, scores)
        self._decider.settings = self._settings
        decision = self._decider.push(time_s, scores)
        decided_s = time.perf_counter()
        if decision.event is not None or self._count % 20 == 0:
            self._learn_truth(source, time_s)
        event = None
        if decision.event is not None:
            stamps = Stamps(block.arrived_s, read_s, features_s, network_s, decided_s)
            event = self._complete(decision.event, source, stamps)
            self.events.append(event)
        peak = float(np.abs(samples).max())
        hop = Hop(
            index=self._count,
            end_sample=self._end,
            time_s=time_s,
            scores=scores,
            averaged=decision.averaged,
            leading=decision.leading,
            labels=self._decider.labels,
            level_dbfs=dbfs(rms(samples)),
            peak=peak,
            clipped=peak >= CLIP,
            event=event,
            arrived_s=block.arrived_s,
            read_s=read_s,
            features_done_s=features_s,
            network_done_s=network_s,
            decided_s=decided_s,
            source=source.label,
        )
        self._count += 1
        self.hops.append(hop)
        self.rival.hear(time_s, self._front_end.picture, self._zeros >= SECOND, self._settings)  # the answer is out
        return hop

    def _mix(self, samples: NDArray[np.float32], source: Source) -> NDArray[np.float32]:
        noise = self._noise
        if noise is None:
            return samples
        noise.speech_dbfs = getattr(source, "speech_dbfs", None)
        try:
            mixed = noise.mix(samples)
        except Exception as error:  # noqa: BLE001 - without its noise the sound is still worth listening to
            self._troubles["noise"] = f"No noise is mixed in: {_sentence(error)}"
            return samples
        self._troubles.pop("noise", None)
        return mixed

    def _scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Ask the network, unless the whole second is digital silence: a muted microphone is not a sound."""
        executor = self._executor
        labels = tuple(executor.labels)
        if executor is not self._scoring:  # scores of two networks are never averaged together
            self._scoring = executor
            self._decider = Decider(labels, self.hop_ms, self._settings, (self._end - self.hop) / RATE_HZ)
            self._begin_stretch((self._end - self.hop) / RATE_HZ)
        self._zeros = 0 if samples.any() else self._zeros + len(samples)
        scores = np.zeros(len(labels), np.float32)
        self._troubles.pop("network", None)
        if self._zeros >= SECOND and SILENCE in labels:
            scores[labels.index(SILENCE)] = 1.0
            return scores
        try:
            scores[:] = executor.scores(self._front_end.picture[None].astype(np.float32))[0]
        except Exception as error:  # noqa: BLE001 - a broken network is shown, it does not end listening
            self._troubles["network"] = f"The network fails: {_sentence(error)}"
        return scores

    def _keep_frames(self, frames: NDArray[np.floating[Any]]) -> None:
        if not len(frames):
            return
        done = self._first_frame + self._front_end.frames_done
        self.columns.append(Columns(done - len(frames), np.rint(frames).astype(np.uint8)))
        self.memory.append_levels(voice.frame_levels(frames), done * voice.FRAME_STEP_S)

    def _complete(self, event: Event, source: Source, stamps: Stamps) -> Event:
        """Add to an event what the sound says about the word's place, and where the time went."""
        start_s, end_s = self.memory.snapshot(FLOOR_S).edges(event)
        spans, _ = self.spans.since(0)
        known = [s.end_s for s in spans[-10:] if s.label == event.label and s.start_s <= event.time_s <= s.end_s + 0.5]
        fall = waterfall(event, stamps, source.status().lag_ms).ending(
            known[-1] if known else end_s, bool(known), self.hop / RATE_HZ
        )
        return replace(placed(event, start_s), waterfall=fall)

    def _learn_truth(self, source: Source, time_s: float) -> None:
        """Ask a source that knows what it says which words have begun since the last time."""
        offset_s = self._origin / RATE_HZ
        for span in source.truth(self._labelled_to_s - offset_s, time_s - offset_s):
            start_s = span.start_s + offset_s
            if self._labelled_to_s <= start_s < time_s:
                label = taught_label(span.label, span.word, self._decider.labels)
                self.spans.append(replace(span, label=label, start_s=start_s, end_s=span.end_s + offset_s))
                self.memory.mark_labelled()
        self._labelled_to_s = time_s

    def _change_source(self) -> None:
        if self._reading is not None:
            self._learn_truth(self._reading, self.now_s)
        self._reading = source = self._source
        self._tail = 0
        self._troubles.pop("source", None)
        if source is None:
            return
        self._origin = self._end
        self._labelled_to_s = self.now_s
        self._decider.reset(self.now_s)
        self.rival.reset(self.now_s)
        self._begin_stretch(self.now_s)
        self.seams.append(Seam(self.now_s, source.label, source.kind))

    def _begin_stretch(self, start_s: float) -> None:
        source = self._reading
        assert source is not None
        labelled = source.kind in ("talker", "synthetic")
        self.memory.begin(Stretch(start_s, self._decider.labels, source.label, labelled))

    def _begin_frames(self, first_frame: int) -> None:
        self._first_frame = first_frame
        self._front_end = StreamingFrontEnd()

    def _begin_again(self) -> None:
        """Forget what the steps still hold of the last second."""
        self._forget.clear()
        self._begin_frames(self._end // FRAME_HOP)
        self._zeros = SECOND
        self._decider.reset(self.now_s)
        self.rival.reset(self.now_s)


def _over(source: Source) -> bool:
    """Say whether nothing more will come; a device may always come back."""
    return source.ended and not source.live


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
