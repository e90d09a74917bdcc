"""Your word: a person says it eight times, hears what it cost, publishes it, and Listen knows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.background import Background
from explorer.engine.audio.devices import DeviceName
from explorer.engine.audio.source import SourceState
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.teaching.rehearsal import Rehearsal, prepare
from explorer.engine.kws.teaching.synthetic import synthetic_takes
from explorer.engine.kws.teaching.takes import Take
from explorer.engine.nn.network import LEARNED_HERE, LEARNED_SYNTHETIC, Network
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.recipe import Recipe
from explorer.frame_clock import FrameClock
from explorer.panels.base import Action, Context
from explorer.panels.listen.panel import ListenPanel
from explorer.panels.teach.words_view import WordsView
from explorer.settings import Settings
from explorer.workbench import Workbench
from tests.panels.listen.bench import SoftMicrophone

RATE = 16_000
PATIENCE_S = 90.0


class Mouth(SoftMicrophone):
    """A microphone into which somebody speaks on request, as fast as it is heard."""

    def __init__(self, state: SourceState) -> None:
        super().__init__(None, state, 0.0005)
        self.paced = False
        self._coming = np.zeros(0, np.float32)

    def say(self, takes: list[Take], gap_s: float = 0.9) -> None:
        gap = np.zeros(round(gap_s * RATE), np.float32)
        self._coming = np.concatenate([self._coming, *(part for take in takes for part in (take.trimmed(), gap))])

    def _take(self, n: int) -> NDArray[np.float32]:
        time.sleep(0.005 if len(self._coming) else n / RATE)  # ten times as fast as life while somebody speaks
        part, self._coming = self._coming[:n], self._coming[n:]
        return np.asarray(super()._take(n) + np.pad(part, (0, n - len(part))), np.float32)


class Classroom:
    """The view, Listen beside it, and everything the application lends."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot = qtbot
        self.notices: list[str] = []
        self.state = SourceState.LISTENING
        self.mouths: list[Mouth] = []

        def notify(sentence: str, action: Action | None = None, mood: str = "info") -> None:
            self.notices.append(sentence)

        self.workbench, self.background = Workbench(), Background()
        self.context = Context(self.workbench, FrameClock(), Settings(), self.background, notify, lambda: None)
        self.listen: ListenPanel | None = None
        self.context.ear.wake = self.wake
        self.view = WordsView(self.context)
        self.workbench.subscribe(self.view.on_state)
        self.view.resize(900, 620)
        qtbot.addWidget(self.view)
        qtbot.addWidget(self.view.cards())
        self.view.show()

    def wake(self) -> None:
        self.listen = ListenPanel(self.context)
        self.qtbot.addWidget(self.listen)
        self.qtbot.addWidget(self.listen.inspector())
        self.listen.session.sources.paced = False
        self.listen.session.sources.make_microphone = self._microphone
        self.workbench.subscribe(self.listen.on_state)
        self.listen.start()

    def _microphone(self, device: DeviceName | None) -> Mouth:
        self.mouths.append(Mouth(self.state))
        return self.mouths[-1]

    def until(self, reached: Callable[[], bool], what: str) -> None:
        end_s, frames = time.perf_counter() + PATIENCE_S, 0
        while not reached():
            assert time.perf_counter() < end_s, f"{what}: not reached; the view says: {self.view.describe()}"
            self.background.poll()
            self.view.on_frame(time.perf_counter())
            frames += 1
            if frames % 10 == 0:
                self.view.on_slow_tick()
            self.qtbot.wait(20)

    def close(self) -> None:
        self.context.clock.stop()
        self.background.close()
        self.view.shutdown()
        if self.listen is not None:
            self.listen.shutdown()


@pytest.fixture(scope="session")
def rehearsed() -> Rehearsal:
    return prepare(shipped("tiny"))


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, rehearsed: Rehearsal) -> Iterator[Classroom]:
    def prepared(network: Network, *rest: Any) -> Rehearsal:  # what takes seconds is done once for all tests
        return rehearsed if network is shipped("tiny") else prepare(network, *rest)

    monkeypatch.setattr("explorer.panels.teach.words_session.prepare", prepared)
    made = Classroom(qtbot, monkeypatch)
    yield made
    made.close()
    made.__dict__.clear()


