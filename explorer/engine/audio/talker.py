"""The talker: recorded voices on a loop, so that what is said, and when, is known exactly."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from explorer.engine.audio.colours import around, loop
from explorer.engine.audio.level import rms
from explorer.engine.audio.paced import PacedSource
from explorer.engine.audio.source import RATE_HZ, Span
from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.engine.audio.speaker import Speaker

SPEECH_DBFS = -26.0
"""Active level of every word (speech tests after ITU-T P.56 use -26 dB); it makes the noise ratio exact."""

ROOM_DBFS = -66.0
"""The room the words stand in: pink, 40 dB below them; no real room is digital zero."""

_CLEAR_DB = 20.0  # bundled clips with more noise than this in them would let it start and stop with every word
_SILENCE = ("silence", "_silence_")
_LEAD_S, _TAIL_S = 0.03, 0.12
_SOFT = round(0.005 * RATE_HZ)  # where a clip begins or ends in the middle of speech
_LAST_GAP_S = 1.5
_BREATH_S = 0.1
_SPANS_KEPT = 4096
_WAITING = 8  # words asked for and not said yet; of a tile that is hammered on the oldest are dropped


class Clips(Protocol):
    """Words cut to one second, with the place of the word in it."""

    @property
    def samples(self) -> NDArray[np.int16]:
        """Sound, [clips, 16000] at 16 kHz."""

    @property
    def labels(self) -> Any:
        """The class of each: a keyword, unknown or silence."""

    @property
    def words(self) -> Any:
        """What each says."""

    @property
    def start_s(self) -> Any:
        """First sound of each word, in seconds of its clip."""

    @property
    def end_s(self) -> Any:
        """Last sound of each word."""


class TalkerSource(PacedSource):
    """Speak the words of a set of clips, in random order with pauses, and know the truth about them.

    By default it speaks the part "calibrate" of the bundled voices.  No network was trained on those
    voices, so what is recognised is recognised from strangers; and knobs are moved while the talker speaks,
    so its words must not be the ones of the part "evaluate", on which nothing may be tuned.

    Parameters
    ----------
    clips
        Words to speak, those labelled silence aside; None: the bundled part "calibrate", as far as its noise lies
        20 dB or more below the word.
    seed
        Of order and pauses.
    gap_s
        Shortest and longest pause from the end of a word to the start of the next, in seconds.
    paced
        False: as fast as it is read.
    repeat
        False: end after every word was said once.

    Raises
    ------
    ExplorerError
        If there is no word among the clips.
    """

    speech_dbfs = SPEECH_DBFS

    def __init__(
        self,
        clips: Clips | None = None,
        seed: int = 0,
        gap_s: tuple[float, float] = (1.4, 2.6),
        paced: bool = True,
        repeat: bool = True,
    ) -> None:
        super().__init__("talker", "Talker (recorded voices)", paced)
        if clips is None:
            from explorer.engine.kws.clips import load_part

            clips = bundled = load_part("calibrate")
            clear = bundled.snr_db >= _CLEAR_DB
        else:
            clear = np.ones(len(clips.labels), np.bool_)
        self._clips: Clips = clips
        self._voiced = [i for i, label in enumerate(clips.labels) if clear[i] and str(label) not in _SILENCE]
        if not self._voiced:
            raise ExplorerError("The talker got no word to say: choose a set of clips that has words in it.")
        self._gap_s = gap_s
        self._repeat = repeat
        # one generator each, so that a request does not change the order of the rest
        self._random, self._pauses, self._choice = np.random.default_rng(seed).spawn(3)
        self._room = loop("pink", seed) * np.float32(10 ** (ROOM_DBFS / 20))
        self._order: deque[int] = deque(self._random.permutation(self._voiced).tolist())
        self._requests: deque[int] = deque(maxlen=_WAITING)
        self._sounding: tuple[NDArray[np.float32], int] | None = None
        self._next_start = self._pause()
        self._earliest_request = 0
        self._last_index: int | None = None
        self._spans: deque[Span] = deque(maxlen=_SPANS_KEPT)
        self._lock = threading.Lock()
        self._speaker: Speaker | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What it can be asked to say, sorted."""
        return tuple(sorted({str(self._clips.words[i]) for i in self._voiced}))

    def say(self, word: str) -> None:
        """Say `word` next, at once or when the present word is finished, in one of the voices.

        Raises
        ------
        ExplorerError
            If there is no recording of it.
        """
        known = [i for i in self._voiced if str(self._clips.words[i]) == word]
        if not known:
            raise ExplorerError(f"The talker has no recording of “{word}”: it knows {', '.join(self.words)}.")
        self._requests.append(int(self._choice.choice(known)))

    @property
    def heard(self) -> bool:
        """Whether it is played through the loudspeaker too; set it on the thread of the interface."""
        return self._speaker is not None

    @heard.setter
    def heard(self, wanted: bool) -> None:
        if wanted == self.heard:
            return
        if wanted:
            from explorer.engine.audio.speaker import Speaker

            speaker = Speaker()
            speaker.open()
            self._speaker = speaker
        elif self._speaker is not None:
            speaker, self._speaker = self._speaker, None
            speaker.close()

    @property
    def speaker(self) -> Speaker | None:
        """The loudspeaker while `heard`; its `status` says whether it works."""
        return self._speaker

    def close(self) -> None:
        """Stop, and silence the loudspeaker."""
        super().close()
        self.heard = False

    def truth(self, start_s: float, end_s: float) -> tuple[Span, ...]:
        """Return the words that touch this stretch, among the last 4,096."""
        with self._lock:
            return tuple(span for span in self._spans if span.end_s > start_s and span.start_s < end_s)

    def _take(self, n: int) -> NDArray[np.float32]:
        start = self._position
        out = around(self._room, start, n)
        at, stop = start, start + n
        while at < stop:
            if self._sounding is None:
                self._begin_word(at)
            if self._sounding is None:
                if self._last_index is not None and at >= self._last_index:
                    return out[: at - start]
                at = min(stop, max(at + 1, self._next_event(at)))
                continue
            sound, begin = self._sounding
            until = min(stop, begin + len(sound))
            out[at - start : until - start] += sound[at - begin : until - begin]
            at = until
            if until == begin + len(sound):
                self._sounding = None
        speaker = self._speaker
        if speaker is not None and self.paced:
            speaker.push(out)
        return out

    def _next_event(self, at: int) -> int:
        """Return the sample at which the silence may be over."""
        if self._requests:
            return max(at, self._earliest_request)
        return self._next_start if self._last_index is None else self._last_index

    def _begin_word(self, at: int) -> None:
        """Start the requested word, or the scheduled one if it is time, at sample `at`."""
        if self._requests and at >= self._earliest_request:
            clip = self._requests.popleft()
            self._last_index = None
        elif self._order and at >= self._next_start:
            clip = self._order.popleft()
        else:
            return
        if not self._order and self._repeat:
            self._order.extend(self._random.permutation(self._voiced).tolist())
        sound, word_start, word_end = self._cut(clip)
        word, label = str(self._clips.words[clip]), str(self._clips.labels[clip])
        with self._lock:
            self._spans.append(Span(label, (at + word_start) / RATE_HZ, (at + word_end) / RATE_HZ, word))
        self._sounding = (sound, at)
        self._earliest_request = at + word_end + round(_BREATH_S * RATE_HZ)
        self._next_start = at + word_end + self._pause()
        if not self._order:
            self._last_index = at + word_end + round(_LAST_GAP_S * RATE_HZ)

    def _pause(self) -> int:
        """Draw the samples from the end of a word to where the sound of the next begins."""
        return max(1, round((self._pauses.uniform(*self._gap_s) - _LEAD_S) * RATE_HZ))

    def _cut(self, clip: int) -> tuple[NDArray[np.float32], int, int]:
        """Return a clip cut to its word, at the talker's level, and where the word starts and ends in it."""
        start = round(float(self._clips.start_s[clip]) * RATE_HZ)
        end = max(start + 1, round(float(self._clips.end_s[clip]) * RATE_HZ))
        samples = self._clips.samples[clip].astype(np.float32) / 32768.0
        level = rms(samples[start:end])
        first = max(0, start - round(_LEAD_S * RATE_HZ))
        last = min(len(samples), end + round(_TAIL_S * RATE_HZ))
        sound = samples[first:last] * np.float32(10 ** (SPEECH_DBFS / 20) / level if level > 0 else 0.0)
        _fade(sound[: max(start - first, _SOFT)])
        _fade(sound[min(end - first, len(sound) - _SOFT) :][::-1])
        np.clip(sound, -1.0, 1.0, out=sound)
        return sound, start - first, end - first


def _fade(edge: NDArray[np.float32]) -> None:
    """Let an edge [n] rise from nothing, as a quarter of a sine, in place."""
    edge *= np.sin(np.linspace(0.0, np.pi / 2, len(edge), endpoint=False), dtype=np.float32)
