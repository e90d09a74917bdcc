"""The lesson under way, without any widget: words, takes, background, what is being taught and what came of it.

It lives in the interface's thread and reads the sound that Listen's session keeps; no stream is opened here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.audio.source import RATE_HZ
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.frontend import CLIP
from explorer.engine.kws.teaching.collector import TAKES, Collector
from explorer.engine.kws.teaching.lesson import MOST_WORDS, Lesson, teach
from explorer.engine.kws.teaching.rehearsal import Rehearsal, prepare
from explorer.engine.kws.teaching.synthetic import WORD, synthetic_takes
from explorer.engine.kws.teaching.takes import Take, check_name, takes_of_file

if TYPE_CHECKING:
    from explorer.background import Background, Report, Task
    from explorer.engine.nn.network import Network
    from explorer.panels.listen.session import ListenSession
    from explorer.workbench import Workbench

LIVE_S = 300.0


class WordsSession:
    """Collect, teach, publish, forget.

    Parameters
    ----------
    workbench
        Holds the network that is taught, and takes what is published.
    background
        Where preparing and teaching run.
    say
        Shows a sentence.

    Attributes
    ----------
    words
        Takes by word, in the order in which they were begun.
    word
        The word that is being collected.
    collector
        What listens for takes; None while nobody asked it to.
    lesson
        What came of the takes as they are; None before they were taught.
    """

    def __init__(self, workbench: Workbench, background: Background, say: Callable[[str], None]) -> None:
        self._workbench = workbench
        self._background = background
        self._say = say
        self.words: dict[str, list[Take]] = {}
        self.word = ""
        self.collector: Collector | None = None
        self.lesson: Lesson | None = None
        self.published: Network | None = None
        self._room = np.zeros(0, np.float32)
        self._live = np.zeros(0, np.float32)
        self._ear: ListenSession | None = None
        self._read = 0
        self._rehearsal: Rehearsal | None = None
        self._base: tuple[str, int] | None = None
        self._task: Task | None = None
        self._preparing: Task | None = None
        self._reading: Task | None = None
        self._want = self._publishing = self._closed = False

    # -- what is known ---------------------------------------------------------------------------------------------

    @property
    def takes(self) -> list[Take]:
        """The takes of the present word."""
        return self.words.get(self.word, [])

    @property
    def collecting(self) -> bool:
        """Whether takes are being listened for."""
        return self.collector is not None

    @property
    def teaching(self) -> bool:
        """Whether the network is being taught."""
        return self._want or self._task is not None

    @property
    def progress(self) -> float | None:
        """Share of the teaching that is done; None while that is not known."""
        task = self._task or self._preparing
        return task.progress[0] if task is not None else None

    @property
    def can_teach(self) -> bool:
        """Whether there are takes to teach, not yet taught."""
        return bool(self.words) and self.lesson is None and not self.teaching

    @property
    def is_active(self) -> bool:
        """Whether the taught network is the active one already."""
        state, published = self._workbench.state, self.published
        if self.lesson is None or published is None:
            return False
        here = (published.name, published.version) == (state.network, state.network_version)
        return here and published.fingerprint == self.lesson.network.fingerprint

    # -- collecting ------------------------------------------------------------------------------------------------

    def name(self, text: str) -> None:
        """Turn to a word: a new one, or one of the lesson.

        Raises
        ------
        ExplorerError
            When it cannot be a word's name, or there are enough words.
        """
        if text in self.words:
            self.word = text
            return
        tidy = check_name(text, list(self.words))
        if len(self.words) >= MOST_WORDS:
            raise ExplorerError(f"A lesson has at most {MOST_WORDS} words: teach these, or delete them, first.")
        self.word = tidy

    def collect(self, ear: ListenSession) -> None:
        """Listen for takes of the present word in the sound of `ear`, from now on.

        Raises
        ------
        ExplorerError
            When the word has no name.
        """
        self.name(self.word)
        self._ear = ear
        self._read = ear.pipeline.history.end_index
        if not len(self._live):
            self._live = _heard_before(ear)
        takes = self.words.setdefault(self.word, [])
        self.collector = Collector(wanted=max(TAKES, len(takes) + 1), heard=self._keep)
        self.collector.takes = takes

    def stop(self) -> None:
        """Listen no more; the takes stay."""
        if self.collector is not None and len(self.collector.background) > len(self._room):
            self._room = self.collector.background
        self.collector = None
        self.words = {word: takes for word, takes in self.words.items() if takes}

    def poll(self) -> bool:
        """Take in the sound that came; True when something changed.  Called once per frame."""
        collector, ear = self.collector, self._ear
        if collector is None or ear is None:
            return False
        history = ear.pipeline.history
        first = max(self._read, history.first_index)
        count = history.end_index - first
        if count <= 0:
            return False
        try:
            samples = history.clip(first, count)
        except LookupError:  # cleared in the meantime
            self._read = history.end_index
            return False
        self._read = first + count
        collector.push(samples)
        if collector.done:
            self.stop()
            self.teach()
        return True

    def add(self, takes: list[Take]) -> None:
        """Add takes of the present word that were not spoken now."""
        if takes:
            self.words.setdefault(self.word, []).extend(takes)
            self._changed()

    def add_synthetic(self) -> None:
        """Add the bundled synthetic word, eight times by one voice."""
        self.stop()
        self.name(WORD)
        self.words.pop(WORD, None)
        self.add(synthetic_takes()[:TAKES])
        self.teach()

    def import_files(self, paths: list[Path]) -> None:
        """Read clips of the present word from sound files, in the background, then teach.

        Raises
        ------
        ExplorerError
            When the word has no name.
        """
        self.stop()
        self.name(self.word)

        def read(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
            found: list[Take] = []
            problems: list[str] = []
            for place, path in enumerate(paths):
                if stop.is_set():
                    return
                report(place / len(paths), path.name)
                try:
                    found += takes_of_file(path)
                except ExplorerError as error:
                    problems.append(str(error))
            put((found, problems))

        def have(read: tuple[list[Take], list[str]]) -> None:
            found, problems = read
            self.add(found)
            if problems:
                self._say(problems[0] + (f" ({len(problems) - 1} more like it.)" if len(problems) > 1 else ""))
            if found:
                self.teach()

        self._reading = self._background.start("Reading clips", read, have, self._ended, heavy=False)

    def drop(self, take: Take) -> None:
        """Drop one take of the present word."""
        if take in self.takes:
            self.takes.remove(take)
            self._changed()
            if not self.takes and not self.collecting:
                del self.words[self.word]

    def delete(self) -> None:
        """Forget every take, the background and what was made of them; what was published stays as it is."""
        self.collector = None
        self.words.clear()
        self._room = self._live = np.zeros(0, np.float32)
        self._ear = self._base = self.published = None
        self._changed()

    def save(self, folder: Path) -> int:
        """Write every take to `folder`/WORD/NN.wav because the user asked for it; returns how many.

        Raises
        ------
        ExplorerError
            When a file cannot be written.
        """
        import soundfile

        written = 0
        for number, (word, takes) in enumerate(self.words.items(), start=1):
            plain = "".join(c for c in word if c.isalnum() or c in " -_").strip() or f"word {number}"
            try:
                (folder / plain).mkdir(parents=True, exist_ok=True)
                for place, take in enumerate(takes, start=1):
                    soundfile.write(folder / plain / f"{place:02d}.wav", take.samples, RATE_HZ, "PCM_16")
                    written += 1
            except (OSError, soundfile.SoundFileError) as error:
                raise ExplorerError(f"{folder / plain} cannot be written: choose another folder.") from error
        return written

    # -- teaching --------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Compute what teaching the network needs, while the word is still being said."""
        target = self._target()
        if self._closed or self._preparing is not None or self._prepared(target):
            return
        get = self._workbench.shelf.get

        def work(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
            network = get(*target)
            put(prepare(network, stop, lambda done: report(done, network.title)))

        def have(made: Rehearsal) -> None:
            self._rehearsal = made

        def end(error: BaseException | None) -> None:
            self._preparing = None
            self._ended(error)
            if error is None and self._want:
                self.teach()

        self._preparing = self._background.start("Preparing to teach", work, have, end)

    def teach(self) -> None:
        """Teach what there is, and tell what came of it."""
        if not self.words or self._closed:
            return
        self._want, self.lesson = True, None
        self._stop_teaching()
        target, rehearsal = self._target(), self._rehearsal
        if rehearsal is None or not self._prepared(target):
            self.prepare()
            return
        self._base = target
        words = {word: tuple(takes) for word, takes in self.words.items()}
        settings: DecisionSettings = self._workbench.state.decision
        room, live, seed = self._room, self._live, self._workbench.state.seed

        def work(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
            def tell(done: float) -> None:
                report(done, ", ".join(words))

            heard = None
            if len(live) >= CLIP:
                heard = rehearsal.extractor.stream("live sound here before the lesson", live, (), stop)
            tell(0.3)
            put(teach(rehearsal, words, settings, room, heard, seed, stop, tell))

        def have(lesson: Lesson) -> None:
            if self._task is task:
                self.lesson = lesson

        def end(error: BaseException | None) -> None:
            if self._task is task:
                self._task, self._want = None, False
                self._ended(error)

        task = self._task = self._background.start(f"Teaching {', '.join(words)}", work, have, end)

    def publish(self) -> Network | None:
        """Make the taught network the active one."""
        if self.lesson is None:
            return None
        self._publishing = True  # the change that follows is our own
        try:
            self.published = self._workbench.publish(self.lesson.network)
        finally:
            self._publishing = False
        return self.published

    def follow(self) -> None:
        """Follow another network: what was taught to the one before is not for this one."""
        if self._base is not None and not self._publishing and self._target() != self._base:
            self._base = None
            self._changed()

    def close(self) -> None:
        """Listen no more and stop what runs."""
        self._closed = True
        self.collector = None
        for task in (self._task, self._preparing, self._reading):
            if task is not None:
                task.stop()

    # -- inside ----------------------------------------------------------------------------------------------------

    def _target(self) -> tuple[str, int]:
        """Return name and version of the network to teach: the active one.

        What these very takes made is not taught again, but the network before it: else the takes would be judged by a
        network that knows them.
        """
        state, published = self._workbench.state, self.published
        active = (state.network, state.network_version)
        made_here = published is not None and active == (published.name, published.version)
        return self._base if made_here and self._base is not None else active

    def _prepared(self, target: tuple[str, int]) -> bool:
        known = self._rehearsal.network if self._rehearsal is not None else None
        return known is not None and (known.name, known.version) == target

    def _keep(self, take: Take) -> None:
        self._changed()

    def _changed(self) -> None:
        """Show no lesson of the takes before as one of those that are there now."""
        self.lesson = None
        self._want = False
        self._stop_teaching()

    def _stop_teaching(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.stop()

    def _ended(self, error: BaseException | None) -> None:
        if error is not None and not self._closed:
            self._want = False
            self._say(str(error))


def _heard_before(ear: ListenSession) -> NDArray[np.float32]:
    """Return the live sound of the last five minutes, as far as it came from the present microphone."""
    seams = ear.pipeline.seams.since(0)[0]
    history = ear.pipeline.history
    if not seams or seams[-1].kind != "microphone":
        return np.zeros(0, np.float32)
    end = history.end_index
    first = max(history.first_index, round(seams[-1].time_s * RATE_HZ), end - round(LIVE_S * RATE_HZ))
    try:
        return history.clip(first, max(0, end - first))
    except LookupError:  # cleared in the meantime
        return np.zeros(0, np.float32)
