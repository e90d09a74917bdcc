"""Your word: say it eight times, hands-free, and the network learns it; what that won and cost is told before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.teaching.collector import TAKES
from explorer.engine.kws.teaching.takes import LONGEST_NAME, SHAPES, Take
from explorer.panels.base import HelpEntry
from explorer.panels.listen.gestures import open_microphone
from explorer.panels.listen.playback import Playback
from explorer.panels.teach.views import OwnView
from explorer.panels.teach.words_cards import WordsCards
from explorer.panels.teach.words_prompt import Prompter, entries
from explorer.panels.teach.words_result import Result, summary
from explorer.panels.teach.words_session import WordsSession
from explorer.panels.teach.words_tiles import TakeTiles
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.meter import LevelMeter
from widgets.state_box import StateBox
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.workbench import State

SOUND_FILES = "*.wav *.flac"
_BOX_PX = 300  # below this height, progress is told by the foot of the window alone


class WordsView(OwnView):
    """The word, its takes, what came of teaching it, and the button that publishes it.

    Parameters
    ----------
    context
        What the application lends.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.session = WordsSession(context.workbench, context.background, self.say)
        self.playback = Playback(self.say)
        self._prompter = Prompter(context.ear, self.session)
        self._now_s = 0.0
        self._shown: object = None
        self._seen: object = None
        self.name = QLineEdit()
        self.name.setMaxLength(2 * LONGEST_NAME)
        self.name.setPlaceholderText(self.tr("Your word"))
        self.name.setAccessibleName(self.tr("Your word"))
        self.shapes = [_button(shape) for shape in SHAPES]
        self.begin = _button(self.tr("Say it"), primary=True)
        self.synthetic = _button(self.tr("Synthetic word"))
        self.prompt = ElidedLabel("", size_px=28, weight=600, lines=2)
        self.hint = ElidedLabel("", size_px=14, role="quiet_ink", lines=2)
        self.meter = LevelMeter(self.tr("Level of the sound"))
        self.tiles = TakeTiles(TAKES)
        self.box = StateBox()
        self.result = Result()
        self.publishing = _button(self.tr("Publish"), primary=True)
        self.deleting = _button(self.tr("Delete examples"))
        self._cards = WordsCards()
        self._lay_out()
        self._connect()
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    # -- what the panel asks -------------------------------------------------------------------------------------

    def cards(self) -> WordsCards:
        """Return the controls that are needed now and then."""
        return self._cards

    @property
    def playing(self) -> bool:
        """Whether takes are being listened for."""
        return self.session.collecting

    def activate(self) -> None:
        """Compute what teaching needs, before anybody speaks."""
        self.session.prepare()

    def on_frame(self, now_s: float) -> None:
        """Take in the sound and draw what is new."""
        self._now_s = now_s
        ear = self.context.ear.session
        if ear is not None:
            ear.poll()  # Listen is not in front, or it would do this
        self.session.poll()
        collector = self.session.collector
        if collector is not None:
            self.meter.set_level(collector.level_dbfs, collector.level_dbfs, "clipped" in collector.problem)
        self._show()

    def on_slow_tick(self) -> None:
        """Look after the microphone and the loudspeaker."""
        if self.context.ear.session is not None and self.session.collecting:
            self.context.ear.session.tick()
        self.playback.tick()

    def on_state(self, old: State, new: State) -> None:
        """Follow another network, and stop where the microphone is taken away."""
        if (old.network, old.network_version) != (new.network, new.network_version):
            self.session.follow()
        if self.session.collecting and new.source_kind != "microphone":
            self.session.stop()
        self._show()

    def describe(self) -> str:
        """Return one sentence of what is seen now; after a lesson its three numbers."""
        lesson = self.session.lesson
        return f"{self.prompt.text()} {self.hint.text() if lesson is None else summary(lesson)}".strip()

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (*entries(self.tiles, self.begin, self.publishing), *self.result.help_entries())

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the takes."""
        return (self.tiles,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the takes with what each was scored when left out."""
        lesson = self.session.lesson
        scores = {w.word: w.scores for w in lesson.left_out} if lesson is not None else {}
        rows: list[tuple[object, ...]] = [("word", "take", "origin", "length_s", "level_dbfs", "score_left_out")]
        for word, takes in self.session.words.items():
            for place, take in enumerate(takes):
                score = scores[word][place] if word in scores else ""
                rows.append((word, place + 1, take.origin, take.end_s - take.start_s, take.level_dbfs, score))
        return rows if len(rows) > 1 else []

    def save_state(self) -> dict[str, Any]:
        """Return the name of the word; sound is never part of a state."""
        return {"word": self.name.text()} if self.name.text() else {}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned; an empty dict is the start state: every example is forgotten.

        Raises
        ------
        ExplorerError
            When the name is no line of text.
        """
        word = saved.get("word", "")
        if not isinstance(word, str) or not word.isprintable() or len(word) > 2 * LONGEST_NAME:
            raise ExplorerError("In “Your word”, 'word' must be a line of text.")
        if not saved:
            self.session.delete()
        self.name.setText(word)
        self._show()

    def shutdown(self) -> None:
        """Listen no more, stop what runs, silence the loudspeaker."""
        self.session.close()
        self.playback.close()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot()
    def toggle(self) -> None:
        """Begin to listen for takes, opening the microphone where it is not open; or stop."""
        if self.session.collecting:
            self.session.stop()
            self.session.teach()
            self._show()
            return
        ear = self.context.ear.listening()
        if ear is None:
            self.say(self.tr("Nothing can listen here: use the synthetic word or import clips."))
            return
        try:
            self._take_name()
        except ExplorerError as error:
            self.say(str(error))
            self.name.setFocus()
            return
        if self.context.workbench.state.source_kind != "microphone" or not ear.sources.permitted:
            open_microphone(self.context, ear)
        self.session.collect(ear)
        self.session.prepare()
        self._show()

    @Slot()
    def add_synthetic(self) -> None:
        """Teach the bundled synthetic word."""
        self._try(self.session.add_synthetic)
        self.name.setText(self.session.word)

    @Slot()
    def ask_files(self) -> None:
        """Ask for sound files of the word and teach it from them."""
        paths, _ = QFileDialog.getOpenFileNames(self, self.tr("Clips of the word"), "", f"({SOUND_FILES})")
        if paths:
            self.import_files([Path(path) for path in paths])

    def import_files(self, paths: list[Path]) -> None:
        """Teach the word from sound files; one without a name is named after the folder they are in."""
        if not self.name.text().strip() and paths:
            self.name.setText(paths[0].parent.name[:LONGEST_NAME])

        def read() -> None:
            self._take_name()
            self.session.import_files(paths)

        self._try(read)

    @Slot()
    def publish(self) -> None:
        """Publish what was taught."""
        network = self.session.publish()
        if network is not None:
            words = ", ".join(f"“{word}”" for word in self.session.words)
            told = self.tr("{network} knows {words}: Listen hears it now. N returns to the shipped network.")
            self.context.notify(told.format(network=network.title, words=words), None, "good")
        self._show()

    @Slot()
    def ask_save(self) -> None:
        """Ask for a folder and write the takes there."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the examples"))
        if folder:
            self._try(lambda: self.save(Path(folder)))

    def save(self, folder: Path) -> None:
        """Write the takes into a folder, one folder per word."""
        count = self.session.save(folder)
        self.context.notify(self.tr("{count} takes were written to {folder}.").format(count=count, folder=folder))

    @Slot()
    def delete(self) -> None:
        """Forget every example."""
        self.playback.close()
        self.session.delete()
        self.context.notify(self.tr("All examples are deleted. What was published stays until you return with N."))
        self._show()

    @Slot(object)
    def _on_played(self, take: Take) -> None:
        if self.session.collecting:
            self.session.stop()  # or the loudspeaker would be heard as the next take
        self.playback.play(take.trimmed())

    @Slot(object)
    def _on_dropped(self, take: Take) -> None:
        self.session.drop(take)
        if not self.session.collecting:
            self.session.teach()
        self._show()

    @Slot()
    def _on_shape(self) -> None:
        shape = self.sender()
        if isinstance(shape, QPushButton):
            self.name.setText(shape.text())
            self._on_named()

    @Slot()
    def _on_named(self) -> None:
        if self.name.text().strip() and not self.session.collecting:
            self._try(self._take_name)

    def _take_name(self) -> None:
        self.session.name(self.name.text() if self.name.text() in self.session.words else self.name.text().strip())
        self.name.setText(self.session.word)

    def _try(self, act: Any) -> None:
        try:
            act()
        except ExplorerError as error:
            self.context.notify(str(error), None, "warn")
        self._show()

    # -- drawing ---------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        session, collector = self.session, self.session.collector
        voice = collector is not None and collector.speaking
        prompt, hint = self._prompter.words(self._now_s)
        progress = session.progress
        seen = (
            (prompt, hint, voice, collector is None, collector is not None and collector.listening),
            (tuple(session.takes), session.word, session.lesson, session.teaching, session.is_active),
            None if progress is None else round(progress, 2),
        )
        if seen == self._seen:
            return
        self._seen = seen
        self.tiles.show_takes(session.takes, listening=collector is not None and collector.listening, voice=voice)
        self.prompt.set_text(prompt)
        self.hint.set_text(hint)
        self.begin.setText(self.tr("Stop") if collector is not None else self.tr("Say it"))
        self.name.setEnabled(collector is None)
        for shape in self.shapes:
            shape.setEnabled(collector is None)
            shape.setChecked(shape.text() == session.word)
        self.meter.setVisible(collector is not None)
        self._cards.show_words({word: len(takes) for word, takes in session.words.items() if takes})
        lesson = session.lesson
        self.result.setVisible(lesson is not None)
        if (lesson is None) != (self._shown is None):
            self._fit(told=lesson is not None)
        if lesson is not None and lesson is not self._shown:
            self.result.show_lesson(lesson)
        self._shown = lesson
        self.box.setVisible(session.teaching and self.height() > self._tokens.px(_BOX_PX))  # else: foot of the window
        if session.teaching:
            words = ", ".join(session.words)
            self.box.set_state(
                "estimating", self.tr("Learning {words} …").format(words=words), progress=session.progress
            )
        self.publishing.setVisible(lesson is not None)
        self.publishing.setEnabled(not session.is_active)
        self.publishing.setText(self.tr("Published") if session.is_active else self.tr("Publish"))
        self.deleting.setVisible(any(session.words.values()))

    def _lay_out(self) -> None:
        naming, telling, said = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        naming.addWidget(self.name, 2)
        for shape in self.shapes:
            shape.setCheckable(True)
            shape.setAccessibleName(self.tr("Name it {shape}").format(shape=shape.text()))
            naming.addWidget(shape)
        naming.addWidget(self.begin)
        naming.addWidget(self.synthetic)
        said.addWidget(self.prompt)
        said.addWidget(self.hint)
        telling.addLayout(said, 1)
        telling.addWidget(self.deleting)
        telling.addWidget(self.publishing)
        self._rows = (naming, telling, said)
        self.page.addLayout(naming)
        self.page.addLayout(telling)
        self.page.addWidget(self.meter)
        self.page.addWidget(self.tiles, 1)
        self.page.addWidget(self.box)
        self.page.addWidget(self.result)

    def _connect(self) -> None:
        self.begin.clicked.connect(self.toggle)
        self.synthetic.clicked.connect(self.add_synthetic)
        self._cards.importing.clicked.connect(self.ask_files)
        self.publishing.clicked.connect(self.publish)
        self._cards.saving.clicked.connect(self.ask_save)
        self.deleting.clicked.connect(self.delete)
        for shape in self.shapes:
            shape.clicked.connect(self._on_shape)
        self.name.editingFinished.connect(self._on_named)
        self.tiles.played.connect(self._on_played)
        self.tiles.dropped.connect(self._on_dropped)

    def _fit(self, *, told: bool) -> None:
        """Give the room to the takes, and once there is a result to that; one button at a time is the next step."""
        self.tiles.setMinimumHeight(self._tokens.px(64))
        self.tiles.setMaximumHeight(self._tokens.px(80 if told else 220))
        self.begin.setProperty("primary", not told)
        self.begin.style().unpolish(self.begin)
        self.begin.style().polish(self.begin)

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        for row in self._rows:
            row.setSpacing(current.space(1))
        self._fit(told=self.session.lesson is not None)


def _button(text: str, *, primary: bool = False) -> QPushButton:
    button = QPushButton(text)
    if primary:
        button.setProperty("primary", True)
    return button


VIEW = WordsView
