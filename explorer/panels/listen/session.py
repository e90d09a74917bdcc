"""The listening session: pipeline, network, source and noise of the Listen panel, without any widget.

It lives in the interface's thread.  What is slow to make (a network, a file, the recorded voices) is made in threads of
its own and swapped in when it is ready; streams are opened and closed here, always in this one thread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.live import Excerpt
from explorer.engine.audio.noise import NoiseFader
from explorer.engine.audio.source import RATE_HZ, Span
from explorer.engine.jobs import Job
from explorer.engine.kws.decision import DecisionSettings, Event
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.pipeline import Hop, Pipeline, Seam
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import Network
from explorer.panels.listen.duel import Duel
from explorer.panels.listen.preparer import Preparer
from explorer.panels.listen.recorder import Recorder
from explorer.panels.listen.sources import Sources
from explorer.panels.listen.squeezed import Squeezed
from explorer.panels.listen.stand_ins import Ghost, NoNetwork
from explorer.panels.listen.trace import Trace
from explorer.workbench import State

_SETTLING = 5  # no more words than these are reported in the time a word takes to settle
_NOTES = 500
GESTURE_S = 0.7  # changes of knobs closer together than this belong to one drag
DRAWN_EVERY_S = 0.1  # a run that publishes more often is followed this often, by its newest network
Loader = Callable[[str, int], Network]


class ListenSession:
    """Own what listens, follow what the user chose, and hand on what was heard.

    Parameters
    ----------
    state
        What the user chose.
    loader
        Gives a network by name and version; slow, runs beside the interface.
    clock
        Seconds, rising.
    excerpt
        Gives live sound that the squeezed network is calibrated on by its number.

    Attributes
    ----------
    pipeline, noise
        What listens, and what mixes noise in.
    executor, network
        The network in use; None while the first is being loaded.
    squeezed
        Lets the squeezed network listen beside the float one, or in its place.
    duel
        Where those two differ.
    sources
        Opens and closes microphone, file, signal and talker.
    trace
        What was heard, for drawing.
    ghost
        What was there before the last change of a knob.
    tuned_on
        Name of the sound that knobs were moved on; empty while they stand as shipped.
    trouble
        A sentence when the network cannot be used, else None.
    last_hop, recent
        The newest result, and the last ten seconds of them from the present source.
    """

    def __init__(
        self,
        state: State,
        loader: Loader,
        clock: Callable[[], float] = time.perf_counter,
        excerpt: Callable[[int], Excerpt | None] = lambda number: None,
    ) -> None:
        self.state = state
        self._loader = loader
        self._clock = clock
        self.executor: Executor | None = None
        self.network: Network | None = None
        self.noise = NoiseFader("off", state.noise_snr_db, state.seed)
        self.pipeline = Pipeline(None, NoNetwork(), state.decision, round(state.hop_ms * RATE_HZ / 1000), self.noise)
        self.trace = Trace(LABELS, state.hop_ms / 1000.0)
        self.preparer = Preparer()
        self.sources = Sources(self.pipeline, self.preparer, state)
        self.recorder = Recorder()
        pipeline = self.pipeline
        self.squeezed = Squeezed(self.preparer, pipeline.set_executor, pipeline.rival.set_scorer, excerpt)
        self.duel = Duel(pipeline, lambda: (self.squeezed.recipe, self.squeezed.rival))
        self.ghost: Ghost | None = None
        self.tuned_on = ""
        self.trouble: str | None = None
        self._asked: tuple[str, int] | None = None
        self._asked_s = float("-inf")
        self._job: Job[Hop] | None = None
        self._subscribers: list[Callable[[Event], None]] = []
        self._read = {"hops": 0, "columns": 0, "events": 0, "seams": 0, "spans": 0}
        self._end_sample = 0
        self._events: list[Event] = []
        self._seams: list[Seam] = []
        self._spans: deque[Span] = deque(maxlen=1000)
        self._painted_s: dict[Event, float] = {}
        self._unpainted_s: deque[float] = deque(maxlen=200)
        self._paint_delays_ms: deque[float] = deque(maxlen=2000)
        self._settled: dict[Event, Event] = {}
        self._changed_s = -np.inf
        self._stale = False
        self.last_hop: Hop | None = None
        self.recent: deque[Hop] = deque(maxlen=200)

    # -- what is seen ----------------------------------------------------------------------------------------------

    @property
    def settings(self) -> DecisionSettings:
        """The knobs in force."""
        return self.state.decision

    @property
    def now_s(self) -> float:
        """Newest moment of the picture, in seconds of sound."""
        return self.trace.now_s

    @property
    def loading(self) -> bool:
        """Whether a network is being loaded."""
        return self.preparer.busy("network") or self._asked != self._wanted

    @property
    def events(self) -> list[Event]:
        """The words of the minutes that are remembered, as the present knobs report them."""
        return self._events

    @property
    def seams(self) -> list[Seam]:
        """Where sources began."""
        return self._seams

    @property
    def truth(self) -> list[Span]:
        """What was really said, where it is known: words of labelled sources, and words put in on request."""
        return [*self._spans, *self.sources.inserted()]

    def hops_since(self, index: int) -> tuple[list[Hop], int]:
        """Return the results from `index` on, and the index to ask with next time."""
        return self.pipeline.hops.since(index)

    def events_since(self, index: int) -> tuple[list[Event], int]:
        """Return the words reported live from `index` on, and the index to ask with next time."""
        return self.pipeline.events.since(index)

    def look_back(self, time_s: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the second that ends at `time_s`: samples [16000] and grey levels [98, 40].

        Raises
        ------
        LookupError
            If that second is not remembered.
        """
        return self.pipeline.look_back(time_s)

    def painted_s(self, event: Event) -> float | None:
        """Return `time.perf_counter()` when the picture with this word had been painted; None before."""
        return self._painted_s.get(event)

    def picture_done(self, painted_s: float) -> None:
        """Note when a picture with everything that was taken over so far had been painted."""
        self._paint_delays_ms.extend(1000.0 * (painted_s - arrived_s) for arrived_s in self._unpainted_s)
        self._unpainted_s.clear()

    def paint_delays_ms(self) -> list[float]:
        """Return, for the last 2000 results, the time from the arrival of their last sample to the end of painting."""
        return list(self._paint_delays_ms)

    def forget_unpainted(self) -> None:
        """Leave the results out that nobody waits for: the picture stands still."""
        self._unpainted_s.clear()

    def paint_done(self, event: Event, painted_s: float) -> None:
        """Note when the picture with this word had been painted."""
        self._painted_s.setdefault(event, painted_s)
        for notes in (self._painted_s, self._settled):
            if len(notes) > _NOTES:
                del notes[next(iter(notes))]

    def settled(self, event: Event) -> Event:
        """Return an event with the end of its word, which is often only seen half a second after the decision."""
        return self._settled.get(event, event)

    def subscribe(self, heard: Callable[[Event], None]) -> None:
        """Call `heard` with every word as it is reported, from `poll`."""
        self._subscribers.append(heard)

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to listen, and load what is needed beside that."""
        self._job = Job(self.pipeline.run, "listening")
        self._job.start()
        self.squeezed.follow(self.state)
        self._follow_network()
        self._apply_noise()
        self.sources.follow(self.state)

    def follow(self, old: State, new: State) -> None:
        """Follow a change of what the user chose."""
        self.state = new
        if new.decision != old.decision:
            self._follow_knobs(old.decision, new.decision)
        self.squeezed.follow(new)
        self._follow_network()
        if (new.noise_kind, new.noise_snr_db) != (old.noise_kind, old.noise_snr_db):
            self._apply_noise()
        if (new.source_kind, new.source_detail) != (old.source_kind, old.source_detail):
            self.sources.follow(new)

    def poll(self) -> bool:
        """Take over what the threads left; True when there is something new to draw."""
        self.preparer.poll()
        self._follow_network()
        self.squeezed.poll()
        self.duel.poll()
        if self._stale:
            self._decide_again()
        hops, self._read["hops"] = self.pipeline.hops.since(self._read["hops"])
        columns, self._read["columns"] = self.pipeline.columns.since(self._read["columns"])
        seams, self._read["seams"] = self.pipeline.seams.since(self._read["seams"])
        spans, self._read["spans"] = self.pipeline.spans.since(self._read["spans"])
        self._seams.extend(seams)
        if seams:
            self.recent.clear()
        self._spans.extend(spans)
        for part in columns:
            self.trace.add_frames(part.first_frame, part.frames)
        if hops:
            self._take_sound(hops)
            for hop in hops:
                if hop.labels != self.trace.labels:
                    self.trace.set_labels(hop.labels)
                self.trace.add_hop(hop)
            self._unpainted_s.extend(hop.arrived_s for hop in hops)
            self.last_hop = hops[-1]
            self.recent.extend(hops)
        events, self._read["events"] = self.pipeline.events.since(self._read["events"])
        for event in events:
            self._events.append(event)
            for heard in tuple(self._subscribers):
                heard(event)
        return bool(hops or seams or events)

    def tick(self) -> None:
        """Look after the microphone and forget what is older than the memory; called twice a second."""
        self.sources.tick()
        self._settle()
        oldest_s = self.trace.oldest_s
        if self._events and self._events[0].time_s < oldest_s:
            self._events = [event for event in self._events if event.time_s >= oldest_s]

    def clear(self) -> None:
        """Forget all sound and scores, for real."""
        self.pipeline.clear()
        self.trace.clear()
        self._events, self.ghost, self.tuned_on = [], None, ""
        self._spans.clear()
        self._painted_s.clear()
        self._settled.clear()
        self.sources.forget()
        self.duel.forget()
        self.recent.clear()

    def close(self) -> None:
        """Stop listening: the thread, then the streams."""
        if self._job is not None:
            self._job.ask_stop()
        self.sources.close()
        if self._job is not None:
            self._job.stop()
        self.preparer.close()
        self.recorder.stop()

    def _settle(self) -> None:
        """See where the newest words ended."""
        for place, event in enumerate(self._events[-_SETTLING:], max(0, len(self._events) - _SETTLING)):
            age_s = self.now_s - event.time_s
            if event.waterfall is None or event.waterfall.word_end_s is not None or not 0.6 < age_s < 5.0:
                continue
            settled = self.pipeline.settle(event)
            if settled is not event:
                self._events[place] = settled
                self._settled[event] = settled
                if event in self._painted_s:
                    self._painted_s[settled] = self._painted_s[event]

    # -- inside ----------------------------------------------------------------------------------------------------

    def _take_sound(self, hops: list[Hop]) -> None:
        first = max(self._end_sample, hops[-1].end_sample - self.pipeline.history.capacity)
        count = hops[-1].end_sample - first
        self._end_sample = hops[-1].end_sample
        try:
            samples = self.pipeline.history.clip(first, count)
        except LookupError:  # cleared in the meantime: there is nothing to draw
            return
        self.trace.add_sound(first, samples)
        self.recorder.write(samples)

    @property
    def _wanted(self) -> tuple[str, int]:
        return self.state.network, self.state.network_version

    def _follow_network(self) -> None:
        """Go over to the network that is wanted now, one after another, at most every `DRAWN_EVERY_S`."""
        late = self._clock() - self._asked_s >= DRAWN_EVERY_S
        if self._job is None or self._asked == self._wanted or self.preparer.busy("network") or not late:
            return
        self._asked, self._asked_s = wanted, _ = self._wanted, self._clock()
        self.trouble = None

        def make() -> tuple[Network, Executor]:
            network = self._loader(*wanted)
            executor = Executor(network)
            executor.scores(np.zeros((1, 98, 40), np.float32))  # the first run of a session allocates its memory
            return network, executor

        def done(made: tuple[Network, Executor]) -> None:
            self.network, self.executor = made
            self.squeezed.set_network(*made)

        def failed(error: BaseException) -> None:
            self.trouble = str(error)

        self.preparer.ask("network", make, done, failed)

    def _apply_noise(self) -> None:
        kind, snr_db = self.state.noise_kind, self.state.noise_snr_db
        self.noise.snr_db = snr_db
        fader_kind: Any = "off" if kind == "none" else kind

        def switch(_made: None) -> None:
            self.noise.kind = fader_kind

        def failed(error: BaseException) -> None:
            self.trouble = str(error)

        if fader_kind == self.noise.kind or fader_kind == "off":
            self.preparer.forget("noise")
            switch(None)
        else:  # babble is read from a file
            self.preparer.ask("noise", lambda: self.noise.prepare(fader_kind), switch, failed)

    def _follow_knobs(self, old: DecisionSettings, new: DecisionSettings) -> None:
        now_s = self._clock()
        if now_s - self._changed_s > GESTURE_S:
            self.ghost = Ghost(old, list(self._events))
        self._changed_s = now_s
        self.pipeline.set_settings(new)
        self._stale = True
        source = self.pipeline.source
        at_defaults = new == DecisionSettings()
        self.tuned_on = "" if at_defaults or source is None or not self._events else source.label

    def _decide_again(self) -> None:
        """Report the remembered minutes anew with the present knobs."""
        self._stale = False
        self.trace.average_again(self.settings, [seam.time_s for seam in self._seams])
        measured = {(event.label, event.time_s): event for event in self._events if event.waterfall}
        decided = self.pipeline.memory.snapshot().decide(self.settings, place=False)
        self._events = [measured.get((event.label, event.time_s), event) for event in decided]
        _, self._read["events"] = self.pipeline.events.since(self._read["events"])
