"""What to do now, in one large line, and what to know about it; and what the parts of "Your word" mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from explorer.engine.audio.source import SourceState
from explorer.panels.base import HelpEntry

if TYPE_CHECKING:
    from explorer.engine.kws.teaching.collector import Collector
    from explorer.panels.ear import Ear
    from explorer.panels.teach.words_session import WordsSession

_MUTED_S = 3.0


class Prompter:
    """Put the state of a lesson into words.

    Parameters
    ----------
    ear
        Who listens.
    session
        The lesson.
    """

    def __init__(self, ear: Ear, session: WordsSession) -> None:
        self._ear, self._session = ear, session
        self._zeros_s: float | None = None

    def words(self, now_s: float) -> tuple[str, str]:
        """Return what to do now, and what to know about it."""
        session = self._session
        if session.collector is not None:
            return self._trouble(now_s) or _collecting(session.word, session.collector)
        if session.lesson is not None:
            words = ", ".join(f"“{word}”" for word in session.words)
            told = _tr("{words} learned in {seconds:.1f} s.").format(words=words, seconds=session.lesson.seconds)
            return told, _tr("Read what it cost, then publish it, or add another word.")
        if session.teaching:
            return _tr("Learning …"), _tr("The last layer adapts; the others stay as they are.")
        if session.takes:
            return _tr("Say it again, or add clips."), _tr("Two takes at least; eight are better.")
        return (
            _tr("Name a word, then say it eight times."),
            _tr("Hands-free, 20 s. The sound stays in this program's memory; nothing is stored or sent."),
        )

    def _trouble(self, now_s: float) -> tuple[str, str] | None:
        """Return what is wrong with the microphone and what to do; None while it can be heard."""
        ear = self._ear.session
        status = ear.sources.status() if ear is not None else None
        if ear is None or status is None or ear.sources.kind != "microphone":
            return _tr("The microphone is being opened …"), ""
        if ear.sources.shut:
            return _tr("Hold to talk is on: hold T while you speak."), _tr("Or switch it off in Listen.")
        if status.state is not SourceState.ALL_ZERO:
            self._zeros_s = None
            return None if status.state is SourceState.LISTENING else (status.sentence, status.action)
        # between two words noise suppression gives zeros too: only for long they say that it is muted
        self._zeros_s = now_s if self._zeros_s is None else self._zeros_s
        return (status.sentence, status.action) if now_s - self._zeros_s > _MUTED_S else None


def _collecting(word: str, collector: Collector) -> tuple[str, str]:
    if not collector.listening:
        return _tr("Listening to the room: say nothing yet."), _tr("Two seconds of background.")
    counted = _tr("{left} more; {seconds:.0f} s so far.").format(
        left=collector.wanted - len(collector.takes), seconds=collector.seconds
    )
    return _tr("Say “{word}”, pause, say it again.").format(word=word), collector.problem or counted


def entries(tiles: QWidget, begin: QWidget, publishing: QWidget) -> tuple[HelpEntry, ...]:
    """Explain the takes and the two buttons that matter."""
    return (
        HelpEntry(
            tiles,
            _tr("Takes"),
            _tr(
                "One place for each time the word is said. A stretch of voice that stands out of the background and is "
                "followed by a pause fills the next one. Press to hear it; the cross or Delete drops it."
            ),
            lambda: "9 dB above the background; 0.3 s of pause ends it",
            "6",
        ),
        HelpEntry(
            begin,
            _tr("Say it"),
            _tr(
                "Two seconds of background first, then eight takes, hands-free. The sound stays in this program's "
                "memory; Delete forgets it."
            ),
        ),
        HelpEntry(
            publishing,
            _tr("Publish"),
            _tr(
                "Makes the taught network the active one: Listen hears the word, Squeeze squeezes it. Undo, or N, "
                "returns to the one before."
            ),
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("WordsView", text)
