"""Sources of the session: which one is heard, opened and closed in the interface's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.engine.audio.devices import DeviceName
from explorer.engine.audio.files import FileSource
from explorer.engine.audio.microphone import Microphone
from explorer.engine.audio.source import Source, SourceState, SourceStatus, Span
from explorer.engine.audio.synthetic import SyntheticSource
from explorer.engine.audio.talker import TalkerSource
from explorer.engine.audio.watch import DeviceWatch
from explorer.engine.kws.pipeline import Pipeline
from explorer.panels.listen.inserted import InsertedSource, recorded_voice
from explorer.panels.listen.preparer import Preparer
from explorer.workbench import State


class Sources:
    """Open the source that the user chose, say recorded words into it, watch its device.

    Parameters
    ----------
    pipeline
        What listens.
    preparer
        Makes what is slow to make.
    state
        What the user chose.

    Attributes
    ----------
    permitted
        Whether the microphone may be opened: the user asked for it by a gesture, in this run.
    trouble
        A sentence when a source cannot be made, else empty.
    """

    def __init__(self, pipeline: Pipeline, preparer: Preparer, state: State) -> None:
        self._pipeline = pipeline
        self._preparer = preparer
        self._state = state
        self._talker: TalkerSource | None = None
        self._voice: TalkerSource | None = None
        self._watch: DeviceWatch | None = None
        self._inserted: InsertedSource | None = None
        self._origins: list[tuple[InsertedSource, float]] = []
        self._waiting_words: list[str] = []
        self._heard_aloud = False
        self._hold_to_talk = False
        self.permitted = False
        self.trouble = ""
        self.make_microphone: Callable[[DeviceName | None], Any] = Microphone
        self.paced = True

    @property
    def source(self) -> Source | None:
        """The source that is heard, without what is inserted into it."""
        return self._inserted.source if self._inserted else self._pipeline.source

    @property
    def kind(self) -> str:
        """Kind of the source that is heard; empty while there is none."""
        source = self._pipeline.source
        return source.kind if source is not None else ""

    @property
    def talker(self) -> TalkerSource | None:
        """The recorded voices, once they are read."""
        return self._talker

    @property
    def busy(self) -> bool:
        """Whether a source is being made."""
        return self._preparer.busy("source") or self._preparer.busy("talker")

    def status(self) -> SourceStatus | None:
        """Return how the source fares."""
        source = self._pipeline.source
        return source.status() if source is not None else None

    def follow(self, state: State) -> None:
        """Go over to the source that the state names."""
        self._state = state
        self.trouble = ""
        self._preparer.forget("source")
        if state.source_kind == "microphone" and self.permitted:
            self._use(self._open_microphone(state.source_detail))
        elif state.source_kind == "file" and state.source_detail:
            path = state.source_detail
            self._preparer.ask("source", lambda: FileSource(path, self.paced), self._use, self._failed)
        elif state.source_kind == "synthetic":
            signal: Any = state.source_detail or "tone"
            self._preparer.ask("source", lambda: SyntheticSource(signal, self.paced), self._use, self._failed)
        elif self._talker is not None:
            self._use(self._talker)
        if self._talker is None and not self._preparer.busy("talker"):
            seed = state.seed
            self._preparer.ask(
                "talker",
                lambda: (TalkerSource(seed=seed, paced=self.paced), recorded_voice(seed)),
                self._have_voices,
                self._failed,
            )

    def play_again(self) -> None:
        """Play a source from its beginning that was played to its end."""
        if self.state is SourceState.ENDED:
            self.follow(self._state)

    def say(self, word: str) -> None:
        """Say `word` in a recorded voice: by the talker, or into the source that is heard.

        Raises
        ------
        ExplorerError
            If there is no recording of it.
        """
        if self._inserted is not None:
            self._inserted.say(word)
        elif self._talker is not None and self._pipeline.source is self._talker:
            self._talker.say(word)
        else:
            self._waiting_words.append(word)

    def inserted(self) -> list[Span]:
        """Return the words that were put in on request, on the time axis of the pipeline."""
        spans: list[Span] = []
        for source, origin_s in self._origins:
            for span in tuple(source.inserted):
                word = f"{span.word} (recorded)"
                spans.append(Span(span.label, span.start_s + origin_s, span.end_s + origin_s, word))
        return spans

    def forget(self) -> None:
        """Forget which words were put in."""
        for source, _ in self._origins:
            source.inserted.clear()

    def set_heard_aloud(self, wanted: bool) -> str:
        """Play the talker through the loudspeaker, or stop; returns a sentence where that does not work."""
        self._heard_aloud = wanted
        talker = self._talker
        if talker is None or self._pipeline.source is not talker:
            return ""
        talker.heard = wanted
        status = talker.speaker.status() if talker.speaker is not None else None
        return f"{status.sentence} {status.action}".strip() if status is not None and not status.works else ""

    @property
    def heard_aloud(self) -> bool:
        """Whether the talker is wanted on the loudspeaker."""
        return self._heard_aloud

    @property
    def hold_to_talk(self) -> bool:
        """Whether the microphone is heard only while a key is held."""
        return self._hold_to_talk

    def set_hold_to_talk(self, wanted: bool) -> None:
        """Hear the microphone only while a key is held, or always."""
        self._hold_to_talk = wanted
        if self._inserted is not None:
            self._inserted.hold_to_talk = wanted and self._inserted.kind == "microphone"

    def hold(self, held: bool) -> None:
        """Press or let go of the key to talk."""
        if self._inserted is not None:
            self._inserted.hold(held)

    @property
    def shut(self) -> bool:
        """Whether the microphone's sound is kept from the network now."""
        return self._inserted is not None and self._inserted.shut

    def tick(self) -> None:
        """Open a device again that came back."""
        if self._watch is not None:
            self._watch.tick()

    def close(self) -> None:
        """Close every stream."""
        self._watch = None
        source = self._pipeline.source
        self._pipeline.set_source(None)
        for opened in (source, self._talker):
            if opened is not None:
                opened.close()

    def _open_microphone(self, detail: str) -> Source:
        name, _, api = detail.partition(" | ")
        microphone = self.make_microphone(DeviceName(name, api) if name and api else None)
        self._watch = DeviceWatch(microphone)
        source: Source = microphone
        return source

    def _use(self, source: Source) -> None:
        """Listen to `source` from the next hop on, and give the one before back."""
        before = self._pipeline.source
        self._inserted = None
        if source is not self._talker and self._voice is not None:
            self._inserted = InsertedSource(source, self._voice)
            source = self._inserted
            self.set_hold_to_talk(self._hold_to_talk)
        if source.kind != "microphone":
            self._watch = None
        if before is not None and before is not source and before is not getattr(source, "source", None):
            before.close()
        source.open()
        if self._inserted is not None:
            self._origins = [*self._origins[-20:], (self._inserted, self._pipeline.now_s)]
        self._pipeline.set_source(source)
        if source is self._talker and self._heard_aloud:
            self.set_heard_aloud(True)
        words, self._waiting_words = self._waiting_words, []
        for word in words:
            self.say(word)

    def _have_voices(self, made: tuple[TalkerSource, TalkerSource]) -> None:
        self._talker, self._voice = talker, _ = made
        waits_for_gesture = self._state.source_kind == "microphone" and not self.permitted
        source = self._pipeline.source
        if self._state.source_kind == "talker" or waits_for_gesture or self.trouble:
            self._use(talker)
        elif source is not None and self._inserted is None and not source.ended:
            # it came before the voices: now words can be put into it
            self._use(source)

    def _failed(self, error: BaseException) -> None:
        self.trouble = str(error)
        if self._talker is not None and self._pipeline.source is None:
            self._use(self._talker)

    @property
    def state(self) -> SourceState:
        """What the source is doing."""
        status = self.status()
        return status.state if status is not None else SourceState.CLOSED
