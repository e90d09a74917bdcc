"""What came of a lesson, told before it is published: recognised, fired falsely, forgotten, each with its interval."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from explorer.engine.kws.teaching.lesson import Fired, Forgotten, LeftOut, Lesson
from explorer.engine.nn.network import LEARNED_SYNTHETIC
from explorer.panels.base import HelpEntry
from explorer.panels.view import Words
from widgets import tokens
from widgets.number_chip import NumberChip
from widgets.tokens import Tokens

_MOST_CLIPS = 8


class Result(QWidget):
    """Three numbers with a sentence each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recognised = NumberChip(self.tr("recognised when left out"), size="medium", widest="8 of 8")
        self.fired = NumberChip(self.tr("fired in other speech"), size="medium", widest="888")
        self.forgotten = NumberChip(self.tr("old clips forgotten"), size="medium", widest="888")
        self.sentences = [Words(size_px=14) for _ in range(3)]
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        for row, chip in enumerate((self.recognised, self.fired, self.forgotten)):
            self._grid.addWidget(chip, row, 0)
            self._grid.addWidget(self.sentences[row], row, 1)
        self._grid.setColumnStretch(1, 1)
        self.clips = Words(size_px=12, role="quiet_ink")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addWidget(self.clips)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_lesson(self, lesson: Lesson) -> None:
        """Tell what came of a lesson."""
        hits, takes = sum(w.hits for w in lesson.left_out), sum(w.takes for w in lesson.left_out)
        self.recognised.set_value(f"{hits}", _tr("of {takes}").format(takes=takes), "measured")
        self.fired.set_value(f"{sum(f.events for f in lesson.fired)}", "", "measured")
        self.forgotten.set_value(f"{len(lesson.forgotten.lost)}", "", "measured")
        own = lesson.network.badge != LEARNED_SYNTHETIC
        told = (
            left_out_sentence(lesson.left_out, lesson.threshold, own_voice=own),
            fired_sentence(lesson.fired),
            forgotten_sentence(lesson.forgotten),
        )
        for words, text in zip(self.sentences, told, strict=True):
            words.setText(text)
        self.clips.setText(clips_sentence(lesson.forgotten))

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain the three numbers."""
        return (
            HelpEntry(
                self.recognised,
                self.tr("Recognised when left out"),
                self.tr(
                    "Each take was judged by a network taught without it, at the threshold in force. A few takes of "
                    "one voice say little: the interval is wide, and says nothing of other voices."
                ),
                lambda: "Wilson: (k + z²/2 ± z √(k (n−k) / n + z²/4)) / (n + z²), z = 1.96",
                "6",
            ),
            HelpEntry(
                self.fired,
                self.tr("Fired in other speech"),
                self.tr(
                    "The decision layer with the present knobs listened to sound in which nobody says the word: "
                    "bundled voices and noise that nothing learned from, and the live sound of the last minutes before "
                    "the lesson."
                ),
                lambda: "Poisson (Garwood); none seen: < −ln(0.05) / time",
                "6",
            ),
            HelpEntry(
                self.forgotten,
                self.tr("Old clips forgotten"),
                self.tr("The same bundled clips before and after: recognised before, and not after."),
                None,
                "6",
            ),
        )

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setHorizontalSpacing(current.space(2))
        self._grid.setVerticalSpacing(current.space(1))


def summary(lesson: Lesson) -> str:
    """Say the three numbers in one sentence, for the back row and for who cannot see the chips."""
    text = _tr(
        "{hits} of {takes} recognised when left out; fired {events} × in {minutes:.1f} min of other speech; "
        "{lost} of {clips} old clips forgotten."
    )
    return text.format(
        hits=sum(word.hits for word in lesson.left_out),
        takes=sum(word.takes for word in lesson.left_out),
        events=sum(one.events for one in lesson.fired),
        minutes=sum(one.seconds for one in lesson.fired) / 60,
        lost=len(lesson.forgotten.lost),
        clips=lesson.forgotten.clips,
    )


def left_out_sentence(words: tuple[LeftOut, ...], threshold: float, *, own_voice: bool) -> str:
    """Say what leaving each take out gave, with its interval and for whom it holds."""
    parts = []
    for one in words:
        low, high = one.interval
        parts.append(
            _tr("“{word}”: {hits} of {takes} left out: {low:.0f}–{high:.0f} %").format(
                word=one.word, hits=one.hits, takes=one.takes, low=100 * low, high=100 * high
            )
        )
    whose = _tr("these takes, this voice, here, now") if own_voice else _tr("one synthetic voice, no person")
    return _tr("{parts}, {whose}; score {threshold:.2f} or more counts.").format(
        parts="; ".join(parts), whose=whose, threshold=threshold
    )


def fired_sentence(fired: tuple[Fired, ...]) -> str:
    """Say how often the new words were reported where nobody said them."""
    parts = []
    for one in fired:
        low, high = one.per_hour
        rate = _tr("< {high:.0f} per hour") if one.events == 0 else _tr("{low:.1f}–{high:.0f} per hour")
        text = _tr("{events} in {minutes:.1f} min of {sound}: {rate}")
        parts.append(
            text.format(
                events=one.events, minutes=one.seconds / 60, sound=one.sound, rate=rate.format(low=low, high=high)
            )
        )
    return "; ".join(parts) + "."


def forgotten_sentence(forgotten: Forgotten) -> str:
    """Say how the same clips fared before and after."""
    text = _tr("{before} of {clips} recognised before, {after} after; {gained} gained. {name}; human accuracy unknown.")
    return text.format(
        before=forgotten.before,
        clips=forgotten.clips,
        after=forgotten.after,
        gained=forgotten.gained,
        name=forgotten.set_name[:1].upper() + forgotten.set_name[1:],
    )


def clips_sentence(forgotten: Forgotten) -> str:
    """Name the clips that were forgotten."""
    if not forgotten.lost:
        return _tr("No clip was forgotten.")
    named = [
        _tr("{word} ({voice}) is now {answer}").format(word=clip.word, voice=clip.voice, answer=clip.answer)
        for clip in forgotten.lost[:_MOST_CLIPS]
    ]
    more = len(forgotten.lost) - len(named)
    return _tr("Forgotten: ") + ", ".join(named) + (_tr(", and {more} more").format(more=more) if more else "") + "."


def _tr(text: str) -> str:
    return QCoreApplication.translate("WordsResult", text)
