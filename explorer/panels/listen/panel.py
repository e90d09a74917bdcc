"""The Listen panel: where the time goes between your word and the answer."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from explorer.engine.audio.source import SourceState
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import Event
from explorer.panels.base import Context, FootNotes, Glyphs, HelpEntry, Panel, PanelCommand
from explorer.panels.listen import commands, help_text, prompts, reading
from explorer.panels.listen.analysis import AnalysisView
from explorer.panels.listen.controls import Inspector
from explorer.panels.listen.duel_row import DuelRow
from explorer.panels.listen.gestures import close_microphone, open_microphone
from explorer.panels.listen.live_view import LiveView
from explorer.panels.listen.page import LOW_PX, TALL_PX, LivePage
from explorer.panels.listen.session import ListenSession
from explorer.panels.listen.stage import LARGE_S, Stage
from explorer.panels.listen.status_row import StatusRow
from explorer.panels.listen.tabs import LIVE, Tabs
from explorer.panels.listen.talk_key import TalkKey
from explorer.panels.listen.tiles import WordTiles
from explorer.workbench import State
from widgets import tokens
from widgets.tokens import Tokens

_SCORE_TICKS = 3  # the score of five minutes is worked out anew every so many slow ticks


class ListenPanel(Panel):
    """Live keyword spotting, and everything that can be said about one word of it."""

    key: ClassVar[str] = "listen"
    title: ClassVar[str] = "Listen"
    icon: ClassVar[str] = "ear"
    question: ClassVar[str] = "Where does the time go between your word and the answer?"
    order: ClassVar[int] = 10
    beads: ClassVar[tuple[str, ...]] = ("sound", "features", "decision")

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        bench = context.workbench
        self.session = ListenSession(bench.state, bench.shelf.get, excerpt=bench.sound.excerpt)
        context.ear.session = self.session
        self.session.subscribe(self._on_heard)
        words = self.session.trace.words
        self.status = StatusRow()
        self.live = LiveView(self.session)
        self.stage = Stage(words)
        self.tiles = WordTiles(words)
        self.analysis = AnalysisView(context, self.session)
        self.tabs = Tabs(self.analysis.names())
        self.page = LivePage(self.status, self.live, self.stage, self.tiles, self.tabs, self.analysis)
        self.controls = Inspector(context, self.session)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.duel = DuelRow(self.session.duel, self.session.trace)
        column.addWidget(self.duel)
        column.addWidget(self.page)
        self.tabs.chosen.connect(self.choose_view)
        self.live.thresholdChanged.connect(self._on_threshold)
        self.live.momentChosen.connect(self.show_moment)
        self.live.overlay.painted = self._on_painted
        self.tiles.wordPressed.connect(self.say)
        self.controls.memory.cleared.connect(self._on_cleared)
        self.reader = reading.Reader(self.session)
        self._unpainted: list[Event] = []
        self._chosen, self._ticks = "", 0
        self._knobs_moved = self._score_due = False
        self._viewport: QWidget | None = None
        self.talk_key = TalkKey(self.session.sources.hold, self)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the window asks ----------------------------------------------------------------------------------

    def inspector(self) -> QWidget:
        """Return the cards of controls."""
        return self.controls

    def start(self) -> None:
        """Begin to listen; the microphone opens by itself only where the user chose that."""
        values = self.context.settings.values
        self.session.start()
        self.context.workbench.sound.lend(self.session.pipeline.history)
        self.context.clock.set_fast(True)
        if values.microphone_at_start and values.microphone_allowed:
            open_microphone(self.context, self.session)
        self._renew_text()

    def on_frame(self, now_s: float) -> None:
        """Draw what is new."""
        session, frozen = self.session, self.live.frozen_s is not None
        new = session.poll()
        if session.trace.words != self.tiles.words():
            self.page.take_words(session.trace.words)
        if self.reader.passed_seam() and self.reader.last is None:
            self._forget_word()
        if self.duel.on_frame(self.live.end_s):
            self._fit()
            self.live.draw(anew=True)
        if self._knobs_moved:
            self._knobs_moved, self._score_due = False, True
            self.live.knobs_changed()
        elif self._score_due:  # never in one frame with the flags: together they would take too long
            self._score_due = False
            self._renew_score()
        if new:
            if not frozen:
                self.live.draw()
            self.controls.on_frame()
        if not frozen:
            self.tiles.on_frame(now_s, self.reader.word_scores())
            age_s = self.reader.age_s(now_s)
            if self.stage.word.is_fresh() and age_s > LARGE_S:
                self.stage.word.show_word(self.stage.word.word(), fresh=False)
        self.analysis.on_frame(now_s)

    def on_slow_tick(self) -> None:
        """Renew text, look after the microphone."""
        self._ticks += 1
        self.session.tick()
        self.reader.tick()
        if self._ticks % _SCORE_TICKS == 1:
            self._score_due = True
        self._renew_text()
        self.controls.on_slow_tick()
        self.tabs.show_total(self.reader.total_ms())
        self.analysis.on_slow_tick()

    def on_state(self, old: State, new: State) -> None:
        """Follow what the user chose."""
        self.session.follow(old, new)
        self.controls.show_state(new)
        if new.decision != old.decision:
            self._knobs_moved = True  # a drag sends more changes than there are frames: drawn with the next one
        if (new.source_kind, new.source_detail) != (old.source_kind, old.source_detail):
            self.reader.new_source()
            if self.live.frozen_s is not None:
                self.live.freeze(None)
        self._renew_text()
        self.analysis.on_state(old, new)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return self.reader.sentence(self.live.frozen_s)

    def tells_itself(self) -> bool:
        """Say whether the sentence stands beside the picture: in a low window, for once."""
        return not self._tall

    def glyphs(self) -> Glyphs:
        """Return level, picture, layers, word and network for the thread."""
        return self.reader.glyphs()

    def foot_notes(self) -> FootNotes:
        """Return lost sound, lag and the privacy line."""
        return self.reader.foot_notes()

    def commands(self) -> tuple[PanelCommand, ...]:
        """Return the panel's keys."""
        return commands.entries(self)

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (*help_text.entries(self), *self.analysis.help_entries())

    def full_screen_target(self) -> QWidget | None:
        """Return the picture in focus: one of the analysis, else the live picture."""
        focus = QApplication.focusWidget()
        if focus is not None and self.analysis.isAncestorOf(focus):
            return self.analysis.full_screen_target()
        return self.live

    def save_state(self) -> dict[str, Any]:
        """Return the analysis view in front and how the talker and the microphone are heard."""
        sources = self.session.sources
        return {"view": self._chosen, "aloud": sources.heard_aloud, "hold_to_talk": sources.hold_to_talk}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        view = saved.get("view", "")
        if view and view not in self.tabs.keys:
            raise ExplorerError(f"The panel Listen has no view {view!r:.40}: one of {', '.join(self.tabs.keys)}.")
        flags = {key: saved.get(key, False) for key in ("aloud", "hold_to_talk")}
        for key, value in flags.items():
            if not isinstance(value, bool):
                raise ExplorerError(f"In the panel Listen, {key!r} must be true or false.")
        self.choose_view(view)
        self.session.sources.set_heard_aloud(flags["aloud"])
        self._set_hold_to_talk(flags["hold_to_talk"])
        if not saved:  # the start state: nothing heard, nothing looked at
            self.live.mark_moment(None)
            self.live.freeze(None)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the results in view: time, leading word, its score, what was reported and what was said."""
        return self.reader.csv_rows(self.live.end_s)

    def shutdown(self) -> None:
        """Stop listening, then the streams."""
        self.analysis.shutdown()
        self.session.close()
        self.talk_key.watch(False)

    # -- what the user does ----------------------------------------------------------------------------------------

    def press_space(self) -> None:
        """Open the microphone the first time; then freeze the picture, or go on."""
        if self.live.frozen_s is not None:
            self.live.freeze(None)
        elif self.context.workbench.state.source_kind != "microphone" or not self.session.sources.permitted:
            open_microphone(self.context, self.session)
        else:
            self.live.freeze(self.session.now_s)
        self._renew_text()

    def close_microphone(self) -> None:
        """Give the microphone back; the talker speaks again."""
        if self.context.workbench.state.source_kind == "microphone":
            close_microphone(self.context)

    def say(self, word: str) -> None:
        """Let a recorded voice say `word`, and send it through the network."""
        if self.live.frozen_s is not None:
            self.live.freeze(None)
        if self.session.sources.state is SourceState.ENDED:  # nobody could hear it there
            self.context.workbench.update(source_kind="talker", source_detail="")
        try:
            self.session.sources.say(word)
        except ExplorerError as error:
            self.context.notify(str(error), None, "warn")

    def look_back(self) -> None:
        """Move the picture a second back; a moving one is frozen first."""
        self._look(-1.0)

    def look_forward(self) -> None:
        """Move a frozen picture a second forward."""
        self._look(1.0)

    def _look(self, seconds: float) -> None:
        if self.live.frozen_s is None:
            self.live.freeze(self.session.now_s)
        self.live.pan(seconds)
        self._renew_text()

    @Slot(float)
    def show_moment(self, time_s: float) -> None:
        """Take the second that ends at `time_s` apart, in the analysis."""
        self.live.mark_moment(time_s)
        self.analysis.show_moment(time_s)
        self.choose_view(self.analysis.key())

    @Slot(str)
    def choose_view(self, key: str) -> None:
        """Bring a tab to the front; an empty key leaves it to the room that there is."""
        self._chosen = key
        self._fit()

    def toggle_hold_to_talk(self) -> None:
        """Hear the microphone only while T is held, or always."""
        self._set_hold_to_talk(not self.session.sources.hold_to_talk)

    def _set_hold_to_talk(self, wanted: bool) -> None:
        self.session.sources.set_hold_to_talk(wanted)
        self.controls.source.hold_to_talk.setChecked(wanted)
        self._renew_text()

    @Slot(float)
    def _on_threshold(self, value: float) -> None:
        self.controls.decision.set_knob("threshold", value)

    @Slot()
    def _on_cleared(self) -> None:
        self.context.workbench.erase_heard()
        self.reader.forget()
        self._forget_word()
        self.live.mark_moment(None)
        self.live.freeze(None)
        self._renew_score()

    def _forget_word(self) -> None:
        """Show no word: the last one was another source's, or is forgotten."""
        self.stage.word.show_word("", fresh=False)
        self._renew_text()

    # -- what is heard -----------------------------------------------------------------------------------------------

    def _on_heard(self, event: Event) -> None:
        now_s = time.perf_counter()
        self.reader.heard(event, now_s)
        self.analysis.on_event(event)
        if self.live.frozen_s is not None or self.reader.last is not event:
            return
        self._unpainted.append(event)
        self.tiles.light(event.label, now_s, Counter(e.label for e in self.session.events))
        self.stage.word.show_word(event.label, fresh=True)
        self.context.pulse()
        self._renew_text()

    def _on_painted(self, painted_s: float) -> None:
        events, self._unpainted = self._unpainted, []
        for event in events:
            self.session.paint_done(event, painted_s)
        if self.live.frozen_s is None:
            self.session.picture_done(painted_s)
        else:
            self.session.forget_unpainted()

    def _renew_text(self) -> None:
        now = self.reader.situation(self.live.frozen_s)
        answer = self.reader.answer(now) or (self.describe() if self.tells_itself() else "")
        self.stage.show_words(prompts.headline(now), answer)
        self.status.show_source(now.kind, now.device)
        hears = now.status is not None and now.status.state is SourceState.LISTENING
        self.setAccessibleDescription(self.describe() if hears else "")
        self.talk_key.watch(self.session.sources.hold_to_talk)

    def _renew_score(self) -> None:
        session = self.session
        if session.sources.kind == "microphone" or session.sources.kind == "file":
            self.status.show_watch(session.pipeline.watch())
        else:
            self.status.show_score(session.pipeline.score(), tuned_on=session.tuned_on)
        self.tiles.set_counts(Counter(event.label for event in session.events))

    # -- place ------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the place that the panel has."""
        if watched is self._viewport and event.type() == QEvent.Type.Resize:
            self._fit()
        return bool(super().eventFilter(watched, event))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the live page the height of the window."""
        super().resizeEvent(event)
        if self._viewport is None:
            area = self._scroll_area()
            if area is not None:
                self._viewport = area.viewport()
                self._viewport.installEventFilter(self)
        self._fit()

    def _scroll_area(self) -> QScrollArea | None:
        widget = self.parentWidget()
        while widget is not None and not isinstance(widget, QScrollArea):
            widget = widget.parentWidget()
        return widget

    @property
    def _tall(self) -> bool:
        """Whether picture and analysis fit below each other.

        The window decides and not the room: the sentence that leaves in a low window would change that.
        """
        return self.window().height() >= self._tokens.px(TALL_PX)

    def _fit(self) -> None:
        """Place everything for the room that there is."""
        tall = self._tall
        key = self._chosen or (self.analysis.key() if tall else LIVE)
        self.tabs.set_key(key)
        if key != LIVE:
            self.analysis.show_view(key)
        room = self._viewport.size() if self._viewport is not None else self.size()
        self.duel.set_low(room.height() < self._tokens.px(LOW_PX))
        above = 0 if self.duel.isHidden() else self.duel.sizeHint().height()
        self.page.fit(key, room.width(), room.height() - above, tall=tall)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give the room back to the live picture with Escape."""
        if event.key() == Qt.Key.Key_Escape and self.tabs.key() != LIVE:
            self.choose_view(LIVE)
        else:
            super().keyPressEvent(event)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self._fit()
