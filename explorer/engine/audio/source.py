"""A source of sound: whatever delivers samples at 16 kHz; microphone, file, talker or signal generator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 16_000
"""Samples per second of everything behind a source; speech lies below 8 kHz."""

SourceKind = Literal["microphone", "file", "talker", "synthetic"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a word lies in a stream whose content is known.

    Parameters
    ----------
    label
        The class it counts as: a keyword, or unknown.
    start_s, end_s
        First and last sound of the word, in seconds of the stream.
    word
        What is said, also where the label is unknown.
    """

    label: str
    start_s: float
    end_s: float
    word: str


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of sound on its way to the network, and when it came.

    Parameters
    ----------
    samples
        float32 [n] at 16 kHz, -1..1.
    end_index
        Samples read so far, these included.
    arrived_s
        `time.perf_counter()` when the last of these samples entered the program: entry of the callback for a
        microphone; due time of a paced source; time of reading for one that is not paced.
    device_s
        Time at which the device took the last of these samples, on the stream's own clock, where it is known.
    """

    samples: NDArray[np.float32]
    end_index: int
    arrived_s: float
    device_s: float | None


class SourceState(Enum):
    """What a source is doing, or what is wrong with it."""

    CLOSED = "closed"
    OPENING = "opening"
    LISTENING = "listening"
    ALL_ZERO = "all samples are zero"
    STALLED = "no blocks come"
    LOST = "unplugged"
    NO_PORTAUDIO = "no PortAudio"
    NO_DEVICE = "no device"
    BUSY = "taken by another program"
    REFUSED = "permission refused"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The health of a source, in words and numbers.

    Parameters
    ----------
    state
        The case.
    sentence
        The case in one sentence that names the device.
    action
        What the user can do about it; empty when there is nothing to do.
    lost_samples
        Samples that the device took and the program never got.
    lag_ms
        How long the newest block lay between device (or due time) and program; None when unknown.
    level_dbfs
        Level now, root mean square relative to 1.0 (a full sine is -3 dB), time constant 125 ms.
    peak
        Highest recent magnitude, 0..1, falling back slowly.
    clipped
        Samples at the end of the scale since the source was made.
    late_blocks
        Blocks that came more than 50 ms after their time.
    """

    state: SourceState
    sentence: str
    action: str
    lost_samples: int
    lag_ms: float | None
    level_dbfs: float
    peak: float
    clipped: int
    late_blocks: int


class Source(Protocol):
    """What every source can do; the inference thread reads, the interface opens, closes and asks.

    `open` and `close` are called on the thread of the interface and `close` may be called twice.
    """

    @property
    def kind(self) -> SourceKind:
        """Which of the four it is."""

    @property
    def label(self) -> str:
        """Name to show."""

    @property
    def live(self) -> bool:
        """Whether it is a device that cannot be asked to wait."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""

    def open(self) -> None:
        """Start; a microphone that cannot start says so in `status`, a file raises ExplorerError."""

    def close(self) -> None:
        """Stop and give the device back."""

    def read(self, n: int, timeout_s: float) -> Block | None:
        """Return the next `n` samples (fewer only at the end), or None: not there in time, or all is read."""

    def status(self) -> SourceStatus:
        """Return what is the case."""

    def truth(self, start_s: float, end_s: float) -> tuple[Span, ...]:
        """Return the words known to touch this stretch; empty where nothing is known."""