def press(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def test_a_word_said_eight_times_is_learned_published_heard_and_squeezed(room: Classroom) -> None:
    view, takes = room.view, synthetic_takes()
    QTest.keyClicks(view.name, "marvin")
    press(view.begin)
    assert room.workbench.state.source_kind == "microphone"
    assert len(room.mouths) == 1  # one stream, Listen's own
    room.until(lambda: view.session.collector is not None and view.session.collector.listening, "the background")
    assert "marvin" in view.prompt.text()
    room.mouths[0].say(takes[:8])
    room.until(lambda: len(view.session.takes) >= 3, "three takes")
    shown = [tile for tile in view.tiles.tiles if tile.take() is not None]
    assert len(shown) >= 3
    room.until(lambda: view.session.lesson is not None, "the lesson")
    assert view.session.collector is None  # it ended by itself
    assert len(view.session.takes) == 8
    assert view.result.recognised.text().startswith("8")
    assert "68–100 %" in view.result.sentences[0].text()
    assert "this voice, here, now" in view.result.sentences[0].text()
    assert "live sound here before" not in view.result.sentences[1].text()  # the microphone was just opened
    assert room.workbench.active is shipped("tiny")  # told before it is published
    press(view.publishing)
    network = room.workbench.active
    assert network.labels[-1] == "marvin"
    assert network.badge == LEARNED_HERE
    assert view.publishing.text() == "Published"

    assert room.listen is not None
    session = room.listen.session
    room.until(lambda: session.network is network, "Listen follows")
    before = len([e for e in session.events if e.label == "marvin"])
    room.mouths[0].say(takes[8:], gap_s=1.6)
    room.until(lambda: len([e for e in session.events if e.label == "marvin"]) >= before + 4, "four unseen takes heard")

    room.workbench.update(precision=Recipe(8, 8), listen_squeezed=True)
    room.until(lambda: session.squeezed.recipe == Recipe(8, 8), "the squeezed network")
    before = len([e for e in session.events if e.label == "marvin"])
    room.mouths[0].say(takes[8:], gap_s=1.6)
    room.until(lambda: len([e for e in session.events if e.label == "marvin"]) >= before + 3, "heard at eight bits")
    assert session.squeezed.trouble == ""


def test_a_take_can_be_heard_and_dropped_and_the_figures_follow(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = room.view
    press(view.synthetic)
    room.until(lambda: view.session.lesson is not None, "the lesson")
    assert view.session.lesson is not None
    assert view.session.lesson.network.badge == LEARNED_SYNTHETIC
    assert "no person" in view.result.sentences[0].text()
    played: list[int] = []

    def play(samples: NDArray[np.float32]) -> bool:
        played.append(len(samples))
        return True

    monkeypatch.setattr(view.playback, "play", play)
    first = view.tiles.tiles[0]
    press(first)
    take = first.take()
    assert take is not None
    assert played == [len(take.trimmed())]
    assert played[0] < RATE  # the silence around it is cut
    QTest.keyClick(first, Qt.Key.Key_Delete)
    assert len(view.session.takes) == 7
    room.until(lambda: view.session.lesson is not None, "the lesson without it")
    assert "of 7 left out" in view.result.sentences[0].text()
    rows = view.csv_rows()
    assert len(rows) == 8
    assert all(isinstance(row[5], float) for row in rows[1:])


def test_one_press_deletes_every_example_and_the_start_state_does_too(room: Classroom) -> None:
    view = room.view
    press(view.synthetic)
    room.until(lambda: view.session.lesson is not None, "the lesson")
    for by_button in (True, False):
        view.session.add(synthetic_takes()[:2])
        view.on_frame(0.0)
        assert view.tiles.tiles[0].take() is not None
        if by_button:
            press(view.deleting)
        else:
            view.restore_state({})
        assert not view.session.words
        assert view.session.lesson is None
        assert all(tile.take() is None for tile in view.tiles.tiles)
        assert not view.deleting.isVisible()


def test_examples_are_written_only_on_request_and_can_be_imported_again(room: Classroom, tmp_path: Path) -> None:
    view = room.view
    press(view.synthetic)
    room.until(lambda: view.session.lesson is not None, "the lesson")
    folder = tmp_path / "kept"
    folder.mkdir()
    view.save(folder)
    files = sorted((folder / "marvin").iterdir())
    assert len(files) == 8
    press(view.deleting)
    view.name.clear()
    view.import_files(files)
    room.until(lambda: view.session.lesson is not None, "the lesson from files")
    assert view.session.lesson is not None
    assert view.session.word == "marvin"  # named after its folder
    assert view.session.lesson.network.badge == LEARNED_HERE
    assert len(view.session.takes) == 8
    press(view.publishing)
    assert room.workbench.active.labels[-1] == "marvin"


def test_a_file_that_is_no_sound_is_told_and_the_others_are_taken(room: Classroom, tmp_path: Path) -> None:
    view = room.view
    folder = tmp_path / "clips"
    folder.mkdir()
    for place, take in enumerate(synthetic_takes()[:3]):
        soundfile.write(folder / f"{place}.wav", take.samples, RATE)
    (folder / "bad.wav").write_bytes(b"RIFF nothing")
    soundfile.write(folder / "mute.wav", np.zeros(RATE, np.float32), RATE)
    view.name.setText("robin")
    view.import_files(sorted(folder.iterdir()))
    room.until(lambda: view.session.lesson is not None, "the lesson")
    assert len(view.session.takes) == 3
    assert any("1 more like it" in sentence for sentence in room.notices)


def test_after_publishing_the_takes_are_taught_to_the_network_before_them(room: Classroom) -> None:
    view = room.view
    press(view.synthetic)
    room.until(lambda: view.session.lesson is not None, "the lesson")
    press(view.publishing)
    press(view.shapes[1])
    assert view.name.text() == "▲"
    view.session.add(synthetic_takes("rms-word")[:4])
    view.session.teach()
    room.until(lambda: view.session.lesson is not None, "the lesson with two words")
    assert view.session.lesson is not None
    assert view.session.lesson.network.labels[-2:] == ("marvin", "▲")
    assert len(view.session.lesson.network.lineage) == len(shipped("tiny").lineage) + 1
    press(view.publishing)
    assert room.workbench.active.version == 3


def test_a_word_without_a_name_and_a_fifth_word_are_refused(room: Classroom) -> None:
    view = room.view
    press(view.begin)
    assert "no name" in room.notices[-1]
    assert not view.session.collecting
    for name in ("a", "b", "c", "d"):
        view.session.name(name)
        view.session.add(synthetic_takes()[:2])
    with pytest.raises(ExplorerError, match="at most 4 words"):
        view.session.name("e")


@pytest.mark.parametrize(
    "state", [SourceState.NO_DEVICE, SourceState.REFUSED, SourceState.BUSY, SourceState.LOST, SourceState.ALL_ZERO]
)
def test_what_is_wrong_with_the_microphone_is_said(room: Classroom, state: SourceState) -> None:
    room.state = state
    view = room.view
    view.name.setText("marvin")
    press(view.begin)
    room.until(lambda: room.mouths != [] and view.hint.text() != "", "the reason")
    wanted = room.mouths[0].status()
    room.until(lambda: view.prompt.text() == wanted.sentence, wanted.sentence)
    assert view.hint.text() == wanted.action
    assert not view.session.takes


def test_taking_the_microphone_away_ends_the_collection_and_keeps_the_takes(room: Classroom) -> None:
    view = room.view
    view.name.setText("marvin")
    press(view.begin)
    room.until(lambda: view.session.collector is not None and view.session.collector.listening, "the background")
    room.mouths[0].say(synthetic_takes()[:2])
    room.until(lambda: len(view.session.takes) == 2, "two takes")
    room.workbench.update(source_kind="talker", source_detail="")
    assert not view.session.collecting
    assert len(view.session.takes) == 2


def test_closing_while_teaching_leaves_nothing_behind(room: Classroom) -> None:
    press(room.view.synthetic)
    assert room.view.session.teaching


def test_another_network_makes_the_lesson_none_of_its_own(room: Classroom) -> None:
    view = room.view
    press(view.synthetic)
    room.until(lambda: view.session.lesson is not None, "the lesson")
    room.workbench.update(network="small")
    assert view.session.lesson is None
    assert view.session.words  # the takes are still there
